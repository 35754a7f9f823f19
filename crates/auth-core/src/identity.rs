use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::UnixTime;

/// The id of a user whose token has been verified.
///
/// There is no public constructor: whoever holds a `UserId` got it from an [`Identity`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Uuid);

impl UserId {
    /// The id as a plain UUID: for comparing with a path, or for binding to a query.
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

/// Hyphenated and in lower case, however the token wrote it.
impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserId({self})")
    }
}

/// The proof that a token was verified, and for whom.
///
/// Only [`Verifier::verify`](crate::Verifier::verify) makes one, after the signature and every
/// claim passed. Code that asks for an `&Identity` therefore cannot run for a stranger, and
/// nothing else needs to look at the token again. Cloning is cheap.
///
/// `Debug` shows the user's id and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(Arc<Proven>);

/// What a verified token said; filled in by `claims.rs`, the last step of verification.
#[derive(PartialEq, Eq)]
pub(crate) struct Proven {
    pub(crate) user_id: Uuid,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) session_id: Option<String>,
    pub(crate) issued_at: Option<UnixTime>,
    pub(crate) expires_at: UnixTime,
}

impl Identity {
    pub(crate) fn new(proven: Proven) -> Self {
        Self(Arc::new(proven))
    }

    /// The user, by the claim that the policy names (`uuid` or `sub`).
    pub fn user_id(&self) -> UserId {
        UserId(self.0.user_id)
    }

    /// The claim `sub`: Better Auth's own id of the user. Never empty.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The claim `iss`: equal to the policy's issuer.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The claim `sid`: the Better Auth session the token was minted for, when the token says so.
    pub fn session_id(&self) -> Option<&str> {
        self.0.session_id.as_deref()
    }

    /// The claim `iat`: when the token was minted, when the token says so.
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.0.issued_at
    }

    /// The claim `exp`: from here on (plus the policy's leeway) the token is expired. An identity
    /// that is kept for longer than one request must be given up then.
    pub fn expires_at(&self) -> UnixTime {
        self.0.expires_at
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user_id", &self.user_id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_user_id_only() {
        let identity = Identity::new(Proven {
            user_id: Uuid::from_u128(0xA7),
            subject: "subject-of-alice".into(),
            issuer: "https://issuer.example".into(),
            session_id: Some("session-of-alice".into()),
            issued_at: None,
            expires_at: UnixTime::from_secs(1),
        });
        assert_eq!(
            format!("{identity:?}"),
            "Identity { user_id: UserId(00000000-0000-0000-0000-0000000000a7), .. }"
        );
    }
}
