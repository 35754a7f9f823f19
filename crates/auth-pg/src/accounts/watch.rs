use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    memory::TRUSTED_FOR,
    register::{Polled, Register},
};
use crate::{Chain, StoreError};

mod listen;

/// What says that something about accounts has changed.
pub(crate) const CHANNEL: &str = "drawbridge_accounts";

/// The payload that says that what can be read has changed as well.
pub(crate) const MOVED: &str = "moved";

/// From the beginning of one poll to the beginning of the next, while polls are quick.
const POLL_EVERY: Duration = Duration::from_millis(600);

/// The same after one that failed: soon enough for a second try before trust ends.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// So long before trust ends the next poll has renewed it, even if it takes twice as long as the last.
const MARGIN: Duration = Duration::from_millis(200);

/// The least time between the end of a poll and the next, however many notifications come.
const REST: Duration = Duration::from_millis(50);

/// How often to look whether more or less of Better Auth's tables can be read.
const PROBE_EVERY: Duration = Duration::from_secs(60);

/// How long to wait after a panic.
const RESTART_AFTER: Duration = Duration::from_millis(250);

/// Polls and listens until the pool is closed.
pub(super) async fn run(register: Arc<Register>) {
    kept_alive(&register, |register| async move {
        tokio::select! {
            () = poll(&register) => {}
            () = listen::run(&register) => {}
        }
    })
    .await;
    register.beside.close();
}

/// A panic is a defect, and no reason to stop for good without a word. Trust ends by itself meanwhile.
async fn kept_alive<F>(register: &Arc<Register>, work: impl Fn(Arc<Register>) -> F)
where
    F: Future<Output = ()>,
{
    while AssertUnwindSafe(work(Arc::clone(register)))
        .catch_unwind()
        .await
        .is_err()
    {
        tracing::error!("who watches the accounts has panicked, and starts anew: a defect");
        metrics::counter!("accounts_watch_restarts_total").increment(1);
        register.polls.failed();
        register.listening.store(false, Ordering::Relaxed);
        metrics::gauge!("accounts_listening").set(0.0);
        sleep(RESTART_AFTER).await;
    }
}

async fn poll(register: &Register) {
    let mut probe_at = Instant::now();
    while !register.db.is_closed() {
        let began = Instant::now();
        if register.moved.swap(false, Ordering::Relaxed) || probe_at <= began {
            // Whoever asks probes too when there is nothing yet; a failure is theirs to report.
            probe_at = began + PROBE_EVERY;
            if let Err(error) = register.probe().await {
                tracing::debug!(cause = %Chain(&error), "Better Auth's tables cannot be looked for");
                probe_at = began + PROBE_EVERY / 10;
            }
        }
        let polled = register.poll().await;
        let is_well = note(register, &polled);
        let ended = Instant::now();
        // A poll that takes long is not asked of the database again and again by those who write to it.
        let soon = ended + REST.max(2 * (ended - began));
        tokio::select! {
            () = sleep_until(began + apart(ended - began, is_well)) => {}
            () = async { register.nudged.notified().await; sleep_until(soon).await } => {}
        }
    }
}

/// From the beginning of a poll that took so long to the beginning of the next. Trust is counted from the beginning, so what has
/// to fit into it is this time and the next poll.
fn apart(took: Duration, is_well: bool) -> Duration {
    let wanted = match is_well {
        true => TRUSTED_FOR
            .saturating_sub(MARGIN + 2 * took)
            .min(POLL_EVERY),
        false => RETRY_AFTER,
    };
    wanted.max(took + REST)
}

/// Says how the poll went where that is news, and gives whether it went well.
fn note(register: &Register, polled: &Result<Polled, StoreError>) -> bool {
    let asked = polled.as_ref().map_or(0, |polled| polled.asked);
    metrics::gauge!("accounts_active").set(asked as f64);
    let is_well = matches!(polled, Ok(Polled { left: 0, .. }));
    if is_well {
        if register.polls.went_well(std::time::Instant::now()) {
            tracing::info!("accounts are polled again");
        }
        return true;
    }
    metrics::counter!("accounts_poll_failures_total").increment(1);
    if register.polls.failed() && !register.db.is_closed() {
        match polled {
            Ok(Polled { asked, left }) => {
                tracing::warn!(
                    asked,
                    left,
                    "accounts are polled too slowly: who is left asks for themselves"
                );
            }
            Err(error) => {
                tracing::warn!(cause = %Chain(error), "accounts cannot be polled: each request asks for itself");
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
