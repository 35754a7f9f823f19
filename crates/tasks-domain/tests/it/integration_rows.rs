//! Eight ways in which a client and this API once fell apart, each now impossible.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Ask, Door, House, User};

async fn asked(door: &Door, user: &User, ask: Ask) -> Answer {
    let answer = door.ask(user, &ask).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    answer
}

#[actix_web::test]
async fn every_list_is_a_page_and_never_a_bare_array() {
    let house = House::new().await;
    let document = serde_json::to_value(house.domains.openapi()).unwrap();
    let mut lists = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(responses) = operation["responses"].as_object() else {
                continue;
            };
            for response in responses.values() {
                let schema = resolved(
                    &document,
                    &response["content"]["application/json"]["schema"],
                );
                assert_ne!(schema["type"], "array", "{method} {path}");
                if schema["properties"]["items"]["type"] == "array" {
                    let members = schema["required"].as_array().unwrap();
                    for member in [
                        "items",
                        "limit",
                        "next_cursor",
                        "has_more",
                        "total",
                        "page",
                        "total_pages",
                    ] {
                        assert!(
                            members.contains(&json!(member)),
                            "{method} {path} has no {member}"
                        );
                    }
                    lists.push(format!(
                        "{method} {}",
                        path.replace("/api/v1/{user_id}", "")
                    ));
                }
            }
        }
    }
    lists.sort();
    let expected = [
        "get /tags",
        "get /tasks",
        "get /tasks/{task_id}/tags",
        "put /tasks/{task_id}/tags",
    ];
    assert_eq!(lists, expected);

    let (door, alice) = (house.door().await, house.user());
    for list in ["/tasks", "/tags", "/tasks?page=1", "/tasks?deleted=only"] {
        let page = asked(&door, &alice, Ask::get(list)).await;
        assert_eq!(
            page.body["items"],
            json!([]),
            "an empty list is an empty array"
        );
    }
}

#[actix_web::test]
async fn a_tag_on_a_task_is_the_tag_as_it_is_read_alone() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    let body = json!({"title": "t", "tags": ["Home", {"name": "work", "color": "#0f0"}]});
    let task = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
    let path = format!("/tasks/{}", task.id());
    let listed = asked(&door, &alice, Ask::get("/tasks")).await.body["items"][0]["tags"].clone();
    let read = asked(&door, &alice, Ask::get(&path)).await.body["tags"].clone();
    let of_task = asked(&door, &alice, Ask::get(format!("{path}/tags")))
        .await
        .body["items"]
        .clone();
    assert_eq!(listed, read);
    for (place, on_task) in read.as_array().unwrap().iter().enumerate() {
        let id = on_task["id"].as_str().unwrap();
        let alone = asked(&door, &alice, Ask::get(format!("/tags/{id}")))
            .await
            .body;
        assert_eq!(of_task[place], alone);
        for (member, value) in on_task.as_object().unwrap() {
            assert_eq!(&alone[member], value, "{member}");
        }
    }
    // In the document they are one shape each, wherever they are shown.
    let document = serde_json::to_value(house.domains.openapi()).unwrap();
    let on_task = &document["components"]["schemas"]["Task"]["properties"]["tags"]["items"];
    assert_eq!(on_task["$ref"], "#/components/schemas/TagRef");
    for (member, schema) in document["components"]["schemas"]["TagRef"]["properties"]
        .as_object()
        .unwrap()
    {
        let alone = &document["components"]["schemas"]["Tag"]["properties"][member];
        assert_eq!(alone["type"], schema["type"], "{member}");
    }
}

#[actix_web::test]
async fn no_number_that_a_page_or_task_always_has_is_ever_null() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    for body in [
        json!({"title": "without"}),
        json!({"title": "null", "priority": null}),
        json!({"title": "high", "priority": "high"}),
    ] {
        asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
    }
    for list in [
        "/tasks",
        "/tasks?limit=1",
        "/tasks?page=1&limit=2",
        "/tasks?page=2&limit=2",
        "/tasks?page=9",
        "/tasks?status=complete&page=1",
        "/tasks?total=exact",
        "/tags?page=1",
    ] {
        let page = asked(&door, &alice, Ask::get(list)).await.body;
        assert!(
            page["limit"].is_u64() && page["has_more"].is_boolean(),
            "{list}"
        );
        let counted = list.contains("page=") || list.contains("total=");
        for member in ["total", "total_pages"] {
            assert_eq!(page[member].is_u64(), counted, "{list} {member}");
            assert_eq!(page[member].is_null(), !counted, "{list} {member}");
        }
        assert_eq!(page["page"].is_u64(), list.contains("page="), "{list}");
        for task in page["items"].as_array().unwrap() {
            assert!(task["priority"].is_string(), "{list}");
            assert!(
                task["priority_rank"].is_u64() && task["version"].is_u64(),
                "{list}"
            );
        }
    }
    let empty = asked(&door, &alice, Ask::get("/tasks?status=complete&page=1"))
        .await
        .body;
    assert_eq!(
        (&empty["total"], &empty["total_pages"]),
        (&json!(0), &json!(0))
    );
}

#[actix_web::test]
async fn tags_are_stored_with_their_task_and_a_member_that_nobody_knows_is_never_dropped() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    let body = json!({"title": "t", "tags": ["a"]});
    let task = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
    let path = format!("/tasks/{}", task.id());
    for (ask, names) in [
        (Ask::get(&path), vec!["a"]),
        (
            Ask::put(&path).json(&json!({"title": "t", "tags": ["b", "a"]})),
            vec!["a", "b"],
        ),
        (Ask::patch(&path).json(&json!({"tags": ["c"]})), vec!["c"]),
        (Ask::patch(&path).json(&json!({"title": "u"})), vec!["c"]),
        (Ask::get(&path), vec!["c"]),
    ] {
        let task = asked(&door, &alice, ask).await.body;
        let tags = task["tags"].as_array().unwrap().iter();
        assert_eq!(tags.map(|tag| &tag["name"]).collect::<Vec<_>>(), names);
    }
    for ask in [
        Ask::post("/tasks").json(&json!({"title": "t", "tagz": []})),
        Ask::put(&path).json(&json!({"title": "t", "tagz": []})),
        Ask::patch(&path).json(&json!({"tagz": []})),
    ] {
        let refused = door.ask(&alice, &ask).await;
        assert_eq!(refused.errors(), ["/tagz unknown_field"]);
        let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("tags"), "{detail}");
    }
}

#[actix_web::test]
async fn what_was_read_can_be_put_back_as_it_is() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    for body in [
        json!({"title": "bare"}),
        json!({
            "title": "everything", "description": "all\nof it", "completed": true, "priority": "medium",
            "due_date": "2026-12-01T10:00:00.123456+05:45", "reminder_at": "2026-11-29T23:00:00-11:00",
            "tags": ["a", {"name": "Ä", "color": "#fff"}],
        }),
    ] {
        let made = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
        let path = format!("/tasks/{}", made.id());
        let read = asked(&door, &alice, Ask::get(&path)).await.body;
        let document = serde_json::to_value(house.domains.openapi()).unwrap();
        let members = document["components"]["schemas"]["Task"]["properties"]
            .as_object()
            .unwrap();
        for member in members.keys() {
            assert!(read.get(member).is_some(), "{member} is there");
        }
        let put = asked(&door, &alice, Ask::put(&path).json(&read)).await.body;
        let again = asked(&door, &alice, Ask::get(&path)).await.body;
        assert_eq!(put, again);
        for (member, value) in read.as_object().unwrap() {
            if !["version", "updated_at"].contains(&member.as_str()) {
                assert_eq!(&again[member], value, "{member}");
            }
        }
    }
    let made = asked(
        &door,
        &alice,
        Ask::post("/tags").json(&json!({"name": "T"})),
    )
    .await;
    let path = format!("/tags/{}", made.id());
    let read = asked(&door, &alice, Ask::get(&path)).await.body;
    let put = asked(&door, &alice, Ask::put(&path).json(&read)).await.body;
    assert_eq!(
        (&put["name"], &put["color"]),
        (&read["name"], &read["color"])
    );
}

#[actix_web::test]
async fn a_time_is_an_instant_with_its_offset_and_is_answered_in_utc() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    for (given, answered) in [
        ("2026-12-01T10:00:00Z", "2026-12-01T10:00:00Z"),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00Z"),
        ("2026-12-01T00:30:00+14:00", "2026-11-30T10:30:00Z"),
        (
            "2026-12-01T10:00:00.1234567-03:30",
            "2026-12-01T13:30:00.123456Z",
        ),
        ("2028-02-29t23:59:59z", "2028-02-29T23:59:59Z"),
    ] {
        let body = json!({"title": "t", "due_date": given});
        let made = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
        assert_eq!(made.body["due_date"], answered);
    }
    for given in ["2026-12-01T10:00:00", "2026-12-01 10:00", "2026-12-01"] {
        for member in ["due_date", "reminder_at"] {
            let ask = Ask::post("/tasks").json(&json!({"title": "t", member: given}));
            let refused = door.ask(&alice, &ask).await;
            assert_eq!(
                refused.errors(),
                [format!("/{member} missing_offset")],
                "{given}"
            );
        }
    }
}

#[actix_web::test]
async fn a_tag_always_has_a_colour_in_one_form() {
    let house = House::new().await;
    let (door, alice) = (house.door().await, house.user());
    for (name, color, expected) in [
        ("short", json!("#abc"), Some("#AABBCC")),
        ("lower", json!("#00ff7f"), Some("#00FF7F")),
        ("upper", json!("#00FF7F"), Some("#00FF7F")),
        ("null", Value::Null, None),
    ] {
        let body = json!({"name": name, "color": color});
        let made = asked(&door, &alice, Ask::post("/tags").json(&body)).await;
        let color = made.body["color"].as_str().unwrap();
        assert!(color.len() == 7 && color == color.to_uppercase(), "{color}");
        assert!(expected.is_none_or(|expected| expected == color), "{color}");
    }
    let body = json!({"title": "t", "tags": ["without", {"name": "none", "color": null}]});
    let made = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
    for tag in made.body["tags"].as_array().unwrap() {
        assert_eq!(tag["color"].as_str().unwrap().len(), 7);
    }
    // A name has the same colour again after it was deleted.
    let tag = &made.body["tags"][1];
    asked(
        &door,
        &alice,
        Ask::delete(format!("/tags/{}", tag["id"].as_str().unwrap())),
    )
    .await;
    let again = asked(
        &door,
        &alice,
        Ask::post("/tags").json(&json!({"name": "WITHOUT"})),
    )
    .await;
    assert_eq!(again.body["color"], tag["color"]);
}

#[actix_web::test]
async fn a_tags_id_where_a_name_belongs_is_told_where_it_belongs() {
    let house = House::new().await;
    let (door, alice, bob) = (house.door().await, house.user(), house.user());
    let body = json!({"title": "t", "tags": ["a"]});
    let made = asked(&door, &alice, Ask::post("/tasks").json(&body)).await;
    let tag = made.body["tags"][0]["id"].as_str().unwrap();
    for given in [tag.to_owned(), tag.to_uppercase()] {
        let refused = door
            .ask(&alice, &Ask::get(format!("/tasks?tag={given}")))
            .await;
        assert_eq!(refused.refusal(), (400, "invalid_parameter"), "{given}");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("tag_id"), "{detail}");
    }
    let right = asked(&door, &alice, Ask::get(format!("/tasks?tag_id={tag}"))).await;
    assert_eq!(right.body["items"], json!([made.body]));

    // Nobody learns so that it is the id of another user's tag.
    let nobody = Uuid::now_v7().to_string();
    for (user, id) in [(&bob, tag), (&alice, nobody.as_str())] {
        let empty = asked(&door, user, Ask::get(format!("/tasks?tag={id}"))).await;
        assert_eq!(empty.body["items"], json!([]));
        let empty = asked(&door, user, Ask::get(format!("/tasks?tag_id={id}"))).await;
        assert_eq!(empty.body["items"], json!([]));
    }
    // A name may look like an id.
    asked(
        &door,
        &alice,
        Ask::post("/tags").json(&json!({"name": tag})),
    )
    .await;
    let named = asked(&door, &alice, Ask::get(format!("/tasks?tag={tag}"))).await;
    assert_eq!(named.body["items"], json!([]));
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).unwrap(),
        None => schema,
    }
}
