//! What the feed writes to the log: each change once, nothing per request or attempt. One test,
//! because the log belongs to the whole process.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use auth_actix::{KeyFeed, KeyFeedSettings};
use auth_testkit::FakeIssuer;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The feed's own lines above DEBUG; the HTTP client writes others.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let ours = |line: &&str| line.contains("auth_actix") && !line.contains("DEBUG");
        text.lines().filter(ours).map(str::to_owned).collect()
    }

    /// Waits for the next line, which must hold all of these, and forgets it.
    async fn next(&self, parts: &[&str]) {
        let line = self.next_line().await;
        for part in parts {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
    }

    async fn next_line(&self) -> String {
        let start = Instant::now();
        let line = loop {
            if let [line, ..] = &*self.lines() {
                break line.clone();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "no line comes");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let mut text = self.0.lock().unwrap();
        let whole = String::from_utf8(text.clone()).unwrap();
        *text = whole.replacen(&line, "", 1).into_bytes();
        line
    }

    async fn silence(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(self.lines(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn each_change_of_the_keys_is_one_line_and_nothing_else_is_any() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let mut settings = KeyFeedSettings::new(issuer.jwks_url());
    settings.pauses_without_keys.first = Duration::from_millis(100);
    settings.pauses_with_keys.first = Duration::from_millis(100);
    let feed = KeyFeed::start(&settings).unwrap();
    log.next(&[
        "WARN",
        "there are no keys of the issuer yet",
        &issuer.jwks_url(),
        "connect",
    ])
    .await;
    let until = async |fetches: u64| {
        while feed.status().fetches < fetches {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let refreshed = async || {
        let before = feed.status().fetches;
        feed.refresh_now();
        until(before + 1).await;
    };
    until(feed.status().fetches + 2).await;
    log.silence().await;

    issuer.publish_jwk(serde_json::json!({"kty": "AKP", "kid": "post-quantum"}));
    issuer.come_back();
    log.next(&["INFO", "the issuer's keys are fresh", "keys=1"])
        .await;
    log.next(&["WARN", "not usable", "post-quantum", "AKP"])
        .await;
    for _ in 0..1000 {
        feed.ring_for(Some(&issuer.key_id())).await.unwrap();
    }
    refreshed().await;
    log.silence().await;

    issuer.rotate();
    feed.refresh_now();
    log.next(&["INFO", "the issuer has another set of keys", "keys=2"])
        .await;
    // The same complaint again is none.
    log.silence().await;

    issuer.reuse_key_id();
    feed.refresh_now();
    log.next(&["INFO", "the issuer has another set of keys"])
        .await;
    log.next(&["WARN", "kid_reused", &issuer.key_id()]).await;
    refreshed().await;
    log.silence().await;

    issuer.fail_with(500);
    feed.refresh_now();
    log.next(&[
        "WARN",
        "cannot be renewed",
        "the issuer answered 500",
        "status",
    ])
    .await;
    until(feed.status().fetches + 2).await;
    log.silence().await;
    issuer.recover();
    log.next(&["INFO", "the issuer's keys are fresh"]).await;
    feed.stop();
    log.silence().await;

    settings.max_age = Duration::from_secs(1);
    settings.max_stale = Duration::from_secs(3);
    let feed = KeyFeed::start(&settings).unwrap();
    log.next(&["INFO", "the issuer's keys are fresh"]).await;
    log.next(&["WARN", "not usable"]).await;
    issuer.fail_with(500);
    let mut line = log.next_line().await;
    if line.contains("cannot be renewed") {
        line = log.next_line().await;
    } // Else the attempt was so late that they were stale when it failed.
    assert!(
        line.contains("WARN") && line.contains("stale and still served"),
        "{line}"
    );
    log.next(&["ERROR", "too old: no token is admitted"]).await;
    log.silence().await;
    feed.stop();

    let mut settings = KeyFeedSettings::new("http://192.0.2.1/jwks?key=hunter2");
    settings.danger_allow_http = true;
    let feed = KeyFeed::start(&settings).unwrap();
    log.next(&["WARN", "http://192.0.2.1/jwks", "plain http"])
        .await;
    feed.stop();

    let everything = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours = everything
        .lines()
        .filter(|line| line.contains("auth_actix"));
    for line in ours {
        assert!(!line.contains("hunter2"), "{line}");
    }
}
