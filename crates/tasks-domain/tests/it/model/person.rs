use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use actix_web::http::header;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use test_kit::TestDatabase;
use uuid::Uuid;

use super::{
    WORDS,
    dice::Dice,
    walk::{Known, Walk},
    words::Words,
    world::World,
};
use crate::support::{Answer, Ask, Door, House, User};

/// One user: what the API has of them as it should be.
pub struct Person {
    pub place: usize,
    pub id: Uuid,
    pub word: &'static str,
    pub user: User,
    pub dice: Dice,
    pub tasks: BTreeMap<Uuid, Task>,
    pub tags: BTreeMap<Uuid, Tag>,
    /// By the rank of a name: the colour that it gets from the server.
    pub colors: HashMap<i64, String>,
    pub kept: Vec<Kept>,
    /// Keys of requests that were refused: as good as new.
    pub unused_keys: Vec<String>,
    pub walks: Vec<Walk>,
    /// Some pages of lists, the last first.
    pub known: Vec<Known>,
    /// Those of one change together: their order is the server's.
    events: Vec<Vec<Event>>,
}

#[derive(Debug, Clone)]
pub struct Task {
    pub title: String,
    pub description: Option<String>,
    pub completed_at: Option<Timestamp>,
    pub priority: usize,
    pub due_date: Option<Timestamp>,
    pub reminder_at: Option<Timestamp>,
    pub tags: BTreeSet<Uuid>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// The second part of its entity tag for each set of tags that it has shown.
    pub marks: HashMap<String, String>,
}

#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub color: String,
    pub version: i64,
    /// Unknown until the tag is shown: one that came with a task is not.
    pub times: Option<(Timestamp, Timestamp)>,
}

/// The answer to a request with an `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct Kept {
    pub key: String,
    pub ask: Ask,
    pub status: u16,
    pub location: String,
    pub etag: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub kind: &'static str,
    pub id: Uuid,
    pub version: i64,
}

pub const PRIORITIES: [&str; 4] = ["none", "low", "medium", "high"];

impl Person {
    pub fn new(place: usize, house: &House, mut dice: Dice) -> Self {
        // From the dice too, so that the same seed sends the same requests.
        let id = uuid::Builder::from_random_bytes(
            (u128::from(dice.next()) << 64 | u128::from(dice.next())).to_be_bytes(),
        )
        .into_uuid();
        Self {
            place,
            id,
            word: WORDS[place],
            user: house.user_with(id),
            dice,
            tasks: BTreeMap::new(),
            tags: BTreeMap::new(),
            colors: HashMap::new(),
            kept: Vec::new(),
            unused_keys: Vec::new(),
            walks: Vec::new(),
            known: Vec::new(),
            events: Vec::new(),
        }
    }

    pub fn live(&self) -> impl Iterator<Item = (&Uuid, &Task)> {
        self.tasks
            .iter()
            .filter(|(_, task)| task.deleted_at.is_none())
    }

    pub fn happened(&mut self, events: impl IntoIterator<Item = (&'static str, Uuid, i64)>) {
        let mut events: Vec<_> = events
            .into_iter()
            .map(|(kind, id, version)| Event { kind, id, version })
            .collect();
        events.sort();
        self.events.push(events);
    }

    /// As the database has them: one for each change, without gaps, and none for what was refused.
    pub async fn events_are(&self, database: &TestDatabase) {
        let sql =
            "SELECT seq, kind, entity_id, version FROM app.events WHERE user_id = $1 ORDER BY seq";
        let rows = database
            .admin()
            .await
            .query(sql, &[&self.id])
            .await
            .unwrap();
        let mut rows = rows.iter();
        let mut last = 0_i64;
        for expected in &self.events {
            let mut found: Vec<(String, Uuid, i64)> = rows
                .by_ref()
                .take(expected.len())
                .map(|row| {
                    last += 1;
                    assert_eq!(row.get::<_, i64>(0), last, "numbered without gaps");
                    (row.get(1), row.get(2), row.get(3))
                })
                .collect();
            found.sort();
            let expected: Vec<_> = expected
                .iter()
                .map(|event| (event.kind.to_owned(), event.id, event.version))
                .collect();
            assert_eq!(
                found, expected,
                "after {last} events of user {}",
                self.place
            );
        }
        assert_eq!(rows.len(), 0, "nothing else happened");
    }
}

/// One user at the door.
pub struct Act<'a> {
    door: &'a Door,
    pub words: &'a Words,
    pub world: &'a RefCell<World>,
    pub me: &'a mut Person,
}

impl<'a> Act<'a> {
    pub fn new(
        door: &'a Door,
        words: &'a Words,
        world: &'a RefCell<World>,
        me: &'a mut Person,
    ) -> Self {
        Self {
            door,
            words,
            world,
            me,
        }
    }

    pub async fn anything(&mut self) {
        // Few enough tasks that most requests meet one which others have met.
        if self.me.live().count() > 50 && self.me.dice.chance(40) {
            return self.delete_task().await;
        }
        match self.me.dice.below(100) {
            0..12 => self.create_task().await,
            12..20 => self.read_task().await,
            20..36 => self.list_tasks().await,
            36..40 => self.walk_on().await,
            40..45 => self.put_task().await,
            45..54 => self.patch_task().await,
            54..57 => self.set_completion().await,
            57..60 => self.complete_or_toggle().await,
            60..63 => self.delete_task().await,
            63..66 => self.list_tags_of_task().await,
            66..69 => self.link_tag().await,
            69..72 => self.set_tags().await,
            72..75 => self.unlink_tag().await,
            75..79 => self.list_tags().await,
            79..83 => self.create_tag().await,
            83..85 => self.read_tag().await,
            85..88 => self.put_or_patch_tag().await,
            88..90 => self.delete_tag().await,
            90..94 => self.repeat_with_the_same_key().await,
            94..96 => self.use_a_key_again().await,
            96 => self.use_a_cursor_elsewhere().await,
            97 | 98 => self.ask_again().await,
            _ => self.knock_at_another_door().await,
        }
    }

    pub async fn ask(&mut self, kind: &'static str, ask: &Ask) -> Answer {
        let answer = self.door.ask(&self.me.user, ask).await;
        let mut world = self.world.borrow_mut();
        world.count(kind, answer.status.as_u16());
        world.note(self.me.place, ask, &answer);
        answer
    }

    /// The same request, sent to one of the names of the same place.
    pub fn mine(&mut self, ask: Ask) -> Ask {
        match self.me.dice.below(10) {
            0 => ask.of(self.me.id.to_string()),
            1 => ask.of(self.me.id.to_string().to_uppercase()),
            _ => ask,
        }
    }

    pub fn another(&mut self) -> usize {
        let step = 1 + self.me.dice.below(WORDS.len() - 1);
        (self.me.place + step) % WORDS.len()
    }

    /// Another user's path is forbidden, whatever is asked of it.
    async fn knock_at_another_door(&mut self) {
        let another = self.another();
        let task = self.theirs(another, |shared| &shared.tasks);
        let owner = self.world.borrow().id_of(another);
        let ask = match self.me.dice.below(6) {
            0 => Ask::get("/tasks"),
            1 => Ask::get(format!("/tasks/{task}")),
            2 => Ask::post("/tasks").json(&json!({"title": "for you"})),
            3 => Ask::delete(format!("/tasks/{task}")),
            4 => Ask::get("/tags?color=red"),
            _ => Ask::patch(format!("/tasks/{task}/complete")),
        };
        let answer = self
            .ask("another user's path", &ask.of(owner.to_string()))
            .await;
        assert_eq!(answer.refusal(), (403, "user_mismatch"));
    }

    /// An id that another user has; any, as long as they have none.
    pub fn theirs(
        &mut self,
        other: usize,
        of: impl Fn(&super::world::Shared) -> &Vec<Uuid>,
    ) -> Uuid {
        let world = self.world.borrow();
        let ids = of(&world.shared[other]);
        if ids.is_empty() {
            Uuid::now_v7()
        } else {
            self.me.dice.pick(ids)
        }
    }

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
            _ => format!("{}-{:x}", self.me.kept.len(), self.me.dice.next()),
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
    async fn repeat_with_the_same_key(&mut self) {
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

    async fn use_a_key_again(&mut self) {
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

/// A time that the server just took.
pub fn just_now(value: &Value) -> Timestamp {
    let time = time(value);
    let distance = Timestamp::now().duration_since(time).abs();
    assert!(
        distance < SignedDuration::from_secs(20),
        "{time} is not now"
    );
    time
}

pub fn time(value: &Value) -> Timestamp {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no time"));
    text.parse().unwrap()
}

/// The id of something that was just made: a UUIDv7 of this moment.
pub fn new_id(value: &Value) -> Uuid {
    let id: Uuid = value.as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7, "{id}");
    let (seconds, _) = id.get_timestamp().unwrap().to_unix();
    let made = Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap();
    just_now(&json!(made));
    id
}

/// All of a page but its items, where there is only the one.
pub fn only_page(items: &[Value]) -> Value {
    json!({
        "items": items, "limit": 50, "next_cursor": null, "has_more": false,
        "total": null, "page": null, "total_pages": null,
    })
}
