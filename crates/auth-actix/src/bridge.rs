use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{
    Accounts, AccountsUnavailable, Denied, Identity, Policy, Standing, UnixTime, UntrustedToken,
    Verifier,
};

use crate::feed::KeyFeed;

/// From a token to an [`Identity`]: the policy, the issuer's keys and, where there are any, the
/// accounts behind one question, [`admit`](Self::admit).
///
/// Made once per process; a clone is another handle to the same bridge.
#[derive(Clone)]
pub struct AuthBridge(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    verifier: Verifier,
    feed: KeyFeed,
    accounts: Option<Arc<dyn Accounts>>,
    clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
}

/// Why a request does not get in. [`Problem`](crate::Problem) is made from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There are no bearer credentials.
    #[error("no bearer token")]
    TokenMissing,
    /// There are two or more `Authorization` headers: nobody can say which one counts.
    #[error("more than one authorization header")]
    MultipleCredentials,
    /// The token is not good.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The token is good, and its user has no account any more.
    #[error("the token's user has no account")]
    UserNotFound,
    /// The token is good, and the path names somebody else.
    #[error("the path names another user")]
    UserMismatch,
    /// The issuer's keys cannot be had now, so nothing can be said about the token.
    #[error("the issuer's keys are unavailable")]
    KeysUnavailable {
        /// When it makes sense to try again.
        retry_after: Duration,
    },
    /// The accounts cannot be asked now.
    #[error(transparent)]
    AccountsUnavailable(#[from] AccountsUnavailable),
    /// A handler asks for the user and no guard stands before it.
    #[error("the route has no guard")]
    Unguarded,
    /// A guard that compares the path's user stands before a path that names none.
    #[error("the guard needs a path segment {{user_id}}")]
    Misplaced,
}

impl Refusal {
    /// The reason in one stable `snake_case` word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::MultipleCredentials => "multiple_credentials",
            Self::Denied(denied) => denied.code(),
            Self::UserNotFound => "user_not_found",
            Self::UserMismatch => "user_mismatch",
            Self::KeysUnavailable { .. } => "keys_unavailable",
            Self::AccountsUnavailable(_) => "database_unavailable",
            Self::Unguarded => "unguarded_route",
            Self::Misplaced => "misplaced_guard",
        }
    }

    /// What the client should do: one fixed sentence.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TokenMissing => {
                "Send the JWT that authClient.token() returns in the header Authorization: Bearer."
            }
            Self::MultipleCredentials => "Send exactly one Authorization header.",
            Self::Denied(denied) => denied.hint(),
            Self::UserNotFound => "The account of this token does not exist; sign in again.",
            Self::UserMismatch => "Use your own user id, or 'me', in the path.",
            Self::KeysUnavailable { .. } | Self::AccountsUnavailable(_) => {
                "This is no fault of the request; try again later."
            }
            Self::Unguarded | Self::Misplaced => {
                "This is no fault of the request; the operator finds the cause in the log."
            }
        }
    }
}

impl AuthBridge {
    /// A bridge that trusts every good token.
    #[must_use]
    pub fn new(policy: Policy, feed: KeyFeed) -> Self {
        Self(Arc::new(Parts {
            verifier: Verifier::new(policy),
            feed,
            accounts: None,
            clock: Arc::new(|| SystemTime::now().into()),
        }))
    }

    /// Also asks whether the token's user still has an account in good standing.
    #[must_use]
    pub fn with_accounts(self, accounts: Arc<dyn Accounts>) -> Self {
        self.with(|parts| parts.accounts = Some(accounts))
    }

    /// Tells tokens the time by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.with(|parts| parts.clock = Arc::new(clock))
    }

    /// The feed of the issuer's keys.
    #[must_use]
    pub fn feed(&self) -> &KeyFeed {
        &self.0.feed
    }

    /// Admits whoever sends this token, or says why not.
    ///
    /// A token that could not be good whatever the keys are is refused before any key is looked
    /// for. A known key never waits; an unknown one waits for the issuer as long as the feed's
    /// `wait` says.
    ///
    /// # Errors
    /// [`Refusal::Denied`], [`Refusal::KeysUnavailable`], [`Refusal::AccountsUnavailable`] and
    /// [`Refusal::UserNotFound`].
    pub async fn admit(&self, token: &str) -> Result<Identity, Refusal> {
        let Parts {
            verifier,
            feed,
            accounts,
            clock,
        } = &*self.0;
        let token = UntrustedToken::parse(token)?;
        verifier.screen(&token)?;
        let keys = feed.ring_for(token.key_id()).await?;
        let identity = verifier.verify(&token, &keys.ring, clock())?;
        match accounts {
            None => Ok(identity),
            Some(accounts) => match accounts.standing(&identity).await? {
                Standing::Good => Ok(identity),
                // A standing that this crate does not know yet is not a good one.
                _ => Err(Refusal::UserNotFound),
            },
        }
    }

    fn with(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }
}

impl fmt::Debug for AuthBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthBridge")
            .field("policy", self.0.verifier.policy())
            .field("feed", &self.0.feed)
            .field("accounts", &self.0.accounts)
            .finish_non_exhaustive()
    }
}
