use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{
    nginx::{Folder, certificate, path_with_sbin, replace},
    replicas::free_port,
};
use crate::support::program::Program;

/// HAProxy with the settings of `deploy/haproxy`, on another port and with a certificate of its own.
pub struct HaProxy {
    port: u16,
    socket: PathBuf,
    process: Program,
    _folder: Folder,
}

/// The names of the servers there, in the order of the ports.
const NAMES: [&str; 2] = ["one", "two"];

impl HaProxy {
    pub fn start(servers: [u16; 2]) -> Self {
        let (folder, port) = (Folder::new(), free_port());
        let (chain, key) = certificate();
        let both = [chain, key].concat();
        let certificate = folder.write("api.pem", &both);
        let socket = folder.path("admin.sock");
        let text = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../deploy/haproxy/haproxy.cfg"
        ));
        let text = replace(
            text,
            &[
                ("bind :443 ", &format!("bind 127.0.0.1:{port} ")),
                (
                    "/etc/haproxy/certs/api.pem",
                    &certificate.display().to_string(),
                ),
                (
                    "stats socket /run/haproxy/admin.sock",
                    &format!("stats socket {}", socket.display()),
                ),
                (" 127.0.0.1:8001", &format!(" 127.0.0.1:{}", servers[0])),
                (" 127.0.0.1:8002", &format!(" 127.0.0.1:{}", servers[1])),
            ],
        );
        let settings = folder.write("haproxy.cfg", text.as_bytes());
        let mut command = Command::new("haproxy");
        // In the foreground, as one process.
        command.arg("-db").arg("-f").arg(settings);
        command.env("PATH", path_with_sbin());
        let process = Program::start("haproxy", command);
        let haproxy = Self {
            port,
            socket,
            process,
            _folder: folder,
        };
        (0..2).for_each(|place| haproxy.wait_until_up(place));
        haproxy
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until the checks say so.
    pub fn wait_until_up(&self, place: usize) {
        let started = Instant::now();
        while !self.is_up(NAMES[place]) {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "server {} never comes up:\n{}",
                NAMES[place],
                self.process.log()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the operator's socket says: `UP`, once as many checks have gone well as are asked for.
    fn is_up(&self, name: &str) -> bool {
        let Ok(mut socket) = UnixStream::connect(&self.socket) else {
            return false;
        };
        let mut said = String::new();
        socket.write_all(b"show stat\n").unwrap();
        socket.read_to_string(&mut said).unwrap();
        let columns: Vec<&str> = said.lines().next().unwrap().split(',').collect();
        let status = columns.iter().position(|it| *it == "status").unwrap();
        let check = columns.iter().position(|it| *it == "check_status").unwrap();
        said.lines().any(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            cells.starts_with(&["api", name]) && cells[status] == "UP" && cells[check] == "L7OK"
        })
    }
}
