//! The life of an issuer's keys: which set counts now, and when to ask for a newer one.
//!
//! [`KeyBook`] only decides. Whoever drives it (the key feed of `auth-actix`) tells it the time,
//! fetches when [`begin`](KeyBook::begin) says so, and hands back what came. Nothing here waits,
//! reads a clock or draws a random number, so every row of the table below is a plain test.
//!
//! | state | entered when | known key | unknown key |
//! |---|---|---|---|
//! | [`Cold`](KeyState::Cold) | no usable set ever came | wait for the attempt, else unavailable | same |
//! | [`Fresh`](KeyState::Fresh) | younger than about 80 % of `max_age` | verify | ask once if the allowance permits, else unknown |
//! | [`RefreshAhead`](KeyState::RefreshAhead) | from there to `max_age` | verify | same |
//! | [`Stale`](KeyState::Stale) | older, the issuer is failing | verify | unavailable: nobody can know |
//! | [`Outage`](KeyState::Outage) | older than `max_stale` | as cold | as cold |
//!
//! Three rules hold in every state. A known key never waits. A failed attempt changes nothing but
//! the time of the next one: the last good set stays. A good answer replaces the set as a whole:
//! a key that is missing from it is gone at once.

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

/// How old the keys are. See the [module's table](self).
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
        Self { reason: reason.into(), retry_after: None }
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

/// The key set in force, the attempts to renew it, and the decisions that follow.
///
/// A plain value: the one who drives it changes his own, and publishes clones for requests.
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
        let unavailable = Lookup::Unavailable { retry_after: due_in.max(SOONEST_RETRY) };

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
            Lookup::Ask { attempt: self.attempts + 1 }
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
        let by_request = || wanted > self.attempts && self.failure.is_none();
        if !by_time && !(by_request() && self.allowance.take(&self.settings, now)) {
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
            Some(previous) if *previous.document == *document => {
                Ok((Arc::clone(&previous.ring), Arc::clone(&previous.document), Outcome::Confirmed))
            }
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
                let (first, longest) = if self.state(now).serves() { WARM_PAUSE } else { COLD_PAUSE };
                let pause = first.saturating_mul(1 << (in_a_row - 1).min(16)).min(longest);
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
            [self.settings.max_age, self.stale_until()].map(|age| left(current.fetched_at, age, now))
        });
        ages.filter(|left| !left.is_zero()).fold(self.due_in(now), Duration::min)
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
        self.current.as_ref().map_or(0, |current| current.generation)
    }

    /// How old the set in force is.
    #[must_use]
    pub fn age(&self, now: UnixTime) -> Option<Duration> {
        self.current.as_ref().map(|current| now.duration_since(current.fetched_at))
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
    if now < start { Duration::ZERO } else { span.saturating_sub(now.duration_since(start)) }
}

/// The token bucket for unknown keys, kept as the moment at which it will be full again.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    full_at: UnixTime,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { full_at: UnixTime::from_millis(i64::MIN) }
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
        let full_at = if self.full_at > empty { now } else { self.full_at.max(now) };
        let after = full_at + settings.cooldown;
        (settings.burst > 0 && after <= empty).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"old",
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const NEW: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"new",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    /// With this jitter a set is refreshed at 80 % of its age, and pauses are three quarters.
    const MIDDLE: f64 = 0.5;

    fn at(secs: f64) -> UnixTime {
        UnixTime::from_millis(1_700_000_000_000 + (secs * 1000.0) as i64)
    }

    fn set(keys: &[&str]) -> String {
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    fn cold() -> KeyBook {
        KeyBook::new(KeyBookSettings::default())
    }

    /// A book that holds the key `old`, fetched at second 0.
    fn warm() -> KeyBook {
        let mut book = cold();
        assert!(book.begin(0, at(0.0)));
        assert_eq!(book.finish(Ok(set(&[OLD]).as_bytes()), at(0.0), MIDDLE), Outcome::Replaced);
        book
    }

    fn failed(mut book: KeyBook, secs: f64) -> KeyBook {
        let wanted = book.attempts() + 1;
        assert!(book.begin(wanted, at(secs)));
        let down = FetchFailure::new("connection refused");
        assert_eq!(book.finish(Err(down), at(secs), MIDDLE), Outcome::Failed);
        book
    }

    fn begun(mut book: KeyBook, secs: f64) -> KeyBook {
        let wanted = book.attempts() + 1;
        assert!(book.begin(wanted, at(secs)));
        book
    }

    /// The allowance used up by two good answers to requests for unknown keys.
    fn spent(mut book: KeyBook, secs: f64) -> KeyBook {
        for _ in 0..2 {
            book = begun(book, secs);
            book.finish(Ok(set(&[OLD]).as_bytes()), at(secs), MIDDLE);
        }
        book
    }

    fn says(book: &KeyBook, key_id: &str, secs: f64) -> String {
        match book.look_up(key_id, book.attempts(), at(secs)) {
            Lookup::Known(_) => "known".into(),
            Lookup::Unknown(_) => "unknown".into(),
            Lookup::Wait => "wait".into(),
            Lookup::Ask { attempt } => format!("ask {attempt}"),
            Lookup::Unavailable { retry_after } => format!("retry in {}", retry_after.as_secs_f64()),
        }
    }

    #[test]
    fn every_state_decides_as_its_row_says() {
        use KeyState::{Cold, Fresh, Outage, RefreshAhead, Stale};
        const DAY: f64 = 24.0 * 3600.0;
        // (what happened, the book, at second, state, a known key, an unknown key)
        let rows = [
            ("nothing yet", cold(), 0.0, Cold, "wait", "wait"),
            ("first attempt runs", begun(cold(), 0.0), 0.9, Cold, "wait", "wait"),
            ("first attempt failed", failed(cold(), 0.0), 0.1, Cold, "wait", "wait"),
            (
                "long pause while cold",
                failed(failed(failed(failed(cold(), 0.0), 1.0), 2.0), 5.0),
                5.0,
                Cold,
                "retry in 3",
                "retry in 3",
            ),
            ("just fetched", warm(), 0.0, Fresh, "known", "ask 2"),
            ("almost 80 %", warm(), 239.9, Fresh, "known", "ask 2"),
            ("an attempt runs", begun(warm(), 10.0), 10.5, Fresh, "known", "wait"),
            ("allowance spent", spent(warm(), 10.0), 10.5, Fresh, "known", "unknown"),
            ("allowance spent, almost refilled", spent(warm(), 10.0), 24.9, Fresh, "known", "unknown"),
            ("one refill", spent(warm(), 10.0), 25.0, Fresh, "known", "ask 4"),
            ("80 % of its age", warm(), 240.0, RefreshAhead, "known", "ask 2"),
            ("renewal runs", begun(warm(), 240.0), 241.0, RefreshAhead, "known", "wait"),
            ("fresh, issuer down", failed(warm(), 10.0), 11.0, Fresh, "known", "retry in 2.75"),
            ("ahead, issuer down", failed(warm(), 240.0), 240.0, RefreshAhead, "known", "retry in 3.75"),
            ("stale, issuer down", failed(warm(), 299.0), 300.0, Stale, "known", "retry in 2.75"),
            ("stale, attempt due", failed(warm(), 299.0), 310.0, Stale, "known", "retry in 1"),
            ("stale, attempt runs", begun(failed(warm(), 299.0), 310.0), 311.0, Stale, "known", "retry in 1"),
            ("stale after a long sleep", warm(), 4000.0, Stale, "known", "ask 2"),
            ("a second before the end", failed(warm(), DAY - 1.0), DAY - 0.1, Stale, "known", "retry in 2.85"),
            ("a day old", failed(warm(), DAY - 1.0), DAY, Outage, "retry in 2.75", "retry in 2.75"),
            ("a day old, attempt runs", begun(warm(), DAY), DAY, Outage, "wait", "wait"),
        ];
        for (what, book, now, state, known, unknown) in rows {
            assert_eq!(book.state(at(now)), state, "{what}: state");
            assert_eq!(says(&book, "old", now), known, "{what}: known key");
            assert_eq!(says(&book, "stranger", now), unknown, "{what}: unknown key");
        }
    }

    #[test]
    fn an_attempt_that_began_after_the_request_has_answered_it() {
        let mut book = warm();
        let arrived = book.attempts();
        assert!(book.begin(arrived + 1, at(10.0)));
        book.finish(Ok(set(&[OLD]).as_bytes()), at(10.1), MIDDLE);
        assert!(matches!(book.look_up("stranger", arrived, at(10.1)), Lookup::Unknown(_)));
        // One who came while it ran cannot be sure of its answer, and may ask once more.
        let later = book.look_up("stranger", arrived + 1, at(10.1));
        assert!(matches!(later, Lookup::Ask { attempt: 3 }));
    }

    #[test]
    fn a_crowd_that_asks_for_one_attempt_gets_one() {
        let mut book = warm();
        assert!(book.begin(2, at(10.0)));
        assert!(!book.begin(2, at(10.0)), "it is running");
        book.finish(Ok(set(&[OLD]).as_bytes()), at(10.1), MIDDLE);
        assert!(!book.begin(2, at(10.1)), "it has been made");
        assert_eq!(book.attempts(), 2);
    }

    #[test]
    fn a_flood_of_unknown_keys_makes_no_more_attempts_than_allowed() {
        let mut book = warm();
        for tenth in 0..600 {
            let now = f64::from(tenth) / 10.0;
            if let Lookup::Ask { attempt } = book.look_up("stranger", book.attempts(), at(now)) {
                assert!(book.begin(attempt, at(now)));
                book.finish(Ok(set(&[OLD]).as_bytes()), at(now), MIDDLE);
            }
        }
        // In one minute: two at once, then one after each 15 s.
        assert_eq!(book.attempts(), 1 + 2 + 3);
    }

    #[test]
    fn attempts_are_counted_whether_or_not_they_succeed() {
        let mut book = failed(warm(), 10.0);
        assert!(!book.begin(99, at(11.0)), "requests cannot hurry an issuer that fails");
        book = begun(book, 14.0);
        book.finish(Ok(set(&[OLD]).as_bytes()), at(14.0), MIDDLE);
        // Second 10 took one by request, 14 came by time and took none.
        assert_eq!(says(&book, "stranger", 14.0), "ask 4");
        book = begun(book, 14.0);
        book.finish(Ok(set(&[OLD]).as_bytes()), at(14.0), MIDDLE);
        assert_eq!(says(&book, "stranger", 14.0), "unknown");
    }

    #[test]
    fn a_good_answer_replaces_the_whole_set() {
        let mut book = begun(warm(), 240.0);
        let answer = set(&[NEW]);
        assert_eq!(book.finish(Ok(answer.as_bytes()), at(240.5), MIDDLE), Outcome::Replaced);
        assert_eq!(book.generation(), 2);
        assert_eq!(says(&book, "new", 241.0), "known");
        assert_eq!(says(&book, "old", 241.0), "ask 3", "a withdrawn key is gone at once");
    }

    #[test]
    fn the_same_document_again_keeps_the_generation_and_makes_it_young() {
        let mut book = begun(warm(), 240.0);
        let ring = Arc::clone(book.ring().unwrap());
        assert_eq!(book.finish(Ok(set(&[OLD]).as_bytes()), at(240.5), MIDDLE), Outcome::Confirmed);
        assert_eq!(book.generation(), 1);
        assert!(Arc::ptr_eq(&ring, book.ring().unwrap()));
        assert_eq!(book.age(at(241.0)), Some(Duration::from_secs(1)), "counted from the question");
    }

    #[test]
    fn an_answer_without_a_usable_key_is_a_failure_and_keeps_the_old_set() {
        for useless in [r#"{"keys":[]}"#, "{}", "null", "", "<html>", r#"{"keys":[{"kty":"AKP"}]}"#] {
            let mut book = begun(warm(), 240.0);
            assert_eq!(book.finish(Ok(useless.as_bytes()), at(240.0), MIDDLE), Outcome::Failed, "{useless}");
            assert_eq!(book.generation(), 1, "{useless}");
            assert_eq!(says(&book, "old", 241.0), "known", "{useless}");
            assert_eq!(says(&book, "new", 241.0), "retry in 2.75", "{useless}");
            assert!(book.last_failure().is_some_and(|reason| !reason.is_empty()), "{useless}");
        }
    }

    #[test]
    fn pauses_double_up_to_their_limit_and_end_with_success() {
        for (mut book, start, pauses) in [
            (cold(), 0.0, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]),
            (warm(), 240.0, [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0]),
        ] {
            let mut now = at(start);
            for pause in pauses {
                assert!(book.begin(0, now));
                book.finish(Err(FetchFailure::new("down")), now, 1.0);
                assert_eq!(book.due_in(now).as_secs_f64(), pause);
                now = now + Duration::from_secs_f64(pause);
            }
            assert!(book.begin(0, now));
            book.finish(Ok(set(&[NEW]).as_bytes()), now, MIDDLE);
            assert_eq!(book.last_failure(), None);
            assert_eq!(book.due_in(now), Duration::from_secs(240));
        }
    }

    #[test]
    fn jitter_spreads_attempts_within_bounds() {
        for (jitter, refresh, pause) in [(0.0, 216.0, 0.25), (1.0, 264.0, 0.5), (f64::MAX, 264.0, 0.5)] {
            let mut book = begun(cold(), 0.0);
            book.finish(Err(FetchFailure::new("down")), at(0.0), jitter);
            assert_eq!(book.due_in(at(0.0)).as_secs_f64(), pause);
            let mut book = begun(cold(), 0.0);
            book.finish(Ok(set(&[OLD]).as_bytes()), at(0.0), jitter);
            assert_eq!(book.due_in(at(0.0)).as_secs_f64(), refresh);
        }
    }

    #[test]
    fn the_issuers_wish_for_a_pause_is_honoured_within_reason() {
        for (wish, pause) in [(1, 3.75), (10, 10.0), (86_400, 300.0)] {
            let mut book = begun(warm(), 240.0);
            let retry_after = Some(Duration::from_secs(wish));
            let failure = FetchFailure { reason: "answered 429".into(), retry_after };
            book.finish(Err(failure), at(240.0), MIDDLE);
            assert_eq!(book.due_in(at(240.0)).as_secs_f64(), pause);
        }
    }

    #[test]
    fn the_sleep_ends_where_the_state_changes() {
        let book = warm();
        assert_eq!(book.sleeps(at(0.0)).as_secs(), 240, "next attempt");
        let mut book = begun(warm(), 290.0);
        let failure = FetchFailure { reason: "503".into(), retry_after: Some(LONGEST_WISH) };
        book.finish(Err(failure), at(290.0), MIDDLE);
        assert_eq!(book.sleeps(at(290.0)).as_secs(), 10, "turns stale before the next attempt");
        assert_eq!(book.sleeps(at(300.0)).as_secs(), 290, "then the attempt is next");
    }

    #[test]
    fn without_tolerance_for_stale_keys_the_outage_begins_with_max_age() {
        let mut book = KeyBook::new(KeyBookSettings {
            max_stale: Duration::ZERO,
            ..KeyBookSettings::default()
        });
        assert!(book.begin(0, at(0.0)));
        book.finish(Ok(set(&[OLD]).as_bytes()), at(0.0), MIDDLE);
        assert_eq!(book.state(at(299.9)), KeyState::RefreshAhead);
        assert_eq!(book.state(at(300.0)), KeyState::Outage);
    }

    #[test]
    fn a_burst_of_zero_never_asks_for_unknown_keys_and_no_cooldown_always_does() {
        let with = |burst, cooldown| {
            let settings = KeyBookSettings { burst, cooldown, ..KeyBookSettings::default() };
            KeyBook { settings, ..warm() }
        };
        let book = with(0, Duration::from_secs(15));
        assert_eq!(says(&book, "stranger", 100.0), "unknown");
        let mut book = with(1, Duration::ZERO);
        for wanted in 2..50 {
            assert!(book.begin(wanted, at(1.0)));
            book.finish(Ok(set(&[OLD]).as_bytes()), at(1.0), MIDDLE);
        }
    }

    #[test]
    fn a_clock_set_back_makes_an_attempt_due_and_does_not_lock_the_allowance() {
        let mut book = spent(warm(), 100.0);
        assert_eq!(book.due_in(at(-3600.0)), Duration::ZERO);
        assert_eq!(says(&book, "old", -3600.0), "known");
        book = begun(book, -3600.0);
        book.finish(Ok(set(&[OLD]).as_bytes()), at(-3600.0), MIDDLE);
        assert_eq!(book.due_in(at(-3600.0)).as_secs(), 240);
        assert_eq!(says(&book, "stranger", -3600.0), "ask 5");

        let book = failed(warm(), 100.0);
        assert_eq!(book.due_in(at(-3600.0)), Duration::ZERO);
    }

    #[test]
    fn debug_output_does_not_print_the_document() {
        let shown = format!("{:?}", warm());
        assert!(shown.contains("generation: 1") && shown.contains("keys: 1"), "{shown}");
        assert!(shown.len() < 200, "{shown}");
    }
}
