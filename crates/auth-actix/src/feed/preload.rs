use std::path::Path;

use auth_core::{KeyBook, MAX_KEY_SET_BYTES};

use crate::refresher::now;
use crate::settings::KeyFeedError;
use crate::snapshot::{SnapshotFile, read_trusted};

/// Takes in the keys that are there before the issuer has answered: what an earlier run has kept,
/// or else the operator's seed.
pub(super) fn preload(
    book: &mut KeyBook,
    seed: Option<&Path>,
    snapshot: Option<&SnapshotFile>,
) -> Result<(), KeyFeedError> {
    if let Some(path) = seed {
        // Looked at even if it is not needed today: it is there for bad days.
        plant(book, path).map_err(|reason| KeyFeedError::Seed {
            path: path.to_owned(),
            reason,
        })?;
    }
    if let Some(file) = snapshot {
        restore(book, file);
    }
    Ok(())
}

fn plant(book: &mut KeyBook, path: &Path) -> Result<(), String> {
    let document = read_trusted(path, MAX_KEY_SET_BYTES)?;
    book.preload(&document, None, now())
        .map_err(|error| error.to_string())?;
    tracing::info!(file = %path.display(), "the seed file's keys are served until the issuer answers");
    Ok(())
}

/// In the place of the seed, if it is any good.
fn restore(book: &mut KeyBook, file: &SnapshotFile) {
    let restored = match file.read() {
        Ok(None) => return,
        Ok(Some(kept)) => book
            .preload(&kept.document, Some(kept.fetched_at), now())
            .map_err(|error| error.to_string()),
        Err(reason) => Err(reason),
    };
    let file = file.path().display();
    match restored {
        Ok(()) => {
            tracing::info!(%file, "the last run's keys are served until the issuer answers");
        }
        Err(reason) => tracing::warn!(%file, reason, "the snapshot of the keys is not used"),
    }
}
