//! What comes of a task that is completed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{act::Act, draft::Draft, target::Target, trees::Events};
use test_door::Ask;

impl Act<'_> {
    /// Completes what is open below a task that was just completed, and gives the task that takes its place, if one does.
    pub fn complete_below(
        &mut self,
        id: Uuid,
        told: Option<&Value>,
        events: &mut Events,
    ) -> Option<Uuid> {
        let moment = self.me.moment;
        let mut many = 0;
        for below in self.me.tree(id, |task| task.deleted_at.is_none()) {
            let task = self.me.tasks.get_mut(&below).unwrap();
            if task.completed_at.is_none() {
                many += 1;
                task.touch(moment);
                task.completed_at = Some(moment);
                events.push(("task.updated", below, task.version));
            }
        }
        self.saw("subtasks completed", many);
        self.follow(id, told, events)
    }

    pub async fn set_completion(&mut self) {
        let target = self.task_to_complete();
        let completed = self.me.dice.chance(60);
        let ask = Ask::put(format!("/tasks/{}/completion", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let (body, fault) = self.completion(completed);
        let ask = self.mine(ask.json(&body));
        let answer = self.ask("set the completion", &ask).await;
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.completed(id, completed, &answer.body["task"]);
        self.is_shown(&answer.body["task"], id);
        // Made now or before, and not in the trash.
        let next = self.me.tasks[&id].next_occurrence_id;
        let next = next.filter(|next| completed && self.me.is_live(*next));
        if let Some(next) = next {
            self.is_shown(&answer.body["next_occurrence"], next);
        }
        assert_eq!(
            answer.body,
            json!({"task": self.shown(id), "next_occurrence": next.map(|next| self.shown(next))})
        );
        self.is_etag_of_task(answer.header("etag"), id);
        self.learn().await;
    }

    pub async fn complete_or_toggle(&mut self) {
        let target = self.task_to_complete();
        let ask = Ask::patch(format!("/tasks/{}/complete", target.text()));
        let (mut ask, precondition) = self.precondition(ask, target);
        let toggles = self.me.dice.chance(40);
        let mut completed = self.me.dice.chance(60);
        let mut fault = None;
        if toggles {
            if let Target::There(id) = target {
                completed = self.me.tasks[&id].completed_at.is_none();
            }
            if self.me.dice.chance(50) {
                ask = ask.header("content-type", "application/json");
            }
        } else {
            let body;
            (body, fault) = self.completion(completed);
            ask = ask.json(&body);
        }
        let ask = self.mine(ask);
        let answer = self.ask("complete a task", &ask).await;
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.completed(id, completed, &answer.body);
        self.is_task(&answer, &answer.body, id);
        let deprecation = answer.header("deprecation");
        if toggles {
            let since = deprecation.strip_prefix('@').unwrap();
            assert!(since.parse::<u32>().is_ok(), "{deprecation}");
        } else {
            assert_eq!(deprecation, "");
        }
        self.learn().await;
    }

    fn completed(&mut self, id: Uuid, completed: bool, shown: &Value) {
        let mut events = Vec::new();
        self.change(id, &Draft::completing(completed), Some(shown), &mut events);
        self.me.happened(events);
    }
}
