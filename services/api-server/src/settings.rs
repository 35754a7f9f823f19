//! From raw text to types that cannot be wrong: defaults, then the file of `--config`, then the environment.
//!
//! This is the only place that reads the process's environment. Whoever holds [`Settings`] holds a [`Policy`], a feed's and a
//! pool's settings that are ready to use, and meets no raw string. `deploy/api-server.toml` explains every key.

use std::{fmt, net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use auth_actix::{KeyFeedSettings, RateLimits};
use auth_core::Policy;
use auth_pg::{AccountsSettings, ChangeFeedSettings, LinkMode, PoolSettings, RoleName};
use changes_domain::{DeliverySettings, Reach};
use domain_kit::BODY_LIMIT;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::Url;

mod auth;
mod database;
mod database_url;
mod effective;
mod fault;
mod key_feed;
mod keys;
mod layers;
mod limits;
mod oauth;
mod parse;
mod production;
mod read;
mod schema;
mod trust;

use self::read::Reader;
pub use self::{
    effective::{Effective, Overview},
    fault::{Fault, Faults},
    layers::Environment,
    schema::schema,
    trust::{TrustSettings, better_auth_url},
};

/// Where settings come from.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file of `--config`, in TOML.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Environment,
}

/// All that `serve` needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where and how to listen.
    pub server: ServerSettings,
    /// What a token must say.
    pub policy: Policy,
    /// What an access token of Better Auth's oauth-provider must say; `None` takes none.
    pub access_tokens: Option<AccessTokenSettings>,
    /// Where the issuer's keys are, and how long they are believed.
    pub keys: KeyFeedSettings,
    /// Whether not to start without the issuer's keys.
    pub keys_required_at_start: bool,
    /// How much memory verified tokens may take; 0 remembers none.
    pub cache_bytes: usize,
    /// How far a token's account is looked at.
    pub accounts: AccountsSettings,
    /// What is published about the service as a resource of OAuth.
    pub resource: Option<ResourceSettings>,
    /// Origins of the pages that may call the API, as browsers write them.
    pub cors_origins: Vec<String>,
    /// How often a user may ask and an address may fail.
    pub limits: RateLimits,
    /// Where metrics are served; `None` serves none.
    pub metrics: Option<SocketAddr>,
    /// The database of the domains.
    pub database: PoolSettings,
    /// How changes of users' data are heard of.
    pub changes: ChangeFeedSettings,
    /// How long what is over is kept.
    pub retention: Retention,
    /// How webhooks are delivered.
    pub deliveries: DeliverySettings,
    /// What is logged, and how it looks.
    pub log: LogSettings,
    /// What is allowed but should be known: one sentence each.
    pub warnings: Vec<String>,
}

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Worker threads; `None` starts one per core.
    pub workers: Option<NonZeroUsize>,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Largest body of an import in bytes.
    pub import_limit: usize,
    /// After the signal to stop: how long to go on accepting requests while readiness already says no.
    pub shutdown_delay: Duration,
    /// After that: how long requests in flight may take to finish.
    pub shutdown_timeout: Duration,
    /// The page that explains the codes of problems, which their `type` then leads to.
    pub problems_url: Option<Url>,
    /// How long a database that was ready may be away before readiness says no.
    pub database_grace: Duration,
    /// Most connections at once; who comes later waits to be accepted.
    pub max_connections: usize,
    /// How long a request's head may take to arrive.
    pub header_timeout: Duration,
    /// How long a connection without a request is kept.
    pub keep_alive: Duration,
    /// How long what was sent may wait to be read, where the system can tell; `None` waits for good.
    pub unread_timeout: Option<Duration>,
}

/// How long what is over is kept; `None` keeps it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Tasks in the trash.
    pub trash: Option<Duration>,
    /// Events.
    pub history: Option<Duration>,
}

/// Which access tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenSettings {
    /// What one must say.
    pub policy: Policy,
    /// The scopes that it must carry, all of them.
    pub scopes: Vec<String>,
}

/// The service as a protected resource of OAuth (RFC 9728).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceSettings {
    /// Its identifier: the URL by which clients know it.
    pub identifier: String,
    /// The scopes that it knows.
    pub scopes: Vec<String>,
}

/// What is logged, and how it looks.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Form of a line.
    pub format: LogFormat,
    filter: String,
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object per line.
    Json,
    /// For people.
    Pretty,
}

/// All that `migrate` needs.
pub struct MigrationSettings {
    /// The database, as a role that may create schemas, roles and tables.
    pub url: SecretString,
    /// By which column our users are tied to Better Auth's, where those are in the same database.
    pub link: LinkMode,
    /// With `--grant-login`: the API's role and the password that it is to log in with.
    pub login: Option<(RoleName, SecretString)>,
    /// What is logged, and how it looks.
    pub log: LogSettings,
    /// What is allowed but should be known: one sentence each.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads all sources.
    ///
    /// # Errors
    /// [`Faults`]: every problem there is, not only the first.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        read(sources, |reader| {
            let server = server(reader);
            let auth::Trust {
                policy,
                access_tokens,
                keys,
                resource,
                cors_origins,
                mut warnings,
            } = auth::read(reader);
            let database = database::pool(reader, &mut warnings);
            let log = log(reader);
            let accounts = auth::accounts(reader, policy.as_ref());
            let deliveries = webhooks(reader, &mut warnings);
            let in_production =
                production::refuse(reader, policy.as_ref(), &cors_origins, &mut warnings);
            let database = database.map(|mut pool| {
                pool.bound_login = in_production;
                pool
            });
            Some(Self {
                limits: limits::read(reader),
                metrics: reader.optional("metrics.address", parse::socket_address),
                server,
                policy: policy?,
                access_tokens,
                keys: keys?,
                keys_required_at_start: reader.value("auth.jwks.required_at_start", parse::flag),
                cache_bytes: reader.value("auth.cache.max_bytes", parse::memory_size),
                accounts,
                resource,
                cors_origins,
                database: database?,
                changes: database::changes(reader),
                deliveries,
                retention: Retention {
                    trash: reader.value("tasks.trash_retention", parse::retention),
                    history: reader.value("changes.history", parse::retention),
                },
                log,
                warnings,
            })
        })
    }
}

/// How webhooks are delivered.
fn webhooks(reader: &mut Reader<'_>, warnings: &mut Vec<String>) -> DeliverySettings {
    let mut settings = DeliverySettings::default();
    settings.timeout = reader.value("webhooks.timeout", parse::database_wait);
    if reader.value("webhooks.danger_allow_private_targets", parse::flag) {
        settings.reach = Reach::Anywhere;
        warnings.push(
            "users' webhooks may lead to private addresses, which whoever has an account can have this server call \
             (webhooks.danger_allow_private_targets is true)"
                .to_owned(),
        );
    }
    settings
}

impl MigrationSettings {
    /// Reads all sources, of which only the database, the log and what ties our users to Better Auth's matter here; unknown
    /// names are refused all the same. `grant_login` asks for [`login`](Self::login), which `database.url` then must hold.
    ///
    /// # Errors
    /// [`Faults`]: every problem there is, not only the first.
    pub fn load(sources: &Sources, grant_login: bool) -> Result<Self, Faults> {
        read(sources, |reader| {
            let mut warnings = Vec::new();
            let url = database::migration_url(reader, &mut warnings);
            let login = grant_login.then(|| database::login(reader));
            let shared = auth::accounts_shared(reader);
            let link = auth::link(shared, auth::user_claim(reader));
            let log = log(reader);
            Some(Self {
                url: url?,
                link,
                login: login.flatten(),
                log,
                warnings,
            })
        })
    }
}

impl fmt::Debug for MigrationSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationSettings")
            .field("link", &self.link)
            .field("log", &self.log)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl LogSettings {
    /// Which events are let through.
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::builder().parse_lossy(&self.filter)
    }
}

/// Runs `take` over the merged layers. When it gives nothing, it has noted a fault.
fn read<T>(
    sources: &Sources,
    take: impl FnOnce(&mut Reader<'_>) -> Option<T>,
) -> Result<T, Faults> {
    let mut faults = Vec::new();
    let config = layers::merge(sources.file.as_deref(), &sources.environment, &mut faults);
    let mut reader = Reader::new(&config, faults);
    match (take(&mut reader), reader.faults) {
        (Some(settings), faults) if faults.is_empty() => Ok(settings),
        (_, faults) => Err(Faults::new(faults)),
    }
}

fn server(reader: &mut Reader<'_>) -> ServerSettings {
    let host = reader.value("server.host", parse::ip_address);
    let port = reader.value("server.port", parse::port);
    ServerSettings {
        address: SocketAddr::new(host, port),
        workers: reader
            .optional("server.workers", parse::number(1..=1024))
            .and_then(NonZeroUsize::new),
        body_limit: reader.value("server.body_limit", parse::byte_size(BODY_LIMIT)),
        import_limit: reader.value("server.import_limit", parse::memory_size),
        shutdown_delay: reader.value("server.shutdown_delay", parse::duration),
        shutdown_timeout: reader.value("server.shutdown_timeout", parse::duration),
        problems_url: reader.optional("server.problems_url", parse::http_url),
        database_grace: reader.value("server.database_grace", parse::duration),
        max_connections: reader.value("server.max_connections", parse::number(1..=1_000_000)),
        header_timeout: reader.value("server.header_timeout", parse::database_wait),
        keep_alive: reader.value("server.keep_alive", parse::database_wait),
        unread_timeout: reader.value("server.unread_timeout", parse::limit),
    }
}

fn log(reader: &mut Reader<'_>) -> LogSettings {
    LogSettings {
        format: reader.value("log.format", |text| match text {
            "auto" => Ok(LogFormat::Auto),
            "json" => Ok(LogFormat::Json),
            "pretty" => Ok(LogFormat::Pretty),
            _ => Err("auto, json or pretty".into()),
        }),
        filter: reader.value("log.filter", |text| {
            match EnvFilter::builder().parse(text) {
                Ok(_) => Ok(text.to_owned()),
                Err(_) => {
                    Err("a filter such as info or info,actix_http=off,auth_actix=debug".into())
                }
            }
        }),
    }
}

#[cfg(test)]
mod tests;
