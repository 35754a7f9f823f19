//! The order that a user gives to tasks.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    faults::Fault,
    moment::{SOMEWHERE, place},
    person::{Person, Task},
    target::Target,
};
use test_door::Ask;

impl Task {
    /// Its position, as it shows it.
    pub fn stands(&self, id: Uuid) -> String {
        self.position.clone().unwrap_or_else(|| id.to_string())
    }
}

impl Person {
    fn place_of(&self, id: Uuid) -> Option<usize> {
        self.order.iter().position(|other| *other == id)
    }

    /// Right before or right after another one, in the trash or not, and those that stand in the same place as that one; beside
    /// itself it stays where it is.
    fn put(&mut self, id: Uuid, before: bool, other: Uuid) {
        let place = self.place_of(other).unwrap();
        let mut place = self.beside(before, place);
        place -= usize::from(self.place_of(id).unwrap() < place);
        self.order.retain(|moved| *moved != id);
        self.order.insert(place, id);
    }

    /// The place in the order before or after the task at this one, and all that stand where it does: imports bring those.
    pub fn beside(&self, before: bool, place: usize) -> usize {
        let stands = |place: usize| {
            let id = self.order.get(place)?;
            Some(self.tasks[id].stands(*id)).filter(|stands| stands != SOMEWHERE)
        };
        let shared = stands(place);
        let (mut first, mut end) = (place, place + 1);
        while shared.is_some() && first > 0 && stands(first - 1) == shared {
            first -= 1;
        }
        while shared.is_some() && stands(end) == shared {
            end += 1;
        }
        if before { first } else { end }
    }

    /// Tasks have been told where they stand.
    pub fn put_in_order(&mut self) {
        let mut order: Vec<Uuid> = self.tasks.keys().copied().collect();
        order.sort_by_cached_key(|id| (self.tasks[id].stands(*id), *id));
        self.order = order;
    }
}

impl Act<'_> {
    pub async fn move_task(&mut self) {
        let target = self.task();
        let ask = Ask::put(format!("/tasks/{}/position", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let (before, other) = (self.me.dice.chance(50), self.neighbour());
        let (body, fault) = self.place_beside(before, other);
        let ask = self.mine(ask.json(&body));
        let answer = self.ask("move a task", &ask).await;
        let there = other.id().is_some_and(|id| self.me.is_live(id));
        let fault = fault.or_else(|| (!there).then(|| Fault::in_row(" neighbour_not_found")));
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.me.put(id, before, other.id().unwrap());
        let moment = self.me.moment;
        let task = self.me.tasks.get_mut(&id).unwrap();
        task.touch(moment);
        task.position = Some(place(&answer.body));
        let version = task.version;
        self.me.happened([("task.updated", id, version)]);
        self.is_task(&answer, &answer.body, id);
        self.learn().await;
    }

    /// The task to stand beside, which may be the moved one itself.
    fn neighbour(&mut self) -> Target {
        match self.task() {
            Target::NoId(_) => Target::Gone(Uuid::now_v7()),
            target => target,
        }
    }

    /// The body of a move, which is wrong sometimes.
    fn place_beside(&mut self, before: bool, other: Target) -> (Value, Option<Fault>) {
        let side = if before { "before" } else { "after" };
        let id = other.text();
        let fault = |error: String| Some(Fault::new(error));
        match self.me.dice.below(20) {
            0 => (json!({}), fault(" required".to_owned())),
            1 => (
                json!({"before": id, "after": id}),
                fault(" required".to_owned()),
            ),
            2 => (json!({side: null}), fault(format!("/{side} not_null"))),
            3 => (json!({side: "x"}), fault(format!("/{side} invalid_id"))),
            4 => (
                json!({side: id, "besides": id}),
                fault("/besides unknown_field".to_owned()),
            ),
            _ => (json!({side: id}), None),
        }
    }

    /// Positions as they were told are in the order that was asked for.
    pub fn is_in_order(&self) {
        let tasks = self.me.order.iter().map(|id| (id, &self.me.tasks[id]));
        let places: Vec<_> = tasks.map(|(id, task)| (task.stands(*id), *id)).collect();
        assert!(places.iter().all(|(place, _)| place != SOMEWHERE));
        assert!(places.is_sorted(), "{places:#?}");
        assert_eq!(places.len(), self.me.tasks.len());
    }
}
