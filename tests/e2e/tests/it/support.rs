//! What the tests stand on: the two servers over one database, people who sign up, and what comes back over HTTP.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

pub mod api;
pub mod better_auth;
pub mod bridge;
pub mod ground;
pub mod http;
pub mod program;
pub mod wire;

pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "waited in vain: {what}"
        );
        pause(Duration::from_millis(30)).await;
    }
}

pub async fn pause(duration: Duration) {
    actix_web::rt::time::sleep(duration).await;
}

/// A part of a token (0 header, 1 claims) as anybody can read it.
pub fn token_part(token: &str, place: usize) -> Value {
    let part = token.split('.').nth(place).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
