use std::error::Error;
use std::fmt;
use std::pin::Pin;

use crate::Identity;

/// Where the accounts live: answers whether a verified user may still come in.
///
/// A token is good until it expires, whatever happens to its user meanwhile. A resource server
/// that can see the accounts asks this port after the token passed. It is a port: this crate
/// knows no database, an adapter elsewhere does.
///
/// An implementation must tell "no such user" ([`Standing::Unknown`]) from "I cannot tell now"
/// ([`AccountsUnavailable`]): the first refuses the user, the second asks them to try again.
///
/// ```
/// use std::{future, pin::Pin};
/// use auth_core::{Accounts, AccountsUnavailable, Identity, Standing};
///
/// /// For a server that keeps no accounts of its own.
/// #[derive(Debug)]
/// struct EveryoneWithAToken;
///
/// impl Accounts for EveryoneWithAToken {
///     fn standing<'a>(
///         &'a self,
///         _who: &'a Identity,
///     ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>> {
///         Box::pin(future::ready(Ok(Standing::Good)))
///     }
/// }
/// ```
pub trait Accounts: Send + Sync + fmt::Debug {
    /// The account's standing now.
    ///
    /// # Errors
    /// [`AccountsUnavailable`] when it cannot be known at the moment.
    fn standing<'a>(
        &'a self,
        who: &'a Identity,
    ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>>;

    /// The standing, where it is known at this moment without asking anybody. `None` sends the
    /// question to [`standing`](Self::standing).
    ///
    /// It is put on every request with a good token, so an implementation must not wait, and
    /// should not allocate. What it remembers it may answer with for a second at most.
    fn standing_now(&self, who: &Identity) -> Option<Standing> {
        let _ = who;
        None
    }
}

/// What the accounts know about a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// The account exists and may be used.
    Good,
    /// There is no such account: never made, or deleted since the token was minted.
    Unknown,
    /// The account exists and has been banned.
    Banned,
    /// The session that the token was minted for (claim `sid`) has ended: signed out, revoked or
    /// expired.
    SignedOut,
    /// This token, its session or all of its user's tokens of its time have been revoked.
    Revoked,
}

/// The accounts could not be asked. Says nothing about the user.
#[derive(Debug, thiserror::Error)]
#[error("accounts are unavailable")]
pub struct AccountsUnavailable {
    source: Box<dyn Error + Send + Sync>,
}

impl AccountsUnavailable {
    /// Wraps what went wrong, for the log.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_stays_reachable_as_the_source() {
        let error = AccountsUnavailable::new("connection refused");
        assert_eq!(error.to_string(), "accounts are unavailable");
        assert_eq!(error.source().unwrap().to_string(), "connection refused");
    }
}
