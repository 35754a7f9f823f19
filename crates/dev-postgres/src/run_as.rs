//! Who the server runs as. PostgreSQL refuses root, and root is whom containers and CI run as.
//!
//! As root there are two ways. The plain one is to become `postgres` (or `nobody`) and to give it the
//! data directory; it needs a way for that user to reach data and binaries, which a checkout below
//! `/root` does not offer. Then a user namespace helps: inside it the server is `postgres`, outside it
//! is still root and reaches what root reaches.

use std::path::Path;
use std::process::Command;

use crate::process::Signal;
use crate::{Binaries, Error};

#[cfg(unix)]
use crate::process::{self, Ids};
#[cfg(unix)]
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who a PostgreSQL program runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// We are not root: as ourselves.
    Ourselves,
    /// We are root: as this user.
    #[cfg(unix)]
    User(Ids),
    /// We are root and stay it, but the program sees this user.
    #[cfg(unix)]
    Namespace(Ids),
}

impl RunAs {
    /// Chooses the first way that works with these binaries and the folder that will hold the data.
    /// Tried rather than reasoned: whether a user may pass every folder on the way is for the kernel to say.
    #[cfg(unix)]
    pub(crate) fn choose(binaries: &Binaries, folder: &Path) -> Result<RunAs, Error> {
        if !process::is_root() {
            return Ok(RunAs::Ourselves);
        }
        let mut causes = Vec::new();
        for ids in ["postgres", "nobody"].into_iter().filter_map(ids_of) {
            match RunAs::User(ids).tries(binaries, folder) {
                Ok(()) => return Ok(RunAs::User(ids)),
                Err(_) => match RunAs::Namespace(ids).tries(binaries, folder) {
                    Ok(()) => return Ok(RunAs::Namespace(ids)),
                    Err(cause) => causes.push(cause),
                },
            }
        }
        Err(Error::Root {
            binaries: binaries.folder().to_owned(),
            data: folder.to_owned(),
            cause: causes
                .pop()
                .unwrap_or_else(|| "no user `postgres` or `nobody`".to_owned()),
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn choose(_: &Binaries, _: &Path) -> Result<RunAs, Error> {
        Ok(RunAs::Ourselves)
    }

    /// A command that runs as this user and ends with `signal` when this thread does.
    pub(crate) fn command(self, program: &Path, signal: Signal) -> Command {
        let mut command = Command::new(program);
        // A developer's PGPORT, PGDATA or PGOPTIONS are meant for another server.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_MESSAGES", "C");
        match self {
            RunAs::Ourselves => crate::process::end_with_parent(&mut command, signal),
            #[cfg(unix)]
            RunAs::User(ids) => {
                use std::os::unix::process::CommandExt;
                command.uid(ids.uid).gid(ids.gid);
                process::end_with_parent(&mut command, signal);
            }
            #[cfg(unix)]
            RunAs::Namespace(ids) => process::in_namespace_as(&mut command, ids, signal),
        }
        command
    }

    /// Gives everything below `path` to the user who has to own it.
    #[cfg(unix)]
    pub(crate) fn own(self, path: &Path) -> Result<(), Error> {
        use std::os::unix::fs::MetadataExt;
        let (uid, gid) = match self {
            RunAs::Ourselves => return Ok(()),
            RunAs::User(ids) => (ids.uid, ids.gid),
            RunAs::Namespace(_) => (0, 0),
        };
        let failed = |error| Error::io(format!("giving {} to user {uid}", path.display()))(error);
        // The top is changed last, so when it is right all below it is.
        if path.symlink_metadata().map_err(failed)?.uid() == uid {
            return Ok(());
        }
        chown_all(path, uid, gid).map_err(failed)
    }

    #[cfg(not(unix))]
    pub(crate) fn own(self, _: &Path) -> Result<(), Error> {
        Ok(())
    }

    /// Makes a folder below `folder`, gives it to this user, and runs `postgres --version` there as
    /// this user.
    #[cfg(unix)]
    fn tries(self, binaries: &Binaries, folder: &Path) -> Result<(), String> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let probe = folder.join(format!("probe-{}-{number}", std::process::id()));
        let text = |error: std::io::Error| error.to_string();
        std::fs::create_dir(&probe).map_err(text)?;
        let output = self
            .own(&probe)
            .map_err(|error| error.to_string())
            .and_then(|()| {
                let mut command = self.command(&binaries.program("postgres"), Signal::Kill);
                command
                    .arg("--version")
                    .current_dir(&probe)
                    .output()
                    .map_err(text)
            });
        std::fs::remove_dir(&probe).map_err(text)?;
        match output? {
            output if output.status.success() => Ok(()),
            output => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }
}

#[cfg(unix)]
fn chown_all(path: &Path, uid: u32, gid: u32) -> std::io::Result<()> {
    if path.symlink_metadata()?.is_dir() {
        for entry in path.read_dir()? {
            chown_all(&entry?.path(), uid, gid)?;
        }
    }
    std::os::unix::fs::lchown(path, Some(uid), Some(gid))
}

/// Asked of `id`, which knows every source of users that the machine has.
#[cfg(unix)]
fn ids_of(user: &str) -> Option<Ids> {
    let ask = |flag| {
        let output = Command::new("id").args([flag, user]).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    Some(Ids {
        uid: ask("-u")?,
        gid: ask("-g")?,
    })
}
