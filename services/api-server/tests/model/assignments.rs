use std::collections::BTreeSet;

use actix_web::http::header;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    draft::Choice,
    person::Tag,
    shown::{new_id, refused},
    target::{Precondition, Target},
};
use test_door::Ask;

impl Act<'_> {
    pub async fn list_tags_of_task(&mut self) {
        let target = self.task();
        let ask = self.mine(Ask::get(format!("/tasks/{}/tags", target.text())));
        let answer = self.ask("list a task's tags", &ask).await;
        let Target::There(id) = target else {
            return refused(&answer, 404, "task_not_found", &[]);
        };
        assert_eq!(answer.status, 200);
        self.is_page_of_tags(&answer, id);
    }

    pub async fn link_tag(&mut self) {
        let target = self.task();
        let ask = Ask::post(format!("/tasks/{}/tags", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tags);
        // Where something is wrong with the request already, it is the only thing.
        let tag = match self.me.dice.any(self.me.tags.keys().copied()) {
            Some(tag) if precondition != Precondition::Fails => match self.me.dice.below(8) {
                0 => theirs,
                1 => Uuid::now_v7(),
                _ => tag,
            },
            Some(tag) => tag,
            None => return,
        };
        let ask = self.mine(ask.json(&json!({"tag_id": tag})));
        let (ask, key) = match target {
            Target::There(_) => self.key(ask),
            _ => (ask, None),
        };
        let answer = self.ask("give a task a tag", &ask).await;
        self.keep(key, &ask, &answer);
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        if !self.me.tags.contains_key(&tag) {
            return refused(&answer, 404, "tag_not_found", &[]);
        }
        if self.me.tasks[&id].tags.contains(&tag) {
            return refused(&answer, 409, "duplicate_tag_assignment", &[]);
        }
        let message = answer.body["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty());
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (
                201,
                &json!({"task_id": id, "tag_id": tag, "message": message})
            )
        );
        let location = format!("{}/{tag}", ask.uri());
        assert_eq!(answer.header(header::LOCATION), location);
        self.me.tasks.get_mut(&id).unwrap().tags.insert(tag);
        self.tags_changed(id, Vec::new()).await;
    }

    pub async fn set_tags(&mut self) {
        let target = self.task();
        let ask = Ask::put(format!("/tasks/{}/tags", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let (body, choices) = self.choices();
        let ask = self.mine(ask.json(&json!({"tags": body})));
        let answer = self.ask("set a task's tags", &ask).await;
        let fault = self.fault_of_tags(&choices, false);
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut events = Vec::new();
        let tags = self.adopt_tags(&choices, Some(&answer.body["items"]), &mut events);
        self.me.tasks.get_mut(&id).unwrap().tags = tags;
        self.is_page_of_tags(&answer, id);
        self.tags_changed(id, events).await;
    }

    pub async fn unlink_tag(&mut self) {
        let target = self.task();
        let linked: Vec<Uuid> = match target {
            Target::There(id) => self.me.tasks[&id].tags.iter().copied().collect(),
            _ => Vec::new(),
        };
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tags);
        let own = self.me.dice.any(self.me.tags.keys().copied());
        let tag = match self.me.dice.any(linked) {
            Some(linked) if self.me.dice.chance(80) => linked,
            _ if self.me.dice.chance(50) => theirs,
            _ => own.unwrap_or_else(Uuid::now_v7),
        };
        let mut ask = Ask::delete(format!("/tasks/{}/tags/{tag}", target.text()));
        let mut precondition = Precondition::None;
        let is_linked =
            matches!(target, Target::There(id) if self.me.tasks[&id].tags.contains(&tag));
        if is_linked {
            (ask, precondition) = self.precondition(ask, target);
        }
        let ask = self.mine(ask);
        let answer = self.ask("take a tag from a task", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        if !is_linked {
            return refused(&answer, 404, "tag_not_assigned", &[]);
        }
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        self.me.tasks.get_mut(&id).unwrap().tags.remove(&tag);
        self.tags_changed(id, Vec::new()).await;
    }

    /// Something in the tags of a task has changed; what the server decided about it is read.
    pub async fn tags_changed(&mut self, id: Uuid, mut events: Vec<(&'static str, Uuid, i64)>) {
        let answer = self
            .ask("read a task", &Ask::get(format!("/tasks/{id}")))
            .await;
        let moment = self.me.moment;
        let task = self.me.tasks.get_mut(&id).unwrap();
        task.touch(moment);
        events.push(("task.updated", id, task.version));
        self.me.happened(events);
        self.is_task(&answer, &answer.body, id);
    }

    /// The tags that are chosen; those that were not there have an id and a colour now.
    pub fn adopt_tags(
        &mut self,
        choices: &[Choice],
        shown: Option<&Value>,
        events: &mut Vec<(&'static str, Uuid, i64)>,
    ) -> BTreeSet<Uuid> {
        let mut chosen = BTreeSet::new();
        for choice in choices {
            let (name, color) = match choice {
                Choice::There(id) => {
                    chosen.insert(*id);
                    continue;
                }
                Choice::Theirs => unreachable!("such a change is refused"),
                Choice::Missing { name, color } => (name, color),
            };
            // Named twice, it is made once, as it was named first.
            if let Some(id) = self.tag_named(name) {
                chosen.insert(id);
                continue;
            }
            let id = match shown {
                Some(shown) => {
                    let shown = shown.as_array().unwrap().iter();
                    let shown = { shown }.find(|tag| tag["name"] == **name).unwrap();
                    let id = new_id(&shown["id"]);
                    self.new_tag(id, name, color.as_deref(), &shown["color"]);
                    id
                }
                // Nothing is kept of it.
                None => {
                    let id = Uuid::now_v7();
                    self.new_tag(id, name, Some("#000000"), &json!("#000000"));
                    id
                }
            };
            events.push(("tag.created", id, 1));
            chosen.insert(id);
        }
        chosen
    }

    pub fn new_tag(&mut self, id: Uuid, name: &str, color: Option<&str>, shown: &Value) {
        let shown = shown.as_str().unwrap().to_owned();
        let color = match color {
            Some(color) => color.to_owned(),
            None => {
                let rank = self.words.rank(name);
                let ours = self.me.colors.entry(rank).or_insert_with(|| shown.clone());
                ours.clone()
            }
        };
        assert_eq!(shown, color);
        let tag = Tag {
            name: name.to_owned(),
            color,
            first_version: 1,
            version: 1,
            times: None,
        };
        assert!(self.me.tags.insert(id, tag).is_none(), "a new id");
        self.world.borrow_mut().shared[self.me.place].tags.push(id);
    }

    pub fn tag_named(&self, name: &str) -> Option<Uuid> {
        let mut tags = self.me.tags.iter();
        let found = tags.find(|(_, tag)| self.words.same(&tag.name, name));
        found.map(|(id, _)| *id)
    }
}
