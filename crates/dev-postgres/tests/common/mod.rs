//! What the suites share: which binaries to try, folders, the program, and a way to run SQL.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each suite uses its own part"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dev_postgres::process::{ProcessState, Signal, send, wait_until};
use dev_postgres::{Binaries, Options, Postgres, Source};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dev-postgres");

/// Everything to test with: the machine's own if it has one, and npm's; `DRAWBRIDGE_POSTGRES` narrows it.
pub(crate) fn sources() -> Vec<Source> {
    match Source::from_env().unwrap() {
        Source::Auto if Binaries::system().is_ok() => vec![Source::System, Source::Npm],
        Source::Auto => vec![Source::Npm],
        one => vec![one],
    }
}

pub(crate) fn name(source: Source) -> &'static str {
    match source {
        Source::Auto => "auto",
        Source::System => "system",
        Source::Npm => "npm",
    }
}

/// A folder of one test's own, deleted on drop. Not below the target folder, which may be closed to
/// other users.
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new() -> Home {
        Home::below(&std::env::temp_dir())
    }

    pub(crate) fn below(parent: &Path) -> Home {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("dev-postgres-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Home(fs::canonicalize(folder).unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Closes it to every other user: root then cannot hand the server to one.
    #[cfg(unix)]
    pub(crate) fn close(&self) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700)).unwrap();
    }

    pub(crate) fn options(&self, source: Source) -> Options {
        // No fixed port: suites run beside each other and beside a developer's server.
        Options {
            source,
            home: self.0.clone(),
            port: 0,
        }
    }

    pub(crate) fn start(&self, source: Source) -> Postgres {
        Postgres::start(&self.options(source), &mut |_| ()).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `dev-postgres` as a process of its own.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) url: String,
    pub(crate) log: BufReader<std::process::ChildStderr>,
}

impl Program {
    pub(crate) fn start(mut command: Command) -> Program {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        if url.is_empty() {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut log, &mut text).unwrap();
            panic!("the program did not start: {text}");
        }
        Program {
            child,
            url: url.trim().to_owned(),
            log,
        }
    }

    pub(crate) fn kept(home: &Home, source: Source) -> Program {
        let mut command = Command::new(PROGRAM);
        command.env("DRAWBRIDGE_POSTGRES", name(source));
        command.arg("--home").arg(home.path()).args(["--port", "0"]);
        Program::start(command)
    }

    pub(crate) fn kill(mut self) {
        send(self.child.id(), Signal::Kill).unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn interrupt(mut self) -> std::process::ExitStatus {
        send(self.child.id(), Signal::Interrupt).unwrap();
        self.child.wait().unwrap()
    }
}

/// The data folder of the only major version in `home`.
pub(crate) fn data_in(home: &Home) -> PathBuf {
    let mut majors = fs::read_dir(home.path()).unwrap();
    majors.next().unwrap().unwrap().path().join("data")
}

pub(crate) fn server_pid(data: &Path) -> u32 {
    let text = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub(crate) fn is_running(pid: u32) -> bool {
    matches!(ProcessState::of(pid), ProcessState::Running(_))
}

pub(crate) fn ends_within(pid: u32, seconds: u64) -> bool {
    wait_until(Duration::from_secs(seconds), || !is_running(pid))
}

/// Runs statements and answers the first column of the last one's first row.
pub(crate) fn sql(url: &str, statements: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let connection = tokio::spawn(connection);
        let messages = client.simple_query(statements).await?;
        drop(client);
        let _ = connection.await;
        let row = messages.iter().rev().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(row.unwrap_or_default().to_owned())
    })
}
