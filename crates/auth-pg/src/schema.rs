use std::path::Path;

use sha2::{Digest, Sha256};
use tokio_postgres::{Client, Error, error::SqlState};

use crate::{MigrateError, StoreError, UserDb, wall::Wall};

/// Every schema change there is, in order: one per file `NNNN_what_it_does.sql`.
///
/// They run with `search_path = pg_catalog, pg_temp`: what is not PostgreSQL's own is named with its schema, that of a new
/// table or extension included (`CREATE EXTENSION … SCHEMA app`).
#[derive(Debug, Clone)]
pub struct MigrationSet {
    pub(crate) migrations: Vec<Migration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Migration {
    pub(crate) version: i32,
    pub(crate) name: String,
    pub(crate) sql: String,
    /// SHA-256 of the text with line ends normalised, so that a checkout on Windows is the same migration.
    pub(crate) checksum: Vec<u8>,
}

impl MigrationSet {
    /// The set made of `(file name, SQL)` pairs, as embedded by a build script.
    ///
    /// # Errors
    /// [`MigrateError::BadSet`] when a name is not `NNNN_words.sql` or the numbers are not 1, 2, 3… without gaps.
    pub fn new<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, MigrateError> {
        let mut migrations = files
            .into_iter()
            .map(|(file, sql)| Migration::parse(file, sql))
            .collect::<Result<Vec<_>, _>>()?;
        migrations.sort_by_key(|migration| migration.version);
        for (expected, migration) in (1..).zip(&migrations) {
            if migration.version != expected {
                return Err(MigrateError::BadSet(format!(
                    "expected number {expected:04}, found {}",
                    migration.name
                )));
            }
        }
        Ok(Self { migrations })
    }

    /// The set in a folder, read now. For tests and tools; a server embeds its set.
    ///
    /// # Errors
    /// [`MigrateError::BadSet`] when the folder cannot be read or [`new`](Self::new) refuses it.
    pub fn from_folder(folder: &Path) -> Result<Self, MigrateError> {
        let unreadable = |error: std::io::Error| {
            MigrateError::BadSet(format!("cannot read {}: {error}", folder.display()))
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                files.push((name, std::fs::read_to_string(&path).map_err(unreadable)?));
            }
        }
        Self::new(
            files
                .iter()
                .map(|(name, sql)| (name.as_str(), sql.as_str())),
        )
    }

    /// A name for this exact set: hexadecimal digest of all checksums.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        for migration in &self.migrations {
            hasher.update(&migration.checksum);
        }
        hasher
            .finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// How `applied` (from the ledger) compares with this set.
    pub(crate) fn compare(&self, applied: &[(i32, String, Vec<u8>)]) -> SchemaState {
        for (version, name, checksum) in applied {
            match self
                .migrations
                .iter()
                .find(|migration| migration.version == *version)
            {
                None => {
                    return SchemaState::Newer {
                        unknown: name.clone(),
                    };
                }
                Some(known) if known.checksum != *checksum => {
                    return SchemaState::Changed { name: name.clone() };
                }
                Some(_) => {}
            }
        }
        let pending: Vec<String> = self
            .migrations
            .iter()
            .filter(|migration| {
                !applied
                    .iter()
                    .any(|(version, ..)| *version == migration.version)
            })
            .map(|migration| migration.name.clone())
            .collect();
        if pending.is_empty() {
            SchemaState::Current
        } else {
            SchemaState::Older { pending }
        }
    }
}

impl Migration {
    fn parse(file: &str, sql: &str) -> Result<Self, MigrateError> {
        let bad = || MigrateError::BadSet(format!("{file} is not named NNNN_words.sql"));
        let name = file.strip_suffix(".sql").ok_or_else(bad)?;
        let (number, words) = name.split_once('_').ok_or_else(bad)?;
        if number.len() != 4 || words.is_empty() {
            return Err(bad());
        }
        let sql = sql.replace("\r\n", "\n");
        Ok(Self {
            version: number.parse().map_err(|_| bad())?,
            name: name.to_owned(),
            checksum: Sha256::digest(&sql).to_vec(),
            sql,
        })
    }
}

/// How the database's schema compares with the one this program was built for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaState {
    /// The same.
    Current,
    /// Migrations are still to be run (all of them, when the database is empty).
    Older {
        /// Names of those that have not run.
        pending: Vec<String>,
    },
    /// The database has run a migration that this program does not know: a newer release has been here.
    Newer {
        /// Its name.
        unknown: String,
    },
    /// Row-level security does not keep users apart here.
    Unprotected {
        /// Every breach that was found, the worst first, each with what mends it.
        why: String,
    },
    /// A migration that has run here had other text than the one of that number known now.
    Changed {
        /// Its name in the database.
        name: String,
    },
}

impl std::fmt::Display for SchemaState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Current => f.write_str("schema is current"),
            Self::Older { pending } => {
                write!(
                    f,
                    "schema is older than this program: not yet run: {}",
                    pending.join(", ")
                )
            }
            Self::Newer { unknown } => {
                write!(
                    f,
                    "schema is newer than this program: {unknown} is not known here"
                )
            }
            Self::Unprotected { why } => {
                write!(f, "this database does not keep users apart: {why}")
            }
            Self::Changed { name } => {
                write!(f, "migration {name} was edited after it had been run")
            }
        }
    }
}

impl UserDb {
    /// Compares the database's schema with `set`, and looks whether row-level security keeps users apart in it. Reads as requests
    /// do, so what would refuse them refuses this.
    ///
    /// Seven round trips and some 20 ms of the server's time: for a start and for who waits for one, not for each request.
    ///
    /// # Errors
    /// A [`StoreError`] when it cannot be read; an absent ledger is [`SchemaState::Older`].
    pub async fn schema_state(&self, set: &MigrationSet) -> Result<SchemaState, StoreError> {
        let read = self
            .as_role(async |client| {
                let wall = Wall::read(client).await?;
                // Such a role may lack the right to read the ledger, too, and that is not what has to be said.
                if let Some(why) = wall.unbound() {
                    return Ok(SchemaState::Unprotected { why });
                }
                if self.settings().bound_login
                    && let Some(why) = self.unbound_login(client).await?
                {
                    return Ok(SchemaState::Unprotected { why });
                }
                // Another schema may have another wall; it is not served, so it need not stand.
                let state = set.compare(&ledger(client).await?);
                if state != SchemaState::Current {
                    return Ok(state);
                }
                Ok(match wall.breaches(client).await? {
                    Some(why) => SchemaState::Unprotected { why },
                    None => state,
                })
            })
            .await;
        match read {
            // No such role: nothing has run on this whole server yet.
            Err(StoreError::NoSuchRole) => Ok(set.compare(&[])),
            state => state,
        }
    }

    /// What is wrong with a login that could do more than the role of the requests.
    async fn unbound_login(&self, client: &Client) -> Result<Option<String>, Error> {
        let sql = "SELECT session_user::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user";
        let row = client.query_one(sql, &[]).await?;
        let (login, unbound): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let role = self.settings().role.as_str();
        Ok(unbound.then(|| {
            format!(
                "the login {login} can bypass row-level security, and so can whoever has its password: log in as {role}"
            )
        }))
    }
}

/// What has run here: nothing where there is no ledger.
pub(crate) async fn ledger(
    client: &Client,
) -> Result<Vec<(i32, String, Vec<u8>)>, tokio_postgres::Error> {
    let rows = client
        .query(
            "SELECT version, name, checksum FROM app.schema_migrations ORDER BY version",
            &[],
        )
        .await;
    match rows {
        Ok(rows) => rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
            .collect(),
        Err(error) => match error.code() {
            Some(state)
                if *state == SqlState::UNDEFINED_TABLE
                    || *state == SqlState::INVALID_SCHEMA_NAME =>
            {
                Ok(Vec::new())
            }
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)]) -> MigrationSet {
        MigrationSet::new(files.iter().copied()).unwrap()
    }

    fn applied(set: &MigrationSet) -> Vec<(i32, String, Vec<u8>)> {
        set.migrations
            .iter()
            .map(|m| (m.version, m.name.clone(), m.checksum.clone()))
            .collect()
    }

    #[test]
    fn a_gap_a_duplicate_or_a_wrong_name_is_no_set_of_migrations() {
        for files in [
            &[("0001_a.sql", ""), ("0003_c.sql", "")][..],
            &[("0001_a.sql", ""), ("0001_b.sql", "")],
            &[("0002_a.sql", "")],
            &[("1_a.sql", "")],
            &[("0001.sql", "")],
            &[("0001_a.txt", "")],
        ] {
            assert!(
                MigrationSet::new(files.iter().copied()).is_err(),
                "{files:?}"
            );
        }
    }

    #[test]
    fn the_schema_is_current_older_newer_or_changed() {
        let one = set(&[("0001_a.sql", "SELECT 1;\n")]);
        let two = set(&[("0001_a.sql", "SELECT 1;\n"), ("0002_b.sql", "SELECT 2;")]);
        let edited = set(&[("0001_a.sql", "SELECT 3;\n")]);
        assert_eq!(one.compare(&applied(&one)), SchemaState::Current);
        assert_eq!(
            two.compare(&applied(&one)),
            SchemaState::Older {
                pending: vec!["0002_b".into()]
            }
        );
        assert_eq!(
            one.compare(&applied(&two)),
            SchemaState::Newer {
                unknown: "0002_b".into()
            }
        );
        assert_eq!(
            edited.compare(&applied(&one)),
            SchemaState::Changed {
                name: "0001_a".into()
            }
        );
    }

    #[test]
    fn line_ends_do_not_change_a_checksum() {
        let unix = set(&[("0001_a.sql", "SELECT 1;\nSELECT 2;\n")]);
        let windows = set(&[("0001_a.sql", "SELECT 1;\r\nSELECT 2;\r\n")]);
        assert_eq!(unix.fingerprint(), windows.fingerprint());
    }
}
