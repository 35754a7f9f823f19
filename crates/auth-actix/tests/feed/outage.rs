//! The issuer is away, slow or confused.

use std::time::{Duration, Instant};

use auth_actix::{KeyFeed, Refusal};
use auth_core::{FetchFault, KeyState, Pauses};
use auth_testkit::{FakeIssuer, Garble};

use crate::support::{ENOUGH, eventually, has, settings, warm};

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
    assert!(start.elapsed() >= settings.wait && start.elapsed() < settings.wait * 10);
    let start = Instant::now();
    for _ in 0..1000 {
        assert_eq!(has(&feed, &known).await, Some(true));
    }
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "a thousand times `wait` is 300 s"
    );
}

#[tokio::test]
async fn it_starts_without_the_issuer_and_heals_by_itself() {
    let issuer = FakeIssuer::start();
    let key_id = issuer.key_id();
    issuer.go_down();
    let start = Instant::now();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(2),
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
async fn keys_turn_stale_and_then_end_while_the_issuer_stays_away() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(1);
    settings.max_stale = Duration::from_secs(6);
    let short = Pauses {
        first: Duration::from_millis(200),
        longest: Duration::from_millis(500),
    };
    (settings.pauses_with_keys, settings.pauses_without_keys) = (short, short);
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

/// What every way to garble an answer is called, and that it costs nothing but that answer.
#[tokio::test]
async fn an_answer_without_a_usable_key_keeps_the_old_set() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let mut settings = settings(&issuer);
    settings.timeout = Duration::from_secs(1);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    for &garble in Garble::ALL {
        let expected: &[FetchFault] = match garble {
            Garble::KeysOfNull | Garble::EmptySet | Garble::UnusableKeys => {
                &[FetchFault::NoUsableKey]
            }
            Garble::Huge => &[FetchFault::TooLarge],
            // Whichever limit it comes to first.
            Garble::Endless => &[FetchFault::TooLarge, FetchFault::Timeout],
            Garble::Dripping => &[FetchFault::Timeout],
            Garble::BrokenOff => &[FetchFault::Body],
            _ => &[FetchFault::Malformed],
        };
        issuer.garble(garble);
        feed.refresh_now();
        eventually("the attempt fails", || feed.status().last_fault.is_some()).await;
        let status = feed.status();
        assert!(
            expected.contains(&status.last_fault.unwrap()),
            "{garble:?}: {status:?}"
        );
        assert!(
            status.last_error.is_some_and(|error| !error.is_empty()),
            "{garble:?}"
        );
        assert_eq!(
            (status.keys, status.state),
            (1, KeyState::Fresh),
            "{garble:?}"
        );
        assert_eq!(
            has(&feed, "stranger").await,
            None,
            "{garble:?}: nobody can know"
        );
        assert_eq!(has(&feed, &known).await, Some(true), "{garble:?}");

        issuer.recover();
        feed.refresh_now();
        eventually("it recovers", || feed.status().last_fault.is_none()).await;
    }
}

#[tokio::test]
async fn an_unknown_key_is_refused_while_the_issuer_is_well_and_put_off_while_it_is_not() {
    let issuer = FakeIssuer::start();
    let feed = warm(&issuer).await;
    assert_eq!(has(&feed, "stranger").await, Some(false), "401");
    issuer.fail_with(500);
    feed.refresh_now();
    eventually("the attempt fails", || feed.status().last_fault.is_some()).await;
    for key_id in ["stranger", "another"] {
        match feed.ring_for(Some(key_id)).await {
            Err(Refusal::KeysUnavailable { retry_after }) => {
                assert!(
                    retry_after >= Duration::from_secs(1),
                    "503 with Retry-After"
                );
            }
            other => panic!("{key_id}: {other:?}"),
        }
    }
    issuer.recover();
    feed.refresh_now();
    eventually("it recovers", || feed.status().last_fault.is_none()).await;
    assert_eq!(has(&feed, "stranger").await, Some(false), "401 again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_that_have_turned_stale_are_renewed_by_one_attempt_whatever_the_crowd() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(1);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    issuer.hang();
    eventually("the keys are stale", || {
        feed.status().state == KeyState::Stale
    })
    .await;
    let fetches = issuer.fetches();
    let crowd: Vec<_> = (0..100)
        .map(|_| {
            let (feed, known) = (feed.clone(), known.clone());
            tokio::spawn(async move { has(&feed, &known).await })
        })
        .collect();
    for request in crowd {
        assert_eq!(request.await.unwrap(), Some(true));
    }
    assert_eq!(issuer.fetches(), fetches, "it is the one that hangs");
}
