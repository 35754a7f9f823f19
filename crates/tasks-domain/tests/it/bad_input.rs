//! What clients get wrong, by mistake or on purpose, as tables: a request in each row, and what it is answered. Nothing of it may
//! change anything, and nothing of it may be the server's fault.

mod bodies;
mod cursors;
mod headers;
mod keys;
mod members;
mod parameters;
mod times;

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::support::{Answer, Ask, Door, House, User};

/// Alice has a task with a tag, a tag that is on no task, and enough for a second page; Bob has one of each.
struct Scene {
    door: Door,
    house: House,
    alice: User,
    bob: User,
    task: String,
    tag: String,
    other_tag: String,
    bobs_task: String,
    bobs_tag: String,
    before: [Value; 3],
    /// Rows that were answered otherwise; told all at once in the end.
    surprises: RefCell<Vec<String>>,
}

impl Drop for Scene {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.are_told();
        }
    }
}

impl Scene {
    async fn new() -> Self {
        let house = House::new().await;
        let mut scene = Self {
            door: house.door().await,
            alice: house.user(),
            bob: house.user(),
            house,
            task: String::new(),
            tag: String::new(),
            other_tag: String::new(),
            bobs_task: String::new(),
            bobs_tag: String::new(),
            before: Default::default(),
            surprises: RefCell::default(),
        };
        let body = json!({"title": "his", "tags": ["his"]});
        let his = scene
            .door
            .ask(&scene.bob, &Ask::post("/tasks").json(&body))
            .await;
        let body = json!({"title": "hers", "tags": ["hers"], "due_date": "2026-12-01T10:00:00Z"});
        let hers = scene.ask(Ask::post("/tasks").json(&body)).await;
        scene
            .ask(Ask::post("/tasks").json(&json!({"title": "second"})))
            .await;
        let other = scene
            .ask(Ask::post("/tags").json(&json!({"name": "other"})))
            .await;
        let tag_of = |task: &Answer| task.body["tags"][0]["id"].as_str().unwrap().to_owned();
        (scene.task, scene.tag) = (hers.id().to_owned(), tag_of(&hers));
        (scene.bobs_task, scene.bobs_tag) = (his.id().to_owned(), tag_of(&his));
        scene.other_tag = other.id().to_owned();
        scene.before = scene.everything().await;
        scene
    }

    async fn ask(&self, ask: Ask) -> Answer {
        self.door.ask(&self.alice, &ask).await
    }

    async fn everything(&self) -> [Value; 3] {
        let hers = self.ask(Ask::get("/tasks?limit=200")).await.body;
        let tags = self
            .ask(Ask::get("/tags?with_counts=true&limit=200"))
            .await
            .body;
        let his = self.door.ask(&self.bob, &Ask::get("/tasks")).await.body;
        [
            hers["items"].clone(),
            tags["items"].clone(),
            his["items"].clone(),
        ]
    }

    /// One row of a table.
    async fn is_refused(&self, ask: Ask, status: u16, code: &str, errors: &[&str]) {
        let shown = format!(
            "{} {} {}",
            ask.method,
            &ask.uri()[..ask.uri().len().min(200)],
            String::from_utf8_lossy(&ask.body[..ask.body.len().min(200)])
        );
        let refused = self.ask(ask).await;
        // Long values of the client's do not come back.
        if refused.refusal() != (status, code)
            || refused.errors() != errors
            || refused.text.len() > 20_000
        {
            let text: String = refused.text.chars().take(500).collect();
            let surprise = format!("{shown}: {status} {code} {errors:?} expected, got {text}");
            self.surprises.borrow_mut().push(surprise);
        }
    }

    async fn is_invalid(&self, ask: Ask, errors: &[&str]) {
        self.is_refused(ask, 422, "validation_failed", errors).await;
    }

    async fn is_bad(&self, ask: Ask, code: &str) {
        self.is_refused(ask, 400, code, &[]).await;
    }

    fn are_told(&self) {
        let surprises = self.surprises.take();
        assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    }

    async fn nothing_has_changed(&self) {
        self.are_told();
        assert_eq!(self.everything().await, self.before);
    }
}
