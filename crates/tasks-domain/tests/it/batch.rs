//! Several changes in one request, and counts.

use serde_json::{Value, json};

use crate::{living::Guest, support::Ask};

fn batch(atomic: bool, operations: &[Value]) -> Ask {
    Ask::post("/tasks/batch").json(&json!({"atomic": atomic, "operations": operations}))
}

#[actix_web::test]
async fn a_batch_is_done_in_its_order_and_each_sees_what_those_before_it_did() {
    let guest = Guest::new().await;
    let task = guest.make(json!({"title": "a", "due_date": "2199-01-07T09:00:00Z", "recurrence": {"rrule": "FREQ=DAILY"}})).await;
    let gone = guest.make(json!({"title": "b"})).await;
    let answer = guest
        .ask(batch(
            true,
            &[
                json!({"op": "create", "body": {"title": "c", "tags": ["Home"]}}),
                json!({"op": "patch", "id": task, "if_match": "\"1\"", "body": {"title": "a2"}}),
                json!({"op": "complete", "id": task, "if_match": "\"2\""}),
                json!({"op": "reopen", "id": task}),
                json!({"op": "replace", "id": task, "body": {"title": "a3"}}),
                json!({"op": "delete", "id": gone}),
                json!({"op": "restore", "id": gone}),
                json!({"op": "purge", "id": gone}),
            ],
        ))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.body["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 200, 200, 200, 200, 204, 200, 204]);
    assert_eq!(results[0]["task"]["tags"][0]["name"], "Home");
    assert_eq!(results[2]["next_occurrence"]["title"], "a2");
    assert_eq!(results[4]["task"], guest.read(&task).await);
    assert!(results.iter().all(|result| result["problem"].is_null()));
    assert_eq!(
        guest.titles("sort_by=title&order=asc").await,
        ["a2", "a3", "c"]
    );
}

#[actix_web::test]
async fn of_a_batch_with_one_change_that_cannot_be_made_nothing_is_left() {
    let guest = Guest::new().await;
    let stranger = guest.house.user();
    let make = Ask::post("/tasks").json(&json!({"title": "theirs"}));
    let theirs = guest.door.ask(&stranger, &make).await.id().to_owned();
    let new = json!({"op": "create", "body": {"title": "new", "tags": ["New"]}});
    let task = guest.make(json!({"title": "a"})).await;
    for (bad, errors) in [
        (
            json!({"op": "delete", "id": theirs}),
            vec!["/operations/1 task_not_found"],
        ),
        (
            json!({"op": "delete", "id": task, "if_match": "\"7\""}),
            vec!["/operations/1 precondition_failed"],
        ),
        (
            json!({"op": "patch", "id": task, "body": {"parent_id": task}}),
            vec![
                "/operations/1 validation_failed",
                "/operations/1/body/parent_id parent_cycle",
            ],
        ),
    ] {
        let answer = guest.ask(batch(true, &[new.clone(), bad])).await;
        assert_eq!(answer.refusal(), (409, "batch_failed"));
        assert_eq!(answer.errors(), errors);
    }
    // What can be seen without the database is told all at once.
    let answer = guest
        .ask(batch(
            true,
            &[
                new.clone(),
                json!({"op": "create", "body": {"title": "", "due_date": "soon"}}),
                json!({"op": "fly", "id": task}),
                json!({"op": "delete"}),
                json!({"op": "delete", "id": "x", "body": {}}),
                json!({"op": "create", "id": task, "body": 7}),
                json!("create"),
                json!({"op": "patch", "id": task, "if_match": "1", "bdy": {}}),
            ],
        ))
        .await;
    assert_eq!(answer.refusal(), (422, "validation_failed"));
    assert_eq!(
        answer.errors(),
        [
            "/operations/1/body/title blank",
            "/operations/1/body/due_date invalid_timestamp",
            "/operations/2/op unknown_value",
            "/operations/3/id required",
            "/operations/4/id invalid_id",
            "/operations/4/body unknown_field",
            "/operations/5/id unknown_field",
            "/operations/6 wrong_type",
            "/operations/7/bdy unknown_field",
            "/operations/7/if_match unknown_value",
            "/operations/7/body required",
        ]
    );
    assert_eq!(guest.titles("").await, ["a"]);
    assert_eq!(guest.ask(Ask::get("/tags")).await.body["items"], json!([]));
}

#[actix_web::test]
async fn where_each_stands_for_itself_the_bad_ones_are_left_out_with_all_that_they_began() {
    let guest = Guest::new().await;
    let task = guest
        .make(json!({"title": "a", "due_date": "2199-01-07T09:00:00Z"}))
        .await;
    let operations = [
        json!({"op": "create", "body": {"title": "b"}}),
        // Makes a tag before it is refused.
        json!({"op": "patch", "id": task, "body": {"tags": ["Begun"], "reminder_at": "2199-01-08T09:00:00Z"}}),
        json!({"op": "create", "body": {"title": ""}}),
        json!({"op": "delete", "id": task, "if_match": "\"9\""}),
        json!({"op": "complete", "id": task}),
    ];
    let ask = batch(false, &operations).header("idempotency-key", "batch-1");
    let answer = guest.ask(ask.clone()).await;
    let results = answer.body["results"].as_array().unwrap().clone();
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            let problem = &result["problem"];
            assert!(
                problem.is_null() || problem["status"] == result["status"],
                "{problem}"
            );
            (
                result["status"].as_u64().unwrap(),
                problem["code"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    let expected = [
        (201, ""),
        (422, "validation_failed"),
        (422, "validation_failed"),
        (412, "precondition_failed"),
        (200, ""),
    ];
    assert_eq!(
        told,
        expected.map(|(status, code)| (status, code.to_owned()))
    );
    assert_eq!(results[2]["problem"]["errors"][0]["pointer"], "/body/title");
    assert_eq!(guest.ask(Ask::get("/tags")).await.body["items"], json!([]));
    // Sent again it is done once.
    let again = guest.ask(ask).await;
    assert_eq!(
        (
            again.text,
            again.headers.contains_key("idempotency-replayed")
        ),
        (answer.text, true)
    );
    assert_eq!(guest.titles("").await, ["b", "a"]);
}

#[actix_web::test]
async fn a_batch_is_of_a_hundred_at_most_and_of_one_at_least() {
    let guest = Guest::new().await;
    let new = json!({"op": "create", "body": {"title": "new"}});
    for (body, error) in [
        (
            json!({"operations": vec![new.clone(); 101]}),
            "/operations too_many",
        ),
        (json!({"operations": []}), "/operations required"),
        (json!({}), "/operations required"),
        (json!({"operations": {}}), "/operations wrong_type"),
        (
            json!({"operations": [new], "atomic": null}),
            "/atomic not_null",
        ),
        (
            json!({"operations": [new], "atomics": true}),
            "/atomics unknown_field",
        ),
    ] {
        let answer = guest.ask(Ask::post("/tasks/batch").json(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.errors()),
            (422, vec![error.to_owned()])
        );
    }
    let answer = guest.ask(batch(true, &vec![new; 100])).await;
    assert_eq!(answer.body["results"].as_array().unwrap().len(), 100);
    assert_eq!(
        guest.ask(Ask::get("/tasks?total=exact&limit=1")).await.body["total"],
        100
    );
}

#[actix_web::test]
async fn tasks_are_counted_by_state_priority_tag_and_day_of_their_user() {
    let guest = Guest::new().await;
    let stranger = guest.house.user();
    let make = Ask::post("/tasks").json(&json!({"title": "theirs", "tags": ["Theirs"]}));
    guest.door.ask(&stranger, &make).await;
    let now = jiff::Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    guest.make(json!({"title": "late", "due_date": now - hour, "priority": "high", "tags": ["Home", "Work"]})).await;
    guest
        .make(json!({"title": "later", "due_date": "2199-01-01T00:00:00Z", "tags": ["Home"]}))
        .await;
    let done = guest
        .make(json!({"title": "done", "due_date": now, "tags": ["Work"]}))
        .await;
    guest.complete(&done).await;
    let gone = guest.make(json!({"title": "gone", "tags": ["Work"]})).await;
    guest.ask(Ask::delete(format!("/tasks/{gone}"))).await;

    let zone = "Pacific/Kiritimati";
    let today = now.to_zoned(jiff::tz::TimeZone::get(zone).unwrap()).date();
    let stats = guest
        .ask(Ask::get(format!("/tasks/stats?timezone={zone}&days=2")))
        .await
        .body;
    for (member, many) in [
        ("total", 3),
        ("completed", 1),
        ("open", 2),
        ("overdue", 1),
        ("in_trash", 1),
        ("untagged", 0),
    ] {
        assert_eq!(stats[member], many, "{member}");
    }
    assert_eq!(
        stats["priorities"],
        json!({"none": 1, "low": 0, "medium": 0, "high": 1})
    );
    let tags: Vec<_> = stats["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| {
            (
                tag["tag"]["name"].as_str().unwrap(),
                tag["open"].as_u64().unwrap(),
                tag["completed"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(tags, [("Home", 2, 0), ("Work", 1, 1)]);
    assert_eq!(stats["timezone"], zone);
    let days = stats["days"].as_array().unwrap();
    assert_eq!(days.len(), 2);
    assert_eq!(days[1]["date"], today.to_string());
    assert_eq!(
        (&days[1]["created"], &days[1]["completed"]),
        (&json!(3), &json!(1))
    );
    for query in ["timezone=Mars/Base", "days=0", "days=367", "tz=UTC"] {
        let answer = guest.ask(Ask::get(format!("/tasks/stats?{query}"))).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}
