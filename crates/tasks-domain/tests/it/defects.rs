//! What was wrong with the API that this one takes the place of. Each defect has a number, and a test here or where its layer
//! is tested.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Ask, Door, House, User, encoded};

/// A door and somebody to go in, with a task and a tag.
struct Scene {
    house: House,
    door: Door,
    alice: User,
}

impl Scene {
    async fn new() -> Self {
        let house = House::new().await;
        Self {
            door: house.door().await,
            alice: house.user(),
            house,
        }
    }

    async fn ask(&self, ask: Ask) -> Answer {
        self.door.ask(&self.alice, &ask).await
    }

    async fn make(&self, path: &str, body: Value) -> Answer {
        let made = self.ask(Ask::post(path).json(&body)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        made
    }

    /// One member of each item of a list.
    async fn listed(&self, list: &str, member: &str) -> Vec<Value> {
        let answer = self.ask(Ask::get(list)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let items = answer.body["items"].as_array().unwrap();
        items.iter().map(|item| item[member].clone()).collect()
    }
}

/// D1: tasks were kept under one id of the user, tags and what ties them under another.
#[actix_web::test]
async fn tasks_tags_and_what_ties_them_belong_to_the_one_id_that_the_token_names() {
    let house = House::new().await;
    let door = house.door().await;
    let id = Uuid::new_v4();
    let alice = house.user_with(id);
    let body = json!({"title": "t", "tags": ["a"]});
    let made = door.ask(&alice, &Ask::post("/tasks").json(&body)).await;
    assert_eq!(made.body["user_id"], json!(id));
    let tags = door.ask(&alice, &Ask::get("/tags")).await;
    assert_eq!(tags.body["items"][0]["user_id"], json!(id));
    let admin = house.database.admin().await;
    for table in ["tasks", "tags", "task_tags", "events"] {
        let sql = format!("SELECT user_id FROM app.{table}");
        let rows = admin.query(&sql, &[]).await.unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            assert_eq!(row.get::<_, Uuid>(0), id, "{table}");
        }
    }
}

/// D2: a list had no end.
#[actix_web::test]
async fn a_list_has_fifty_entries_at_most_unless_more_are_asked_for_and_never_over_two_hundred() {
    let scene = Scene::new().await;
    for n in 0..53 {
        scene.make("/tasks", json!({"title": format!("{n}")})).await;
    }
    for n in 0..53 {
        scene.make("/tags", json!({"name": format!("{n}")})).await;
    }
    for list in ["/tasks", "/tags"] {
        let answer = scene.ask(Ask::get(list)).await;
        assert_eq!(answer.body["items"].as_array().unwrap().len(), 50);
        assert_eq!(
            (&answer.body["limit"], &answer.body["has_more"]),
            (&json!(50), &json!(true))
        );
        let cursor = encoded(answer.body["next_cursor"].as_str().unwrap());
        let rest = scene.ask(Ask::get(format!("{list}?cursor={cursor}"))).await;
        assert_eq!(rest.body["items"].as_array().unwrap().len(), 3);
        assert_eq!(
            scene.listed(&format!("{list}?limit=200"), "id").await.len(),
            53
        );
        let refused = scene.ask(Ask::get(format!("{list}?limit=201"))).await;
        assert_eq!(refused.refusal(), (400, "invalid_parameter"));
    }
}

/// D3: priorities were in the order of the alphabet, and those of equal priority in none.
#[actix_web::test]
async fn priorities_are_sorted_by_how_much_they_matter_and_equal_ones_always_alike() {
    let scene = Scene::new().await;
    for priority in ["medium", "none", "high", "low", "medium", "high"] {
        scene
            .make("/tasks", json!({"title": "t", "priority": priority}))
            .await;
    }
    let ascending = ["none", "low", "medium", "medium", "high", "high"];
    let list = "/tasks?sort_by=priority&order=asc";
    assert_eq!(scene.listed(list, "priority").await, ascending);
    let ids = scene.listed(list, "id").await;
    assert_eq!(scene.listed(list, "id").await, ids);
    let mut backwards = scene
        .listed("/tasks?sort_by=priority&order=desc", "id")
        .await;
    backwards.reverse();
    assert_eq!(backwards, ids, "the other way round, ties included");
    // A page at a time none is missed or met twice.
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = scene
            .ask(Ask::get(format!("{list}&limit=1{next}")))
            .await
            .body;
        seen.push(page["items"][0]["id"].clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={}", encoded(cursor)),
            None => break,
        }
    }
    assert_eq!(seen, ids);
}

/// D4: a null that a column could not take was a 500.
#[actix_web::test]
async fn null_where_there_must_be_a_value_is_told_of_its_member() {
    let scene = Scene::new().await;
    let task = scene.make("/tasks", json!({"title": "t"})).await;
    let tag = scene.make("/tags", json!({"name": "n"})).await;
    let (task, tag) = (
        format!("/tasks/{}", task.id()),
        format!("/tags/{}", tag.id()),
    );
    for (path, member) in [
        (&task, "title"),
        (&task, "completed"),
        (&task, "priority"),
        (&tag, "name"),
        (&tag, "color"),
    ] {
        let before = scene.ask(Ask::get(path)).await;
        let refused = scene
            .ask(Ask::patch(path).json(&json!({member: null})))
            .await;
        assert_eq!(refused.refusal(), (422, "validation_failed"));
        assert_eq!(refused.errors(), [format!("/{member} not_null")]);
        assert_eq!(scene.ask(Ask::get(path)).await.body, before.body);
    }
}

/// D5: the reminder was compared with the due date only where one request had both.
#[actix_web::test]
async fn a_due_date_before_the_reminder_that_is_already_stored_is_refused() {
    let scene = Scene::new().await;
    let body = json!({"title": "t", "reminder_at": "2026-12-01T10:00:00Z"});
    let made = scene.make("/tasks", body).await;
    let path = format!("/tasks/{}", made.id());
    for (due, allowed) in [
        ("2026-11-30T10:00:00Z", false),
        ("2026-12-01T11:00:00+01:00", false),
        ("2026-12-01T10:00:00.000001Z", true),
    ] {
        let answer = scene
            .ask(Ask::patch(&path).json(&json!({"due_date": due})))
            .await;
        if allowed {
            assert_eq!(answer.status, 200, "{}", answer.text);
        } else {
            assert_eq!(answer.errors(), ["/reminder_at not_before_due"], "{due}");
        }
    }
    let both = json!({"due_date": "2026-01-01T00:00:00Z", "reminder_at": null});
    let answer = scene.ask(Ask::patch(&path).json(&both)).await;
    assert_eq!(
        answer.status, 200,
        "what takes the reminder away may come before it"
    );
}

/// D6: a time without a zone was compared with one that had one, which was a 500.
#[actix_web::test]
async fn a_replacement_with_a_time_that_has_no_zone_is_told_so() {
    let scene = Scene::new().await;
    let body = json!({"title": "t", "due_date": "2026-12-01T10:00:00Z"});
    let made = scene.make("/tasks", body).await;
    let path = format!("/tasks/{}", made.id());
    for (due, reminder, errors) in [
        (
            "2026-12-01T10:00:00",
            "2026-12-01T09:00:00Z",
            vec!["/due_date missing_offset"],
        ),
        (
            "2026-12-01T10:00:00Z",
            "2026-12-01T09:00:00",
            vec!["/reminder_at missing_offset"],
        ),
        (
            "2026-12-01T10:00:00",
            "2026-12-01",
            vec!["/due_date missing_offset", "/reminder_at missing_offset"],
        ),
    ] {
        let body = json!({"title": "t", "due_date": due, "reminder_at": reminder});
        let refused = scene.ask(Ask::put(&path).json(&body)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.errors()),
            (422, errors.iter().map(ToString::to_string).collect())
        );
    }
}

/// D7: white space counted, though it was taken off afterwards.
#[actix_web::test]
async fn what_is_taken_off_a_text_does_not_count_for_its_length() {
    let scene = Scene::new().await;
    let padded = |text: &str| format!("{}{text}{}", " ".repeat(300), "\n".repeat(300));
    let title = "ä".repeat(255);
    let made = scene.make("/tasks", json!({"title": padded(&title)})).await;
    assert_eq!(made.body["title"], json!(title));
    let made = scene
        .make("/tags", json!({"name": padded(&"🚀".repeat(50))}))
        .await;
    assert_eq!(made.body["name"], json!("🚀".repeat(50)));
    let refused = scene
        .ask(Ask::post("/tasks").json(&json!({"title": padded("")})))
        .await;
    assert_eq!(refused.errors(), ["/title blank"]);
    let one_more = padded(&"ä".repeat(256));
    let refused = scene
        .ask(Ask::post("/tasks").json(&json!({"title": one_more})))
        .await;
    assert_eq!(refused.errors(), ["/title too_long"]);
}

/// D8: completing was a switch, and a client that asked again undid what it had done.
#[actix_web::test]
async fn completing_twice_is_completing_once_and_only_the_old_switch_is_one() {
    let scene = Scene::new().await;
    let made = scene.make("/tasks", json!({"title": "t"})).await;
    let (completion, complete) = (
        format!("/tasks/{}/completion", made.id()),
        format!("/tasks/{}/complete", made.id()),
    );
    let body = json!({"completed": true});
    let first = scene.ask(Ask::put(&completion).json(&body)).await.body["task"].clone();
    assert_eq!(first["completed"], true);
    let second = scene.ask(Ask::put(&completion).json(&body)).await.body["task"].clone();
    let third = scene.ask(Ask::patch(&complete).json(&body)).await.body;
    for again in [second, third] {
        assert_eq!(again["completed"], true);
        assert_eq!(again["completed_at"], first["completed_at"]);
    }
    let toggled = scene.ask(Ask::patch(&complete)).await;
    assert_eq!(
        (&toggled.body["completed"], &toggled.body["completed_at"]),
        (&json!(false), &Value::Null)
    );
    assert!(toggled.header("deprecation").starts_with('@'));
}

/// D9: a conflict's code was lost on its way, and its detail was the text of a data structure.
#[actix_web::test]
async fn a_conflict_says_which_one_it_is() {
    let scene = Scene::new().await;
    let tag = scene.make("/tags", json!({"name": "Work"})).await;
    let other = scene.make("/tags", json!({"name": "Home"})).await;
    let task = scene
        .make("/tasks", json!({"title": "t", "tags": ["Work"]}))
        .await;
    let link = format!("/tasks/{}/tags", task.id());
    let other = format!("/tags/{}", other.id());
    for (ask, code) in [
        (
            Ask::post("/tags").json(&json!({"name": "wORK"})),
            "tag_name_conflict",
        ),
        (
            Ask::put(&other).json(&json!({"name": "wORK"})),
            "tag_name_conflict",
        ),
        (
            Ask::patch(&other).json(&json!({"name": "wORK"})),
            "tag_name_conflict",
        ),
        (
            Ask::post(link).json(&json!({"tag_id": tag.id()})),
            "duplicate_tag_assignment",
        ),
    ] {
        let refused = scene.ask(ask).await;
        assert_eq!(refused.refusal(), (409, code));
        assert_eq!(
            refused.body["type"],
            format!("urn:drawbridge:problem:{code}")
        );
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(!detail.contains(['{', '[']), "{detail}");
    }
}

/// D10: a cookie that Better Auth does not know was asked for on every write.
#[actix_web::test]
async fn whoever_brings_a_token_needs_no_cookie_to_write() {
    let scene = Scene::new().await;
    let made = scene.make("/tasks", json!({"title": "t"})).await;
    let path = format!("/tasks/{}", made.id());
    for (ask, status) in [
        (Ask::patch(&path).json(&json!({"title": "u"})), 200),
        (Ask::put(&path).json(&json!({"title": "u"})), 200),
        (Ask::delete(&path), 204),
    ] {
        let answer = scene.ask(ask).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

/// D12: a tag that was deleted still showed on its tasks, and a task that had only such ones did not count as untagged.
#[actix_web::test]
async fn a_deleted_tag_is_gone_from_its_tasks_and_they_count_as_untagged() {
    let scene = Scene::new().await;
    let made = scene
        .make("/tasks", json!({"title": "t", "tags": ["a"]}))
        .await;
    let kept = scene
        .make("/tasks", json!({"title": "u", "tags": ["a", "b"]}))
        .await;
    let tag = made.body["tags"][0]["id"].as_str().unwrap();
    let before = scene.ask(Ask::get(format!("/tasks/{}", made.id()))).await;
    let gone = scene.ask(Ask::delete(format!("/tags/{tag}"))).await;
    assert_eq!(gone.status, 204);
    let after = scene.ask(Ask::get(format!("/tasks/{}", made.id()))).await;
    assert_eq!(after.body["tags"], json!([]));
    assert_eq!(after.body["version"], made.body["version"]);
    assert_ne!(
        after.header("etag"),
        before.header("etag"),
        "it looks different now"
    );
    for list in ["/tasks?tag=none", "/tasks?untagged=true"] {
        assert_eq!(scene.listed(list, "id").await, [json!(made.id())]);
    }
    for list in ["/tasks?tag=a".to_owned(), format!("/tasks?tag_id={tag}")] {
        assert_eq!(scene.listed(&list, "id").await, Vec::<Value>::new());
    }
    let tags = scene
        .ask(Ask::get(format!("/tasks/{}/tags", kept.id())))
        .await;
    assert_eq!(tags.body["items"].as_array().unwrap().len(), 1);
    scene.make("/tags", json!({"name": "A"})).await;
}

/// D13: the tags of a task that was not there were an empty list.
#[actix_web::test]
async fn the_tags_of_a_task_that_is_not_there_are_not_there_either() {
    let scene = Scene::new().await;
    let bob = scene.house.user();
    let body = json!({"title": "his", "tags": ["x"]});
    let his = scene.door.ask(&bob, &Ask::post("/tasks").json(&body)).await;
    let hers = scene
        .make("/tasks", json!({"title": "hers", "tags": ["y"]}))
        .await;
    scene
        .ask(Ask::delete(format!("/tasks/{}", hers.id())))
        .await;
    let tag = scene.make("/tags", json!({"name": "z"})).await;
    for task in [his.id(), hers.id(), &Uuid::now_v7().to_string(), "7"] {
        let tags = format!("/tasks/{task}/tags");
        for ask in [
            Ask::get(&tags),
            Ask::post(&tags).json(&json!({"tag_id": tag.id()})),
            Ask::put(&tags).json(&json!({"tags": []})),
            Ask::delete(format!("{tags}/{}", tag.id())),
        ] {
            let method = ask.method.clone();
            let refused = scene.ask(ask).await;
            assert_eq!(
                refused.refusal(),
                (404, "task_not_found"),
                "{method} {task}"
            );
        }
    }
}

/// D15: what recurs was stored, and nothing ever came of it. The rest of what does now is in `living.rs`.
#[actix_web::test]
async fn a_task_that_recurs_is_followed_by_another_when_it_is_completed() {
    let scene = Scene::new().await;
    let body =
        json!({"title": "t", "due_date": "2199-03-01T09:00:00Z", "recurrence_pattern": "daily"});
    let made = scene.make("/tasks", body).await;
    let done = Ask::put(format!("/tasks/{}/completion", made.id()));
    let done = scene.ask(done.json(&json!({"completed": true}))).await;
    let next = &done.body["next_occurrence"];
    assert_eq!(next["due_date"], "2199-03-02T09:00:00Z");
    assert_eq!(scene.listed("/tasks", "id").await.len(), 2);
}

/// D16: who was to be told of it was stored, and nobody ever was.
#[actix_web::test]
async fn what_nothing_would_come_of_is_refused_and_not_stored() {
    let scene = Scene::new().await;
    for member in ["reminder_time", "channel", "recipient"] {
        let body = json!({"title": "t", member: "daily"});
        let refused = scene.ask(Ask::post("/tasks").json(&body)).await;
        assert_eq!(refused.errors(), [format!("/{member} unknown_field")]);
    }
    let document = serde_json::to_string(&scene.house.domains.openapi()).unwrap();
    assert!(!document.contains("notification"));
}

/// D20: one side filtered by ids and the other by names, and each called the statuses and the sort keys otherwise.
#[actix_web::test]
async fn a_list_can_be_filtered_by_ids_and_by_names_and_knows_the_words_of_both_sides() {
    let scene = Scene::new().await;
    let open = scene
        .make("/tasks", json!({"title": "open", "tags": ["At home"]}))
        .await;
    let done = scene
        .make("/tasks", json!({"title": "done", "completed": true}))
        .await;
    let tag = open.body["tags"][0]["id"].as_str().unwrap();
    for (query, expected) in [
        (format!("tag_id={tag}"), vec![open.id()]),
        (format!("tag={}", encoded("at home")), vec![open.id()]),
        (format!("tag={}", encoded("AT HOME")), vec![open.id()]),
        ("tag=other".to_owned(), vec![]),
        ("status=complete".to_owned(), vec![done.id()]),
        ("status=completed".to_owned(), vec![done.id()]),
        ("status=incomplete".to_owned(), vec![open.id()]),
        ("status=active".to_owned(), vec![open.id()]),
        ("status=all".to_owned(), vec![done.id(), open.id()]),
        (
            "sort_by=created&order=asc".to_owned(),
            vec![open.id(), done.id()],
        ),
        (
            "sort_by=created_at&order=asc".to_owned(),
            vec![open.id(), done.id()],
        ),
        ("sort_by=updated".to_owned(), vec![done.id(), open.id()]),
        ("sort_by=due".to_owned(), vec![done.id(), open.id()]),
    ] {
        let ids = scene.listed(&format!("/tasks?{query}"), "id").await;
        assert_eq!(ids, expected, "{query}");
    }
}

/// D23: how long a text may be was one thing on one side and another on the other.
#[actix_web::test]
async fn how_long_a_text_may_be_is_what_the_document_says() {
    let scene = Scene::new().await;
    let document = serde_json::to_value(scene.house.domains.openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for (path, schema, member) in [
        ("/tasks", "NewTask", "title"),
        ("/tasks", "NewTask", "description"),
        ("/tags", "NewTag", "name"),
    ] {
        let longest = schemas[schema]["properties"][member]["maxLength"]
            .as_u64()
            .unwrap();
        let longest = usize::try_from(longest).unwrap();
        let body = |length| {
            let mut body = json!({"title": "t", "name": "n"});
            let other = if path == "/tasks" { "name" } else { "title" };
            body.as_object_mut().unwrap().remove(other);
            body[member] = json!("ö".repeat(length));
            body
        };
        scene.make(path, body(longest)).await;
        let refused = scene.ask(Ask::post(path).json(&body(longest + 1))).await;
        assert_eq!(refused.errors(), [format!("/{member} too_long")]);
    }
    for (schema, member) in [("TaskPatch", "title"), ("TaskPatch", "description")] {
        assert_eq!(
            schemas[schema]["properties"][member]["maxLength"],
            schemas["NewTask"]["properties"][member]["maxLength"]
        );
    }
}
