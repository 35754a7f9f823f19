use actix_web::http::{Method, header};
use serde_json::Value;
use uuid::Uuid;

use super::{
    act::Act,
    draft::{Choice, Draft, Purpose},
    person::Task,
    recurrence::{Series, changed_series},
    shown::{new_id, refused},
    target::Target,
    trees::Events,
};
use test_door::Ask;

impl Act<'_> {
    pub async fn create_task(&mut self) {
        let draft = self.draft(Purpose::New);
        let ask = self.mine(Ask::post("/tasks").json(&Value::Object(draft.body.clone())));
        let (ask, key) = self.key(ask);
        let answer = self.ask("create a task", &ask).await;
        self.keep(key, &ask, &answer);
        if let Some(fault) = self.fault(None, &draft) {
            return refused(&answer, 422, "validation_failed", &[&fault.error]);
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        let mut events = Vec::new();
        let id = self.make(&draft, Some(&answer.body), &mut events);
        self.me.happened(events);
        let location = format!("/api/v1/{}/tasks/{id}", ask.owner);
        assert_eq!(answer.header(header::LOCATION), location);
        self.is_task(&answer, &answer.body, id);
        self.learn().await;
    }

    /// The task as it has to be, from what the body says. Where nothing was told of it, it has an id of its own.
    pub fn make(&mut self, draft: &Draft, told: Option<&Value>, events: &mut Events) -> Uuid {
        let id = told.map_or_else(Uuid::now_v7, |shown| new_id(&shown["id"]));
        events.push(("task.created", id, 1));
        let tags = draft.tags.as_deref().unwrap_or_default();
        let tags = self.adopt_tags(tags, told.map(|shown| &shown["tags"]), events);
        let (moment, due_date) = (self.me.moment, draft.due_date.flatten());
        let rule = draft.rule.flatten();
        let task = Task {
            title: draft.title.clone().unwrap(),
            description: draft.description.clone().flatten(),
            completed_at: draft.completed.unwrap_or_default().then_some(moment),
            priority: draft.priority.unwrap_or_default(),
            due_date,
            reminder_at: draft.reminder_at.flatten(),
            reminded_at: None,
            series: rule.zip(due_date).map(|(rule, from)| Series { rule, from }),
            next_occurrence_id: None,
            parent_id: draft.parent.flatten(),
            position: None,
            tags,
            version: 1,
            created_at: moment,
            updated_at: moment,
            deleted_at: None,
            marks: Default::default(),
        };
        assert!(self.me.tasks.insert(id, task).is_none(), "a new id");
        self.me.order.push(id);
        self.share(id);
        id
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
        let draft = self.whole_draft(target);
        let ask = Ask::put(format!("/tasks/{}", target.text()));
        self.change_task("replace a task", ask, target, draft).await;
    }

    /// What a task is to be; what is left out is emptied.
    pub fn whole_draft(&mut self, target: Target) -> Draft {
        let mut draft = self.draft(Purpose::Whole);
        // A task as it was read is a legal body, and changes nothing but what only the server decides.
        if let Target::There(id) = target
            && self.me.dice.chance(40)
        {
            draft = self.as_read(id);
        }
        Draft {
            description: Some(draft.description.take().flatten()),
            completed: Some(draft.completed.unwrap_or_default()),
            priority: Some(draft.priority.unwrap_or_default()),
            due_date: Some(draft.due_date.flatten()),
            reminder_at: Some(draft.reminder_at.flatten()),
            rule: Some(draft.rule.flatten()),
            parent: Some(draft.parent.flatten()),
            tags: Some(draft.tags.take().unwrap_or_default()),
            ..draft
        }
    }

    fn as_read(&self, id: Uuid) -> Draft {
        let task = self.me.tasks[&id].clone();
        let Value::Object(body) = self.shown(id) else {
            unreachable!("a task is an object")
        };
        Draft {
            body,
            title: Some(task.title),
            description: Some(task.description),
            completed: Some(task.completed_at.is_some()),
            priority: Some(task.priority),
            due_date: Some(task.due_date),
            reminder_at: Some(task.reminder_at),
            rule: Some(task.series.map(|series| series.rule)),
            parent: Some(task.parent_id),
            tags: Some(task.tags.into_iter().map(Choice::There).collect()),
            only_existing: false,
            fault: None,
        }
    }

    pub async fn patch_task(&mut self) {
        let target = self.task();
        let draft = self.draft(Purpose::Part);
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
        let fault = self.fault(target.id(), &draft);
        let fault = fault.as_ref();
        let Some(id) = self.admitted(&answer, target, &precondition, fault, "task_not_found")
        else {
            return;
        };
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut events = Vec::new();
        self.change(id, &draft, Some(&answer.body), &mut events);
        self.me.happened(events);
        self.is_task(&answer, &answer.body, id);
        self.learn().await;
    }

    /// Makes the change, with all that it calls for, and gives the task that takes the place of this one, if one does now.
    pub fn change(
        &mut self,
        id: Uuid,
        draft: &Draft,
        told: Option<&Value>,
        events: &mut Events,
    ) -> Option<Uuid> {
        // An empty change is none.
        if draft.is_empty() {
            return None;
        }
        let mut task = self.me.tasks[&id].clone();
        task.touch(self.me.moment);
        events.push(("task.updated", id, task.version));
        task.title = draft.title.clone().unwrap_or(task.title);
        task.description = draft.description.clone().unwrap_or(task.description);
        task.priority = draft.priority.unwrap_or(task.priority);
        let due_date = draft.due_date.unwrap_or(task.due_date);
        task.series = changed_series(&task, draft.rule, due_date);
        task.due_date = due_date;
        task.reminder_at = draft.reminder_at.unwrap_or(task.reminder_at);
        task.parent_id = draft.parent.unwrap_or(task.parent_id);
        if let Some(choices) = &draft.tags {
            task.tags = self.adopt_tags(choices, told.map(|shown| &shown["tags"]), events);
        }
        let completes = draft.completed == Some(true) && task.completed_at.is_none();
        match draft.completed {
            // The first time stays.
            Some(true) => task.completed_at = task.completed_at.or(Some(self.me.moment)),
            Some(false) => task.completed_at = None,
            None => {}
        }
        self.me.tasks.insert(id, task);
        if let Some(shown) = told {
            self.settle(id, shown);
        }
        match completes {
            true => self.complete_below(id, told, events),
            false => None,
        }
    }
}
