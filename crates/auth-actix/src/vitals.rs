use std::sync::atomic::{AtomicU64, Ordering};

use auth_core::{KeyBook, KeyState, Outcome, Trigger, UnixTime};
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

/// What the feed tells the `metrics` facade. Everything has the label `jwks_url`.
///
/// All of it is told by the refresher's thread, so that no request pays for it.
pub(crate) struct Vitals {
    jwks_url: String,
    /// How much of [`Tally::stale_served`] has been told.
    stale_told: u64,
}

/// What is counted elsewhere than in the book.
#[derive(Default)]
pub(crate) struct Tally {
    stale_served: AtomicU64,
    panics: AtomicU64,
}

impl Tally {
    pub(crate) fn served_stale(&self) {
        self.stale_served.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

impl Vitals {
    pub(crate) fn new(jwks_url: String) -> Self {
        describe();
        Self {
            jwks_url,
            stale_told: 0,
        }
    }

    pub(crate) fn began(&self, trigger: Trigger) {
        self.count("jwks_refresh_trigger_total", "trigger", trigger.name());
    }

    pub(crate) fn ended(&self, outcome: Outcome) {
        self.count("jwks_fetch_total", "outcome", outcome.name());
    }

    pub(crate) fn panicked(&self, tally: &Tally) {
        tally.panics.fetch_add(1, Ordering::Relaxed);
        counter!("jwks_refresher_panics_total", "jwks_url" => self.jwks_url.clone()).increment(1);
    }

    /// Everything that changes with time alone.
    pub(crate) fn tell(&mut self, book: &KeyBook, tally: &Tally, now: UnixTime) {
        let stale_served = tally.stale_served.load(Ordering::Relaxed);
        counter!("jwks_stale_served_total", "jwks_url" => self.jwks_url.clone())
            .increment(stale_served - self.stale_told);
        self.stale_told = stale_served;

        let state = book.state(now);
        for each in KeyState::ALL {
            let is_it = f64::from(u8::from(each == state));
            let labels = [
                ("jwks_url", self.jwks_url.clone()),
                ("state", each.to_string()),
            ];
            gauge!("jwks_state", &labels).set(is_it);
        }
        let (keys, skipped) = book
            .ring()
            .map_or((0, 0), |ring| (ring.len(), ring.skipped().len()));
        self.gauge("jwks_keys", keys as f64);
        self.gauge("jwks_skipped_keys", skipped as f64);
        if let Some(age) = book.age(now) {
            self.gauge("jwks_age_seconds", age.as_secs_f64());
        }
        if let Some(at) = book.fetched_at() {
            self.gauge(
                "jwks_last_success_timestamp_seconds",
                at.as_millis() as f64 / 1000.0,
            );
        }
    }

    /// Tells that the refresher is alive, and when what is returned goes, that it is not.
    pub(crate) fn alive(&self) -> Alive {
        self.gauge(ALIVE, 1.0);
        Alive(self.jwks_url.clone())
    }

    fn count(&self, name: &'static str, label: &'static str, value: &'static str) {
        counter!(name, "jwks_url" => self.jwks_url.clone(), label => value).increment(1);
    }

    fn gauge(&self, name: &'static str, value: f64) {
        gauge!(name, "jwks_url" => self.jwks_url.clone()).set(value);
    }
}

pub(crate) struct Alive(String);

impl Drop for Alive {
    fn drop(&mut self) {
        gauge!(ALIVE, "jwks_url" => std::mem::take(&mut self.0)).set(0.0);
    }
}

const ALIVE: &str = "jwks_refresher_alive";

fn describe() {
    describe_counter!(
        "jwks_fetch_total",
        "Attempts to have the issuer's keys, by outcome: replaced, confirmed, or what went wrong."
    );
    describe_counter!(
        "jwks_refresh_trigger_total",
        "Attempts to have the issuer's keys, by what made them: cold, timer, unknown_kid, manual."
    );
    describe_counter!(
        "jwks_stale_served_total",
        "Requests with a known key while the keys were stale."
    );
    describe_counter!(
        "jwks_refresher_panics_total",
        "Panics that the refresher survived: bugs."
    );
    describe_gauge!(
        "jwks_age_seconds",
        Unit::Seconds,
        "How long ago the keys were asked for."
    );
    describe_gauge!("jwks_keys", "How many usable keys there are.");
    describe_gauge!(
        "jwks_skipped_keys",
        "How many members of the issuer's key set are not usable."
    );
    describe_gauge!(
        "jwks_state",
        "1 for the state that the keys are in, 0 for the others."
    );
    describe_gauge!(
        "jwks_last_success_timestamp_seconds",
        Unit::Seconds,
        "When the issuer was asked for the keys that are here, in seconds since 1970."
    );
    describe_gauge!(
        ALIVE,
        "1 while somebody renews the keys, 0 when nobody does any more."
    );
}
