use auth_core::TokenCache;
use metrics::{Counter, Gauge};

/// What verification tells the `metrics` facade.
///
/// The handles of what happens on every request are kept, and go to the recorder that was
/// installed when they were made. Refusals are looked up when they happen.
#[derive(Debug, Clone)]
pub(crate) struct Meter {
    verified: Counter,
    hits: Counter,
    misses: Counter,
    evictions: Counter,
    bytes: Gauge,
    entries: Gauge,
}

const RESULTS: &str = "jwt_verify_total";
const PROBLEMS: &str = "http_problems_total";

impl Meter {
    pub(crate) fn new() -> Self {
        metrics::describe_counter!(
            RESULTS,
            "Requests by the result of looking at their token: ok, or the code of the refusal. A \
             refusal after a good token, such as role_missing, is counted besides its ok."
        );
        metrics::describe_counter!(PROBLEMS, "Answers that are a problem, by its code.");
        metrics::describe_counter!(
            "jwt_cache_hits_total",
            "Tokens that were known to be good without looking at their signature."
        );
        metrics::describe_counter!(
            "jwt_cache_misses_total",
            "Tokens that had to be verified, good or bad."
        );
        metrics::describe_counter!(
            "jwt_cache_evictions_total",
            "Verified tokens that were forgotten to make room for others."
        );
        metrics::describe_gauge!(
            "jwt_cache_bytes",
            metrics::Unit::Bytes,
            "How much the remembered tokens take."
        );
        metrics::describe_gauge!("jwt_cache_entries", "How many tokens are remembered.");
        Self {
            verified: metrics::counter!(RESULTS, "result" => "ok"),
            hits: metrics::counter!("jwt_cache_hits_total"),
            misses: metrics::counter!("jwt_cache_misses_total"),
            evictions: metrics::counter!("jwt_cache_evictions_total"),
            bytes: metrics::gauge!("jwt_cache_bytes"),
            entries: metrics::gauge!("jwt_cache_entries"),
        }
    }

    pub(crate) fn verified(&self) {
        self.verified.increment(1);
    }

    /// The codes are a closed set, so the label cannot grow without bound.
    pub(crate) fn refused(code: &'static str) {
        metrics::counter!(RESULTS, "result" => code).increment(1);
    }

    /// Every problem, also those of an application's own, whose codes are constants of its source.
    pub(crate) fn answered(code: &'static str) {
        metrics::counter!(PROBLEMS, "code" => code).increment(1);
    }

    pub(crate) fn hit(&self) {
        self.hits.increment(1);
    }

    pub(crate) fn missed(&self) {
        self.misses.increment(1);
    }

    /// Called after what may have changed it.
    pub(crate) fn cache(&self, cache: &TokenCache) {
        self.evictions.absolute(cache.evictions());
        self.bytes.set(cache.bytes() as f64);
        self.entries.set(cache.len() as f64);
    }
}
