//! The composition root: the only place that knows all parts.

use std::{
    any::Any,
    fmt, io,
    net::{SocketAddr, TcpListener},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use actix_service::ServiceFactory;
use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    web::ServiceConfig,
};
use auth_actix::{AuthBridge, Face, Guard, KeyFeed, ProblemJson, ProtectedResource, Require};
use auth_core::Policy;
use auth_pg::{
    ChangeFeed, ChangeFeedSettings, Chores, MigrateError, MigrationSet, PgAccounts, PoolSettings,
    SchemaState, UserDb,
};
use changes_domain::{ChangesDomain, Deliveries, Reach};
use domain_kit::{Clash, DomainSet, problem_details};
use tasks_domain::TasksDomain;
use tokio::sync::watch;
use tracing_actix_web::TracingLogger;

use crate::{
    body_limit::{BodyLimits, body_limit},
    headers,
    metrics::{self, Exposition},
    ops,
    ops::Readiness,
    panics::answer_panics,
    request_id::request_id,
    settings::{AccessTokenSettings, ResourceSettings, Retention, ServerSettings, Settings},
    telemetry::{RequestSpan, chain},
};

mod rehearsal;
mod start_error;
mod stop;

pub(crate) use self::rehearsal::{Asked, Rehearsal, Replied};
use self::stop::{Stop, drain, wanted};
pub use self::{start_error::StartError, stop::Stopper};

/// The domains of this service. A further one is one more line.
///
/// # Errors
/// [`Clash`] when two of them want the same path, or mean different things by one code.
pub fn domains(
    db: &UserDb,
    feed: &ChangeFeed,
    retention: Retention,
    reach: Reach,
) -> Result<DomainSet, Clash> {
    let Retention { trash, history } = retention;
    Ok(DomainSet::new()
        .with(TasksDomain::new(db.clone()).with_trash_retention(trash))?
        .with(
            ChangesDomain::new(db.clone(), feed.clone())
                .with_history_of(history)
                .with_reach(reach),
        )?
        .telling(feed.clone())
        .forgetting(db.clone()))
}

/// The migrations that this program was built with.
///
/// # Errors
/// [`MigrateError::BadSet`] when the files are not a sequence.
pub fn migrations() -> Result<MigrationSet, MigrateError> {
    include!(concat!(env!("OUT_DIR"), "/migrations.rs"))
}

/// The service, listening and not yet answering.
pub struct Application {
    server: Server,
    address: SocketAddr,
    stop: watch::Sender<Stop>,
    shutdown_delay: Duration,
    readiness: Readiness,
    feed: KeyFeed,
    changes: ChangeFeed,
    chores: Chores,
    deliveries: Deliveries,
    for_chores: UserDb,
    metrics: Option<Exposition>,
    db: UserDb,
}

impl Application {
    /// Puts the parts together and takes the port. A database or an issuer that cannot be reached is waited for, not failed
    /// over: readiness says what is missing, and the service heals by itself.
    ///
    /// # Errors
    /// [`StartError`] for what will not heal by waiting.
    pub async fn build(settings: Settings) -> Result<Self, StartError> {
        if settings.metrics.is_some() {
            // Counters go to the recorder that there is when they are made.
            metrics::record();
        }
        let server = &settings.server;
        let listener = TcpListener::bind(server.address).map_err(|source| StartError::Listen {
            address: server.address,
            source,
        })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: server.address,
            source,
        })?;

        let mut database = settings.database.clone();
        database.workers = workers(server);
        let db = UserDb::connect(&database).map_err(StartError::Database)?;
        refuse_foreign_schema(&db, &migrations()?).await?;
        let changes = ChangeFeed::new(db.clone(), settings.changes.clone());
        let feed = KeyFeed::start(&settings.keys)?;
        let mut routes = Routes::assemble(&settings, &db, &changes, &feed)?;
        routes.guard = routes.guard.with_limits(settings.limits);
        if settings.keys_required_at_start {
            let keys = feed.first_keys(FIRST_KEYS_WITHIN).await;
            keys.map_err(|_| StartError::NoKeys {
                cause: feed.status().last_error,
            })?;
        }
        let for_chores = db.for_chores().map_err(StartError::Database)?;
        let deliveries = Deliveries::start(for_chores.background(), settings.deliveries);
        let chores = Chores::start(&for_chores, &changes, routes.domains.chores());
        let metrics = match settings.metrics {
            Some(address) => Exposition::start(address, db.clone())?,
            None => None,
        };
        let readiness = routes.readiness.clone();
        Ok(Self {
            server: listen(server, listener, routes)?,
            address,
            stop: watch::Sender::new(Stop::NotYet),
            shutdown_delay: server.shutdown_delay,
            readiness,
            feed,
            changes,
            chores,
            deliveries,
            for_chores,
            metrics,
            db,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it serves metrics, if it does.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Exposition::address)
    }

    /// The port that it listens on, also when it was asked for any free one.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// A handle that stops it, from anywhere.
    pub fn stopper(&self) -> Stopper {
        Stopper::new(self.stop.clone())
    }

    /// Answers requests until it is stopped, then lets those in flight finish.
    ///
    /// # Errors
    /// When the server's threads cannot be started.
    pub async fn run_until_stopped(self) -> io::Result<()> {
        let Self {
            server,
            stop,
            shutdown_delay,
            readiness,
            feed,
            changes,
            chores,
            deliveries,
            for_chores,
            mut metrics,
            db,
            ..
        } = self;
        metrics.iter_mut().for_each(Exposition::run);
        let handle = server.handle();
        let mut server = pin!(server);
        let ended = tokio::select! {
            ended = &mut server => ended,
            () = drain(&stop, &readiness, &changes, shutdown_delay, handle) => server.await,
            () = wanted(&stop, Stop::AtOnce) => {
                tracing::warn!("stopping at once, requests in flight are cut");
                Ok(())
            }
        };
        drop((chores, deliveries, metrics));
        feed.stop();
        for_chores.close();
        db.close();
        tracing::info!("stopped");
        ended
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// How long to wait for the issuer's first keys, where they are required.
const FIRST_KEYS_WITHIN: Duration = Duration::from_secs(10);

/// How refusals look, and what OAuth clients are told about this service.
fn face(settings: &Settings) -> Result<(Face, Option<ProtectedResource>), StartError> {
    let access_tokens = settings.access_tokens.as_ref();
    let resource = settings.resource.as_ref();
    let resource = resource
        .map(|resource| protected_resource(resource, &settings.policy, access_tokens))
        .transpose()?;
    let form = match &settings.server.problems_url {
        Some(page) => ProblemJson::explained_at(page.as_str()),
        None => ProblemJson::new(),
    };
    let face = Face::new().with_renderer(form);
    let face = resource.iter().fold(face, Face::with_resource);
    Ok((face, resource))
}

/// Who gets in.
fn guard(
    mut bridge: AuthBridge,
    access_tokens: Option<&AccessTokenSettings>,
    feed: &KeyFeed,
    face: &Face,
) -> Result<Guard, StartError> {
    let mut scopes = Vec::new();
    if let Some(access_tokens) = access_tokens {
        // Better Auth signs both kinds with the same keys.
        bridge = bridge.with_issuer(access_tokens.policy.clone(), feed.clone())?;
        scopes = access_tokens.scopes.clone();
    }
    let guard = Guard::new(bridge).with_face(face.clone());
    Ok((scopes.into_iter().map(Require::granted)).fold(guard, Guard::require))
}

/// What OAuth clients are told about this service: who issues the tokens that it takes.
fn protected_resource(
    settings: &ResourceSettings,
    policy: &Policy,
    access_tokens: Option<&AccessTokenSettings>,
) -> Result<ProtectedResource, StartError> {
    let policy = access_tokens.map_or(policy, |it| &it.policy);
    let resource = ProtectedResource::new(&settings.identifier)?;
    Ok(resource
        .authorization_server(policy.issuer())
        .scopes(&settings.scopes))
}

async fn refuse_foreign_schema(db: &UserDb, migrations: &MigrationSet) -> Result<(), StartError> {
    match db.schema_state(migrations).await {
        Ok(SchemaState::Current) => Ok(()),
        Ok(state) => Err(StartError::Schema { state }),
        Err(error) if error.is_transient() => {
            let error = chain(&error);
            tracing::warn!(error, "database out of reach; starting without it");
            Ok(())
        }
        Err(error) => Err(StartError::SchemaUnreadable(error)),
    }
}

/// What every worker is built from.
#[derive(Clone)]
struct Routes {
    guard: Guard,
    face: Face,
    resource: Option<ProtectedResource>,
    domains: DomainSet,
    document: ops::Document,
    readiness: Readiness,
    cors_origins: Vec<String>,
    body_limits: BodyLimits,
}

impl Routes {
    /// Puts together what stands between a request and these parts, as the settings say; limits are for who serves strangers.
    fn assemble(
        settings: &Settings,
        db: &UserDb,
        changes: &ChangeFeed,
        feed: &KeyFeed,
    ) -> Result<Self, StartError> {
        let (face, resource) = face(settings)?;
        let accounts = Arc::new(PgAccounts::start(db.clone(), settings.accounts.clone()));
        let cache_bytes = Some(settings.cache_bytes).filter(|bytes| *bytes > 0);
        let bridge = AuthBridge::new(settings.policy.clone(), feed.clone())
            .with_accounts(accounts.clone())
            .with_cache(cache_bytes);
        let guard = guard(bridge, settings.access_tokens.as_ref(), feed, &face)?;
        let domains = domains(db, changes, settings.retention, settings.deliveries.reach)?;
        let grace = settings.server.database_grace;
        Ok(Self {
            guard,
            face,
            resource,
            document: ops::Document::new(&domains),
            domains,
            readiness: Readiness::new(db.clone(), migrations()?, feed.clone(), accounts, grace),
            cors_origins: settings.cors_origins.clone(),
            body_limits: BodyLimits {
                any: settings.server.body_limit,
                import: settings.server.import_limit,
            },
        })
    }

    fn mount(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(self.face.clone());
        if let Some(resource) = &self.resource {
            resource.configure(cfg);
        }
        ops::mount(&self.readiness, &self.document, cfg);
        self.domains.mount(&self.guard, cfg);
    }
}

/// From the inside out. Compression stands outside of what replaces bodies, and the headers outside of everything that can answer
/// by itself.
fn app(
    routes: Routes,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let limits = routes.body_limits;
    let cors = headers::cors(&routes.cors_origins);
    App::new()
        .configure(move |cfg| routes.mount(cfg))
        .wrap(from_fn(move |request, next| {
            body_limit(limits, request, next)
        }))
        .wrap(from_fn(answer_panics))
        .wrap(cors)
        .wrap(from_fn(problem_details))
        .wrap(Compress::default())
        .wrap(from_fn(headers::safe_defaults))
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(from_fn(request_id))
}

fn listen(
    settings: &ServerSettings,
    listener: TcpListener,
    routes: Routes,
) -> Result<Server, StartError> {
    let mut server = HttpServer::new(move || app(routes.clone()))
        // Signals are the command line's business: a test's server must not take them.
        .disable_signals()
        .client_request_timeout(settings.header_timeout)
        .keep_alive(settings.keep_alive)
        .shutdown_timeout(settings.shutdown_timeout.as_secs_f64().ceil() as u64);
    let (workers, unread) = (workers(settings), settings.unread_timeout);
    server = server
        .workers(workers)
        .max_connections(settings.max_connections.div_ceil(workers))
        .on_connect(move |connection, _| cut_when_unread(connection, unread));
    Ok(server.listen(listener).map_err(StartError::Server)?.run())
}

/// Lets the system end a connection whose other side does not read what was sent. Nothing waits for it, but it holds memory.
fn cut_when_unread(connection: &dyn Any, after: Option<Duration>) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        // Without it the connection is as it would have been; nobody can do anything about that.
        let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(after);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, after);
}

/// How many threads answer requests; as many as there are cores, unless somebody has said otherwise.
fn workers(settings: &ServerSettings) -> usize {
    let cores = std::thread::available_parallelism();
    let workers = settings.workers.or(cores.ok());
    workers.map_or(1, std::num::NonZeroUsize::get)
}

/// The domains over a database that is never asked anything, for what only describes them.
pub(crate) fn described_domains() -> Result<DomainSet, Box<dyn std::error::Error>> {
    let nowhere = PoolSettings::new("postgres://nobody@localhost/nowhere")
        .expect("the text is a PostgreSQL URL");
    let db = UserDb::connect(&nowhere)?;
    let feed = ChangeFeed::new(db.clone(), ChangeFeedSettings::default());
    Ok(domains(&db, &feed, Retention::default(), Reach::Public)?)
}
