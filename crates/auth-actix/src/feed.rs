mod preload;
mod status;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;
use auth_core::{AbsentKeys, FetchFailure, KeyBook, KeyRing, KeyState, Lookup, Wanted};
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::timeout;

use self::preload::preload;
use crate::address;
use crate::fetch::{Fetched, Fetcher};
use crate::keeper::Keeper;
use crate::refresher::{Orders, Refresher, now};
use crate::refusal::Refusal;
use crate::report::Report;
use crate::settings::{KeyFeedError, KeyFeedSettings};
use crate::snapshot::SnapshotFile;
use crate::vitals::{Tally, Vitals};

pub use self::status::KeyFeedStatus;

/// The issuer's keys, always at hand.
///
/// One per process and issuer: the feed owns a thread that fetches the key set, renews it ahead of
/// time and asks again, within limits, when a token names a key it does not know. Requests read a
/// published snapshot and touch no lock; only a request with an unknown key ever waits, and no
/// longer than `wait`. What to do when is decided by [`KeyBook`]; `docs/jwks.md` tells the whole
/// story, with what the feed logs and measures.
///
/// A clone is another handle. Make it outside of the closure of `HttpServer::new`: made inside,
/// there is one per worker. The thread ends with [`stop`](Self::stop) or with the last handle.
#[derive(Clone)]
pub struct KeyFeed(Arc<Handle>);

struct Handle {
    book: Arc<ArcSwap<KeyBook>>,
    tally: Arc<Tally>,
    /// Only requests with an unknown key come here.
    absent: Mutex<AbsentKeys>,
    orders: watch::Sender<Orders>,
    changes: watch::Receiver<()>,
    wait: Duration,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    /// Waits for the thread, too: OpenSSL takes itself down when the process exits, and a thread
    /// that is still inside it then crashes. It ends within milliseconds, whatever it is at.
    fn stop(&self) {
        self.orders.send_modify(|orders| orders.stop = true);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            // Waking a request may drop it, and the last handle with it, on the thread itself.
            .filter(|thread| thread.thread().id() != thread::current().id());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the key feed's thread ended with a panic");
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Keys that may be used now.
#[derive(Clone, Debug)]
pub struct KeysInForce {
    /// The keys.
    pub ring: Arc<KeyRing>,
    /// What to remember beside a token that was verified with them: see [`KeyFeed::epoch`].
    pub epoch: u64,
}

impl KeyFeed {
    /// Starts the refresher, which asks the issuer at once, and returns without waiting for it.
    /// Keys of the snapshot or of the seed file are in force when it returns.
    ///
    /// # Errors
    /// [`KeyFeedError`] for settings that cannot work, an unusable seed file, and when no thread
    /// can be had. The issuer's absence is no error, and neither is an unusable snapshot.
    pub fn start(settings: &KeyFeedSettings) -> Result<Self, KeyFeedError> {
        let (source, book) = settings.checked()?;
        let jwks_url = address::shown(source.uri());
        if address::is_in_the_clear(source.uri()) {
            tracing::warn!(
                jwks_url,
                "the issuer's keys are fetched over plain http: anyone on the way could forge \
                 every identity"
            );
        }
        let snapshot = settings
            .snapshot_file
            .clone()
            .map(|path| SnapshotFile::new(path, source.uri().to_string()));
        let mut book = KeyBook::new(book);
        preload(&mut book, settings.seed_file.as_deref(), snapshot.as_ref())?;
        let limits = settings.clone();
        let absent = AbsentKeys::new(settings.absent_keys, settings.absent_for);
        let start = Start {
            book,
            absent,
            wait: settings.wait,
            jwks_url,
            keeper: snapshot.map(Keeper::new),
        };
        Self::spawn(start, move || Fetcher::new(source, &limits).open())
    }

    /// The keys that decide about a token with this key id: the key is among them, or the issuer
    /// does not have it as far as it may be asked now. A token without a key id gets whatever is
    /// in force.
    ///
    /// For a known key this neither waits nor locks. Dropping the future affects nobody else.
    ///
    /// # Errors
    /// [`Refusal::KeysUnavailable`] when it cannot be known in time.
    pub async fn ring_for(&self, key_id: Option<&str>) -> Result<KeysInForce, Refusal> {
        let arrived = {
            let book = self.0.book.load();
            let arrived = book.attempts();
            if let Some(settled) = self.settle(&book, key_id, arrived) {
                return settled;
            }
            arrived
        };
        // Listen first, look then: what changes in between is not missed.
        let mut changes = self.0.changes.clone();
        changes.mark_unchanged();
        let answer = async {
            loop {
                if let Some(settled) = self.settle(&self.0.book.load(), key_id, arrived) {
                    return settled;
                }
                if changes.changed().await.is_err() {
                    return Err(unavailable());
                }
            }
        };
        timeout(self.0.wait, answer)
            .await
            .unwrap_or_else(|_| Err(unavailable()))
    }

    /// The ring in force, without asking for anything.
    ///
    /// # Errors
    /// [`Refusal::KeysUnavailable`] when there is none, or it is too old.
    pub fn ring(&self) -> Result<Arc<KeyRing>, Refusal> {
        let book = self.0.book.load();
        book.ring_in_force(now()).cloned().ok_or_else(unavailable)
    }

    /// The epoch of the keys in force; `None` while there are none. A token that was verified with
    /// the keys of one epoch stays verified as long as this stays the same: see
    /// [`KeyBook::epoch`].
    ///
    /// To be asked once for a request that is served from a cache: it counts as served with stale
    /// keys if they are. Takes no lock, allocates nothing.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        let book = self.0.book.load();
        let state = book.state(now());
        if state == KeyState::Stale {
            self.0.tally.served_stale();
        }
        state.serves().then(|| book.epoch())
    }

    /// Asks the issuer once more, soon: for an operator who has just rotated or withdrawn a key.
    /// Neither the allowance for unknown keys nor the pause after a failure holds it back. If an
    /// attempt is under way, one more follows it.
    pub fn refresh_now(&self) {
        let attempt = self.0.book.load().attempts() + 1;
        self.order(attempt, |wanted| &mut wanted.manual);
    }

    /// Waits until there are keys to verify with; at start-up, so that the first requests do not
    /// have to. Giving up is no failure: the feed goes on trying.
    ///
    /// # Errors
    /// [`Refusal::KeysUnavailable`] when there are none after `limit`.
    pub async fn first_keys(&self, limit: Duration) -> Result<(), Refusal> {
        let mut changes = self.0.changes.clone();
        let keys = async {
            while !self.0.book.load().state(now()).serves() {
                if changes.changed().await.is_err() {
                    return Err(unavailable());
                }
            }
            Ok(())
        };
        timeout(limit, keys)
            .await
            .unwrap_or_else(|_| Err(unavailable()))
    }

    /// What the feed is about.
    #[must_use]
    pub fn status(&self) -> KeyFeedStatus {
        let (book, now) = (self.0.book.load(), now());
        KeyFeedStatus {
            state: book.state(now),
            keys: book.ring().map_or(0, |ring| ring.len()),
            skipped_keys: book.ring().map_or(0, |ring| ring.skipped().len()),
            age: book.age(now),
            last_success: book.fetched_at(),
            last_error: book.last_failure().map(str::to_owned),
            last_fault: book.last_fault(),
            fetches: book.attempts(),
            running: self.0.changes.has_changed().is_ok(),
            panics: self.0.tally.panics(),
        }
    }

    /// Ends the refresher's thread. Known keys are served until they are too old.
    ///
    /// The last handle does this when it is dropped. A server calls it before it exits, in case
    /// its workers still hold handles then.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// What is to be said about the key now; `None`: look again after the next change.
    fn settle(
        &self,
        book: &KeyBook,
        key_id: Option<&str>,
        arrived: u64,
    ) -> Option<Result<KeysInForce, Refusal>> {
        let now = now();
        let keys = |ring: &Arc<KeyRing>| KeysInForce {
            ring: Arc::clone(ring),
            epoch: book.epoch(),
        };
        let absent = || self.0.absent.lock().unwrap_or_else(PoisonError::into_inner);
        match book.look_up(key_id, arrived, now) {
            Lookup::Known(ring) => {
                if book.state(now) == KeyState::Stale {
                    self.0.tally.served_stale();
                }
                Some(Ok(keys(ring)))
            }
            Lookup::CoolingDown(ring) => Some(Ok(keys(ring))),
            Lookup::Absent(ring) => {
                absent().insert(key_id.unwrap_or_default(), book.generation(), now);
                Some(Ok(keys(ring)))
            }
            Lookup::Unavailable { retry_after } => {
                Some(Err(Refusal::KeysUnavailable { retry_after }))
            }
            open @ (Lookup::Wait | Lookup::Ask { .. }) => {
                if let (Some(ring), Some(key_id)) = (book.ring_in_force(now), key_id)
                    && absent().contains(key_id, book.generation(), now)
                {
                    return Some(Ok(keys(ring)));
                }
                if let Lookup::Ask { attempt } = open {
                    self.order(attempt, |wanted| &mut wanted.unknown_key);
                }
                None
            }
        }
    }

    /// Asks the refresher for this attempt, for one of its reasons. It hears of it if that is news.
    fn order(&self, attempt: u64, reason: fn(&mut Wanted) -> &mut u64) {
        self.0.orders.send_if_modified(|orders| {
            let wanted = reason(&mut orders.wanted);
            std::mem::replace(wanted, attempt.max(*wanted)) < attempt
        });
    }

    /// `open` makes the client on the refresher's own thread, which it cannot leave.
    fn spawn<F>(
        start: Start,
        open: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Self, KeyFeedError>
    where
        F: AsyncFn() -> Result<Fetched, FetchFailure> + 'static,
    {
        let Start {
            book,
            absent,
            wait,
            jwks_url,
            keeper,
        } = start;
        let report = Report::new(jwks_url.clone(), &book, now());
        let book = Arc::new(ArcSwap::from_pointee(book));
        let tally = Arc::new(Tally::default());
        let (orders, orders_of_requests) = watch::channel(Orders::default());
        let (published, changes) = watch::channel(());
        let refresher = Refresher {
            book: Arc::clone(&book),
            tally: Arc::clone(&tally),
            orders: orders_of_requests,
            published,
            report,
            vitals: Vitals::new(jwks_url),
            keeper,
        };
        // What an arbiter is, without one: it would need a running system, and when it ends it
        // would wait for a name lookup that hangs.
        let refresh = move || {
            let _alive = refresher.vitals.alive();
            match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    LocalSet::new().block_on(&runtime, refresher.run(open()));
                    runtime.shutdown_background();
                }
                Err(error) => tracing::error!(%error, "the key feed has no runtime"),
            }
        };
        let thread = thread::Builder::new()
            .name("key-feed".into())
            .spawn(refresh);
        let thread = Mutex::new(Some(thread.map_err(KeyFeedError::Thread)?));
        Ok(Self(Arc::new(Handle {
            book,
            tally,
            absent: Mutex::new(absent),
            orders,
            changes,
            wait,
            thread,
        })))
    }
}

impl fmt::Debug for KeyFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyFeed").field(&self.status()).finish()
    }
}

/// What a feed starts from.
struct Start {
    book: KeyBook,
    absent: AbsentKeys,
    wait: Duration,
    jwks_url: String,
    keeper: Option<Keeper>,
}

fn unavailable() -> Refusal {
    Refusal::KeysUnavailable {
        retry_after: Duration::from_secs(1),
    }
}

#[cfg(test)]
mod tests;
