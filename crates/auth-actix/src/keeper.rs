use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auth_core::{KeyBook, UnixTime};

use crate::snapshot::SnapshotFile;

/// Keeps the snapshot on disk up to date, without letting a slow disk hold up the refresher.
pub(crate) struct Keeper {
    file: SnapshotFile,
    desk: Arc<Mutex<Desk>>,
}

/// What lies between the refresher and whoever writes.
#[derive(Default)]
struct Desk {
    /// The newest set that is still to be written; an older one that nobody came to is dropped.
    next: Option<(Arc<[u8]>, UnixTime)>,
    is_manned: bool,
    is_failing: bool,
}

impl Keeper {
    pub(crate) fn new(file: SnapshotFile) -> Self {
        Self {
            file,
            desk: Arc::default(),
        }
    }

    /// Has the book's set written, soon.
    pub(crate) fn keep(&self, book: &KeyBook) {
        let (Some(document), Some(fetched_at)) = (book.document(), book.fetched_at()) else {
            return;
        };
        let mut desk = locked(&self.desk);
        desk.next = Some((Arc::clone(document), fetched_at));
        if !std::mem::replace(&mut desk.is_manned, true) {
            let (file, desk) = (self.file.clone(), Arc::clone(&self.desk));
            tokio::task::spawn_blocking(move || clear(&desk, &file));
        }
    }
}

/// Writes until there is nothing left to write.
fn clear(desk: &Mutex<Desk>, file: &SnapshotFile) {
    loop {
        let (document, fetched_at) = {
            let mut desk = locked(desk);
            match desk.next.take() {
                Some(next) => next,
                None => {
                    desk.is_manned = false;
                    return;
                }
            }
        };
        let written = file.write(&document, fetched_at);
        // Once, until it has worked again.
        let was_failing = std::mem::replace(&mut locked(desk).is_failing, written.is_err());
        if let (Err(error), false) = (written, was_failing) {
            let file = file.path().display();
            tracing::warn!(%file, %error, "the snapshot of the keys cannot be written");
        }
    }
}

fn locked(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
