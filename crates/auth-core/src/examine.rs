use std::fmt;

use crate::{Denied, Identity, KeyRing, UnixTime, UntrustedToken, Verifier};

/// One of the checks that every token goes through, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenCheck {
    /// It can be taken apart: size, three base64url parts, and a header without a dangerous member whose type and algorithm are
    /// known at all.
    Form,
    /// `typ` is of the kind that the policy is about.
    Type,
    /// `alg` is among the policy's.
    Algorithm,
    /// The token names its key, where the policy wants that.
    KeyId,
    /// The issuer publishes that key, for that algorithm.
    Key,
    /// The key has signed these bytes.
    Signature,
    /// The payload is one JSON object, and each claim has its type.
    Claims,
    /// No claim says that this is another kind of token.
    Kind,
    /// `iss` is the policy's.
    Issuer,
    /// `aud` names one of the policy's.
    Audience,
    /// `exp`, `nbf` and `iat`, and how long it lives.
    Times,
    /// `sub`, and the claim that names the user.
    User,
}

impl TokenCheck {
    /// All of them, in the order in which [`Verifier::verify`] makes them.
    pub const ALL: [Self; 12] = [
        Self::Form,
        Self::Type,
        Self::Algorithm,
        Self::KeyId,
        Self::Key,
        Self::Signature,
        Self::Claims,
        Self::Kind,
        Self::Issuer,
        Self::Audience,
        Self::Times,
        Self::User,
    ];

    /// Its name for programs, in `snake_case`; it never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::KeyId => "key_id",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::Kind => "kind",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Times => "times",
            Self::User => "user",
        }
    }
}

impl fmt::Display for TokenCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a token went through the checks: those of [`Verifier::verify`], which stops at the first that fails, and so does this.
///
/// For tools that explain. A server asks [`Verifier::verify`], which does the same and notes nothing.
#[derive(Debug)]
pub struct Examination {
    /// The checks that it has passed, in order.
    pub passed: Vec<TokenCheck>,
    /// Who it is, or why not. `None`: there were no keys to judge it with.
    pub outcome: Option<Result<Identity, Denied>>,
}

impl Examination {
    /// The check that it stopped at; `None` if it has passed them all.
    pub fn stopped_at(&self) -> Option<TokenCheck> {
        TokenCheck::ALL.get(self.passed.len()).copied()
    }
}

impl Verifier {
    /// Takes a token apart and verifies it, as a server does, and tells how far it came. Without keys, the checks up to
    /// [`TokenCheck::KeyId`] are made.
    ///
    /// ```
    /// use auth_core::{Policy, TokenCheck, UnixTime, Verifier};
    ///
    /// let verifier = Verifier::new(Policy::new("https://app.example", "https://app.example")?);
    /// let opaque = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";
    /// let examined = verifier.examine(opaque, None, UnixTime::from_secs(0));
    /// assert_eq!(examined.stopped_at(), Some(TokenCheck::Form));
    /// assert_eq!(examined.outcome.unwrap().unwrap_err().code(), "session_token");
    /// # Ok::<(), auth_core::PolicyError>(())
    /// ```
    pub fn examine(&self, token: &str, keys: Option<&KeyRing>, now: UnixTime) -> Examination {
        let mut passed = Vec::with_capacity(TokenCheck::ALL.len());
        let outcome = UntrustedToken::parse(token).and_then(|token| {
            passed.push(TokenCheck::Form);
            match keys {
                Some(keys) => self
                    .go_through(&token, keys, now, |check| passed.push(check))
                    .map(Some),
                None => self
                    .screen_each(&token, |check| passed.push(check))
                    .map(|()| None),
            }
        });
        Examination {
            passed,
            outcome: outcome.transpose(),
        }
    }
}
