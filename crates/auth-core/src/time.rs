use std::fmt;
use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An instant on the wall clock: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Tokens carry their times in this shape (`NumericDate`, RFC 7519 §2), with fractions allowed.
/// This crate never reads a clock: whoever verifies a token says what time it is, so that a test
/// can stand at any moment without sleeping. Arithmetic saturates at the ends of the range.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use auth_core::UnixTime;
///
/// let issued = UnixTime::from_secs(1_795_224_220);
/// assert_eq!((issued + Duration::from_millis(1500)).as_millis(), 1_795_224_221_500);
/// let now = UnixTime::from(SystemTime::now());
/// # let _ = now;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The instant `secs` seconds after the epoch (before it when negative).
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The instant `millis` milliseconds after the epoch (before it when negative).
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long after `earlier` this instant lies; zero when it does not lie after it.
    pub fn duration_since(self, earlier: Self) -> Duration {
        let millis = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl From<SystemTime> for UnixTime {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(whole_millis(after)),
            // Rounded towards the past on both sides of the epoch.
            Err(before) => {
                let before = before.duration();
                let partial = i64::from(before.subsec_nanos() % 1_000_000 != 0);
                Self(-whole_millis(before).saturating_add(partial))
            }
        }
    }
}

impl Add<Duration> for UnixTime {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(later)))
    }
}

impl Sub<Duration> for UnixTime {
    type Output = Self;

    fn sub(self, earlier: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(earlier)))
    }
}

/// Seconds since the epoch with three decimals, as logs and tokens count time.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millis = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03}", millis / 1000, millis % 1000)
    }
}

fn whole_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let end = UnixTime::from_millis(i64::MAX);
        let start = UnixTime::from_millis(i64::MIN);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(start - Duration::MAX, start);
        assert_eq!(UnixTime::from_secs(i64::MAX), end);
        assert_eq!(end.duration_since(start), Duration::from_millis(u64::MAX));
    }

    #[test]
    fn the_time_since_a_later_instant_is_zero() {
        let (one, two) = (UnixTime::from_secs(1), UnixTime::from_secs(2));
        assert_eq!(one.duration_since(two), Duration::ZERO);
        assert_eq!(two.duration_since(one), Duration::from_secs(1));
    }

    #[test]
    fn system_time_is_taken_in_milliseconds_rounded_down_on_both_sides_of_the_epoch() {
        let after = UNIX_EPOCH + Duration::from_nanos(1_999_999);
        let before = UNIX_EPOCH - Duration::from_nanos(1_000_001);
        assert_eq!(UnixTime::from(after).as_millis(), 1);
        assert_eq!(UnixTime::from(before).as_millis(), -2);
        assert_eq!(UnixTime::from_millis(-1).as_secs(), -1);
    }

    #[test]
    fn it_is_shown_in_seconds() {
        assert_eq!(
            UnixTime::from_millis(1_795_224_220_042).to_string(),
            "1795224220.042"
        );
        assert_eq!(UnixTime::from_millis(-1500).to_string(), "-1.500");
    }
}
