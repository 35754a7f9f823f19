//! Finding the key set through the issuer's configuration document.

use std::time::Duration;

use auth_actix::{KeyFeed, KeyFeedSettings};
use auth_core::{FetchFault, KeyState};
use auth_testkit::FakeIssuer;
use serde_json::json;

use crate::support::{ENOUGH, eventually, has};

const DOCUMENT: &str = "/.well-known/openid-configuration";

/// Names this path as the place of the keys.
fn names(issuer: &FakeIssuer, path: &str) {
    let url = issuer.url();
    let document = json!({"issuer": url, "jwks_uri": format!("{url}{path}")});
    issuer.serve(DOCUMENT, document.to_string());
}

#[tokio::test]
async fn the_key_set_is_found_through_the_configuration_which_is_read_once() {
    let issuer = FakeIssuer::start();
    issuer.publish_discovery();
    for settings in [
        KeyFeedSettings::discover(issuer.url()),
        KeyFeedSettings::discover(issuer.oauth_issuer()),
    ] {
        let path = settings.jwks_url.replace(&issuer.url(), "");
        let feed = KeyFeed::start(&settings).unwrap();
        feed.first_keys(ENOUGH).await.unwrap();
        assert_eq!(has(&feed, &issuer.key_id()).await, Some(true));
        let new = issuer.rotate();
        assert_eq!(has(&feed, &new).await, Some(true));
        assert_eq!(issuer.requests_for(&path), 1);
    }
    assert_eq!(issuer.fetches(), 4);
}

#[tokio::test]
async fn a_configuration_of_another_issuer_leads_nowhere() {
    let issuer = FakeIssuer::start();
    for other in [format!("{}/", issuer.url()), "https://evil.example".into()] {
        issuer.publish_discovery_as(&other);
        let feed = KeyFeed::start(&KeyFeedSettings::discover(issuer.url())).unwrap();
        eventually("it fails", || feed.status().last_fault.is_some()).await;
        assert_eq!(feed.status().last_fault, Some(FetchFault::Discovery));
        assert_eq!(feed.status().state, KeyState::Cold);
    }
    assert_eq!(issuer.fetches(), 0);
}

#[tokio::test]
async fn a_configuration_is_bounded_and_its_absence_has_a_name() {
    let issuer = FakeIssuer::start();
    let feed = KeyFeed::start(&KeyFeedSettings::discover(issuer.url())).unwrap();
    eventually("it fails", || feed.status().last_fault.is_some()).await;
    assert_eq!(feed.status().last_fault, Some(FetchFault::NotFound));
    let error = feed.status().last_error.unwrap();
    assert!(error.starts_with("discovery: "), "{error}");

    issuer.serve(DOCUMENT, " ".repeat(70_000));
    let feed = KeyFeed::start(&KeyFeedSettings::discover(issuer.url())).unwrap();
    eventually("it fails", || feed.status().last_fault.is_some()).await;
    assert_eq!(feed.status().last_fault, Some(FetchFault::TooLarge));
}

#[tokio::test]
async fn keys_that_have_moved_are_found_within_the_same_attempt() {
    let issuer = FakeIssuer::start();
    issuer.publish_discovery();
    let feed = KeyFeed::start(&KeyFeedSettings::discover(issuer.url())).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();

    let (new, moved) = (issuer.rotate(), "/moved/jwks");
    issuer.serve(moved, issuer.jwks().to_string());
    names(&issuer, moved);
    issuer.fail_with(404);
    assert_eq!(has(&feed, &new).await, Some(true));
    assert_eq!(feed.status().fetches, 2);
    assert_eq!(issuer.requests_for(moved), 1);

    // Gone for good: the configuration has nothing new to say, and the old set stays.
    names(&issuer, "/nowhere");
    feed.refresh_now();
    eventually("it is renewed", || issuer.requests_for(moved) == 2).await;
    assert_eq!(
        feed.status().last_fault,
        None,
        "the place it knows still works"
    );
}

#[tokio::test]
async fn the_configuration_is_read_again_from_time_to_time_and_may_fail() {
    let issuer = FakeIssuer::start();
    issuer.publish_discovery();
    let mut settings = KeyFeedSettings::discover(issuer.url());
    settings.rediscover_after = Duration::from_secs(1);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();

    issuer.serve(DOCUMENT, "<html>");
    tokio::time::sleep(settings.rediscover_after).await;
    let new = issuer.rotate();
    assert_eq!(
        has(&feed, &new).await,
        Some(true),
        "what it said before holds"
    );
    assert_eq!(issuer.requests_for(DOCUMENT), 2);

    let moved = "/moved/jwks";
    issuer.serve(moved, issuer.jwks().to_string());
    names(&issuer, moved);
    tokio::time::sleep(settings.rediscover_after).await;
    feed.refresh_now();
    eventually("the keys are fetched there", || {
        issuer.requests_for(moved) == 1
    })
    .await;
}
