use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use auth_core::{Identity, Standing};
use tokio::sync::{Mutex, Notify};
use tokio_postgres::types::Type;

use super::{
    AccountsSettings, AccountsStatus, Check,
    memory::{Known, Memory, Principal, TRUSTED_FOR},
    reach::{Reach, standing_of},
};
use crate::{ConstraintKind, Param, StoreError, UserDb};

/// The memory, the database behind it, and what is known of that: what requests and the poll share.
pub(super) struct Register {
    pub(super) db: UserDb,
    /// The poll's own connection.
    pub(super) beside: UserDb,
    pub(super) settings: AccountsSettings,
    pub(super) memory: Memory,
    pub(super) listening: AtomicBool,
    pub(super) poll_failing: AtomicBool,
    /// Something may have changed: poll.
    pub(super) nudged: Notify,
    /// What the database lets us see may have changed.
    pub(super) moved: AtomicBool,
    reach: RwLock<Option<Arc<Reach>>>,
    /// When it was looked at last; held while looking.
    probed: Mutex<Option<Instant>>,
}

/// How many principals one statement asks for. The planner looks at each of them, and a larger batch has it read whole tables.
const BATCH: usize = 1000;

/// A statement that fails in a way that another look at the catalog may explain leads to one look in this time.
const PROBES_APART: Duration = Duration::from_secs(1);

/// The same, while none has succeeded yet.
const FIRST_PROBES_APART: Duration = Duration::from_millis(200);

/// In the year 287,000, in seconds.
const LATEST: f64 = 9e12;

impl Register {
    pub(super) fn new(db: UserDb, settings: AccountsSettings) -> Self {
        // It fails for want of a thread or of TLS only, and then there is the pool.
        let beside = db.beside().unwrap_or_else(|_| db.clone());
        Self {
            db,
            beside,
            settings,
            memory: Memory::new(Instant::now()),
            listening: AtomicBool::new(false),
            poll_failing: AtomicBool::new(false),
            nudged: Notify::new(),
            moved: AtomicBool::new(false),
            reach: RwLock::default(),
            probed: Mutex::default(),
        }
    }

    /// Asks for one, and remembers the answer.
    pub(super) async fn ask(&self, who: &Identity) -> Result<Standing, StoreError> {
        let reach = match self.reach() {
            Some(reach) => reach,
            None => self.probe_unless_done_since(None).await?,
        };
        let answer = match self.ask_with(&reach, who).await {
            // Better Auth's tables may have changed under the statement.
            Err(StoreError::Broken(cause)) => {
                let newer = self.probe_unless_done_since(Some(&reach)).await?;
                match *newer == *reach {
                    true => Err(StoreError::Broken(cause)),
                    false => self.ask_with(&newer, who).await,
                }
            }
            answer => answer,
        };
        metrics::counter!("accounts_asked_total").increment(1);
        answer
    }

    async fn ask_with(&self, reach: &Reach, who: &Identity) -> Result<Standing, StoreError> {
        let principal = Principal::from(who);
        let (session_id, token_id) = (storable(principal.session_id), storable(principal.token_id));
        let issued_at = seconds(&principal);
        let params: [Param<'_>; 3] = [&session_id, &token_id, &issued_at];
        let scope = self.db.as_user(who);
        let began = Instant::now();
        let standing = match scope.query_opt(&reach.ask_one, &params).await {
            Ok(Some(row)) => read_letters(row.try_get(0)?)
                .filter(|standings| standings.len() == 1)
                .and_then(|standings| standings.first().copied())
                .ok_or_else(misread)?,
            Ok(None) => return Err(misread()),
            // Deleted in this very moment, or where the poll may not look.
            Err(StoreError::Constraint {
                kind: ConstraintKind::ForeignKey,
                ..
            }) => Standing::Unknown,
            Err(error) => return Err(error),
        };
        self.memory.learn(&principal, began, standing);
        Ok(standing)
    }

    /// Asks again for all who are active, and gives their number.
    pub(super) async fn poll(&self) -> Result<usize, StoreError> {
        let active = self.memory.active(Instant::now());
        if active.is_empty() {
            return Ok(0);
        }
        let reach = match self.reach() {
            Some(reach) => reach,
            None => self.probe_unless_done_since(None).await?,
        };
        let Some(sql) = &reach.ask_many else {
            return Ok(0);
        };
        let began = Instant::now();
        let polled = match self.poll_over(&self.beside, sql, &active).await {
            // Where there is no connection to be had beside the pool's. When it was time that ran out, more would be worth nothing.
            Err(StoreError::Unavailable(_)) if began.elapsed() < TRUSTED_FOR / 2 => {
                self.poll_over(&self.db, sql, &active).await
            }
            polled => polled,
        };
        if let Err(StoreError::Broken(_)) = &polled {
            self.probe_unless_done_since(Some(&reach)).await?;
        }
        polled.map(|()| active.len())
    }

    async fn poll_over(
        &self,
        db: &UserDb,
        sql: &str,
        active: &[Arc<Known>],
    ) -> Result<(), StoreError> {
        // An answer that takes longer is worth nothing when it comes.
        let polled = db.as_role_within(TRUSTED_FOR, async |client| {
            for batch in active.chunks(BATCH) {
                let columns = Columns::of(batch);
                let began = Instant::now();
                let row = client.query_typed(sql, &columns.params()).await?;
                let letters: &str = row.first().map_or(Ok(""), |row| row.try_get(0))?;
                // One for each, or none at all: the order is all that ties them together.
                let Some(found) = read_letters(letters).filter(|found| found.len() == batch.len())
                else {
                    return Ok(false);
                };
                for (known, found) in batch.iter().zip(found) {
                    self.memory.learn_of(known, began, found);
                }
            }
            Ok(true)
        });
        match polled.await? {
            true => Ok(()),
            false => Err(misread()),
        }
    }

    pub(super) fn reach(&self) -> Option<Arc<Reach>> {
        self.reach.read().ok()?.clone()
    }

    /// Looks at what the database lets us see.
    pub(super) async fn probe(&self) -> Result<Arc<Reach>, StoreError> {
        let mut probed = self.probed.lock().await;
        self.look(&mut probed).await
    }

    /// The same, unless somebody has looked since `seen` was found, or just now.
    async fn probe_unless_done_since(
        &self,
        seen: Option<&Arc<Reach>>,
    ) -> Result<Arc<Reach>, StoreError> {
        let mut probed = self.probed.lock().await;
        let within = |time| probed.is_some_and(|at| at.elapsed() < time);
        match self.reach() {
            Some(reach) if seen.is_none_or(|seen| !Arc::ptr_eq(seen, &reach)) => Ok(reach),
            Some(reach) if within(PROBES_APART) => Ok(reach),
            // Those who have waited behind one that failed do not each wait for another.
            None if within(FIRST_PROBES_APART) => Err(StoreError::Unavailable(
                "what can be checked of accounts could not be looked up a moment ago".into(),
            )),
            _ => self.look(&mut probed).await,
        }
    }

    async fn look(&self, probed: &mut Option<Instant>) -> Result<Arc<Reach>, StoreError> {
        let sessions = self.settings.sessions;
        let found = self
            .db
            .as_role(async |client| Reach::probe(client, sessions).await)
            .await;
        *probed = Some(Instant::now());
        let found = found?;
        let before = self.reach();
        if let Some(before) = before
            && *before == found
        {
            return Ok(before);
        }
        match found.unreadable() {
            Some(parts) => tracing::warn!(
                "Better Auth's {parts} cannot be checked: the API's role may not read them; run `api-server migrate`"
            ),
            None => tracing::info!(
                linked = found.linked,
                bans = ?found.bans,
                sessions = ?found.sessions,
                "accounts are checked"
            ),
        }
        let found = Arc::new(found);
        if let Ok(mut reach) = self.reach.write() {
            *reach = Some(Arc::clone(&found));
        }
        Ok(found)
    }

    pub(super) fn status(&self) -> AccountsStatus {
        let reach = self.reach();
        let check = |of: fn(&Reach) -> Check| reach.as_deref().map_or(Check::Absent, of);
        AccountsStatus {
            linked: reach.as_deref().map(|reach| reach.linked),
            users: check(|reach| reach.users),
            bans: check(|reach| reach.bans),
            sessions: check(|reach| reach.sessions),
            listening: self.listening.load(Ordering::Relaxed),
            poll_failing: self.poll_failing.load(Ordering::Relaxed),
            remembered: self.memory.len(),
        }
    }
}

/// Principals as arrays, one for each of their parts.
struct Columns<'a> {
    user_ids: Vec<uuid::Uuid>,
    session_ids: Vec<Option<&'a str>>,
    token_ids: Vec<Option<&'a str>>,
    issued_ats: Vec<Option<f64>>,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a [Arc<Known>]) -> Self {
        let all = || batch.iter().map(|known| known.principal());
        Self {
            user_ids: all().map(|who| who.user_id).collect(),
            session_ids: all().map(|who| storable(who.session_id)).collect(),
            token_ids: all().map(|who| storable(who.token_id)).collect(),
            issued_ats: all().map(|who| seconds(&who)).collect(),
        }
    }

    fn params(&self) -> [(Param<'_>, Type); 4] {
        [
            (&self.user_ids, Type::UUID_ARRAY),
            (&self.session_ids, Type::TEXT_ARRAY),
            (&self.token_ids, Type::TEXT_ARRAY),
            (&self.issued_ats, Type::FLOAT8_ARRAY),
        ]
    }
}

/// PostgreSQL has no text with a NUL in it, so nothing there is called so: it is asked for by a name that nothing has.
fn storable(id: Option<&str>) -> Option<&str> {
    id.map(|id| if id.contains('\0') { "" } else { id })
}

fn seconds(who: &Principal<'_>) -> Option<f64> {
    // Exact for any time that a token can mean. What is later is as good as the last one: it is after every moment that
    // somebody means, and PostgreSQL's time ends soon after it.
    who.issued_at
        .map(|at| (at.as_millis() as f64 / 1000.0).min(LATEST))
}

fn read_letters(letters: &str) -> Option<Vec<Standing>> {
    letters.bytes().map(standing_of).collect()
}

fn misread() -> StoreError {
    StoreError::Broken("the database's answer about accounts makes no sense".into())
}

#[cfg(test)]
mod tests;
