use actix_web::http::header;
use serde_json::json;

use super::{act::Act, person::Kept};
use test_door::{Answer, Ask};

impl Act<'_> {
    /// A key for a request that makes something, sometimes.
    pub fn key(&mut self, ask: Ask) -> (Ask, Option<String>) {
        if !self.me.dice.chance(30) {
            return (ask, None);
        }
        let another = self.another();
        let theirs = self.world.borrow().shared[another].keys.last().cloned();
        // What another user has used is new to this one, but once.
        let theirs = theirs.filter(|key| self.me.kept.iter().all(|kept| kept.key != *key));
        let key = match (self.me.unused_keys.pop(), theirs) {
            (Some(unused), _) => unused,
            (None, Some(theirs)) if self.me.dice.chance(30) => theirs,
            _ => format!("{}-{:x}", self.me.kept.len(), self.me.dice.number()),
        };
        (ask.header("idempotency-key", &key), Some(key))
    }

    /// What came of a request with a key.
    pub fn keep(&mut self, key: Option<String>, ask: &Ask, answer: &Answer) {
        assert_eq!(answer.header("idempotency-replayed"), "");
        let Some(key) = key else { return };
        if !answer.status.is_success() {
            self.me.unused_keys.push(key);
            return;
        }
        self.world.borrow_mut().shared[self.me.place]
            .keys
            .push(key.clone());
        self.me.kept.push(Kept {
            key,
            ask: ask.clone(),
            status: answer.status.as_u16(),
            location: answer.header(header::LOCATION).to_owned(),
            etag: answer.header(header::ETAG).to_owned(),
            text: answer.text.clone(),
        });
    }

    /// Changes nothing and answers what was answered the first time, whatever has become of it.
    pub async fn repeat_with_the_same_key(&mut self) {
        let Some(kept) = self.me.dice.any(&self.me.kept).cloned() else {
            return;
        };
        let answer = self.ask("repeat with the same key", &kept.ask).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                &answer.text,
                answer.header(header::LOCATION)
            ),
            (kept.status, &kept.text, &*kept.location)
        );
        assert_eq!(answer.header(header::ETAG), kept.etag);
        assert_eq!(answer.header("idempotency-replayed"), "true");
    }

    pub async fn use_a_key_again(&mut self) {
        let Some(kept) = self.me.dice.any(&self.me.kept).cloned() else {
            return;
        };
        let title = format!("another {}", self.me.word);
        let ask = Ask::post("/tasks").json(&json!({"title": title}));
        let ask = ask.header("idempotency-key", &kept.key);
        let answer = self.ask("use a key again", &ask).await;
        assert_eq!(answer.refusal(), (409, "idempotency_conflict"));
    }
}
