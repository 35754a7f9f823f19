use serde_json::json;

use super::Scene;
use crate::support::Ask;

#[actix_web::test]
async fn a_key_stands_for_one_request_of_one_user() {
    let scene = Scene::new().await;
    let task = format!("/tasks/{}", scene.task);
    let long = "!".repeat(255);
    for key in ["k", "~\"{}'", &long] {
        let ask = Ask::post("/tasks")
            .json(&json!({"title": key}))
            .header("idempotency-key", key);
        let first = scene.ask(ask.clone()).await;
        assert_eq!(
            (first.status.as_u16(), first.header("idempotency-replayed")),
            (201, "")
        );
        let again = scene.ask(ask.clone()).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        for header in ["location", "etag", "content-type"] {
            assert_eq!(again.header(header), first.header(header));
        }
        // Bob's key of the same name is his own, and so is what it makes.
        let his = scene.door.ask(&scene.bob, &ask).await;
        assert_eq!(
            (his.status.as_u16(), his.header("idempotency-replayed")),
            (201, "")
        );
        assert_ne!(his.id(), first.id());
        // What was made may be gone; the answer is not.
        scene
            .ask(Ask::delete(format!("/tasks/{}", first.id())))
            .await;
        assert_eq!(scene.ask(ask.clone()).await.text, first.text);

        for other in [
            Ask::post("/tasks").json(&json!({"title": "another"})),
            Ask::post("/tasks").body("application/json", format!("{} ", json!({"title": key}))),
            Ask::post("/tags").json(&json!({"name": "another"})),
            Ask::post(format!("{task}/tags")).json(&json!({"tag_id": scene.other_tag})),
        ] {
            let ask = other.header("idempotency-key", key);
            scene
                .is_refused(ask, 409, "idempotency_conflict", &[])
                .await;
        }
        // What is wrong by itself is told as such.
        let ask = Ask::post("/tasks")
            .json(&json!({"title": ""}))
            .header("idempotency-key", key);
        scene
            .is_refused(ask, 422, "validation_failed", &["/title blank"])
            .await;
    }
    // A refusal leaves the key free.
    let refused = [
        (
            Ask::post("/tags").json(&json!({"name": "hers"})),
            409,
            "tag_name_conflict",
        ),
        (
            Ask::post(format!("{task}/tags")).json(&json!({"tag_id": scene.tag})),
            409,
            "duplicate_tag_assignment",
        ),
        (
            Ask::post(format!("{task}/tags")).json(&json!({"tag_id": scene.bobs_tag})),
            404,
            "tag_not_found",
        ),
        (
            Ask::post(format!("/tasks/{}/tags", scene.bobs_task))
                .json(&json!({"tag_id": scene.tag})),
            404,
            "task_not_found",
        ),
    ];
    for (ask, status, code) in refused {
        let ask = ask.header("idempotency-key", "free");
        scene.is_refused(ask, status, code, &[]).await;
    }
    let ask = Ask::post("/tags")
        .json(&json!({"name": "new"}))
        .header("idempotency-key", "free");
    assert_eq!(scene.ask(ask).await.status, 201);
}

#[actix_web::test]
async fn two_requests_with_one_key_at_the_same_time_make_one_thing() {
    let scene = Scene::new().await;
    for n in 0..10 {
        let ask = Ask::post("/tasks").json(&json!({"title": "lamp", "tags": [format!("t{n}")]}));
        let ask = ask.header("idempotency-key", format!("at once {n}").replace(' ', "-"));
        let both = (0..4).map(|_| scene.ask(ask.clone()));
        let answers = futures_util::future::join_all(both).await;
        let mut replayed = 0;
        for answer in &answers {
            assert_eq!(
                (answer.status.as_u16(), &answer.text),
                (201, &answers[0].text)
            );
            replayed += usize::from(answer.header("idempotency-replayed") == "true");
        }
        assert_eq!(replayed, 3);
    }
    let all = scene.ask(Ask::get("/tasks?search=lamp&total=exact")).await;
    assert_eq!(all.body["total"], 10);
}

#[actix_web::test]
async fn an_answer_is_kept_for_a_day_and_not_longer() {
    let scene = Scene::new().await;
    let admin = scene.house.database.admin().await;
    let age = async |by: &str| {
        let sql = format!("UPDATE app.idempotency SET created_at = created_at - interval '{by}'");
        admin.batch_execute(&sql).await.unwrap();
    };
    let with_key = |title: &str| {
        let ask = Ask::post("/tasks").json(&json!({"title": title}));
        ask.header("idempotency-key", "k")
    };
    let old = Ask::post("/tags").json(&json!({"name": "old"}));
    let old = old.header("idempotency-key", "old");
    assert_eq!(scene.ask(old).await.status, 201);
    let first = scene.ask(with_key("t")).await;
    age("23 hours 59 minutes").await;
    let again = scene.ask(with_key("t")).await;
    assert_eq!(again.text, first.text);
    scene
        .is_refused(with_key("u"), 409, "idempotency_conflict", &[])
        .await;
    age("2 minutes").await;
    let new = scene.ask(with_key("u")).await;
    assert_eq!(
        (new.status.as_u16(), new.header("idempotency-replayed")),
        (201, "")
    );
    assert_ne!(new.id(), first.id());
    let again = scene.ask(with_key("u")).await;
    assert_eq!(again.text, new.text);
    // What nobody asks for any more does not stay for ever.
    let rows = admin
        .query("SELECT key FROM app.idempotency", &[])
        .await
        .unwrap();
    let keys: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(keys, ["k"]);
}
