use std::time::Duration;

use actix_web::dev::ServerHandle;
use auth_pg::ChangeFeed;
use tokio::sync::watch;

use crate::ops::Readiness;

/// Stops the [`Application`](super::Application) that it came from.
#[derive(Debug, Clone)]
pub struct Stopper {
    stop: watch::Sender<Stop>,
}

impl Stopper {
    pub(super) fn new(stop: watch::Sender<Stop>) -> Self {
        Self { stop }
    }

    /// Asks to stop: readiness says no from now on, requests in flight finish. A second time: at once.
    pub fn stop(&self) {
        self.stop.send_modify(|stop| *stop = stop.more());
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stop {
    NotYet,
    Gracefully,
    AtOnce,
}

impl Stop {
    fn more(self) -> Self {
        match self {
            Self::NotYet => Self::Gracefully,
            Self::Gracefully | Self::AtOnce => Self::AtOnce,
        }
    }
}

/// From the wish to stop to the end of the last request.
pub(super) async fn drain(
    stop: &watch::Sender<Stop>,
    readiness: &Readiness,
    changes: &ChangeFeed,
    delay: Duration,
    server: ServerHandle,
) {
    wanted(stop, Stop::Gracefully).await;
    tracing::info!(
        ?delay,
        "stopping: readiness says no, requests in flight finish"
    );
    readiness.drain();
    tokio::time::sleep(delay).await;
    // Streams have no end of their own: their clients come back, and find another server.
    changes.close();
    server.stop(true).await;
}

pub(super) async fn wanted(stop: &watch::Sender<Stop>, at_least: Stop) {
    let mut receiver = stop.subscribe();
    // The sender is borrowed, so it outlives the wait.
    let _ = receiver.wait_for(|stop| *stop >= at_least).await;
}
