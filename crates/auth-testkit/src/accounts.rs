use std::collections::{HashMap, HashSet};
use std::future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::{Accounts, AccountsUnavailable, Identity, Standing, UnixTime};
use uuid::Uuid;

use crate::token::now;

/// Accounts in memory, for servers whose tests run without a database: everybody who comes with a
/// good token is known and welcome until the test says otherwise. Clones are the same accounts.
///
/// ```
/// use auth_core::{Accounts, Standing};
/// use auth_testkit::{FakeAccounts, identity_of};
/// use uuid::Uuid;
///
/// let (alice, bob) = (Uuid::from_u128(0xA11CE), Uuid::from_u128(0xB0B));
/// let accounts = FakeAccounts::new();
/// accounts.ban(bob);
/// assert_eq!(accounts.standing_now(&identity_of(alice)), Some(Standing::Good));
/// assert_eq!(accounts.standing_now(&identity_of(bob)), Some(Standing::Banned));
/// accounts.go_down();
/// assert_eq!(accounts.standing_now(&identity_of(alice)), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct FakeAccounts(Arc<Mutex<State>>);

impl FakeAccounts {
    /// Accounts of everybody, all in good standing, with the answer at hand at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// This user is banned.
    pub fn ban(&self, user: Uuid) {
        self.state().users.insert(user, Standing::Banned);
    }

    /// This user has deleted their account.
    pub fn delete(&self, user: Uuid) {
        self.state().users.insert(user, Standing::Unknown);
    }

    /// This user is in good standing again.
    pub fn restore(&self, user: Uuid) {
        self.state().users.remove(&user);
    }

    /// This session (claim `sid`) has ended.
    pub fn sign_out(&self, session_id: &str) {
        self.state().ended_sessions.insert(session_id.into());
    }

    /// What was minted for this user until now is revoked: every token whose `iat` lies before this
    /// moment, or that has none.
    pub fn revoke_all_of(&self, user: Uuid) {
        self.revoke_before(user, now());
    }

    /// What was minted for this user before `time` is revoked, and every token without `iat`.
    pub fn revoke_before(&self, user: Uuid, time: UnixTime) {
        self.state().not_before.insert(user, time);
    }

    /// The token with this `jti` is revoked.
    pub fn revoke_token(&self, token_id: &str) {
        self.state().revoked_tokens.insert(token_id.into());
    }

    /// Nobody can be asked from now on: [`AccountsUnavailable`].
    pub fn go_down(&self) {
        self.state().down = true;
    }

    /// They can be asked again.
    pub fn come_back(&self) {
        self.state().down = false;
    }

    /// No answer is at hand from now on: each is given after this time, as from a database.
    /// [`Duration::ZERO`] still is one that has to be awaited.
    pub fn answer_after(&self, delay: Duration) {
        self.state().delay = Some(delay);
    }

    /// Every answer is at hand again.
    pub fn answer_at_once(&self) {
        self.state().delay = None;
    }

    /// How often they have been asked, either way.
    pub fn questions(&self) -> usize {
        self.state().questions
    }

    // A test that panicked while it held the lock has said so already.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts for FakeAccounts {
    fn standing<'a>(
        &'a self,
        who: &'a Identity,
    ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>> {
        let delay = {
            let mut state = self.state();
            state.questions += 1;
            state.delay
        };
        match delay {
            None => Box::pin(future::ready(self.state().of(who))),
            Some(delay) => Box::pin(async move {
                actix_rt::time::sleep(delay).await;
                self.state().of(who)
            }),
        }
    }

    fn standing_now(&self, who: &Identity) -> Option<Standing> {
        let mut state = self.state();
        if state.delay.is_some() || state.down {
            return None;
        }
        state.questions += 1;
        state.of(who).ok()
    }
}

#[derive(Debug, Default)]
struct State {
    users: HashMap<Uuid, Standing>,
    ended_sessions: HashSet<String>,
    revoked_tokens: HashSet<String>,
    not_before: HashMap<Uuid, UnixTime>,
    down: bool,
    delay: Option<Duration>,
    questions: usize,
}

impl State {
    fn of(&self, who: &Identity) -> Result<Standing, AccountsUnavailable> {
        if self.down {
            return Err(AccountsUnavailable::new("a test took the accounts down"));
        }
        let user = who.user_id().as_uuid();
        if let Some(standing) = self.users.get(&user) {
            return Ok(*standing);
        }
        let is_in = |ids: &HashSet<String>, id: Option<&str>| id.is_some_and(|id| ids.contains(id));
        if is_in(&self.ended_sessions, who.session_id()) {
            return Ok(Standing::SignedOut);
        }
        let is_too_old = self.not_before.get(&user).is_some_and(|begin| {
            let issued_at = who.issued_at();
            issued_at.is_none_or(|issued_at| issued_at < *begin)
        });
        Ok(
            match is_too_old || is_in(&self.revoked_tokens, who.token_id()) {
                true => Standing::Revoked,
                false => Standing::Good,
            },
        )
    }
}
