use std::{fmt, future::Future, time::Duration};

use deadpool_postgres::{Connect, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::future::{BoxFuture, poll_fn};
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
use postgres_openssl::MakeTlsConnector;
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use crate::StoreError;

/// Where the database is and how patient we are with it.
///
/// `Debug` shows neither the password nor the URL.
#[derive(Clone)]
#[non_exhaustive]
pub struct PoolSettings {
    pub(crate) config: tokio_postgres::Config,
    /// Most connections at once, for the whole process. [`PgAccounts`](crate::PgAccounts) keeps two more: to poll with, and to
    /// listen on. Default 16.
    pub max_connections: usize,
    /// Time for TCP, TLS and log-in of one new connection, for each host that the URL names. Default 3 s.
    pub connect_timeout: Duration,
    /// How long a request may wait for a connection when all are busy. Default 2 s.
    pub wait_timeout: Duration,
    /// Time for one statement, round trip included. After it the connection is dropped, because its state is unknown.
    /// PostgreSQL is told the same limit, so that it stops too. Default 5 s.
    pub statement_deadline: Duration,
    /// Keep prepared statements on each connection. `false` for a pooler in transaction mode that cannot keep them
    /// (PgBouncer before 1.21). Default true.
    pub prepared_statements: bool,
    /// The role that every user's transaction drops to. It must be unable to bypass row-level security. Default
    /// `tasks_api`.
    pub role: RoleName,
}

impl PoolSettings {
    /// Settings with the defaults for the database that `url` names.
    ///
    /// # Errors
    /// [`InvalidDatabaseUrl`] when `url` is not a PostgreSQL connection URL or string. The error does not repeat the URL: it
    /// may hold a password.
    pub fn new(url: &str) -> Result<Self, InvalidDatabaseUrl> {
        Ok(Self {
            config: parse_url(url)?,
            max_connections: 16,
            connect_timeout: Duration::from_secs(3),
            wait_timeout: Duration::from_secs(2),
            statement_deadline: Duration::from_secs(5),
            prepared_statements: true,
            role: RoleName::parse("tasks_api").expect("the default is a plain identifier"),
        })
    }

    /// What every connection is made from.
    pub(crate) fn connection(&self) -> tokio_postgres::Config {
        let mut config = self.config.clone();
        config.connect_timeout(self.connect_timeout);
        if config.get_application_name().is_none() {
            config.application_name("drawbridge");
        }
        config
    }

    /// The time for one new connection, when all but the last host swallow what they are sent.
    pub(crate) fn connect_within(&self) -> Duration {
        let hosts = self.config.get_hosts().len();
        let hosts = hosts.max(self.config.get_hostaddrs().len()).max(1);
        self.connect_timeout
            .saturating_mul(u32::try_from(hosts).unwrap_or(u32::MAX))
    }

    pub(crate) fn build(&self) -> Result<(Pool, Home), StoreError> {
        let config = self.connection();
        let tls = tls_connector(&config)?;
        // Fast: a connection goes back only when its transaction has ended (see `Lease`), so there is nothing to reset.
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let home = Home::new(self.max_connections)?;
        let connect = AtHome {
            tls,
            home: home.handle(),
        };
        let pool = Pool::builder(Manager::from_connect(config, connect, recycling))
            .max_size(self.max_connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(self.wait_timeout))
            .create_timeout(Some(self.connect_within()))
            .recycle_timeout(Some(self.connect_timeout))
            .build()
            .map_err(|error| StoreError::Broken(error.into()))?;
        Ok((pool, home))
    }
}

/// The runtime that every connection lives on.
///
/// A server's workers have a runtime each, and each of them ends when its own requests are done, or when it panics. A connection
/// that lived there would end too, under the statement of another worker's request.
pub(crate) struct Home(Option<tokio::runtime::Runtime>);

impl Home {
    fn new(connections: usize) -> Result<Self, StoreError> {
        // Moving bytes is little work beside what PostgreSQL does for them: one thread serves some four busy cores.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads((cores / 4).min(connections).clamp(1, 8))
            .thread_name("postgres-io")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| StoreError::Broken(error.into()))
    }

    pub(crate) fn handle(&self) -> Handle {
        let runtime = self.0.as_ref();
        runtime.expect("emptied by drop only").handle().clone()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // Waiting for its threads, as a runtime's own drop does, is forbidden where a future is polled.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes connections that live on the pool's own runtime, not where one was first needed.
struct AtHome {
    tls: MakeTlsConnector,
    home: Handle,
}

impl Connect for AtHome {
    fn connect(
        &self,
        config: &tokio_postgres::Config,
    ) -> BoxFuture<'_, Result<(tokio_postgres::Client, JoinHandle<()>), tokio_postgres::Error>>
    {
        let (config, tls) = (config.clone(), self.tls.clone());
        let mut connecting = Box::pin(async move {
            let (client, connection) = config.connect(tls).await?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "database connection ended");
                }
            });
            Ok((client, driver))
        });
        // Sockets and timers belong to the runtime that is entered while they are made.
        Box::pin(poll_fn(move |cx| {
            let _home = self.home.enter();
            connecting.as_mut().poll(cx)
        }))
    }
}

impl fmt::Debug for PoolSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSettings")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .field("user", &self.config.get_user())
            .field("max_connections", &self.max_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("wait_timeout", &self.wait_timeout)
            .field("statement_deadline", &self.statement_deadline)
            .field("prepared_statements", &self.prepared_statements)
            .field("role", &self.role)
            .finish()
    }
}

/// A role's name, plain enough to stand in SQL without quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct RoleName(String);

impl RoleName {
    /// `name` if it is `[a-z_][a-z0-9_]*`, at most 63 bytes, and no reserved spelling of `SET ROLE`.
    pub fn parse(name: &str) -> Option<Self> {
        let plain = name.len() <= 63
            && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        (plain && name != "none").then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a PostgreSQL connection URL (`postgres://user:password@host:port/database`).
#[derive(Debug, thiserror::Error)]
#[error("not a PostgreSQL connection URL: {reason}")]
pub struct InvalidDatabaseUrl {
    reason: &'static str,
}

/// Leads to a server that takes writes, whatever the URL says: of several hosts the others are standbys, and a standby may be
/// behind by any time.
pub(crate) fn parse_url(url: &str) -> Result<tokio_postgres::Config, InvalidDatabaseUrl> {
    let refuse = |reason| Err(InvalidDatabaseUrl { reason });
    if url.trim().is_empty() {
        return refuse("it is empty");
    }
    // The driver's own message may quote a part of the URL, so it is not passed on.
    let Ok(mut config) = url.parse::<tokio_postgres::Config>() else {
        return refuse("expected postgres://user:password@host:port/database");
    };
    if config.get_hosts().is_empty() {
        return refuse("it names no host");
    }
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok(config)
}

/// `sslmode=prefer` (the default) encrypts when the server offers it and, like libpq, does not judge the certificate;
/// `sslmode=require` is stricter than libpq's: certificate and host name must be good.
pub(crate) fn tls_connector(
    config: &tokio_postgres::Config,
) -> Result<MakeTlsConnector, StoreError> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())
        .map_err(|error| StoreError::Broken(error.into()))?;
    let opportunistic = config.get_ssl_mode() != SslMode::Require;
    if opportunistic {
        builder.set_verify(SslVerifyMode::NONE);
    }
    let mut connector = MakeTlsConnector::new(builder.build());
    connector.set_callback(move |ssl, _| {
        ssl.set_verify_hostname(!opportunistic);
        Ok(())
    });
    Ok(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_is_refused_without_being_repeated() {
        for url in [
            "",
            "mysql://secret@h/db",
            "postgres://u:secret@h:notaport/db",
            "postgres:///db",
        ] {
            let error = PoolSettings::new(url).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_host_that_swallows_everything_leaves_time_for_the_next() {
        for (hosts, seconds) in [("a", 3), ("a,b", 6), ("a:1,b:2,c:3", 9)] {
            let settings = PoolSettings::new(&format!("postgres://u@{hosts}/db")).unwrap();
            assert_eq!(settings.connect_within(), Duration::from_secs(seconds));
        }
    }

    #[test]
    fn whatever_the_url_says_a_server_that_takes_writes_is_looked_for() {
        for query in [
            "",
            "?target_session_attrs=any",
            "?target_session_attrs=read-only",
        ] {
            let settings = PoolSettings::new(&format!("postgres://u@a,b/db{query}")).unwrap();
            let attributes = settings.connection().get_target_session_attrs();
            assert_eq!(attributes, TargetSessionAttrs::ReadWrite, "{query}");
        }
    }

    #[test]
    fn debug_output_holds_no_password() {
        let settings = PoolSettings::new("postgres://u:hunter2@h/db").unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn a_role_name_that_would_need_quotes_is_refused() {
        for name in [
            "",
            "none",
            "Tasks",
            "a b",
            "a;b",
            "1a",
            "a\"b",
            &"x".repeat(64),
        ] {
            assert!(RoleName::parse(name).is_none(), "{name}");
        }
        assert_eq!(RoleName::parse("tasks_api").unwrap().as_str(), "tasks_api");
    }
}
