use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use auth_core::KeyBookSettings;

use super::*;

const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"known",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

fn good() -> Result<Fetched, FetchFailure> {
    Ok(Fetched {
        document: JWKS.into(),
        max_age: None,
    })
}

fn feed<F>(fetch: F) -> KeyFeed
where
    F: AsyncFn() -> Result<Fetched, FetchFailure> + Send + 'static,
{
    let start = Start {
        book: KeyBook::new(KeyBookSettings::default()),
        absent: AbsentKeys::new(1024, Duration::from_secs(30)),
        wait: Duration::from_secs(30),
        jwks_url: "test".into(),
        keeper: None,
    };
    KeyFeed::spawn(start, || fetch).unwrap()
}

async fn eventually(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "it did not come about"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_panic_of_the_refresher_is_survived() {
    let calls = AtomicUsize::new(0);
    let feed = feed(async move || {
        assert!(calls.fetch_add(1, Ordering::Relaxed) > 0, "a bug");
        good()
    });
    let refusal = feed
        .first_keys(Duration::from_millis(300))
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), "keys_unavailable");
    assert!(feed.status().running);
    assert_eq!(feed.status().panics, 1);
    feed.first_keys(Duration::from_secs(20)).await.unwrap();
    assert_eq!(feed.status().last_error, None);
    assert_eq!(feed.status().panics, 1);
}

#[tokio::test]
async fn the_thread_ends_with_the_last_handle() {
    let feed = feed(async || good());
    let watched = Arc::downgrade(&feed.0.book);
    let other = feed.clone();
    drop(feed);
    other.first_keys(Duration::from_secs(5)).await.unwrap();
    drop(other);
    assert_eq!(watched.strong_count(), 0);
}

#[tokio::test]
async fn stopping_ends_the_thread_also_during_an_attempt_and_keeps_what_is_known() {
    let calls = AtomicUsize::new(0);
    let feed = feed(async move || match calls.fetch_add(1, Ordering::Relaxed) {
        0 => good(),
        _ => std::future::pending().await,
    });
    feed.first_keys(Duration::from_secs(5)).await.unwrap();
    let asking = tokio::spawn({
        let feed = feed.clone();
        async move { feed.ring_for(Some("stranger")).await }
    });
    eventually(|| feed.status().fetches == 2).await;

    feed.stop();
    assert!(!feed.status().running);
    assert_eq!(
        asking.await.unwrap().unwrap_err().code(),
        "keys_unavailable"
    );
    assert!(feed.ring_for(Some("known")).await.is_ok());
    let start = Instant::now();
    assert_eq!(
        feed.ring_for(Some("stranger")).await.unwrap_err().code(),
        "keys_unavailable"
    );
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "nobody is there to wait for"
    );
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_along() {
    let feed = feed(async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        good()
    });
    let impatient = timeout(Duration::from_millis(20), feed.ring_for(Some("known")));
    assert!(impatient.await.is_err());
    assert!(feed.ring_for(Some("known")).await.is_ok());
    assert_eq!(feed.status().fetches, 1);
}
