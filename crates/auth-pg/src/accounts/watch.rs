use std::{
    future::pending,
    pin::pin,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_postgres::AsyncMessage;

use super::register::Register;
use crate::{StoreError, error::Chain, pool::tls_connector};

/// What says that something about accounts has changed.
pub(crate) const CHANNEL: &str = "drawbridge_accounts";

/// The payload that says that what can be read has changed as well.
pub(crate) const MOVED: &str = "moved";

/// From the beginning of one poll to the beginning of the next. Two of them and the time that they take fit into the time for
/// which a good standing is trusted, so that one poll may fail without anybody having to wait.
const POLL_EVERY: Duration = Duration::from_millis(400);

/// The least time between the end of a poll and the next, however many notifications come.
const REST: Duration = Duration::from_millis(50);

/// How often to look whether more or less of Better Auth's tables can be read.
const PROBE_EVERY: Duration = Duration::from_secs(60);

/// How long to wait before trying to listen again; doubled after each attempt in vain.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);
const RECONNECT_AT_MOST: Duration = Duration::from_secs(15);

/// Polls and listens until the pool is closed.
pub(super) async fn run(register: Arc<Register>) {
    tokio::select! {
        () = poll(&register) => {}
        () = listen(&register) => {}
    }
    register.beside.close();
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
        note(register, &register.poll().await);
        let ended = Instant::now();
        // A poll that takes long is not asked of the database again and again by those who write to it.
        let soon = ended + REST.max(2 * (ended - began));
        let due = (began + POLL_EVERY).max(ended + REST);
        tokio::select! {
            () = sleep_until(due) => {}
            () = async { register.nudged.notified().await; sleep_until(soon).await } => {}
        }
    }
}

fn note(register: &Register, polled: &Result<usize, StoreError>) {
    match polled {
        // Nobody was there to ask for: that says nothing about the database.
        Ok(0) => {}
        Ok(asked) => {
            metrics::gauge!("accounts_active").set(*asked as f64);
            if register.poll_failing.swap(false, Ordering::Relaxed) {
                tracing::info!("accounts are polled again");
            }
        }
        Err(error) => {
            metrics::counter!("accounts_poll_failures_total").increment(1);
            if !register.poll_failing.swap(true, Ordering::Relaxed) && !register.db.is_closed() {
                tracing::warn!(cause = %Chain(error), "accounts cannot be polled: each request asks for itself");
            }
        }
    }
}

async fn listen(register: &Register) {
    if !register.settings.listen {
        return pending().await;
    }
    let mut wait = RECONNECT_AFTER;
    loop {
        let lost = hear(register).await;
        if register.listening.swap(false, Ordering::Relaxed) {
            tracing::info!(cause = %Chain(&lost), "changes of accounts are no longer heard of at once; polling goes on");
            metrics::gauge!("accounts_listening").set(0.0);
            wait = RECONNECT_AFTER;
        } else {
            tracing::debug!(cause = %Chain(&lost), "changes of accounts cannot be listened for");
        }
        sleep(wait).await;
        wait = (2 * wait).min(RECONNECT_AT_MOST);
    }
}

/// Listens on a connection of its own for as long as it holds, and gives what ended it.
async fn hear(register: &Register) -> StoreError {
    let mut config = register.db.connection();
    // A peer that vanished without a word is noticed by these only: nothing is ever sent here.
    config
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3);
    let tls = match tls_connector(&config) {
        Ok(tls) => tls,
        Err(error) => return error,
    };
    let patience = register.db.connect_within();
    let (client, mut connection) = match timeout(patience, config.connect(tls)).await {
        Ok(Ok(connected)) => connected,
        Ok(Err(error)) => return error.into(),
        Err(elapsed) => return StoreError::Unavailable(elapsed.into()),
    };
    let mut messages = stream::poll_fn(|cx| connection.poll_message(cx));
    let sql = format!("LISTEN {CHANNEL}");
    let mut listen = pin!(timeout(patience, client.batch_execute(&sql)));
    let mut listens = false;
    loop {
        tokio::select! {
            answer = &mut listen, if !listens => match answer {
                Ok(Ok(())) => {
                    listens = true;
                    register.listening.store(true, Ordering::Relaxed);
                    metrics::gauge!("accounts_listening").set(1.0);
                    tracing::debug!("changes of accounts are heard of at once");
                    // What happened before was said to nobody.
                    register.nudged.notify_one();
                }
                Ok(Err(error)) => return error.into(),
                Err(elapsed) => return StoreError::Unavailable(elapsed.into()),
            },
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(said))) => {
                    if said.payload() == MOVED {
                        register.moved.store(true, Ordering::Relaxed);
                    }
                    register.nudged.notify_one();
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return error.into(),
                None => return StoreError::Unavailable("the connection was closed".into()),
            },
        }
    }
}
