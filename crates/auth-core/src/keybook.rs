use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{KeyRing, UnixTime};

/// The constants of the life cycle.
///
/// ```
/// use std::time::Duration;
/// let constants = auth_core::KeyBookSettings::default();
/// assert_eq!(constants.max_age, Duration::from_secs(300));
/// assert_eq!(constants.max_stale, Duration::from_secs(24 * 3600));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBookSettings {
    /// How long a set counts as current. A withdrawn key dies at the latest after this time, as
    /// long as the issuer answers. Default 5 minutes.
    pub max_age: Duration,
    /// How long the set outlives an issuer that does not answer. Default 24 hours. Less than
    /// `max_age`, zero included, means: not at all.
    pub max_stale: Duration,
    /// After this time one more attempt for the sake of an unknown key is allowed. Default 15 s.
    pub cooldown: Duration,
    /// So many attempts for unknown keys may follow each other without a pause. Default 2; with 0
    /// an unknown key never makes an attempt.
    pub burst: u32,
    /// How long a request is ready to wait. While there are no keys at all, an attempt that is
    /// due within this time is worth waiting for. Default 1 s.
    pub wait: Duration,
}

impl Default for KeyBookSettings {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(300),
            max_stale: Duration::from_secs(24 * 3600),
            cooldown: Duration::from_secs(15),
            burst: 2,
            wait: Duration::from_secs(1),
        }
    }
}

/// How old the keys are. [`KeyBook`] has the table of what that means for requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// No usable set has come yet.
    Cold,
    /// The set is young; no attempt is due.
    Fresh,
    /// The set still counts as current and a newer one is being asked for.
    RefreshAhead,
    /// The set is too old to be current and still trusted, because the issuer does not answer.
    Stale,
    /// The set is too old to be trusted.
    Outage,
}

impl KeyState {
    /// Whether tokens of known keys are verified in this state.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::Fresh | Self::RefreshAhead | Self::Stale)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cold => "cold",
            Self::Fresh => "fresh",
            Self::RefreshAhead => "refresh_ahead",
            Self::Stale => "stale",
            Self::Outage => "outage",
        })
    }
}

/// What one request with a key id does next.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// The key is in this ring: verify now.
    Known(&'a Arc<KeyRing>),
    /// The issuer does not have the key, or may not be asked again so soon. The ring is given so
    /// that the refusal is made where all others are.
    Unknown(&'a Arc<KeyRing>),
    /// An attempt is under way or about to start: look again after the book has changed.
    Wait,
    /// Ask for the attempt with this number, then wait as above. Any number of requests may ask
    /// for the same one.
    Ask {
        /// The number to hand to [`KeyBook::begin`].
        attempt: u64,
    },
    /// It cannot be known now whether the issuer has this key.
    Unavailable {
        /// When it makes sense to come back; at least a second.
        retry_after: Duration,
    },
}

/// Why an attempt brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchFailure {
    /// The reason, a lower-case fragment for the log.
    pub reason: String,
    /// How long the issuer asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl FetchFailure {
    /// A failure without a wish of the issuer.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            retry_after: None,
        }
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for FetchFailure {}

/// What an attempt has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Another set is in force, under a new generation.
    Replaced,
    /// The same document came again: the set is young again.
    Confirmed,
    /// Nothing usable came; what was in force stays.
    Failed,
}

/// The life of an issuer's keys: which set counts now, and when to ask for a newer one.
///
/// The book only decides. Whoever drives it (the key feed of `auth-actix`) tells it the time,
/// fetches when [`begin`](Self::begin) says so, and hands back what came with
/// [`finish`](Self::finish). Nothing here waits, reads a clock or draws a random number. It is a
/// plain value: the driver changes its own, and publishes clones for requests to
/// [`look_up`](Self::look_up) in.
///
/// | state | entered when | known key | unknown key |
/// |---|---|---|---|
/// | [`Cold`](KeyState::Cold) | no usable set ever came | wait for the attempt, else unavailable | same |
/// | [`Fresh`](KeyState::Fresh) | younger than about 80 % of `max_age` | verify | ask once if the allowance permits, else unknown |
/// | [`RefreshAhead`](KeyState::RefreshAhead) | from there to `max_age` | verify | same |
/// | [`Stale`](KeyState::Stale) | older, the issuer is failing | verify | unavailable: nobody can know |
/// | [`Outage`](KeyState::Outage) | older than `max_stale` | as cold | as cold |
///
/// Three rules hold in every state. A known key never waits. A failed attempt changes nothing but
/// the time of the next one: the last good set stays. A good answer replaces the set as a whole: a
/// key that is missing from it is gone at once.
///
/// ```
/// use auth_core::{KeyBook, KeyBookSettings, Lookup, Outcome, UnixTime};
///
/// let jwks = br#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"first",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let now = UnixTime::from_secs(1_795_224_220);
/// let mut book = KeyBook::new(KeyBookSettings::default());
/// assert!(matches!(book.look_up("first", 0, now), Lookup::Wait));
///
/// assert!(book.begin(0, now)); // fetch now
/// assert_eq!(book.finish(Ok(jwks), now, 0.5), Outcome::Replaced);
/// assert!(matches!(book.look_up("first", 1, now), Lookup::Known(_)));
/// assert!(matches!(book.look_up("second", 1, now), Lookup::Ask { attempt: 2 }));
/// ```
#[derive(Clone)]
pub struct KeyBook {
    settings: KeyBookSettings,
    current: Option<Current>,
    failure: Option<Failure>,
    allowance: Allowance,
    attempts: u64,
    answered: u64,
    began: Option<UnixTime>,
}

#[derive(Clone)]
struct Current {
    ring: Arc<KeyRing>,
    generation: u64,
    document: Arc<[u8]>,
    fetched_at: UnixTime,
    refresh_after: Duration,
}

#[derive(Clone)]
struct Failure {
    reason: Arc<str>,
    in_a_row: u32,
    at: UnixTime,
    pause: Duration,
}

impl KeyBook {
    /// A cold book: its first attempt is due at once.
    #[must_use]
    pub fn new(settings: KeyBookSettings) -> Self {
        Self {
            settings,
            current: None,
            failure: None,
            allowance: Allowance::default(),
            attempts: 0,
            answered: 0,
            began: None,
        }
    }

    /// What a request with this key id does now.
    ///
    /// `arrived` is [`attempts`](Self::attempts) as it was when the request first looked. It keeps
    /// a crowd from asking twice: an attempt that began after the request came has answered for it.
    #[must_use]
    pub fn look_up(&self, key_id: &str, arrived: u64, now: UnixTime) -> Lookup<'_> {
        let due_in = self.due_in(now);
        let unavailable = Lookup::Unavailable {
            retry_after: due_in.max(SOONEST_RETRY),
        };

        let Some(current) = self.current.as_ref().filter(|_| self.state(now).serves()) else {
            return if self.began.is_some() || due_in <= self.settings.wait {
                Lookup::Wait
            } else {
                unavailable
            };
        };
        if current.ring.contains(key_id) {
            Lookup::Known(&current.ring)
        } else if self.failure.is_some() {
            unavailable
        } else if self.answered > arrived {
            Lookup::Unknown(&current.ring)
        } else if self.began.is_some() {
            Lookup::Wait
        } else if due_in.is_zero() || self.allowance.permits(&self.settings, now) {
            Lookup::Ask {
                attempt: self.attempts + 1,
            }
        } else {
            Lookup::Unknown(&current.ring)
        }
    }

    /// Starts an attempt if one is due by time, or if attempt number `wanted` has not begun yet
    /// and the allowance for unknown keys permits it. `false`: do nothing now.
    ///
    /// After `true` the caller fetches, and reports with [`finish`](Self::finish) whatever happens.
    pub fn begin(&mut self, wanted: u64, now: UnixTime) -> bool {
        if self.began.is_some() {
            return false;
        }
        let by_time = self.due_in(now).is_zero();
        let by_request = !by_time
            && wanted > self.attempts
            && self.failure.is_none()
            && self.allowance.take(&self.settings, now);
        if !by_time && !by_request {
            return false;
        }
        self.attempts += 1;
        self.began = Some(now);
        true
    }

    /// Takes in what the attempt brought: the body of a good response, or why there is none.
    ///
    /// A body without one usable key is a failure like any other. `jitter`, from 0 to 1, spreads
    /// the next attempt so that many processes do not ask in step.
    pub fn finish(
        &mut self,
        answer: Result<&[u8], FetchFailure>,
        now: UnixTime,
        jitter: f64,
    ) -> Outcome {
        let jitter = jitter.clamp(0.0, 1.0);
        // The set is as old as the question: what the issuer changed since then it may not show.
        let fetched_at = self.began.take().unwrap_or(now);

        let previous = self.current.as_ref();
        let accepted = answer.and_then(|document| match previous {
            Some(previous) if *previous.document == *document => Ok((
                Arc::clone(&previous.ring),
                Arc::clone(&previous.document),
                Outcome::Confirmed,
            )),
            _ => match KeyRing::parse(document) {
                Ok(ring) => Ok((Arc::new(ring), Arc::from(document), Outcome::Replaced)),
                Err(unusable) => Err(FetchFailure::new(unusable.to_string())),
            },
        });
        match accepted {
            Ok((ring, document, outcome)) => {
                let generation = previous.map_or(0, |previous| previous.generation);
                self.current = Some(Current {
                    ring,
                    document,
                    generation: generation + u64::from(outcome == Outcome::Replaced),
                    fetched_at,
                    refresh_after: self.settings.max_age.mul_f64(0.72 + 0.16 * jitter),
                });
                self.failure = None;
                self.answered = self.attempts;
                outcome
            }
            Err(failure) => {
                let in_a_row = self.failure.as_ref().map_or(0, |last| last.in_a_row) + 1;
                let (first, longest) = if self.state(now).serves() {
                    WARM_PAUSE
                } else {
                    COLD_PAUSE
                };
                let pause = first
                    .saturating_mul(1 << (in_a_row - 1).min(16))
                    .min(longest);
                let wish = failure.retry_after.unwrap_or_default().min(LONGEST_WISH);
                self.failure = Some(Failure {
                    reason: failure.reason.into(),
                    in_a_row,
                    at: now,
                    pause: pause.mul_f64(0.5 + 0.5 * jitter).max(wish),
                });
                Outcome::Failed
            }
        }
    }

    /// How long whoever drives the book may sleep: until the next attempt is due, or until the
    /// state changes by itself, whichever is sooner.
    #[must_use]
    pub fn sleeps(&self, now: UnixTime) -> Duration {
        let ages = self.current.iter().flat_map(|current| {
            [self.settings.max_age, self.stale_until()]
                .map(|age| left(current.fetched_at, age, now))
        });
        ages.filter(|left| !left.is_zero())
            .fold(self.due_in(now), Duration::min)
    }

    /// The state at `now`.
    #[must_use]
    pub fn state(&self, now: UnixTime) -> KeyState {
        match (&self.current, self.age(now)) {
            (Some(current), Some(age)) => {
                if age < current.refresh_after {
                    KeyState::Fresh
                } else if age < self.settings.max_age {
                    KeyState::RefreshAhead
                } else if age < self.stale_until() {
                    KeyState::Stale
                } else {
                    KeyState::Outage
                }
            }
            _ => KeyState::Cold,
        }
    }

    /// The set in force, whatever its age. Requests use [`look_up`](Self::look_up).
    #[must_use]
    pub fn ring(&self) -> Option<&Arc<KeyRing>> {
        self.current.as_ref().map(|current| &current.ring)
    }

    /// Which set is in force: 0 is none, and every set that differs from the one before it has
    /// the next number.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.current
            .as_ref()
            .map_or(0, |current| current.generation)
    }

    /// How old the set in force is.
    #[must_use]
    pub fn age(&self, now: UnixTime) -> Option<Duration> {
        self.current
            .as_ref()
            .map(|current| now.duration_since(current.fetched_at))
    }

    /// How many attempts have begun.
    #[must_use]
    pub const fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether an attempt has begun and is not finished.
    #[must_use]
    pub const fn in_flight(&self) -> bool {
        self.began.is_some()
    }

    /// Why the last attempt failed; `None` once one has succeeded.
    #[must_use]
    pub fn last_failure(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| &*failure.reason)
    }

    /// How long until time alone makes an attempt due.
    fn due_in(&self, now: UnixTime) -> Duration {
        match (&self.failure, &self.current) {
            (Some(failure), _) => left(failure.at, failure.pause, now),
            (None, Some(current)) => left(current.fetched_at, current.refresh_after, now),
            (None, None) => Duration::ZERO,
        }
    }

    fn stale_until(&self) -> Duration {
        self.settings.max_stale.max(self.settings.max_age)
    }
}

impl fmt::Debug for KeyBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBook")
            .field("generation", &self.generation())
            .field("keys", &self.ring().map_or(0, |ring| ring.len()))
            .field("attempts", &self.attempts)
            .field("in_flight", &self.in_flight())
            .field("last_failure", &self.last_failure())
            .finish_non_exhaustive()
    }
}

/// First and longest pause after failures while there are no keys to serve: somebody waits.
const COLD_PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// The same while known keys go on.
const WARM_PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// An issuer may ask for a longer pause than ours, within reason: it must not lock itself out.
const LONGEST_WISH: Duration = Duration::from_secs(300);
const SOONEST_RETRY: Duration = Duration::from_secs(1);

/// What is left of `span` since `start`. A clock that was set back tells nothing about the time
/// that has passed, so then nothing is left: better one attempt too many than keys that never age.
fn left(start: UnixTime, span: Duration, now: UnixTime) -> Duration {
    if now < start {
        Duration::ZERO
    } else {
        span.saturating_sub(now.duration_since(start))
    }
}

/// The token bucket for unknown keys, kept as the moment at which it will be full again.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    full_at: UnixTime,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            full_at: UnixTime::from_millis(i64::MIN),
        }
    }
}

impl Allowance {
    fn permits(self, settings: &KeyBookSettings, now: UnixTime) -> bool {
        self.after_one_more(settings, now).is_some()
    }

    fn take(&mut self, settings: &KeyBookSettings, now: UnixTime) -> bool {
        let after = self.after_one_more(settings, now);
        self.full_at = after.unwrap_or(self.full_at);
        after.is_some()
    }

    fn after_one_more(self, settings: &KeyBookSettings, now: UnixTime) -> Option<UnixTime> {
        let empty = now + settings.cooldown.saturating_mul(settings.burst);
        // Fuller than full in the future: the clock was set back, and the bucket starts anew.
        let full_at = if self.full_at > empty {
            now
        } else {
            self.full_at.max(now)
        };
        let after = full_at + settings.cooldown;
        (settings.burst > 0 && after <= empty).then_some(after)
    }
}

#[cfg(test)]
mod tests;
