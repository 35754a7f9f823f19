use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use auth_core::{Identity, UserId};
use deadpool_postgres::{Client, Pool};
use futures_util::join;
use tokio::{runtime::Handle, sync::OnceCell, time::timeout};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};
use tracing::{Instrument, Span};

use crate::{
    PoolSettings, StoreError,
    lease::{Lease, flatten},
    pool::{Home, RoleName},
};

/// A parameter of a statement: `$2` and up. `$1` is the user and is bound by the scope.
pub type Param<'a> = &'a (dyn ToSql + Sync);

/// The database, to be entered as one user.
///
/// Holding a `UserDb` gives no access to a single row: [`as_user`](Self::as_user) wants an [`Identity`], and only a verified
/// token yields one. The pool itself is not handed out. Cloning is cheap; clones share the pool.
#[derive(Clone)]
pub struct UserDb {
    /// Everybody's, or that of one worker.
    pool: Pool,
    shared: Arc<Shared>,
}

struct Shared {
    /// Everybody's.
    pool: Pool,
    home: Home,
    /// For what wants a connection beside the pool.
    settings: PoolSettings,
    role: RoleName,
    statement_deadline: Duration,
    prepared_statements: bool,
    /// Parameter types of statements seen so far; used only when statements may not stay prepared.
    parameter_types: RwLock<HashMap<String, Arc<[Type]>>>,
    /// See [`UserDb::secret`].
    secret: OnceCell<Box<[u8]>>,
    /// Of all workers that have one.
    workers_pools: Mutex<HashMap<ThreadId, Pool>>,
}

/// How a pool's connections stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Connections {
    /// So many may be open.
    pub most: usize,
    /// So many are open.
    pub open: usize,
    /// So many of those wait for work.
    pub idle: usize,
    /// So many requests wait for one.
    pub waiting: usize,
}

impl UserDb {
    /// A pool for the database that `settings` names. Its connections live on a thread of the pool's own, so it does not matter
    /// where it is made or which worker uses them. Connects when the first statement needs it, so that a service can
    /// start before its database.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when TLS cannot be set up on this machine.
    pub fn connect(settings: &PoolSettings) -> Result<Self, StoreError> {
        let (pool, home) = settings.build()?;
        Ok(Self {
            pool: pool.clone(),
            shared: Arc::new(Shared {
                pool,
                home,
                settings: settings.clone(),
                role: settings.role.clone(),
                statement_deadline: settings.statement_deadline,
                prepared_statements: settings.prepared_statements,
                parameter_types: RwLock::default(),
                secret: OnceCell::default(),
                workers_pools: Mutex::default(),
            }),
        })
    }

    /// The same database for the worker that this is called in, with a pool of its own if [`PoolSettings::workers`] says so. Its
    /// connections live on the worker's runtime, so that a statement's answer wakes no other thread, and end with it. To be
    /// used in that worker alone; called there again, it gives the same pool.
    #[must_use]
    pub fn for_worker(&self) -> Self {
        let Ok(mut pools) = self.shared.workers_pools.lock() else {
            return self.clone();
        };
        let pool = match pools.entry(thread::current().id()) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => match self.shared.settings.build_for_worker() {
                Ok(Some(pool)) => entry.insert(pool).clone(),
                // What cannot be set up for one worker could not be for all; then they share.
                _ => return self.clone(),
            },
        };
        self.over(pool)
    }

    /// The same, where the worker that this is called in has got a pool of its own before; else this one. For what all workers
    /// share and each of them uses: when they have most of the connections, few are left for everybody.
    pub(crate) fn of_this_worker(&self) -> Self {
        let pools = self.shared.workers_pools.lock();
        let pool = pools
            .ok()
            .and_then(|pools| pools.get(&thread::current().id()).cloned());
        pool.map_or_else(|| self.clone(), |pool| self.over(pool))
    }

    fn over(&self, pool: Pool) -> Self {
        Self {
            pool,
            shared: Arc::clone(&self.shared),
        }
    }

    /// The database as `identity`'s user sees it. Free of charge: nothing is sent before the first statement.
    pub fn as_user(&self, identity: &Identity) -> UserScope {
        UserScope {
            db: self.clone(),
            user_id: identity.user_id(),
        }
    }

    /// The database as nobody sees it, for work in the background.
    pub fn background(&self) -> Background {
        Background { db: self.clone() }
    }

    /// The same database for what is done without a request, by [`Chores`](crate::Chores) and [`background`](Self::background):
    /// over at most two connections beside the pool (`drawbridge-chores`), so that no request waits for it.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when TLS cannot be set up on this machine.
    pub fn for_chores(&self) -> Result<Self, StoreError> {
        self.beside("drawbridge-chores", 2)
    }

    /// Whether the database serves requests: it answers within the statement deadline, also to the role that they run as.
    ///
    /// # Errors
    /// The [`StoreError`] that a request would meet.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.as_role(async |_| Ok(())).await
    }

    /// What all replicas of the service share and nobody else knows, for instance to sign what a client is to bring back
    /// unchanged. Made by the migration that makes `app.secrets`, read once. Derive a key for each use from it.
    ///
    /// # Errors
    /// Any [`StoreError`], the first time.
    pub async fn secret(&self) -> Result<&[u8], StoreError> {
        let read = || async {
            const SECRET: &str = "SELECT value FROM app.secrets WHERE name = 'service'";
            let read = self.as_role(async |client| client.query_one(SECRET, &[]).await?.try_get(0));
            read.await.map(|value: Vec<u8>| value.into_boxed_slice())
        };
        let secret = self.shared.secret.get_or_try_init(read).await;
        secret.map(AsRef::as_ref)
    }

    /// Closes the pool: connections in use end with their transaction, waiting callers are refused.
    pub fn close(&self) {
        self.shared.pool.close();
        if let Ok(pools) = self.shared.workers_pools.lock() {
            pools.values().for_each(Pool::close);
        }
    }

    pub(crate) fn settings(&self) -> &PoolSettings {
        &self.shared.settings
    }

    /// How the connections of requests stand, those of all workers together.
    pub fn connections(&self) -> Connections {
        let pools = self.shared.workers_pools.lock();
        let pools = pools.iter().flat_map(|pools| pools.values());
        let mut all = Connections::default();
        for status in pools.chain([&self.shared.pool]).map(Pool::status) {
            all.most += status.max_size;
            all.open += status.size;
            all.idle += status.available;
            all.waiting += status.waiting;
        }
        all
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.shared.pool.is_closed()
    }

    /// The runtime that the connections live on, which ends with the last clone of this.
    pub(crate) fn home(&self) -> Handle {
        self.shared.home.handle()
    }

    /// What a connection beside the pool is made from: with a name of its own in `pg_stat_activity`, unless the URL names all.
    pub(crate) fn connection_beside(&self, name: &str) -> tokio_postgres::Config {
        let settings = &self.shared.settings;
        let mut config = settings.connection();
        if settings.config.get_application_name().is_none() {
            config.application_name(name);
        }
        config
    }

    /// The time for one of them.
    pub(crate) fn connect_within(&self) -> Duration {
        self.shared.settings.connect_within()
    }

    /// Connections to the same database that requests do not wait for, on a thread of their own.
    pub(crate) fn beside(&self, name: &str, connections: usize) -> Result<Self, StoreError> {
        let mut settings = self.shared.settings.clone();
        settings.max_connections = connections;
        settings.workers = 0;
        settings.config = self.connection_beside(name);
        Self::connect(&settings)
    }

    pub(crate) async fn lease(&self) -> Result<Lease, StoreError> {
        match self.pool.get().await {
            Ok(client) => Ok(Lease::new(client)),
            Err(error) => Err(StoreError::Unavailable(Box::new(error))),
        }
    }

    /// Runs `work` in a transaction of the requests' role, in which nobody is asking: it can read what belongs to no user.
    pub(crate) async fn as_role<T>(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        self.as_role_within(self.shared.statement_deadline, work)
            .await
    }

    /// The same, when the answer is of use for a shorter time than a statement may take.
    pub(crate) async fn as_role_within<T>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let limit = limit.min(self.shared.statement_deadline);
        let lease = self.lease().await?;
        lease.open();
        let done = timeout(limit, async {
            let begun = lease.batch_execute(&self.begin_as_role(limit)).await;
            begun.map_err(StoreError::of_begin)?;
            let done = work(&lease).await?;
            lease.batch_execute("COMMIT").await?;
            Ok::<_, StoreError>(done)
        })
        .await;
        let done = flatten(done)?;
        lease.closed();
        Ok(done)
    }

    /// `BEGIN` and who is asking, as one message.
    fn begin(&self, user_id: UserId) -> String {
        // A UUID in its hyphenated form holds nothing that could end the literal.
        let user = user_id.as_uuid().hyphenated();
        let begin = self.begin_as_role(self.shared.statement_deadline);
        format!("{begin};SET LOCAL app.user_id='{user}'")
    }

    /// All that a transaction relies on is said in each of them. The role, because behind a pooler the next transaction may
    /// run on another server connection, and forgetting it there would open every row. The isolation level, because the
    /// statements are written for it and a database may have another default. That it writes, because a standby refuses that,
    /// and what a standby reads may be of any age. The search path, because whoever may make things in schema `public` could
    /// put an operator there that fits better than PostgreSQL's own, and have it called by us. The time zone, because a column
    /// without one is compared as if it were in ours. The limits, so that a client who vanishes in the middle cannot keep a
    /// user's row locked.
    ///
    /// `READ WRITE` is a statement after `BEGIN`: a `BEGIN` that fails leaves no transaction behind, and what is on its way
    /// already would run outside of one.
    fn begin_as_role(&self, limit: Duration) -> String {
        let role = self.shared.role.as_str();
        let limit = limit.as_millis().clamp(1, 600_000);
        let idle = 2 * limit;
        format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED;SET TRANSACTION READ WRITE;SET LOCAL ROLE {role};\
             SET LOCAL search_path=pg_catalog,pg_temp;SET LOCAL timezone='UTC';SET LOCAL statement_timeout={limit};\
             SET LOCAL idle_in_transaction_session_timeout={idle}"
        )
    }

    /// The types of a statement's parameters, for where it may not stay prepared.
    async fn types(&self, lease: &Lease, sql: &str) -> Result<Arc<[Type]>, StoreError> {
        let deadline = self.shared.statement_deadline;
        let known = self
            .shared
            .parameter_types
            .read()
            .ok()
            .and_then(|map| map.get(sql).cloned());
        if let Some(types) = known {
            return Ok(types);
        }
        // Learn the types once. Inside a transaction, so that a pooler keeps us on one server connection until the
        // statement is closed again there.
        lease.open();
        let types: Arc<[Type]> = flatten(
            timeout(deadline, async {
                let begun = lease.batch_execute(&self.begin_as_role(deadline)).await;
                begun.map_err(StoreError::of_begin)?;
                let types = lease.prepare(sql).await?.params().into();
                lease.batch_execute("ROLLBACK").await?;
                Ok::<_, StoreError>(types)
            })
            .await,
        )?;
        lease.closed();
        if let Ok(mut map) = self.shared.parameter_types.write() {
            map.insert(sql.to_owned(), Arc::clone(&types));
        }
        Ok(types)
    }
}

impl fmt::Debug for UserDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDb")
            .field("pool", &self.pool.status())
            .finish_non_exhaustive()
    }
}

/// The database for work that no user has asked for: the functions of the schema that are made for it.
///
/// Nobody is asking here. A statement that names a user's table is an error, as row-level security has nobody to compare with; what
/// can be called are functions that run with rights of their own.
#[derive(Clone, Debug)]
pub struct Background {
    db: UserDb,
}

impl Background {
    /// Runs one statement in a transaction of its own and gives its rows. `$1` is the first of `params`.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.db
            .as_role(async |client| client.query(sql, params).await)
            .await
    }
}

/// The database as one user sees it: the only place where a user's rows can be reached.
///
/// `$1` of every statement is the user's id and is bound here. A statement that does not name `$1` is refused before it runs,
/// so a forgotten `WHERE user_id = $1` is an error and not a leak; and behind it stands
/// row-level security, tied to the same id.
#[derive(Clone, Debug)]
pub struct UserScope {
    db: UserDb,
    user_id: UserId,
}

impl UserScope {
    /// Whose rows these are.
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Runs one statement in a transaction of its own and gives its rows. Begin, statement and commit travel together: one
    /// round trip, and one more when a connection meets the statement for the first time.
    ///
    /// The statement is carried out whole or not at all, also when the caller goes away in the middle: it and its commit are on
    /// the wire before an answer to either is awaited.
    ///
    /// Names of tables and functions need their schema, unless they are PostgreSQL's own: `search_path` is
    /// `pg_catalog, pg_temp`. `TimeZone` is UTC.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.run(Text::Kept(sql), params, Lock::None).await
    }

    /// [`query`](Self::query) for a change that depends on what is there: the user's other changes are held back until it is
    /// done, so that it sees what each of them left. Still one round trip.
    ///
    /// Without the user's row in `app.users` there is nothing to lock, and nothing that could be changed.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn change(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        self.run(Text::Kept(sql), params, Lock::User).await
    }

    /// [`query`](Self::query) for a statement whose text was put together for this request, with the types of its parameters
    /// from `$2` on. It is planned for these very parameters, and nothing of it stays on the connection: of all the texts that
    /// clients can bring about, none is kept.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn query_once(
        &self,
        sql: &str,
        params: &[(Param<'_>, Type)],
    ) -> Result<Vec<Row>, StoreError> {
        let types = std::iter::once(Type::UUID).chain(params.iter().map(|(_, kind)| kind.clone()));
        let values: Vec<Param<'_>> = params.iter().map(|(value, _)| *value).collect();
        self.run(Text::Once(sql, types.collect()), &values, Lock::None)
            .await
    }

    async fn run(
        &self,
        text: Text<'_>,
        params: &[Param<'_>],
        lock: Lock,
    ) -> Result<Vec<Row>, StoreError> {
        let (Text::Kept(sql) | Text::Once(sql, _)) = &text;
        let span = statement(sql);
        self.run_alone(text, params, lock).instrument(span).await
    }

    async fn run_alone(
        &self,
        text: Text<'_>,
        params: &[Param<'_>],
        lock: Lock,
    ) -> Result<Vec<Row>, StoreError> {
        let lease = self.db.lease().await?;
        let shared = &self.db.shared;
        let (sql, types) = match text {
            Text::Once(sql, types) => (sql, Some(types)),
            Text::Kept(sql) if shared.prepared_statements => (sql, None),
            Text::Kept(sql) => (sql, Some(self.db.types(&lease, sql).await?)),
        };

        let begin = self.db.begin(self.user_id);
        let user = self.user_id.as_uuid();
        // Not before its BEGIN: what the names and operators in it mean is settled here, by the transaction's search path.
        let statement = async {
            lease.open();
            let plan = match types {
                Some(types) => Plan::Typed(types),
                None => Plan::Prepared(lease.prepare_cached(sql).await?),
            };
            // A statement of its own: what the change sees is what there is once the lock is had.
            let lock = match lock {
                Lock::None => None,
                Lock::User if shared.prepared_statements => {
                    Some(Plan::Prepared(lease.prepare_cached(LOCK_USER).await?))
                }
                Lock::User => Some(Plan::Typed([Type::UUID].into())),
            };
            lease.closed();
            let locking = async {
                match &lock {
                    Some(plan) => plan.run(&lease, LOCK_USER, &user, &[]).await.map(drop),
                    None => Ok(()),
                }
            };
            let (locked, rows, committed) = join!(
                locking,
                plan.run(&lease, sql, &user, params),
                lease.batch_execute("COMMIT"),
            );
            locked?;
            let rows = rows?;
            committed?;
            Ok::<_, tokio_postgres::Error>(rows)
        };
        let answer = timeout(shared.statement_deadline, async {
            let (begun, rows) = join!(lease.batch_execute(&begin), statement);
            if let Err(error) = begun {
                // Another connection may lead to a server that is in order.
                lease.open();
                return Err(StoreError::of_begin(error));
            }
            Ok(rows?)
        })
        .await;
        lease.settle(answer)
    }

    /// [`query`](Self::query) for a statement that gives at most one row.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::Broken`] for more than one row.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        at_most_one(self.query(sql, params).await?)
    }

    /// [`change`](Self::change) for a statement that gives at most one row.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::Broken`] for more than one row.
    pub async fn change_opt(
        &self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        at_most_one(self.change(sql, params).await?)
    }

    /// Runs several statements in one transaction: committed when `work` answers `Ok`, rolled back when it answers `Err`. When
    /// the caller goes away in the middle, the connection is closed, which rolls back, and nobody gets it after.
    ///
    /// # Errors
    /// What `work` answers, or any [`StoreError`] of beginning and committing.
    pub async fn transaction<T, E>(
        &self,
        work: impl AsyncFnOnce(&UserTx<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let lease = self.db.lease().await?;
        let deadline = self.db.shared.statement_deadline;
        lease.open();
        let begun = timeout(deadline, async {
            let begun = lease.batch_execute(&self.db.begin(self.user_id)).await;
            begun.map_err(StoreError::of_begin)
        })
        .await;
        flatten(begun)?;

        let tx = UserTx {
            db: &self.db,
            client: &lease,
            user_id: self.user_id,
            failed: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        let worked = work(&tx).await;
        if tx.lost.into_inner() {
            // No answer came to one of the statements; asking that connection to roll back would only wait again.
            return match worked {
                Ok(_) => Err(StoreError::OutcomeUnknown(None).into()),
                Err(error) => Err(error),
            };
        }
        // PostgreSQL answers COMMIT after a failed statement with a roll-back and no error: what was reported as done would
        // not be there.
        let worked = match worked {
            Ok(_) if tx.failed.into_inner() => Err(StoreError::Broken(PASSED_OVER.into()).into()),
            worked => worked,
        };
        let end = if worked.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = flatten(timeout(deadline, lease.batch_execute(end)).await);
        if ended.is_ok() {
            lease.closed();
        }
        match (worked, ended) {
            (Ok(_), Err(error)) => Err(error.into()),
            (worked, _) => worked,
        }
    }
}

/// An open transaction of one user. Made by [`UserScope::transaction`] only.
pub struct UserTx<'a> {
    db: &'a UserDb,
    client: &'a Client,
    user_id: UserId,
    /// A statement of this transaction was refused: nothing of it can be committed.
    failed: AtomicBool,
    /// A statement of this transaction got no answer: nobody knows what the connection is doing.
    lost: AtomicBool,
}

impl UserTx<'_> {
    /// Whose rows these are.
    pub fn user_id(&self) -> UserId {
        self.user_id
    }

    /// Holds the user's other changes back until this transaction ends: what is read after it stays true. `false` when the user
    /// was erased meanwhile.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn lock_user(&self) -> Result<bool, StoreError> {
        Ok(self.query_opt(LOCK_USER, &[]).await?.is_some())
    }

    /// Runs one statement inside this transaction; `$1` is the user's id.
    ///
    /// # Errors
    /// Any [`StoreError`]. After one, PostgreSQL ignores further statements of this transaction: give the error up.
    pub async fn query(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, StoreError> {
        let user = self.user_id.as_uuid();
        let answer = timeout(self.db.shared.statement_deadline, async {
            let statement = if self.db.shared.prepared_statements {
                self.client.prepare_cached(sql).await?
            } else {
                // Already inside a transaction: the statement lives and dies with it.
                self.client.prepare(sql).await?
            };
            Plan::Prepared(statement)
                .run(self.client, sql, &user, params)
                .await
        })
        .instrument(statement(sql))
        .await;
        match &answer {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => self.failed.store(true, Ordering::Relaxed),
            Err(_) => self.lost.store(true, Ordering::Relaxed),
        }
        flatten(answer)
    }

    /// [`query`](Self::query) for a statement that gives at most one row.
    ///
    /// # Errors
    /// Any [`StoreError`]; [`StoreError::Broken`] for more than one row.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Option<Row>, StoreError> {
        at_most_one(self.query(sql, params).await?)
    }

    /// Does `work` as a part of this transaction that stands or falls by itself: when it answers `Err`, nothing of it is left, and
    /// the transaction goes on, also after a statement that PostgreSQL has refused.
    ///
    /// # Errors
    /// What `work` answers, or any [`StoreError`] of beginning and ending the part. After one of these the transaction is of no use.
    pub async fn part<T, E>(&self, work: impl AsyncFnOnce(&Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.say("SAVEPOINT part").await?;
        let worked = work(self).await;
        if self.lost.load(Ordering::Relaxed) {
            return worked;
        }
        let failed = self.failed.load(Ordering::Relaxed);
        match worked {
            Ok(done) if !failed => {
                self.say("RELEASE part").await?;
                Ok(done)
            }
            worked => {
                self.say("ROLLBACK TO part; RELEASE part").await?;
                self.failed.store(false, Ordering::Relaxed);
                match worked {
                    Ok(_) => Err(StoreError::Broken(PASSED_OVER.into()).into()),
                    worked => worked,
                }
            }
        }
    }

    /// Says something that has neither parameters nor rows.
    async fn say(&self, words: &str) -> Result<(), StoreError> {
        let deadline = self.db.shared.statement_deadline;
        let answer = timeout(deadline, self.client.batch_execute(words)).await;
        match &answer {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.failed.store(true, Ordering::Relaxed),
            Err(_) => self.lost.store(true, Ordering::Relaxed),
        }
        flatten(answer)
    }
}

/// What a trace shows of a statement. Its text is ours: what users have written is in parameters.
fn statement(sql: &str) -> Span {
    tracing::debug_span!(
        target: "auth_pg::statement",
        "postgresql",
        otel.kind = "client",
        db.system.name = "postgresql",
        db.query.text = sql,
    )
}

const PASSED_OVER: &str = "a failed statement was passed over";

impl fmt::Debug for UserTx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserTx")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

const LOCK_USER: &str = "SELECT user_id FROM app.users WHERE user_id = $1 FOR UPDATE";

/// A statement, and what becomes of it after.
enum Text<'a> {
    /// One of a fixed number of texts: worth keeping prepared.
    Kept(&'a str),
    /// Made for this request, with the types of all its parameters.
    Once(&'a str, Arc<[Type]>),
}

/// What is locked before the statement.
#[derive(Clone, Copy)]
enum Lock {
    None,
    User,
}

enum Plan {
    Prepared(tokio_postgres::Statement),
    Typed(Arc<[Type]>),
}

impl Plan {
    async fn run(
        &self,
        client: &Client,
        sql: &str,
        user: &uuid::Uuid,
        params: &[Param<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let all = std::iter::once(user as Param<'_>).chain(params.iter().copied());
        match self {
            Self::Prepared(statement) => client.query(statement, &all.collect::<Vec<_>>()).await,
            Self::Typed(types) => {
                client
                    .query_typed(sql, &all.zip(types.iter().cloned()).collect::<Vec<_>>())
                    .await
            }
        }
    }
}

fn at_most_one(mut rows: Vec<Row>) -> Result<Option<Row>, StoreError> {
    match rows.len() {
        0 | 1 => Ok(rows.pop()),
        n => Err(StoreError::Broken(
            format!("expected at most one row, got {n}").into(),
        )),
    }
}

const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<UserDb>();
    is_shared::<UserScope>();
};
