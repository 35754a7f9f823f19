use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use auth_actix::{KeyFeed, KeyFeedSettings, Refusal};
use auth_testkit::FakeIssuer;

/// Longer than anything takes, also on a machine that is busy.
pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

pub(crate) fn settings(issuer: &FakeIssuer) -> KeyFeedSettings {
    KeyFeedSettings::new(issuer.jwks_url())
}

pub(crate) async fn warm(issuer: &FakeIssuer) -> KeyFeed {
    let feed = KeyFeed::start(&settings(issuer)).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    feed
}

pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
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
pub(crate) async fn has(feed: &KeyFeed, key_id: &str) -> Option<bool> {
    match feed.ring_for(Some(key_id)).await {
        Ok(keys) => Some(keys.ring.contains(key_id)),
        Err(Refusal::KeysUnavailable { .. }) => None,
        Err(other) => panic!("{other:?}"),
    }
}

/// An address that takes one connection after another, reads a request head from each and sends
/// this back, then waits until the other side closes. The heads come out of the channel.
pub(crate) fn raw_server(response: impl Into<Vec<u8>>) -> (String, mpsc::Receiver<String>) {
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

pub(crate) fn http(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
