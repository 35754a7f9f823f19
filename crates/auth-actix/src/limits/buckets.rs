use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Rate;

/// A bucket for each key. Full ones are forgotten, as a new one is full, too.
pub(super) struct Buckets<K: Hash + Eq + Clone> {
    rate: Rate,
    clock: DefaultClock,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    /// Looks since full ones were last forgotten.
    looks: AtomicUsize,
}

/// No more keys than this are told apart, of some hundred bytes each: who comes later is let through until others are
/// forgotten. Whoever can come from so many addresses is nobody to count by address.
const MOST: usize = 200_000;

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub(super) fn new(rate: Rate) -> Self {
        let each = Quota::with_period(rate.each()).expect("a rate gives one back in some time");
        let limiter = RateLimiter::dashmap(each.allow_burst(rate.count)).with_middleware();
        Self {
            rate,
            clock: DefaultClock::default(),
            limiter,
            looks: AtomicUsize::new(0),
        }
    }

    pub(super) const fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one, and says how many are left; or how long until there is one.
    pub(super) fn take(&self, key: &K) -> Result<u32, Duration> {
        if !self.has_room() {
            return Ok(self.rate.count());
        }
        match self.limiter.check_key(key) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(until) => Err(until.wait_time_from(self.clock.now())),
        }
    }

    /// Forgets full ones each time that there may be as many of them as others.
    fn has_room(&self) -> bool {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        if looks < 1024 {
            return true;
        }
        let kept = self.limiter.len();
        if looks >= 2 * kept {
            self.looks.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
        }
        kept < MOST
    }
}
