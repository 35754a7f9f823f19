//! What the feed tells the `metrics` facade.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use auth_actix::KeyFeed;
use auth_core::KeyState;
use auth_testkit::FakeIssuer;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::support::{ENOUGH, eventually, has, settings};

/// Everything that this process has told, to be read any number of times. (The recorder of
/// `metrics-util` forgets what is read, and the tests of this process share one.)
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Values>>);

#[derive(Default)]
struct Values {
    by_key: HashMap<Key, Arc<AtomicU64>>,
    described: BTreeMap<String, String>,
}

impl Told {
    fn here() -> Self {
        static TOLD: OnceLock<Told> = OnceLock::new();
        let install = || {
            let told = Told::default();
            metrics::set_global_recorder(told.clone()).unwrap_or_else(|_| panic!("the only one"));
            told
        };
        TOLD.get_or_init(install).clone()
    }

    fn slot(&self, key: &Key) -> Arc<AtomicU64> {
        let mut values = self.0.lock().unwrap();
        Arc::clone(values.by_key.entry(key.clone()).or_default())
    }

    fn bits(&self, name: &str, issuer: &FakeIssuer, label: Option<(&str, &str)>) -> u64 {
        let values = self.0.lock().unwrap();
        let url = issuer.jwks_url();
        let found = values.by_key.iter().find(|(key, _)| {
            let has = |name: &str, value: &str| {
                key.labels()
                    .any(|it| it.key() == name && it.value() == value)
            };
            key.name() == name
                && has("jwks_url", &url)
                && label.is_none_or(|(name, value)| has(name, value))
        });
        found.map_or(0, |(_, value)| value.load(Ordering::SeqCst))
    }

    fn counter(&self, name: &str, issuer: &FakeIssuer, label: Option<(&str, &str)>) -> u64 {
        self.bits(name, issuer, label)
    }

    fn gauge(&self, name: &str, issuer: &FakeIssuer) -> f64 {
        f64::from_bits(self.bits(name, issuer, None))
    }

    fn state(&self, issuer: &FakeIssuer) -> Vec<&'static str> {
        let names = KeyState::ALL.map(KeyState::name);
        let is_one = |name: &&'static str| {
            f64::from_bits(self.bits("jwks_state", issuer, Some(("state", name)))) == 1.0
        };
        names.into_iter().filter(is_one).collect()
    }
}

impl Recorder for Told {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, description: SharedString) {
        let mut values = self.0.lock().unwrap();
        values
            .described
            .insert(key.as_str().into(), description.to_string());
    }

    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe_counter(key, unit, description);
    }

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe_counter(key, unit, description);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.slot(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.slot(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[tokio::test]
async fn every_attempt_is_counted_by_what_made_it_and_by_what_came_of_it() {
    let told = Told::here();
    let issuer = FakeIssuer::start();
    issuer.fail_with(500);
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    eventually("it fails", || feed.status().last_fault.is_some()).await;
    issuer.recover();
    feed.first_keys(ENOUGH).await.unwrap();
    issuer.rotate();
    assert_eq!(has(&feed, &issuer.key_id()).await, Some(true));
    feed.refresh_now();
    eventually("it is confirmed", || {
        told.counter("jwks_fetch_total", &issuer, Some(("outcome", "confirmed"))) == 1
    })
    .await;
    for (outcome, at_least) in [("status", 1), ("replaced", 2), ("confirmed", 1)] {
        let counted = told.counter("jwks_fetch_total", &issuer, Some(("outcome", outcome)));
        assert!(counted >= at_least, "{outcome}: {counted}");
    }
    let triggered = |trigger| {
        told.counter(
            "jwks_refresh_trigger_total",
            &issuer,
            Some(("trigger", trigger)),
        )
    };
    assert_eq!((triggered("unknown_kid"), triggered("manual")), (1, 1));
    assert_eq!(triggered("cold") + 2, issuer.fetches() as u64);
    assert_eq!(triggered("timer"), 0);
}

#[tokio::test]
async fn the_gauges_follow_the_keys_also_between_attempts() {
    let told = Told::here();
    let issuer = FakeIssuer::start();
    issuer.publish_jwk(serde_json::json!({"kty": "AKP", "kid": "post-quantum"}));
    let mut settings = settings(&issuer);
    settings.max_age = Duration::from_secs(2);
    settings.max_stale = Duration::from_secs(9);
    let feed = KeyFeed::start(&settings).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    // The last one that is told.
    let success = || told.gauge("jwks_last_success_timestamp_seconds", &issuer);
    eventually("they are told", || success() > 1.6e9).await;
    assert_eq!(told.state(&issuer), ["fresh"]);
    assert_eq!(told.gauge("jwks_refresher_alive", &issuer), 1.0);
    assert_eq!(told.gauge("jwks_keys", &issuer), 1.0);
    assert_eq!(told.gauge("jwks_skipped_keys", &issuer), 1.0);
    assert_eq!(feed.status().skipped_keys, 1);

    issuer.fail_with(500);
    eventually("they are stale", || told.state(&issuer) == ["stale"]).await;
    for _ in 0..7 {
        assert_eq!(has(&feed, &issuer.key_id()).await, Some(true));
    }
    assert!(
        feed.epoch().is_some(),
        "a request that a cache answers counts as well"
    );
    eventually("stale answers are counted", || {
        told.counter("jwks_stale_served_total", &issuer, None) == 8
    })
    .await;
    let age = told.gauge("jwks_age_seconds", &issuer);
    assert!(age >= 2.0, "{age}");
    eventually("time goes by", || {
        told.gauge("jwks_age_seconds", &issuer) > age
    })
    .await;
    eventually("they are too old", || told.state(&issuer) == ["outage"]).await;

    feed.stop();
    assert_eq!(told.gauge("jwks_refresher_alive", &issuer), 0.0);
}

#[tokio::test]
async fn everything_that_is_told_is_described() {
    let told = Told::here();
    let issuer = FakeIssuer::start();
    let feed = KeyFeed::start(&settings(&issuer)).unwrap();
    feed.first_keys(ENOUGH).await.unwrap();
    eventually("they are told", || told.gauge("jwks_keys", &issuer) == 1.0).await;
    let values = told.0.lock().unwrap();
    for key in values
        .by_key
        .keys()
        .filter(|key| key.name().starts_with("jwks_"))
    {
        assert!(values.described.contains_key(key.name()), "{}", key.name());
    }
}
