//! Is there a PostgreSQL on this port, and does it take connections? Asked by the first packet of the
//! protocol, so no password and no driver is needed.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// What answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A server that goes on to log the client in, or tells it why not.
    Ready,
    /// A server that starts up or shuts down (SQLSTATE 57P03).
    NotNow,
    /// Nobody, or something that is no PostgreSQL.
    Nothing,
}

/// Asks the server on `port` of the loopback interface.
pub(crate) fn ask(port: u16) -> Answer {
    exchange(port).unwrap_or(Answer::Nothing)
}

/// `preferred` if nobody listens there, else any free port.
pub(crate) fn free_port(preferred: Option<u16>) -> io::Result<u16> {
    let bind = |port| TcpListener::bind(loopback(port)).and_then(|listener| listener.local_addr());
    let listens = |port| TcpStream::connect_timeout(&loopback(port), PATIENCE).is_ok();
    match preferred {
        Some(port) if port != 0 && !listens(port) && bind(port).is_ok() => Ok(port),
        _ => bind(0).map(|address| address.port()),
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

fn exchange(port: u16) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&loopback(port), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&startup_packet())?;
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    match head[0] {
        b'R' => Ok(Answer::Ready),
        b'E' => {
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
            let mut body = Vec::new();
            stream
                .take(u64::from(length.min(4096)).saturating_sub(4))
                .read_to_end(&mut body)?;
            Ok(read_error(&body))
        }
        _ => Ok(Answer::Nothing),
    }
}

/// Length, protocol 3.0, then name and value pairs.
fn startup_packet() -> Vec<u8> {
    let mut packet = vec![0; 4];
    packet.extend(196_608_u32.to_be_bytes());
    packet.extend(b"user\0postgres\0database\0postgres\0application_name\0dev-postgres\0\0");
    let length = u32::try_from(packet.len()).expect("a packet of a few bytes");
    packet[..4].copy_from_slice(&length.to_be_bytes());
    packet
}

/// Fields of an error: one letter, then a text that ends with a zero byte. `C` is the SQLSTATE.
fn read_error(body: &[u8]) -> Answer {
    let code = body
        .split(|byte| *byte == 0)
        .find_map(|field| field.strip_prefix(b"C"));
    match code {
        Some(b"57P03") => Answer::NotNow,
        Some(code) if code.len() == 5 => Answer::Ready,
        _ => Answer::Nothing,
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_startup_packet_says_its_own_length() {
        let packet = startup_packet();
        assert_eq!(
            packet[..4],
            u32::try_from(packet.len()).unwrap().to_be_bytes()
        );
        assert!(packet.ends_with(b"\0\0"));
    }

    #[test]
    fn an_error_tells_whether_the_server_is_up() {
        assert_eq!(
            read_error(b"SFATAL\0C57P03\0Mstarting up\0\0"),
            Answer::NotNow
        );
        assert_eq!(read_error(b"SFATAL\0C53300\0Mtoo many\0\0"), Answer::Ready);
        assert_eq!(read_error(b"HTTP/1.1 400"), Answer::Nothing);
    }

    #[test]
    fn something_else_on_the_port_is_no_server_and_the_port_is_not_chosen() {
        let other = TcpListener::bind(loopback(0)).unwrap();
        let port = other.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in other.incoming().flatten() {
                let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }
        });
        assert_eq!(ask(port), Answer::Nothing);
        let chosen = free_port(Some(port)).unwrap();
        assert_ne!(chosen, port);
        assert_eq!(ask(chosen), Answer::Nothing);
    }
}
