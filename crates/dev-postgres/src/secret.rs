//! Passwords: made here, kept in files that only their owner may read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::Error;

/// A new secret of 192 random bits, in letters and digits that need no escaping in a URL.
pub fn new_secret() -> String {
    let mut bytes = [0; 24];
    fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes `text` to `path`, readable by its owner only from the first byte on. Another reader never
/// sees half of it.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_extension(format!("partial-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&partial)?.write_all(text.as_bytes())?;
    fs::rename(&partial, path)
}

/// The secret kept in `path`, made on the first call.
pub(crate) fn kept_in(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Ok(secret) if !secret.trim().is_empty() => Ok(secret.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(format!("reading {}", path.display()))(error))
        }
        Ok(_) | Err(_) => {
            let secret = new_secret();
            write_private(path, &secret)
                .map_err(Error::io(format!("writing {}", path.display())))?;
            Ok(secret)
        }
    }
}

#[cfg(unix)]
fn fill(bytes: &mut [u8]) {
    use std::io::Read;
    fs::File::open("/dev/urandom")
        .and_then(|mut device| device.read_exact(bytes))
        .expect("every unix has /dev/urandom");
}

/// std seeds its hash maps from the system's random source; SipHash under that 128-bit key is a
/// pseudo-random function of the counter.
#[cfg(not(unix))]
fn fill(bytes: &mut [u8]) {
    use std::hash::{BuildHasher, RandomState};
    let key = RandomState::new();
    for (counter, chunk) in bytes.chunks_mut(8).enumerate() {
        chunk.copy_from_slice(&key.hash_one(counter).to_be_bytes()[..chunk.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn secrets_are_long_different_and_need_no_escaping() {
        let (one, two) = (new_secret(), new_secret());
        assert_eq!(one.len(), 48);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, two);
    }

    #[test]
    fn a_kept_secret_is_made_once_and_is_private() {
        let scratch = Scratch::new("secret");
        let path = scratch.path().join("password");
        let first = kept_in(&path).unwrap();
        assert_eq!(kept_in(&path).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
}
