//! Notifications of PostgreSQL (`LISTEN`), as far as they can be trusted: as a head start over whoever polls.

use std::{future::Future, pin::pin, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

use crate::{Chain, StoreError, UserDb, pool::tls_connector};

/// How long to wait before trying to listen again; doubled after each attempt.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);
const RECONNECT_AT_MOST: Duration = Duration::from_secs(15);

/// A connection that held for so long was a good one: when it breaks, waiting starts from the beginning.
const STEADY_AFTER: Duration = Duration::from_secs(30);

/// The payload by which a server hears itself starts with this. It says nothing to the others.
const ECHO: &str = "echo ";

/// Who listens, to what, and what comes of it.
pub(crate) trait Listener {
    /// The name of the channel.
    const CHANNEL: &'static str;

    /// What it tells of, for the log, as in "changes of accounts".
    const WHAT: &'static str;

    /// The database, and how the connection calls itself in `pg_stat_activity`.
    fn database(&self) -> (&UserDb, &'static str);

    /// Says something on the channel, over another connection.
    fn say(&self, payload: &str) -> impl Future<Output = Result<(), StoreError>>;

    /// From now on everything is heard; what was said before was said to nobody. Or nothing is heard any more.
    fn hears(&self, all: bool) -> Change;

    /// This was said.
    fn heard(&self, payload: &str);
}

/// Whether it was otherwise before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    News,
    AsBefore,
}

impl Change {
    pub(crate) fn of(changed: bool) -> Self {
        match changed {
            true => Self::News,
            false => Self::AsBefore,
        }
    }
}

/// Listens for as long as it is polled.
pub(crate) async fn listen<L: Listener>(listener: &L) {
    let what = L::WHAT;
    let mut wait = RECONNECT_AFTER;
    let mut told = false;
    loop {
        let began = Instant::now();
        let lost = hear(listener).await;
        if listener.hears(false) == Change::News {
            tracing::info!(cause = %Chain(&lost), "{what} are no longer heard of at once; polling goes on");
        } else if !told {
            tracing::info!(cause = %Chain(&lost), "{what} cannot be listened for; polling goes on");
        }
        told = true;
        wait = longer(wait, began.elapsed());
        sleep(spread(wait, Uuid::new_v4().as_u128() as u32)).await;
    }
}

/// The time to wait after an attempt that held for so long.
fn longer(waited: Duration, held: Duration) -> Duration {
    match held >= STEADY_AFTER {
        true => RECONNECT_AFTER,
        false => (2 * waited).min(RECONNECT_AT_MOST),
    }
}

/// Half of it to all of it, so that servers who have lost the database at once do not come back at once.
fn spread(wait: Duration, chance: u32) -> Duration {
    wait.mul_f64(0.5 + f64::from(chance) / f64::from(u32::MAX) / 2.0)
}

/// Listens on a connection of its own for as long as it holds, and gives what ended it.
async fn hear<L: Listener>(listener: &L) -> StoreError {
    let (db, name) = listener.database();
    let mut config = db.connection_beside(name);
    // A peer that vanished without a word is noticed by these only: nothing is ever sent here.
    config
        .keepalives_idle(Duration::from_secs(30))
        .keepalives_interval(Duration::from_secs(10))
        .keepalives_retries(3);
    let tls = match tls_connector(&config) {
        Ok(tls) => tls,
        Err(error) => return error,
    };
    let patience = db.connect_within();
    let (client, mut connection) = match timeout(patience, config.connect(tls)).await {
        Ok(Ok(connected)) => connected,
        Ok(Err(error)) => return error.into(),
        Err(elapsed) => return StoreError::Unavailable(elapsed.into()),
    };
    let mut messages = stream::poll_fn(|cx| connection.poll_message(cx));

    // A pooler in transaction mode takes LISTEN and passes nothing on. So say something, over another connection: what is said
    // over this one would come back with the answer, and only that once.
    let echo = format!("{ECHO}{}", Uuid::new_v4().simple());
    let mut greeting = pin!(async {
        let listen = format!("LISTEN {}", L::CHANNEL);
        client.batch_execute(&listen).await?;
        listener.say(&echo).await
    });
    let mut silence = pin!(sleep(2 * patience));
    let (mut has_greeted, mut listens) = (false, false);
    loop {
        tokio::select! {
            answer = &mut greeting, if !has_greeted => match answer {
                Ok(()) => has_greeted = true,
                Err(error) => return error,
            },
            () = &mut silence, if !listens => {
                return StoreError::Unavailable(
                    "no notification arrives, as behind a pooler in transaction mode".into(),
                );
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(said))) => match said.payload() {
                    payload if payload == echo => {
                        listens = true;
                        if listener.hears(true) == Change::News {
                            tracing::debug!("{} are heard of at once", L::WHAT);
                        }
                    }
                    payload if payload.starts_with(ECHO) => {}
                    payload => listener.heard(payload),
                },
                Some(Ok(_)) => {}
                Some(Err(error)) => return error.into(),
                None => return StoreError::Unavailable("the connection was closed".into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_until_a_connection_has_held_for_long() {
        let secs = Duration::from_secs;
        let mut wait = RECONNECT_AFTER;
        for expected in [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0] {
            // It worked each time, and was lost each time.
            wait = longer(wait, secs(2));
            assert_eq!(wait, Duration::from_secs_f64(expected));
        }
        assert_eq!(longer(wait, STEADY_AFTER), RECONNECT_AFTER);
        assert!(longer(wait, STEADY_AFTER - secs(1)) > RECONNECT_AFTER);
    }

    #[test]
    fn servers_that_lost_the_database_at_once_come_back_one_after_the_other() {
        let wait = Duration::from_secs(8);
        assert_eq!(spread(wait, 0), wait / 2);
        assert_eq!(spread(wait, u32::MAX), wait);
        let middle = spread(wait, u32::MAX / 2);
        assert!((5990..6010).contains(&middle.as_millis()), "{middle:?}");
    }
}
