use std::time::Duration;

use crate::token::MAX_TOKEN_BYTES;
use crate::{Excerpt, UnixTime, UserClaim};

mod kind;

pub use kind::DeniedKind;

/// Why a token was refused: one variant for each reason.
///
/// Three readers, three texts. `Display` is for the operator's log: exact, with what was seen and
/// what was expected. [`code`](Self::code) is for programs: stable and short. [`hint`](Self::hint)
/// is for the client: one fixed sentence without any data of the request.
///
/// What an attacker wrote appears as [`Excerpt`] only, bounded and escaped. The token, its
/// signature and claims other than `iss`, `aud` and the times never appear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Longer than [`MAX_TOKEN_BYTES`]; nothing of it was read.
    #[error("token has {size} bytes, more than {MAX_TOKEN_BYTES}")]
    TokenTooLarge {
        /// Its length in bytes.
        size: usize,
    },
    /// Not three base64url parts with a sound header: not a signed JWT (RFC 7515 §7.1).
    #[error("token is malformed: {why}")]
    TokenMalformed {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a JWT but, by its shape, Better Auth's opaque session token: the commonest mistake.
    #[error("token looks like a better auth session token, which is not a jwt")]
    SessionToken,
    /// The algorithm is not one that the policy, or the key it names, allows (RFC 8725 §3.1).
    #[error("algorithm {seen} is not allowed, expected {expected}")]
    AlgorithmNotAllowed {
        /// The header's `alg`.
        seen: Excerpt,
        /// The algorithms that would do.
        expected: Excerpt,
    },
    /// A header member that would change how the token is read, or bring its own key.
    #[error("header member {name} is not allowed")]
    HeaderNotAllowed {
        /// The member's name.
        name: &'static str,
    },
    /// The header's `typ` says that this is another kind of token (RFC 8725 §3.11).
    #[error("token type {seen} is not allowed")]
    TypeNotAllowed {
        /// The header's `typ`.
        seen: Excerpt,
    },
    /// The header names no key.
    #[error("key id is missing")]
    KeyIdMissing,
    /// The header names a key that the issuer does not publish, as far as is known now.
    #[error("key {key_id} is unknown")]
    KeyUnknown {
        /// The header's `kid`.
        key_id: Excerpt,
    },
    /// The signature was not made by the named key over these bytes.
    #[error("signature does not match key {key_id}")]
    SignatureInvalid {
        /// The header's `kid`.
        key_id: Excerpt,
    },
    /// Signed, but the payload is not one JSON object with unique names (RFC 7519 §7.2).
    #[error("claims are malformed: {why}")]
    ClaimsMalformed {
        /// What is wrong with them.
        why: &'static str,
    },
    /// Signed, but one claim is missing or has the wrong type.
    #[error("claim {claim} is malformed: {why}")]
    ClaimMalformed {
        /// The claim's name.
        claim: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The token is bound to a key that its sender must prove to hold (`cnf`, RFC 7800 §3); taking
    /// it as a plain bearer token would undo that.
    #[error("token is bound to a proof key, which is not supported")]
    TokenBound,
    /// Minted by another issuer, or for another use of the same keys.
    #[error("issuer is {seen}, expected {expected}")]
    IssuerMismatch {
        /// The claim `iss`.
        seen: Excerpt,
        /// The policy's issuer.
        expected: Excerpt,
    },
    /// Minted for somebody else than this server (RFC 7519 §4.1.3).
    #[error("audience is {seen}, expected {expected}")]
    AudienceMismatch {
        /// The claim `aud`.
        seen: Excerpt,
        /// The policy's audiences.
        expected: Excerpt,
    },
    /// An OpenID Connect id token: it tells a client who logged in, and is no key to any server.
    #[error("token is an id token: it has a claim {claim}")]
    IdToken {
        /// The claim that gives it away.
        claim: &'static str,
    },
    /// A logout token or another security event (RFC 8417 §2.2).
    #[error("token is a logout token or another security event")]
    LogoutToken,
    /// Minted for a longer time than the policy takes.
    #[error("token lives for {lifetime:?}, longer than {longest:?}")]
    TokenLifetime {
        /// From `iat`, or from now without that claim, to `exp`.
        lifetime: Duration,
        /// The policy's limit.
        longest: Duration,
    },
    /// Its time is over (RFC 7519 §4.1.4).
    #[error("token expired at {expired_at}, now {now}")]
    TokenExpired {
        /// The claim `exp`.
        expired_at: UnixTime,
        /// The verifier's time.
        now: UnixTime,
    },
    /// Its time has not come (RFC 7519 §4.1.5).
    #[error("token is valid from {not_before}, now {now}")]
    TokenNotYetValid {
        /// The claim `nbf`.
        not_before: UnixTime,
        /// The verifier's time.
        now: UnixTime,
    },
    /// Minted later than now: one of the two clocks is wrong.
    #[error("token was issued at {issued_at}, now {now}")]
    IssuedInFuture {
        /// The claim `iat`.
        issued_at: UnixTime,
        /// The verifier's time.
        now: UnixTime,
    },
    /// The claim `sub` is missing or empty.
    #[error("claim sub is missing or empty")]
    SubjectMissing,
    /// The claim that names the user is not there: with Better Auth, `definePayload` or
    /// `additionalFields` leaves it out.
    #[error("claim {claim} is missing")]
    UserClaimMissing {
        /// The claim that the policy asks for.
        claim: UserClaim,
    },
    /// The claim that names the user is `null`: with Better Auth, the column has no default and
    /// this user has no value in it.
    #[error("claim {claim} is null")]
    UserClaimNull {
        /// The claim that the policy asks for.
        claim: UserClaim,
    },
    /// The claim that names the user is not a usable UUID.
    #[error("claim {claim} is not a user id: {why}")]
    UserClaimInvalid {
        /// The claim that the policy asks for.
        claim: UserClaim,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl Denied {
    /// The reason in one stable `snake_case` word, for clients that branch and for counters.
    pub const fn code(&self) -> &'static str {
        self.kind().code
    }

    /// What the client should do about it: one fixed sentence that may be sent to anybody, in the
    /// characters that RFC 6750 §3 allows in an `error_description`.
    pub const fn hint(&self) -> &'static str {
        self.kind().hint
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn every_variant() -> Vec<Denied> {
        let (seen, expected) = (Excerpt::of("a"), Excerpt::of("b"));
        let (key_id, why) = (Excerpt::of("key-1"), "it is wrong");
        let (now, claim) = (UnixTime::from_secs(1), UserClaim::Uuid);
        vec![
            Denied::TokenTooLarge { size: 9000 },
            Denied::TokenMalformed { why },
            Denied::SessionToken,
            Denied::AlgorithmNotAllowed {
                seen: seen.clone(),
                expected: expected.clone(),
            },
            Denied::HeaderNotAllowed { name: "crit" },
            Denied::TypeNotAllowed { seen: seen.clone() },
            Denied::KeyIdMissing,
            Denied::KeyUnknown {
                key_id: key_id.clone(),
            },
            Denied::SignatureInvalid { key_id },
            Denied::ClaimsMalformed { why },
            Denied::ClaimMalformed { claim: "exp", why },
            Denied::IdToken { claim: "nonce" },
            Denied::LogoutToken,
            Denied::TokenLifetime {
                lifetime: Duration::from_secs(2),
                longest: Duration::from_secs(1),
            },
            Denied::TokenBound,
            Denied::IssuerMismatch {
                seen: seen.clone(),
                expected: expected.clone(),
            },
            Denied::AudienceMismatch { seen, expected },
            Denied::TokenExpired {
                expired_at: now,
                now,
            },
            Denied::TokenNotYetValid {
                not_before: now,
                now,
            },
            Denied::IssuedInFuture {
                issued_at: now,
                now,
            },
            Denied::SubjectMissing,
            Denied::UserClaimMissing { claim },
            Denied::UserClaimNull { claim },
            Denied::UserClaimInvalid { claim, why },
        ]
    }

    /// Clients and dashboards keep these words: one may be added, none may change.
    #[test]
    fn codes_are_stable() {
        let codes: Vec<&str> = every_variant().iter().map(Denied::code).collect();
        assert_eq!(
            codes,
            [
                "token_too_large",
                "token_malformed",
                "session_token",
                "algorithm_not_allowed",
                "header_not_allowed",
                "type_not_allowed",
                "key_id_missing",
                "key_unknown",
                "signature_invalid",
                "claims_malformed",
                "claims_malformed",
                "id_token",
                "logout_token",
                "token_lifetime",
                "token_bound",
                "issuer_mismatch",
                "audience_mismatch",
                "token_expired",
                "token_not_yet_valid",
                "issued_in_future",
                "subject_missing",
                "user_claim_missing",
                "user_claim_null",
                "user_claim_invalid",
            ]
        );
    }

    #[test]
    fn every_kind_has_a_code_of_its_own_a_meaning_and_a_reason_that_comes_to_it() {
        let codes: BTreeSet<&str> = Denied::KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), Denied::KINDS.len());
        let reached: BTreeSet<&str> = every_variant().iter().map(Denied::code).collect();
        assert_eq!(codes, reached);
        for DeniedKind { meaning, .. } in Denied::KINDS {
            assert!(meaning.ends_with('.'), "{meaning:?}");
        }
    }

    #[test]
    fn hints_may_stand_in_a_challenge() {
        for DeniedKind { hint, .. } in Denied::KINDS {
            let allowed = |b: u8| matches!(b, b' '..=b'!' | b'#'..=b'[' | b']'..=b'~');
            assert!(hint.bytes().all(allowed), "{hint:?}");
            assert!(hint.ends_with('.') && hint.len() <= 120, "{hint:?}");
        }
    }

    #[test]
    fn texts_for_the_log_are_lower_case_fragments() {
        for denied in every_variant() {
            let text = denied.to_string();
            assert!(
                text.starts_with(|c: char| c.is_ascii_lowercase()),
                "{text:?}"
            );
            assert!(!text.ends_with('.'), "{text:?}");
        }
        let expired = Denied::TokenExpired {
            expired_at: UnixTime::from_secs(1_795_224_220),
            now: UnixTime::from_millis(1_795_224_260_250),
        };
        assert_eq!(
            expired.to_string(),
            "token expired at 1795224220.000, now 1795224260.250"
        );
    }
}
