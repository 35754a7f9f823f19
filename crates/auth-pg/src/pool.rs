use std::{fmt, future::Future, sync::OnceLock, time::Duration};

use deadpool_postgres::{Connect, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures_util::future::{BoxFuture, poll_fn};
use openssl::{
    error::ErrorStack,
    ssl::{SslConnector, SslMethod, SslVerifyMode},
};
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
    /// How many of the service's workers ask with a pool of their own ([`UserDb::for_worker`](crate::UserDb::for_worker)), which
    /// share `max_connections` evenly. Default 0: all of them share one pool.
    pub workers: usize,
    /// Keep prepared statements on each connection. `false` for a pooler in transaction mode that cannot keep them
    /// (PgBouncer before 1.21). Default true.
    pub prepared_statements: bool,
    /// The role that every user's transaction drops to. It must be unable to bypass row-level security. Default
    /// `tasks_api`.
    pub role: RoleName,
    /// Refuse to serve where the login itself could bypass row-level security, as a superuser can: users' transactions drop to
    /// `role`, but whoever has the password need not. Default false: on a developer's machine it is often the only login.
    pub bound_login: bool,
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
            workers: 0,
            prepared_statements: true,
            role: RoleName::parse("tasks_api").expect("the default is a plain identifier"),
            bound_login: false,
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

    /// The pool that everybody shares, and where its connections live.
    pub(crate) fn build(&self) -> Result<(Pool, Home), StoreError> {
        let connections = match self.share_of_worker() {
            Some(share) => self.max_connections - share * self.workers,
            None => self.max_connections,
        };
        let home = Home::new(connections)?;
        let pool = self.pool(connections, Some(home.handle()))?;
        Ok((pool, home))
    }

    /// A pool for one of the workers, whose connections live on its own runtime; `None` where there are too few connections
    /// for each of them to have some.
    pub(crate) fn build_for_worker(&self) -> Result<Option<Pool>, StoreError> {
        let share = self.share_of_worker();
        share.map(|share| self.pool(share, None)).transpose()
    }

    /// What is left over is everybody's: at least one connection, as health is asked about beside all workers.
    fn share_of_worker(&self) -> Option<usize> {
        let share = self
            .max_connections
            .checked_sub(1)?
            .checked_div(self.workers)?;
        (share >= FEWEST_OF_WORKER).then_some(share)
    }

    fn pool(&self, connections: usize, home: Option<Handle>) -> Result<Pool, StoreError> {
        let config = self.connection();
        let tls = tls_connector(&config)?;
        // Fast: a connection goes back only when its transaction has ended (see `Lease`), so there is nothing to reset.
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let connect = ConnectAt { tls, home };
        Pool::builder(Manager::from_connect(config, connect, recycling))
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(self.wait_timeout))
            .create_timeout(Some(self.connect_within()))
            .recycle_timeout(Some(self.connect_timeout))
            .build()
            .map_err(|error| StoreError::Broken(error.into()))
    }
}

/// With fewer, one slow statement would keep a worker's other requests waiting while connections of other workers are free.
const FEWEST_OF_WORKER: usize = 3;

/// The runtime that every connection lives on, but for those that a worker has for itself.
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

/// Makes connections that live on the pool's own runtime, not where one was first needed; or, without one, right there.
struct ConnectAt {
    tls: MakeTlsConnector,
    home: Option<Handle>,
}

impl Connect for ConnectAt {
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
        let Some(home) = &self.home else {
            return connecting;
        };
        // Sockets and timers belong to the runtime that is entered while they are made.
        Box::pin(poll_fn(move |cx| {
            let _home = home.enter();
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
            .field("workers", &self.workers)
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
    let opportunistic = config.get_ssl_mode() != SslMode::Require;
    let made = ssl_connector(opportunistic).map_err(|error| StoreError::Broken(error.into()))?;
    let mut connector = MakeTlsConnector::new(made);
    connector.set_callback(move |ssl, _| {
        ssl.set_verify_hostname(!opportunistic);
        Ok(())
    });
    Ok(connector)
}

/// Made once for each way: it reads every certificate that the machine trusts, which takes some 30 ms, and a service has half a dozen
/// pools and listeners.
fn ssl_connector(opportunistic: bool) -> Result<SslConnector, ErrorStack> {
    static OPPORTUNISTIC: OnceLock<SslConnector> = OnceLock::new();
    static STRICT: OnceLock<SslConnector> = OnceLock::new();
    let kept = match opportunistic {
        true => &OPPORTUNISTIC,
        false => &STRICT,
    };
    if let Some(made) = kept.get() {
        return Ok(made.clone());
    }
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if opportunistic {
        builder.set_verify(SslVerifyMode::NONE);
    }
    Ok(kept.get_or_init(|| builder.build()).clone())
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
    fn workers_share_all_connections_but_one_or_none_at_all() {
        for (connections, workers, share) in [
            (16, 0, None),
            (16, 2, Some(7)),
            (16, 3, Some(5)),
            (16, 4, Some(3)),
            (16, 6, None),
            (10, 1, Some(9)),
            (4, 1, Some(3)),
            (3, 1, None),
            (1, 1, None),
        ] {
            let mut settings = PoolSettings::new("postgres://u@h/db").unwrap();
            settings.max_connections = connections;
            settings.workers = workers;
            assert_eq!(settings.share_of_worker(), share, "{connections} {workers}");
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
