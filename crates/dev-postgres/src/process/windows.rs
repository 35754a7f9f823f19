//! Windows knows neither signals nor process groups of this kind: `taskkill` ends a process with its
//! children, and the console hands Ctrl-C to every process by itself.

use std::io;
use std::process::Command;

use super::{Ids, ProcessState, Signal};

pub(super) fn own_group(_: &mut Command) {}

pub(super) fn before_exec(_: &mut Command, _: Option<Ids>, _: Option<Signal>) {}

pub(super) fn send(pid: u32, _: Signal, group: bool) -> io::Result<()> {
    let mut command = Command::new("taskkill");
    command.args(["/F", "/PID", &pid.to_string()]);
    if group {
        command.arg("/T");
    }
    command.output().map(|_| ())
}

pub(super) fn group_is_alive(leader: u32) -> bool {
    matches!(state(leader), ProcessState::Running(_))
}

pub(super) fn state(pid: u32) -> ProcessState {
    let listed = Command::new("tasklist")
        .args(["/NH", "/FO", "CSV", "/FI", &format!("PID eq {pid}")])
        .output();
    let text = listed.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    // `"postgres.exe","1234",…`; a sentence without quotes when there is none.
    match text.as_deref().unwrap_or_default().trim().strip_prefix('"') {
        Some(line) => {
            let name = line.split('"').next().unwrap_or_default();
            ProcessState::Running(name.trim_end_matches(".exe").to_owned())
        }
        None => ProcessState::Gone,
    }
}

pub(super) fn effective_uid() -> u32 {
    u32::MAX
}

pub(super) fn listen() -> io::Result<()> {
    Ok(())
}

pub(super) fn requests() -> usize {
    0
}
