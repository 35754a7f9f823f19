use std::time::Duration;

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
    /// How long a set counts as current if the issuer does not say. A withdrawn key dies at the
    /// latest after this time, as long as the issuer answers. Default 5 minutes.
    pub max_age: Duration,
    /// The issuer's own word (`Cache-Control`) counts from here: it cannot make us ask more often.
    /// Default 1 minute.
    pub shortest_told_age: Duration,
    /// The issuer's own word counts up to here: it cannot keep a withdrawn key alive for longer.
    /// Default 1 hour.
    pub longest_told_age: Duration,
    /// How long the set outlives an issuer that does not answer. Default 24 hours. Less than the
    /// set's age limit, zero included, means: not at all.
    pub max_stale: Duration,
    /// At how many percent of its age limit a set is renewed. Default 80.
    pub refresh_at_percent: u8,
    /// By how many percent the moment of renewal varies, so that many processes do not ask in
    /// step. Default 10, up and down.
    pub jitter_percent: u8,
    /// After this time one more attempt for the sake of an unknown key is allowed. Default 15 s.
    pub cooldown: Duration,
    /// So many attempts for unknown keys may follow each other without a pause. Default 2; with 0
    /// an unknown key never makes an attempt.
    pub burst: u32,
    /// How long a request is ready to wait. While there are no keys at all, an attempt that is
    /// due within this time is worth waiting for. Default 1 s.
    pub wait: Duration,
    /// The pauses after failures while there are no keys to serve, and somebody waits. Default
    /// 0.5 s, doubling up to 30 s.
    pub pauses_without_keys: Pauses,
    /// The pauses after failures while known keys go on. Default 5 s, doubling up to 60 s.
    pub pauses_with_keys: Pauses,
    /// The issuer may ask for a longer pause than ours (`Retry-After`) up to here: it must not
    /// lock itself out. Default 5 minutes.
    pub longest_wish: Duration,
}

/// How long to leave a failing issuer alone: the first pause, doubled with every further failure
/// up to the longest. What is really waited is between half of that and all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// After the first failure.
    pub first: Duration,
    /// After many.
    pub longest: Duration,
}

impl Pauses {
    pub(super) fn after(self, failures: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.clamp(1, 17) >> 1);
        doubled.min(self.longest)
    }
}

impl Default for KeyBookSettings {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(300),
            shortest_told_age: Duration::from_secs(60),
            longest_told_age: Duration::from_secs(3600),
            max_stale: Duration::from_secs(24 * 3600),
            refresh_at_percent: 80,
            jitter_percent: 10,
            cooldown: Duration::from_secs(15),
            burst: 2,
            wait: Duration::from_secs(1),
            pauses_without_keys: Pauses {
                first: Duration::from_millis(500),
                longest: Duration::from_secs(30),
            },
            pauses_with_keys: Pauses {
                first: Duration::from_secs(5),
                longest: Duration::from_secs(60),
            },
            longest_wish: Duration::from_secs(300),
        }
    }
}

impl KeyBookSettings {
    /// When a set with this age limit is renewed; `jitter` is from 0 to 1.
    pub(super) fn refresh_after(&self, max_age: Duration, jitter: f64) -> Duration {
        let swing = f64::from(self.jitter_percent) / 100.0 * (2.0 * jitter - 1.0);
        let share = f64::from(self.refresh_at_percent) / 100.0 * (1.0 + swing);
        max_age.mul_f64(share.clamp(0.0, 1.0))
    }

    /// The age limit of a set whose issuer said `told`.
    pub(super) fn age_limit(&self, told: Option<Duration>) -> Duration {
        told.map_or(self.max_age, |told| {
            told.max(self.shortest_told_age).min(self.longest_told_age)
        })
    }
}
