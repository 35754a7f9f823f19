//! Throw-away databases for Drawbridge's own tests: a real PostgreSQL, one fresh database per test.
//!
//! The server is the one that `TEST_DATABASE_URL` names (a superuser's URL), else one that this process starts and that ends
//! with it. A database is a copy of a template that was migrated once per server, so it is there in some ten milliseconds.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    sync::OnceLock,
    thread,
};

use auth_pg::{LinkMode, MigrateOptions, MigrationSet, PoolSettings, UserDb, migrate};
use dev_postgres::Postgres;
/// What [`TestDatabase::admin`] answers.
pub use tokio_postgres::Client;
use tokio_postgres::{Config, NoTls};
use uuid::Uuid;

/// A database of this test alone; dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

/// What is in a new [`TestDatabase`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Nothing.
    Nothing,
    /// Our schema; Better Auth lives elsewhere.
    Schema,
    /// Our schema, linked to Better Auth's tables in schema `auth`, its admin plugin included.
    SchemaAndBetterAuth,
}

impl TestDatabase {
    /// A database with our schema, in which every token's user is welcome.
    pub async fn new() -> Self {
        Self::with(Contents::Schema).await
    }

    /// A database with the given contents.
    pub async fn with(contents: Contents) -> Self {
        Self::made(contents, &migrations()).await
    }

    /// A database with our schema, and with what a domain of no release adds to it: [`migrations_and`].
    pub async fn with_further(further: &[(&str, &str)]) -> Self {
        Self::made(Contents::Schema, &migrations_and(further)).await
    }

    async fn made(contents: Contents, migrations: &MigrationSet) -> Self {
        let name = format!("test_{}", Uuid::new_v4().simple());
        let admin = connect(&url_of("postgres")).await;
        let template = match contents {
            Contents::Nothing => "template0".to_owned(),
            _ => template(&admin, contents, migrations).await,
        };
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("the test server makes a database");
        Self { name }
    }

    /// A superuser's URL of this database.
    pub fn url(&self) -> String {
        url_of(&self.name)
    }

    /// This database as the API sees it.
    pub fn user_db(&self) -> UserDb {
        UserDb::connect(&self.pool_settings()).expect("a pool needs no connection to be made")
    }

    /// Settings for a pool on this database.
    pub fn pool_settings(&self) -> PoolSettings {
        let mut settings = PoolSettings::new(&self.url()).expect("the test server's URL is good");
        settings.max_connections = 4;
        settings
    }

    /// A superuser's connection, to look past every wall.
    pub async fn admin(&self) -> Client {
        connect(&self.url()).await
    }

    /// Lets everybody in, or nobody at all. Who is connected is cut off.
    pub async fn open(&self, open: bool) {
        let server = connect(&url_of("postgres")).await;
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {open}", self.name);
        let altered = server.batch_execute(&sql).await;
        altered.expect("a superuser may shut a database");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        let cut = server.execute(cut, &[&self.name]).await;
        cut.expect("connections can be ended");
    }

    /// Signs a user up with Better Auth, as far as the database is concerned. The uuid is the database's own.
    pub async fn sign_up(&self, email: &str) -> Uuid {
        let sql = r#"INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ($1, 'Test', $2, false)
                     RETURNING uuid"#;
        let id = Uuid::new_v4().simple().to_string();
        let row = self.admin().await.query_one(sql, &[&id, &email]).await;
        row.expect("Better Auth's table takes a user").get(0)
    }

    /// Signs a user in with Better Auth, as far as the database is concerned, and gives the session's id.
    pub async fn sign_in(&self, user: Uuid) -> String {
        let sql = r#"INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt")
                     SELECT $2, $3, id, now() + interval '7 days', now() FROM auth."user" WHERE uuid = $1"#;
        let id = Uuid::new_v4().simple().to_string();
        let token = Uuid::new_v4().simple().to_string();
        let made = self.admin().await.execute(sql, &[&user, &id, &token]).await;
        assert_eq!(made.expect("Better Auth's table takes a session"), 1);
        id
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: drop may run inside one that is just ending.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    connect(&url_of("postgres")).await.batch_execute(&sql).await
                })
            })
        });
        // Left behind, it goes with the server; a test's result does not hang on it.
        let _ = dropped.join();
    }
}

/// The repository's `migrations/`, read now.
pub fn migrations() -> MigrationSet {
    migrations_and(&[])
}

/// The repository's `migrations/`, and behind them `(what it does, SQL)` each under the next number that is free.
pub fn migrations_and(further: &[(&str, &str)]) -> MigrationSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files: Vec<(String, String)> = fs::read_dir(&folder)
        .expect("migrations/ can be listed")
        .map(|entry| entry.expect("migrations/ can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| {
            let sql = fs::read_to_string(&path).expect("a migration can be read");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.into_owned(), sql)
        })
        .collect();
    for (what_it_does, sql) in further {
        let number = files.len() + 1;
        files.push((format!("{number:04}_{what_it_does}.sql"), (*sql).to_owned()));
    }
    let files = files
        .iter()
        .map(|(name, sql)| (name.as_str(), sql.as_str()));
    MigrationSet::new(files).expect("migrations/ is a sequence of migrations")
}

/// Better Auth's tables as version 1.7.7 makes them where `user.additionalFields.uuid` is declared, as far as we touch them.
pub const BETTER_AUTH_TABLES: &str = r#"
    CREATE SCHEMA IF NOT EXISTS auth;
    CREATE TABLE auth."user" (
      "id" text NOT NULL PRIMARY KEY, "name" text NOT NULL, "email" text NOT NULL UNIQUE,
      "emailVerified" boolean NOT NULL, "image" text,
      "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
      "updatedAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL,
      "uuid" text UNIQUE
    );
    CREATE TABLE auth.session (
      "id" text NOT NULL PRIMARY KEY, "expiresAt" timestamptz NOT NULL, "token" text NOT NULL UNIQUE,
      "createdAt" timestamptz DEFAULT CURRENT_TIMESTAMP NOT NULL, "updatedAt" timestamptz NOT NULL,
      "ipAddress" text, "userAgent" text,
      "userId" text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE
    );
    CREATE TABLE auth.account (
      "id" text NOT NULL PRIMARY KEY, "accountId" text NOT NULL, "providerId" text NOT NULL,
      "userId" text NOT NULL REFERENCES auth."user" ("id") ON DELETE CASCADE, "password" text
    );
    CREATE TABLE auth.jwks (
      "id" text NOT NULL PRIMARY KEY, "publicKey" text NOT NULL, "privateKey" text NOT NULL,
      "createdAt" timestamptz NOT NULL, "expiresAt" timestamptz, "alg" text, "crv" text
    );
    CREATE INDEX "session_userId_idx" ON auth.session ("userId")"#;

/// What its admin plugin adds to them.
pub const ADMIN_PLUGIN: &str = r#"
    ALTER TABLE auth."user"
      ADD COLUMN "role" text, ADD COLUMN "banned" boolean, ADD COLUMN "banReason" text, ADD COLUMN "banExpires" timestamptz;
    ALTER TABLE auth.session ADD COLUMN "impersonatedBy" text"#;

/// The name of a migrated database to copy, made if this server has none yet.
async fn template(admin: &Client, contents: Contents, migrations: &MigrationSet) -> String {
    let with_auth = contents == Contents::SchemaAndBetterAuth;
    let kind = if with_auth { "linked" } else { "plain" };
    let mut tables = DefaultHasher::new();
    (BETTER_AUTH_TABLES, ADMIN_PLUGIN).hash(&mut tables);
    let name = format!(
        "kit_{kind}_{}_{:x}",
        migrations.fingerprint(),
        tables.finish()
    );

    // One maker at a time, over all test processes. Roles are the cluster's, so the two kinds wait for each other too.
    admin
        .execute("SELECT pg_advisory_lock(1)", &[])
        .await
        .expect("a lock can be taken");
    let there = "SELECT 1 FROM pg_database WHERE datname = $1";
    if admin
        .query_opt(there, &[&name])
        .await
        .expect("pg_database can be read")
        .is_none()
    {
        // Made under another name: a template that somebody is connected to cannot be copied, and half of one must not be.
        let making = format!("{name}_making");
        for sql in [
            format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"),
            format!("CREATE DATABASE {making} TEMPLATE template0"),
        ] {
            admin
                .batch_execute(&sql)
                .await
                .expect("the template can be made");
        }
        let mut options = MigrateOptions::default();
        if with_auth {
            let tables = connect(&url_of(&making))
                .await
                .batch_execute(&format!("{BETTER_AUTH_TABLES};{ADMIN_PLUGIN}"))
                .await;
            tables.expect("Better Auth's tables can be made");
        } else {
            options.link = LinkMode::Off;
        }
        migrate(&url_of(&making), migrations, &options, |_| ())
            .await
            .expect("the template can be migrated");
        // The last connection may still be going.
        let sql = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{making}'"
        );
        admin
            .batch_execute(&sql)
            .await
            .expect("connections can be ended");
        let sql = format!("ALTER DATABASE {making} RENAME TO {name}");
        admin
            .batch_execute(&sql)
            .await
            .expect("the template can be renamed");
    }
    admin
        .execute("SELECT pg_advisory_unlock(1)", &[])
        .await
        .expect("the lock can be freed");
    name
}

fn url_of(database: &str) -> String {
    static SERVER: OnceLock<(String, Option<Postgres>)> = OnceLock::new();
    let (url, _) = SERVER.get_or_init(|| match std::env::var("TEST_DATABASE_URL") {
        Ok(url) if !url.is_empty() => (url, None),
        _ => {
            let server = Postgres::throw_away().expect("a PostgreSQL server can be started");
            (server.url(), Some(server))
        }
    });
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{database}")
}

async fn connect(url: &str) -> Client {
    let config: Config = url.parse().expect("the test server's URL is good");
    let (client, connection) = config
        .connect(NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    client
}
