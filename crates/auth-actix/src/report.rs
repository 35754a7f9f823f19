use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use auth_core::{Excerpt, KeyBook, KeyRing, KeyState, Outcome, SkippedKey, UnixTime};

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
        // An issuer that makes up something new each time gets its lines, but no memory.
        if self.complaints.len() + ring.skipped().len() > MAX_COMPLAINTS {
            self.complaints.clear();
        }
        let mut news = Vec::new();
        for skipped in ring.skipped() {
            let complaint = self.hash(skipped);
            if self.complaints.insert(complaint) {
                news.push(skipped);
            }
        }
        for skipped in news.iter().take(MAX_LINES) {
            tracing::warn!(jwks_url, "a key of the issuer is not usable: {skipped}");
        }
        if let more @ 1.. = news.len().saturating_sub(MAX_LINES) {
            tracing::warn!(jwks_url, more, "further keys of the issuer are not usable");
        }
    }

    /// What a complaint is known by: not its place in the set, which changes when another key goes.
    fn hash(&self, skipped: &SkippedKey) -> u64 {
        let key_id = skipped.key_id.as_ref().map(Excerpt::as_str);
        let place = key_id.is_none().then_some(skipped.index);
        let reason = skipped.reason.to_string();
        self.hasher.hash_one((key_id, place, reason))
    }
}

const MAX_COMPLAINTS: usize = 1024;

/// So many lines about one set: it may have been made to fill the log.
const MAX_LINES: usize = 16;

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use auth_core::{Answer, KeyBookSettings, Wanted};
    use serde_json::{Value, json};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Log {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn good() -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "good",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    }

    /// How many warnings each of these sets is worth, one after another.
    fn warnings(sets: &[Vec<Value>]) -> Vec<usize> {
        let now = UnixTime::from_secs(1_795_224_220);
        let mut book = KeyBook::new(KeyBookSettings::default());
        let mut report = Report::new("https://app.example/jwks".into(), &book, now);
        let mut count = |keys: &Vec<Value>| {
            let document = json!({ "keys": keys }).to_string();
            let wanted = Wanted {
                manual: book.attempts() + 1,
                ..Wanted::default()
            };
            assert!(book.begin(wanted, now).is_some());
            let answer = Answer {
                document: document.as_bytes(),
                max_age: None,
            };
            let outcome = book.finish(Ok(answer), now, 0.5);
            let log = Log::default();
            let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
            tracing::subscriber::with_default(subscriber, || {
                report.say(&book, now, Some(outcome), None);
            });
            let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
            text.lines().filter(|line| line.contains("WARN")).count()
        };
        sets.iter().map(&mut count).collect()
    }

    #[test]
    fn a_bad_key_is_complained_of_once_wherever_it_stands() {
        let (bad, other) = (
            json!({ "kty": "AKP", "kid": "a" }),
            json!({ "kty": "AKP", "kid": "b" }),
        );
        let sets = [
            vec![good(), bad.clone()],
            vec![bad.clone(), good()],
            vec![good()],
            vec![other.clone(), good(), bad],
        ];
        assert_eq!(warnings(&sets), [1, 0, 0, 1]);
    }

    #[test]
    fn a_set_made_to_fill_the_log_gets_a_page_of_it() {
        let strangers = |n: usize| json!({ "kty": "AKP", "kid": format!("stranger-{n}") });
        let many: Vec<Value> = (0..60).map(strangers).chain([good()]).collect();
        let far_too_many: Vec<Value> = (0..3000).map(|_| json!({})).chain([good()]).collect();
        let worth = warnings(&[many, far_too_many]);
        assert_eq!(worth[0], MAX_LINES + 1);
        assert!(worth[1] <= MAX_LINES + 1, "{worth:?}");
    }
}
