//! A second process that outlives this one for a moment: when we are killed without a chance to clean
//! up, it ends what we started. npm, for one, does not take its children along.
//!
//! It is this same program under another verb. It reads which process groups we start and end, and acts
//! when the pipe breaks, which the kernel sees to however we end.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, BufRead, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dev_postgres::process::{self, Signal};

/// The verb under which this program is the watchdog.
pub(crate) const VERB: &str = "watch-groups";

/// Tells the other process what there is to watch.
#[derive(Debug)]
pub(crate) struct Watchdog {
    child: Child,
    pipe: Mutex<Option<ChildStdin>>,
}

/// A process group that ends with us until this is dropped.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    watchdog: Option<&'a Watchdog>,
    group: u32,
}

impl Watchdog {
    pub(crate) fn start() -> io::Result<Watchdog> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg(VERB)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // Ctrl-C is meant for us, not for it.
        process::own_group(&mut command);
        let mut child = command.spawn()?;
        let pipe = Mutex::new(child.stdin.take());
        Ok(Watchdog { child, pipe })
    }

    fn tell(&self, sign: char, group: u32) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = pipe.as_mut() {
            // Without a watchdog everything still works, but for the case that it is for.
            let _ = writeln!(pipe, "{sign}{group}").and_then(|()| pipe.flush());
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(
            self.pipe
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let _ = self.child.wait();
    }
}

impl<'a> Watched<'a> {
    pub(crate) fn new(watchdog: Option<&'a Watchdog>, group: u32) -> Watched<'a> {
        watchdog
            .iter()
            .for_each(|watchdog| watchdog.tell('+', group));
        Watched { watchdog, group }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watchdog
            .iter()
            .for_each(|watchdog| watchdog.tell('-', self.group));
    }
}

/// The other process's whole life.
pub(crate) fn run() {
    let groups = left(io::stdin().lock());
    for (signal, patience) in [(Signal::Terminate, 5), (Signal::Kill, 1)] {
        for group in &groups {
            let _ = process::send_to_group(*group, signal);
        }
        process::wait_until(Duration::from_secs(patience), || {
            !groups.iter().any(|group| process::group_is_alive(*group))
        });
    }
}

/// The groups that were begun and not ended when the pipe broke.
fn left(lines: impl BufRead) -> BTreeSet<u32> {
    let mut groups = BTreeSet::new();
    for line in lines.lines().map_while(Result::ok) {
        let (sign, number) = line.split_at(line.len().min(1));
        match (sign, number.parse()) {
            ("+", Ok(group)) => groups.insert(group),
            ("-", Ok(group)) => groups.remove(&group),
            _ => false,
        };
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_ended_are_not_left() {
        assert_eq!(left(&b"+12\n+34\n-12\n"[..]), BTreeSet::from([34]));
        assert_eq!(left(&b"+12\n-12\n+12\n"[..]), BTreeSet::from([12]));
        assert_eq!(left(&b""[..]), BTreeSet::new());
    }

    #[test]
    fn lines_that_make_no_sense_change_nothing() {
        assert_eq!(
            left(&b"+12\n\nx\n+\n+x\n-99\n*12\n"[..]),
            BTreeSet::from([12])
        );
    }
}
