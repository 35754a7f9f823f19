use std::{
    error::Error as StdError,
    time::{Duration, Instant},
};

use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, error::SqlState};

use crate::{
    InvalidDatabaseUrl, MigrationSet, RoleName, SchemaState,
    better_auth::{self, AccountChecks, Link, LinkError, LinkMode},
    pool::{parse_url, tls_connector},
    schema::ledger,
};

/// What [`migrate`] is to do beside running the numbered files.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct MigrateOptions {
    /// Whether to link `app.users` to Better Auth's `"user"` table where one is found in this database.
    pub link: LinkMode,
    /// Give this role `LOGIN` and this password (sent as a SCRAM verifier, never in the clear). For installations where
    /// nobody else prepares the API's role.
    pub grant_login: Option<(RoleName, SecretString)>,
}

/// What [`migrate`] is doing, for people who watch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrateStep<'a> {
    /// Another `migrate` is running on this database; waiting for it.
    Waiting,
    /// Running this one now.
    Running {
        /// The migration's name.
        name: &'a str,
    },
    /// Done.
    Ran {
        /// The migration's name.
        name: &'a str,
        /// How long it took.
        took: Duration,
    },
}

/// What [`migrate`] has done.
#[derive(Debug)]
#[non_exhaustive]
pub struct MigrateReport {
    /// Names of the migrations that ran just now, in order.
    pub ran: Vec<String>,
    /// How many were there already.
    pub already: usize,
    /// What became of the link to Better Auth's `"user"` table.
    pub link: Link,
    /// What can be checked of Better Auth's accounts over that link.
    pub checks: AccountChecks,
}

/// Why migrating stopped. Everything before the failing step is committed, nothing of the failing step is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The files are not a sequence of migrations.
    #[error("bad set of migrations: {0}")]
    BadSet(String),
    /// The URL could not be read.
    #[error(transparent)]
    Url(#[from] InvalidDatabaseUrl),
    /// No connection.
    #[error("cannot connect to the database")]
    Connect(#[source] Box<dyn StdError + Send + Sync>),
    /// The server is there, the database is not.
    #[error("database \"{0}\" does not exist: create it first (CREATE DATABASE)")]
    NoDatabase(String),
    /// The schema is not one this set can be applied to.
    #[error("{0}")]
    Schema(SchemaState),
    /// There is a schema `app` with tables in it, and they are not ours.
    #[error("schema app is in use by something else: {relation} is in it")]
    SchemaTaken {
        /// One of the relations found there.
        relation: String,
    },
    /// The role may not do what a migration needs.
    #[error("role may not do this: {step}; {needs}")]
    NotPermitted {
        /// What was being done.
        step: String,
        /// What the role would have to be.
        needs: &'static str,
        /// PostgreSQL's words.
        #[source]
        source: tokio_postgres::Error,
    },
    /// There are several of Better Auth's `"user"` tables, and users are linked to none of them yet.
    #[error(
        "there are several \"user\" tables of Better Auth's: {}; migrate cannot know which one counts: drop or rename the others",
        tables.join(", ")
    )]
    SeveralBetterAuths {
        /// For instance `auth."user"` and `public."user"`.
        tables: Vec<String>,
    },
    /// Better Auth's `"user"` table needs a column, and what its owner has put on the table would run with the rights of the
    /// role that migrates.
    #[error(
        "{table} runs code when its rows change ({code}), and that must not run as the role that migrates: \
         let {owner} run this, then migrate again:\n{statements}"
    )]
    ForeignCode {
        /// For instance `auth."user"`.
        table: String,
        /// Triggers, constraints and the like.
        code: String,
        /// The role that owns the table.
        owner: String,
        /// What that role is to run.
        statements: String,
    },
    /// A step failed.
    #[error("{step} failed")]
    Failed {
        /// What was being done.
        step: String,
        /// PostgreSQL's words.
        #[source]
        source: tokio_postgres::Error,
    },
}

/// Brings the database that `url` names to the schema of `set`, once, whoever else tries at the same time.
///
/// Safe to run again: what has run is skipped, and the link to Better Auth is looked at anew each time, so it does not matter
/// which of the two migrators came first.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(
    url: &str,
    set: &MigrationSet,
    options: &MigrateOptions,
    mut progress: impl FnMut(MigrateStep<'_>),
) -> Result<MigrateReport, MigrateError> {
    let mut session = Session::open(url).await?;
    let client = &mut session.client;
    let step = |what: &str| {
        let what = what.to_owned();
        move |source| failed(what, source)
    };

    // Held by the session, so a crash frees it. The number is arbitrary and ours.
    let free: bool = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&ADVISORY_LOCK])
        .await
        .map_err(step("taking the migration lock"))?
        .get(0);
    if !free {
        progress(MigrateStep::Waiting);
        client
            .execute("SELECT pg_advisory_lock($1)", &[&ADVISORY_LOCK])
            .await
            .map_err(step("taking the migration lock"))?;
    }

    if let Some(relation) = foreign_relation(client)
        .await
        .map_err(step("looking at schema app"))?
    {
        return Err(MigrateError::SchemaTaken { relation });
    }
    client
        .batch_execute(LEDGER)
        .await
        .map_err(step("creating app.schema_migrations"))?;
    let applied = ledger(client)
        .await
        .map_err(step("reading app.schema_migrations"))?;
    match set.compare(&applied) {
        SchemaState::Current | SchemaState::Older { .. } => {}
        state => return Err(MigrateError::Schema(state)),
    }

    let mut ran = Vec::new();
    for migration in &set.migrations {
        if applied
            .iter()
            .any(|(version, ..)| *version == migration.version)
        {
            continue;
        }
        let name = &migration.name;
        progress(MigrateStep::Running { name });
        let started = Instant::now();
        let what = format!("migration {name}");
        let tx = client.transaction().await.map_err(step(&what))?;
        tx.batch_execute(&migration.sql)
            .await
            .map_err(step(&what))?;
        tx.batch_execute("RESET ROLE").await.map_err(step(&what))?;
        tx.execute(
            "INSERT INTO app.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            &[&migration.version, name, &migration.checksum],
        )
        .await
        .map_err(step(&what))?;
        tx.commit().await.map_err(step(&what))?;
        progress(MigrateStep::Ran {
            name,
            took: started.elapsed(),
        });
        ran.push(name.clone());
    }

    if let Some((role, password)) = &options.grant_login {
        let verifier =
            postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes());
        // The verifier is base64 and '$', ':', '=': nothing in it can end the literal.
        let sql = format!("ALTER ROLE {} LOGIN PASSWORD '{verifier}'", role.as_str());
        client
            .batch_execute(&sql)
            .await
            .map_err(step("giving the API's role a login"))?;
    }

    let linked = better_auth::link(client, options.link).await;
    let (link, checks) = linked.map_err(|error| match error {
        LinkError::Database(source) => failed(LINKING.to_owned(), source),
        LinkError::Several { tables } => MigrateError::SeveralBetterAuths { tables },
        LinkError::ForeignCode {
            table,
            code,
            owner,
            statements,
        } => MigrateError::ForeignCode {
            table,
            code,
            owner,
            statements,
        },
    })?;

    Ok(MigrateReport {
        already: set.migrations.len() - ran.len(),
        ran,
        link,
        checks,
    })
}

const LINKING: &str = "linking app.users to Better Auth's \"user\"";

/// "DRAWBRDG" as bytes.
const ADVISORY_LOCK: i64 = 0x4452_4157_4252_4447;

const LEDGER: &str = "
    SET client_min_messages = warning;
    CREATE SCHEMA IF NOT EXISTS app;
    CREATE TABLE IF NOT EXISTS app.schema_migrations (
      version    integer     PRIMARY KEY,
      name       text        NOT NULL,
      checksum   bytea       NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )";

/// Something in schema `app` where our ledger is not: the schema is somebody else's, and taking it over would lock them out.
async fn foreign_relation(client: &Client) -> Result<Option<String>, tokio_postgres::Error> {
    let found = client
        .query_opt(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = 'app' AND c.relkind <> 'i' AND to_regclass('app.schema_migrations') IS NULL
              LIMIT 1",
            &[],
        )
        .await?;
    found.map(|row| row.try_get(0)).transpose()
}

fn failed(step: String, source: tokio_postgres::Error) -> MigrateError {
    match source.code() {
        Some(state) if *state == SqlState::INSUFFICIENT_PRIVILEGE => {
            let needs = if step == LINKING {
                "grant it the role that owns Better Auth's tables"
            } else {
                "it has to be a superuser, have CREATEROLE, or be a member of tasks_owner and tasks_api made before"
            };
            MigrateError::NotPermitted {
                step,
                needs,
                source,
            }
        }
        _ => MigrateError::Failed { step, source },
    }
}

/// A connection of its own, outside any pool, with the task that drives it.
pub(crate) struct Session {
    pub(crate) client: Client,
    driver: JoinHandle<()>,
}

impl Session {
    pub(crate) async fn open(url: &str) -> Result<Self, MigrateError> {
        let mut config = parse_url(url)?;
        config
            .connect_timeout(Duration::from_secs(10))
            .application_name("drawbridge-operator");
        let tls = tls_connector(&config).map_err(|error| MigrateError::Connect(error.into()))?;
        let (client, connection) = config.connect(tls).await.map_err(|error| {
            match (error.code(), config.get_dbname()) {
                (Some(state), Some(name)) if *state == SqlState::INVALID_CATALOG_NAME => {
                    MigrateError::NoDatabase(name.to_owned())
                }
                _ => MigrateError::Connect(error.into()),
            }
        })?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "operator's connection ended");
            }
        });
        let session = Self { client, driver };
        // Whoever may make things in schema `public` could put an operator there that fits better than PostgreSQL's own, and
        // have it called with the operator's rights.
        let pinned = session
            .client
            .batch_execute("SET search_path = pg_catalog, pg_temp");
        pinned
            .await
            .map_err(|error| MigrateError::Connect(error.into()))?;
        Ok(session)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
