use std::{cell::RefCell, collections::BTreeSet, time::Duration};

use actix_web::{
    http::{Method, StatusCode},
    rt::time::timeout,
};
use auth_testkit::FakeIssuer;
use futures_util::{StreamExt, future::join_all};
use serde_json::{Value, json};
use test_kit::TestDatabase;
use uuid::Uuid;

use crate::support::{Process, request};

const TASKS: usize = 30;
const REMINDERS: usize = 6;
const PATIENCE: Duration = Duration::from_secs(40);

/// Two servers in processes of their own, over one database.
struct Replicas {
    one: Process,
    other: RefCell<Option<Process>>,
    other_address: String,
}

impl Replicas {
    fn addresses(&self) -> [&str; 2] {
        [&self.one.address, &self.other_address]
    }

    /// SIGKILL: no drain, no word to anybody.
    fn kill_the_other(&self) {
        drop(self.other.borrow_mut().take());
    }
}

struct Person {
    token: String,
    tasks: RefCell<BTreeSet<String>>,
}

/// Makes a task at the first of these that answers, once, as a client with a key for its request does.
async fn make(addresses: [&str; 2], person: &Person, body: &Value) {
    let key = Uuid::new_v4().to_string();
    for address in addresses {
        let url = format!("http://{address}/api/v1/me/tasks");
        let sent = request(Method::POST, &url)
            .bearer_auth(&person.token)
            .insert_header(("idempotency-key", key.as_str()))
            .send_json(body)
            .await;
        let Ok(mut answer) = sent else { continue };
        let Ok(made) = answer.json::<Value>().await else {
            continue;
        };
        assert_eq!(answer.status(), StatusCode::CREATED, "{made}");
        let id = made["id"].as_str().unwrap().to_owned();
        assert!(person.tasks.borrow_mut().insert(id), "made once");
        return;
    }
    panic!("nobody answers");
}

/// What a client sees that follows at the first of these, and goes on at the next when its stream ends.
async fn follow(addresses: [&str; 2], token: &str, until: usize) -> Vec<(i64, Value)> {
    let mut seen: Vec<(i64, Value)> = Vec::new();
    let mut breaks = 0;
    while seen.len() < until {
        let last = seen.last().map_or(0, |(id, _)| *id);
        let sent = awc::Client::builder()
            .no_default_headers()
            .finish()
            .get(format!("http://{}/api/v1/me/events", addresses[breaks % 2]))
            .no_decompress()
            .bearer_auth(token)
            .insert_header(("last-event-id", last.to_string()))
            .send();
        breaks += 1;
        assert!(breaks < 100, "{seen:?}");
        let Ok(mut answer) = sent.await else { continue };
        assert_eq!(answer.status(), StatusCode::OK);
        let mut rest = String::new();
        while let Some(Ok(bytes)) = answer.next().await {
            rest.push_str(std::str::from_utf8(&bytes).unwrap());
            while let Some((message, after)) = rest.split_once("\n\n") {
                seen.extend(event(message));
                rest = after.to_owned();
            }
            if seen.len() >= until {
                break;
            }
        }
    }
    seen
}

fn event(message: &str) -> Option<(i64, Value)> {
    let field = |name| message.lines().find_map(|line| line.strip_prefix(name));
    if field("event: ") == Some("ready") {
        return None;
    }
    let id = field("id: ")?.parse().unwrap();
    Some((id, serde_json::from_str(field("data: ")?).unwrap()))
}

#[actix_web::test]
async fn of_two_processes_one_is_killed_and_each_change_and_reminder_is_shown_once_and_in_order() {
    let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
    let (database, issuer_url) = (db.url(), issuer.url());
    let variables = [
        ("DATABASE_URL", database.as_str()),
        ("BETTER_AUTH_URL", &issuer_url),
        ("API__SERVER__WORKERS", "1"),
        ("API__DATABASE__MAX_CONNECTIONS", "4"),
    ];
    let (one, other) = (Process::serve(&variables), Process::serve(&variables));
    let other_address = other.address.clone();
    let replicas = Replicas {
        one,
        other: RefCell::new(Some(other)),
        other_address,
    };
    let [one, other] = replicas.addresses();
    let soon = "SELECT to_json(now() + interval '2 seconds')::text::jsonb #>> '{}'";
    let soon: String = db.admin().await.query_one(soon, &[]).await.unwrap().get(0);
    let people = [(); 2].map(|()| Person {
        token: issuer.token_for(Uuid::new_v4()),
        tasks: RefCell::default(),
    });
    let changing = |person| {
        let soon = &soon;
        let replicas = &replicas;
        async move {
            for turn in 0..TASKS {
                let mut body = json!({"title": format!("task {turn}")});
                if turn % (TASKS / REMINDERS) == 0 {
                    body["reminder_at"] = json!(soon);
                    body["due_date"] = json!("2999-12-31T00:00:00Z");
                }
                let turns = if turn % 2 == 0 {
                    [one, other]
                } else {
                    [other, one]
                };
                make(turns, person, &body).await;
                if turn == TASKS / 2 {
                    replicas.kill_the_other();
                }
            }
        }
    };
    let all = TASKS + REMINDERS;
    let reading = people
        .iter()
        .flat_map(|person| [[one, other], [other, one]].map(|at| follow(at, &person.token, all)));
    let both = futures_util::future::join(join_all(people.iter().map(changing)), join_all(reading));
    let (_, seen) = timeout(PATIENCE, both).await.expect("all is shown");

    for (person, streams) in people.iter().zip(seen.chunks(2)) {
        assert_eq!(streams[0], streams[1], "both show the same");
        let ids: Vec<i64> = streams[0].iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, (1..=all as i64).collect::<Vec<_>>());
        let of = |kind: &str| -> Vec<&str> {
            let events = streams[0].iter().filter(|(_, event)| event["kind"] == kind);
            events
                .map(|(_, event)| event["entity_id"].as_str().unwrap())
                .collect()
        };
        let made: BTreeSet<String> = of("task.created").into_iter().map(str::to_owned).collect();
        assert_eq!(
            (of("task.created").len(), &made),
            (TASKS, &*person.tasks.borrow())
        );
        let reminded: BTreeSet<&str> = of("task.reminder").into_iter().collect();
        assert_eq!(
            (of("task.reminder").len(), reminded.len()),
            (REMINDERS, REMINDERS)
        );
    }
}
