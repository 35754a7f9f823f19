use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;
use auth_core::{FetchFailure, KeyBook, KeyBookSettings, KeyRing, KeyState, Lookup};
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::bridge::Refusal;
use crate::fetch::{Fetched, Fetcher};
use crate::refresher::{Orders, Refresher, now};
use crate::settings::{KeyFeedError, KeyFeedSettings};

/// The issuer's keys, always at hand.
///
/// One per process: the feed owns a thread that fetches the key set, renews it ahead of time and
/// asks again, within limits, when a token names a key it does not know. Requests read a published
/// snapshot and touch no lock; only a request with an unknown key ever waits, and no longer than
/// `wait`. What to do when is decided by [`KeyBook`].
///
/// A clone is another handle. Make it outside of the closure of `HttpServer::new`: made inside,
/// there is one per worker. The thread ends with [`stop`](Self::stop) or with the last handle.
#[derive(Clone)]
pub struct KeyFeed(Arc<Handle>);

struct Handle {
    book: Arc<ArcSwap<KeyBook>>,
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

impl KeysInForce {
    fn of(book: &KeyBook, ring: &Arc<KeyRing>) -> Self {
        Self {
            ring: Arc::clone(ring),
            epoch: book.epoch(),
        }
    }
}

/// What a feed is about at the moment, for health checks and operators.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyFeedStatus {
    /// How old the keys are.
    pub state: KeyState,
    /// How many usable keys there are.
    pub keys: usize,
    /// How long ago the keys were asked for.
    pub age: Option<Duration>,
    /// Why the last attempt failed; `None` once one has succeeded.
    pub last_error: Option<String>,
    /// How many attempts have begun.
    pub fetches: u64,
    /// Whether the refresher is alive.
    pub running: bool,
}

impl KeyFeed {
    /// Starts the refresher, which asks the issuer at once, and returns without waiting for it.
    ///
    /// # Errors
    /// [`KeyFeedError`] for settings that cannot work, and when no thread can be had.
    pub fn start(settings: &KeyFeedSettings) -> Result<Self, KeyFeedError> {
        let (uri, book) = settings.checked()?;
        let fetcher = Fetcher {
            uri,
            timeout: settings.timeout,
            connect_timeout: settings.connect_timeout,
            max_body: auth_core::MAX_KEY_SET_BYTES,
        };
        Self::spawn(book, move || fetcher.open())
    }

    /// The ring that decides about this key: the key is in it, or the issuer does not have it as
    /// far as it may be asked now.
    ///
    /// For a known key this neither waits nor locks. Dropping the future affects nobody else.
    ///
    /// # Errors
    /// [`Refusal::KeysUnavailable`] when it cannot be known in time.
    pub async fn ring_for(&self, key_id: Option<&str>) -> Result<KeysInForce, Refusal> {
        {
            let book = self.0.book.load();
            if let Lookup::Known(ring) = book.look_up(key_id, book.attempts(), now()) {
                return Ok(KeysInForce::of(&book, ring));
            }
        }
        self.ring_after_asking(key_id).await
    }

    /// The epoch of the keys in force; `None` while there are none. A token that was verified with
    /// the keys of one epoch stays verified as long as this stays the same.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        let book = self.0.book.load();
        book.ring_in_force(now()).map(|_| book.epoch())
    }

    /// Asks the issuer once more, soon: for an operator who has just rotated or withdrawn a key.
    /// Neither the allowance for unknown keys nor the pause after a failure holds it back.
    pub fn refresh_now(&self) {
        let attempt = self.0.book.load().attempts() + 1;
        self.0
            .orders
            .send_modify(|orders| orders.wanted.manual = orders.wanted.manual.max(attempt));
    }

    /// The ring in force, without asking for anything.
    ///
    /// # Errors
    /// [`Refusal::KeysUnavailable`] when there is none, or it is too old.
    pub fn ring(&self) -> Result<Arc<KeyRing>, Refusal> {
        let book = self.0.book.load();
        let ring = book.ring().filter(|_| book.state(now()).serves());
        ring.cloned().ok_or_else(unavailable)
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
            age: book.age(now),
            last_error: book.last_failure().map(str::to_owned),
            fetches: book.attempts(),
            running: self.0.changes.has_changed().is_ok(),
        }
    }

    /// Ends the refresher's thread. Known keys are served until they are too old.
    ///
    /// The last handle does this when it is dropped. A server calls it before it exits, in case
    /// its workers still hold handles then.
    pub fn stop(&self) {
        self.0.stop();
    }

    async fn ring_after_asking(&self, key_id: Option<&str>) -> Result<KeysInForce, Refusal> {
        // Listen first, look then: what changes in between is not missed.
        let mut changes = self.0.changes.clone();
        changes.mark_unchanged();
        let arrived = self.0.book.load().attempts();
        let answer = async {
            loop {
                let book = self.0.book.load_full();
                match book.look_up(key_id, arrived, now()) {
                    Lookup::Known(ring) | Lookup::Absent(ring) | Lookup::CoolingDown(ring) => {
                        return Ok(KeysInForce::of(&book, ring));
                    }
                    Lookup::Unavailable { retry_after } => {
                        return Err(Refusal::KeysUnavailable { retry_after });
                    }
                    Lookup::Wait => {}
                    Lookup::Ask { attempt } => {
                        self.0.orders.send_if_modified(|orders| {
                            let wanted = &mut orders.wanted.unknown_key;
                            let is_news = attempt > *wanted;
                            *wanted = attempt.max(*wanted);
                            is_news
                        });
                    }
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

    /// `open` makes the client on the refresher's own thread, which it cannot leave.
    fn spawn<F>(
        settings: KeyBookSettings,
        open: impl FnOnce() -> F + Send + 'static,
    ) -> Result<Self, KeyFeedError>
    where
        F: AsyncFn() -> Result<Fetched, FetchFailure> + 'static,
    {
        let wait = settings.wait;
        let book = Arc::new(ArcSwap::from_pointee(KeyBook::new(settings)));
        let (orders, orders_of_requests) = watch::channel(Orders::default());
        let (published, changes) = watch::channel(());
        let refresher = Refresher {
            book: Arc::clone(&book),
            orders: orders_of_requests,
            published,
        };
        // What an arbiter is, without one: it would need a running system, and when it ends it
        // would wait for a name lookup that hangs.
        let refresh = move || match runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => {
                LocalSet::new().block_on(&runtime, refresher.run(open()));
                runtime.shutdown_background();
            }
            Err(error) => tracing::error!(%error, "the key feed has no runtime"),
        };
        let thread = thread::Builder::new()
            .name("key-feed".into())
            .spawn(refresh);
        let thread = Mutex::new(Some(thread.map_err(KeyFeedError::Thread)?));
        Ok(Self(Arc::new(Handle {
            book,
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

fn unavailable() -> Refusal {
    Refusal::KeysUnavailable {
        retry_after: Duration::from_secs(1),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;

    const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"known",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn good() -> Result<Fetched, FetchFailure> {
        Ok(Fetched {
            document: JWKS.into(),
            max_age: None,
        })
    }

    fn feed<F>(fetch: F) -> KeyFeed
    where
        F: AsyncFn() -> Result<Fetched, FetchFailure> + Send + 'static,
    {
        KeyFeed::spawn(KeyBookSettings::default(), || fetch).unwrap()
    }

    async fn eventually(condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "it did not come about"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn a_panic_of_the_refresher_is_survived() {
        let calls = AtomicUsize::new(0);
        let feed = feed(async move || {
            assert!(calls.fetch_add(1, Ordering::Relaxed) > 0, "a bug");
            good()
        });
        let refusal = feed
            .first_keys(Duration::from_millis(300))
            .await
            .unwrap_err();
        assert_eq!(refusal.code(), "keys_unavailable");
        assert!(feed.status().running);
        feed.first_keys(Duration::from_secs(5)).await.unwrap();
        assert_eq!(feed.status().last_error, None);
    }

    #[tokio::test]
    async fn the_thread_ends_with_the_last_handle() {
        let feed = feed(async || good());
        let watched = Arc::downgrade(&feed.0.book);
        let other = feed.clone();
        drop(feed);
        other.first_keys(Duration::from_secs(5)).await.unwrap();
        drop(other);
        assert_eq!(watched.strong_count(), 0);
    }

    #[tokio::test]
    async fn stopping_ends_the_thread_also_during_an_attempt_and_keeps_what_is_known() {
        let calls = AtomicUsize::new(0);
        let feed = feed(async move || match calls.fetch_add(1, Ordering::Relaxed) {
            0 => good(),
            _ => std::future::pending().await,
        });
        feed.first_keys(Duration::from_secs(5)).await.unwrap();
        let asking = tokio::spawn({
            let feed = feed.clone();
            async move { feed.ring_for(Some("stranger")).await }
        });
        eventually(|| feed.status().fetches == 2).await;

        feed.stop();
        assert!(!feed.status().running);
        assert_eq!(
            asking.await.unwrap().unwrap_err().code(),
            "keys_unavailable"
        );
        assert!(feed.ring_for(Some("known")).await.is_ok());
        let start = Instant::now();
        assert_eq!(
            feed.ring_for(Some("stranger")).await.unwrap_err().code(),
            "keys_unavailable"
        );
        assert!(
            start.elapsed() < Duration::from_millis(500),
            "nobody is there to wait for"
        );
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_takes_nothing_along() {
        let feed = feed(async || {
            tokio::time::sleep(Duration::from_millis(200)).await;
            good()
        });
        let impatient = timeout(Duration::from_millis(20), feed.ring_for(Some("known")));
        assert!(impatient.await.is_err());
        assert!(feed.ring_for(Some("known")).await.is_ok());
        assert_eq!(feed.status().fetches, 1);
    }
}
