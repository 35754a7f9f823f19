use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::support::{Hearing, House, Stream};

/// The numbers of the next so many events.
async fn numbers(stream: &mut Stream, count: usize) -> Vec<i64> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        numbers.push(stream.next().await.unwrap().id.unwrap());
    }
    numbers
}

#[actix_web::test]
async fn a_stream_begins_where_its_client_stands_and_shows_each_event_once() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let (alice, bob) = (house.token(Uuid::new_v4()), house.token(Uuid::new_v4()));
    server.make(&alice, "before").await;
    let mut stream = server.follow(&alice, None).await.ok().unwrap();
    for header in [
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-accel-buffering: no",
    ] {
        assert!(stream.head.contains(header), "{header}: {}", stream.head);
    }
    let ready = stream.next().await.unwrap();
    assert_eq!(
        (ready.id, &*ready.event, &*ready.data),
        (Some(1), "ready", "{\"seq\":1}")
    );
    server.make(&bob, "his").await;
    let task = server.make(&alice, "after").await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.id, &*event.event), (Some(2), "task.created"));
    let data: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(
        (&data["entity_id"], &data["version"]),
        (&serde_json::json!(task), &serde_json::json!(1))
    );
    drop(stream);

    // Comes back with the last number that it has seen.
    server.make(&alice, "while away").await;
    let mut stream = server.follow(&alice, Some(1)).await.ok().unwrap();
    assert_eq!(stream.next().await.unwrap().id, Some(1));
    assert_eq!(numbers(&mut stream, 2).await, [2, 3]);
}

#[actix_web::test]
async fn two_servers_show_each_change_once_and_in_order_while_one_is_killed() {
    let house = House::new().await;
    let token = house.token(Uuid::new_v4());
    let (one, other) = (
        house.server(Hearing::Listens).await,
        house
            .server(Hearing::Looks(Duration::from_millis(300)))
            .await,
    );
    let mut at_one = one.follow(&token, Some(0)).await.ok().unwrap();
    let mut at_other = other.follow(&token, Some(0)).await.ok().unwrap();
    for stream in [&mut at_one, &mut at_other] {
        assert_eq!(stream.next().await.unwrap().event, "ready");
    }
    let changing = async {
        for turn in 0..40 {
            if turn == 20 {
                other.kill().await;
            }
            one.make(&token, &format!("{turn}")).await;
        }
    };
    let reading_one = numbers(&mut at_one, 40);
    let reading_other = async {
        let mut seen = Vec::new();
        while let Some(message) = at_other.next().await {
            seen.extend(message.id);
        }
        // Its client goes to the one that is left.
        let mut again = one
            .follow(&token, seen.last().copied().or(Some(0)))
            .await
            .ok()
            .unwrap();
        again.next().await.unwrap();
        seen.extend(numbers(&mut again, 40 - seen.len()).await);
        seen
    };
    let ((), at_one, at_other) =
        futures_util::future::join3(changing, reading_one, reading_other).await;
    let all: Vec<i64> = (1..=40).collect();
    assert_eq!((&at_one, &at_other), (&all, &all));
}

#[actix_web::test]
async fn whoever_only_looks_is_told_as_well() {
    let house = House::new().await;
    let token = house.token(Uuid::new_v4());
    let one = house.server(Hearing::Listens).await;
    let other = house
        .server(Hearing::Looks(Duration::from_millis(200)))
        .await;
    one.make(&token, "first").await;
    let mut stream = other.follow(&token, None).await.ok().unwrap();
    stream.next().await.unwrap();
    one.make(&token, "second").await;
    assert_eq!(numbers(&mut stream, 1).await, [2]);
}

#[actix_web::test]
async fn a_stream_ends_with_its_token_with_its_user_and_with_its_server() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    // The token ends.
    let user = Uuid::new_v4();
    let ends = jiff::Timestamp::now().as_second() + 3;
    let short = house.issuer.mint(user, |token| token.claim("exp", ends));
    let mut stream = server.follow(&short, None).await.ok().unwrap();
    assert_eq!(stream.next().await.unwrap().event, "ready");
    assert_eq!(stream.next().await.unwrap().event, "reauth");
    assert_eq!(stream.next().await, None);

    // The user is revoked: nothing that happens after is shown.
    let token = house.token(user);
    let mut stream = server.follow(&token, None).await.ok().unwrap();
    stream.next().await.unwrap();
    let admin = house.database.admin().await;
    let revoke = "INSERT INTO app.revocations (kind, user_id, not_before) VALUES ('user', $1, now() + interval '1 hour')";
    admin.execute(revoke, &[&user]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let change = "WITH u AS (UPDATE app.users SET last_seq = last_seq + 1 WHERE user_id = $1 RETURNING last_seq)
                  INSERT INTO app.events (user_id, seq, kind, entity_id, version) SELECT $1, last_seq, 'task.created', $1, 1 FROM u";
    admin.execute(change, &[&user]).await.unwrap();
    let notify = format!("NOTIFY drawbridge_changes, '{user}'");
    admin.batch_execute(&notify).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "reauth");
    assert_eq!(stream.next().await, None);

    // The server is about to stop.
    let token = house.token(Uuid::new_v4());
    let mut stream = server.follow(&token, None).await.ok().unwrap();
    stream.next().await.unwrap();
    server.feed.close();
    assert_eq!(stream.next().await, None);
}

#[actix_web::test]
async fn one_user_has_eight_streams_and_another_has_as_many() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let (alice, bob) = (house.token(Uuid::new_v4()), house.token(Uuid::new_v4()));
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(server.follow(&alice, None).await.ok().unwrap());
    }
    let (status, problem) = server.follow(&alice, None).await.err().unwrap();
    assert_eq!(
        (status, problem["code"].as_str()),
        (429, Some("too_many_streams"))
    );
    server.follow(&bob, None).await.ok().unwrap();
    // Who has closed one may open another, once the server has noticed.
    open.pop();
    let mut tries = 0;
    while server.follow(&alice, None).await.is_err() {
        server.make(&alice, "to be noticed").await;
        tries += 1;
        assert!(tries < 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[actix_web::test]
async fn a_last_event_id_that_is_none_is_refused() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let token = house.token(Uuid::new_v4());
    let (status, _) = server.ask(&token, "GET", "/events?since=x", None).await;
    assert_eq!(status, 400);
    let (status, problem) = server.follow(&token, Some(-1)).await.err().unwrap();
    assert_eq!(
        (status, problem["code"].as_str()),
        (400, Some("invalid_header"))
    );
}
