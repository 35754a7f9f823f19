//! Callers who hang up in the middle, at every point where a request waits for something: what they began is done wholly or
//! not at all, and the connection that it was on shows nothing of them to who comes next. There is only the one connection.

use std::{
    pin::pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::rt::time::sleep;
use futures_util::future::{LocalBoxFuture, poll_fn};
use serde_json::{Value, json};
use uuid::Uuid;

use test_kit::Client;

use crate::{
    support::{Answer, Ask, Door, House, User},
    whole::not_whole,
};

/// Two users of a pool with one connection, and somebody who sees everything.
struct Stage {
    door: Door,
    admin: Client,
    _house: House,
    alice: User,
    bob: User,
    /// All that Bob ever sees.
    his: Value,
}

/// Where a request is dropped.
#[derive(Debug, Clone, Copy)]
enum End {
    /// As soon as it waits for the so manieth time: what it asked for is on its way.
    Waiting(usize),
    /// When what it waited for that time is there, and nobody has looked yet.
    Woken(usize),
}

/// What Alice has to begin with, each time.
struct Ground {
    task: String,
    /// On the task.
    tag: String,
    /// Not on it.
    other: String,
}

#[actix_web::test]
async fn a_request_that_is_dropped_anywhere_is_done_wholly_or_not_at_all_and_leaves_nothing_behind()
{
    let stage = Stage::set().await;
    for (name, events, write) in operations() {
        let (mut interrupted, mut done) = (0, 0);
        for waits in 0.. {
            let mut completed = false;
            for end in [End::Waiting(waits), End::Woken(waits)] {
                let ground = stage.ground().await;
                let before = stage.events_of_alice().await;
                let ask = write(&ground);
                let answer = dropped_at(end, stage.door.begin(&stage.alice, &ask)).await;
                stage.is_clean_for_bob(name, end).await;
                let change = stage.events_of_alice().await - before;
                assert!(
                    change == 0 || change == events,
                    "{name} {end:?}: {change} of {events} events"
                );
                stage.is_whole(name, end).await;
                stage
                    .is_answered_again(name, end, &ask, change == events)
                    .await;
                match &answer {
                    Some(answer) => {
                        assert!(answer.status.is_success(), "{name}: {}", answer.text);
                        assert_eq!(change, events, "{name} was reported as done");
                        completed = true;
                    }
                    None => interrupted += 1,
                }
                done += i64::from(events > 0 && change == events && answer.is_none());
            }
            if completed {
                break;
            }
            assert!(waits < 500, "{name} never ends");
        }
        assert!(interrupted >= 2, "{name} was interrupted");
        println!("{name}: dropped {interrupted} times, done all the same {done} times");
    }
}

type Write = fn(&Ground) -> Ask;

/// Each operation with the number of events that it writes.
fn operations() -> Vec<(&'static str, i64, Write)> {
    vec![
        ("list tasks", 0, |_| {
            Ask::get("/tasks?total=exact&search=hers")
        }),
        ("create a task", 1, |_| {
            Ask::post("/tasks").json(&json!({"title": "hers too"}))
        }),
        ("create a task with new tags", 3, |_| {
            let names = [Uuid::new_v4().to_string().replace('-', ""), tag_name()];
            Ask::post("/tasks").json(&json!({"title": "hers too", "tags": names}))
        }),
        ("create a task with a key", 1, |_| {
            let ask = Ask::post("/tasks").json(&json!({"title": "hers too"}));
            ask.header("idempotency-key", key())
        }),
        ("read a task", 0, |it| {
            Ask::get(format!("/tasks/{}", it.task))
        }),
        ("replace a task", 2, |it| {
            let body = json!({"title": "hers still", "tags": [it.other, tag_name()]});
            Ask::put(format!("/tasks/{}", it.task)).json(&body)
        }),
        ("change a task", 1, |it| {
            Ask::patch(format!("/tasks/{}", it.task)).json(&json!({"description": "more"}))
        }),
        ("set its completion", 1, |it| {
            Ask::put(format!("/tasks/{}/completion", it.task)).json(&json!({"completed": true}))
        }),
        ("toggle it", 1, |it| {
            Ask::patch(format!("/tasks/{}/complete", it.task))
        }),
        ("complete it", 1, |it| {
            Ask::patch(format!("/tasks/{}/complete", it.task)).json(&json!({"completed": true}))
        }),
        ("delete a task", 1, |it| {
            Ask::delete(format!("/tasks/{}", it.task))
        }),
        ("list its tags", 0, |it| {
            Ask::get(format!("/tasks/{}/tags", it.task))
        }),
        ("give it a tag", 1, |it| {
            Ask::post(format!("/tasks/{}/tags", it.task)).json(&json!({"tag_id": it.other}))
        }),
        ("give it a tag with a key", 1, |it| {
            let ask = Ask::post(format!("/tasks/{}/tags", it.task));
            let ask = ask.json(&json!({"tag_id": it.other}));
            ask.header("idempotency-key", key())
        }),
        ("set its tags", 2, |it| {
            let body = json!({"tags": [it.other, tag_name()]});
            Ask::put(format!("/tasks/{}/tags", it.task)).json(&body)
        }),
        ("take a tag from it", 1, |it| {
            Ask::delete(format!("/tasks/{}/tags/{}", it.task, it.tag))
        }),
        ("list tags", 0, |_| {
            Ask::get("/tags?with_counts=true&total=exact&limit=1")
        }),
        ("create a tag", 1, |_| {
            Ask::post("/tags").json(&json!({"name": tag_name()}))
        }),
        ("create a tag with a key", 1, |_| {
            let ask = Ask::post("/tags").json(&json!({"name": tag_name()}));
            ask.header("idempotency-key", key())
        }),
        ("read a tag", 0, |it| Ask::get(format!("/tags/{}", it.tag))),
        ("replace a tag", 1, |it| {
            Ask::put(format!("/tags/{}", it.tag)).json(&json!({"name": tag_name()}))
        }),
        ("change a tag", 1, |it| {
            Ask::patch(format!("/tags/{}", it.tag)).json(&json!({"color": "#123456"}))
        }),
        ("delete a tag", 1, |it| {
            Ask::delete(format!("/tags/{}", it.tag))
        }),
    ]
}

fn key() -> String {
    Uuid::new_v4().to_string()
}

/// One that nobody has yet.
fn tag_name() -> String {
    format!("hers {}", Uuid::new_v4().simple())
}

impl Stage {
    async fn set() -> Self {
        let house = House::of_one_connection().await;
        let door = house.door().await;
        let (alice, bob) = (house.user(), house.user());
        let made = Ask::post("/tasks").json(&json!({"title": "his", "tags": ["his own"]}));
        let made = door.ask(&bob, &made).await;
        let his = json!([made.body]);
        Self {
            door,
            admin: house.database.admin().await,
            _house: house,
            alice,
            bob,
            his,
        }
    }

    async fn ground(&self) -> Ground {
        let (tag, other) = (
            tag_name(),
            Ask::post("/tags").json(&json!({"name": tag_name()})),
        );
        let body = json!({"title": "hers", "tags": [tag]});
        let task = self
            .door
            .ask(&self.alice, &Ask::post("/tasks").json(&body))
            .await;
        let other = self.door.ask(&self.alice, &other).await;
        Ground {
            task: task.id().to_owned(),
            tag: task.body["tags"][0]["id"].as_str().unwrap().to_owned(),
            other: other.id().to_owned(),
        }
    }

    /// Bob comes next on the connection: he sees what is his, and only that; and nothing stays open behind Alice.
    async fn is_clean_for_bob(&self, name: &str, end: End) {
        let list = self.door.ask(&self.bob, &Ask::get("/tasks")).await;
        assert_eq!(list.status, 200, "{name} {end:?}: {}", list.text);
        assert_eq!(list.body["items"], self.his, "{name} {end:?}");
        let tags = self.door.ask(&self.bob, &Ask::get("/tags")).await;
        assert_eq!(tags.body["items"][0]["name"], "his own", "{name} {end:?}");
        assert_eq!(tags.body["items"].as_array().unwrap().len(), 1);

        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                      AND backend_type = 'client backend' AND (state LIKE 'idle in transaction%' OR state = 'active')";
        let began = Instant::now();
        // A connection that was given up ends when PostgreSQL next looks at it.
        while self.count(sql).await > 0 {
            let waited = began.elapsed();
            assert!(waited < Duration::from_secs(5), "{name} {end:?}: left open");
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Each row has the version that its events tell of, each user's events have no gap, and what was promised to be
    /// answered again is there.
    async fn is_whole(&self, name: &str, end: End) {
        let broken = not_whole(&self.admin).await;
        assert_eq!(broken, Vec::<&str>::new(), "{name} {end:?}");
    }

    /// What was done is answered from memory, what was not is done now: with a key, once in either case.
    async fn is_answered_again(&self, name: &str, end: End, ask: &Ask, done: bool) {
        if ask
            .headers
            .iter()
            .all(|(name, _)| *name != "idempotency-key")
        {
            return;
        }
        let before = self.events_of_alice().await;
        let again = self.door.ask(&self.alice, ask).await;
        assert_eq!(again.status, 201, "{name} {end:?}: {}", again.text);
        let replayed = again.header("idempotency-replayed") == "true";
        assert_eq!(replayed, done, "{name} {end:?}");
        let change = self.events_of_alice().await - before;
        assert_eq!(change == 0, done, "{name} {end:?}: {change} more events");
    }

    async fn events_of_alice(&self) -> i64 {
        let sql = "SELECT count(*) FROM app.events e WHERE e.user_id <> (SELECT user_id FROM app.tasks WHERE title = 'his')";
        self.count(sql).await
    }

    async fn count(&self, sql: &str) -> i64 {
        self.admin.query_one(sql, &[]).await.unwrap().get(0)
    }
}

/// The answer, unless it was given up before it was there.
async fn dropped_at(end: End, work: LocalBoxFuture<'static, Answer>) -> Option<Answer> {
    let mut work = pin!(work);
    let mut polls = 0;
    poll_fn(|cx: &mut Context<'_>| {
        let last = match end {
            End::Waiting(waits) | End::Woken(waits) => waits,
        };
        if polls == last && (polls == 0 || matches!(end, End::Woken(_))) {
            return Poll::Ready(None);
        }
        polls += 1;
        match work.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if polls == last && matches!(end, End::Waiting(_)) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
