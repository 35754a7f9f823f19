use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use auth_core::UnixTime;
use serde::{Deserialize, Serialize};

/// The last good key set on disk, for the next start.
///
/// Whoever can write this file can put in keys of their own and be anybody, so it is only read
/// when nobody else could have written it.
#[derive(Clone)]
pub(crate) struct SnapshotFile {
    path: PathBuf,
    /// Whose keys these are: the URL they are fetched from.
    source: String,
}

/// What was kept: the issuer's document, and when it was asked for.
pub(crate) struct Kept {
    pub(crate) document: Vec<u8>,
    pub(crate) fetched_at: UnixTime,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content<'a> {
    jwks_url: std::borrow::Cow<'a, str>,
    /// Milliseconds since 1970.
    fetched_at_millis: i64,
    document: std::borrow::Cow<'a, str>,
}

impl SnapshotFile {
    pub(crate) fn new(path: PathBuf, source: String) -> Self {
        Self { path, source }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What was kept by an earlier run; `None` if there is no file.
    pub(crate) fn read(&self) -> Result<Option<Kept>, String> {
        if !self.path.try_exists().map_err(|error| error.to_string())? {
            return Ok(None);
        }
        // JSON may need six bytes for one of the document's.
        let text = read_trusted(&self.path, 7 * auth_core::MAX_KEY_SET_BYTES)?;
        let content: Content<'_> =
            serde_json::from_slice(&text).map_err(|_| "it is no snapshot of keys".to_owned())?;
        if content.jwks_url != self.source {
            return Err("it holds the keys of another address".into());
        }
        Ok(Some(Kept {
            document: content.document.into_owned().into_bytes(),
            fetched_at: UnixTime::from_millis(content.fetched_at_millis),
        }))
    }

    /// Puts a document in the place of what was kept. Whoever reads meanwhile, and after a crash,
    /// finds the one or the other, whole.
    pub(crate) fn write(&self, document: &[u8], fetched_at: UnixTime) -> io::Result<()> {
        let content = Content {
            jwks_url: (&*self.source).into(),
            fetched_at_millis: fetched_at.as_millis(),
            // A document that was read as JSON is UTF-8.
            document: String::from_utf8_lossy(document),
        };
        let text = serde_json::to_vec(&content)?;
        let draft = self.draft();
        let _ = std::fs::remove_file(&draft);
        let written = create(&draft)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::rename(&draft, &self.path));
        if written.is_err() {
            // It may not even be there.
            let _ = std::fs::remove_file(&draft);
        }
        written
    }

    /// A name beside the file; one process has one feed for it, so it is nobody else's. What a
    /// crash left under it is in the way, and goes.
    fn draft(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        self.path.with_file_name(name)
    }
}

/// The whole of a file with keys in it, or why not. Whoever could have written it could be anybody,
/// so nobody but us and the system's administrator may.
pub(crate) fn read_trusted(path: &Path, max_bytes: usize) -> Result<Vec<u8>, String> {
    // Before it is opened: a pipe would keep us waiting.
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no plain file".into());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    only_ours(&file)?;
    let mut content = Vec::new();
    file.take(max_bytes as u64 + 1)
        .read_to_end(&mut content)
        .map_err(|error| error.to_string())?;
    match content.len() > max_bytes {
        true => Err(format!("it is larger than {max_bytes} bytes")),
        false => Ok(content),
    }
}

#[cfg(unix)]
fn only_ours(file: &File) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let (owner, me) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if metadata.mode() & 0o022 != 0 {
        Err("others can write to it".into())
    } else if owner != me && owner != 0 {
        Err("it belongs to somebody else".into())
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn only_ours(_: &File) -> Result<(), String> {
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    const URL: &str = "https://app.example/api/auth/jwks";
    const THEN: UnixTime = UnixTime::from_secs(1_795_224_220);

    /// A directory of its own that goes away with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("snapshot-{:016x}", RandomState::new().hash_one(()));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn snapshot(&self) -> SnapshotFile {
            SnapshotFile::new(self.0.join("keys.json"), URL.into())
        }

        fn holding(&self, content: &str) -> SnapshotFile {
            let snapshot = self.snapshot();
            snapshot.write(b"{}", THEN).unwrap();
            std::fs::write(&snapshot.path, content).unwrap();
            snapshot
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn what_is_written_is_read_again_byte_by_byte_and_replaced_as_a_whole() {
        let folder = Folder::new();
        let snapshot = folder.snapshot();
        assert!(snapshot.read().unwrap().is_none(), "there is no file yet");
        for document in ["{\"keys\":[ ]}\n\"ä\\", "{}"] {
            snapshot.write(document.as_bytes(), THEN).unwrap();
            let kept = snapshot.read().unwrap().unwrap();
            assert_eq!(kept.document, document.as_bytes());
            assert_eq!(kept.fetched_at, THEN);
        }
        let names: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
        assert_eq!(names.len(), 1, "no draft is left: {names:?}");
    }

    #[test]
    fn a_snapshot_that_is_none_is_an_error_and_no_keys() {
        let folder = Folder::new();
        let good = format!(r#"{{"jwks_url":"{URL}","fetched_at_millis":1,"document":"x"}}"#);
        assert!(folder.holding(&good).read().unwrap().is_some());
        for (what, content) in [
            ("empty", String::new()),
            ("cut short", good[..good.len() - 1].into()),
            ("no snapshot", r#"{"keys":[]}"#.into()),
            ("another issuer's", good.replace("app.", "evil.")),
            (
                "time not a number",
                good.replace("_millis\":1", "_millis\":NaN"),
            ),
            (
                "time endless",
                good.replace("_millis\":1", "_millis\":1e999"),
            ),
            (
                "time a text",
                good.replace("_millis\":1", "_millis\":\"1\""),
            ),
            ("document an object", good.replace("\"x\"", "{}")),
            ("too large", good.replace('x', &"x".repeat(500_000))),
        ] {
            assert!(folder.holding(&content).read().is_err(), "{what}");
        }
    }

    #[test]
    fn a_failure_to_write_leaves_what_was_there_and_no_draft() {
        let folder = Folder::new();
        let nowhere = SnapshotFile::new(folder.0.join("missing/keys.json"), URL.into());
        assert!(nowhere.write(b"{}", THEN).is_err());
        std::fs::create_dir(folder.0.join("keys.json")).unwrap();
        assert!(folder.snapshot().read().is_err());
        assert!(folder.snapshot().write(b"{}", THEN).is_err());
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone_and_not_trusted_otherwise() {
        use std::os::unix::fs::PermissionsExt;

        let folder = Folder::new();
        let snapshot = folder.snapshot();
        snapshot.write(b"{}", THEN).unwrap();
        let mode = std::fs::metadata(&snapshot.path).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        for (mode, is_trusted) in [(0o644, true), (0o660, false), (0o602, false)] {
            let permissions = PermissionsExt::from_mode(mode);
            std::fs::set_permissions(&snapshot.path, permissions).unwrap();
            assert_eq!(snapshot.read().is_ok(), is_trusted, "{mode:o}");
        }
    }
}
