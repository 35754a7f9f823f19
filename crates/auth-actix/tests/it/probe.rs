//! One attempt to have the keys, told of: it sees what a feed would see, and is no easier to hold up.

use std::time::{Duration, Instant};

use auth_actix::{FetchFault, KeyFeedSettings, KeyProbe};
use auth_testkit::{FakeIssuer, Garble};

async fn probe(issuer: &FakeIssuer) -> KeyProbe {
    let mut settings = KeyFeedSettings::new(issuer.jwks_url());
    settings.timeout = Duration::from_millis(400);
    let started = Instant::now();
    let probe = KeyProbe::make(&settings).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{probe:?}");
    probe
}

#[actix_web::test]
async fn a_good_answer_is_told_of_with_its_keys() {
    let issuer = FakeIssuer::start();
    issuer.header("cache-control", "public, max-age=60");
    let probe = probe(&issuer).await;
    let [answer] = &*probe.answers else {
        panic!("{probe:?}");
    };
    assert_eq!(
        (answer.status, answer.url.as_str()),
        (200, &*issuer.jwks_url())
    );
    assert_eq!(answer.max_age, Some(Duration::from_secs(60)));
    let media = answer.content_type.as_deref().unwrap();
    assert!(media.starts_with("application/json"), "{media}");
    let ring = probe.keys().unwrap().unwrap();
    assert!(ring.contains(&issuer.key_id()));
    let keys: Vec<_> = ring.keys().collect();
    assert_eq!(
        keys,
        [(&*issuer.key_id(), issuer.signing_key().algorithm())]
    );
}

#[actix_web::test]
async fn a_redirect_is_told_of_and_not_followed() {
    let (issuer, elsewhere) = (FakeIssuer::start(), FakeIssuer::start());
    issuer.redirect_to(&elsewhere.jwks_url());
    let probe = probe(&issuer).await;
    assert_eq!(
        probe.document.as_ref().unwrap_err().fault,
        FetchFault::Redirect
    );
    let location = probe.answers[0].location.as_deref();
    assert_eq!(location, Some(&*elsewhere.jwks_url()));
    assert_eq!(elsewhere.fetches(), 0);
    assert!(probe.keys().is_none());
}

#[actix_web::test]
async fn whoever_hangs_fails_or_is_not_there_is_a_finding_within_seconds() {
    let issuer = FakeIssuer::start();
    issuer.hang();
    let hanging = probe(&issuer).await;
    assert_eq!(hanging.document.unwrap_err().fault, FetchFault::Timeout);
    assert!(hanging.answers.is_empty());
    issuer.recover();
    issuer.fail_with(500);
    let broken = probe(&issuer).await;
    assert_eq!(broken.document.unwrap_err().fault, FetchFault::Status);
    assert_eq!(broken.answers.last().unwrap().status, 500);
    issuer.go_down();
    let gone = probe(&issuer).await;
    assert_eq!(gone.document.unwrap_err().fault, FetchFault::Connect);
}

#[actix_web::test]
async fn whatever_comes_instead_of_keys_there_are_none() {
    let issuer = FakeIssuer::start();
    for &garble in Garble::ALL {
        issuer.garble(garble);
        let probe = probe(&issuer).await;
        let keys = probe.keys();
        assert!(!matches!(keys, Some(Ok(_))), "{garble:?}: {keys:?}");
    }
}
