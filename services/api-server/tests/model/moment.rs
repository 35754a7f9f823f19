//! What only the server knows of a change: when it happened, and which ids and positions it gave.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::{
    act::Act,
    person::{Person, Task},
    shown::{is_now, time},
};
use test_door::Ask;

/// The time of a change that the server has not told yet: later than all that are known. Whatever happens in one transaction
/// happens at this one time, and is told it together.
pub const UNKNOWN: Timestamp = Timestamp::constant(32_503_680_000, 0);

/// A position that the server has not told yet.
pub const SOMEWHERE: &str = "";

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

impl Task {
    /// One version further. What is changed twice in one transaction is later by a microsecond.
    pub fn touch(&mut self, moment: Timestamp) {
        self.version += 1;
        self.updated_at = moment.max(self.updated_at + MICROSECOND);
    }

    fn settle(&mut self, moment: Timestamp) {
        let times = [&mut self.created_at, &mut self.updated_at];
        let times = times.into_iter().chain(self.completed_at.as_mut());
        for time in times.chain(self.deleted_at.as_mut()) {
            if *time >= UNKNOWN {
                *time = moment + time.duration_since(UNKNOWN);
            }
        }
    }
}

impl Person {
    /// Gives what has a provisional id the one that it has.
    fn rename(&mut self, old: Uuid, new: Uuid) {
        let task = self.tasks.remove(&old).unwrap();
        assert!(self.tasks.insert(new, task).is_none(), "a new id");
        for task in self.tasks.values_mut() {
            if task.parent_id == Some(old) {
                task.parent_id = Some(new);
            }
        }
        let places = self.order.iter_mut();
        places
            .filter(|id| **id == old)
            .for_each(|place| *place = new);
        for group in &mut self.events {
            let events = group.iter_mut();
            events
                .filter(|event| event.id == old)
                .for_each(|event| event.id = new);
            group.sort();
        }
    }
}

impl Act<'_> {
    /// Takes over when the change happened, and where the task stands, when the server tells that first.
    pub fn settle(&mut self, id: Uuid, shown: &Value) {
        let task = self.me.tasks.get_mut(&id).unwrap();
        if task.position.as_deref() == Some(SOMEWHERE) {
            task.position = Some(place(shown));
        }
        let ahead = task.updated_at.duration_since(UNKNOWN);
        if ahead < SignedDuration::ZERO {
            return;
        }
        let moment = time(&shown["updated_at"]) - ahead;
        is_now(moment);
        let known = self.me.tasks.values().map(|task| task.updated_at);
        let last = known.filter(|time| *time < UNKNOWN).max();
        assert!(
            last.is_none_or(|last| moment > last),
            "{moment} is not after the last change"
        );
        let tasks = self.me.tasks.values_mut();
        tasks.for_each(|task| task.settle(moment));
        self.me.moment = moment;
    }

    /// Asks for what the answer to a change has not told of the tasks that it changed.
    pub async fn learn(&mut self) {
        let unknown =
            |task: &Task| task.updated_at >= UNKNOWN || task.position.as_deref() == Some(SOMEWHERE);
        let open = !self.me.nameless.is_empty() || self.me.tasks.values().any(unknown);
        if open || self.me.dice.chance(10) {
            self.look_at_what_changed(false).await;
            self.look_at_what_changed(true).await;
        }
        assert!(self.me.nameless.is_empty());
        self.is_in_order();
    }

    /// Those that the change has left in the trash, or outside of it, are the last of all that were changed.
    async fn look_at_what_changed(&mut self, in_trash: bool) {
        let moment = self.me.moment;
        let changed =
            |task: &&Task| task.deleted_at.is_some() == in_trash && task.updated_at >= moment;
        let many = self.me.tasks.values().filter(changed).count();
        if many == 0 {
            return;
        }
        assert!(many <= 200, "{many} tasks at once");
        let deleted = if in_trash { "only" } else { "false" };
        let ask = Ask::get(format!(
            "/tasks?deleted={deleted}&sort_by=updated_at&limit={many}"
        ));
        let answer = self.ask("look at what changed", &ask).await;
        let items = answer.body["items"].as_array().cloned().unwrap();
        assert_eq!(items.len(), many);
        let of = |item: &Value| -> Uuid { item["id"].as_str().unwrap().parse().unwrap() };
        self.give_names(in_trash, items.iter().map(of).collect());
        for item in &items {
            self.is_shown(item, of(item));
        }
    }

    /// The server makes the copies in the order in which the model does, so this is the order of their ids.
    fn give_names(&mut self, in_trash: bool, mut shown: Vec<Uuid>) {
        shown.retain(|id| !self.me.tasks.contains_key(id));
        shown.sort();
        let all = std::mem::take(&mut self.me.nameless);
        let (mut here, elsewhere): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|id| self.me.tasks[id].deleted_at.is_some() == in_trash);
        self.me.nameless = elsewhere;
        here.sort();
        assert_eq!(here.len(), shown.len(), "{shown:?}");
        for (old, new) in here.into_iter().zip(shown) {
            self.me.rename(old, new);
            self.share(new);
        }
    }

    /// Others may try it from now on.
    pub fn share(&self, task: Uuid) {
        let shared = &mut self.world.borrow_mut().shared[self.me.place];
        shared.tasks.push(task);
    }
}

/// The position that a task shows.
pub fn place(shown: &Value) -> String {
    let place = shown["position"].as_str().unwrap();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    assert!((1..=64).contains(&place.len()) && place.bytes().all(plain));
    place.to_owned()
}
