//! A server under measurement: on its core, with its lines, its processor time and its memory at hand.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::processor;
use crate::context::{Context, Stop};
use crate::job;
use crate::watchdog::Watched;

/// A running program that is spoken to by lines. Ends when this does.
pub(crate) struct Program<'a> {
    name: &'static str,
    child: RefCell<Child>,
    lines: Receiver<String>,
    _watched: Watched<'a>,
}

impl<'a> Program<'a> {
    /// What it says on standard error is passed on: it was told to say nothing but warnings.
    pub(crate) fn start(
        context: &'a Context,
        name: &'static str,
        mut command: Command,
    ) -> Result<Program<'a>, Stop> {
        job::without_settings(&mut command);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        let (mut child, _watched) = job::start(context, name, &mut command)?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(stdout).lines();
            // Nobody has to listen.
            lines
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Ok(Program {
            name,
            child: RefCell::new(child),
            lines,
            _watched,
        })
    }

    /// The next line that it says.
    pub(crate) fn line(&self) -> Result<String, Stop> {
        const PATIENCE: Duration = Duration::from_secs(60);
        self.lines
            .recv_timeout(PATIENCE)
            .map_err(|error| Stop::failed(format!("{} says nothing: {error}", self.name)))
    }

    /// Says a line to it, and hears the next.
    pub(super) fn ask(&self, question: &str) -> Result<String, Stop> {
        let mut child = self.child.borrow_mut();
        let stdin = child.stdin.as_mut().expect("stdin is piped");
        writeln!(stdin, "{question}")
            .map_err(|error| Stop::failed(format!("{} does not listen: {error}", self.name)))?;
        drop(child);
        self.line()
    }

    /// The processor time that it has used so far, where the system tells.
    pub(super) fn processor_time(&self) -> Option<Duration> {
        processor::time_of(self.child.borrow().id())
    }

    /// The memory that it has, where the system tells.
    pub(super) fn memory(&self) -> Option<u64> {
        processor::memory_of(self.child.borrow().id())
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        // What cannot be ended now is ended by the watchdog.
        let _ = job::end_group(self.child.get_mut(), Duration::from_secs(10), || false);
    }
}
