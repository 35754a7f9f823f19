use std::{fmt, time::Duration};

use tokio::{task::AbortHandle, time::sleep};
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::{Chain, ChangeFeed, Param, StoreError, UserDb};

/// Something that is done for users without a request of theirs, again and again: what is due becomes an event, what is over is
/// deleted.
///
/// It is a function of the schema that looks for what is due among all users, does one thing, and gives whose data it has changed
/// (one column of UUIDs). It runs with rights of its own (`SECURITY DEFINER`), as requests see one user's rows only; and it has to
/// be written so that any number of servers may call it at once.
#[derive(Debug, Clone)]
pub struct Chore {
    name: &'static str,
    sql: &'static str,
    params: Vec<f64>,
    every: Duration,
}

impl Chore {
    /// A chore of this name, for the log, done this often by this statement.
    pub fn new(name: &'static str, every: Duration, sql: &'static str) -> Self {
        Self {
            name,
            sql,
            params: Vec::new(),
            every,
        }
    }

    /// The next parameter of the statement: a time, in seconds.
    #[must_use]
    pub fn seconds(mut self, time: Duration) -> Self {
        self.params.push(time.as_secs_f64());
        self
    }
}

/// Who does the chores; stops when this is dropped.
pub struct Chores {
    running: Vec<AbortHandle>,
}

/// As long as a statement may take; what it has not come to is left to the next time.
const WITHIN: Duration = Duration::from_secs(60);

impl Chores {
    /// Does these chores over `db`, and tells `feed` whose data they have changed. Needs no runtime around it.
    pub fn start(db: &UserDb, feed: &ChangeFeed, chores: Vec<Chore>) -> Self {
        let home = db.home();
        let start = |chore: Chore| {
            let (db, feed) = (db.clone(), feed.clone());
            home.spawn(async move { again_and_again(&db, &feed, &chore).await })
                .abort_handle()
        };
        Self {
            running: chores.into_iter().map(start).collect(),
        }
    }
}

async fn again_and_again(db: &UserDb, feed: &ChangeFeed, chore: &Chore) {
    let mut failing = false;
    while !db.is_closed() {
        // Not all servers at the same moment.
        let part = 0.5 + Uuid::new_v4().as_u128() as u32 as f64 / f64::from(u32::MAX);
        sleep(chore.every.mul_f64(part)).await;
        match do_once(db, chore).await {
            Ok(changed) => {
                if failing {
                    tracing::info!(chore = chore.name, "done again");
                }
                failing = false;
                if !changed.is_empty() {
                    metrics::counter!("chores_users_total", "chore" => chore.name)
                        .increment(changed.len() as u64);
                }
                changed.into_iter().for_each(|user| feed.touch_id(user));
            }
            Err(error) if !failing && !db.is_closed() => {
                failing = true;
                tracing::warn!(chore = chore.name, cause = %Chain(&error), "cannot be done; tried again");
            }
            Err(_) => {}
        }
    }
}

async fn do_once(db: &UserDb, chore: &Chore) -> Result<Vec<Uuid>, StoreError> {
    let done = db.as_role_within(WITHIN, async |client| {
        let params: Vec<(Param<'_>, Type)> = chore
            .params
            .iter()
            .map(|value| (value as Param<'_>, Type::FLOAT8))
            .collect();
        client.query_typed(chore.sql, &params).await
    });
    let rows = done.await?;
    let users = rows.iter().map(|row| row.try_get(0));
    Ok(users.collect::<Result<_, _>>()?)
}

impl Drop for Chores {
    fn drop(&mut self) {
        self.running.iter().for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for Chores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chores").finish_non_exhaustive()
    }
}
