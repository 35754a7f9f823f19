use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use actix_web::http::Uri;
use arc_swap::ArcSwap;
use auth_core::{
    FetchFailure, KeyBook, KeyBookSettings, KeyRing, KeyState, Lookup, Outcome, UnixTime,
};
use futures_util::FutureExt;
use tokio::runtime;
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};

use crate::bridge::Refusal;
use crate::fetch::Fetcher;

/// Where the issuer's keys are, and how they are kept.
///
/// ```
/// use std::time::Duration;
/// use auth_actix::KeyFeedSettings;
///
/// let mut settings = KeyFeedSettings::new("https://app.example/api/auth/jwks");
/// settings.max_age = Duration::from_secs(60);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFeedSettings {
    /// Where the issuer publishes its key set: Better Auth's `/api/auth/jwks`.
    pub jwks_url: String,
    /// How long a set counts as current; it is renewed at about 80 % of this. At least 1 s.
    /// Default 5 minutes.
    pub max_age: Duration,
    /// How long known keys are served while the issuer does not answer. Default 24 hours.
    pub max_stale: Duration,
    /// One attempt for the sake of unknown keys is allowed per this time. Default 15 s.
    pub cooldown: Duration,
    /// So many attempts for unknown keys may follow each other at once. Default 2.
    pub burst: u32,
    /// How long a request with an unknown key waits for the issuer. Default 1 s.
    pub wait: Duration,
    /// How long one attempt may take, its body included. Not zero. Default 5 s.
    pub timeout: Duration,
    /// How long connecting may take. Not zero. Default 2 s.
    pub connect_timeout: Duration,
}

impl KeyFeedSettings {
    /// The defaults, for this address.
    #[must_use]
    pub fn new(jwks_url: impl Into<String>) -> Self {
        let KeyBookSettings {
            max_age,
            max_stale,
            cooldown,
            burst,
            wait,
        } = KeyBookSettings::default();
        Self {
            jwks_url: jwks_url.into(),
            max_age,
            max_stale,
            cooldown,
            burst,
            wait,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
        }
    }

    fn checked(&self) -> Result<(Uri, KeyBookSettings), KeyFeedError> {
        let uri: Uri = self
            .jwks_url
            .parse()
            .map_err(|_| KeyFeedError::Url("it is not an absolute URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(KeyFeedError::Url("it must begin with https:// or http://"));
        }
        if uri.host().is_none_or(str::is_empty) {
            return Err(KeyFeedError::Url("it names no host"));
        }
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(KeyFeedError::Url("it must not carry a user or a password"));
        }
        if self.max_age < Duration::from_secs(1) {
            return Err(KeyFeedError::Setting(
                "max_age",
                "must be at least a second",
            ));
        }
        for (name, value) in [
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
        ] {
            if value.is_zero() {
                return Err(KeyFeedError::Setting(name, "must not be zero"));
            }
        }
        let book = KeyBookSettings {
            max_age: self.max_age,
            max_stale: self.max_stale,
            cooldown: self.cooldown,
            burst: self.burst,
            wait: self.wait,
        };
        Ok((uri, book))
    }
}

/// Why a feed could not be started. The issuer's absence is not among the reasons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFeedError {
    /// The address of the key set is unusable.
    #[error("jwks url is unusable: {0}")]
    Url(&'static str),
    /// A constant is out of its range.
    #[error("{0} {1}")]
    Setting(&'static str, &'static str),
    /// The operating system gave no thread.
    #[error("cannot start the key feed's thread")]
    Thread(#[source] std::io::Error),
}

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

/// What requests ask of the refresher. Only ever grows, so that nothing is lost or done twice.
#[derive(Clone, Copy, Default)]
struct Orders {
    attempt: u64,
    stop: bool,
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
        if uri.scheme_str() == Some("http") && !uri.host().is_some_and(is_loopback) {
            tracing::warn!(%uri, "the issuer's keys are fetched without TLS over a network");
        }
        let fetcher = Fetcher {
            uri,
            timeout: settings.timeout,
            connect_timeout: settings.connect_timeout,
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
    pub async fn ring_for(&self, key_id: &str) -> Result<Arc<KeyRing>, Refusal> {
        {
            let book = self.0.book.load();
            if let Lookup::Known(ring) = book.look_up(key_id, book.attempts(), now()) {
                return Ok(Arc::clone(ring));
            }
        }
        self.ring_after_asking(key_id).await
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

    async fn ring_after_asking(&self, key_id: &str) -> Result<Arc<KeyRing>, Refusal> {
        // Listen first, look then: what changes in between is not missed.
        let mut changes = self.0.changes.clone();
        changes.mark_unchanged();
        let arrived = self.0.book.load().attempts();
        let answer = async {
            loop {
                match self.0.book.load().look_up(key_id, arrived, now()) {
                    Lookup::Known(ring) | Lookup::Unknown(ring) => return Ok(Arc::clone(ring)),
                    Lookup::Unavailable { retry_after } => {
                        return Err(Refusal::KeysUnavailable { retry_after });
                    }
                    Lookup::Wait => {}
                    Lookup::Ask { attempt } => {
                        self.0.orders.send_if_modified(|orders| {
                            let is_news = attempt > orders.attempt;
                            orders.attempt = orders.attempt.max(attempt);
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
        F: AsyncFn() -> Result<Vec<u8>, FetchFailure> + 'static,
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

/// The other end of the handle: the only one who changes the book.
struct Refresher {
    book: Arc<ArcSwap<KeyBook>>,
    orders: watch::Receiver<Orders>,
    published: watch::Sender<()>,
}

impl Refresher {
    /// Refreshes until it is told to stop, also after a panic.
    async fn run(mut self, fetch: impl AsyncFn() -> Result<Vec<u8>, FetchFailure>) {
        while AssertUnwindSafe(self.refresh(&fetch))
            .catch_unwind()
            .await
            .is_err()
        {
            tracing::error!("the key feed panicked and goes on; this is a bug");
            // Not at once, should it panic every time.
            tokio::select! {
                () = stopped(&mut self.orders) => return,
                () = sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn refresh(&mut self, fetch: &impl AsyncFn() -> Result<Vec<u8>, FetchFailure>) {
        let mut book = KeyBook::clone(&self.book.load());
        let mut condition = Condition::of(&book, now());
        if book.in_flight() {
            book.finish(
                Err(FetchFailure::new("the attempt panicked")),
                now(),
                jitter(),
            );
            self.publish(&book);
        }
        loop {
            let orders = *self.orders.borrow_and_update();
            if orders.stop {
                return;
            }
            let mut outcome = None;
            if book.begin(orders.attempt, now()) {
                self.publish(&book);
                let answer = tokio::select! {
                    () = stopped(&mut self.orders) => return,
                    answer = fetch() => answer,
                };
                let answer = answer.as_deref().map_err(Clone::clone);
                outcome = Some(book.finish(answer, now(), jitter()));
                self.publish(&book);
            }
            condition = condition.report_change(&book, outcome);
            tokio::select! {
                ordered = self.orders.changed() => if ordered.is_err() { return },
                // Not longer than this, in case the wall clock jumps meanwhile.
                () = sleep(book.sleeps(now()).min(Duration::from_secs(30))) => {}
            }
        }
    }

    fn publish(&self, book: &KeyBook) {
        self.book.store(Arc::new(book.clone()));
        self.published.send_replace(());
    }
}

/// What the log was told last, so that it hears of changes only.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Condition {
    state: KeyState,
    failing: bool,
}

impl Condition {
    fn of(book: &KeyBook, now: UnixTime) -> Self {
        let state = match book.state(now) {
            // Everyday life: every set gets there.
            KeyState::RefreshAhead => KeyState::Fresh,
            state => state,
        };
        Self {
            state,
            failing: book.last_failure().is_some(),
        }
    }

    fn report_change(self, book: &KeyBook, outcome: Option<Outcome>) -> Self {
        let seen = Self::of(book, now());
        let (keys, generation) = (book.ring().map_or(0, |ring| ring.len()), book.generation());
        let error = book.last_failure().unwrap_or("none");
        if seen != self {
            match (seen.state, seen.failing) {
                (KeyState::Fresh | KeyState::RefreshAhead, false) => {
                    tracing::info!(keys, generation, "the issuer's keys are fresh");
                }
                (KeyState::Fresh | KeyState::RefreshAhead, true) => {
                    tracing::warn!(keys, error, "the issuer's keys cannot be renewed");
                }
                (KeyState::Stale, _) => {
                    tracing::warn!(keys, error, "the issuer's keys are stale and still served");
                }
                (KeyState::Outage, _) => {
                    tracing::error!(error, "the issuer's keys are too old: no token is admitted");
                }
                (KeyState::Cold, _) => {
                    tracing::warn!(error, "there are no keys of the issuer yet");
                }
            }
        } else if outcome == Some(Outcome::Replaced) {
            tracing::info!(keys, generation, "the issuer has another set of keys");
        } else if outcome == Some(Outcome::Failed) {
            tracing::debug!(error, "the issuer's keys still cannot be renewed");
        }
        if outcome == Some(Outcome::Replaced) {
            for skipped in book.ring().iter().flat_map(|ring| ring.skipped()) {
                tracing::warn!(generation, "a key of the issuer is not usable: {skipped}");
            }
        }
        seen
    }
}

async fn stopped(orders: &mut watch::Receiver<Orders>) {
    // An error means that the last handle is gone, which is the same.
    let _ = orders.wait_for(|orders| orders.stop).await;
}

fn unavailable() -> Refusal {
    Refusal::KeysUnavailable {
        retry_after: Duration::from_secs(1),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    address.parse().map_or(
        host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost"),
        |address: std::net::IpAddr| address.is_loopback(),
    )
}

fn now() -> UnixTime {
    SystemTime::now().into()
}

/// From 0 to 1. The hasher's random keys are as much chance as spreading attempts needs.
fn jitter() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;

    const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"known",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn good() -> Result<Vec<u8>, FetchFailure> {
        Ok(JWKS.into())
    }

    fn feed<F>(fetch: F) -> KeyFeed
    where
        F: AsyncFn() -> Result<Vec<u8>, FetchFailure> + Send + 'static,
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
            sleep(Duration::from_millis(5)).await;
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
            async move { feed.ring_for("stranger").await }
        });
        eventually(|| feed.status().fetches == 2).await;

        feed.stop();
        assert!(!feed.status().running);
        assert_eq!(
            asking.await.unwrap().unwrap_err().code(),
            "keys_unavailable"
        );
        assert!(feed.ring_for("known").await.is_ok());
        let start = Instant::now();
        assert_eq!(
            feed.ring_for("stranger").await.unwrap_err().code(),
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
            sleep(Duration::from_millis(200)).await;
            good()
        });
        let impatient = timeout(Duration::from_millis(20), feed.ring_for("known"));
        assert!(impatient.await.is_err());
        assert!(feed.ring_for("known").await.is_ok());
        assert_eq!(feed.status().fetches, 1);
    }

    #[test]
    fn settings_that_cannot_work_are_refused_by_name() {
        let with = |change: fn(&mut KeyFeedSettings)| {
            let mut settings = KeyFeedSettings::new("https://app.example/api/auth/jwks");
            change(&mut settings);
            settings.checked().unwrap_err().to_string()
        };
        for url in [
            "",
            "app.example",
            "/jwks",
            "ftp://a/jwks",
            "file:///jwks",
            "http://",
            "a b",
        ] {
            let refused = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap_err();
            assert!(
                refused.to_string().starts_with("jwks url is unusable"),
                "{url}: {refused}"
            );
        }
        let secret = KeyFeedSettings::new("https://me:hunter2@a/jwks")
            .checked()
            .unwrap_err();
        assert!(!secret.to_string().contains("hunter2"));
        assert_eq!(
            with(|s| s.max_age = Duration::ZERO),
            "max_age must be at least a second"
        );
        assert_eq!(
            with(|s| s.timeout = Duration::ZERO),
            "timeout must not be zero"
        );
        assert_eq!(
            with(|s| s.connect_timeout = Duration::ZERO),
            "connect_timeout must not be zero"
        );
    }

    #[test]
    fn a_loopback_address_is_known_in_every_form() {
        for host in [
            "localhost",
            "LOCALHOST",
            "auth.localhost",
            "127.0.0.1",
            "127.8.8.8",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "web",
            "10.0.0.1",
            "127.0.0.1.example",
            "notlocalhost",
            "[::2]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn jitter_is_between_zero_and_one_and_varies() {
        let drawn: Vec<f64> = (0..100).map(|_| jitter()).collect();
        assert!(drawn.iter().all(|jitter| (0.0..=1.0).contains(jitter)));
        assert!(drawn.iter().any(|jitter| *jitter < 0.5) && drawn.iter().any(|j| *j > 0.5));
    }
}
