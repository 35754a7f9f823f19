//! Servers that run beside us: their log lines get a name and a colour in front, and each of them ends
//! with everything it started.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use dev_postgres::process::{self, Signal};

use crate::context::{Context, Stop};
use crate::job::{self, each_line};
use crate::terminal::Colour;

/// Hears a service's lines.
pub(crate) type Heard = Arc<dyn Fn(&str) + Send + Sync>;

/// A running server.
pub(crate) struct Service {
    name: &'static str,
    child: Child,
    ended: bool,
}

impl Service {
    /// Starts it. Call from a thread that lives as long as the service may.
    pub(crate) fn start(
        name: &'static str,
        mut command: Command,
        heard: Heard,
    ) -> Result<Service, Stop> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        process::own_group(&mut command);
        process::end_with_parent(&mut command, Signal::Terminate);
        let mut child = command.spawn().map_err(|error| {
            Stop::failed(format!(
                "cannot start {name} with `{}`: {error}",
                job::describe(&command)
            ))
        })?;
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let also = Arc::clone(&heard);
        thread::spawn(move || each_line(stdout, &*heard));
        thread::spawn(move || each_line(stderr, &*also));
        Ok(Service {
            name,
            child,
            ended: false,
        })
    }

    /// How it ended, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten();
        self.ended |= status.is_some();
        status
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    fn stop(&mut self, hurry: impl Fn() -> bool) {
        // Also when its leader has ended: npm may be gone while what it started is not.
        if self.ended && !process::group_is_alive(self.child.id()) {
            return;
        }
        self.ended = true;
        let _ = job::end_group(&mut self.child, PATIENCE, hurry);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop(|| false);
    }
}

/// Prints lines with the service's name in front.
pub(crate) fn prefixed(context: &Context, name: &str, colour: Colour) -> Heard {
    let prefix = context.terminal.paint(colour, &format!("{name:>4} │"));
    Arc::new(move |line| crate::terminal::line(&format!("{prefix} {line}")))
}

/// Asks all to end at once, so that none waits for another, then sees to it.
pub(crate) fn stop_all(context: &Context, services: &mut Vec<Service>) {
    for service in services.iter() {
        let _ = process::send_to_group(service.child.id(), Signal::Terminate);
    }
    for mut service in services.drain(..) {
        service.stop(|| context.stop_requests() > 1);
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_service_is_heard_and_ends_with_its_children() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&heard);
        let mut command = Command::new("sh");
        // Like npm: a parent that ends on the signal, and a child that does not hear of it.
        command.args(["-c", "(trap '' TERM; sleep 60) & echo up; wait"]);
        let hear: Heard = Arc::new(move |line| lines.lock().unwrap().push(line.to_owned()));
        let mut service = Service::start("demo", command, hear).unwrap();
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
