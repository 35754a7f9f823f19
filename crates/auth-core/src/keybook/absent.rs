use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::UnixTime;

/// The key ids that the issuer has just been asked for and does not have.
///
/// One token with a wrong key id, sent again and again, would otherwise use up the allowance for
/// unknown keys whenever it refills, and a key that is really new would have to wait for the next
/// refill. Only ids that an answer of the issuer did not hold belong in here. They are forgotten
/// after a while, all at once when another set is in force, and the oldest first when there are
/// too many. Nothing here can hide a key that is in the ring: that is looked at before.
///
/// ```
/// use std::time::Duration;
/// use auth_core::{AbsentKeys, UnixTime};
///
/// let mut absent = AbsentKeys::new(1024, Duration::from_secs(30));
/// let (generation, now) = (1, UnixTime::from_secs(1_795_224_220));
/// absent.insert("withdrawn", generation, now);
/// assert!(absent.contains("withdrawn", generation, now + Duration::from_secs(29)));
/// assert!(!absent.contains("withdrawn", generation, now + Duration::from_secs(30)));
/// ```
pub struct AbsentKeys {
    capacity: usize,
    lifetime: Duration,
    generation: u64,
    since: HashMap<Arc<str>, UnixTime>,
    /// The same ids in the order of their coming, which is that of their going.
    order: VecDeque<Arc<str>>,
}

impl AbsentKeys {
    /// An empty list of at most `capacity` ids, each for `lifetime`. With a capacity or a lifetime
    /// of zero it stays empty.
    #[must_use]
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self {
            capacity,
            lifetime,
            generation: 0,
            since: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Whether the issuer is known not to have this key, as far as the set of `generation` goes.
    #[must_use]
    pub fn contains(&self, key_id: &str, generation: u64, now: UnixTime) -> bool {
        generation == self.generation
            && self
                .since
                .get(key_id)
                .is_some_and(|&since| self.counts(since, now))
    }

    /// Notes that the issuer's answer, which confirmed or brought the set of `generation`, did not
    /// have this key. One that is noted already keeps its time: it cannot be prolonged by asking.
    pub fn insert(&mut self, key_id: &str, generation: u64, now: UnixTime) {
        if generation < self.generation || self.capacity == 0 {
            return;
        }
        if generation > self.generation {
            self.generation = generation;
            self.since.clear();
            self.order.clear();
        }
        while let Some(oldest) = self.order.front()
            && !self.counts(self.since[oldest], now)
        {
            self.forget_oldest();
        }
        if self.since.contains_key(key_id) {
            return;
        }
        if self.order.len() >= self.capacity {
            self.forget_oldest();
        }
        let key_id: Arc<str> = key_id.into();
        self.order.push_back(Arc::clone(&key_id));
        self.since.insert(key_id, now);
    }

    /// How many ids are noted, some perhaps past their time.
    #[must_use]
    pub fn len(&self) -> usize {
        self.since.len()
    }

    /// Whether no id is noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.since.is_empty()
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.since.remove(&oldest);
        }
    }

    /// An id noted in the future tells of a clock that was set back, and does not count.
    fn counts(&self, since: UnixTime, now: UnixTime) -> bool {
        since <= now && now.duration_since(since) < self.lifetime
    }
}

/// Key ids come from strangers: they are counted, not shown.
impl fmt::Debug for AbsentKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbsentKeys")
            .field("generation", &self.generation)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> UnixTime {
        UnixTime::from_secs(1_700_000_000 + secs)
    }

    fn default() -> AbsentKeys {
        AbsentKeys::new(1024, Duration::from_secs(30))
    }

    #[test]
    fn an_absent_key_is_remembered_for_its_time_and_asking_does_not_prolong_it() {
        let mut absent = default();
        absent.insert("a", 1, at(0));
        absent.insert("a", 1, at(29));
        assert!(absent.contains("a", 1, at(29)));
        assert!(!absent.contains("a", 1, at(30)));
        assert!(!absent.contains("b", 1, at(0)));
        absent.insert("a", 1, at(31));
        assert!(absent.contains("a", 1, at(60)), "noted anew");
    }

    #[test]
    fn another_generation_forgets_them_all() {
        let mut absent = default();
        absent.insert("a", 1, at(0));
        assert!(!absent.contains("a", 2, at(1)), "before it has heard of it");
        absent.insert("b", 2, at(1));
        assert_eq!(absent.len(), 1);
        assert!(!absent.contains("a", 2, at(1)) && absent.contains("b", 2, at(1)));
        absent.insert("c", 1, at(1));
        assert!(!absent.contains("c", 2, at(1)), "a latecomer is left out");
        assert!(absent.contains("b", 2, at(1)), "and does no harm");
    }

    #[test]
    fn a_flood_of_absent_keys_pushes_the_oldest_out_and_takes_no_more_room() {
        let mut absent = default();
        for i in 0..20_000 {
            absent.insert(&i.to_string(), 1, at(0));
        }
        assert_eq!((absent.len(), absent.order.len()), (1024, 1024));
        assert!(absent.contains("19999", 1, at(0)) && absent.contains("18976", 1, at(0)));
        assert!(!absent.contains("18975", 1, at(0)));
    }

    #[test]
    fn what_is_past_its_time_makes_room() {
        let mut absent = AbsentKeys::new(3, Duration::from_secs(30));
        absent.insert("a", 1, at(0));
        absent.insert("b", 1, at(0));
        absent.insert("c", 1, at(30));
        assert_eq!(absent.len(), 1);
    }

    #[test]
    fn without_room_or_time_nothing_is_remembered() {
        for mut absent in [
            AbsentKeys::new(0, Duration::from_secs(30)),
            AbsentKeys::new(1024, Duration::ZERO),
        ] {
            absent.insert("a", 1, at(0));
            assert!(!absent.contains("a", 1, at(0)));
        }
    }

    #[test]
    fn a_clock_set_back_forgets_instead_of_remembering_too_long() {
        let mut absent = default();
        absent.insert("a", 1, at(3600));
        assert!(!absent.contains("a", 1, at(0)));
        absent.insert("a", 1, at(0));
        assert!(absent.contains("a", 1, at(29)));
    }

    #[test]
    fn debug_output_names_no_key() {
        let mut absent = default();
        absent.insert("stranger", 1, at(0));
        let shown = format!("{absent:?}");
        assert!(shown.contains("len: 1") && !shown.contains("stranger"));
    }
}
