//! A lock that lasts as long as its holder lives: the kernel lets go of it however the holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::Error;

/// An exclusive lock on a file, held until dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

impl Lock {
    /// Takes the lock, or answers `None` when another process (or another handle) holds it.
    pub(crate) fn take(path: &Path) -> Result<Option<Lock>, Error> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(Error::io(format!("locking {}", path.display()))(error))
            }
        }
    }

    /// Waits until the lock is free, then takes it.
    pub(crate) fn wait_for(path: &Path) -> Result<Lock, Error> {
        let file = open(path)?;
        file.lock()
            .map_err(Error::io(format!("locking {}", path.display())))?;
        Ok(Lock(file))
    }
}

fn open(path: &Path) -> Result<File, Error> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(Error::io(format!("opening {}", path.display())))
}
