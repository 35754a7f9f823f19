use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use auth_core::{FetchFailure, FetchFault, KeyBook, KeyState, Outcome, UnixTime, Wanted};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::fetch::Fetched;

/// What requests ask of the refresher. Only ever grows, so that nothing is lost or done twice.
#[derive(Clone, Copy, Default)]
pub(crate) struct Orders {
    pub(crate) wanted: Wanted,
    pub(crate) stop: bool,
}

/// The other end of the handle: the only one who changes the book.
pub(crate) struct Refresher {
    pub(crate) book: Arc<ArcSwap<KeyBook>>,
    pub(crate) orders: watch::Receiver<Orders>,
    pub(crate) published: watch::Sender<()>,
}

impl Refresher {
    /// Refreshes until it is told to stop, also after a panic.
    pub(crate) async fn run(mut self, fetch: impl AsyncFn() -> Result<Fetched, FetchFailure>) {
        while AssertUnwindSafe(self.refresh(&fetch))
            .catch_unwind()
            .await
            .is_err()
        {
            tracing::error!("the key feed panicked and goes on; this is a bug");
            // Not at once, should it panic every time.
            tokio::select! {
                () = stopped(&mut self.orders) => return,
                () = sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    async fn refresh(&mut self, fetch: &impl AsyncFn() -> Result<Fetched, FetchFailure>) {
        let mut book = KeyBook::clone(&self.book.load());
        let mut condition = Condition::of(&book, now());
        if book.in_flight() {
            book.finish(
                Err(FetchFailure::new(FetchFault::Panic, "the attempt panicked")),
                now(),
                jitter(),
            );
            self.publish(&book);
        }
        loop {
            let orders = *self.orders.borrow_and_update();
            if orders.stop {
                return;
            }
            let mut outcome = None;
            if book.begin(orders.wanted, now()).is_some() {
                self.publish(&book);
                let answer = tokio::select! {
                    () = stopped(&mut self.orders) => return,
                    answer = fetch() => answer,
                };
                let answer = answer.as_ref().map(Fetched::answer).map_err(Clone::clone);
                outcome = Some(book.finish(answer, now(), jitter()));
                self.publish(&book);
            }
            condition = condition.report_change(&book, outcome);
            tokio::select! {
                ordered = self.orders.changed() => if ordered.is_err() { return },
                // Not longer than this, in case the wall clock jumps meanwhile.
                () = sleep(book.sleeps(now()).min(Duration::from_secs(30))) => {}
            }
        }
    }

    fn publish(&self, book: &KeyBook) {
        self.book.store(Arc::new(book.clone()));
        self.published.send_replace(());
    }
}

/// What the log was told last, so that it hears of changes only.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Condition {
    state: KeyState,
    failing: bool,
}

impl Condition {
    fn of(book: &KeyBook, now: UnixTime) -> Self {
        let state = match book.state(now) {
            // Everyday life: every set gets there.
            KeyState::RefreshAhead => KeyState::Fresh,
            state => state,
        };
        Self {
            state,
            failing: book.last_failure().is_some(),
        }
    }

    fn report_change(self, book: &KeyBook, outcome: Option<Outcome>) -> Self {
        let seen = Self::of(book, now());
        let (keys, generation) = (book.ring().map_or(0, |ring| ring.len()), book.generation());
        let error = book.last_failure().unwrap_or("none");
        if seen != self {
            match (seen.state, seen.failing) {
                (KeyState::Fresh | KeyState::RefreshAhead, false) => {
                    tracing::info!(keys, generation, "the issuer's keys are fresh");
                }
                (KeyState::Fresh | KeyState::RefreshAhead, true) => {
                    tracing::warn!(keys, error, "the issuer's keys cannot be renewed");
                }
                (KeyState::Stale, _) => {
                    tracing::warn!(keys, error, "the issuer's keys are stale and still served");
                }
                (KeyState::Outage, _) => {
                    tracing::error!(error, "the issuer's keys are too old: no token is admitted");
                }
                (KeyState::Cold, _) => {
                    tracing::warn!(error, "there are no keys of the issuer yet");
                }
            }
        } else if outcome == Some(Outcome::Replaced) {
            tracing::info!(keys, generation, "the issuer has another set of keys");
        } else if matches!(outcome, Some(Outcome::Failed(_))) {
            tracing::debug!(error, "the issuer's keys still cannot be renewed");
        }
        if outcome == Some(Outcome::Replaced) {
            for skipped in book.ring().iter().flat_map(|ring| ring.skipped()) {
                tracing::warn!(generation, "a key of the issuer is not usable: {skipped}");
            }
        }
        seen
    }
}

async fn stopped(orders: &mut watch::Receiver<Orders>) {
    // An error means that the last handle is gone, which is the same.
    let _ = orders.wait_for(|orders| orders.stop).await;
}

pub(crate) fn now() -> UnixTime {
    SystemTime::now().into()
}

/// From 0 to 1. The hasher's random keys are as much chance as spreading attempts needs.
fn jitter() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_between_zero_and_one_and_varies() {
        let drawn: Vec<f64> = (0..100).map(|_| jitter()).collect();
        assert!(drawn.iter().all(|jitter| (0.0..=1.0).contains(jitter)));
        assert!(drawn.iter().any(|jitter| *jitter < 0.5) && drawn.iter().any(|j| *j > 0.5));
    }
}
