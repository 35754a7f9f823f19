//! Process control that std lacks: signals, process groups, and children that end with their parent.
//!
//! Public because `xtask` supervises the other servers with it.

use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

/// A signal of the few that a supervisor sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `SIGINT`: Ctrl-C; PostgreSQL's *fast* shutdown.
    Interrupt,
    /// `SIGTERM`: please end.
    Terminate,
    /// `SIGQUIT`: PostgreSQL's *immediate* shutdown.
    Quit,
    /// `SIGKILL`: cannot be refused.
    Kill,
}

/// What the operating system says about a process id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProcessState {
    /// No such process.
    Gone,
    /// Ended, but its parent has not collected it: the id still exists.
    Zombie,
    /// Alive, running the program of this name.
    Running(String),
}

impl ProcessState {
    /// Asks the operating system about `pid`.
    pub fn of(pid: u32) -> ProcessState {
        platform::state(pid)
    }
}

/// Makes the child the leader of its own process group: a Ctrl-C typed at the terminal reaches only
/// this process, which then decides in which order its children end.
pub fn own_group(command: &mut Command) {
    platform::own_group(command);
}

/// Asks the kernel to send `signal` to the child when the *thread* that spawns it ends, so spawn from
/// a thread that lives as long as the child may. Only Linux can do this; elsewhere it is a no-op.
pub(crate) fn end_with_parent(command: &mut Command, signal: Signal) {
    platform::before_exec(command, None, Some(signal));
}

/// Sends `signal` to one process. A process that is already gone is not an error.
pub fn send(pid: u32, signal: Signal) -> io::Result<()> {
    platform::send(pid, signal, false)
}

/// Sends `signal` to every process of the group that `leader` leads.
pub fn send_to_group(leader: u32, signal: Signal) -> io::Result<()> {
    platform::send(leader, signal, true)
}

/// Whether any process of the group is left.
pub fn group_is_alive(leader: u32) -> bool {
    platform::group_is_alive(leader)
}

/// Waits until `done` answers true, looking every few milliseconds. False when `patience` ran out.
pub fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Counts the requests to stop (SIGINT, SIGTERM, SIGHUP) that this process received.
///
/// The first call of [`StopRequests::listen`] takes over these signals for the whole process; from
/// then on they end nothing by themselves.
#[derive(Debug, Clone, Copy)]
pub struct StopRequests(());

impl StopRequests {
    /// Starts to listen.
    pub fn listen() -> io::Result<StopRequests> {
        platform::listen()?;
        Ok(StopRequests(()))
    }

    /// How many requests came so far: one means "stop", a second one "stop at once".
    pub fn count(self) -> usize {
        platform::requests()
    }
}

/// A user id and group id that a child shall see as its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Puts the child into a user namespace of its own in which this process's user goes by `ids`:
/// it may touch the same files, but does not run as root. Linux only.
#[cfg(unix)]
pub(crate) fn in_namespace_as(command: &mut Command, ids: Ids, signal: Signal) {
    platform::before_exec(command, Some(ids), Some(signal));
}

/// The user id that this process's files get.
#[cfg(unix)]
pub(crate) fn effective_uid() -> u32 {
    platform::effective_uid()
}

/// Whether this process runs as root. Never on Windows.
pub fn is_root() -> bool {
    platform::effective_uid() == 0
}

#[cfg(unix)]
#[path = "process/unix.rs"]
mod platform;

#[cfg(not(unix))]
#[path = "process/windows.rs"]
mod platform;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_running_then_a_zombie_then_gone() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let pid = child.id();
        let name = "sleep".to_owned();
        // Between fork and exec the child still goes by our name.
        assert!(wait_until(Duration::from_secs(5), || {
            ProcessState::of(pid) == ProcessState::Running(name.clone())
        }));
        send(pid, Signal::Kill).unwrap();
        assert!(wait_until(Duration::from_secs(5), || ProcessState::of(pid)
            == ProcessState::Zombie));
        child.wait().unwrap();
        assert_eq!(ProcessState::of(pid), ProcessState::Gone);
        send(pid, Signal::Kill).unwrap();
    }

    #[test]
    fn a_signal_to_a_group_reaches_the_grandchild() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & wait"]);
        own_group(&mut command);
        let mut child = command.spawn().unwrap();
        assert!(group_is_alive(child.id()));
        send_to_group(child.id(), Signal::Kill).unwrap();
        child.wait().unwrap();
        assert!(wait_until(Duration::from_secs(5), || !group_is_alive(
            child.id()
        )));
    }

    #[test]
    fn ids_that_mean_many_processes_are_refused() {
        for pid in [0, 1, u32::MAX] {
            assert!(send(pid, Signal::Terminate).is_err());
            assert!(send_to_group(pid, Signal::Terminate).is_err());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_child_ends_when_the_thread_that_spawned_it_ends() {
        let spawned = std::thread::spawn(|| {
            let mut command = Command::new("sleep");
            command.arg("60");
            end_with_parent(&mut command, Signal::Terminate);
            command.spawn().unwrap()
        });
        let mut child = spawned.join().unwrap();
        assert!(wait_until(Duration::from_secs(5), || child
            .try_wait()
            .unwrap()
            .is_some()));
    }
}
