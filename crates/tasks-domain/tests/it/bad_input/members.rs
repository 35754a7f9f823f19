use actix_web::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Scene;
use crate::support::Ask;

/// Each body with a minimum that is valid, and the members that it may have.
fn bodies(scene: &Scene) -> Vec<(Ask, Value, Vec<&'static str>)> {
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    let of_task =
        "title description completed priority due_date reminder_at tags create_missing_tags";
    let of_tag = "name color";
    [
        (Ask::post("/tasks"), json!({"title": "t"}), of_task),
        (Ask::put(&task), json!({"title": "t"}), of_task),
        (Ask::patch(&task), json!({}), of_task),
        (
            Ask::put(format!("{task}/completion")),
            json!({"completed": true}),
            "completed",
        ),
        (
            Ask::patch(format!("{task}/complete")),
            json!({"completed": true}),
            "completed",
        ),
        (
            Ask::post(format!("{task}/tags")),
            json!({"tag_id": scene.other_tag}),
            "tag_id",
        ),
        (
            Ask::put(format!("{task}/tags")),
            json!({"tags": []}),
            "tags create_missing_tags",
        ),
        (Ask::post("/tags"), json!({"name": "n"}), of_tag),
        (Ask::put(&tag), json!({}), of_tag),
        (Ask::patch(&tag), json!({}), of_tag),
    ]
    .map(|(ask, valid, members)| (ask, valid, members.split(' ').collect()))
    .into()
}

/// Texts that are no time. The last have no offset.
const NO_TIMES: &str = "
    tomorrow now epoch infinity 1796083200 2026-02-29T00:00:00Z 2026-02-30T00:00:00Z 2026-13-01T00:00:00Z 2026-00-10T00:00:00Z
    2026-12-32T00:00:00Z 2026-12-01T24:00:01Z 2026-12-01T10:60:00Z 2026-12-01T10:00:00+25:00 2026-12-01T10:00:00+01:00[Europe/Berlin]
    2026-W49-2T10:00:00Z +002026-12-01T10:00:00Z -2026-12-01T10:00:00Z 0000-01-01T00:00:00Z 12026-12-01T10:00:00Z
    ２０２６-12-01T10:00:00Z";
const NO_OFFSET: &str = "2026-12-01T10:00:00 2026-12-01T10:00:00.5 2026-12-01T10:00 2026-12-01";

/// What a member cannot be, and the code that it gets.
fn wrong_for(member: &str) -> Vec<(Value, &'static str)> {
    let texts = |texts: &str, code| -> Vec<(Value, &'static str)> {
        let texts = texts.split_whitespace();
        texts.map(|text| (json!(text), code)).collect()
    };
    let longer_than = |length: usize| {
        let longer = [
            "x".repeat(length + 1),
            "💡".repeat(length + 1),
            "x".repeat(100_000),
        ];
        longer.map(|text| (json!(text), "too_long"))
    };
    let no_text = [json!(7), json!(1e300), json!(true), json!([]), json!({})];
    let mut rows: Vec<_> = no_text.map(|value| (value, "wrong_type")).into();
    match member {
        "title" | "name" => {
            rows.extend(longer_than(if member == "title" { 255 } else { 50 }));
            rows.extend([
                (Value::Null, "not_null"),
                (json!(""), "blank"),
                (json!(" \t\r\n\u{a0}\u{3000} "), "blank"),
                (json!("a\u{0}b"), "character_not_allowed"),
            ]);
        }
        "description" => {
            rows.extend(longer_than(10_000));
            rows.push((json!("a\u{0}b"), "character_not_allowed"));
        }
        "completed" | "create_missing_tags" => {
            let no_flag = [json!("true"), json!(1), json!([]), json!({})];
            rows = no_flag.map(|value| (value, "wrong_type")).into();
            rows.push((Value::Null, "not_null"));
        }
        "priority" => {
            rows.extend(texts("urgent High NONE 0 \u{0} low,high", "unknown_value"));
            rows.extend([json!(""), json!("high ")].map(|text| (text, "unknown_value")));
        }
        "due_date" | "reminder_at" => {
            rows.extend(texts(NO_TIMES, "invalid_timestamp"));
            rows.extend(texts(NO_OFFSET, "missing_offset"));
            let others = ["", "2026-12-01T10:00:00Z\u{0}", &"9".repeat(10_000)];
            rows.extend(others.map(|text| (json!(text), "invalid_timestamp")));
        }
        "color" => {
            let colors = "# red #12 #1234 #12345 #1234567 123456 #GGGGGG #ééé #\u{0}23";
            rows.extend(texts(colors, "invalid_color"));
            rows.push((json!(""), "invalid_color"));
        }
        "tag_id" => {
            let id = Uuid::now_v7();
            let others = [
                format!("{{{id}}}"),
                id.simple().to_string(),
                id.urn().to_string(),
            ];
            rows.extend(texts("x none 0199", "invalid_id"));
            rows.extend(others.map(|text| (json!(text), "invalid_id")));
            rows.extend([(json!(""), "invalid_id"), (Value::Null, "not_null")]);
        }
        "tags" => {
            let no_list = [json!("Home"), json!({"0": "Home"}), json!(3), json!(true)];
            rows = no_list.map(|value| (value, "wrong_type")).into();
            rows.push((json!(vec!["x"; 51]), "too_many"));
        }
        other => unreachable!("{other}"),
    }
    rows
}

#[actix_web::test]
async fn every_member_of_every_body_is_judged_and_named() {
    let scene = Scene::new().await;
    for (ask, valid, members) in bodies(&scene) {
        for member in &members {
            for (value, code) in wrong_for(member) {
                let mut body = valid.clone();
                body[member] = value;
                let error = format!("/{member} {code}");
                scene.is_invalid(ask.clone().json(&body), &[&error]).await;
            }
        }
        // What is new or replaced may have no priority; a change that says null says nothing.
        if ask.method == Method::PATCH && members.contains(&"priority") {
            let ask = ask.clone().json(&json!({"priority": null}));
            scene.is_invalid(ask, &["/priority not_null"]).await;
        }
        for required in valid.as_object().unwrap().keys() {
            let error = format!("/{required} required");
            scene
                .is_invalid(ask.clone().json(&json!({})), &[&error])
                .await;
        }
    }
    scene.nothing_has_changed().await;
}

/// Whatever it holds; its name is escaped in the pointer (RFC 6901).
#[actix_web::test]
async fn a_member_that_nobody_knows_is_refused() {
    let scene = Scene::new().await;
    for (ask, valid, _) in bodies(&scene) {
        for (unknown, pointer) in [
            ("nam", "/nam"),
            ("TITLE", "/TITLE"),
            ("a/b~c", "/a~1b~0c"),
            ("", "/"),
            ("__proto__", "/__proto__"),
            ("$where", "/$where"),
        ] {
            for value in [Value::Null, json!([{"deep": null}])] {
                let mut body = valid.clone();
                body[unknown] = value;
                let error = format!("{pointer} unknown_field");
                scene.is_invalid(ask.clone().json(&body), &[&error]).await;
            }
        }
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn what_only_the_server_decides_is_refused_where_it_could_be_meant() {
    let of_task = "id user_id completed_at priority_rank version created_at updated_at deleted_at";
    let of_tag = "id user_id task_count version created_at updated_at";
    let scene = Scene::new().await;
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    for (ask, valid, members) in [
        (Ask::post("/tasks"), json!({"title": "t"}), of_task),
        (Ask::patch(&task), json!({}), of_task),
        (Ask::post("/tags"), json!({"name": "n"}), of_tag),
        (Ask::patch(&tag), json!({}), of_tag),
    ] {
        for member in members.split(' ') {
            for value in [Value::Null, json!(scene.bobs_task), json!(1)] {
                let mut body = valid.clone();
                body[member] = value;
                let error = format!("/{member} read_only");
                scene.is_invalid(ask.clone().json(&body), &[&error]).await;
            }
        }
    }
    scene.nothing_has_changed().await;

    // A replacement passes over it, whatever it holds: the row is the path's, and stays the user's.
    let replacement = |mut body: Value, members: &str, value: &str| {
        for member in members.split(' ') {
            body[member] = json!(value);
        }
        body
    };
    let body = replacement(json!({"title": "hers"}), of_task, &scene.bobs_task);
    let put = scene.ask(Ask::put(&task).json(&body)).await;
    assert_eq!(
        (put.status.as_u16(), put.id()),
        (200, &*scene.task),
        "{}",
        put.text
    );
    assert_eq!(put.body["user_id"], scene.before[0][0]["user_id"]);
    let body = replacement(json!({"name": "hers"}), of_tag, &scene.bobs_tag);
    let put = scene.ask(Ask::put(&tag).json(&body)).await;
    assert_eq!(
        (put.status.as_u16(), put.id()),
        (200, &*scene.tag),
        "{}",
        put.text
    );
}

#[actix_web::test]
async fn every_way_to_choose_a_tag_wrongly_is_named_at_its_place() {
    let scene = Scene::new().await;
    let (nobodys, his) = (json!(Uuid::now_v7()), json!(scene.bobs_tag));
    let task = format!("/tasks/{}", scene.task);
    for (choice, error) in [
        (json!(null), "/tags/1 wrong_type"),
        (json!(7), "/tags/1 wrong_type"),
        (json!([]), "/tags/1 wrong_type"),
        (json!(""), "/tags/1 blank"),
        (json!(" "), "/tags/1 blank"),
        (json!("x".repeat(51)), "/tags/1 too_long"),
        (json!("a\u{0}"), "/tags/1 character_not_allowed"),
        (nobodys.clone(), "/tags/1 tag_not_found"),
        (his.clone(), "/tags/1 tag_not_found"),
        (json!({}), "/tags/1/name required"),
        (json!({"name": null}), "/tags/1/name not_null"),
        (json!({"name": 7}), "/tags/1/name wrong_type"),
        (json!({"name": "x".repeat(51)}), "/tags/1/name too_long"),
        (
            json!({"name": "n", "color": "red"}),
            "/tags/1/color invalid_color",
        ),
        (json!({"name": "n", "color": 7}), "/tags/1/color wrong_type"),
        (
            json!({"name": "n", "colour": "#fff"}),
            "/tags/1/colour unknown_field",
        ),
        (json!({"id": null}), "/tags/1/id not_null"),
        (json!({"id": 7}), "/tags/1/id wrong_type"),
        (json!({"id": "x"}), "/tags/1/id invalid_id"),
        (json!({"id": nobodys}), "/tags/1 tag_not_found"),
        (json!({"id": his, "name": "hers"}), "/tags/1 tag_not_found"),
    ] {
        // After one that would be made, and is not.
        let tags = json!({"tags": ["new", choice]});
        let whole = json!({"title": "t", "tags": ["new", choice]});
        for ask in [
            Ask::post("/tasks").json(&whole),
            Ask::put(&task).json(&whole),
            Ask::patch(&task).json(&tags),
            Ask::put(format!("{task}/tags")).json(&tags),
        ] {
            scene.is_invalid(ask, &[error]).await;
        }
        let alone = error.replace("/1", "/0");
        let ask = Ask::post("/tasks").json(&json!({"title": "t", "tags": [choice]}));
        scene.is_invalid(ask, &[&alone]).await;
    }
    // Only those that are there.
    let tags = json!([scene.tag, "hers", "new"]);
    let whole = json!({"title": "t", "tags": tags, "create_missing_tags": false});
    let set = json!({"tags": tags, "create_missing_tags": false});
    for ask in [
        Ask::post("/tasks").json(&whole),
        Ask::put(&task).json(&whole),
        Ask::patch(&task).json(&set),
        Ask::put(format!("{task}/tags")).json(&set),
    ] {
        scene.is_invalid(ask, &["/tags/2 tag_not_found"]).await;
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn a_task_carries_fifty_tags_and_not_one_more() {
    let scene = Scene::new().await;
    let names: Vec<String> = (0..50).map(|n| format!("tag {n}")).collect();
    let body = json!({"title": "t", "tags": names});
    let made = scene.ask(Ask::post("/tasks").json(&body)).await;
    assert_eq!(
        made.body["tags"].as_array().unwrap().len(),
        50,
        "{}",
        made.text
    );
    let tags = format!("/tasks/{}/tags", made.id());
    let listed = scene.ask(Ask::get(&tags)).await.body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 50);
    assert_eq!(
        (&listed["has_more"], &listed["next_cursor"]),
        (&json!(false), &Value::Null)
    );
    let link = Ask::post(&tags).json(&json!({"tag_id": scene.other_tag}));
    scene
        .is_refused(link.clone(), 409, "too_many_tags", &[])
        .await;
    // One that it carries already is told as such, and one less makes room.
    let first = listed["items"][0]["id"].as_str().unwrap();
    let again = Ask::post(&tags).json(&json!({"tag_id": first}));
    scene
        .is_refused(again, 409, "duplicate_tag_assignment", &[])
        .await;
    let unlink = Ask::delete(format!("{tags}/{first}"));
    assert_eq!(scene.ask(unlink).await.status, 204);
    assert_eq!(scene.ask(link).await.status, 201);
}

/// However large or fine a number is, it is one, and no number is wanted anywhere.
#[actix_web::test]
async fn numbers_of_any_size_are_of_the_wrong_type_and_no_fault_of_the_server() {
    const NUMBERS: &str = "0 -0 1e308 1e-400 123456789012345678901234567890 0.1e1 -9223372036854775809 18446744073709551616";
    let scene = Scene::new().await;
    for number in NUMBERS.split(' ') {
        for member in [
            "title",
            "description",
            "completed",
            "priority",
            "due_date",
            "tags",
        ] {
            let body = match member {
                "title" => format!("{{\"title\":{number}}}"),
                _ => format!("{{\"title\":\"t\",\"{member}\":{number}}}"),
            };
            let error = format!("/{member} wrong_type");
            let ask = Ask::post("/tasks").body("application/json", body);
            scene.is_invalid(ask, &[&error]).await;
        }
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn of_very_many_faults_a_bounded_number_is_told() {
    let scene = Scene::new().await;
    let members: Vec<String> = (0..20_000).map(|n| format!("\"m{n}\":0")).collect();
    let body = format!("{{{}}}", members.join(","));
    let refused = scene
        .ask(Ask::post("/tasks").body("application/json", body))
        .await;
    assert_eq!(refused.refusal(), (422, "validation_failed"));
    let (told, length) = (refused.errors().len(), refused.text.len());
    assert!(
        (50..=101).contains(&told) && length < 40_000,
        "{told} in {length} bytes"
    );
    let body = format!("{{\"{}\":0}}", "x".repeat(200_000));
    let refused = scene
        .ask(Ask::post("/tasks").body("application/json", body))
        .await;
    assert_eq!(refused.refusal(), (422, "validation_failed"));
    assert!(refused.text.len() < 2_000, "{}", refused.text.len());
}
