use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::Mutex,
    time::{Duration, Instant},
};

use auth_core::{Accounts, AccountsUnavailable, Identity, Standing, UserId};

use crate::{ConstraintKind, StoreError, UserDb};

/// Whether a token's user still exists, asked of PostgreSQL; also gives a new user their anchor row in `app.users`.
///
/// Where `app.users` is linked to Better Auth's `"user"` table (see [`migrate`](crate::migrate())), the foreign key is the
/// check: a user whom Better Auth does not know cannot have an anchor, and deleting the user there deletes the anchor. Where
/// Better Auth lives elsewhere, every verified token's user is known from its first request on.
///
/// A good answer is trusted for [`PgAccounts::TRUSTED_FOR`]; refusals are asked anew each time.
#[derive(Debug)]
pub struct PgAccounts {
    db: UserDb,
    seen: Mutex<HashMap<UserId, Instant>>,
}

impl PgAccounts {
    /// How long a user found is taken to be still there: the longest that a deleted user's token is served.
    pub const TRUSTED_FOR: Duration = Duration::from_secs(1);

    /// Bound of the memory of users found; about 2.5 MiB when full.
    const REMEMBERED: usize = 65_536;

    /// Asks `db`.
    pub fn new(db: UserDb) -> Self {
        Self {
            db,
            seen: Mutex::default(),
        }
    }

    async fn ask(&self, who: &Identity) -> Result<Standing, StoreError> {
        // For a user already there this writes nothing: the conflict is found before a row is made.
        let anchored = self
            .db
            .as_user(who)
            .query(
                "INSERT INTO app.users (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING",
                &[],
            )
            .await;
        match anchored {
            Ok(_) => Ok(Standing::Good),
            Err(StoreError::Constraint {
                kind: ConstraintKind::ForeignKey,
                ..
            }) => Ok(Standing::Unknown),
            Err(error) => Err(error),
        }
    }

    fn trusted(&self, user: UserId, now: Instant) -> bool {
        self.seen.lock().is_ok_and(|seen| {
            seen.get(&user)
                .is_some_and(|at| now - *at < Self::TRUSTED_FOR)
        })
    }

    fn remember(&self, user: UserId, now: Instant) {
        let Ok(mut seen) = self.seen.lock() else {
            return;
        };
        if seen.len() >= Self::REMEMBERED {
            seen.retain(|_, at| now - *at < Self::TRUSTED_FOR);
            if seen.len() >= Self::REMEMBERED {
                seen.clear();
            }
        }
        seen.insert(user, now);
    }
}

impl Accounts for PgAccounts {
    fn standing<'a>(
        &'a self,
        who: &'a Identity,
    ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>> {
        Box::pin(async move {
            // Taken before asking: the trust runs from what was known then.
            let now = Instant::now();
            if self.trusted(who.user_id(), now) {
                return Ok(Standing::Good);
            }
            let standing = self.ask(who).await.map_err(|error| {
                // The guard says "try again later", which does not mend a missing role or grant.
                if !error.is_transient() {
                    tracing::error!(cause = %error, "accounts cannot be read: a defect, not an outage");
                }
                AccountsUnavailable::new(error)
            })?;
            if standing == Standing::Good {
                self.remember(who.user_id(), now);
            }
            Ok(standing)
        })
    }
}
