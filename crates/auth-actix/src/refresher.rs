use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use auth_core::{FetchFailure, FetchFault, KeyBook, Outcome, UnixTime, Wanted};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::fetch::Fetched;
use crate::keeper::Keeper;
use crate::report::Report;
use crate::vitals::{Tally, Vitals};

/// What requests ask of the refresher. Only ever grows, so that nothing is lost or done twice.
#[derive(Clone, Copy, Default)]
pub(crate) struct Orders {
    pub(crate) wanted: Wanted,
    pub(crate) stop: bool,
}

/// The other end of the handle: the only one who changes the book.
pub(crate) struct Refresher {
    pub(crate) book: Arc<ArcSwap<KeyBook>>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) orders: watch::Receiver<Orders>,
    pub(crate) published: watch::Sender<()>,
    pub(crate) report: Report,
    pub(crate) vitals: Vitals,
    pub(crate) keeper: Option<Keeper>,
}

impl Refresher {
    /// Refreshes until it is told to stop, also after a panic.
    pub(crate) async fn run(mut self, fetch: impl AsyncFn() -> Result<Fetched, FetchFailure>) {
        while AssertUnwindSafe(self.refresh(&fetch))
            .catch_unwind()
            .await
            .is_err()
        {
            self.vitals.panicked(&self.tally);
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
        if book.in_flight() {
            let panicked = FetchFailure::new(FetchFault::Panic, "the attempt panicked");
            self.finish(&mut book, Err(panicked));
        }
        loop {
            let orders = *self.orders.borrow_and_update();
            if orders.stop {
                return;
            }
            if let Some(trigger) = book.begin(orders.wanted, now()) {
                self.vitals.began(trigger);
                self.publish(&book);
                // By a receiver of its own: what is ordered meanwhile is news to ours afterwards.
                let mut orders = self.orders.clone();
                let answer = tokio::select! {
                    () = stopped(&mut orders) => return,
                    answer = fetch() => answer,
                };
                self.finish(&mut book, answer.as_ref().map_err(Clone::clone));
            }
            self.report.say(&book, now(), None, None);
            self.vitals.tell(&book, &self.tally, now());
            tokio::select! {
                ordered = self.orders.changed() => if ordered.is_err() { return },
                // Not longer than this: ages are to be seen growing, and the clock may jump.
                () = sleep(book.sleeps(now()).min(LONGEST_SLEEP)) => {}
            }
        }
    }

    fn finish(&mut self, book: &mut KeyBook, answer: Result<&Fetched, FetchFailure>) {
        let previous = book.ring().cloned();
        let outcome = book.finish(answer.map(Fetched::answer), now(), jitter());
        self.publish(book);
        self.vitals.ended(outcome);
        self.report
            .say(book, now(), Some(outcome), previous.as_deref());
        if let (Some(keeper), Outcome::Replaced | Outcome::Confirmed) = (&self.keeper, outcome) {
            keeper.keep(book);
        }
    }

    fn publish(&self, book: &KeyBook) {
        self.book.store(Arc::new(book.clone()));
        self.published.send_replace(());
    }
}

const LONGEST_SLEEP: Duration = Duration::from_secs(5);

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
