//! `postmaster.pid`: what a server writes about itself into its data directory.

use std::fs;
use std::path::Path;

/// The lines that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: u32,
    /// Absent while the server has only begun to start.
    pub(crate) port: Option<u16>,
    /// The server itself says that it accepts connections.
    pub(crate) ready: bool,
}

pub(crate) const NAME: &str = "postmaster.pid";

/// Reads the one in `data`; `None` when there is none or it is not yet written.
pub(crate) fn read(data: &Path) -> Option<PidFile> {
    parse(&fs::read_to_string(data.join(NAME)).ok()?)
}

/// Lines: pid, data directory, start time, port, socket folder, address, shared memory key, status.
fn parse(text: &str) -> Option<PidFile> {
    let mut lines = text.lines();
    // A server in single-user mode writes its pid as a negative number.
    let pid: i64 = lines.next()?.trim().parse().ok()?;
    let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
    let ready = lines.nth(3).is_some_and(|line| line.trim() == "ready");
    Some(PidFile {
        pid: u32::try_from(pid.abs()).ok()?,
        port,
        ready,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_file_tells_pid_port_and_readiness() {
        let text = "4242\n/data\n1795233600\n54320\n\n127.0.0.1\n  123456   7\nready   \n";
        assert_eq!(
            parse(text),
            Some(PidFile {
                pid: 4242,
                port: Some(54320),
                ready: true
            })
        );
        let text = text.replace("ready   ", "starting");
        assert_eq!(
            parse(&text),
            Some(PidFile {
                pid: 4242,
                port: Some(54320),
                ready: false
            })
        );
    }

    #[test]
    fn a_file_that_is_being_written_is_not_ready() {
        assert_eq!(
            parse("4242\n/data\n"),
            Some(PidFile {
                pid: 4242,
                port: None,
                ready: false
            })
        );
        assert_eq!(
            parse("-7\n"),
            Some(PidFile {
                pid: 7,
                port: None,
                ready: false
            })
        );
        assert_eq!(parse(""), None);
        assert_eq!(parse("garbage\n"), None);
    }
}
