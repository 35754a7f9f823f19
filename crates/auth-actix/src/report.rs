use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use auth_core::{KeyBook, KeyRing, KeyState, Outcome, UnixTime};

/// What the feed writes to the log: a line for each change, none per request and none per attempt.
pub(crate) struct Report {
    jwks_url: String,
    said: Condition,
    /// The skipped keys that were complained of, as hashes of the complaint.
    complaints: HashSet<u64>,
    hasher: RandomState,
}

/// What the log was told last.
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
}

impl Report {
    pub(crate) fn new(jwks_url: String, book: &KeyBook, now: UnixTime) -> Self {
        Self {
            jwks_url,
            said: Condition::of(book, now),
            complaints: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Says what is new: about the state, and about the set that an attempt brought in the place
    /// of the `previous` one.
    pub(crate) fn say(
        &mut self,
        book: &KeyBook,
        now: UnixTime,
        outcome: Option<Outcome>,
        previous: Option<&KeyRing>,
    ) {
        let condition = Condition::of(book, now);
        if condition != self.said {
            self.said = condition;
            self.say_condition(book);
        } else if outcome == Some(Outcome::Replaced) {
            let (keys, generation) = (book.ring().map_or(0, |ring| ring.len()), book.generation());
            let jwks_url = &*self.jwks_url;
            tracing::info!(
                jwks_url,
                keys,
                generation,
                "the issuer has another set of keys"
            );
        } else if let Some(Outcome::Failed(fault)) = outcome {
            let error = book.last_failure().unwrap_or("none");
            let (jwks_url, fault) = (&*self.jwks_url, fault.name());
            tracing::debug!(
                jwks_url,
                fault,
                error,
                "the issuer's keys still cannot be renewed"
            );
        }
        if outcome == Some(Outcome::Replaced)
            && let Some(ring) = book.ring()
        {
            self.say_oddities(ring, previous);
        }
    }

    fn say_condition(&self, book: &KeyBook) {
        let (keys, generation) = (book.ring().map_or(0, |ring| ring.len()), book.generation());
        let error = book.last_failure().unwrap_or("none");
        let fault = book.last_fault().map_or("none", |fault| fault.name());
        let jwks_url = &*self.jwks_url;
        match (self.said.state, self.said.failing) {
            (KeyState::Fresh | KeyState::RefreshAhead, false) => {
                tracing::info!(jwks_url, keys, generation, "the issuer's keys are fresh");
            }
            (KeyState::Fresh | KeyState::RefreshAhead, true) => {
                tracing::warn!(
                    jwks_url,
                    keys,
                    fault,
                    error,
                    "the issuer's keys cannot be renewed"
                );
            }
            (KeyState::Stale, _) => {
                tracing::warn!(
                    jwks_url,
                    keys,
                    fault,
                    error,
                    "the issuer's keys are stale and still served"
                );
            }
            (KeyState::Outage, _) => {
                tracing::error!(
                    jwks_url,
                    fault,
                    error,
                    "the issuer's keys are too old: no token is admitted"
                );
            }
            (KeyState::Cold, _) => {
                tracing::warn!(
                    jwks_url,
                    fault,
                    error,
                    "there are no keys of the issuer yet"
                );
            }
        }
    }

    fn say_oddities(&mut self, ring: &KeyRing, previous: Option<&KeyRing>) {
        let jwks_url = &*self.jwks_url;
        for key_id in previous.map_or_else(Vec::new, |previous| ring.reused_ids(previous)) {
            tracing::warn!(
                jwks_url,
                code = "kid_reused",
                "the key id {key_id:?} means another key now: tokens of the old one are refused"
            );
        }
        for skipped in ring.skipped() {
            let complaint = skipped.to_string();
            // An issuer that makes up something new each time gets its lines, but no memory.
            if self.complaints.len() >= MAX_COMPLAINTS {
                self.complaints.clear();
            }
            if self.complaints.insert(self.hasher.hash_one(&complaint)) {
                tracing::warn!(jwks_url, "a key of the issuer is not usable: {complaint}");
            }
        }
    }
}

const MAX_COMPLAINTS: usize = 1024;
