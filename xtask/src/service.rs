//! Servers that run beside us: their log lines get a name and a colour in front, and each of them ends
//! with everything it started.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::context::{Context, Stop};
use crate::job::{self, each_line};
use crate::terminal::{self, Colour};
use crate::watchdog::Watched;

/// Hears a service's lines.
pub(crate) type Heard = Arc<dyn Fn(&str) + Send + Sync>;

/// A running server.
#[derive(Debug)]
pub(crate) struct Service<'a> {
    name: &'static str,
    child: Child,
    stopped: bool,
    _watched: Watched<'a>,
}

impl<'a> Service<'a> {
    pub(crate) fn start(
        context: &'a Context,
        name: &'static str,
        mut command: Command,
        heard: Heard,
    ) -> Result<Service<'a>, Stop> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (mut child, _watched) = job::start(context, name, &mut command)?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let also = Arc::clone(&heard);
        thread::spawn(move || each_line(stdout, &*heard));
        thread::spawn(move || each_line(stderr, &*also));
        Ok(Service {
            name,
            child,
            stopped: false,
            _watched,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    pub(crate) fn stop(&mut self, hurry: impl Fn() -> bool) {
        // Also when its leader has ended: npm may be gone while what it started is not.
        if !std::mem::replace(&mut self.stopped, true) {
            let _ = job::end_group(&mut self.child, PATIENCE, hurry);
        }
    }
}

impl Drop for Service<'_> {
    fn drop(&mut self) {
        self.stop(|| false);
    }
}

/// Prints lines with the service's name in front.
pub(crate) fn prefixed(context: &Context, name: &str, colour: Colour) -> Heard {
    let prefix = context.terminal.paint(colour, &format!("{name:>4} │"));
    Arc::new(move |line| {
        // Some lines hold nothing but orders to the terminal, as to show its cursor again.
        if line.is_empty() || !terminal::plain(line).trim().is_empty() {
            terminal::line(&format!("{prefix} {line}"));
        }
    })
}

/// Stops all at once, so that none waits for another.
pub(crate) fn stop_all(context: &Context, services: &mut Vec<Service<'_>>) {
    thread::scope(|scope| {
        for service in services.iter_mut() {
            scope.spawn(|| service.stop(|| context.stop_requests() > 1));
        }
    });
    services.clear();
}

const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::sync::Mutex;

    use dev_postgres::process;

    use super::*;

    #[test]
    fn a_service_is_heard_and_ends_with_its_children() {
        let context = Context::new().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        let mut command = Command::new("sh");
        // Like npm: a parent that ends on the signal, and a child that does not hear of it.
        command.args(["-c", "(trap '' TERM; sleep 60) & echo up; wait"]);
        let hear: Heard = Arc::new(move |line| lines.lock().unwrap().push(line.to_owned()));
        let mut service = Service::start(&context, "demo", command, hear).unwrap();
        let leader = service.child.id();
        assert!(process::wait_until(Duration::from_secs(5), || heard
            .lock()
            .unwrap()
            .len()
            == 1));
        assert_eq!(service.ended(), None);
        service.stop(|| true);
        assert!(process::wait_until(Duration::from_secs(5), || {
            !process::group_is_alive(leader)
        }));
    }
}
