//! What has happened, as a list to catch up with and as a stream that breaks off anywhere.

use serde_json::{Value, json};
use test_door::{Answer, Ask};

use super::{
    act::Act,
    person::{Event, Person},
    shown::{just_now, refused},
};

impl Person {
    /// The number of the last event.
    pub fn last_seq(&self) -> usize {
        self.history.len() + self.events.iter().map(Vec::len).sum::<usize>()
    }

    /// The next event, as it is told for the first time: one of those of the next change.
    fn read_on(&mut self, told: &Value) {
        self.events.retain(|group| !group.is_empty());
        let seq = self.history.len() + 1;
        assert_eq!(told["seq"], json!(seq), "numbered without gaps");
        just_now(&told["at"]);
        let group = self.events.first_mut().expect("nothing else has happened");
        let is_told = |event: &Event| {
            let Event { kind, id, version } = event;
            told["kind"] == *kind && told["entity_id"] == json!(id) && told["version"] == *version
        };
        let place = group.iter().position(is_told);
        let place = place.unwrap_or_else(|| panic!("{told} is none of {group:?}"));
        group.remove(place);
        self.history.push(told.clone());
    }
}

impl Act<'_> {
    /// Reads what has happened since the last time.
    pub async fn catch_up(&mut self) {
        let mut limit = self.me.dice.pick(&[1, 2, 7, 100, 1_000]);
        loop {
            let (since, last) = (self.me.history.len(), self.me.last_seq());
            let ask = Ask::get(format!("/changes?since={since}&limit={limit}"));
            let ask = self.mine(ask);
            let answer = self.ask("catch up with changes", &ask).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let items = answer.body["items"].as_array().unwrap();
            assert_eq!(items.len(), limit.min(last - since));
            for event in items {
                self.me.read_on(event);
            }
            self.is_page_of_changes(&answer, since, limit);
            if self.me.history.len() == last {
                return assert!(self.me.events.iter().all(Vec::is_empty));
            }
            limit = 1_000;
        }
    }

    /// What it shows is what was told before.
    fn is_page_of_changes(&self, answer: &Answer, since: usize, limit: usize) {
        let end = self.me.last_seq().min(since + limit);
        let expected = json!({
            "items": self.me.history[since..end], "next_seq": end, "has_more": end < self.me.last_seq(),
        });
        assert_eq!(answer.body, expected);
    }

    /// Reads changes after any number, of which there may be nothing yet, or not any more.
    pub async fn look_back(&mut self) {
        self.catch_up().await;
        let last = self.me.last_seq();
        if self.me.dice.chance(20) {
            let answer = self.ask("where changes stand", &Ask::get("/changes")).await;
            let stand = json!({"items": [], "next_seq": last, "has_more": false});
            return assert_eq!(answer.body, stand);
        }
        let since = self.any_number();
        let limit = self.me.dice.pick(&[None, Some(1), Some(5), Some(1_000)]);
        let mut query = format!("/changes?since={since}");
        if let Some(limit) = limit {
            query += &format!("&limit={limit}");
        }
        // Where there is something already, nobody waits.
        if since < last && self.me.dice.chance(50) {
            query += "&wait=25";
        }
        let ask = self.mine(Ask::get(query));
        let answer = self.ask("look back at changes", &ask).await;
        if self.is_outside(&answer, since) {
            return;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.is_page_of_changes(&answer, since, limit.unwrap_or(100));
    }

    /// Most often of an event that there is.
    fn any_number(&mut self) -> usize {
        let (trimmed, last) = (self.me.trimmed, self.me.last_seq());
        let dice = &mut self.me.dice;
        match dice.below(10) {
            0 => dice.below(trimmed + 1),
            1 => last + 1 + dice.below(3),
            2 => last,
            3..6 => last - dice.below(20.min(last - trimmed) + 1),
            _ => trimmed + dice.below(last - trimmed + 1),
        }
    }

    fn is_outside(&self, answer: &Answer, seen: usize) -> bool {
        if seen < self.me.trimmed {
            refused(answer, 410, "history_trimmed", &[]);
        } else if seen > self.me.last_seq() {
            refused(answer, 409, "sequence_ahead", &[]);
        } else {
            return false;
        }
        true
    }

    /// Follows from anywhere, goes away, and comes back with the last number until nothing is left.
    pub async fn listen(&mut self) {
        self.catch_up().await;
        if self.me.dice.chance(10) {
            // Without a number it begins with what happens from now on.
            let last = self.me.last_seq();
            let ask = Ask::get("/events");
            let answer = self.ask_for_messages("follow", &ask, 1).await;
            return assert_eq!(messages(&answer), [ready(last)]);
        }
        let mut seen = self.any_number();
        loop {
            let ask = match self.me.dice.chance(80) {
                true => Ask::get("/events").header("last-event-id", seen.to_string()),
                false => Ask::get(format!("/events?since={seen}")),
            };
            let ask = self.mine(ask);
            let left = self.me.last_seq().saturating_sub(seen);
            let wanted = match self.me.dice.chance(50) {
                true => left,
                false => self.me.dice.below(left + 1),
            };
            let answer = self.ask_for_messages("follow", &ask, 1 + wanted).await;
            if self.is_outside(&answer, seen) {
                return;
            }
            let shown = messages(&answer);
            assert_eq!(shown[0], ready(seen));
            let events = &self.me.history[seen..];
            let told: Vec<Value> = shown[1..].iter().map(|message| event(message)).collect();
            assert!((wanted..=left).contains(&told.len()), "{}", answer.text);
            assert_eq!(told, events[..told.len()]);
            // Whoever went away has not seen all that had been sent.
            seen += wanted;
            if wanted == left {
                return;
            }
            self.saw("streams that broke off", 1);
        }
    }

    /// The first of one's events, up to one that was read, become too old to be kept.
    pub async fn grow_old(&mut self) {
        self.catch_up().await;
        let kept = self.me.last_seq() - self.me.trimmed;
        if kept == 0 {
            return;
        }
        let up_to = self.me.trimmed + 1 + self.me.dice.below(kept);
        let seq = i64::try_from(up_to).unwrap();
        let age =
            "UPDATE app.events SET at = at - interval '31 days' WHERE user_id = $1 AND seq <= $2";
        let admin = &self.house.admin;
        admin.execute(age, &[&self.me.id, &seq]).await.unwrap();
        let trim = "SELECT changed_user FROM app.trim_history(interval '30 days')";
        let left = "SELECT EXISTS (SELECT FROM app.events WHERE user_id = $1 AND seq <= $2)";
        loop {
            admin.execute(trim, &[]).await.unwrap();
            // Somebody else may be at it, who has not committed yet.
            let left = admin.query_one(left, &[&self.me.id, &seq]).await.unwrap();
            if !left.get::<_, bool>(0) {
                break;
            }
        }
        self.me.trimmed = up_to;
        self.world.borrow_mut().count("history trimmed", 200);
    }

    /// All that is kept, past every wall: what was told, and nothing else.
    pub async fn events_are(&mut self) {
        self.catch_up().await;
        let sql =
            "SELECT seq, kind, entity_id, version FROM app.events WHERE user_id = $1 ORDER BY seq";
        let rows = self.house.admin.query(sql, &[&self.me.id]).await.unwrap();
        let kept = &self.me.history[self.me.trimmed..];
        assert_eq!(rows.len(), kept.len());
        for (row, told) in rows.iter().zip(kept) {
            let (seq, kind): (i64, String) = (row.get(0), row.get(1));
            let (id, version): (uuid::Uuid, i64) = (row.get(2), row.get(3));
            let at = &told["at"];
            assert_eq!(
                *told,
                json!({"seq": seq, "at": at, "kind": kind, "entity_id": id, "version": version})
            );
        }
    }
}

fn ready(seq: usize) -> String {
    format!("retry: 2000\nid: {seq}\nevent: ready\ndata: {{\"seq\":{seq}}}")
}

fn messages(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let whole = answer.text.strip_suffix("\n\n").unwrap();
    whole.split("\n\n").map(str::to_owned).collect()
}

/// The event that a message tells of, once its fields fit.
fn event(message: &str) -> Value {
    let (fields, data) = message.split_once("\ndata: ").unwrap();
    let event: Value = serde_json::from_str(data).unwrap();
    let kind = event["kind"].as_str().unwrap();
    assert_eq!(fields, format!("id: {}\nevent: {kind}", event["seq"]));
    event
}
