//! Secrets of this checkout: made on the first run, kept in `.dev/env`, readable by their owner only.

use std::fs;
use std::io;
use std::path::Path;

use dev_postgres::{new_secret, write_private};

use crate::context::Stop;

/// What the servers and their roles are given.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secrets {
    pub(crate) better_auth_secret: String,
    pub(crate) better_auth_password: String,
    pub(crate) tasks_api_password: String,
}

impl Secrets {
    /// New ones, for servers that are thrown away.
    pub(crate) fn new() -> Secrets {
        let [better_auth_secret, better_auth_password, tasks_api_password] =
            std::array::from_fn(|_| new_secret());
        Secrets {
            better_auth_secret,
            better_auth_password,
            tasks_api_password,
        }
    }

    /// The ones kept in `file`; those that it lacks are made and added.
    pub(crate) fn kept_in(file: &Path) -> Result<Secrets, Stop> {
        let failed = |error: io::Error| Stop::failed(format!("{}: {error}", file.display()));
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => HEAD.to_owned(),
            text => text.map_err(failed)?,
        };
        let (secrets, complete) = complete(&text, new_secret);
        if complete != text {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            write_private(file, &complete).map_err(failed)?;
        }
        Ok(secrets)
    }
}

const HEAD: &str = "\
# Made by `cargo xtask dev` for this checkout alone. Delete the folder to begin anew.
";

/// Reads `NAME=value` lines and adds what is missing. Other lines stay as they are.
fn complete(text: &str, mut make: impl FnMut() -> String) -> (Secrets, String) {
    let mut complete = text.to_owned();
    let mut take = |name: &str| {
        let found = text
            .lines()
            .filter_map(|line| line.trim().split_once('='))
            .find(|(key, value)| key.trim() == name && !value.trim().is_empty());
        if let Some((_, value)) = found {
            return value.trim().to_owned();
        }
        let value = make();
        if !complete.is_empty() && !complete.ends_with('\n') {
            complete.push('\n');
        }
        complete.push_str(&format!("{name}={value}\n"));
        value
    };
    let secrets = Secrets {
        better_auth_secret: take("BETTER_AUTH_SECRET"),
        better_auth_password: take("BETTER_AUTH_DATABASE_PASSWORD"),
        tasks_api_password: take("TASKS_API_DATABASE_PASSWORD"),
    };
    (secrets, complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_what_is_missing_is_added() {
        let mut made = 0;
        let mut make = || {
            made += 1;
            format!("new-{made}")
        };
        let text = "# mine\nBETTER_AUTH_SECRET = kept\nOTHER=1\nTASKS_API_DATABASE_PASSWORD=";
        let (secrets, complete_text) = complete(text, &mut make);
        assert_eq!(secrets.better_auth_secret, "kept");
        assert_eq!(secrets.better_auth_password, "new-1");
        assert_eq!(secrets.tasks_api_password, "new-2");
        assert!(complete_text.starts_with(&format!("{text}\n")));

        let (again, same) = complete(&complete_text, || unreachable!("nothing is missing"));
        assert!(again == secrets && same == complete_text);
    }

    #[test]
    fn a_first_run_makes_a_private_file_and_the_next_one_reads_it() {
        let folder = std::env::temp_dir().join(format!("xtask-secrets-{}", std::process::id()));
        let file = folder.join("env");
        let first = Secrets::kept_in(&file).unwrap();
        assert!(Secrets::kept_in(&file).unwrap() == first);
        assert!(first != Secrets::new());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
