//! Ports: free ones, and who has the others.

use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::context::Stop;

/// A process that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) pid: u32,
    pub(crate) command: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.command)
    }
}

/// An error that names every port of these that is taken, and by whom.
pub(crate) fn must_be_free(ports: &[(u16, &str)]) -> Result<(), Stop> {
    let taken: Vec<String> = ports
        .iter()
        .filter(|(port, _)| is_taken(*port))
        .map(|(port, option)| {
            let owner = owner(*port).map_or_else(
                || "a process of another user".to_owned(),
                |owner| owner.to_string(),
            );
            format!("port {port} is taken by {owner}; end it, or choose another port with {option}")
        })
        .collect();
    if taken.is_empty() {
        Ok(())
    } else {
        Err(Stop::failed(taken.join("\n")))
    }
}

/// A port that nobody listens on.
pub(crate) fn free() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether somebody listens on the port of either loopback address.
pub(crate) fn is_taken(port: u16) -> bool {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    addresses.iter().any(|address| {
        TcpStream::connect_timeout(address, Duration::from_millis(500)).is_ok()
            || TcpListener::bind(address)
                .is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    })
}

/// Who listens on the port, as far as we may know.
pub(crate) fn owner(port: u16) -> Option<Owner> {
    if cfg!(target_os = "linux") {
        owner_by_proc(port)
    } else {
        owner_by_lsof(port)
    }
}

fn owner_by_proc(port: u16) -> Option<Owner> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let holds = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten();
        files
            .filter_map(|file| fs::read_link(file.ok()?.path()).ok())
            .any(|target| {
                target
                    .to_str()
                    .is_some_and(|target| sockets.iter().any(|socket| socket == target))
            })
    };
    let pid = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .find(holds)?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(Owner {
        pid,
        command: readable(&command),
    })
}

/// Inodes of the sockets that listen on `port`, from `/proc/net/tcp` or its sibling.
///
/// `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`, the port in hex behind
/// the last colon of the address, state `0A` for listening.
fn listening_inodes(table: &str, port: u16) -> Vec<u64> {
    table
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let local = u16::from_str_radix(fields.get(1)?.rsplit(':').next()?, 16).ok()?;
            (local == port && *fields.get(3)? == "0A").then(|| fields.get(9)?.parse().ok())?
        })
        .collect()
}

fn owner_by_lsof(port: u16) -> Option<Owner> {
    let port = format!("-iTCP:{port}");
    let output = Command::new("lsof")
        .args(["-nP", &port, "-sTCP:LISTEN", "-Fpc"])
        .output()
        .ok()?;
    parse_lsof(&String::from_utf8_lossy(&output.stdout))
}

/// Lines of one letter and a value: `p` is the process, `c` its command.
fn parse_lsof(text: &str) -> Option<Owner> {
    let field = |letter| text.lines().find_map(|line| line.strip_prefix(letter));
    Some(Owner {
        pid: field('p')?.parse().ok()?,
        command: field('c')?.to_owned(),
    })
}

/// Arguments end with a zero byte each. The first line of them is enough to know the process.
fn readable(cmdline: &[u8]) -> String {
    let words = cmdline
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(String::from_utf8_lossy).collect();
    crate::terminal::shorten(words.join(" ").trim(), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0
   1: 0100007F:1F40 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0
   2: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 100 0 0 10 0";

    #[test]
    fn only_listening_sockets_of_the_port_count() {
        assert_eq!(listening_inodes(TABLE, 8000), [111]);
        assert_eq!(listening_inodes(TABLE, 3000), [333]);
        assert_eq!(listening_inodes(TABLE, 9000), [0; 0]);
        let six = "  0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 444 1";
        assert_eq!(listening_inodes(six, 3000), [444]);
        assert_eq!(listening_inodes("", 80), [0; 0]);
    }

    #[test]
    fn lsof_tells_process_and_command() {
        let owner = Owner {
            pid: 4242,
            command: "node".to_owned(),
        };
        assert_eq!(parse_lsof("p4242\ncnode\nf23\n"), Some(owner));
        assert_eq!(parse_lsof(""), None);
    }

    #[test]
    fn a_taken_port_is_named_with_its_owner_and_the_way_out() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port));
        assert_eq!(owner(port).unwrap().pid, std::process::id());
        let Err(Stop::Failed(text)) = must_be_free(&[(port, "--web-port")]) else {
            panic!("the port is taken");
        };
        assert!(
            text.contains(&std::process::id().to_string()) && text.contains("--web-port"),
            "{text}"
        );
        drop(listener);
        assert!(must_be_free(&[(port, "--web-port")]).is_ok());
    }

    #[test]
    fn a_listener_on_the_other_loopback_address_counts_too() {
        // A machine without IPv6 has no such listener.
        if let Ok(listener) = TcpListener::bind("[::1]:0") {
            assert!(is_taken(listener.local_addr().unwrap().port()));
        }
    }
}
