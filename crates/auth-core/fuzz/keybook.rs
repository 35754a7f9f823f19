//! What the fuzz target `keybook` does: a life of keys as the input tells it, held against a model
//! that knows only which keys each document has.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use auth_core::{
    Answer, FetchFailure, FetchFault, KeyBook, KeyBookSettings, Lookup, Outcome, Trigger, UnixTime,
    Wanted,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::json;

/// Each byte is a step, with the bytes after it as its details.
pub fn keybook(data: &[u8]) {
    let mut life = Life {
        bytes: data.iter(),
        book: KeyBook::new(KeyBookSettings::default()),
        keys: None,
        now: UnixTime::from_secs(1_800_000_000),
        begun: UnixTime::from_secs(1_800_000_000),
        for_unknown_keys: 0,
    };
    while life.step().is_some() {}
}

struct Life<'a> {
    bytes: std::slice::Iter<'a, u8>,
    book: KeyBook,
    /// The model: the keys that are in force or were last, by id and material.
    keys: Option<&'static BTreeSet<(&'static str, u8)>>,
    now: UnixTime,
    /// Since when the clock has only gone forward, and the attempts for unknown keys since then.
    begun: UnixTime,
    for_unknown_keys: u128,
}

impl Life<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.bytes.next().copied()
    }

    fn step(&mut self) -> Option<()> {
        match self.byte()? % 8 {
            0 => self.now = self.now + Duration::from_millis(u64::from(self.byte()?) * 100),
            1 => self.now = self.now + Duration::from_secs(u64::from(self.byte()?).pow(2)),
            2 => {
                // The clock is set back, and what was counted by it counts no more.
                self.now = self.now - Duration::from_secs(u64::from(self.byte()?).pow(2));
                (self.begun, self.for_unknown_keys) = (self.now, 0);
            }
            3 => self.begin()?,
            4 => self.answer()?,
            5 => self.fail()?,
            6 => self.look_up()?,
            _ => self.preload()?,
        }
        let sleeps = self.book.sleeps(self.now);
        assert!(sleeps <= Duration::from_secs(2 * 24 * 3600), "{sleeps:?}");
        assert_eq!(self.book.ring().is_some(), self.keys.is_some());
        assert!(self.book.epoch() <= self.book.generation());
        assert!(format!("{:?}", self.book).len() < 1000);
        Some(())
    }

    fn begin(&mut self) -> Option<()> {
        let choice = self.byte()?;
        let next = self.book.attempts() + 1;
        let wanted = Wanted {
            unknown_key: if choice & 1 == 0 { 0 } else { next },
            manual: if choice & 2 == 0 {
                0
            } else {
                next - u64::from(choice & 4 != 0)
            },
        };
        let was_in_flight = self.book.in_flight();
        let had_failed = self.book.last_fault().is_some();
        let began = self.book.begin(wanted, self.now);
        assert!(began.is_none() || !was_in_flight, "two attempts at once");
        assert_eq!(self.book.in_flight(), was_in_flight || began.is_some());
        assert_eq!(self.book.attempts(), next - u64::from(began.is_none()));
        assert!(began != Some(Trigger::Cold) || self.keys.is_none());
        assert!(began != Some(Trigger::Manual) || wanted.manual == next);
        if began == Some(Trigger::UnknownKey) {
            assert!(wanted.unknown_key == next && !had_failed);
            self.for_unknown_keys += 1;
            let elapsed = self.now.duration_since(self.begun).as_millis();
            let settings = KeyBookSettings::default();
            let allowed = u128::from(settings.burst) + elapsed / settings.cooldown.as_millis();
            assert!(
                self.for_unknown_keys <= allowed,
                "more than {allowed} attempts"
            );
        }
        Some(())
    }

    fn answer(&mut self) -> Option<()> {
        let (choice, told, jitter) = (self.byte()?, self.byte()?, self.byte()?);
        let (document, keys) = &DOCUMENTS[usize::from(choice) % DOCUMENTS.len()];
        let max_age = (told & 1 == 1).then(|| Duration::from_secs(u64::from(told).pow(2)));
        let before = self.seen();
        let was_in_flight = self.book.in_flight();
        let answer = Answer {
            document: document.as_bytes(),
            max_age,
        };
        // Also a jitter that is none.
        let jitter = f64::from(jitter) / 100.0 - 0.5;
        match self.book.finish(Ok(answer), self.now, jitter) {
            Outcome::Unasked => assert!(!was_in_flight && self.seen() == before),
            Outcome::Failed(_) => assert!(keys.is_none() && self.seen() == before),
            Outcome::Confirmed => {
                assert_eq!(self.seen(), before);
                assert_eq!(self.keys, keys.as_ref());
            }
            Outcome::Replaced => self.took_in(keys.as_ref().expect("it has keys"), before),
        }
        assert!(!self.book.in_flight());
        Some(())
    }

    fn fail(&mut self) -> Option<()> {
        let wish = self.byte()?;
        let mut failure = FetchFailure::new(FetchFault::Timeout, "the issuer did not answer");
        failure.retry_after = (wish != 0).then(|| Duration::from_secs(u64::from(wish).pow(3)));
        let before = self.seen();
        self.book.finish(Err(failure), self.now, 1.0);
        assert_eq!(self.seen(), before);
        Some(())
    }

    fn preload(&mut self) -> Option<()> {
        let (choice, age) = (self.byte()?, self.byte()?);
        let (document, keys) = &DOCUMENTS[usize::from(choice) % DOCUMENTS.len()];
        let fetched_at = (age != 0).then(|| self.now - Duration::from_secs(u64::from(age).pow(2)));
        let before = self.seen();
        // As the feed does it: before the first attempt.
        if self.book.attempts() == 0 && self.keys.is_none() {
            match self.book.preload(document.as_bytes(), fetched_at, self.now) {
                Ok(()) => self.took_in(keys.as_ref().expect("it has keys"), before),
                Err(_) => assert_eq!(self.seen(), before),
            }
        }
        Some(())
    }

    fn look_up(&mut self) -> Option<()> {
        let (choice, arrived) = (self.byte()?, self.byte()?);
        let id = [None, Some("a"), Some("b"), Some("c"), Some("nobodys")][usize::from(choice) % 5];
        let arrived = self.book.attempts().saturating_sub(u64::from(arrived % 3));
        let is_listed = |(listed, _): &(&str, u8)| id.is_none_or(|id| id == *listed);
        let known = self.keys.is_some_and(|keys| keys.iter().any(is_listed));
        let serves = self.book.state(self.now).serves();
        let found = self.book.look_up(id, arrived, self.now);
        assert_eq!(
            matches!(found, Lookup::Known(_)),
            known && serves,
            "{found:?}"
        );
        match found {
            Lookup::Unavailable { retry_after } => assert!(retry_after >= Duration::from_secs(1)),
            Lookup::Ask { attempt } => {
                assert_eq!(attempt, self.book.attempts() + 1);
                assert!(serves && !self.book.in_flight());
            }
            Lookup::Wait => assert!(self.book.in_flight() || !serves),
            Lookup::Absent(_) | Lookup::CoolingDown(_) => assert!(serves),
            Lookup::Known(_) => {}
        }
        Some(())
    }

    fn seen(&self) -> (u64, u64, Option<Vec<u8>>) {
        let document = self.book.document().map(|document| document.to_vec());
        (self.book.generation(), self.book.epoch(), document)
    }

    /// Another set is in force: another generation, and another epoch exactly if a key was lost.
    fn took_in(
        &mut self,
        keys: &'static BTreeSet<(&'static str, u8)>,
        (generation, epoch, _): (u64, u64, Option<Vec<u8>>),
    ) {
        let lost = self.keys.is_none_or(|before| !before.is_subset(keys));
        assert_eq!(self.book.generation(), generation + 1);
        assert_eq!(self.book.epoch(), epoch + u64::from(lost));
        self.keys = Some(keys);
    }
}

type Document = (String, Option<BTreeSet<(&'static str, u8)>>);

/// Documents and the keys in them: by id, and by the seed that the key was made from.
static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let sets: [&[(&'static str, u8)]; 7] = [
        &[("a", 1)],
        &[("a", 1), ("b", 2)],
        &[("b", 2)],
        &[("a", 3), ("b", 2)],
        &[("b", 2), ("a", 1)],
        &[("a", 1), ("b", 2), ("c", 4)],
        &[("c", 1)],
    ];
    let documents = sets.map(|keys| {
        let jwks: Vec<_> = keys.iter().map(|(id, seed)| {
            let key = SigningKey::from_bytes(&[*seed; 32]).verifying_key();
            json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": URL_SAFE_NO_PAD.encode(key) })
        }).collect();
        (
            json!({ "keys": jwks }).to_string(),
            Some(keys.iter().copied().collect()),
        )
    });
    let useless = [
        "",
        "{",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"AKP\",\"kid\":\"a\"}]}",
    ];
    let useless = useless.map(|document| (document.to_owned(), None));
    documents.into_iter().chain(useless).collect()
});
