use std::time::Duration;

use auth_core::{AccountsUnavailable, ClaimsMismatch, Denied};

use crate::complaint;

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
    /// The token is good, and its user is banned.
    #[error("the token's user is banned")]
    UserBanned,
    /// The token is good, and the session that it was minted for has ended.
    #[error("the token's session has ended")]
    SignedOut,
    /// The token was good and has been revoked.
    #[error("the token is revoked")]
    TokenRevoked,
    /// The token is good, and the path names somebody else.
    #[error("the path names another user")]
    UserMismatch,
    /// The token is good, and its issuer's users have no business here.
    #[error("the token's issuer is not let in here")]
    IssuerNotAllowed,
    /// The token is good, and its user has none of the roles that this needs.
    #[error("the user has no role of {expected}")]
    RoleMissing {
        /// The roles of which one would do, separated by commas.
        expected: String,
    },
    /// The token is good, and was not given the scope that this needs.
    #[error("the token lacks a scope of those needed: {expected}")]
    ScopeMissing {
        /// All scopes that this needs, separated by spaces.
        expected: String,
    },
    /// The token is good, and was minted too long ago for this, or does not say when.
    #[error("the token is not fresh: minted {age:?} ago, at most {max_age:?} will do")]
    TokenNotFresh {
        /// How long ago it was minted, when it says so.
        age: Option<Duration>,
        /// How long ago it may have been minted.
        max_age: Duration,
    },
    /// The token is good, and its claims do not fit the type that a handler asks for.
    #[error(transparent)]
    ClaimsMismatch(#[from] ClaimsMismatch),
    /// The issuer's keys cannot be had now, so nothing can be said about the token.
    #[error("the issuer's keys are unavailable")]
    KeysUnavailable {
        /// When it makes sense to try again.
        retry_after: Duration,
    },
    /// The accounts cannot be asked now.
    #[error(transparent)]
    AccountsUnavailable(#[from] AccountsUnavailable),
    /// The token is good, and its user asks too often.
    #[error("the user asks too often")]
    RateLimited {
        /// When one more request will do.
        retry_after: Duration,
    },
    /// Too many bad tokens came from this address; this one was not looked at.
    #[error("too many bad tokens from this address")]
    TooManyFailures {
        /// When one more token is looked at.
        retry_after: Duration,
    },
    /// A handler or a [`Require`](crate::Require) asks for the user and no guard stands before it.
    #[error("a user is asked for on a route without a guard")]
    Unguarded,
    /// A guard that compares the path's user stands before a path that names none.
    #[error("the guard needs a path segment {{user_id}}")]
    Misplaced,
}

impl Refusal {
    /// The reason in one stable `snake_case` word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().code
    }

    /// What the client should do: one fixed sentence.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.kind().remedy
    }

    /// Tells the log, once for each request that is refused: on the span, and as an event. What is
    /// wrong with a route is an error the first time.
    pub(crate) fn report(&self, route: Option<&str>) {
        let code = self.code();
        tracing::Span::current().record("deny.code", code);
        match self {
            Self::Unguarded | Self::Misplaced if complaint::is_new(code, route) => {
                tracing::error!(deny.code = code, route, "{self}");
            }
            _ => tracing::debug!(deny.code = code, route, "request refused: {self}"),
        }
    }
}
