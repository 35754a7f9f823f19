use super::KeyBookSettings;
use crate::UnixTime;

/// The token bucket for unknown keys, kept as the moment at which it will be full again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
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
    pub(super) fn permits(self, settings: &KeyBookSettings, now: UnixTime) -> bool {
        self.after_one_more(settings, now).is_some()
    }

    pub(super) fn take(&mut self, settings: &KeyBookSettings, now: UnixTime) -> bool {
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
