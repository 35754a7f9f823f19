//! The server process: how it is started, whether it lives, how it ends.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[cfg(not(windows))]
use crate::keeper::Keeper;
use crate::probe::{self, Answer};
use crate::process::{self, ProcessState, Signal};
use crate::run_as::RunAs;
use crate::{Binaries, Durability, Error, pid_file};

/// What a server is started with.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) binaries: &'a Binaries,
    pub(crate) run_as: RunAs,
    pub(crate) data: &'a Path,
    pub(crate) log: &'a Path,
    /// Taken if nobody listens there, else any free one.
    pub(crate) port: Option<u16>,
    pub(crate) durability: Durability,
}

/// How long a server may take until it accepts connections; recovery after a crash takes its time.
pub(crate) const READY_WITHIN: Duration = Duration::from_secs(60);

impl Launch<'_> {
    /// Starts a server on an existing data directory and waits until it accepts connections. A port
    /// that somebody takes between our look and the server's bind costs one more attempt.
    pub(crate) fn start(&self) -> Result<(Server, u16), Error> {
        let (mut preferred, mut attempts) = (self.port, 3);
        loop {
            attempts -= 1;
            let port = probe::free_port(preferred).map_err(Error::io("looking for a free port"))?;
            let server = Server::launch(self, port)?;
            let deadline = Instant::now() + READY_WITHIN;
            let cause = loop {
                if accepting(self.data) == Some((server.pid(), port)) {
                    return Ok((server, port));
                }
                if let Some(end) = server.ended() {
                    break end;
                }
                if Instant::now() > deadline {
                    break format!("no connection within {} seconds", READY_WITHIN.as_secs());
                }
                std::thread::sleep(Duration::from_millis(10));
            };
            let tail = tail(self.log, 20);
            let port_was_taken = tail.iter().any(|line| line.contains("could not bind"));
            if !port_was_taken || attempts == 0 {
                return Err(Error::NotReady {
                    cause,
                    log: self.log.to_owned(),
                    tail,
                });
            }
            preferred = None;
        }
    }

    fn settings(&self, port: u16) -> Vec<String> {
        let mut settings = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            // TCP for all: a socket's path may be too long, and Windows has none.
            "unix_socket_directories=".to_owned(),
            "max_connections=100".to_owned(),
            "shared_buffers=32MB".to_owned(),
            // To the file that we hold, whatever a configuration says.
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
        ];
        if self.durability == Durability::None {
            for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.push(format!("{setting}=off"));
            }
        }
        settings
    }
}

/// Process and port of the server that runs on `data`, once it accepts connections.
pub(crate) fn accepting(data: &Path) -> Option<(u32, u16)> {
    let file = pid_file::read(data).filter(|file| file.ready)?;
    let port = file.port?;
    (probe::ask(port) == Answer::Ready).then_some((file.pid, port))
}

/// A running server: ours, or one that somebody else started.
#[derive(Debug)]
pub(crate) struct Server {
    pid: u32,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Our child.
    #[cfg(not(windows))]
    Child(Keeper),
    /// Not our child, but ours to end.
    Inherited { pg_ctl: PathBuf },
    /// Another process's: never ended by us.
    Guest,
}

impl Server {
    /// Starts `postgres`, and waits for nothing.
    #[cfg(not(windows))]
    fn launch(launch: &Launch<'_>, port: u16) -> Result<Server, Error> {
        let postgres = launch.binaries.program("postgres");
        let log = new_log(launch.log)?;
        let stderr = log.try_clone().map_err(Error::io("sharing the log"))?;
        // What the server gets when this process is killed.
        let signal = match launch.durability {
            Durability::Full => Signal::Interrupt,
            Durability::None => Signal::Quit,
        };
        let mut command = launch.run_as.command(&postgres, signal);
        command.arg("-D").arg(launch.data);
        for setting in launch.settings(port) {
            command.arg("-c").arg(setting);
        }
        command.current_dir(crate::cluster::root());
        command.stdin(Stdio::null()).stdout(log).stderr(stderr);
        process::own_group(&mut command);
        let (keeper, pid) = Keeper::start(command)
            .map_err(Error::io(format!("starting {}", postgres.display())))?;
        Ok(Server {
            pid,
            kind: Kind::Child(keeper),
        })
    }

    /// Starts `postgres` by way of `pg_ctl`, which drops an administrator's rights first.
    #[cfg(windows)]
    fn launch(launch: &Launch<'_>, port: u16) -> Result<Server, Error> {
        let pg_ctl = launch.binaries.program("pg_ctl");
        new_log(launch.log)?;
        let settings: Vec<String> = launch
            .settings(port)
            .iter()
            .map(|setting| format!("-c {setting}"))
            .collect();
        let mut command = launch.run_as.command(&pg_ctl, Signal::Interrupt);
        command.args(["start", "-W", "-s", "-o", &settings.join(" ")]);
        command.arg("-D").arg(launch.data).arg("-l").arg(launch.log);
        // No pipes: the server would inherit them, and they would never end.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
            .status()
            .map_err(Error::io(format!("running {}", pg_ctl.display())))?;
        let mut pid = None;
        process::wait_until(Duration::from_secs(10), || {
            pid = pid_file::read(launch.data).map(|file| file.pid);
            pid.is_some()
        });
        match pid {
            Some(pid) => Ok(Server::inherited(pid, launch.binaries)),
            None => Err(Error::NotReady {
                cause: "it wrote no pid file".to_owned(),
                log: launch.log.to_owned(),
                tail: tail(launch.log, 20),
            }),
        }
    }

    /// A server that another process started and left to us.
    pub(crate) fn inherited(pid: u32, binaries: &Binaries) -> Server {
        Server {
            pid,
            kind: Kind::Inherited {
                pg_ctl: binaries.program("pg_ctl"),
            },
        }
    }

    /// A server that another process has in its hands.
    pub(crate) fn of_another_process(pid: u32) -> Server {
        Server {
            pid,
            kind: Kind::Guest,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn belongs_to_another(&self) -> bool {
        matches!(self.kind, Kind::Guest)
    }

    /// How the server ended, if it did.
    pub(crate) fn ended(&self) -> Option<String> {
        match &self.kind {
            #[cfg(not(windows))]
            Kind::Child(keeper) => keeper.end().map(|status| format!("it ended with {status}")),
            Kind::Inherited { .. } | Kind::Guest => match ProcessState::of(self.pid) {
                ProcessState::Running(_) => None,
                ProcessState::Zombie | ProcessState::Gone => Some("it has ended".to_owned()),
            },
        }
    }

    /// Ends the server with `signal`, with stronger ones if it does not obey, and waits for its end.
    /// Somebody else's server is left alone.
    pub(crate) fn stop(&mut self, signal: Signal) -> Result<(), Error> {
        let pid = self.pid;
        let stopped = match &mut self.kind {
            #[cfg(not(windows))]
            Kind::Child(keeper) => keeper.stop(signal),
            Kind::Inherited { pg_ctl } => {
                let gone = || !matches!(ProcessState::of(pid), ProcessState::Running(_));
                insist(signal, |signal| send_to_server(pid, signal, pg_ctl), gone)
            }
            Kind::Guest => true,
        };
        stopped.then_some(()).ok_or(Error::StillRunning { pid })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop(Signal::Interrupt);
    }
}

/// `signal` first, then the ones that ask less politely. True once `gone` says so.
pub(crate) fn insist(
    signal: Signal,
    send: impl Fn(Signal) -> io::Result<()>,
    mut gone: impl FnMut() -> bool,
) -> bool {
    let steps = [
        (Signal::Interrupt, Duration::from_secs(30)),
        (Signal::Quit, Duration::from_secs(5)),
        (Signal::Kill, Duration::from_secs(5)),
    ];
    steps
        .into_iter()
        .skip_while(|(step, _)| *step != signal)
        .any(|(signal, patience)| {
            gone() || send(signal).is_ok() && process::wait_until(patience, &mut gone)
        })
}

#[cfg(not(windows))]
fn send_to_server(pid: u32, signal: Signal, _pg_ctl: &Path) -> io::Result<()> {
    process::send(pid, signal)
}

/// PostgreSQL brings its own signals to Windows, and `pg_ctl` sends them.
#[cfg(windows)]
fn send_to_server(pid: u32, signal: Signal, pg_ctl: &Path) -> io::Result<()> {
    let name = match signal {
        Signal::Interrupt => "INT",
        Signal::Terminate => "TERM",
        Signal::Quit => "QUIT",
        Signal::Kill => return process::send(pid, signal),
    };
    std::process::Command::new(pg_ctl)
        .args(["kill", name, &pid.to_string()])
        .status()
        .map(|_| ())
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> Vec<String> {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut last = VecDeque::with_capacity(lines);
    for line in text.lines() {
        if last.len() == lines {
            last.pop_front();
        }
        last.push_back(line.to_owned());
    }
    last.into()
}

/// An empty log; the one of the last run stays beside it.
fn new_log(path: &Path) -> Result<File, Error> {
    let failed = Error::io(format!("writing {}", path.display()));
    match fs::rename(path, path.with_extension("old")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::create(path),
    }
    .map_err(failed)
}
