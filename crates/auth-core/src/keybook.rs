mod absent;
mod allowance;
mod exchange;
mod failure;
mod settings;
mod state;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::allowance::Allowance;
use crate::{KeyRing, UnixTime};

pub use self::absent::AbsentKeys;
pub use self::exchange::{Answer, Lookup, Outcome, Trigger, Wanted};
pub use self::failure::{FetchFailure, FetchFault, PreloadError};
pub use self::settings::{KeyBookSettings, Pauses};
pub use self::state::KeyState;

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
/// | [`Fresh`](KeyState::Fresh) | younger than about 80 % of its age limit | verify | ask once if the allowance permits, else unknown |
/// | [`RefreshAhead`](KeyState::RefreshAhead) | from there to the age limit | verify | same |
/// | [`Stale`](KeyState::Stale) | older, the issuer is failing | verify | unavailable: nobody can know |
/// | [`Outage`](KeyState::Outage) | older than `max_stale` | as cold | as cold |
///
/// The age limit is what the issuer says, within bounds, or else `max_age`.
///
/// Three rules hold in every state. A known key never waits. A failed attempt changes nothing but
/// the time of the next one: the last good set stays. A good answer replaces the set as a whole: a
/// key that is missing from it is gone at once.
///
/// ```
/// use auth_core::{Answer, KeyBook, KeyBookSettings, Lookup, Outcome, Trigger, UnixTime, Wanted};
///
/// let jwks = br#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"first",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let now = UnixTime::from_secs(1_795_224_220);
/// let mut book = KeyBook::new(KeyBookSettings::default());
/// assert!(matches!(book.look_up(Some("first"), 0, now), Lookup::Wait));
///
/// assert_eq!(book.begin(Wanted::default(), now), Some(Trigger::Cold)); // fetch now
/// let answer = Answer { document: jwks, max_age: None };
/// assert_eq!(book.finish(Ok(answer), now, 0.5), Outcome::Replaced);
/// assert!(matches!(book.look_up(Some("first"), 1, now), Lookup::Known(_)));
/// assert!(matches!(book.look_up(Some("second"), 1, now), Lookup::Ask { attempt: 2 }));
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
    epoch: u64,
    document: Arc<[u8]>,
    dates: Dates,
}

#[derive(Clone, Copy)]
struct Dates {
    /// When the issuer was asked for it; `None` if nobody knows.
    fetched_at: Option<UnixTime>,
    /// From when its age is counted.
    since: UnixTime,
    max_age: Duration,
    refresh_after: Duration,
}

/// A document that has turned out to be a key set.
struct Readable {
    ring: Arc<KeyRing>,
    document: Arc<[u8]>,
    outcome: Outcome,
}

#[derive(Clone)]
struct Failure {
    fault: FetchFault,
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

    /// Takes in a key set from elsewhere than the issuer, before the first attempt: what was kept
    /// of an earlier life (`fetched_at`), or what the operator has at hand (`None`, as nobody
    /// knows how old that is, and from then on it is served like stale keys).
    ///
    /// An attempt is due at once all the same.
    ///
    /// # Errors
    /// [`PreloadError`] if it cannot serve; the book is as it was.
    pub fn preload(
        &mut self,
        document: &[u8],
        fetched_at: Option<UnixTime>,
        now: UnixTime,
    ) -> Result<(), PreloadError> {
        let max_age = fetched_at.map_or(Duration::ZERO, |_| self.settings.max_age);
        let since = fetched_at.unwrap_or(now);
        if since > now {
            return Err(PreloadError::FromTheFuture);
        }
        if now.duration_since(since) >= self.settings.max_stale.max(max_age) {
            return Err(PreloadError::TooOld);
        }
        let ring = KeyRing::parse(document)?;
        let dates = Dates {
            fetched_at,
            since,
            max_age,
            refresh_after: Duration::ZERO,
        };
        self.replace(Arc::new(ring), document.into(), dates);
        Ok(())
    }

    /// What a request with this key id does now. Without a key id any ring in force will do.
    ///
    /// `arrived` is [`attempts`](Self::attempts) as it was when the request first looked. It keeps
    /// a crowd from asking twice: an attempt that began after the request came has answered for it.
    #[must_use]
    pub fn look_up(&self, key_id: Option<&str>, arrived: u64, now: UnixTime) -> Lookup<'_> {
        if let Some(ring) = self.ring_in_force(now) {
            if key_id.is_none_or(|key_id| ring.contains(key_id)) {
                Lookup::Known(ring)
            } else if self.failure.is_some() {
                self.unavailable(now)
            } else if self.answered > arrived {
                Lookup::Absent(ring)
            } else if self.began.is_some() {
                Lookup::Wait
            } else if self.due_in(now).is_zero() || self.allowance.permits(&self.settings, now) {
                Lookup::Ask {
                    attempt: self.attempts + 1,
                }
            } else {
                Lookup::CoolingDown(ring)
            }
        } else if self.began.is_some() || self.due_in(now) <= self.settings.wait {
            Lookup::Wait
        } else {
            self.unavailable(now)
        }
    }

    /// Starts an attempt if one is due by time, or if one is wanted that has not begun yet; for an
    /// unknown key, also if the allowance permits it and the issuer is not failing. `None`: do
    /// nothing now.
    ///
    /// After `Some` the caller fetches, and reports with [`finish`](Self::finish) whatever happens.
    /// Until then no other attempt begins, so an older answer cannot overtake a newer one.
    pub fn begin(&mut self, wanted: Wanted, now: UnixTime) -> Option<Trigger> {
        if self.began.is_some() {
            return None;
        }
        let trigger = if self.due_in(now).is_zero() {
            match self.current {
                None => Trigger::Cold,
                Some(_) => Trigger::Timer,
            }
        } else if wanted.manual > self.attempts {
            Trigger::Manual
        } else if wanted.unknown_key > self.attempts
            && self.failure.is_none()
            && self.allowance.take(&self.settings, now)
        {
            Trigger::UnknownKey
        } else {
            return None;
        };
        self.attempts += 1;
        self.began = Some(now);
        Some(trigger)
    }

    /// Takes in what the attempt brought: a good response, or why there is none. An answer that
    /// nobody has asked for changes nothing.
    ///
    /// A body without one usable key is a failure like any other. `jitter`, from 0 to 1, spreads
    /// the next attempt so that many processes do not ask in step.
    pub fn finish(
        &mut self,
        answer: Result<Answer<'_>, FetchFailure>,
        now: UnixTime,
        jitter: f64,
    ) -> Outcome {
        // The set is as old as the question: what the issuer changed since then it may not show.
        let Some(asked_at) = self.began.take() else {
            return Outcome::Unasked;
        };
        let jitter = jitter.clamp(0.0, 1.0);
        match answer.and_then(|answer| Ok((answer, self.read(answer.document)?))) {
            Ok((answer, set)) => {
                let max_age = self.settings.age_limit(answer.max_age);
                let refresh_after = self.settings.refresh_after(max_age, jitter);
                let dates = Dates {
                    fetched_at: Some(asked_at),
                    since: asked_at,
                    max_age,
                    refresh_after,
                };
                self.replace(set.ring, set.document, dates);
                self.failure = None;
                self.answered = self.attempts;
                set.outcome
            }
            Err(failure) => self.fail(failure, now, jitter),
        }
    }

    /// How long whoever drives the book may sleep: until the next attempt is due, or until the
    /// state changes by itself, whichever is sooner.
    #[must_use]
    pub fn sleeps(&self, now: UnixTime) -> Duration {
        let ages = self.current.iter().flat_map(|current| {
            let dates = current.dates;
            [dates.max_age, self.stale_until(dates)].map(|age| left(dates.since, age, now))
        });
        ages.filter(|left| !left.is_zero())
            .fold(self.due_in(now), Duration::min)
    }

    /// The state at `now`.
    #[must_use]
    pub fn state(&self, now: UnixTime) -> KeyState {
        let Some(Current { dates, .. }) = &self.current else {
            return KeyState::Cold;
        };
        let age = now.duration_since(dates.since);
        if age < dates.refresh_after {
            KeyState::Fresh
        } else if age < dates.max_age {
            KeyState::RefreshAhead
        } else if age < self.stale_until(*dates) {
            KeyState::Stale
        } else {
            KeyState::Outage
        }
    }

    /// The set that was last taken in, whatever its age. Requests use [`look_up`](Self::look_up).
    #[must_use]
    pub fn ring(&self) -> Option<&Arc<KeyRing>> {
        self.current.as_ref().map(|current| &current.ring)
    }

    /// The same while it may be used.
    #[must_use]
    pub fn ring_in_force(&self, now: UnixTime) -> Option<&Arc<KeyRing>> {
        self.ring().filter(|_| self.state(now).serves())
    }

    /// The document that the set was read from, byte by byte.
    #[must_use]
    pub fn document(&self) -> Option<&Arc<[u8]>> {
        self.current.as_ref().map(|current| &current.document)
    }

    /// Which set it is: 0 is none, and every set that differs from the one before it has the next
    /// number.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.current
            .as_ref()
            .map_or(0, |current| current.generation)
    }

    /// The number of the time since which no key has been lost: it changes when a key that could
    /// be used no longer can, or when its id has come to mean another key. A set with more keys
    /// keeps it. What was verified in one epoch stays verified in it; 0 while there is no set.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.current.as_ref().map_or(0, |current| current.epoch)
    }

    /// How old the set is; of a set of unknown age, how long it has been here.
    #[must_use]
    pub fn age(&self, now: UnixTime) -> Option<Duration> {
        self.current
            .as_ref()
            .map(|current| now.duration_since(current.dates.since))
    }

    /// When the issuer was asked for the set: `None` without one, and for a set of unknown age.
    #[must_use]
    pub fn fetched_at(&self) -> Option<UnixTime> {
        self.current.as_ref()?.dates.fetched_at
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

    /// The kind of the same failure.
    #[must_use]
    pub fn last_fault(&self) -> Option<FetchFault> {
        self.failure.as_ref().map(|failure| failure.fault)
    }

    fn read(&self, document: &[u8]) -> Result<Readable, FetchFailure> {
        if let Some(current) = &self.current
            && *current.document == *document
        {
            return Ok(Readable {
                ring: Arc::clone(&current.ring),
                document: Arc::clone(&current.document),
                outcome: Outcome::Confirmed,
            });
        }
        match KeyRing::parse(document) {
            Ok(ring) => Ok(Readable {
                ring: Arc::new(ring),
                document: document.into(),
                outcome: Outcome::Replaced,
            }),
            Err(error) => Err(FetchFailure::from(&error)),
        }
    }

    fn replace(&mut self, ring: Arc<KeyRing>, document: Arc<[u8]>, dates: Dates) {
        let (generation, epoch) = match &self.current {
            None => (1, 1),
            Some(previous) => (
                previous.generation + u64::from(*previous.document != *document),
                previous.epoch + u64::from(!ring.keeps_all_of(&previous.ring)),
            ),
        };
        self.current = Some(Current {
            ring,
            generation,
            epoch,
            document,
            dates,
        });
    }

    fn fail(&mut self, failure: FetchFailure, now: UnixTime, jitter: f64) -> Outcome {
        let settings = &self.settings;
        let in_a_row = self.failure.as_ref().map_or(0, |last| last.in_a_row) + 1;
        let pauses = match self.state(now).serves() {
            true => settings.pauses_with_keys,
            false => settings.pauses_without_keys,
        };
        let pause = pauses.after(in_a_row).mul_f64(0.5 + 0.5 * jitter);
        let wish = failure.retry_after.unwrap_or_default();
        self.failure = Some(Failure {
            fault: failure.fault,
            reason: failure.reason.into(),
            in_a_row,
            at: now,
            pause: pause.max(wish.min(settings.longest_wish)),
        });
        Outcome::Failed(failure.fault)
    }

    fn unavailable(&self, now: UnixTime) -> Lookup<'_> {
        Lookup::Unavailable {
            retry_after: self.due_in(now).max(SOONEST_RETRY),
        }
    }

    /// How long until time alone makes an attempt due.
    fn due_in(&self, now: UnixTime) -> Duration {
        match (&self.failure, &self.current) {
            (Some(failure), _) => left(failure.at, failure.pause, now),
            (None, Some(Current { dates, .. })) => left(dates.since, dates.refresh_after, now),
            (None, None) => Duration::ZERO,
        }
    }

    fn stale_until(&self, dates: Dates) -> Duration {
        self.settings.max_stale.max(dates.max_age)
    }
}

impl fmt::Debug for KeyBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBook")
            .field("generation", &self.generation())
            .field("epoch", &self.epoch())
            .field("keys", &self.ring().map_or(0, |ring| ring.len()))
            .field("attempts", &self.attempts)
            .field("in_flight", &self.in_flight())
            .field("last_failure", &self.last_failure())
            .finish_non_exhaustive()
    }
}

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

#[cfg(test)]
mod tests;
