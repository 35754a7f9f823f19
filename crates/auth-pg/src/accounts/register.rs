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
        if let Some(reach) = self.reach() {
            let is_newer = seen.is_none_or(|seen| !Arc::ptr_eq(seen, &reach));
            if is_newer || probed.is_some_and(|at| at.elapsed() < PROBES_APART) {
                return Ok(reach);
            }
        }
        self.look(&mut probed).await
    }

    async fn look(&self, probed: &mut Option<Instant>) -> Result<Arc<Reach>, StoreError> {
        let sessions = self.settings.sessions;
        let found = self
            .db
            .as_role(async |client| Reach::probe(client, sessions).await)
            .await?;
        *probed = Some(Instant::now());
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
    // Exact for any time that a token can mean: f64 counts milliseconds beyond the year 280,000.
    who.issued_at.map(|at| at.as_millis() as f64 / 1000.0)
}

fn read_letters(letters: &str) -> Option<Vec<Standing>> {
    letters.bytes().map(standing_of).collect()
}

fn misread() -> StoreError {
    StoreError::Broken("the database's answer about accounts makes no sense".into())
}

#[cfg(test)]
mod tests {
    use test_kit::{Contents, TestDatabase};
    use uuid::Uuid;

    use super::*;
    use crate::PoolSettings;

    struct Crowd {
        register: Register,
        database: TestDatabase,
        ids: Vec<(Uuid, String, String)>,
    }

    impl Crowd {
        /// So many users with a session each, all taken for good a moment ago.
        async fn of(many: u128) -> Self {
            let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
            let settings = PoolSettings::new(&database.url()).unwrap();
            let db = UserDb::connect(&settings).unwrap();
            let sql = format!(
                r#"INSERT INTO auth."user" (id, name, email, "emailVerified", uuid)
                   SELECT 'u' || n, 'n', 'u' || n, true, lpad(to_hex(n), 32, '0')::uuid FROM generate_series(1, {many}) n;
                   INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt")
                   SELECT 's' || n, 't' || n, 'u' || n, now() + interval '1 day', now() FROM generate_series(1, {many}) n;
                   ANALYZE"#
            );
            database.admin().await.batch_execute(&sql).await.unwrap();
            let id = |n: u128| (Uuid::from_u128(n), format!("s{n}"), format!("j{n}"));
            Self {
                register: Register::new(db, AccountsSettings::default()),
                database,
                ids: (1..=many).map(id).collect(),
            }
        }

        fn principal(&self, place: usize) -> Principal<'_> {
            let (user_id, session_id, token_id) = &self.ids[place];
            Principal {
                user_id: *user_id,
                session_id: Some(session_id),
                token_id: Some(token_id),
                issued_at: Some(auth_core::UnixTime::from_secs(1_790_000_000)),
            }
        }

        fn all_good(&self) {
            let now = Instant::now();
            for place in 0..self.ids.len() {
                let who = self.principal(place);
                self.register.memory.learn(&who, now, Standing::Good);
            }
        }
    }

    #[tokio::test]
    async fn each_of_thousands_in_a_poll_gets_their_own_standing() {
        let crowd = Crowd::of(3500).await;
        // By what is left of their number after division by seven.
        let fates = r#"
            DELETE FROM auth."user" WHERE substr(id, 2)::int % 7 = 1;
            UPDATE auth."user" SET banned = true WHERE substr(id, 2)::int % 7 = 2;
            DELETE FROM auth.session WHERE substr(id, 2)::int % 7 = 3;
            UPDATE auth.session SET "userId" = 'u' || substr(id, 2)::int + 2 WHERE substr(id, 2)::int % 7 = 4;
            INSERT INTO app.revocations (kind, user_id, not_before)
              SELECT 'user', uuid, now() FROM auth."user" WHERE substr(id, 2)::int % 7 = 5;
            INSERT INTO app.revocations (kind, token_id)
              SELECT 'token', 'j' || substr(id, 2) FROM auth."user" WHERE substr(id, 2)::int % 7 = 6"#;
        let admin = crowd.database.admin().await;
        admin.batch_execute(fates).await.unwrap();

        crowd.all_good();
        assert_eq!(crowd.register.poll().await.unwrap(), 3500);
        for place in 0..crowd.ids.len() {
            let expected = match (place + 1) % 7 {
                0 => Standing::Good,
                1 => Standing::Unknown,
                2 => Standing::Banned,
                3 | 4 => Standing::SignedOut,
                _ => Standing::Revoked,
            };
            let found = crowd
                .register
                .memory
                .standing(&crowd.principal(place), Instant::now());
            // What was found a while ago on a slow machine may count no more, and is never another's.
            assert!(
                found.is_none_or(|found| found == expected),
                "{place}: {found:?}"
            );
        }
        assert_eq!(crowd.register.poll().await.unwrap(), 500);
    }

    #[tokio::test]
    #[ignore = "a measurement: cargo test --release -p auth-pg poll_costs -- --ignored --nocapture"]
    #[expect(clippy::print_stderr, reason = "its result is for people")]
    async fn what_a_poll_costs_when_ten_thousand_are_active() {
        let crowd = Crowd::of(10_000).await;
        crowd.all_good();
        for round in 0..8 {
            let began = Instant::now();
            let asked = crowd.register.poll().await.unwrap();
            eprintln!("round {round}: {asked} principals in {:?}", began.elapsed());
            for place in 0..crowd.ids.len() {
                let who = crowd.principal(place);
                let _ = crowd.register.memory.standing(&who, Instant::now());
            }
        }
    }

    #[test]
    fn an_answer_with_a_letter_that_means_nothing_is_no_answer() {
        let all = [
            Standing::Good,
            Standing::Unknown,
            Standing::Banned,
            Standing::SignedOut,
            Standing::Revoked,
        ];
        assert_eq!(read_letters("GUBSR"), Some(all.to_vec()));
        for letters in ["g", "G ", "GX", "Gé"] {
            assert_eq!(read_letters(letters), None, "{letters}");
        }
    }
}
