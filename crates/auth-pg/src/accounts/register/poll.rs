use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use auth_core::Standing;
use tokio_postgres::{Client, types::Type};
use uuid::Uuid;

use super::{Register, misread, read_letters, seconds, storable};
use crate::{
    Param, StoreError, UserDb,
    accounts::memory::{Known, TRUSTED_FOR},
};

/// How the polls go.
pub(in crate::accounts) struct Polls {
    start: Instant,
    /// When the last good one ended, in microseconds since `start`.
    well_at: AtomicU64,
    failing: AtomicBool,
}

/// How far a poll has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::accounts) struct Polled {
    /// So many principals were asked for.
    pub(in crate::accounts) asked: usize,
    /// So many were not: the time was over. They come first in the next one.
    pub(in crate::accounts) left: usize,
}

/// No poll has been good for so long: something is wrong, even if nobody says so.
const OVERDUE: Duration = Duration::from_secs(3);

/// How many principals one statement asks for. The planner looks at each of them, and a larger batch has it read whole tables.
pub(super) const BATCH: usize = 1000;

impl Register {
    /// Asks again for all who are active.
    pub(in crate::accounts) async fn poll(&self) -> Result<Polled, StoreError> {
        let active = self.memory.active(Instant::now());
        let nobody = Polled { asked: 0, left: 0 };
        if active.is_empty() {
            return self.well_again().await.map(|()| nobody);
        }
        let reach = match self.reach() {
            Some(reach) => reach,
            None => self.probe_unless_done_since(None).await?,
        };
        let Some(sql) = &reach.ask_many else {
            return self.well_again().await.map(|()| nobody);
        };
        let all = &active;
        let polled = self
            .over_either(|db| async move { self.poll_over(&db, sql, all).await })
            .await;
        if let Err(StoreError::Broken(_)) = &polled {
            self.probe_unless_done_since(Some(&reach)).await?;
        }
        polled.map(|asked| Polled {
            asked,
            left: active.len() - asked,
        })
    }

    /// Asks for `all` in their order as long as answers are of use, and gives how many that were.
    async fn poll_over(
        &self,
        db: &UserDb,
        sql: &str,
        all: &[Arc<Known>],
    ) -> Result<usize, StoreError> {
        let mut asked = 0;
        // An answer that takes longer is worth nothing when it comes.
        let polled = db.as_role_within(TRUSTED_FOR, async |client| {
            let start = Instant::now();
            let mut longest = Duration::ZERO;
            for batch in all.chunks(BATCH) {
                let began = Instant::now();
                // What would be cut off is not begun.
                if began - start + longest > TRUSTED_FOR.mul_f32(0.9) {
                    break;
                }
                let found = self.ask_for_batch(client, sql, batch, began).await?;
                if found.is_none() {
                    return Ok(false);
                }
                asked += batch.len();
                longest = longest.max(began.elapsed());
            }
            Ok(true)
        });
        match polled.await {
            Ok(true) => Ok(asked),
            Ok(false) => Err(misread()),
            // Cut off all the same: what has been answered has been learned.
            Err(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)) if asked > 0 => {
                Ok(asked)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for all of `batch` and remembers what was found. `None` where the answer makes no sense.
    pub(super) async fn ask_for_batch(
        &self,
        client: &Client,
        sql: &str,
        batch: &[Arc<Known>],
        began: Instant,
    ) -> Result<Option<Vec<Standing>>, tokio_postgres::Error> {
        let columns = Columns::of(batch);
        let row = client.query_typed(sql, &columns.params()).await?;
        let letters: &str = row.first().map_or(Ok(""), |row| row.try_get(0))?;
        // One for each, or none at all: the order is all that ties them together.
        let found = read_letters(letters).filter(|found| found.len() == batch.len());
        for (known, found) in batch.iter().zip(found.iter().flatten()) {
            self.memory.learn_of(known, began, *found);
        }
        Ok(found)
    }

    /// Where nobody is to be asked for, the database is asked only for whether it is back.
    async fn well_again(&self) -> Result<(), StoreError> {
        if !self.polls.failing_at(Instant::now()) {
            return Ok(());
        }
        self.over_either(|db| async move { db.as_role_within(TRUSTED_FOR, async |_| Ok(())).await })
            .await
    }
}

impl Polls {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            well_at: AtomicU64::new(0),
            failing: AtomicBool::new(false),
        }
    }

    /// One was good. Whether that is news.
    pub(in crate::accounts) fn went_well(&self, now: Instant) -> bool {
        self.well_at.store(self.micros(now), Ordering::Relaxed);
        self.failing.swap(false, Ordering::Relaxed)
    }

    /// One was not. Whether that is news.
    pub(in crate::accounts) fn failed(&self) -> bool {
        !self.failing.swap(true, Ordering::Relaxed)
    }

    /// The last one failed, or there should have been another long ago.
    pub(super) fn failing_at(&self, now: Instant) -> bool {
        let since = self
            .micros(now)
            .saturating_sub(self.well_at.load(Ordering::Relaxed));
        self.failing.load(Ordering::Relaxed) || u128::from(since) > OVERDUE.as_micros()
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.start);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}

/// Principals as arrays, one for each of their parts.
pub(super) struct Columns<'a> {
    user_ids: Vec<Uuid>,
    session_ids: Vec<Option<&'a str>>,
    token_ids: Vec<Option<&'a str>>,
    issued_ats: Vec<Option<f64>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(batch: &'a [Arc<Known>]) -> Self {
        let all = || batch.iter().map(|known| known.principal());
        Self {
            user_ids: all().map(|who| who.user_id).collect(),
            session_ids: all().map(|who| storable(who.session_id)).collect(),
            token_ids: all().map(|who| storable(who.token_id)).collect(),
            issued_ats: all().map(|who| seconds(&who)).collect(),
        }
    }

    pub(super) fn params(&self) -> [(Param<'_>, Type); 4] {
        [
            (&self.user_ids, Type::UUID_ARRAY),
            (&self.session_ids, Type::TEXT_ARRAY),
            (&self.token_ids, Type::TEXT_ARRAY),
            (&self.issued_ats, Type::FLOAT8_ARRAY),
        ]
    }
}
