use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::Value;
use test_door::{Ask, Dice, User};
use uuid::Uuid;

use super::{
    WORDS,
    house::House,
    moment::UNKNOWN,
    recurrence::Series,
    walk::{Known, Walk},
    webhooks::Webhook,
};

/// One user: what the API has of them as it should be.
pub struct Person {
    pub place: usize,
    pub id: Uuid,
    pub word: &'static str,
    pub user: User,
    pub dice: Dice,
    pub tasks: BTreeMap<Uuid, Task>,
    /// All tasks, in the trash or not, in the order that the user gives.
    pub order: Vec<Uuid>,
    /// When the change happens that is just being made.
    pub moment: Timestamp,
    /// Copies of subtasks, by ids that are not theirs: the server has not told those yet.
    pub nameless: Vec<Uuid>,
    pub tags: BTreeMap<Uuid, Tag>,
    /// By the rank of a name: the colour that it gets from the server.
    pub colors: HashMap<i64, String>,
    pub kept: Vec<Kept>,
    /// Keys of requests that were refused: as good as new.
    pub unused_keys: Vec<String>,
    pub walks: Vec<Walk>,
    /// Some pages of lists, the last first.
    pub known: Vec<Known>,
    /// What has happened and was not read yet; what one change has made together, as its order is the server's.
    pub events: Vec<Vec<Event>>,
    /// What has happened and was read, as it was told.
    pub history: Vec<Value>,
    /// How many of the first events are not kept any more.
    pub trimmed: usize,
    pub webhooks: BTreeMap<Uuid, Webhook>,
    /// What a task was like under an entity tag, as a hash.
    pub under_etags: HashMap<(Uuid, String), u64>,
}

#[derive(Debug, Clone)]
pub struct Task {
    pub title: String,
    pub description: Option<String>,
    pub completed_at: Option<Timestamp>,
    pub priority: usize,
    pub due_date: Option<Timestamp>,
    pub reminder_at: Option<Timestamp>,
    /// Of which reminder its user has been told.
    pub reminded_at: Option<Timestamp>,
    pub series: Option<Series>,
    pub next_occurrence_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    /// As the server wrote it, where the task was moved, or follows one that was.
    ///
    /// Once some place is used up (64 characters, after a few hundred moves to it), the server writes all of them anew, and none of
    /// the tasks changes. No run here gets that far, so positions stay as they are.
    pub position: Option<String>,
    pub tags: BTreeSet<Uuid>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    /// The second part of its entity tag for each position and set of tags that it has shown.
    pub marks: HashMap<String, String>,
}

#[derive(Debug, Clone)]
pub struct Tag {
    pub name: String,
    pub color: String,
    /// The version that it began with.
    pub first_version: i64,
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

/// What somebody had before a change, of which in the end nothing may be left.
#[derive(Debug)]
pub struct Before {
    tasks: BTreeMap<Uuid, Task>,
    tags: BTreeMap<Uuid, Tag>,
    colors: HashMap<i64, String>,
    order: Vec<Uuid>,
    events: usize,
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
            (u128::from(dice.number()) << 64 | u128::from(dice.number())).to_be_bytes(),
        )
        .into_uuid();
        Self {
            place,
            id,
            word: WORDS[place],
            user: house.user(id),
            dice,
            tasks: BTreeMap::new(),
            order: Vec::new(),
            moment: UNKNOWN,
            nameless: Vec::new(),
            tags: BTreeMap::new(),
            colors: HashMap::new(),
            kept: Vec::new(),
            unused_keys: Vec::new(),
            walks: Vec::new(),
            known: Vec::new(),
            events: Vec::new(),
            history: Vec::new(),
            trimmed: 0,
            webhooks: BTreeMap::new(),
            under_etags: HashMap::new(),
        }
    }

    /// Nobody has heard of them, as far as the service goes; what others have heard of stays.
    pub fn forget_all(&mut self) {
        self.tasks.clear();
        self.order.clear();
        self.tags.clear();
        self.kept.clear();
        self.walks.clear();
        self.known.clear();
        self.events.clear();
        self.history.clear();
        self.trimmed = 0;
        self.webhooks.clear();
        self.under_etags.clear();
    }

    pub fn live(&self) -> impl Iterator<Item = (&Uuid, &Task)> {
        self.tasks
            .iter()
            .filter(|(_, task)| task.deleted_at.is_none())
    }

    pub fn before(&self) -> Before {
        Before {
            tasks: self.tasks.clone(),
            tags: self.tags.clone(),
            colors: self.colors.clone(),
            order: self.order.clone(),
            events: self.events.len(),
        }
    }

    pub fn go_back(&mut self, before: Before) {
        self.tasks = before.tasks;
        self.tags = before.tags;
        self.colors = before.colors;
        self.order = before.order;
        self.events.truncate(before.events);
        self.nameless.clear();
        self.moment = UNKNOWN;
    }

    pub fn is_live(&self, id: Uuid) -> bool {
        let task = self.tasks.get(&id);
        task.is_some_and(|task| task.deleted_at.is_none())
    }

    pub fn happened(&mut self, events: impl IntoIterator<Item = (&'static str, Uuid, i64)>) {
        let mut events: Vec<_> = events
            .into_iter()
            .map(|(kind, id, version)| Event { kind, id, version })
            .collect();
        events.sort();
        self.events.push(events);
    }
}
