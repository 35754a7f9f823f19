//! The order that a user gives to tasks.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    faults::Fault,
    moment::{SOMEWHERE, place},
    person::Person,
    target::Target,
};
use test_door::Ask;

impl Person {
    fn place_of(&self, id: Uuid) -> Option<usize> {
        self.order.iter().position(|other| *other == id)
    }

    /// Right before or right after another one, in the trash or not; beside itself it stays where it is.
    fn put(&mut self, id: Uuid, before: bool, other: Uuid) {
        if id != other {
            self.order.retain(|moved| *moved != id);
            let place = self.place_of(other).unwrap();
            self.order.insert(place + usize::from(!before), id);
        }
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
        let places: Vec<String> = tasks
            .map(|(id, task)| task.position.clone().unwrap_or_else(|| id.to_string()))
            .collect();
        assert!(places.iter().all(|place| place != SOMEWHERE));
        assert!(
            places.is_sorted_by(|one, other| one.as_bytes() < other.as_bytes()),
            "{places:#?}"
        );
        assert_eq!(places.len(), self.me.tasks.len());
    }
}
