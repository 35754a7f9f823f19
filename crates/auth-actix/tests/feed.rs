//! The key feed against an issuer over real HTTP, well and unwell.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use auth_actix::{KeyFeed, KeyFeedSettings, Refusal};
use auth_core::{KeyRing, KeyState};
use auth_testkit::FakeIssuer;

const ENOUGH: Duration = Duration::from_secs(10);

fn settings(issuer: &FakeIssuer) -> KeyFeedSettings {
    KeyFeedSettings::new(issuer.jwks_url())
}

async fn warm(issuer: &FakeIssuer) -> KeyFeed {
    let feed = KeyFeed::start(&settings(issuer)).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    feed
}

async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < ENOUGH,
            "it did not come about that {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whether the ring that decides about this key has it; `None` when nobody can know.
async fn has(feed: &KeyFeed, key_id: &str) -> Option<bool> {
    match feed.ring_for(Some(key_id)).await {
        Ok(keys) => Some(keys.ring.contains(key_id)),
        Err(Refusal::KeysUnavailable { .. }) => None,
        Err(other) => panic!("{other:?}"),
    }
}

/// An address that takes one connection after another, reads a request head from each and sends
/// this back, then waits until the other side closes. The heads come out of the channel.
fn raw_server(response: impl Into<Vec<u8>>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let (heads, received) = mpsc::channel();
    let response = response.into();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut head, mut buffer) = (Vec::new(), [0; 1024]);
            while !head.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                head.extend_from_slice(&buffer[..read]);
            }
            if heads.send(String::from_utf8(head).unwrap()).is_err() {
                return;
            }
            // The client may close in the middle of it.
            let _ = stream.write_all(&response);
            let _ = stream.read(&mut buffer);
        }
    });
    (url, received)
}

fn http(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_cold_callers_make_one_fetch() {
    let issuer = FakeIssuer::start();
    issuer.delay(Duration::from_millis(100));
    let key_id = issuer.key_id();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let (feed, key_id) = (feed.clone(), key_id.clone());
            tokio::spawn(async move { has(&feed, &key_id).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Some(true));
    }
    // A second fetch for the same callers would come at once.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(issuer.fetches(), 1);
    assert_eq!(feed.status().fetches, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_key_is_found_through_its_first_token_with_one_fetch() {
    let issuer = FakeIssuer::start();
    let old = issuer.key_id();
    let feed = warm(&issuer).await;
    let new = issuer.rotate();
    issuer.delay(Duration::from_millis(50));
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (feed, new) = (feed.clone(), new.clone());
            tokio::spawn(async move { has(&feed, &new).await })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Some(true));
    }
    assert_eq!(
        has(&feed, &old).await,
        Some(true),
        "Better Auth's grace period"
    );
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_gone_with_the_next_good_answer() {
    let issuer = FakeIssuer::start();
    let old = issuer.key_id();
    let feed = warm(&issuer).await;
    let new = issuer.rotate();
    issuer.withdraw(&old);
    assert_eq!(has(&feed, &old).await, Some(true), "nobody has asked yet");
    assert_eq!(has(&feed, &new).await, Some(true));
    assert_eq!(has(&feed, &old).await, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_unknown_keys_makes_no_more_fetches_than_the_burst() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let feed = warm(&issuer).await;
    let start = Instant::now();
    let flood: Vec<_> = (0..20)
        .map(|caller| {
            let feed = feed.clone();
            tokio::spawn(async move {
                for i in 0..500 {
                    assert_eq!(has(&feed, &format!("{caller}-{i}")).await, Some(false));
                }
            })
        })
        .collect();
    for _ in 0..100 {
        assert_eq!(has(&feed, &known).await, Some(true));
    }
    for caller in flood {
        caller.await.unwrap();
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "the refill would blur the count"
    );
    assert_eq!(issuer.fetches(), 1 + 2);
}

#[tokio::test]
async fn while_the_issuer_is_down_known_keys_go_on_and_unknown_ones_are_nobodys_fault() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let feed = warm(&issuer).await;
    issuer.go_down();
    assert_eq!(has(&feed, "stranger").await, None);
    assert_eq!(has(&feed, "another").await, None);
    assert_eq!(has(&feed, &known).await, Some(true));
    assert_eq!(feed.status().state, KeyState::Fresh);
    assert!(feed.status().last_error.unwrap().contains("connect"));
    assert_eq!(
        feed.status().fetches,
        2,
        "a failing issuer is left alone for a while"
    );
}

#[tokio::test]
async fn while_the_issuer_hangs_known_keys_never_wait_and_unknown_ones_not_for_long() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let mut settings = settings(&issuer);
    settings.wait = Duration::from_millis(300);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    issuer.delay(Duration::from_secs(60));

    let start = Instant::now();
    assert_eq!(has(&feed, "stranger").await, None);
    assert!(start.elapsed() >= settings.wait && start.elapsed() < settings.wait * 4);
    let start = Instant::now();
    for _ in 0..1000 {
        assert_eq!(has(&feed, &known).await, Some(true));
    }
    assert!(start.elapsed() < Duration::from_millis(300));
}

#[tokio::test]
async fn it_starts_without_the_issuer_and_heals_by_itself() {
    let issuer = FakeIssuer::start();
    let key_id = issuer.key_id();
    issuer.go_down();
    let start = Instant::now();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "the start waits for nobody"
    );
    assert_eq!(has(&feed, &key_id).await, None);
    assert_eq!(feed.status().state, KeyState::Cold);
    assert!(feed.first_keys(Duration::from_millis(100)).await.is_err());

    issuer.come_back();
    feed.first_keys(ENOUGH).await.unwrap();
    assert_eq!(has(&feed, &key_id).await, Some(true));
    assert_eq!(feed.status().state, KeyState::Fresh);
    assert_eq!(feed.status().last_error, None);
}

#[tokio::test]
async fn keys_are_renewed_ahead_of_time_without_a_request() {
    let issuer = FakeIssuer::start();
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(3);
    let start = Instant::now();
    let _feed = KeyFeed::start(&settings).unwrap();
    eventually("the keys are asked for again", || issuer.fetches() == 2).await;
    let renewed = start.elapsed();
    assert!(
        renewed > settings.max_age.mul_f64(0.7),
        "not more often than needed: {renewed:?}"
    );
    assert!(
        renewed < settings.max_age,
        "before they are stale: {renewed:?}"
    );
}

#[tokio::test]
async fn keys_turn_stale_and_then_end_while_the_issuer_stays_away() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(1);
    settings.max_stale = Duration::from_secs(3);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    issuer.fail_with(500);
    eventually("the keys are stale", || {
        feed.status().state == KeyState::Stale
    })
    .await;
    assert_eq!(has(&feed, &known).await, Some(true));
    assert_eq!(has(&feed, "stranger").await, None);
    eventually("the keys are too old", || {
        feed.status().state == KeyState::Outage
    })
    .await;
    assert_eq!(has(&feed, &known).await, None);
    assert!(feed.ring().is_err());

    issuer.recover();
    eventually("the keys are back", || {
        feed.status().state == KeyState::Fresh
    })
    .await;
    assert_eq!(has(&feed, &known).await, Some(true));
}

#[tokio::test]
async fn an_answer_without_a_usable_key_keeps_the_old_set() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    for useless in [
        r#"{"keys":[]}"#,
        "{}",
        "<html>",
        r#"{"keys":[{"kty":"oct","kid":"a"}]}"#,
    ] {
        issuer.recover();
        let feed = warm(&issuer).await;
        issuer.respond_with(useless);
        assert_eq!(has(&feed, "stranger").await, None, "{useless}");
        assert_eq!(has(&feed, &known).await, Some(true), "{useless}");
        assert!(feed.status().last_error.is_some(), "{useless}");
        assert_eq!(feed.status().keys, 1, "{useless}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let issuer = FakeIssuer::start();
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        let head = format!("{status}\r\nlocation: {}", issuer.jwks_url());
        let (url, _heads) = raw_server(http(&head, ""));
        let feed = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        let error = feed.status().last_error.unwrap();
        assert!(error.contains("redirects are not followed"), "{error}");
        assert_eq!(issuer.fetches(), 0);
    }
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_refused_announced_or_not() {
    let issuer = FakeIssuer::start();
    let mut jwks = issuer.jwks().to_string();
    jwks.push_str(&" ".repeat(64 * 1024));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{jwks}\r\n0\r\n\r\n",
        jwks.len()
    );
    let announced = http("200 OK", &jwks);
    // Announced only: the client must not wait for what it would refuse.
    let promised = "HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n".to_owned();
    for response in [announced, chunked, promised] {
        let (url, _heads) = raw_server(response);
        let feed = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        let error = feed.status().last_error.unwrap();
        assert!(error.contains("body"), "{error}");
    }
    // The same without the padding is good, so the size was the reason.
    let (url, _heads) = raw_server(http("200 OK", jwks.trim_end()));
    KeyFeed::start(&KeyFeedSettings::new(url))
        .unwrap()
        .first_keys(ENOUGH)
        .await
        .unwrap();
}

#[tokio::test]
async fn one_attempt_has_one_time_limit_with_its_body_included() {
    let (url, _heads) = raw_server("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"keys\":[");
    let mut settings = KeyFeedSettings::new(url);
    settings.timeout = Duration::from_millis(200);
    let feed = KeyFeed::start(&settings).unwrap();
    eventually("it fails", || feed.status().last_error.is_some()).await;
    assert_eq!(feed.status().last_error.unwrap(), "no answer within 200ms");
}

#[tokio::test]
async fn the_issuers_wish_for_a_pause_is_passed_on() {
    for header in ["Retry-After", "X-Retry-After"] {
        let (url, _heads) = raw_server(http(
            &format!("429 Too Many Requests\r\n{header}: 42"),
            "{}",
        ));
        let feed = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        match feed.ring_for(Some("any")).await {
            Err(Refusal::KeysUnavailable { retry_after }) => {
                assert!(
                    (40..=42).contains(&retry_after.as_secs()),
                    "{retry_after:?}"
                );
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(feed.status().fetches, 1);
    }
}

#[tokio::test]
async fn the_request_says_what_it_wants_and_keeps_no_connection() {
    let (url, heads) = raw_server(http("200 OK", &FakeIssuer::start().jwks().to_string()));
    let feed = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    let head = heads.recv().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("get /jwks http/1.1\r\n"), "{head}");
    assert!(
        head.contains("\r\naccept: application/json, application/jwk-set+json\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nconnection: close\r\n"), "{head}");
    assert!(!head.contains("accept-encoding"), "{head}");
}

#[test]
fn a_feed_starts_outside_of_any_runtime() {
    let issuer = FakeIssuer::start();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    let start = Instant::now();
    while feed.status().state == KeyState::Cold {
        assert!(start.elapsed() < ENOUGH);
        std::thread::sleep(Duration::from_millis(5));
    }
    let ring: Arc<KeyRing> = feed.ring().unwrap();
    assert!(ring.contains(&issuer.key_id()));
}
