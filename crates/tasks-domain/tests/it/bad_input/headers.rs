use serde_json::json;
use uuid::Uuid;

use super::Scene;
use crate::support::Ask;

/// What is no list of entity tags.
const NO_ENTITY_TAGS: [&[u8]; 20] = [
    b"",
    b",",
    b"1",
    b"\"1",
    b"1\"",
    b"'1'",
    b"\"1\" \"2\"",
    b"*, \"1\"",
    b"\"1\", *",
    b"**",
    b"W/",
    b"W/*",
    b"W\"1\"",
    b"w/\"1\"",
    b"W/ \"1\"",
    b"\"a b\"",
    b"\"1\";x",
    b"\"\"\"",
    b"\xff",
    b"\"\xff\xfe",
];

#[actix_web::test]
async fn a_change_of_another_state_or_of_none_that_can_be_understood_is_not_made() {
    let scene = Scene::new().await;
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    let others =
        "W/\"1\" \"0\" \"2\" \"\" \"-1\" \"1.0\" \"x\" \"99999999999999999999999\" W/\"1\",\"7\"";
    let many = "\"1\",".repeat(5_000);
    for change in [
        Ask::put(&task).json(&json!({"title": "t"})),
        Ask::patch(&task).json(&json!({"title": "t"})),
        Ask::patch(&task).json(&json!({})),
        Ask::delete(&task),
        Ask::put(format!("{task}/completion")).json(&json!({"completed": true})),
        Ask::patch(format!("{task}/complete")),
        Ask::post(format!("{task}/tags")).json(&json!({"tag_id": scene.other_tag})),
        Ask::put(format!("{task}/tags")).json(&json!({"tags": []})),
        Ask::delete(format!("{task}/tags/{}", scene.tag)),
        Ask::put(&tag).json(&json!({"name": "n"})),
        Ask::patch(&tag).json(&json!({"name": "n"})),
        Ask::patch(&tag).json(&json!({})),
        Ask::delete(&tag),
    ] {
        for value in NO_ENTITY_TAGS.into_iter().chain([many.as_bytes()]) {
            let ask = change.clone().header("if-match", value);
            scene.is_bad(ask, "invalid_header").await;
        }
        let twice = change.clone().header("if-match", "\"1\"");
        scene
            .is_bad(twice.header("if-match", "*"), "invalid_header")
            .await;
        for other in others.split(' ') {
            let ask = change.clone().header("if-match", other);
            scene.is_refused(ask, 412, "precondition_failed", &[]).await;
        }
        // Of what is not there no state is the right one.
        let (absent, code) = match change.path.starts_with("/tasks") {
            true => (
                change.path.replace(&scene.task, &scene.bobs_task),
                "task_not_found",
            ),
            false => (
                change.path.replace(&scene.tag, &scene.bobs_tag),
                "tag_not_found",
            ),
        };
        for value in ["*", "\"1\"", "\"7\""] {
            let ask = Ask {
                path: absent.clone(),
                ..change.clone()
            };
            let ask = ask.header("if-match", value);
            scene.is_refused(ask, 404, code, &[]).await;
        }
    }
    for read in ["/tasks", "/tags", &task, &tag] {
        for value in NO_ENTITY_TAGS {
            let ask = Ask::get(read).header("if-none-match", value);
            scene.is_bad(ask, "invalid_header").await;
        }
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn a_key_that_is_none_is_refused_and_not_cut_to_size() {
    let scene = Scene::new().await;
    let long = "k".repeat(256);
    let no_keys: [&[u8]; 8] = [
        b"",
        b" ",
        b"a b",
        b"a\tb",
        b"\xc3\xa4",
        b"\xff",
        b"a\x80",
        long.as_bytes(),
    ];
    for make in [
        Ask::post("/tasks").json(&json!({"title": "t"})),
        Ask::post("/tags").json(&json!({"name": "n"})),
        Ask::post(format!("/tasks/{}/tags", scene.task)).json(&json!({"tag_id": scene.other_tag})),
    ] {
        for key in no_keys {
            let ask = make.clone().header("idempotency-key", key);
            scene.is_bad(ask, "invalid_header").await;
        }
        let once = make.header("idempotency-key", "a");
        scene
            .is_bad(once.header("idempotency-key", "a"), "invalid_header")
            .await;
    }
    scene.nothing_has_changed().await;
}

#[actix_web::test]
async fn an_answer_that_could_not_be_read_is_refused_before_anything_is_done() {
    let scene = Scene::new().await;
    let (task, tag) = (
        format!("/tasks/{}", scene.task),
        format!("/tags/{}", scene.tag),
    );
    for ask in [
        Ask::get("/tasks"),
        Ask::get(&task),
        Ask::get("/tags"),
        Ask::get("/nothing/here"),
        Ask::post("/tasks").json(&json!({"title": "t"})),
        Ask::put(&task).json(&json!({"title": "t"})),
        Ask::patch(format!("{task}/complete")),
        Ask::delete(&task),
        Ask::delete(&tag),
    ] {
        for accept in [
            "text/html",
            "application/xml, text/*;q=0.9",
            "application/json;q=0",
            "*/*;q=0",
            "application/json;q=0, */*",
            "image/png",
            "json",
        ] {
            let ask = ask.clone().header("accept", accept);
            scene.is_refused(ask, 406, "not_acceptable", &[]).await;
        }
    }
    scene.nothing_has_changed().await;
    for accept in [
        "*/*",
        "application/json",
        "application/*;q=0.1",
        "text/html, */*;q=0.8",
        "application/problem+json, application/json",
        "APPLICATION/JSON",
    ] {
        let answer = scene.ask(Ask::get("/tasks").header("accept", accept)).await;
        assert_eq!(answer.status, 200, "{accept}");
    }
}

/// Each of these has more than one fault: token's user, form of the answer, id in the path, query, headers, body, row, state, rules.
#[actix_web::test]
async fn of_several_faults_the_first_in_the_order_of_the_checks_is_told() {
    let scene = Scene::new().await;
    let (task, his) = (
        format!("/tasks/{}", scene.task),
        format!("/tasks/{}", scene.bobs_task),
    );
    let other = Uuid::new_v4();
    let (blank, valid) = (json!({"title": ""}), json!({"title": "t"}));
    let by_id = json!({"title": "t", "tags": [other]});
    let by_name_and_id = json!({"title": "t", "tags": ["n", other]});
    let late = json!({"reminder_at": "2030-01-01T00:00:00Z"});
    let unreadable = |ask: Ask| ask.header("accept", "text/html");
    let garbled = |ask: Ask| ask.header("if-match", "1");
    let outdated = |ask: Ask| ask.header("if-match", "\"9\"");
    let text = |ask: Ask| ask.body("text/plain", "x".repeat(300_000));
    for (expected, asks) in [
        (
            (403, "user_mismatch"),
            vec![unreadable(Ask::get("/tasks?x=1").of(other.to_string()))],
        ),
        (
            (406, "not_acceptable"),
            vec![
                unreadable(Ask::get("/tasks/x?x=1")),
                unreadable(Ask::get("/tasks?x=1")),
            ],
        ),
        (
            (404, "task_not_found"),
            vec![text(garbled(Ask::put("/tasks/x?x=1")))],
        ),
        (
            (404, "tag_not_found"),
            vec![text(garbled(Ask::put("/tags/x?x=1")))],
        ),
        (
            (404, "tag_not_assigned"),
            vec![garbled(Ask::delete(format!("{his}/tags/x?x=1")))],
        ),
        (
            (400, "unknown_parameter"),
            vec![text(garbled(Ask::put(format!("{his}?x=1"))))],
        ),
        (
            (400, "invalid_header"),
            vec![
                text(garbled(Ask::put(&his))),
                text(Ask::post("/tasks").header("idempotency-key", "a b")),
            ],
        ),
        (
            (415, "unsupported_media_type"),
            vec![text(outdated(Ask::put(&his)))],
        ),
        (
            (413, "body_too_large"),
            vec![outdated(Ask::put(&his)).body("application/json", "x".repeat(300_000))],
        ),
        (
            (404, "task_not_found"),
            vec![text(garbled(Ask::put("/tasks/x?x=1")))],
        ),
        (
            (404, "tag_not_found"),
            vec![text(garbled(Ask::put("/tags/x?x=1")))],
        ),
        (
            (404, "tag_not_assigned"),
            vec![garbled(Ask::delete(format!("{his}/tags/x?x=1")))],
        ),
        (
            (400, "unknown_parameter"),
            vec![text(garbled(Ask::put(format!("{his}?x=1"))))],
        ),
        (
            (400, "invalid_header"),
            vec![
                text(garbled(Ask::put(&his))),
                text(Ask::post("/tasks").header("idempotency-key", "a b")),
            ],
        ),
        (
            (415, "unsupported_media_type"),
            vec![text(outdated(Ask::put(&his)))],
        ),
        (
            (413, "body_too_large"),
            vec![outdated(Ask::put(&his)).body("application/json", "x".repeat(300_000))],
        ),
        (
            (404, "task_not_found"),
            vec![
                outdated(Ask::put(&his)).json(&valid),
                outdated(Ask::put(&his)).json(&by_id),
                outdated(Ask::put(&his)).json(&by_name_and_id),
                outdated(Ask::patch(&his)).json(&late),
                outdated(Ask::patch(&his)).json(&json!({})),
                outdated(Ask::put(format!("{his}/tags"))).json(&json!({"tags": ["n", other]})),
                outdated(Ask::post(format!("{his}/tags"))).json(&json!({"tag_id": other})),
                outdated(Ask::delete(format!("{his}/tags/{other}"))),
            ],
        ),
        (
            (412, "precondition_failed"),
            vec![
                outdated(Ask::put(&task)).json(&by_id),
                outdated(Ask::put(&task)).json(&by_name_and_id),
                outdated(Ask::patch(&task)).json(&late),
                outdated(Ask::put(format!("{task}/tags"))).json(&json!({"tags": ["n", other]})),
                outdated(Ask::post(format!("{task}/tags"))).json(&json!({"tag_id": other})),
                outdated(Ask::delete(format!("{task}/tags/{other}"))),
                outdated(Ask::put(format!("/tags/{}", scene.tag))).json(&json!({"name": "other"})),
            ],
        ),
    ] {
        for ask in asks {
            scene.is_refused(ask, expected.0, expected.1, &[]).await;
        }
    }
    for path in [&his, &task] {
        let ask = outdated(Ask::put(path)).json(&blank);
        scene.is_invalid(ask, &["/title blank"]).await;
    }
    scene.nothing_has_changed().await;
}
