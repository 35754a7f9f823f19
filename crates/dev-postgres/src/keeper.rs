//! A thread that starts the server, watches it, and ends it.
//!
//! The kernel's parent-death signal follows the *thread* that forks. A test's thread is gone before its
//! server is; the keeper stays as long as the server does.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::process::{self, Signal};
use crate::server::insist;

/// A child process in its keeper's hands.
#[derive(Debug)]
pub(crate) struct Keeper {
    thread: Option<JoinHandle<()>>,
    orders: Sender<Signal>,
    end: Arc<OnceLock<ExitStatus>>,
}

impl Keeper {
    /// Starts the child; answers its process id too.
    pub(crate) fn start(mut command: Command) -> io::Result<(Keeper, u32)> {
        let end = Arc::new(OnceLock::new());
        let (orders, inbox) = mpsc::channel();
        let (started, outcome) = mpsc::channel();
        let its_end = Arc::clone(&end);
        let thread = thread::Builder::new()
            .name("postgres-keeper".to_owned())
            .spawn(move || match command.spawn() {
                Ok(child) => {
                    let _ = started.send(Ok(child.id()));
                    let _ = its_end.set(keep(child, &inbox));
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                }
            })?;
        let pid = outcome
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("its keeper ended")))?;
        Ok((
            Keeper {
                thread: Some(thread),
                orders,
                end,
            },
            pid,
        ))
    }

    /// How the child ended, if it did.
    pub(crate) fn end(&self) -> Option<ExitStatus> {
        self.end.get().copied()
    }

    /// Ends the child, with stronger signals if it does not obey this one. True when it has ended.
    pub(crate) fn stop(&mut self, signal: Signal) -> bool {
        let _ = self.orders.send(signal);
        self.thread
            .take()
            .is_none_or(|thread| thread.join().is_ok())
    }
}

/// Watches the child until it ends by itself, or ends it on the first order (or when nobody is left
/// to give one).
fn keep(mut child: Child, inbox: &Receiver<Signal>) -> ExitStatus {
    loop {
        let order = match inbox.recv_timeout(Duration::from_millis(20)) {
            Err(RecvTimeoutError::Timeout) => None,
            Ok(signal) => Some(signal),
            Err(RecvTimeoutError::Disconnected) => Some(Signal::Interrupt),
        };
        if let Some(signal) = order {
            let pid = child.id();
            let send = |signal| process::send(pid, signal);
            insist(signal, send, || matches!(child.try_wait(), Ok(Some(_))));
        }
        match (child.try_wait(), order) {
            (Ok(Some(status)), _) => return status,
            (Ok(None), None) => {}
            // Killed, and not collected within the patience: wait without a limit.
            (_, _) => return child.wait().unwrap_or_default(),
        }
    }
}
