//! Known and unknown keys, one or many at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_actix::KeyFeed;
use auth_core::{KeyRing, KeyState};
use auth_testkit::FakeIssuer;

use crate::support::{ENOUGH, eventually, has, settings, warm};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_hundred_cold_callers_make_one_fetch() {
    let issuer = FakeIssuer::start();
    issuer.delay(Duration::from_millis(100));
    let key_id = issuer.key_id();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    let callers: Vec<_> = (0..400)
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
async fn a_flood_of_twenty_thousand_unknown_keys_makes_no_more_fetches_than_the_burst() {
    let issuer = FakeIssuer::start();
    let known = issuer.key_id();
    let feed = warm(&issuer).await;
    let start = Instant::now();
    let flood: Vec<_> = (0..20)
        .map(|caller| {
            let feed = feed.clone();
            tokio::spawn(async move {
                for i in 0..1000 {
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

#[tokio::test]
async fn one_fetch_serves_any_number_of_requests_with_a_known_key() {
    let issuer = FakeIssuer::start();
    let feed = warm(&issuer).await;
    for _ in 0..1000 {
        assert_eq!(has(&feed, &issuer.key_id()).await, Some(true));
    }
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn one_bad_key_id_sent_again_and_again_costs_one_fetch_and_holds_up_no_good_one() {
    let issuer = FakeIssuer::start();
    let mut settings = settings(&issuer);
    settings.cooldown = Duration::from_millis(50);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    for _ in 0..20 {
        assert_eq!(has(&feed, "bad").await, Some(false));
        tokio::time::sleep(settings.cooldown / 2).await;
    }
    assert_eq!(
        issuer.fetches(),
        1 + 1,
        "ten refills of the allowance were not spent on it"
    );

    let new = issuer.rotate();
    assert_eq!(has(&feed, &new).await, Some(true));
    assert_eq!(has(&feed, "bad").await, Some(false));
    assert_eq!(
        issuer.fetches(),
        1 + 1 + 2,
        "another set may have it: it was asked for once more"
    );
}

#[tokio::test]
async fn a_key_that_was_absent_is_found_when_its_time_is_over() {
    let issuer = FakeIssuer::start();
    let mut settings = settings(&issuer);
    settings.absent_for = Duration::from_secs(3);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    for _ in 0..2 {
        assert_eq!(has(&feed, "late").await, Some(false));
        assert_eq!(issuer.fetches(), 2);
    }
    tokio::time::sleep(settings.absent_for).await;
    assert_eq!(has(&feed, "late").await, Some(false));
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test]
async fn an_operator_can_have_the_keys_fetched_now_and_a_crowd_of_orders_is_one() {
    let issuer = FakeIssuer::start();
    let mut settings = settings(&issuer);
    settings.burst = 0;
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    let (old, new) = (issuer.key_id(), issuer.rotate());
    issuer.withdraw(&old);
    assert_eq!(
        has(&feed, &new).await,
        Some(false),
        "no unknown key may ask"
    );
    issuer.delay(Duration::from_millis(200));
    for _ in 0..100 {
        feed.refresh_now();
    }
    eventually("the new key is there", || {
        feed.ring().unwrap().contains(&new)
    })
    .await;
    assert_eq!(
        has(&feed, &old).await,
        Some(false),
        "a withdrawn key is gone at once"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    // An order that came while the attempt ran is for the next one.
    assert!((2..=3).contains(&issuer.fetches()), "{}", issuer.fetches());
}

#[tokio::test]
async fn an_order_that_comes_while_an_attempt_runs_is_not_forgotten() {
    let issuer = FakeIssuer::start();
    let feed = warm(&issuer).await;
    issuer.delay(Duration::from_millis(200));
    feed.refresh_now();
    eventually("the attempt runs", || issuer.fetches() == 2).await;
    // What is withdrawn now may not be in the answer that is on its way.
    feed.refresh_now();
    let start = Instant::now();
    eventually("the next attempt runs", || issuer.fetches() == 3).await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_token_without_a_key_id_is_given_whatever_is_in_force() {
    let issuer = FakeIssuer::start();
    let feed = warm(&issuer).await;
    let keys = feed.ring_for(None).await.unwrap();
    assert!(keys.ring.contains(&issuer.key_id()));
    assert_eq!(issuer.fetches(), 1);
    issuer.go_down();
    let cold = KeyFeed::start(&settings(&issuer)).unwrap();
    assert_eq!(
        cold.ring_for(None).await.unwrap_err().code(),
        "keys_unavailable"
    );
}

#[tokio::test]
async fn the_epoch_lasts_until_a_key_is_withdrawn() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    assert_eq!(feed.epoch(), None, "there are no keys");
    issuer.come_back();
    feed.first_keys(ENOUGH).await.unwrap();
    let first = feed.epoch().unwrap();
    let old = issuer.key_id();
    assert_eq!(feed.ring_for(Some(&old)).await.unwrap().epoch, first);

    let new = issuer.rotate();
    assert_eq!(has(&feed, &new).await, Some(true));
    assert_eq!(
        feed.epoch(),
        Some(first),
        "a key more harms no verified token"
    );
    issuer.withdraw(&old);
    feed.refresh_now();
    eventually("the key is gone", || !feed.ring().unwrap().contains(&old)).await;
    let second = feed.epoch().unwrap();
    assert!(second > first);
    assert_eq!(feed.ring_for(Some(&new)).await.unwrap().epoch, second);
}
