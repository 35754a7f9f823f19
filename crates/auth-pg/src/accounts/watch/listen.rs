use std::{future::pending, sync::atomic::Ordering};

use super::{CHANNEL, MOVED};
use crate::{
    StoreError, UserDb,
    accounts::register::Register,
    listening::{Change, Listener, listen},
};

/// Listens for as long as it is polled.
pub(super) async fn run(register: &Register) {
    match register.settings.listen {
        true => listen(register).await,
        false => pending().await,
    }
}

impl Listener for Register {
    const CHANNEL: &'static str = CHANNEL;
    const WHAT: &'static str = "changes of accounts";

    fn database(&self) -> (&UserDb, &'static str) {
        (&self.db, "drawbridge-accounts")
    }

    async fn say(&self, payload: &str) -> Result<(), StoreError> {
        self.notify(payload).await
    }

    fn hears(&self, all: bool) -> Change {
        metrics::gauge!("accounts_listening").set(if all { 1.0 } else { 0.0 });
        if all {
            // What can be read may be part of what happened before.
            self.moved.store(true, Ordering::Relaxed);
            self.nudged.notify_one();
        }
        Change::of(self.listening.swap(all, Ordering::Relaxed) != all)
    }

    fn heard(&self, payload: &str) {
        if payload == MOVED {
            self.moved.store(true, Ordering::Relaxed);
        }
        self.nudged.notify_one();
    }
}
