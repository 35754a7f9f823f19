//! The Tasks API through its front door: real tokens, the real guard, a real PostgreSQL; two users wherever isolation could
//! fail.

use actix_web::{
    http::{Method, StatusCode, header},
    test,
};
use serde_json::{Value, json};
use tasks_domain::TasksDomain;
use test_kit::{Contents, TestDatabase};
use uuid::Uuid;

use crate::support::{House, User, answer, send};

#[actix_web::test]
async fn a_task_is_created_read_listed_and_deleted() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());

    let made = send!(app, alice, POST "/tasks" => json!({
        "title": "  Water the plants ", "description": "all of them", "priority": "high",
        "due_date": "2026-12-01T10:00:00+01:00", "reminder_at": "2026-12-01T08:00:00Z",
    }));
    assert_eq!(made.status, 201, "{}", made.body);
    let task = &made.body;
    assert_eq!(task["title"], "Water the plants");
    assert_eq!(task["due_date"], "2026-12-01T09:00:00Z");
    assert_eq!(
        (&task["priority"], &task["priority_rank"]),
        (&json!("high"), &json!(3))
    );
    assert_eq!(
        (&task["completed"], &task["version"]),
        (&json!(false), &json!(1))
    );
    for member in ["completed_at", "deleted_at"] {
        assert_eq!(
            task.get(member),
            Some(&Value::Null),
            "{member} is there and null"
        );
    }
    let id = task["id"].as_str().unwrap();
    let location = made.headers.get(header::LOCATION).unwrap();
    assert_eq!(location, &format!("/api/v1/me/tasks/{id}"));

    let got = send!(app, alice, GET format!("/tasks/{id}"));
    assert_eq!((got.status, &got.body), (StatusCode::OK, task));
    let list = send!(app, alice, GET "/tasks");
    assert_eq!(list.body["items"], json!([task]));

    let gone = send!(app, alice, DELETE format!("/tasks/{id}"));
    assert_eq!(
        (gone.status, gone.body),
        (StatusCode::NO_CONTENT, Value::Null)
    );
    for answer in [
        send!(app, alice, GET format!("/tasks/{id}")),
        send!(app, alice, DELETE format!("/tasks/{id}")),
        send!(app, alice, PATCH format!("/tasks/{id}") => json!({"title": "x"})),
        send!(app, alice, PUT format!("/tasks/{id}") => json!({"title": "x"})),
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (404, "task_not_found")
        );
    }
    assert_eq!(send!(app, alice, GET "/tasks").body["items"], json!([]));
}

#[actix_web::test]
async fn another_users_task_is_not_there_whatever_is_tried_with_it() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    let made = send!(app, alice, POST "/tasks" => json!({"title": "hers", "tags": ["private"]}));
    let id = made.body["id"].as_str().unwrap().to_owned();
    let tag = made.body["tags"][0]["id"].clone();

    for answer in [
        send!(app, bob, GET format!("/tasks/{id}")),
        send!(app, bob, PUT format!("/tasks/{id}") => json!({"title": "his"})),
        send!(app, bob, PATCH format!("/tasks/{id}") => json!({"completed": true})),
        send!(app, bob, DELETE format!("/tasks/{id}")),
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (404, "task_not_found")
        );
    }
    assert_eq!(send!(app, bob, GET "/tasks").body["items"], json!([]));
    assert_eq!(send!(app, bob, GET "/tags").body["items"], json!([]));
    let stolen = send!(app, bob, POST "/tasks" => json!({"title": "x", "tags": [tag]}));
    assert_eq!(
        (stolen.status.as_u16(), stolen.errors()),
        (422, vec!["/tags/0 tag_not_found".into()])
    );

    let after = send!(app, alice, GET format!("/tasks/{id}"));
    assert_eq!(after.body, made.body, "nothing of it changed");
}

#[actix_web::test]
async fn another_users_path_is_forbidden_and_no_token_is_unauthorized_even_where_nothing_is() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let other = Uuid::new_v4();
    for path in ["tasks", "tasks/x", "tags", "no/such/path", ""] {
        let request = test::TestRequest::get()
            .uri(&format!("/api/v1/{other}/{path}"))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", alice.token)));
        let refused = answer(test::call_service(&app, request.to_request()).await).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (403, "user_mismatch"),
            "{path}"
        );
        let request = test::TestRequest::get()
            .uri(&format!("/api/v1/me/{path}"))
            .to_request();
        let refused = answer(test::call_service(&app, request).await).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (401, "token_missing"),
            "{path}"
        );
        assert!(refused.headers.contains_key(header::WWW_AUTHENTICATE));
    }
}

#[actix_web::test]
async fn me_tells_who_the_token_is_for() {
    let house = House::new().await;
    let app = house.open().await;
    let id = Uuid::new_v4();
    let alice = User {
        token: house.issuer.token_for(id),
    };
    let me = send!(app, alice, GET "");
    assert_eq!((me.status.as_u16(), &me.body["user_id"]), (200, &json!(id)));
}

#[actix_web::test]
async fn tags_are_taken_by_id_by_name_and_as_objects_and_made_when_missing() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let work = send!(app, alice, POST "/tags" => json!({"name": "Work", "color": "#abc"}));
    assert_eq!(
        (work.status.as_u16(), &work.body["color"]),
        (201, &json!("#AABBCC"))
    );
    let made = send!(app, alice, POST "/tasks" => json!({"title": "t", "tags": [
        work.body["id"], "work", "Home", {"name": "Garden", "color": "#00ff00"}, {"name": "HOME"},
        {"id": work.body["id"], "name": "Work", "color": "#AABBCC"},
    ]}));
    assert_eq!(made.status, 201, "{}", made.body);
    let names: Vec<_> = made.body["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].clone())
        .collect();
    assert_eq!(names, ["Garden", "Home", "Work"]);
    assert_eq!(made.body["tags"][0]["color"], "#00FF00");

    let tags = send!(app, alice, GET "/tags");
    assert_eq!(tags.body["items"].as_array().unwrap().len(), 3);
    let got = send!(app, alice, GET format!("/tasks/{}", made.body["id"].as_str().unwrap()));
    assert_eq!(got.body, made.body);
}

#[actix_web::test]
async fn a_task_with_a_bad_tag_is_not_made_and_neither_are_its_other_tags() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let refused =
        send!(app, alice, POST "/tasks" => json!({"title": "t", "tags": ["New", Uuid::new_v4()]}));
    assert_eq!(refused.errors(), ["/tags/1 tag_not_found"]);
    assert_eq!(send!(app, alice, GET "/tags").body["items"], json!([]));
    assert_eq!(send!(app, alice, GET "/tasks").body["items"], json!([]));
}

#[actix_web::test]
async fn a_tags_name_is_unique_for_its_user_whatever_its_case() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    assert_eq!(
        send!(app, alice, POST "/tags" => json!({"name": "Work"})).status,
        201
    );
    let refused = send!(app, alice, POST "/tags" => json!({"name": " wORK "}));
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (409, "tag_name_conflict")
    );
    assert_eq!(
        send!(app, bob, POST "/tags" => json!({"name": "Work"})).status,
        201
    );
}

#[actix_web::test]
async fn putting_back_what_was_read_changes_nothing_but_the_version() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({
        "title": "t", "description": "d", "completed": true, "priority": "low", "tags": ["a", "b"],
        "due_date": "2026-12-01T10:00:00Z", "reminder_at": "2026-11-30T10:00:00Z",
    }));
    let id = made.body["id"].as_str().unwrap();
    let put = send!(app, alice, PUT format!("/tasks/{id}") => &made.body);
    assert_eq!(put.status, 200, "{}", put.body);
    let mut expected = made.body.clone();
    expected["version"] = json!(2);
    expected["updated_at"] = put.body["updated_at"].clone();
    assert_eq!(put.body, expected);
}

#[actix_web::test]
async fn a_replacement_empties_what_it_leaves_out() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({
        "title": "t", "description": "d", "completed": true, "priority": "high", "tags": ["a"],
        "due_date": "2026-12-01T10:00:00Z",
    }));
    let put = send!(app, alice, PUT format!("/tasks/{}", made.body["id"].as_str().unwrap()) => json!({"title": "u"}));
    let task = put.body;
    assert_eq!(task["title"], "u");
    assert_eq!(
        (&task["description"], &task["due_date"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&task["completed"], &task["completed_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (&task["priority"], &task["tags"]),
        (&json!("none"), &json!([]))
    );
}

#[actix_web::test]
async fn a_patch_keeps_what_it_leaves_out_and_null_empties() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({
        "title": "t", "description": "d", "priority": "high", "tags": ["a"], "due_date": "2026-12-01T10:00:00Z",
    }));
    let path = format!("/tasks/{}", made.body["id"].as_str().unwrap());

    let done = send!(app, alice, PATCH path => json!({"completed": true, "due_date": null}));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(
        (&done.body["completed"], &done.body["due_date"]),
        (&json!(true), &Value::Null)
    );
    for member in ["title", "description", "priority", "tags"] {
        assert_eq!(done.body[member], made.body[member], "{member}");
    }
    let again = send!(app, alice, PATCH path => json!({"completed": true}));
    assert_eq!(
        again.body["completed_at"], done.body["completed_at"],
        "completing twice is completing once"
    );
    let untagged = send!(app, alice, PATCH path => json!({"tags": null}));
    assert_eq!(untagged.body["tags"], json!([]));
    let nothing = send!(app, alice, PATCH path => json!({}));
    assert_eq!(nothing.body, untagged.body, "an empty change is none");
}

#[actix_web::test]
async fn a_reminder_is_refused_after_a_due_date_that_is_already_stored() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({"title": "t", "due_date": "2026-12-01T10:00:00Z"}));
    let path = format!("/tasks/{}", made.body["id"].as_str().unwrap());
    let refused = send!(app, alice, PATCH path => json!({"reminder_at": "2026-12-02T10:00:00Z"}));
    assert_eq!(
        (refused.status.as_u16(), refused.errors()),
        (422, vec!["/reminder_at not_before_due".into()])
    );
}

#[actix_web::test]
async fn everything_wrong_with_a_body_is_named_at_once() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let refused = send!(app, alice, POST "/tasks" => json!({
        "title": "   ", "description": 7, "completed": null, "priority": "urgent",
        "due_date": "2026-12-01T10:00:00", "reminder_at": "soon", "tagz": [], "id": "x",
        "tags": ["", {"name": "n", "color": "red"}, {"nom": "n"}, 3],
    }));
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (422, "validation_failed")
    );
    assert_eq!(
        refused.errors(),
        [
            "/id read_only",
            "/tagz unknown_field",
            "/title blank",
            "/description wrong_type",
            "/completed not_null",
            "/priority unknown_value",
            "/due_date missing_offset",
            "/reminder_at invalid_timestamp",
            "/tags/0 blank",
            "/tags/1/color invalid_color",
            "/tags/2/nom unknown_field",
            "/tags/2/name required",
            "/tags/3 wrong_type",
        ]
    );
    assert_eq!(send!(app, alice, GET "/tasks").body["items"], json!([]));
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_refused_with_the_right_status() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let post = |media: &'static str, body: Vec<u8>| {
        let request = test::TestRequest::default();
        if media.is_empty() {
            request
        } else {
            request.insert_header((header::CONTENT_TYPE, media))
        }
        .set_payload(body)
    };
    let json_media = "application/json; charset=utf-8";
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(300 * 1024));
    for (media, body, status, code) in [
        ("text/plain", b"{}".to_vec(), 415, "unsupported_media_type"),
        ("", b"{}".to_vec(), 415, "unsupported_media_type"),
        (json_media, b"{".to_vec(), 422, "validation_failed"),
        (json_media, b"".to_vec(), 422, "validation_failed"),
        (json_media, b"[]".to_vec(), 422, "validation_failed"),
        (
            json_media,
            b"{\"title\":\"a\",\"title\":\"b\"}".to_vec(),
            422,
            "validation_failed",
        ),
        (
            json_media,
            b"{\"title\":\"\xff\"}".to_vec(),
            422,
            "validation_failed",
        ),
        (
            json_media,
            br#"{"title":"\ud800"}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            json_media,
            br#"{"title":"nul \u0000"}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (json_media, b"[".repeat(100_000), 422, "validation_failed"),
        (json_media, long.into_bytes(), 413, "body_too_large"),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let refused = send!(app, alice, POST "/tasks", post(media, body));
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (status, code),
            "{media} {shown}"
        );
    }
    assert_eq!(send!(app, alice, GET "/tasks").body["items"], json!([]));
}

#[actix_web::test]
async fn an_id_that_is_none_is_not_found_before_the_body_is_read() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let braces = format!("{{{}}}", Uuid::new_v4())
        .replace('{', "%7B")
        .replace('}', "%7D");
    for id in ["1", "x", "%00", "me", &braces, &Uuid::new_v4().to_string()] {
        let request = test::TestRequest::default()
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .set_payload(r#"{"title":"x"}"#);
        let refused = send!(app, alice, PUT format!("/tasks/{id}"), request);
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (404, "task_not_found"),
            "{id}"
        );
    }
}

#[actix_web::test]
async fn pages_follow_each_other_without_gaps_or_repeats() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    for n in 0..7 {
        let completed = n % 2 == 0;
        send!(app, alice, POST "/tasks" => json!({"title": format!("task {n}"), "completed": completed}));
    }
    send!(app, bob, POST "/tasks" => json!({"title": "his"}));

    for (status, expected) in [
        ("all", vec![6, 5, 4, 3, 2, 1, 0]),
        ("complete", vec![6, 4, 2, 0]),
        ("active", vec![5, 3, 1]),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                send!(app, alice, GET format!("/tasks?status={status}&limit=2{cursor}")).body;
            assert_eq!((&page["limit"], &page["total"]), (&json!(2), &Value::Null));
            let items = page["items"].as_array().unwrap().clone();
            assert!(items.len() <= 2);
            seen.extend(
                items
                    .iter()
                    .map(|task| task["title"].as_str().unwrap().to_owned()),
            );
            // A task that is made while paging does not push others onto the next page.
            send!(app, alice, POST "/tasks" => json!({"title": "late"}));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => {
                    assert_eq!(page["has_more"], false);
                    break;
                }
            }
        }
        seen.retain(|title| title != "late");
        let expected: Vec<_> = expected.into_iter().map(|n| format!("task {n}")).collect();
        assert_eq!(seen, expected, "{status}");
    }
}

#[actix_web::test]
async fn a_cursor_of_another_user_or_filter_is_refused() {
    let house = House::new().await;
    let (app, alice, bob) = (house.open().await, house.user(), house.user());
    for _ in 0..2 {
        send!(app, alice, POST "/tasks" => json!({"title": "t"}));
    }
    let cursor = send!(app, alice, GET "/tasks?limit=1").body["next_cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    for refused in [
        send!(app, bob, GET format!("/tasks?limit=1&cursor={cursor}")),
        send!(app, alice, GET format!("/tasks?status=complete&cursor={cursor}")),
        send!(app, alice, GET format!("/tags?cursor={cursor}")),
        send!(app, alice, GET "/tasks?cursor=nonsense"),
    ] {
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (400, "invalid_cursor")
        );
    }
}

#[actix_web::test]
async fn parameters_that_are_unknown_or_out_of_range_are_refused() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    for (query, code) in [
        ("limit=0", "invalid_parameter"),
        ("limit=201", "invalid_parameter"),
        ("limit=ten", "invalid_parameter"),
        ("limit=1&limit=2", "invalid_parameter"),
        ("status=done", "invalid_parameter"),
        ("stats=all", "unknown_parameter"),
        ("user_id=someone", "unknown_parameter"),
    ] {
        let refused = send!(app, alice, GET format!("/tasks?{query}"));
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (400, code),
            "{query}"
        );
    }
}

#[actix_web::test]
async fn a_parameter_is_refused_where_there_is_none_before_anything_is_done() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({"title": "t"}));
    let path = format!("/tasks/{}?dry_run=true", made.body["id"].as_str().unwrap());
    for refused in [
        send!(app, alice, GET "?x=1"),
        send!(app, alice, GET path),
        send!(app, alice, DELETE path),
        send!(app, alice, PUT path => json!({"title": "u"})),
        send!(app, alice, PATCH path => json!({"title": "u"})),
        send!(app, alice, POST "/tasks?dry_run=true" => json!({"title": "u"})),
        send!(app, alice, POST "/tags?dry_run=true" => json!({"name": "u"})),
    ] {
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (400, "unknown_parameter")
        );
    }
    assert_eq!(
        send!(app, alice, GET "/tasks").body["items"],
        json!([made.body])
    );
    assert_eq!(send!(app, alice, GET "/tags").body["items"], json!([]));
}

#[actix_web::test]
async fn tags_are_listed_by_name_a_page_at_a_time() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    for name in ["delta", "Alpha", "charlie", "Bravo", "Écho"] {
        assert_eq!(
            send!(app, alice, POST "/tags" => json!({"name": name})).status,
            201
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = send!(app, alice, GET format!("/tags?limit=2{cursor}")).body;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| tag["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen[..4], ["Alpha", "Bravo", "charlie", "delta"]);
    assert_eq!(seen.len(), 5);
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_have_is_405_with_allow() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let refused = send!(app, alice, DELETE "/tasks");
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (405, "method_not_allowed")
    );
    let allow = refused
        .headers
        .get(header::ALLOW)
        .unwrap()
        .to_str()
        .unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    for path in ["", "/tasks", "/tags"] {
        let head = send!(app, alice, HEAD path);
        assert_eq!(
            head.status, 200,
            "what can be read can be asked about: {path}"
        );
    }
    let refused = send!(app, alice, GET "/nothing/here");
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (404, "path_not_found")
    );
}

#[actix_web::test]
async fn a_token_of_a_user_whom_better_auth_does_not_know_is_refused() {
    let house = House::over(TestDatabase::with(Contents::SchemaAndBetterAuth).await);
    let app = house.open().await;
    let stranger = house.user();
    let refused = send!(app, stranger, GET "/tasks");
    assert_eq!(
        (refused.status.as_u16(), refused.code()),
        (401, "user_not_found")
    );
    let known = User {
        token: house
            .issuer
            .token_for(house.database.sign_up("a@example.com").await),
    };
    assert_eq!(send!(app, known, GET "/tasks").status, 200);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503_with_retry_after_until_it_is_back() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let admin = house.database.admin().await;
    assert_eq!(send!(app, alice, GET "/tasks").status, 200);

    let close = "UPDATE pg_database SET datallowconn = false WHERE datname = current_database();
                 SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    admin.batch_execute(close).await.unwrap();
    for path in ["/tasks", "/tags", "/tasks"] {
        let refused = send!(app, alice, GET path);
        // Who was seen less than a second ago is let in, and meets the database's absence further on.
        assert_eq!(refused.status, 503);
        let codes = ["database_unavailable", "accounts_unavailable"];
        assert!(codes.contains(&refused.code()), "{}", refused.code());
        assert!(refused.headers.contains_key(header::RETRY_AFTER));
    }
    let open = "UPDATE pg_database SET datallowconn = true WHERE datname = current_database()";
    admin.batch_execute(open).await.unwrap();
    assert_eq!(send!(app, alice, GET "/tasks").status, 200);
}

#[actix_web::test]
async fn of_several_tags_that_are_not_there_the_first_is_told_however_the_database_looks_for_them()
{
    let database = TestDatabase::new().await;
    // It sorts them then, as it may whenever it thinks that best.
    let sorting = "DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET enable_hashjoin = off', current_database());
        EXECUTE format('ALTER DATABASE %I SET enable_nestloop = off', current_database());
      END $$";
    database.admin().await.batch_execute(sorting).await.unwrap();
    let house = House::over(database);
    let (app, alice) = (house.open().await, house.user());
    let [first, second] = [2, 1].map(|n| Uuid::from_u128(n).to_string());
    let body = json!({"title": "t", "tags": [first, "made by its name", second]});
    let made = send!(app, alice, POST "/tasks" => json!({"title": "t"}));
    let path = format!("/tasks/{}", made.body["id"].as_str().unwrap());
    for refused in [
        send!(app, alice, POST "/tasks" => body.clone()),
        send!(app, alice, PUT &path => body.clone()),
        send!(app, alice, PATCH &path => body),
    ] {
        assert_eq!(refused.status, 422);
        assert_eq!(refused.body["errors"][0]["pointer"], "/tags/0");
    }
    let tags = send!(app, alice, GET "/tags");
    assert_eq!(tags.body["items"], json!([]), "and none is made");
}

#[actix_web::test]
async fn every_change_writes_one_event_and_their_numbers_have_no_gaps() {
    let house = House::new().await;
    let (app, alice) = (house.open().await, house.user());
    let made = send!(app, alice, POST "/tasks" => json!({"title": "t", "tags": ["a", "b"]}));
    let path = format!("/tasks/{}", made.body["id"].as_str().unwrap());
    let work = (0..6).map(|n| {
        let (app, alice, path) = (&app, &alice, &path);
        async move {
            match n % 3 {
                0 => send!(app, alice, PATCH path => json!({"title": format!("t{n}"), "tags": [format!("c{n}")]})),
                1 => send!(app, alice, POST "/tasks" => json!({"title": "other"})),
                _ => send!(app, alice, POST "/tags" => json!({"name": format!("d{n}")})),
            }
        }
    });
    for answer in futures_util::future::join_all(work).await {
        assert!(answer.status.is_success(), "{}", answer.body);
    }
    let (one, two) = tokio::join!(async { send!(app, alice, DELETE path) }, async {
        send!(app, alice, DELETE path)
    });
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404], "deleted once");

    let rows = house
        .database
        .admin()
        .await
        .query("SELECT seq, kind FROM app.events ORDER BY seq", &[])
        .await
        .unwrap();
    let numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        numbers,
        (1..=i64::try_from(rows.len()).unwrap()).collect::<Vec<_>>()
    );
    let mut kinds: Vec<String> = rows.iter().map(|row| row.get(1)).collect();
    kinds.sort();
    let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!(
        (
            count("task.created"),
            count("task.updated"),
            count("task.deleted"),
            count("tag.created")
        ),
        (3, 2, 1, 6)
    );
}

#[actix_web::test]
async fn everything_that_is_served_is_documented() {
    let house = House::new().await;
    let document = serde_json::to_value(house.domains.openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut operations: Vec<String> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods
                .filter(|m| *m != "parameters")
                .map(move |m| format!("{m} {path}"))
        })
        .collect();
    operations.sort();
    let base = "/api/v1/{user_id}";
    let mut expected: Vec<String> = [
        "get ",
        "delete ",
        "get /tasks",
        "post /tasks",
        "post /tasks/batch",
        "get /tasks/stats",
        "get /export",
        "post /import",
        "delete /trash",
        "get /recurrence",
        "get /tasks/{task_id}/occurrences",
        "put /tasks/{task_id}/position",
        "post /tasks/{task_id}/restore",
        "get /tasks/{task_id}",
        "put /tasks/{task_id}",
        "patch /tasks/{task_id}",
        "delete /tasks/{task_id}",
        "put /tasks/{task_id}/completion",
        "patch /tasks/{task_id}/complete",
        "get /tasks/{task_id}/tags",
        "post /tasks/{task_id}/tags",
        "put /tasks/{task_id}/tags",
        "delete /tasks/{task_id}/tags/{tag_id}",
        "get /tags",
        "post /tags",
        "get /tags/{tag_id}",
        "put /tags/{tag_id}",
        "patch /tags/{tag_id}",
        "delete /tags/{tag_id}",
    ]
    .iter()
    .map(|operation| operation.replacen(' ', &format!(" {base}"), 1))
    .collect();
    expected.sort();
    assert_eq!(operations, expected);

    // And the other way round: each of them is served.
    let (app, alice) = (house.open().await, house.user());
    for (path, item) in paths {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|m| *m != "parameters")
        {
            let uri = path
                .replace("{user_id}", "me")
                .replace("{task_id}", &Uuid::nil().to_string())
                .replace("{tag_id}", &Uuid::nil().to_string());
            let request = test::TestRequest::default()
                .method(method.to_uppercase().parse().unwrap())
                .uri(&uri)
                .insert_header((header::AUTHORIZATION, format!("Bearer {}", alice.token)))
                .to_request();
            let served = answer(test::call_service(&app, request).await).await;
            assert!(
                !["path_not_found", "method_not_allowed"].contains(&served.code()),
                "{method} {path}"
            );
        }
    }
}

#[actix_web::test]
async fn two_domains_cannot_have_the_same_path() {
    let house = House::new().await;
    let taken = house
        .domains
        .clone()
        .with(TasksDomain::new(house.database.user_db()));
    let clash = taken.unwrap_err().to_string();
    assert!(clash.contains("domain tasks has already"), "{clash}");
}
