use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use changes_domain::{Deliveries, DeliverySettings, Reach, signature};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use uuid::Uuid;

use crate::support::{Hearing, House};

/// Somebody who is told, and answers each time with the next of these statuses, then with the last.
struct Receiver {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Delivery>>>,
}

#[derive(Debug, Clone)]
struct Delivery {
    head: String,
    body: String,
}

impl Receiver {
    async fn start(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        actix_web::rt::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut text = String::new();
                let mut buffer = vec![0; 64 * 1024];
                loop {
                    let read = stream.read(&mut buffer).await.unwrap();
                    text.push_str(&String::from_utf8_lossy(&buffer[..read]));
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = head
                        .to_lowercase()
                        .split("content-length: ")
                        .nth(1)
                        .unwrap()
                        .lines()
                        .next()
                        .unwrap()
                        .parse::<usize>()
                        .unwrap();
                    if body.len() >= length || read == 0 {
                        break;
                    }
                }
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                let (head, body) = (head.to_owned(), body.to_owned());
                let place = {
                    let mut got = kept.lock().unwrap();
                    got.push(Delivery { head, body });
                    got.len() - 1
                };
                let answer = answers[place.min(answers.len() - 1)];
                let _ = stream
                    .write_all(
                        format!(
                            "HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                        )
                        .as_bytes(),
                    )
                    .await;
            }
        });
        Self { address, got }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    async fn deliveries(&self, count: usize) -> Vec<Delivery> {
        for _ in 0..600 {
            let got = self.got.lock().unwrap().clone();
            if got.len() >= count {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("waited in vain for {count} deliveries");
    }
}

impl Delivery {
    fn header(&self, name: &str) -> &str {
        let of = |line: &'_ str| {
            let (key, _) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(key.len() + 2)
        };
        self.head
            .lines()
            .find_map(|line| of(line).map(|at| &line[at..]))
            .unwrap()
    }

    fn seqs(&self) -> Vec<i64> {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["seq"].as_i64().unwrap())
            .collect()
    }
}

fn courier(house: &House, reach: Reach) -> Deliveries {
    let mut settings = DeliverySettings::default();
    settings.reach = reach;
    settings.look_every = Duration::from_millis(100);
    settings.timeout = Duration::from_secs(10);
    Deliveries::start(house.database.user_db().background(), settings)
}

#[actix_web::test]
async fn a_webhook_is_told_of_what_happens_after_it_signed_and_once() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let (alice, bob) = (house.token(Uuid::new_v4()), house.token(Uuid::new_v4()));
    let receiver = Receiver::start(&["204 No Content"]).await;
    server.make(&alice, "before").await;
    let body = json!({"url": receiver.url()});
    let (status, made) = server.ask(&alice, "POST", "/webhooks", Some(body)).await;
    assert_eq!(status, 201, "{made}");
    let couriers = [
        courier(&house, Reach::Anywhere),
        courier(&house, Reach::Anywhere),
    ];
    server.make(&bob, "his").await;
    let task = server.make(&alice, "hers").await;
    let first = receiver.deliveries(1).await.remove(0);
    assert_eq!(first.seqs(), [2]);
    assert!(first.body.contains(&task.to_string()) && !first.body.contains("hers"));

    use base64::{Engine, engine::general_purpose::STANDARD};
    let secret = made["secret"]
        .as_str()
        .unwrap()
        .strip_prefix("whsec_")
        .unwrap();
    let secret = STANDARD.decode(secret).unwrap();
    let signed = signature(
        &secret,
        first.header("webhook-id"),
        first.header("webhook-timestamp"),
        &first.body,
    );
    assert_eq!(first.header("webhook-signature"), signed);

    for n in 0..5 {
        server.make(&alice, &format!("{n}")).await;
    }
    let mut seen = Vec::new();
    let mut count = 1;
    while seen.len() < 6 {
        let got = receiver.deliveries(count).await;
        seen = got.iter().flat_map(Delivery::seqs).collect();
        count += 1;
    }
    assert_eq!(
        seen,
        [2, 3, 4, 5, 6, 7],
        "each once, though two servers deliver"
    );
    // The receiver has the last one before its courier notes that.
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let mut shown = Value::Null;
    for _ in 0..200 {
        (_, shown) = server.ask(&alice, "GET", &path, None).await;
        if shown["last_seq"] == 7 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(couriers);
    assert_eq!(
        (&shown["last_seq"], &shown["failures"]),
        (&json!(7), &json!(0))
    );
    assert!(shown.get("secret").is_none());
}

#[actix_web::test]
async fn what_could_not_be_told_is_told_again_later_and_after_many_failures_not_any_more() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let token = house.token(Uuid::new_v4());
    // A redirect is a failure, too: it is not followed.
    let receiver = Receiver::start(&[
        "500 Oops",
        "302 Found\r\nlocation: http://127.0.0.1:1/",
        "200 OK",
    ])
    .await;
    let body = json!({"url": receiver.url(), "kinds": ["task.deleted"]});
    let (_, made) = server.ask(&token, "POST", "/webhooks", Some(body)).await;
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let courier = courier(&house, Reach::Anywhere);
    let task = server.make(&token, "task").await;
    server
        .ask(&token, "DELETE", &format!("/tasks/{task}"), None)
        .await;
    let admin = house.database.admin().await;
    for tries in 1..=3 {
        let got = receiver.deliveries(tries).await;
        assert_eq!(got[tries - 1].seqs(), [2], "the one kind that was wanted");
        // It is not waited for here.
        let settled = "UPDATE app.webhooks SET next_at = now() WHERE failures = $1";
        while admin
            .execute(settled, &[&(tries as i32 % 3)])
            .await
            .unwrap()
            == 0
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let (_, shown) = server.ask(&token, "GET", &path, None).await;
    assert_eq!(
        (&shown["failures"], &shown["enabled"]),
        (&json!(0), &json!(true))
    );

    drop(courier);
    let settle = "SELECT app.settle_webhook(user_id, id, last_seq, 'no') FROM app.webhooks";
    for _ in 0..15 {
        admin.batch_execute(settle).await.unwrap();
    }
    let (_, shown) = server.ask(&token, "GET", &path, None).await;
    assert_eq!(
        (&shown["enabled"], &shown["last_error"]),
        (&json!(false), &json!("no"))
    );
    assert!(shown["disabled_at"].is_string());
    let again = json!({"enabled": true});
    let (_, shown) = server.ask(&token, "PATCH", &path, Some(again)).await;
    assert_eq!(
        (&shown["enabled"], &shown["failures"], &shown["disabled_at"]),
        (&json!(true), &json!(0), &Value::Null)
    );
}

#[actix_web::test]
async fn a_webhook_does_not_lead_inward_by_its_address_or_by_what_its_name_resolves_to() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let token = house.token(Uuid::new_v4());
    let receiver = Receiver::start(&["200 OK"]).await;
    // The servers of these tests let users name any address; the courier is what a service has.
    let named = format!("https://localhost:{}/hook", receiver.address.port());
    let (status, made) = server
        .ask(&token, "POST", "/webhooks", Some(json!({"url": named})))
        .await;
    assert_eq!(status, 201, "{made}");
    let _courier = courier(&house, Reach::Public);
    server.make(&token, "task").await;
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let mut shown = Value::Null;
    for _ in 0..200 {
        (_, shown) = server.ask(&token, "GET", &path, None).await;
        if shown["failures"] != json!(0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let error = shown["last_error"].as_str().unwrap_or_default();
    assert!(error.contains("no public address"), "{shown}");
    assert!(receiver.got.lock().unwrap().is_empty());

    let strict = house.strict_server().await;
    for url in [
        "http://example.com",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
    ] {
        let (status, problem) = strict
            .ask(&token, "POST", "/webhooks", Some(json!({"url": url})))
            .await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!("target_not_allowed")),
            "{url}"
        );
    }
}

#[actix_web::test]
async fn webhooks_are_their_users_and_ten_at_most() {
    let house = House::new().await;
    let server = house.server(Hearing::Listens).await;
    let (alice, bob) = (house.token(Uuid::new_v4()), house.token(Uuid::new_v4()));
    let body = json!({"url": "https://example.com/hook", "kinds": ["task.created"]});
    let (_, made) = server
        .ask(&alice, "POST", "/webhooks", Some(body.clone()))
        .await;
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    for (method, body) in [
        ("GET", None),
        ("PATCH", Some(json!({"enabled": false}))),
        ("DELETE", None),
    ] {
        let (status, problem) = server.ask(&bob, method, &path, body).await;
        assert_eq!(
            (status, &problem["code"]),
            (404, &json!("webhook_not_found")),
            "{method}"
        );
    }
    let (_, his) = server.ask(&bob, "GET", "/webhooks", None).await;
    assert_eq!(his["items"], json!([]));
    for _ in 1..10 {
        assert_eq!(
            server
                .ask(&alice, "POST", "/webhooks", Some(body.clone()))
                .await
                .0,
            201
        );
    }
    let (status, problem) = server.ask(&alice, "POST", "/webhooks", Some(body)).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("too_many_webhooks"))
    );
    for (body, error) in [
        (json!({}), "/url required"),
        (json!({"url": null}), "/url not_null"),
        (json!({"url": "nowhere"}), "/url target_not_allowed"),
        (
            json!({"url": format!("https://example.com/{}", "x".repeat(2048))}),
            "/url too_long",
        ),
        (
            json!({"url": "https://example.com", "kinds": []}),
            "/kinds too_many",
        ),
        (
            json!({"url": "https://example.com", "kinds": ["x"]}),
            "/kinds unknown_value",
        ),
        (
            json!({"url": "https://example.com", "secret": "x"}),
            "/secret unknown_field",
        ),
    ] {
        let (status, problem) = server.ask(&alice, "POST", "/webhooks", Some(body)).await;
        let found = format!(
            "{} {}",
            problem["errors"][0]["pointer"].as_str().unwrap(),
            problem["errors"][0]["code"].as_str().unwrap()
        );
        assert_eq!((status, &*found), (422, error));
    }
    assert_eq!(server.ask(&alice, "DELETE", &path, None).await.0, 204);
    assert_eq!(server.ask(&alice, "GET", &path, None).await.0, 404);
}
