use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt,
    future::pending,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_core::UserId;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::sleep,
};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{
    Chain, Param, StoreError, UserDb,
    listening::{Change, Listener, listen},
};

/// Tells who waits for changes of a user's data that there may be some: in this process at once, in all others within some tens of
/// milliseconds, and wherever nothing is heard, within [`ChangeFeedSettings::poll_every`]. What has changed is to be read from
/// `app.events`; that there is nothing new costs a look.
///
/// Whoever changes a user's data calls [`touch`](Self::touch) after the commit. A `NOTIFY` for all who were touched within
/// [`GATHERED_FOR`](Self::GATHERED_FOR) is sent over a connection of its own: none of them waits for it, and no statement has a
/// trigger. A poll asks for the last number of everybody who is watched, in one statement, so that a notification that is
/// lost, as every one is behind a pooler in transaction mode, delays and loses nothing.
///
/// Clones are the same feed. Its tasks run on a thread of their own, from its first use to its last clone's end.
#[derive(Clone)]
pub struct ChangeFeed(Arc<Tasks>);

/// How a [`ChangeFeed`] learns of what other processes do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChangeFeedSettings {
    /// Keep a connection of its own that hears of changes at once. `false` where connections are scarce, or where the way
    /// to the database is a pooler that passes no notifications on. Default true.
    pub listen: bool,
    /// From one look at the last numbers to the next. Default 5 s.
    pub poll_every: Duration,
}

/// How a [`ChangeFeed`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeFeedStatus {
    /// Whether changes that other processes make are heard of at once.
    pub listening: bool,
    /// Whether the last poll failed.
    pub poll_failing: bool,
    /// Users whose changes somebody waits for.
    pub watched: usize,
}

/// One who waits for changes of one user's data.
#[derive(Debug)]
pub struct ChangeWatch {
    feed: Arc<Shared>,
    user: Uuid,
    changes: watch::Receiver<()>,
    closed: watch::Receiver<bool>,
}

/// What the tasks run on, and for; they end with it.
struct Tasks {
    shared: Arc<Shared>,
    /// From the first use on.
    running: OnceLock<[AbortHandle; 2]>,
}

struct Shared {
    db: UserDb,
    /// For what is said and asked, so that it does not wait behind requests.
    beside: UserDb,
    settings: ChangeFeedSettings,
    watched: Mutex<HashMap<Uuid, Watched>>,
    /// Whom nobody else has been told of yet.
    touched: Mutex<HashSet<Uuid>>,
    /// There are some.
    gathering: Notify,
    listening: AtomicBool,
    poll_failing: AtomicBool,
    closed: watch::Sender<bool>,
}

/// Somebody whose changes are waited for.
struct Watched {
    bell: watch::Sender<()>,
    /// The last number that a poll has seen.
    seen: i64,
}

/// The channel on which it is said whose data have changed.
const CHANNEL: &str = "drawbridge_changes";

/// PostgreSQL takes less than 8,000 bytes in one notification; an id has 36, and a comma.
const USERS_OF_ONE_NOTIFICATION: usize = 200;

/// Once a poll was missed, for as long as a request is waited for.
const POLL_WITHIN: Duration = Duration::from_secs(5);

impl ChangeFeed {
    /// So long the users whose data change are gathered for one notification.
    pub const GATHERED_FOR: Duration = Duration::from_millis(20);

    /// A feed of the changes in `db`. Needs no runtime around it, and does not wait for the database.
    pub fn new(db: UserDb, settings: ChangeFeedSettings) -> Self {
        // It fails for want of a thread or of TLS only, and then there is the pool.
        let beside = db
            .beside("drawbridge-changes", 1)
            .unwrap_or_else(|_| db.clone());
        let shared = Arc::new(Shared {
            db,
            beside,
            settings,
            watched: Mutex::default(),
            touched: Mutex::default(),
            gathering: Notify::new(),
            listening: AtomicBool::new(false),
            poll_failing: AtomicBool::new(false),
            closed: watch::Sender::new(false),
        });
        Self(Arc::new(Tasks {
            shared,
            running: OnceLock::new(),
        }))
    }

    /// Says that this user's data have changed: wakes who waits here, and tells the other processes soon. Costs no query.
    pub fn touch(&self, user: UserId) {
        self.touch_id(user.as_uuid());
    }

    pub(crate) fn touch_id(&self, user: Uuid) {
        let shared = self.0.run();
        shared.ring(user);
        if locked(&shared.touched).insert(user) {
            shared.gathering.notify_one();
        }
    }

    /// Waits for changes of this user's data, from now on.
    pub fn watch(&self, user: UserId) -> ChangeWatch {
        let feed = Arc::clone(self.0.run());
        let user = user.as_uuid();
        let changes = match locked(&feed.watched).entry(user) {
            Entry::Occupied(entry) => entry.get().bell.subscribe(),
            Entry::Vacant(entry) => {
                let (bell, changes) = watch::channel(());
                // The first poll may ring for nothing.
                entry.insert(Watched { bell, seen: 0 });
                changes
            }
        };
        let closed = feed.closed.subscribe();
        ChangeWatch {
            feed,
            user,
            changes,
            closed,
        }
    }

    /// Lets everybody who waits go: the service is about to stop.
    pub fn close(&self) {
        self.0.shared.closed.send_replace(true);
    }

    /// How it does at the moment.
    pub fn status(&self) -> ChangeFeedStatus {
        let shared = &self.0.shared;
        ChangeFeedStatus {
            listening: shared.listening.load(Ordering::Relaxed),
            poll_failing: shared.poll_failing.load(Ordering::Relaxed),
            watched: locked(&shared.watched).len(),
        }
    }
}

impl Tasks {
    fn run(&self) -> &Arc<Shared> {
        let shared = &self.shared;
        self.running.get_or_init(|| {
            let home = shared.beside.home();
            let (one, other) = (Arc::clone(shared), Arc::clone(shared));
            let announcing = home.spawn(async move { announce(&one).await });
            let following = home.spawn(async move {
                tokio::select! {
                    () = poll(&other) => {}
                    () = hear(&other) => {}
                }
            });
            [announcing.abort_handle(), following.abort_handle()]
        });
        shared
    }
}

impl ChangeWatch {
    /// Waits until the user's data may have changed since this was called last, or since the beginning. `false` when nobody will
    /// say so any more, as the service is about to stop.
    pub async fn changed(&mut self) -> bool {
        let changed = tokio::select! {
            changed = self.changes.changed() => changed.is_ok(),
            _ = self.closed.wait_for(|closed| *closed) => false,
        };
        changed && !self.is_closed()
    }

    /// Whether the service is about to stop.
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }
}

impl Drop for ChangeWatch {
    fn drop(&mut self) {
        let mut watched = locked(&self.feed.watched);
        if let Entry::Occupied(entry) = watched.entry(self.user)
            // This one still counts.
            && entry.get().bell.receiver_count() <= 1
        {
            entry.remove();
        }
    }
}

impl Shared {
    fn ring(&self, user: Uuid) {
        if let Some(watched) = locked(&self.watched).get(&user) {
            watched.bell.send_replace(());
        }
    }

    /// Says who has changed.
    async fn tell(&self, users: &[Uuid]) -> Result<(), StoreError> {
        let ids: Vec<String> = users.iter().map(Uuid::to_string).collect();
        self.say(&ids.join(",")).await
    }

    /// Asks for the last numbers of all who are watched, and rings for those that have grown.
    async fn look(&self) -> Result<(), StoreError> {
        let users: Vec<Uuid> = locked(&self.watched).keys().copied().collect();
        if users.is_empty() {
            return Ok(());
        }
        let rows = self
            .beside
            .as_role_within(POLL_WITHIN, async |client| {
                let params: [(Param<'_>, Type); 1] = [(&users, Type::UUID_ARRAY)];
                client.query_typed(LAST_SEQS, &params).await
            })
            .await?;
        let mut watched = locked(&self.watched);
        for row in rows {
            let (user, last): (Uuid, i64) = (row.try_get(0)?, row.try_get(1)?);
            if let Some(watched) = watched.get_mut(&user)
                && watched.seen < last
            {
                watched.seen = last;
                watched.bell.send_replace(());
            }
        }
        Ok(())
    }
}

const LAST_SEQS: &str = "SELECT user_id, last_seq FROM app.last_seqs($1)";

/// Tells the other processes, some at a time.
async fn announce(shared: &Shared) {
    loop {
        shared.gathering.notified().await;
        sleep(ChangeFeed::GATHERED_FOR).await;
        let users: Vec<Uuid> = locked(&shared.touched).drain().collect();
        for users in users.chunks(USERS_OF_ONE_NOTIFICATION) {
            if let Err(error) = shared.tell(users).await {
                // They will poll.
                tracing::debug!(cause = %Chain(&error), "changes cannot be told to other servers");
            }
        }
    }
}

async fn poll(shared: &Shared) {
    loop {
        sleep(shared.settings.poll_every).await;
        let looked = shared.look().await;
        let failing = looked.is_err();
        match (looked, shared.poll_failing.swap(failing, Ordering::Relaxed)) {
            (Err(error), false) => {
                tracing::warn!(cause = %Chain(&error), "changes cannot be polled: who waits for them may wait longer");
            }
            (Ok(()), true) => tracing::info!("changes are polled again"),
            _ => {}
        }
    }
}

async fn hear(shared: &Shared) {
    match shared.settings.listen {
        true => listen(shared).await,
        false => pending().await,
    }
}

impl Listener for Shared {
    const CHANNEL: &'static str = CHANNEL;
    const WHAT: &'static str = "changes of users' data";

    fn database(&self) -> (&UserDb, &'static str) {
        (&self.db, "drawbridge-changes")
    }

    async fn say(&self, payload: &str) -> Result<(), StoreError> {
        let said = self.beside.as_role_within(POLL_WITHIN, async |client| {
            let params: [(Param<'_>, Type); 2] = [(&CHANNEL, Type::TEXT), (&payload, Type::TEXT)];
            let sql = "SELECT pg_notify($1, $2)";
            client.query_typed(sql, &params).await
        });
        said.await.map(drop)
    }

    fn hears(&self, all: bool) -> Change {
        metrics::gauge!("changes_listening").set(if all { 1.0 } else { 0.0 });
        if all {
            // What happened before was said to nobody.
            let watched = locked(&self.watched);
            watched.values().for_each(|it| it.bell.send_replace(()));
        }
        Change::of(self.listening.swap(all, Ordering::Relaxed) != all)
    }

    fn heard(&self, payload: &str) {
        let users = payload.split(',').filter_map(|id| id.parse().ok());
        users.for_each(|user| self.ring(user));
    }
}

/// A panic while it was held has left nothing half done.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for ChangeFeedSettings {
    fn default() -> Self {
        Self {
            listen: true,
            poll_every: Duration::from_secs(5),
        }
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        let running = self.running.get().into_iter().flatten();
        running.for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for ChangeFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChangeFeed").field(&self.status()).finish()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
