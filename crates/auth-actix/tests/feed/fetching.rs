//! One attempt: what is sent, what is taken, and what each failure is called.

use std::collections::HashSet;
use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use actix_web::http::header::HttpDate;
use auth_actix::{KeyFeed, KeyFeedSettings, Refusal};
use auth_core::{FetchFault, KeyState};
use auth_testkit::FakeIssuer;

use crate::support::{ENOUGH, eventually, http, raw_server, settings};

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
async fn the_issuers_wish_for_a_pause_is_honoured_on_every_status_and_within_reason() {
    let in_a_minute = HttpDate::from(SystemTime::now() + Duration::from_secs(60)).to_string();
    for (status, header, wish, expected) in [
        (429, "Retry-After", "42", 42),
        // Better Auth's rate limit.
        (429, "X-Retry-After", "42", 42),
        (503, "Retry-After", &*in_a_minute, 60),
        (503, "X-Retry-After", &*in_a_minute, 60),
        (403, "Retry-After", "42", 42),
        (500, "Retry-After", "42", 42),
        (429, "Retry-After", "86400", 300),
    ] {
        let issuer = FakeIssuer::start();
        issuer.fail_with(status);
        issuer.header(header, wish);
        let feed = KeyFeed::start(&settings(&issuer)).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        match feed.ring_for(Some("any")).await {
            Err(Refusal::KeysUnavailable { retry_after }) => {
                let seconds = retry_after.as_secs();
                assert!(
                    (expected - 15..=expected).contains(&seconds),
                    "{header}: {wish}: {seconds}"
                );
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(issuer.fetches(), 1);
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

#[tokio::test]
async fn keys_are_renewed_ahead_of_time_without_a_request() {
    let issuer = FakeIssuer::start();
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(8);
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

/// An address that closes so many connections without a word, then answers; and how many came.
fn closes_then_answers(closed: usize, response: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            // Read first: closing with something unread is another error on the other side.
            let _ = stream.read(&mut [0; 4096]);
            if nth >= closed {
                std::io::Write::write_all(&mut stream, response.as_bytes()).unwrap();
            }
        }
    });
    (url, connections)
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_once_more_at_once_and_no_more() {
    let jwks = http("200 OK", &FakeIssuer::start().jwks().to_string());
    let (url, connections) = closes_then_answers(1, jwks.clone());
    let feed = KeyFeed::start(&KeyFeedSettings::new(url)).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    assert_eq!(
        feed.status().fetches,
        1,
        "one attempt, as far as requests are concerned"
    );
    assert_eq!(connections.load(Ordering::SeqCst), 2);

    let (url, connections) = closes_then_answers(usize::MAX, jwks);
    let mut settings = KeyFeedSettings::new(url);
    settings.pauses_without_keys.first = Duration::from_secs(30);
    let feed = KeyFeed::start(&settings).unwrap();
    eventually("it fails", || feed.status().last_error.is_some()).await;
    assert_eq!(feed.status().last_fault, Some(FetchFault::Connect));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_issuer_that_has_answered_is_not_asked_again_at_once() {
    for status in [403, 404, 429, 500, 503] {
        let issuer = FakeIssuer::start();
        issuer.fail_with(status);
        let mut settings = settings(&issuer);
        settings.pauses_without_keys.first = Duration::from_secs(30);
        let feed = KeyFeed::start(&settings).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        assert_eq!(issuer.fetches(), 1, "{status}");
    }
}

#[tokio::test]
async fn each_cause_of_failure_has_its_own_name_and_its_own_words() {
    let issuer = FakeIssuer::start();
    let answer = |head: &str, body: &str| raw_server(http(head, body));
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/jwks", listener.local_addr().unwrap())
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silence = format!("http://{}/jwks", silent.local_addr().unwrap());
    let (missing, _missing) = answer("404 Not Found", "{}");
    let (broken, _broken) = answer("500 Internal Server Error", "{}");
    let (elsewhere, _elsewhere) = answer("302 Found\r\nlocation: /", "");
    let (no_json, _no_json) = answer("200 OK", "{");
    let (no_key, _no_key) = answer("200 OK", r#"{"keys":[]}"#);
    let (large, _large) = answer("200 OK", &" ".repeat(70_000));
    let (half, _half) =
        closes_then_answers(0, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}".into());
    let plain = issuer.jwks_url().replace("http://", "https://");
    // Longer than a label may be: no resolver is asked.
    let no_host = format!("https://{}.example/jwks", "a".repeat(64));
    let mut words = HashSet::new();
    for (url, fault) in [
        (no_host, FetchFault::Dns),
        (nobody, FetchFault::Connect),
        (plain, FetchFault::Tls),
        (silence, FetchFault::Timeout),
        (missing, FetchFault::NotFound),
        (broken, FetchFault::Status),
        (elsewhere, FetchFault::Redirect),
        (half, FetchFault::Body),
        (large, FetchFault::TooLarge),
        (no_json, FetchFault::Malformed),
        (no_key, FetchFault::NoUsableKey),
    ] {
        let mut settings = KeyFeedSettings::new(&*url);
        settings.timeout = Duration::from_secs(1);
        let feed = KeyFeed::start(&settings).unwrap();
        eventually("it fails", || feed.status().last_error.is_some()).await;
        let status = feed.status();
        assert_eq!(status.last_fault, Some(fault), "{url}: {status:?}");
        assert!(words.insert(status.last_error.clone()), "{url}: {status:?}");
    }
}

#[tokio::test]
async fn what_the_issuer_says_about_caching_decides_when_the_keys_are_renewed() {
    let issuer = FakeIssuer::start();
    issuer.header("Cache-Control", "public, max-age=600");
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(1);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(feed.status().state, KeyState::Fresh);
    assert_eq!(issuer.fetches(), 1);

    let issuer = FakeIssuer::start();
    issuer.header("Cache-Control", "no-store");
    let mut settings = KeyFeedSettings::new(issuer.jwks_url());
    settings.shortest_told_age = Duration::from_secs(1);
    let _feed = KeyFeed::start(&settings).unwrap();
    eventually("the keys are renewed", || issuer.fetches() >= 2).await;
}
