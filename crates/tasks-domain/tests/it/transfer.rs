//! Everything out and in.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    living::Guest,
    support::{Answer, Ask, User},
};

const LINES: &str = "application/x-ndjson";

fn import(query: &str, lines: &str) -> Ask {
    Ask::post(format!("/import{query}")).body(LINES, lines)
}

fn lines_of(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

async fn exported(guest: &Guest, user: &User) -> Vec<Value> {
    let answer = guest.door.ask(user, &Ask::get("/export")).await;
    assert_eq!(answer.header("content-type"), LINES);
    lines_of(&answer)
}

/// What is the same wherever it is: without whose it is, when it came in, and how often it has changed.
fn essence(lines: &[Value]) -> Vec<Value> {
    let mut lines = lines.to_vec();
    for line in &mut lines {
        for kind in ["tag", "task"] {
            if let Some(members) = line.get_mut(kind).and_then(Value::as_object_mut) {
                for name in ["user_id", "version", "updated_at", "created_at"] {
                    members.remove(name);
                }
            }
        }
    }
    lines.remove(0);
    lines
}

/// A bit of everything.
async fn furnish(guest: &Guest) {
    let trip = guest.make(json!({"title": "Trip, \"quoted\"\n; and 💡", "tags": ["Home", "Work"], "priority": "high"})).await;
    let pack = guest.below(&trip, "Pack").await;
    guest.below(&pack, "Socks").await;
    let report = json!({
        "title": "Report", "description": "long\nlines", "due_date": "2199-01-07T09:00:00Z", "reminder_at": "2199-01-07T08:00:00Z",
        "recurrence": {"rrule": "FREQ=WEEKLY", "timezone": "Europe/Berlin"}, "tags": ["Work"],
    });
    let report = guest.make(report).await;
    guest.complete(&report).await;
    let gone = guest.make(json!({"title": "Gone"})).await;
    guest.ask(Ask::delete(format!("/tasks/{gone}"))).await;
    let last = guest.make(json!({"title": "Moved"})).await;
    let ask = Ask::put(format!("/tasks/{last}/position")).json(&json!({"before": trip}));
    guest.ask(ask).await;
}

#[actix_web::test]
async fn what_was_exported_can_be_imported_by_another_user_and_is_the_same() {
    let guest = Guest::new().await;
    furnish(&guest).await;
    let hers = exported(&guest, &guest.user).await;
    assert_eq!(hers[0]["type"], "export");
    assert_eq!(
        hers.last().unwrap(),
        &json!({"type": "end", "tags": 2, "tasks": 7})
    );
    let text: Vec<String> = hers.iter().map(Value::to_string).collect();
    let text = text.join("\n");

    let bob = guest.house.user();
    let tried = guest.door.ask(&bob, &import("?dry_run=true", &text)).await;
    let expected =
        |dry_run| json!({"lines": hers.len(), "tags": 2, "tasks": 7, "dry_run": dry_run});
    assert_eq!(tried.body, expected(true), "{}", tried.text);
    assert_eq!(exported(&guest, &bob).await.len(), 2, "a head and an end");
    let done = guest.door.ask(&bob, &import("", &text)).await;
    assert_eq!(done.body, expected(false));
    assert_eq!(essence(&exported(&guest, &bob).await), essence(&hers));
    // Again: each becomes what it is already.
    guest.door.ask(&bob, &import("?mode=merge", &text)).await;
    assert_eq!(essence(&exported(&guest, &bob).await), essence(&hers));
    assert_eq!(
        exported(&guest, &guest.user).await[1..],
        hers[1..],
        "hers are as they were"
    );
}

#[actix_web::test]
async fn what_comes_in_under_the_id_of_something_gone_has_an_entity_tag_of_its_own() {
    let guest = Guest::new().await;
    let task = guest.make(json!({"title": "old"})).await;
    let tag = guest
        .ask(Ask::post("/tags").json(&json!({"name": "Old"})))
        .await;
    let tag = tag.id().to_owned();
    let lines = [
        json!({"type": "tag", "tag": {"id": tag, "name": "New", "color": "#000000"}}),
        json!({"type": "task", "task": {"id": task, "title": "new"}}),
        json!({"type": "end", "tags": 1, "tasks": 1}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let paths = [format!("/tasks/{task}"), format!("/tags/{tag}")];
    let mut seen = Vec::new();
    for path in &paths {
        let answer = guest.ask(Ask::get(path)).await;
        seen.push(answer.header("etag").to_owned());
    }
    let replaced = guest.ask(import("?mode=replace", &lines.join("\n"))).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    for (path, old) in paths.iter().zip(&seen) {
        let late = Ask::delete(path).header("if-match", old);
        let refused = guest.ask(late).await;
        assert_eq!(refused.refusal(), (412, "precondition_failed"), "{path}");
        let now = guest.ask(Ask::get(path)).await;
        let now = Ask::delete(path).header("if-match", now.header("etag"));
        assert_eq!(guest.ask(now).await.status, 204);
    }
}

#[actix_web::test]
async fn merging_keeps_what_is_there_and_replacing_does_not() {
    let guest = Guest::new().await;
    let kept = guest.make(json!({"title": "kept", "tags": ["Home"]})).await;
    let changed = guest.make(json!({"title": "changed"})).await;
    let tag = Uuid::now_v7();
    let lines = [
        json!({"type": "tag", "tag": {"id": tag, "name": "home", "color": "#000000"}}),
        json!({"type": "task", "task": {"id": changed, "title": "new words", "tags": [{"id": tag}, "Other"]}}),
        json!({"type": "task", "task": {"title": "without an id"}}),
        json!({"type": "end", "tags": 1, "tasks": 2}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let lines = lines.join("\r\n") + "\n";
    let merged = guest.ask(import("", &lines)).await;
    assert_eq!(merged.body["tasks"], 2, "{}", merged.text);
    assert_eq!(
        guest.titles("sort_by=title&order=asc").await,
        ["kept", "new words", "without an id"]
    );
    let shown = guest.read(&changed).await;
    let names: Vec<_> = shown["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (names, &shown["version"]),
        (vec!["Home", "Other"], &json!(2))
    );
    assert_eq!(guest.read(&kept).await["version"], 1);

    let replaced = guest.ask(import("?mode=replace", &lines)).await;
    assert_eq!(replaced.status, 200);
    assert_eq!(
        guest.titles("sort_by=title&order=asc").await,
        ["new words", "without an id"]
    );
    assert_eq!(
        guest.ask(Ask::get("/tags?total=exact")).await.body["total"],
        2
    );
    assert!(
        guest
            .events()
            .await
            .iter()
            .any(|event| event.starts_with("import.done"))
    );
}

#[actix_web::test]
async fn of_an_import_with_a_wrong_line_nothing_is_kept_and_each_is_named() {
    let guest = Guest::new().await;
    guest.make(json!({"title": "mine"})).await;
    let (id, lost, other) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let task = |members: Value| {
        let mut task = json!({"id": Uuid::now_v7(), "title": "t"});
        task.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        json!({"type": "task", "task": task}).to_string()
    };
    let end = |tasks: usize| json!({"type": "end", "tags": 0, "tasks": tasks}).to_string();
    for (lines, errors) in [
        (vec![task(json!({}))], vec!["/2 incomplete"]),
        (vec![task(json!({})), end(2)], vec!["/2 incomplete"]),
        (vec![end(0), task(json!({}))], vec!["/2/type unknown_value"]),
        (
            vec!["{".to_owned(), "[]".to_owned(), "{}".to_owned(), end(0)],
            vec![
                "/1 malformed_json",
                "/2 wrong_type",
                "/3/type unknown_value",
            ],
        ),
        (
            vec![
                task(json!({"title": "", "due_date": "soon", "titel": 1})),
                end(1),
            ],
            vec![
                "/1/task/titel unknown_field",
                "/1/task/title blank",
                "/1/task/due_date invalid_timestamp",
                "/2 incomplete",
            ],
        ),
        (
            vec![task(json!({"id": id})), task(json!({"id": id})), end(2)],
            vec!["/2/task/id duplicate_id"],
        ),
        (
            vec![task(json!({"id": "7"})), end(1)],
            vec!["/1/task/id invalid_id", "/2 incomplete"],
        ),
        (
            vec![task(json!({"tags": [{"id": lost}]})), end(1)],
            vec!["/1/task/tags/0 tag_not_found"],
        ),
        (
            vec![task(json!({"parent_id": lost})), end(1)],
            vec!["/1/task/parent_id parent_not_found"],
        ),
        (
            vec![
                task(json!({"id": id, "parent_id": other})),
                task(json!({"id": other, "parent_id": id})),
                end(2),
            ],
            vec!["/1/task/parent_id parent_not_found"],
        ),
        (
            vec![json!({"type": "export", "version": 2}).to_string(), end(0)],
            vec!["/1/version unknown_value"],
        ),
        (
            vec![
                json!({"type": "tag", "tag": {"name": ""}}).to_string(),
                end(0),
            ],
            vec!["/1/tag/name blank"],
        ),
    ] {
        let answer = guest.ask(import("?mode=replace", &lines.join("\n"))).await;
        assert_eq!(
            answer.refusal(),
            (422, "validation_failed"),
            "{lines:?} {}",
            answer.text
        );
        let mut found = answer.errors();
        found.sort();
        let mut errors: Vec<_> = errors.into_iter().map(str::to_owned).collect();
        errors.sort();
        assert_eq!(found, errors, "{lines:?}");
        assert_eq!(guest.titles("").await, ["mine"], "{lines:?}");
    }
    let long = format!(
        "{{\"type\":\"task\",\"task\":{{\"title\":\"{}\"}}}}",
        "x".repeat(200_000)
    );
    assert_eq!(
        guest.ask(import("", &long)).await.refusal(),
        (413, "line_too_long")
    );
    let many = "{\n".repeat(5_000);
    assert_eq!(guest.ask(import("", &many)).await.errors().len(), 100);
    for (ask, status) in [
        (Ask::post("/import").body("application/json", "{}"), 415),
        (import("?mode=both", "{}"), 400),
        (import("?dry_run=perhaps", "{}"), 400),
        (Ask::get("/export?format=pdf"), 400),
    ] {
        assert_eq!(guest.ask(ask).await.status, status);
    }
    assert_eq!(guest.titles("").await, ["mine"]);
}

#[actix_web::test]
async fn a_task_whose_parent_comes_in_as_trash_stays_when_the_trash_is_emptied() {
    let guest = Guest::new().await;
    let parent = guest.make(json!({"title": "parent"})).await;
    let child = guest.below(&parent, "child").await;
    let below = guest.below(&child, "grandchild").await;
    let lines = [
        json!({"type": "task", "task": {"id": parent, "title": "parent", "deleted_at": "2026-01-01T00:00:00Z"}}),
        json!({"type": "end", "tags": 0, "tasks": 1}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let merged = guest.ask(import("", &lines.join("\n"))).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let shown = guest.read(&child).await;
    assert_eq!(
        (&shown["parent_id"], &shown["version"]),
        (&Value::Null, &json!(2))
    );
    assert_eq!(guest.read(&below).await["parent_id"], child);
    let emptied = guest.ask(Ask::delete("/trash")).await;
    assert!(emptied.status.is_success(), "{}", emptied.text);
    assert_eq!(
        guest.titles("sort_by=title&order=asc").await,
        ["child", "grandchild"]
    );
}

#[actix_web::test]
async fn another_users_ids_in_an_import_are_ones_own_rows_and_nothing_of_theirs_is_touched() {
    let guest = Guest::new().await;
    furnish(&guest).await;
    let hers = exported(&guest, &guest.user).await;
    let bob = guest.house.user();
    let ids: Vec<&str> = hers
        .iter()
        .filter_map(|line| line["task"]["id"].as_str())
        .collect();
    let mut lines: Vec<String> = ids
        .iter()
        .map(|id| json!({"type": "task", "task": {"id": id, "title": "his"}}).to_string())
        .collect();
    lines.push(json!({"type": "end", "tags": 0, "tasks": ids.len()}).to_string());
    let done = guest
        .door
        .ask(&bob, &import("?mode=replace", &lines.join("\n")))
        .await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(exported(&guest, &guest.user).await[1..], hers[1..]);
    let his = exported(&guest, &bob).await;
    assert!(
        his.iter()
            .all(|line| line["task"].is_null() || line["task"]["title"] == "his")
    );
}

#[actix_web::test]
async fn whoever_wants_to_know_is_told_how_far_an_import_is() {
    let guest = Guest::new().await;
    let mut lines: Vec<String> = (0..2_500)
        .map(|n| {
            json!({"type": "task", "task": {"title": format!("{n}"), "tags": ["Many"]}}).to_string()
        })
        .collect();
    lines.push(json!({"type": "end", "tags": 0, "tasks": 2_500}).to_string());
    let text = lines.join("\n");
    let answer = guest.ask(import("", &text).header("accept", LINES)).await;
    let told = lines_of(&answer);
    assert_eq!(told[0]["progress"]["lines"], 1_000);
    assert_eq!(told.last().unwrap()["result"]["tasks"], 2_500);
    assert_eq!(
        guest.ask(Ask::get("/tasks?total=exact&limit=1")).await.body["total"],
        2_500
    );
    let wrong = guest.ask(import("", "{}").header("accept", LINES)).await;
    let told = lines_of(&wrong);
    assert_eq!(
        told.last().unwrap()["problem"]["errors"][0]["pointer"],
        "/1/type"
    );
    // Pages of an export follow each other.
    assert_eq!(exported(&guest, &guest.user).await.len(), 2_503);
}

#[actix_web::test]
async fn a_calendar_has_each_task_that_is_not_in_the_trash() {
    let guest = Guest::new().await;
    furnish(&guest).await;
    let answer = guest
        .ask(Ask::get("/export?format=ics").header("accept", "text/calendar"))
        .await;
    assert_eq!(
        answer.header("content-type"),
        "text/calendar; charset=utf-8"
    );
    let text = answer.text.replace("\r\n ", "");
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
            && text.ends_with("END:VCALENDAR\r\n")
    );
    assert_eq!(text.matches("BEGIN:VTODO").count(), 6);
    for part in [
        "SUMMARY:Trip\\, \"quoted\"\\n\\; and 💡\r\n",
        "CATEGORIES:Home,Work\r\n",
        "RRULE:FREQ=WEEKLY\r\n",
        "DUE;TZID=Europe/Berlin:21990107T100000\r\n",
        "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n",
        "STATUS:COMPLETED\r\n",
        "TRIGGER;VALUE=DATE-TIME:21990107T080000Z\r\n",
        "RELATED-TO;RELTYPE=PARENT:",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("Gone"));
    let unreadable = guest
        .ask(Ask::get("/export?format=ics").header("accept", "text/html"))
        .await;
    assert_eq!(unreadable.status, 406);
}
