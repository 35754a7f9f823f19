//! Commands that are run to their end: their lines are heard while they run, Ctrl-C and a time limit
//! end them with everything they started.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use dev_postgres::process::{self, Signal};

use crate::board::Step;
use crate::context::{Context, Stop};
use crate::watchdog::Watched;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Status(ExitStatus),
    Interrupted,
    TimedOut,
}

/// Starts a program that others end, as the leader of a group of its own, which is ended with us whatever becomes of us.
pub(crate) fn start<'a>(
    context: &'a Context,
    name: &str,
    command: &mut Command,
) -> Result<(Child, Watched<'a>), Stop> {
    process::own_group(command);
    let child = command.spawn().map_err(|error| {
        Stop::failed(format!(
            "cannot start {name} with `{}`: {error}",
            describe(command)
        ))
    })?;
    let watched = context.watch(child.id());
    Ok((child, watched))
}

/// Runs a command; `heard` gets every line of its standard output and error.
pub(crate) fn run(
    context: &Context,
    mut command: Command,
    limit: Duration,
    heard: &(dyn Fn(&str) + Sync),
) -> io::Result<End> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    process::own_group(&mut command);
    let mut child = command.spawn()?;
    let _watched = context.watch(child.id());
    let stdout = child.stdout.take().expect("stdout is piped");
    let stderr = child.stderr.take().expect("stderr is piped");
    thread::scope(|scope| {
        let readers = [
            scope.spawn(move || each_line(stdout, heard)),
            scope.spawn(move || each_line(stderr, heard)),
        ];
        let end = wait(context, &mut child, limit);
        // Whatever the command left running may hold its output open, and we would read forever.
        let read = || readers.iter().all(thread::ScopedJoinHandle::is_finished);
        if !process::wait_until(Duration::from_secs(2), read) {
            let _ = process::send_to_group(child.id(), Signal::Kill);
        }
        end
    })
}

/// Runs a command as a part of a step: silent when it goes well, with all that it said when not.
pub(crate) fn run_quietly(
    context: &Context,
    step: &Step<'_>,
    command: Command,
) -> Result<(), Stop> {
    let name = describe(&command);
    let said = Mutex::new(Vec::new());
    let heard = |line: &str| {
        step.detail(line);
        if let Ok(mut said) = said.lock() {
            said.push(line.to_owned());
        }
    };
    let end = run(context, command, LIMIT, &heard)
        .map_err(|error| Stop::failed(format!("cannot run `{name}`: {error}")))?;
    let said = said.into_inner().unwrap_or_default().join("\n");
    match end {
        End::Status(status) if status.success() => Ok(()),
        End::Status(status) => Err(Stop::failed(format!("`{name}` failed ({status}):\n{said}"))),
        End::TimedOut => Err(Stop::failed(format!(
            "`{name}` took longer than {} min:\n{said}",
            LIMIT.as_secs() / 60
        ))),
        End::Interrupted => Err(Stop::Interrupted),
    }
}

/// No single command may hold up the whole for longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(25 * 60);

/// Takes away what this shell has set for the servers: a test brings its own settings.
pub(crate) fn without_settings(command: &mut Command) {
    let set_here: Vec<OsString> = command
        .get_envs()
        .map(|(name, _)| name.to_owned())
        .collect();
    for (name, _) in std::env::vars_os() {
        if is_setting(&name.to_string_lossy()) && !set_here.contains(&name) {
            command.env_remove(name);
        }
    }
}

fn is_setting(name: &str) -> bool {
    const NAMES: [&str; 5] = [
        "DATABASE_URL",
        "DATABASE_MIGRATION_URL",
        "TEST_DATABASE_URL",
        "NEXT_PUBLIC_API_URL",
        "RUST_LOG",
    ];
    NAMES.contains(&name)
        || ["API__", "BETTER_AUTH_"]
            .iter()
            .any(|head| name.starts_with(head))
}

/// The command as a person would type it.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_stem()
        .unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

fn wait(context: &Context, child: &mut Child, limit: Duration) -> io::Result<End> {
    let deadline = Instant::now() + limit;
    let end = loop {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Status(status));
        }
        if context.stop_requests() > 0 {
            break End::Interrupted;
        }
        if Instant::now() > deadline {
            break End::TimedOut;
        }
        thread::sleep(Duration::from_millis(20));
    };
    end_group(child, Duration::from_secs(5), || {
        context.stop_requests() > 1
    })?;
    Ok(end)
}

/// Asks the child's whole group to end, and makes it when patience (or the user's) is over.
pub(crate) fn end_group(
    child: &mut Child,
    patience: Duration,
    hurry: impl Fn() -> bool,
) -> io::Result<()> {
    let leader = child.id();
    process::send_to_group(leader, Signal::Terminate)?;
    process::wait_until(patience, || {
        let ended = !matches!(child.try_wait(), Ok(None));
        hurry() || ended && !process::group_is_alive(leader)
    });
    if process::group_is_alive(leader) {
        process::send_to_group(leader, Signal::Kill)?;
    }
    child.wait().map(|_| ())
}

/// Calls `heard` with each line. Of a line that was drawn several times the last state counts.
pub(crate) fn each_line(from: impl Read, heard: &(dyn Fn(&str) + Sync)) {
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes), Ok(length) if length > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches(['\n', '\r']);
        heard(line.rsplit('\r').next().unwrap_or(line));
        bytes.clear();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run_shell(script: &str, limit: Duration) -> (End, Vec<String>) {
        let heard = Mutex::new(Vec::new());
        let context = Context::new().unwrap();
        let hear = |line: &str| heard.lock().unwrap().push(line.to_owned());
        let end = run(&context, shell(script), limit, &hear).unwrap();
        let mut heard = heard.into_inner().unwrap();
        heard.sort();
        (end, heard)
    }

    #[test]
    fn a_command_is_described_as_a_person_would_type_it() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["fmt", "--all"]);
        assert_eq!(describe(&command), "cargo fmt --all");
    }

    #[test]
    fn the_settings_of_the_servers_are_known_by_name() {
        for name in ["DATABASE_URL", "API__SERVER__PORT", "BETTER_AUTH_SECRET"] {
            assert!(is_setting(name), "{name}");
        }
        for name in [
            "PATH",
            "PG_BIN_DIR",
            "DRAWBRIDGE_POSTGRES",
            "CARGO_TARGET_DIR",
            "E2E_BROWSER",
        ] {
            assert!(!is_setting(name), "{name}");
        }
    }

    #[test]
    fn both_outputs_are_heard_line_by_line() {
        let (end, heard) = run_shell("echo out; echo err >&2; printf 'a\\rb'; exit 3", LIMIT);
        assert!(matches!(end, End::Status(status) if status.code() == Some(3)));
        assert_eq!(heard, ["b", "err", "out"]);
    }

    #[test]
    fn a_command_that_takes_too_long_ends_with_all_its_children() {
        let started = Instant::now();
        let (end, heard) = run_shell("sleep 60 & echo $!; wait", Duration::from_millis(300));
        assert_eq!(end, End::TimedOut);
        assert!(started.elapsed() < Duration::from_secs(10));
        let grandchild = heard[0].parse().unwrap();
        assert!(process::wait_until(Duration::from_secs(5), || {
            !matches!(
                process::ProcessState::of(grandchild),
                process::ProcessState::Running(_)
            )
        }));
    }

    #[test]
    fn what_a_command_leaves_running_does_not_keep_us_waiting() {
        let started = Instant::now();
        let (end, heard) = run_shell("sleep 60 & echo left", LIMIT);
        assert!(matches!(end, End::Status(status) if status.success()));
        assert_eq!(heard, ["left"]);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
