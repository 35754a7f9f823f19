//! What is below a task, and what goes with it into the trash and out of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    faults::Fault,
    person::{Person, Task},
    shown::refused,
    target::Target,
};
use test_door::Ask;

/// Kind, id and version of what has happened.
pub type Events = Vec<(&'static str, Uuid, i64)>;

const MOST_LEVELS: usize = 5;

impl Person {
    /// The task and what is below it, reached over tasks like these only: level by level, and on each in the user's order.
    pub fn tree(&self, root: Uuid, reached: impl Fn(&Task) -> bool) -> Vec<Uuid> {
        let mut tree = vec![root];
        let mut level = vec![root];
        while !level.is_empty() {
            let is_below = |id: &&Uuid| {
                let task = &self.tasks[*id];
                task.parent_id.is_some_and(|parent| level.contains(&parent)) && reached(task)
            };
            level = self.order.iter().filter(is_below).copied().collect();
            tree.extend(&level);
        }
        tree
    }

    /// The task and those above it.
    fn line(&self, id: Uuid) -> Vec<Uuid> {
        let above = |id: &Uuid| self.tasks[id].parent_id;
        std::iter::successors(Some(id), above).collect()
    }

    /// On how many levels the task and those below it are, in the trash or not.
    fn levels(&self, id: Uuid) -> usize {
        let tree = self.tree(id, |_| true);
        let deepest = tree.iter().map(|below| self.line(*below).len()).max();
        deepest.unwrap() + 1 - self.line(id).len()
    }

    /// Why the task, or a new one, cannot stand below that one.
    fn parent_fault(&self, id: Option<Uuid>, parent: Uuid) -> Option<&'static str> {
        if !self.is_live(parent) {
            return Some("parent_not_found");
        }
        let above = self.line(parent);
        if id.is_some_and(|id| above.contains(&id)) {
            return Some("parent_cycle");
        }
        let levels = above.len() + id.map_or(1, |id| self.levels(id));
        (levels > MOST_LEVELS).then_some("too_deep")
    }

    pub fn row_fault_of_parent(&self, id: Option<Uuid>, parent: Option<Uuid>) -> Option<Fault> {
        let code = self.parent_fault(id, parent?)?;
        Some(Fault::in_row(format!("/parent_id {code}")))
    }

    /// Puts the task into the trash, with what is below it and not there yet.
    pub fn trash(&mut self, id: Uuid, events: &mut Events) {
        for id in self.tree(id, |task| task.deleted_at.is_none()) {
            let task = self.tasks.get_mut(&id).unwrap();
            task.touch(self.moment);
            task.deleted_at = Some(self.moment);
            events.push(("task.deleted", id, task.version));
        }
    }

    /// Takes the task out of the trash, with what went there with it.
    pub fn restore(&mut self, id: Uuid, events: &mut Events) {
        let root = &self.tasks[&id];
        let Some(deleted_at) = root.deleted_at else {
            return;
        };
        let below = root.parent_id.filter(|parent| self.is_live(*parent));
        for id in self.tree(id, |task| task.deleted_at == Some(deleted_at)) {
            let task = self.tasks.get_mut(&id).unwrap();
            task.touch(self.moment);
            task.deleted_at = None;
            events.push(("task.restored", id, task.version));
        }
        self.tasks.get_mut(&id).unwrap().parent_id = below;
    }

    /// For good, with all below it.
    pub fn purge(&mut self, id: Uuid, events: &mut Events) {
        for id in self.tree(id, |_| true) {
            self.forget(id, events);
        }
    }

    fn forget(&mut self, id: Uuid, events: &mut Events) {
        let task = self.tasks.remove(&id).unwrap();
        self.order.retain(|other| *other != id);
        events.push(("task.purged", id, task.version + 1));
    }
}

impl Act<'_> {
    /// The task to stand below, as a body names it: most often one that is right.
    pub fn any_parent(&mut self) -> Option<Uuid> {
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tasks);
        let (live, trashed): (Vec<_>, Vec<_>) = {
            let tasks = self.me.tasks.iter();
            tasks.partition(|(_, task)| task.deleted_at.is_none())
        };
        let dice = &mut self.me.dice;
        let own: Vec<Uuid> = live.into_iter().map(|(id, _)| *id).collect();
        let some = [(); 8].map(|()| dice.any(own.iter().copied()));
        let own = some[0];
        let trashed = dice.any(trashed).map(|(id, _)| *id);
        match dice.below(20) {
            0 => Some(theirs),
            1 => Some(trashed.unwrap_or_else(Uuid::now_v7)),
            2..5 => None,
            // The deepest of some, so that some stand as deep as they can.
            5..14 => {
                let depth = |id: &Uuid| self.me.line(*id).len();
                some.into_iter().flatten().max_by_key(depth)
            }
            _ => own,
        }
    }

    pub async fn delete_task(&mut self, target: Target) {
        let query = self.me.dice.pick(&["", "", "?permanent=false"]);
        let ask = Ask::delete(format!("/tasks/{}{query}", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let ask = self.mine(ask);
        let answer = self.ask("delete a task", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        let mut events = Vec::new();
        self.me.trash(id, &mut events);
        self.saw("trashed along with another", events.len() - 1);
        self.me.happened(events);
        // When that was is told in the trash.
        self.learn().await;
    }

    pub async fn restore_task(&mut self) {
        let target = self.any_task();
        let ask = Ask::post(format!("/tasks/{}/restore", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let ask = self.mine(ask);
        let answer = self.ask("restore a task", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut events = Vec::new();
        self.me.restore(id, &mut events);
        self.saw(
            "restored along with another",
            events.len().saturating_sub(1),
        );
        self.me.happened(events);
        self.is_task(&answer, &answer.body, id);
        self.learn().await;
    }

    pub async fn purge_task(&mut self) {
        let target = self.any_task();
        let ask = Ask::delete(format!("/tasks/{}?permanent=true", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let ask = self.mine(ask);
        let answer = self.ask("delete a task for good", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        let mut events = Vec::new();
        self.me.purge(id, &mut events);
        self.saw("purged along with another", events.len() - 1);
        self.me.happened(events);
        let ask = Ask::post(format!("/tasks/{id}/restore"));
        let answer = self.ask("restore a task", &ask).await;
        refused(&answer, 404, "task_not_found", &[]);
    }

    pub async fn empty_trash(&mut self) {
        // Seldom, so that there is something in it for the others.
        if !self.me.dice.chance(30) {
            return;
        }
        let ask = self.mine(Ask::delete("/trash"));
        let answer = self.ask("empty the trash", &ask).await;
        let tasks = self.me.tasks.iter();
        let trashed: Vec<Uuid> = tasks
            .filter(|(_, task)| task.deleted_at.is_some())
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (200, &json!({"purged": trashed.len()}))
        );
        let mut events = Vec::new();
        for id in trashed {
            self.me.forget(id, &mut events);
        }
        self.me.happened(events);
        let answer = self
            .ask("look at what changed", &Ask::get("/tasks?deleted=only"))
            .await;
        assert_eq!(answer.body["items"], Value::Array(Vec::new()));
    }
}
