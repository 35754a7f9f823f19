use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use uuid::Uuid;

use crate::{Excerpt, TokenKind, UnixTime};

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
/// Two identities are equal when they come from the same claims: two tokens of one user are two
/// identities. `Debug` shows the user's id and nothing else.
#[derive(Clone)]
pub struct Identity(Arc<Proven>);

/// What a verified token said; filled in by `claims.rs`, the last step of verification.
#[derive(PartialEq, Eq)]
pub(crate) struct Proven {
    pub(crate) user_id: Uuid,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) session_id: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) kind: TokenKind,
    pub(crate) scope: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) issued_at: Option<UnixTime>,
    pub(crate) not_before: Option<UnixTime>,
    pub(crate) expires_at: UnixTime,
    /// All of the claims: one JSON object.
    pub(crate) payload: Box<[u8]>,
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

    /// The claim `iss`: equal to the policy's issuer. With several issuers, a user is the pair of
    /// issuer and id.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The claim `sid`: the Better Auth session the token was minted for, when the token says so.
    pub fn session_id(&self) -> Option<&str> {
        self.0.session_id.as_deref()
    }

    /// The claim `jti`: the token's own id, when it has one. Better Auth's plain JWTs have none.
    pub fn token_id(&self) -> Option<&str> {
        self.0.token_id.as_deref()
    }

    /// The claim `client_id`: the OAuth client that the token was issued to (RFC 9068 §2.2). Always
    /// there for [`TokenKind::Access`].
    pub fn client_id(&self) -> Option<&str> {
        self.0.client_id.as_deref()
    }

    /// What kind of token it was.
    pub fn kind(&self) -> TokenKind {
        self.0.kind
    }

    /// The scopes that the token carries (claim `scope`, RFC 8693 §4.2), in its order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let scope = self.0.scope.as_deref().unwrap_or_default();
        scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether the token carries this scope, compared byte by byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|has| has == scope)
    }

    /// The user's roles when the token was minted (claim `role`): Better Auth's admin plugin
    /// writes them as one text with commas, others as an array of texts; of any other shape there
    /// are none. A role that is taken away stays in the token until that expires.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.roles.iter().map(String::as_str)
    }

    /// Whether the user had this role when the token was minted, compared byte by byte.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|has| has == role)
    }

    /// The claims in the application's own type: what `definePayload` puts into the token.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use auth_core::{KeyRing, Policy, UntrustedToken, Verifier};
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     email: String,
    /// }
    ///
    /// # let recorded = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/EdDSA.json"));
    /// # let recorded: serde_json::Value = serde_json::from_str(recorded)?;
    /// # let verifier = Verifier::new(Policy::new("http://localhost:3101", "http://localhost:3101")?.with_max_lifetime(None));
    /// # let keys = KeyRing::parse(recorded["jwks"].to_string().as_bytes())?;
    /// # let token = UntrustedToken::parse(recorded["token"].as_str().ok_or("token")?)?;
    /// # let identity = verifier.verify(&token, &keys, SystemTime::now().into())?;
    /// let claims: Tenant = identity.claims()?;
    /// assert!(claims.email.contains('@'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ClaimsMismatch`] when they do not fit that type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, ClaimsMismatch> {
        let mut payload = serde_json::Deserializer::from_slice(&self.0.payload);
        serde_path_to_error::deserialize(&mut payload).map_err(|error| {
            let at_fault = error.path().iter().find_map(|segment| match segment {
                Segment::Map { key } => Some(key.clone()),
                _ => None,
            });
            // Of the parser's messages this one names the type's field; others quote the claims.
            let text = error.inner().to_string();
            let missing = text.strip_prefix("missing field `");
            let missing = missing.and_then(|rest| Some(rest.split_once('`')?.0));
            ClaimsMismatch(match (at_fault, missing) {
                (Some(claim), _) => Mismatch::DoesNotFit(Excerpt::of(&claim)),
                (None, Some(claim)) => Mismatch::Missing(Excerpt::of(claim)),
                (None, None) => Mismatch::Shape,
            })
        })
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        let Proven {
            subject,
            issuer,
            session_id,
            token_id,
            client_id,
            scope,
            roles,
            payload,
            ..
        } = &*self.0;
        let optional = [session_id, token_id, client_id, scope]
            .into_iter()
            .flatten();
        size_of::<Proven>()
            + payload.len()
            + (optional.chain(roles).chain([subject, issuer]))
                .map(|text| text.capacity() + size_of::<String>())
                .sum::<usize>()
    }

    /// The claim `nbf`: before it (less the policy's leeway) the token is not valid yet.
    pub fn not_before(&self) -> Option<UnixTime> {
        self.0.not_before
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

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        // Mostly it is a clone of the other: of one that a cache gave out before.
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Identity {}

/// By what revocation can name: user, session, token and time.
impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let proven = &*self.0;
        proven.user_id.hash(state);
        proven.session_id.hash(state);
        proven.token_id.hash(state);
        proven.issued_at.hash(state);
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user_id", &self.user_id())
            .finish_non_exhaustive()
    }
}

/// A good token's claims do not fit the type that the application reads them into.
///
/// Names the claim. What it says is not repeated: it is the user's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsMismatch(Mismatch);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mismatch {
    Missing(Excerpt),
    DoesNotFit(Excerpt),
    /// The type is no struct, or its own conversion refuses.
    Shape,
}

impl fmt::Display for ClaimsMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the claims do not fit the application's type: ")?;
        match &self.0 {
            Mismatch::Missing(claim) => write!(f, "there is no claim {claim}"),
            Mismatch::DoesNotFit(claim) => write!(f, "claim {claim} is of another type"),
            Mismatch::Shape => f.write_str("it is no type for an object with these members"),
        }
    }
}

impl std::error::Error for ClaimsMismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Identity {
        Identity::new(Proven {
            user_id: Uuid::from_u128(0xA7),
            subject: "subject-of-alice".into(),
            issuer: "https://issuer.example".into(),
            session_id: Some("session-of-alice".into()),
            token_id: None,
            client_id: None,
            kind: TokenKind::Plain,
            scope: Some("secret:scope".into()),
            roles: vec!["admin".into()],
            issued_at: None,
            not_before: None,
            expires_at: UnixTime::from_secs(1),
            payload: br#"{"plan":"pro","seats":"three"}"#[..].into(),
        })
    }

    #[test]
    fn debug_shows_the_user_id_only() {
        assert_eq!(
            format!("{:?}", alice()),
            "Identity { user_id: UserId(00000000-0000-0000-0000-0000000000a7), .. }"
        );
    }

    #[test]
    fn identities_are_equal_by_what_they_say() {
        assert_eq!(alice(), alice());
        let mut other = Arc::into_inner(alice().0).unwrap();
        other.session_id = None;
        assert_ne!(alice(), Identity::new(other));
    }

    #[test]
    fn scopes_and_roles_are_compared_as_a_whole() {
        let mut proven = Arc::into_inner(alice().0).unwrap();
        proven.scope = Some("tasks:read  tasks:write ".into());
        proven.roles = vec!["user".into(), "admin".into()];
        let identity = Identity::new(proven);
        assert!(identity.scopes().eq(["tasks:read", "tasks:write"]));
        assert!(identity.has_scope("tasks:read") && identity.has_role("admin"));
        for other in [
            "",
            "tasks",
            "tasks:rea",
            "TASKS:READ",
            "tasks:read tasks:write",
            " ",
        ] {
            assert!(!identity.has_scope(other), "{other:?}");
        }
        assert!(!identity.has_role("adm") && !identity.has_role("Admin") && !identity.has_role(""));
    }

    #[test]
    fn claims_that_do_not_fit_are_named_and_not_quoted() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only whether it can be read counts")]
        struct Wanted<T> {
            plan: String,
            seats: T,
        }
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only whether it can be read counts")]
        struct Missing {
            tenant: String,
        }
        assert!(alice().claims::<Wanted<String>>().is_ok());
        let wrong = alice().claims::<Wanted<u32>>().unwrap_err().to_string();
        assert!(
            wrong.ends_with("claim \"seats\" is of another type") && !wrong.contains("three"),
            "{wrong}"
        );
        let shape = alice().claims::<Vec<u8>>().unwrap_err().to_string();
        assert!(shape.ends_with("with these members"), "{shape}");
        let missing = alice().claims::<Missing>().unwrap_err().to_string();
        assert!(
            missing.ends_with("there is no claim \"tenant\""),
            "{missing}"
        );
    }
}
