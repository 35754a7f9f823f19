use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::Uri;
use auth_core::{KeyBookSettings, MAX_KEY_SET_BYTES, Pauses};

use crate::address;
use crate::discovery::Discovery;

/// Where the issuer's keys are, and how they are kept. Everything but the source has a default;
/// `docs/jwks.md` says why each is what it is.
///
/// ```
/// use std::time::Duration;
/// use auth_actix::KeyFeedSettings;
///
/// let mut settings = KeyFeedSettings::new("https://app.example/api/auth/jwks");
/// settings.max_age = Duration::from_secs(60);
/// settings.snapshot_file = Some("/var/lib/api/keys.json".into());
/// ```
///
/// `Debug` shows no query of the address: it may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFeedSettings {
    /// Where the issuer publishes its key set: Better Auth's `/api/auth/jwks`. With
    /// [`discover`](Self::discover), where its configuration document is.
    pub jwks_url: String,
    /// The issuer whose configuration document is at `jwks_url` and names the key set. `None`, the
    /// default, if the key set itself is there.
    pub discovery: Option<String>,
    /// Permits plain http from a host that is not this machine, where anyone on the way can put
    /// in keys of their own and with them forge every identity. It is warned of at the start.
    /// Default false.
    pub danger_allow_http: bool,

    /// How long a set counts as current if the issuer's `Cache-Control` does not say. At least
    /// 1 s. Default 5 minutes.
    pub max_age: Duration,
    /// What the issuer says counts from here. At least 1 s. Default 1 minute.
    pub shortest_told_age: Duration,
    /// What the issuer says counts up to here. Default 1 hour.
    pub longest_told_age: Duration,
    /// How long known keys are served while the issuer does not answer. Less than a set's age
    /// limit, zero included, means: not at all. Default 24 hours.
    pub max_stale: Duration,
    /// At how many percent of its age limit a set is renewed. Default 80.
    pub refresh_at_percent: u8,
    /// By how many percent the moment of renewal varies, up and down. Default 10.
    pub jitter_percent: u8,

    /// One attempt for the sake of unknown keys is allowed per this time. Not zero. Default 15 s.
    pub cooldown: Duration,
    /// So many attempts for unknown keys may follow each other at once; with 0 there are none at
    /// all. Default 2.
    pub burst: u32,
    /// So many key ids that the issuer does not have are remembered. Default 1,024.
    pub absent_keys: usize,
    /// How long each is remembered: a key that appears under such an id is found no sooner, unless
    /// the set is renewed meanwhile. Default 30 s.
    pub absent_for: Duration,
    /// How long a request with an unknown key waits for the issuer. At most a minute. Default 1 s.
    pub wait: Duration,

    /// How long one attempt may take, its body included. Not zero, at most a minute. Default 5 s.
    pub timeout: Duration,
    /// How long connecting may take. Not zero, at most a minute. Default 2 s.
    pub connect_timeout: Duration,
    /// How large a body may be. At most, and by default, [`MAX_KEY_SET_BYTES`].
    pub max_body_bytes: usize,
    /// The pauses after failures while there are no keys. At least 100 ms. Default 0.5 s to 30 s.
    pub pauses_without_keys: Pauses,
    /// The pauses after failures while known keys are served. At least 100 ms. Default 5 s to 60 s.
    pub pauses_with_keys: Pauses,
    /// How long a pause the issuer may ask for. Default 5 minutes.
    pub longest_wish: Duration,
    /// How often the configuration document of [`discover`](Self::discover) is read again. At least 1 s. Default
    /// 1 hour.
    pub rediscover_after: Duration,

    /// A key set to serve until the issuer answers, if the snapshot cannot: a file with what the
    /// issuer publishes. How old it is nobody knows, so its keys count as stale from the start.
    pub seed_file: Option<PathBuf>,
    /// Where to keep the last good key set for the next start. One file for each issuer, in a
    /// directory that nobody else can write to.
    pub snapshot_file: Option<PathBuf>,
}

impl KeyFeedSettings {
    /// The defaults, for the key set at this URL.
    #[must_use]
    pub fn new(jwks_url: impl Into<String>) -> Self {
        let book = KeyBookSettings::default();
        Self {
            jwks_url: jwks_url.into(),
            discovery: None,
            danger_allow_http: false,
            max_age: book.max_age,
            shortest_told_age: book.shortest_told_age,
            longest_told_age: book.longest_told_age,
            max_stale: book.max_stale,
            refresh_at_percent: book.refresh_at_percent,
            jitter_percent: book.jitter_percent,
            cooldown: book.cooldown,
            burst: book.burst,
            absent_keys: 1024,
            absent_for: Duration::from_secs(30),
            wait: book.wait,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            max_body_bytes: MAX_KEY_SET_BYTES,
            pauses_without_keys: book.pauses_without_keys,
            pauses_with_keys: book.pauses_with_keys,
            longest_wish: book.longest_wish,
            rediscover_after: Duration::from_secs(3600),
            seed_file: None,
            snapshot_file: None,
        }
    }

    /// The defaults, for the key set that this issuer's configuration document names, at
    /// `{issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0, §4): Better Auth
    /// has one with its `oauth-provider`. The document must name the same issuer, byte by byte.
    ///
    /// ```
    /// # use auth_actix::KeyFeedSettings;
    /// let settings = KeyFeedSettings::discover("https://app.example/api/auth");
    /// let document = "https://app.example/api/auth/.well-known/openid-configuration";
    /// assert_eq!(settings.jwks_url, document);
    /// ```
    #[must_use]
    pub fn discover(issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        // "If the Issuer value contains a path component, any terminating / MUST be removed."
        let base = issuer.strip_suffix('/').unwrap_or(&issuer);
        Self {
            discovery: Some(issuer.clone()),
            ..Self::new(format!("{base}/.well-known/openid-configuration"))
        }
    }

    /// Whether a feed could be started with these, as far as they can tell without the files: for
    /// those who want to report all mistakes of a configuration together.
    ///
    /// # Errors
    /// [`KeyFeedError`], as [`KeyFeed::start`](crate::KeyFeed::start) has it.
    pub fn check(&self) -> Result<(), KeyFeedError> {
        self.checked().map(|_| ())
    }

    pub(crate) fn checked(&self) -> Result<(Source, KeyBookSettings), KeyFeedError> {
        let uri = address::parse(&self.jwks_url).map_err(KeyFeedError::Url)?;
        if address::is_in_the_clear(&uri) && !self.danger_allow_http {
            let url = address::shown(&uri);
            return Err(KeyFeedError::PlainHttp { url });
        }
        if let Some((name, rule)) = self.faults().next() {
            return Err(KeyFeedError::Setting(name, rule));
        }
        let source = match &self.discovery {
            None => Source::Jwks(uri),
            Some(issuer) => Source::Discovery(Discovery::new(
                issuer.clone(),
                uri,
                self.danger_allow_http,
                self.rediscover_after,
            )),
        };
        Ok((source, self.book()))
    }

    fn faults(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let Pauses { first, longest } = self.pauses_with_keys;
        let Pauses {
            first: cold_first,
            longest: cold_longest,
        } = self.pauses_without_keys;
        // A renewal begins at the latest after this share of the age limit, in percent of percent.
        let renewed = u64::from(self.refresh_at_percent) * (100 + u64::from(self.jitter_percent));
        let left_to_renew = self
            .max_age
            .mul_f64(1.0 - renewed.min(10_000) as f64 / 10_000.0);
        let is_never_stale = self.max_stale <= self.max_age;
        [
            (
                self.max_age < SECOND,
                "max_age",
                "must be at least a second",
            ),
            (
                self.shortest_told_age < SECOND,
                "shortest_told_age",
                "must be at least a second",
            ),
            (
                self.shortest_told_age > self.longest_told_age,
                "shortest_told_age",
                "must not be longer than longest_told_age",
            ),
            (
                self.refresh_at_percent == 0,
                "refresh_at_percent",
                "must not be zero",
            ),
            (
                renewed > 9_900,
                "refresh_at_percent",
                "with jitter_percent must stay below a hundred",
            ),
            (
                self.cooldown.is_zero() && self.burst > 0,
                "cooldown",
                "must not be zero: unknown keys could make any number of attempts",
            ),
            (self.wait > MINUTE, "wait", "must be at most a minute"),
            (self.timeout.is_zero(), "timeout", "must not be zero"),
            (self.timeout > MINUTE, "timeout", "must be at most a minute"),
            (
                is_never_stale && self.timeout > left_to_renew,
                "timeout",
                "must fit between the renewal and max_age, or max_stale be longer than max_age",
            ),
            (
                self.connect_timeout.is_zero(),
                "connect_timeout",
                "must not be zero",
            ),
            (
                self.connect_timeout > MINUTE,
                "connect_timeout",
                "must be at most a minute",
            ),
            (
                !(1..=MAX_KEY_SET_BYTES).contains(&self.max_body_bytes),
                "max_body_bytes",
                "must be from 1 to 65536",
            ),
            (
                first.min(cold_first) < Duration::from_millis(100),
                "the first pause",
                "must be at least 100 ms",
            ),
            (
                first > longest || cold_first > cold_longest,
                "the first pause",
                "must not be longer than the longest",
            ),
            (
                self.rediscover_after < SECOND,
                "rediscover_after",
                "must be at least a second",
            ),
            (
                self.seed_file.is_some() && self.seed_file == self.snapshot_file,
                "snapshot_file",
                "must not be the seed_file",
            ),
        ]
        .into_iter()
        .filter_map(|(is_wrong, name, rule)| is_wrong.then_some((name, rule)))
    }

    fn book(&self) -> KeyBookSettings {
        KeyBookSettings {
            max_age: self.max_age,
            shortest_told_age: self.shortest_told_age,
            longest_told_age: self.longest_told_age,
            max_stale: self.max_stale,
            refresh_at_percent: self.refresh_at_percent,
            jitter_percent: self.jitter_percent,
            cooldown: self.cooldown,
            burst: self.burst,
            wait: self.wait,
            pauses_without_keys: self.pauses_without_keys,
            pauses_with_keys: self.pauses_with_keys,
            longest_wish: self.longest_wish,
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

impl fmt::Debug for KeyFeedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A field that is added must be thought of here.
        let Self {
            jwks_url,
            discovery,
            danger_allow_http,
            max_age,
            shortest_told_age,
            longest_told_age,
            max_stale,
            refresh_at_percent,
            jitter_percent,
            cooldown,
            burst,
            absent_keys,
            absent_for,
            wait,
            timeout,
            connect_timeout,
            max_body_bytes,
            pauses_without_keys,
            pauses_with_keys,
            longest_wish,
            rediscover_after,
            seed_file,
            snapshot_file,
        } = self;
        let shown = address::parse(jwks_url).map(|uri| address::shown(&uri));
        f.debug_struct("KeyFeedSettings")
            .field("jwks_url", &shown.as_deref().unwrap_or("unusable"))
            .field("discovery", discovery)
            .field("danger_allow_http", danger_allow_http)
            .field("max_age", max_age)
            .field("shortest_told_age", shortest_told_age)
            .field("longest_told_age", longest_told_age)
            .field("max_stale", max_stale)
            .field("refresh_at_percent", refresh_at_percent)
            .field("jitter_percent", jitter_percent)
            .field("cooldown", cooldown)
            .field("burst", burst)
            .field("absent_keys", absent_keys)
            .field("absent_for", absent_for)
            .field("wait", wait)
            .field("timeout", timeout)
            .field("connect_timeout", connect_timeout)
            .field("max_body_bytes", max_body_bytes)
            .field("pauses_without_keys", pauses_without_keys)
            .field("pauses_with_keys", pauses_with_keys)
            .field("longest_wish", longest_wish)
            .field("rediscover_after", rediscover_after)
            .field("seed_file", seed_file)
            .field("snapshot_file", snapshot_file)
            .finish()
    }
}

/// A source whose URL has been looked at.
pub(crate) enum Source {
    Jwks(Uri),
    Discovery(Discovery),
}

impl Source {
    /// What is asked first.
    pub(crate) fn uri(&self) -> &Uri {
        match self {
            Self::Jwks(uri) => uri,
            Self::Discovery(discovery) => discovery.document(),
        }
    }
}

/// Why a feed could not be started. The issuer's absence is not among the reasons.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFeedError {
    /// The address of the key set is unusable.
    #[error("jwks url is unusable: {0}")]
    Url(&'static str),
    /// The keys would come over plain http from another machine: anyone on the way could forge
    /// every identity. [`danger_allow_http`](KeyFeedSettings::danger_allow_http) permits it.
    #[error("{url} is not https, and not this machine")]
    PlainHttp {
        /// The address, without its query.
        url: String,
    },
    /// A constant is out of its range.
    #[error("{0} {1}")]
    Setting(&'static str, &'static str),
    /// The seed file cannot be read, or holds no usable key set.
    #[error("seed file {} is unusable: {reason}", path.display())]
    Seed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system gave no thread.
    #[error("cannot start the key feed's thread")]
    Thread(#[source] std::io::Error),
}

#[cfg(test)]
mod tests;
