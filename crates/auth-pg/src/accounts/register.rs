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
    AccountsSettings, AccountsStatus, CHANNEL, Check,
    memory::{Known, Memory, Principal, TRUSTED_FOR},
    reach::{Reach, standing_of},
};
use crate::{ConstraintKind, LinkMode, Param, StoreError, UserDb};

mod flights;
mod gathering;
mod poll;

pub(super) use self::poll::{Polled, Polls};
use self::{
    flights::{Answer, Asked, Flights},
    gathering::Gathering,
};

/// The memory, the database behind it, and what is known of that: what requests and the poll share.
pub(super) struct Register {
    pub(super) db: UserDb,
    /// The poll's own connection.
    pub(super) beside: UserDb,
    pub(super) settings: AccountsSettings,
    pub(super) memory: Memory,
    pub(super) listening: AtomicBool,
    pub(super) polls: Polls,
    /// Something may have changed: poll.
    pub(super) nudged: Notify,
    /// What the database lets us see may have changed.
    pub(super) moved: AtomicBool,
    reach: RwLock<Option<Arc<Reach>>>,
    /// When it was looked at last; held while looking.
    probed: Mutex<Option<Instant>>,
    flights: Flights,
    gathering: Gathering,
}

/// A statement that fails in a way that another look at the catalog may explain leads to one look in this time.
const PROBES_APART: Duration = Duration::from_secs(1);

/// The same, while none has succeeded yet.
const FIRST_PROBES_APART: Duration = Duration::from_millis(200);

/// In the year 287,000, in seconds.
const LATEST: f64 = 9e12;

/// Nobody would be refused any more, and nobody has said that this is wanted.
const LOST: &str = "users are no longer linked to Better Auth's, and `api-server migrate` has not undone that link: nobody is let in \
                    until it has run";

impl Register {
    pub(super) fn new(db: UserDb, settings: AccountsSettings) -> Self {
        // It fails for want of a thread or of TLS only, and then there is the pool.
        let beside = db
            .beside("drawbridge-accounts", 1)
            .unwrap_or_else(|_| db.clone());
        let start = Instant::now();
        Self {
            db,
            beside,
            settings,
            memory: Memory::new(start),
            listening: AtomicBool::new(false),
            polls: Polls::new(start),
            nudged: Notify::new(),
            moved: AtomicBool::new(false),
            reach: RwLock::default(),
            probed: Mutex::default(),
            flights: Flights::default(),
            gathering: Gathering::default(),
        }
    }

    /// Asks for one, and remembers the answer. Who wants the same answer meanwhile gets that one.
    pub(super) async fn ask(&self, who: &Identity) -> Result<Standing, Arc<StoreError>> {
        let principal = Principal::from(who);
        let answer = self
            .flights
            .answer(&principal, self.ask_for(who, &principal));
        Ok(answer.await?.standing)
    }

    /// With others who have been here lately, where many come at once: one by one they would keep PostgreSQL busy, come too late to
    /// be polled for, and so each have to ask for themselves the next time as well.
    async fn ask_for(&self, who: &Identity, principal: &Principal<'_>) -> Answer {
        let alone = || async { self.ask_alone(who).await.map_err(Arc::new) };
        if let Some(known) = self.memory.anchored_lately(principal, Instant::now()) {
            let together = |batch| self.ask_together(batch);
            match self.gathering.answer(known, alone(), together).await {
                Ok(asked) if !asked.counts_at(Instant::now()) => {}
                // It may be one of the others whom the statement has failed for, or the tables have changed: that one's own tells.
                Err(error) if !error.is_transient() => {}
                answer => return answer,
            }
        }
        alone().await
    }

    /// Asks for all of `batch` in one statement, and answers in their order.
    async fn ask_together(&self, batch: Vec<Arc<Known>>) -> Result<Vec<Asked>, StoreError> {
        let reach = self.reach().filter(|reach| !reach.link_lost);
        let sql = reach.as_deref().and_then(|reach| reach.ask_many.as_deref());
        let sql =
            sql.ok_or_else(|| StoreError::Broken("nobody can be asked for with others".into()))?;
        let began = Instant::now();
        let db = self.db.of_this_worker();
        let found = db.as_role_within(TRUSTED_FOR, async |client| {
            self.ask_for_batch(client, sql, &batch, began).await
        });
        metrics::counter!("accounts_asked_total").increment(1);
        let found = found.await?.ok_or_else(misread)?;
        let asked = |standing| Asked { began, standing };
        Ok(found.into_iter().map(asked).collect())
    }

    async fn ask_alone(&self, who: &Identity) -> Result<Asked, StoreError> {
        let reach = match self.reach() {
            Some(reach) if !reach.link_lost => reach,
            seen => self.probe_unless_done_since(seen.as_ref()).await?,
        };
        let answer = match self.ask_in_time(&reach, who).await {
            // Better Auth's tables may have changed under the statement.
            Err(StoreError::Broken(cause)) => {
                let newer = self.probe_unless_done_since(Some(&reach)).await?;
                match *newer == *reach {
                    true => Err(StoreError::Broken(cause)),
                    false => self.ask_in_time(&newer, who).await,
                }
            }
            answer => answer,
        };
        metrics::counter!("accounts_asked_total").increment(1);
        answer
    }

    /// The statement may have waited, for a lock or a network, and what it saw may be long over. Then once more.
    async fn ask_in_time(&self, reach: &Reach, who: &Identity) -> Result<Asked, StoreError> {
        for _ in 0..2 {
            let asked = self.ask_with(reach, who).await?;
            if asked.counts_at(Instant::now()) {
                return Ok(asked);
            }
        }
        let late = "answers about accounts take longer than they count";
        Err(StoreError::Unavailable(late.into()))
    }

    async fn ask_with(&self, reach: &Reach, who: &Identity) -> Result<Asked, StoreError> {
        if reach.link_lost {
            return Err(StoreError::Unavailable(LOST.into()));
        }
        let principal = Principal::from(who);
        let (session_id, token_id) = (storable(principal.session_id), storable(principal.token_id));
        let issued_at = seconds(&principal);
        let params: [Param<'_>; 3] = [&session_id, &token_id, &issued_at];
        let scope = self.db.of_this_worker().as_user(who);
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
        if standing == Standing::Good {
            self.memory.anchored(&principal, began);
        }
        Ok(Asked { began, standing })
    }

    /// Over the connection beside the pool, which nobody keeps busy, or else, where there is none to be had, over one of the pool's.
    /// When it was time that ran out, more would be worth nothing.
    async fn over_either<T, F>(&self, work: impl Fn(UserDb) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let began = Instant::now();
        match work(self.beside.clone()).await {
            Err(StoreError::Unavailable(_)) if began.elapsed() < TRUSTED_FOR / 2 => {
                work(self.db.clone()).await
            }
            done => done,
        }
    }

    /// Says something to all who listen.
    pub(super) async fn notify(&self, payload: &str) -> Result<(), StoreError> {
        self.over_either(|db| {
            let payload = payload.to_owned();
            async move {
                let said = db.as_role_within(TRUSTED_FOR, async |client| {
                    let params: [(Param<'_>, Type); 2] =
                        [(&CHANNEL, Type::TEXT), (&payload, Type::TEXT)];
                    let sql = "SELECT pg_notify($1, $2)";
                    client.query_typed(sql, &params).await
                });
                said.await.map(drop)
            }
        })
        .await
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
        // Not behind requests that keep the pool busy: the poll comes after it.
        let found = self
            .over_either(|db| async move {
                db.as_role_within(TRUSTED_FOR, async |client| {
                    Reach::probe(client, sessions).await
                })
                .await
            })
            .await;
        *probed = Some(Instant::now());
        let found = found?;
        let before = self.reach();
        if let Some(before) = before
            && *before == found
        {
            return Ok(before);
        }
        if found.link_lost {
            tracing::error!("{LOST}");
        }
        if self.is_unwanted(found.link) {
            tracing::warn!(
                wanted = ?self.settings.link,
                found = ?found.link,
                "users are linked to Better Auth's in another way than the settings say: run `api-server migrate`"
            );
        }
        if let Some(parts) = found.not_understood() {
            tracing::warn!(
                "Better Auth's {parts} are not checked: their columns are not named or typed as Better Auth makes them"
            );
        }
        match found.unreadable() {
            Some(parts) => tracing::warn!(
                "Better Auth's {parts} cannot be checked: the API's role may not read them; run `api-server migrate`"
            ),
            None => tracing::info!(
                link = ?found.link,
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

    /// Where there is no link at all, Better Auth is elsewhere, and that is well.
    fn is_unwanted(&self, link: LinkMode) -> bool {
        link != LinkMode::Off && self.settings.link.is_some_and(|wanted| wanted != link)
    }

    pub(super) fn status(&self) -> AccountsStatus {
        let reach = self.reach();
        let check = |of: fn(&Reach) -> Check| reach.as_deref().map_or(Check::Absent, of);
        AccountsStatus {
            linked: reach.as_deref().map(|reach| reach.link != LinkMode::Off),
            link: reach.as_deref().map(|reach| reach.link),
            link_unwanted: reach
                .as_deref()
                .is_some_and(|reach| self.is_unwanted(reach.link)),
            link_lost: reach.as_deref().is_some_and(|reach| reach.link_lost),
            users: check(|reach| reach.users),
            bans: check(|reach| reach.bans),
            sessions: check(|reach| reach.sessions),
            listening: self.listening.load(Ordering::Relaxed),
            poll_failing: self.polls.failing_at(Instant::now()),
            remembered: self.memory.len(),
        }
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
