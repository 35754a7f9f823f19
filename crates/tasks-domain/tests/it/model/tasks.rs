use actix_web::http::{Method, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    draft::{Choice, Draft, Purpose},
    person::Task,
    shown::{just_now, new_id, refused},
    target::Target,
};
use crate::support::Ask;

impl Act<'_> {
    pub async fn create_task(&mut self) {
        let draft = self.draft(Purpose::New);
        let ask = self.mine(Ask::post("/tasks").json(&Value::Object(draft.body.clone())));
        let (ask, key) = self.key(ask);
        let answer = self.ask("create a task", &ask).await;
        self.keep(key, &ask, &answer);
        if let Some(fault) = &draft.fault {
            return refused(&answer, 422, "validation_failed", &[&fault.error]);
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = new_id(&answer.body["id"]);
        let created_at = just_now(&answer.body["created_at"]);
        let mut events = vec![("task.created", id, 1)];
        let tags = self.adopt_tags(
            &draft.tags.unwrap_or_default(),
            &answer.body["tags"],
            &mut events,
        );
        let task = Task {
            title: draft.title.unwrap(),
            description: draft.description.flatten(),
            completed_at: draft
                .completed
                .unwrap_or_default()
                .then(|| just_now(&answer.body["completed_at"])),
            priority: draft.priority.unwrap_or_default(),
            due_date: draft.due_date.flatten(),
            reminder_at: draft.reminder_at.flatten(),
            tags,
            version: 1,
            created_at,
            updated_at: created_at,
            deleted_at: None,
            marks: Default::default(),
        };
        self.me.happened(events);
        assert!(self.me.tasks.insert(id, task).is_none(), "a new id");
        self.world.borrow_mut().shared[self.me.place].tasks.push(id);
        let location = format!("/api/v1/{}/tasks/{id}", ask.owner);
        assert_eq!(answer.header(header::LOCATION), location);
        self.is_task(&answer, &answer.body, id);
    }

    pub async fn read_task(&mut self) {
        let target = self.task();
        let method = self.me.dice.pick(&[Method::GET, Method::GET, Method::HEAD]);
        let mut ask = self.mine(Ask::new(
            method.clone(),
            format!("/tasks/{}", target.text()),
        ));
        let mut same = false;
        if let Target::There(id) = target
            && self.me.dice.chance(40)
        {
            let current = self.etag(id);
            let current = current.as_deref().unwrap_or("*");
            let version = self.me.tasks[&id].version;
            let (none_match, matches) = self.me.dice.pick(&[
                (current.to_owned(), true),
                ("*".to_owned(), true),
                (format!("\"x\" , {current}").replace("\"x\" , *", "*"), true),
                (format!("W/{current}").replace("W/*", "*"), true),
                (format!("\"{version}\""), false),
                (format!("\"{}-0123456789abcdef\"", version - 1), false),
            ]);
            ask = ask.header("if-none-match", none_match);
            same = matches;
        }
        let answer = self.ask("read a task", &ask).await;
        match target {
            Target::There(id) if same => {
                assert_eq!((answer.status.as_u16(), &*answer.text), (304, ""));
                self.is_etag_of_task(answer.header(header::ETAG), id);
            }
            Target::There(id) => {
                assert_eq!(answer.status, 200);
                if method == Method::GET {
                    self.is_task(&answer, &answer.body, id);
                } else {
                    self.is_etag_of_task(answer.header(header::ETAG), id);
                }
                assert_eq!(answer.header(header::CACHE_CONTROL), "private, no-cache");
            }
            _ if method == Method::HEAD => assert_eq!(answer.status, 404),
            _ => refused(&answer, 404, "task_not_found", &[]),
        }
    }

    pub async fn put_task(&mut self) {
        let target = self.task();
        let mut draft = self.draft(Purpose::Whole);
        // A task as it was read is a legal body, and changes nothing but what only the server decides.
        if let Target::There(id) = target
            && self.me.dice.chance(40)
        {
            let task = self.me.tasks[&id].clone();
            let Value::Object(body) = self.shown(id) else {
                unreachable!("a task is an object")
            };
            draft = Draft {
                body,
                title: Some(task.title),
                description: Some(task.description),
                completed: Some(task.completed_at.is_some()),
                priority: Some(task.priority),
                due_date: Some(task.due_date),
                reminder_at: Some(task.reminder_at),
                tags: Some(task.tags.into_iter().map(Choice::There).collect()),
                fault: None,
            };
        }
        let ask = Ask::put(format!("/tasks/{}", target.text()));
        // What is left out is emptied.
        let emptied = Draft {
            description: Some(draft.description.take().flatten()),
            completed: Some(draft.completed.unwrap_or_default()),
            priority: Some(draft.priority.unwrap_or_default()),
            due_date: Some(draft.due_date.flatten()),
            reminder_at: Some(draft.reminder_at.flatten()),
            tags: Some(draft.tags.take().unwrap_or_default()),
            ..draft
        };
        self.change_task("replace a task", ask, target, emptied)
            .await;
    }

    pub async fn patch_task(&mut self) {
        let target = self.task();
        let draft = self.draft(Purpose::Part(target.id()));
        let ask = Ask::patch(format!("/tasks/{}", target.text()));
        self.change_task("change a task", ask, target, draft).await;
    }

    async fn change_task(&mut self, kind: &'static str, ask: Ask, target: Target, draft: Draft) {
        let (ask, precondition) = self.precondition(ask, target);
        let media = match ask.method {
            Method::PATCH => self
                .me
                .dice
                .pick(&["application/json", "application/merge-patch+json"]),
            _ => "application/json",
        };
        let body = Value::Object(draft.body.clone()).to_string();
        let ask = self.mine(ask.body(media, body));
        let answer = self.ask(kind, &ask).await;
        let fault = draft.fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut events = Vec::new();
        // An empty change is none.
        if ask.method != Method::PATCH
            || draft.body.keys().any(|name| name != "create_missing_tags")
        {
            let mut task = self.updated(id, &answer.body);
            if let Some(title) = draft.title {
                task.title = title;
            }
            if let Some(description) = draft.description {
                task.description = description;
            }
            match draft.completed {
                Some(true) if task.completed_at.is_none() => {
                    task.completed_at = Some(just_now(&answer.body["completed_at"]));
                }
                Some(false) => task.completed_at = None,
                _ => {}
            }
            task.priority = draft.priority.unwrap_or(task.priority);
            task.due_date = draft.due_date.unwrap_or(task.due_date);
            task.reminder_at = draft.reminder_at.unwrap_or(task.reminder_at);
            if let Some(choices) = &draft.tags {
                task.tags = self.adopt_tags(choices, &answer.body["tags"], &mut events);
            }
            events.push(("task.updated", id, task.version));
            self.me.tasks.insert(id, task);
            self.me.happened(events);
        }
        self.is_task(&answer, &answer.body, id);
    }

    pub async fn set_completion(&mut self) {
        let target = self.task();
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
        assert_eq!(
            answer.body,
            json!({"task": self.shown(id), "next_occurrence": null})
        );
        self.is_etag_of_task(answer.header(header::ETAG), id);
    }

    pub async fn complete_or_toggle(&mut self) {
        let target = self.task();
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
    }

    pub async fn delete_task(&mut self) {
        let target = self.task();
        let ask = Ask::delete(format!("/tasks/{}", target.text()));
        let (ask, precondition) = self.precondition(ask, target);
        let ask = self.mine(ask);
        let answer = self.ask("delete a task", &ask).await;
        let Some(id) = self.admitted(&answer, target, &precondition, None, "task_not_found") else {
            return;
        };
        assert_eq!((answer.status.as_u16(), &*answer.text), (204, ""));
        // What the server decided about it is told in the trash.
        let ask = Ask::get("/tasks?deleted=only&sort_by=updated_at&limit=1");
        let answer = self.ask("look into the trash", &ask).await;
        let mut task = self.updated(id, &answer.body["items"][0]);
        task.deleted_at = Some(just_now(&answer.body["items"][0]["deleted_at"]));
        self.me.happened([("task.deleted", id, task.version)]);
        self.me.tasks.insert(id, task);
        assert_eq!(answer.body["items"], json!([self.shown(id)]));
    }

    pub fn completed(&mut self, id: Uuid, completed: bool, shown: &Value) {
        let mut task = self.updated(id, shown);
        task.completed_at = match (completed, task.completed_at) {
            (true, None) => Some(just_now(&shown["completed_at"])),
            // The first time stays.
            (true, first) => first,
            (false, _) => None,
        };
        self.me.happened([("task.updated", id, task.version)]);
        self.me.tasks.insert(id, task);
    }

    /// The task one version further, at the time that is shown.
    pub fn updated(&self, id: Uuid, shown: &Value) -> Task {
        let mut task = self.me.tasks[&id].clone();
        let updated_at = just_now(&shown["updated_at"]);
        assert!(
            updated_at > task.updated_at,
            "changed after the last change"
        );
        task.updated_at = updated_at;
        task.version += 1;
        task
    }
}
