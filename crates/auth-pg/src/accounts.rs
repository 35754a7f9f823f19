use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use auth_core::{Accounts, AccountsUnavailable, Identity, Standing};
use tokio::task::AbortHandle;

use crate::{Chain, LinkMode, UserDb};

mod memory;
mod reach;
mod register;
mod watch;

use self::{memory::Principal, register::Register};
pub(crate) use self::{
    reach::Reach,
    watch::{CHANNEL, MOVED},
};

/// Whether a verified token's user may still come in, asked of PostgreSQL; also gives a new user their anchor row in
/// `app.users`.
///
/// Where `app.users` is linked to Better Auth's `"user"` table (see [`migrate`](crate::migrate())), a user who has been
/// deleted or banned is refused, and so is a token (claim `sid`) whose session is gone, has expired or is another user's.
/// Where Better Auth lives elsewhere, every verified token's user is known from its first request on. In both,
/// [revocations](crate::Revocation) count.
///
/// **A good standing is trusted for less than [`TRUSTED_FOR`](Self::TRUSTED_FOR), counted from before it was asked for.** So no
/// token is served for longer than that after the database says that it should not be, on any replica, whatever else fails.
/// Who is active is asked for again in the background, in one statement for all of them, before that trust ends: they do not
/// wait, and a request of theirs costs no query. When that poll is late or fails, each request asks for itself, and when
/// that fails the answer is [`AccountsUnavailable`].
///
/// A notification (`LISTEN`) makes the poll run at once, so that a refusal usually takes some 30 ms. Nothing relies on it:
/// a pooler that passes none on, or a connection that broke, costs this head start and nothing else.
///
/// It polls over a connection of its own, so that a pool which is busy is not made busier by everybody asking for themselves.
/// Its tasks run on a thread of their own, and end when this is dropped or the pool is closed.
pub struct PgAccounts {
    register: Arc<Register>,
    watch: AbortHandle,
}

/// What [`PgAccounts`] looks at, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountsSettings {
    /// Whether the session that a token names has to be in Better Auth's `session` table. Default [`SessionCheck::Auto`].
    pub sessions: SessionCheck,
    /// Keep a connection of its own that hears of changes at once. `false` where connections are scarce, or where the way
    /// to the database is a pooler that passes no notifications on. Default true.
    pub listen: bool,
    /// How users should be linked to Better Auth's, as [`migrate`](crate::migrate()) is told: a link of another kind is warned
    /// of. `None`, the default, takes any.
    pub link: Option<LinkMode>,
}

/// Whether the session that a token names has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SessionCheck {
    /// Yes, where Better Auth has a `session` table in the linked database. The default.
    #[default]
    Auto,
    /// No: Better Auth keeps sessions elsewhere (`secondaryStorage`) or nowhere, and a table that is there is a left-over.
    Off,
}

/// Whether one thing is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// It is.
    Done,
    /// There is nothing to look at: not linked, or Better Auth has no such table or column.
    Absent,
    /// It is there, and the API's role may not read it; `api-server migrate` grants that.
    NotPermitted,
    /// It is there, and its columns are not named or typed as Better Auth makes them.
    NotUnderstood,
    /// Not wanted.
    Off,
}

/// What [`PgAccounts`] can see, for readiness and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountsStatus {
    /// Whether users are linked to Better Auth's. `None` while the database has not said yet.
    pub linked: Option<bool>,
    /// By which column they are; [`LinkMode::Off`] when they are not. `None` while the database has not said yet.
    pub link: Option<LinkMode>,
    /// Whether that is another column than the one that [`AccountsSettings::link`] wants, or there is a link and none is
    /// wanted. Linked by the wrong column, nobody is found.
    pub link_unwanted: bool,
    /// Whether that link is gone though no [`migrate`](crate::migrate()) has undone it, as when Better Auth's tables are dropped
    /// or restored. Nobody is let in until one has run.
    pub link_lost: bool,
    /// Whether users who were deleted are noticed by the poll. Without it each of them is asked for once a second.
    pub users: Check,
    /// Whether bans are.
    pub bans: Check,
    /// Whether sessions that ended are.
    pub sessions: Check,
    /// Whether changes are heard of at once: a notification has come through.
    pub listening: bool,
    /// Whether the last poll failed, came to an end before it had asked for all, or is overdue: requests ask for themselves
    /// meanwhile.
    pub poll_failing: bool,
    /// Principals in memory.
    pub remembered: usize,
}

impl PgAccounts {
    /// How long a good standing counts: the longest that a token is served after it should not be.
    pub const TRUSTED_FOR: Duration = memory::TRUSTED_FOR;

    /// Starts to ask `db`. Needs no runtime around it, and does not wait for the database.
    pub fn start(db: UserDb, settings: AccountsSettings) -> Self {
        let register = Arc::new(Register::new(db, settings));
        let home = register.beside.home();
        let watch = home.spawn(watch::run(Arc::clone(&register)));
        Self {
            register,
            watch: watch.abort_handle(),
        }
    }

    /// What it can see at the moment.
    pub fn status(&self) -> AccountsStatus {
        self.register.status()
    }
}

impl Accounts for PgAccounts {
    fn standing<'a>(
        &'a self,
        who: &'a Identity,
    ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>> {
        Box::pin(async move {
            if let Some(standing) = self.standing_now(who) {
                return Ok(standing);
            }
            self.register.ask(who).await.map_err(|error| {
                // The guard says "try again later", which does not mend a missing role or grant.
                if !error.is_transient() {
                    tracing::error!(cause = %Chain(error.as_ref()), "accounts cannot be read: a defect, not an outage");
                }
                AccountsUnavailable::new(error)
            })
        })
    }

    fn standing_now(&self, who: &Identity) -> Option<Standing> {
        let memory = &self.register.memory;
        memory.standing(&Principal::from(who), Instant::now())
    }
}

impl Default for AccountsSettings {
    fn default() -> Self {
        Self {
            sessions: SessionCheck::Auto,
            listen: true,
            link: None,
        }
    }
}

impl Drop for PgAccounts {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl fmt::Debug for PgAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgAccounts")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
