use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::support::{Hearing, House};

#[actix_web::test]
async fn what_has_happened_is_told_in_order_without_gaps_and_to_its_user_alone() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let (alice, bob) = (house.token(Uuid::new_v4()), house.token(Uuid::new_v4()));
    let (status, start) = server.ask(&alice, "GET", "/changes", None).await;
    assert_eq!(
        (status, start),
        (200, json!({"items": [], "next_seq": 0, "has_more": false}))
    );

    let task = server.make(&alice, "hers").await;
    server.make(&bob, "his").await;
    let change = json!({"title": "still hers", "tags": ["New"]});
    server
        .ask(&alice, "PATCH", &format!("/tasks/{task}"), Some(change))
        .await;
    server
        .ask(&alice, "DELETE", &format!("/tasks/{task}"), None)
        .await;

    let (_, page) = server
        .ask(&alice, "GET", "/changes?since=0&limit=3", None)
        .await;
    let kinds: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["task.created", "tag.created", "task.updated"]);
    assert_eq!(
        (&page["next_seq"], &page["has_more"]),
        (&json!(3), &json!(true))
    );
    let (_, rest) = server.ask(&alice, "GET", "/changes?since=3", None).await;
    assert_eq!(rest["items"][0]["seq"], 4);
    assert_eq!(rest["items"][0]["entity_id"], json!(task));
    assert_eq!(rest["items"][0]["version"], 3);
    assert_eq!(
        (&rest["next_seq"], &rest["has_more"]),
        (&json!(4), &json!(false))
    );
    let (_, his) = server.ask(&bob, "GET", "/changes?since=0", None).await;
    assert_eq!(his["items"].as_array().unwrap().len(), 1);
    assert!(!his.to_string().contains(&task.to_string()));
}

#[actix_web::test]
async fn whoever_waits_is_answered_when_something_happens_at_another_server_too() {
    let house = House::new().await;
    let (one, other) = (
        house.server(Hearing::Listens).await,
        house.server(Hearing::Listens).await,
    );
    let token = house.token(Uuid::new_v4());
    one.make(&token, "first").await;
    let waiting = one.ask(&token, "GET", "/changes?since=1&wait=25", None);
    let changing = async {
        // Until it waits.
        while one.feed.status().watched == 0 || !one.feed.status().listening {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        other.make(&token, "second").await;
        Instant::now()
    };
    let ((_, page), changed) = futures_util::future::join(waiting, changing).await;
    assert_eq!(page["items"][0]["seq"], 2, "{page}");
    // The poll is ten minutes away: it was heard of.
    assert!(changed.elapsed() < Duration::from_secs(20));
    // Without anything, it ends when its time is over.
    let (_, page) = one
        .ask(&token, "GET", "/changes?since=2&wait=1", None)
        .await;
    assert_eq!(page, json!({"items": [], "next_seq": 2, "has_more": false}));
}

#[actix_web::test]
async fn a_history_that_was_trimmed_or_is_of_another_database_is_told_as_such() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let token = house.token(Uuid::new_v4());
    for title in ["1", "2", "3"] {
        server.make(&token, title).await;
    }
    let admin = house.database.admin().await;
    let age = "UPDATE app.events SET at = at - interval '31 days' WHERE seq <= 2";
    admin.batch_execute(age).await.unwrap();
    let trim = "SELECT changed_user FROM app.trim_history(interval '30 days')";
    admin.batch_execute(trim).await.unwrap();
    for (since, status, code) in [
        (0, 410, "history_trimmed"),
        (1, 410, "history_trimmed"),
        (4, 409, "sequence_ahead"),
    ] {
        let (found, problem) = server
            .ask(&token, "GET", &format!("/changes?since={since}"), None)
            .await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{since}");
        let (found, problem) = server.follow(&token, Some(since)).await.err().unwrap();
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{since}");
    }
    let (_, page) = server.ask(&token, "GET", "/changes?since=2", None).await;
    assert_eq!(page["next_seq"], 3);
}

#[actix_web::test]
async fn parameters_that_mean_nothing_are_refused() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let token = house.token(Uuid::new_v4());
    for query in [
        "since=-1",
        "since=x",
        "since=%2B1",
        "since=99999999999999999999",
        "limit=0",
        "limit=1001",
        "wait=26",
        "sinc=1",
    ] {
        let (status, _) = server
            .ask(&token, "GET", &format!("/changes?{query}"), None)
            .await;
        assert_eq!(status, 400, "{query}");
    }
}
