use super::Denied;

/// What all refusals of one code have in common: a row of the list of reasons for which a token is
/// refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeniedKind {
    /// Its name for programs, in `snake_case`; it never changes.
    pub code: &'static str,
    /// When it comes, for the documentation.
    pub meaning: &'static str,
    /// What the client should do about it, in the characters that RFC 6750 §3 allows in an
    /// `error_description`.
    pub hint: &'static str,
}

/// Writes the list and the match from the same rows. The match has no wildcard, so a reason
/// without a row does not compile; and what has a row is in the list.
macro_rules! kinds {
    ($($reason:pat => $code:literal, $meaning:literal, $hint:literal;)+) => {
        impl Denied {
            /// Every kind of refusal of a token.
            pub const KINDS: &'static [DeniedKind] = &[
                $(DeniedKind { code: $code, meaning: $meaning, hint: $hint }),+
            ];

            /// The kind that this refusal is of.
            pub const fn kind(&self) -> DeniedKind {
                match self {
                    $($reason => DeniedKind { code: $code, meaning: $meaning, hint: $hint },)+
                }
            }
        }
    };
}

kinds! {
    Self::TokenTooLarge { .. } => "token_too_large",
        "The token is longer than 8 KiB; nothing of it was read.",
        "The token is too large; put fewer claims into it with definePayload.";
    Self::TokenMalformed { .. } => "token_malformed",
        "What was sent is not three base64url parts with a sound header, so it is no signed JWT.",
        "The token is not a signed JWT; send the one that authClient.token() returns.";
    Self::SessionToken => "session_token",
        "What was sent looks like the opaque token of Better Auth's session cookie, which is no JWT.",
        "This looks like a Better Auth session token; send the JWT that authClient.token() returns \
         instead.";
    Self::AlgorithmNotAllowed { .. } => "algorithm_not_allowed",
        "The header's `alg` is none that the settings allow, or not that of the key it names.",
        "The token is signed with an algorithm that this server does not accept.";
    Self::HeaderNotAllowed { .. } => "header_not_allowed",
        "The header has a member that changes how the token is read or brings its own key, such as \
         `crit` or `jwk`.",
        "The token's header has a member that this server does not accept.";
    Self::TypeNotAllowed { .. } => "type_not_allowed",
        "The header's `typ` says that it is another kind of token; access tokens of Better Auth's \
         oauth-provider are taken only where the operator has set that up.",
        "This is another kind of token; send the JWT that authClient.token() returns.";
    Self::KeyIdMissing => "key_id_missing",
        "The header has no `kid`.",
        "The token does not name the key that signed it.";
    Self::KeyUnknown { .. } => "key_unknown",
        "The issuer does not publish the key that the token names: it was withdrawn, or belongs to \
         another installation.",
        "The key that signed the token is not in use; fetch a fresh token with authClient.token().";
    Self::SignatureInvalid { .. } => "signature_invalid",
        "The named key did not sign these bytes: the token was changed, or signed by somebody else.",
        "The token's signature is not valid; fetch a fresh token with authClient.token().";
    Self::ClaimsMalformed { .. } | Self::ClaimMalformed { .. } => "claims_malformed",
        "The payload is not one JSON object with unique names, or a claim that is needed is missing \
         or has the wrong type. The log says which.",
        "The token's claims are not understood by this server.";
    Self::TokenBound => "token_bound",
        "The token has a claim `cnf`: its sender must prove to hold a key, which a bearer token \
         cannot.",
        "The token is bound to a proof key, and this server takes plain bearer tokens only.";
    Self::IssuerMismatch { .. } => "issuer_mismatch",
        "The claim `iss` is not the issuer in the settings, character for character. Often it is \
         the same server by another address.",
        "The token comes from another issuer than the one this server trusts.";
    Self::AudienceMismatch { .. } => "audience_mismatch",
        "The claim `aud` names none of the audiences in the settings.",
        "The token is meant for another server.";
    Self::IdToken { .. } => "id_token",
        "The token has claims that only an OpenID Connect id token has.",
        "This is an id token, which is for the client alone; send an access token, or the JWT that \
         authClient.token() returns.";
    Self::LogoutToken => "logout_token",
        "The token has a claim `events`: it is a logout token or another security event.",
        "This is a logout token; send the JWT that authClient.token() returns.";
    Self::TokenLifetime { .. } => "token_lifetime",
        "From `iat` to `exp` it is longer than the settings allow.",
        "The token is valid for longer than this server accepts; the issuer must set a shorter \
         expirationTime.";
    Self::TokenExpired { .. } => "token_expired",
        "The time in `exp` has passed, the leeway included.",
        "The token has expired; fetch a fresh one with authClient.token().";
    Self::TokenNotYetValid { .. } => "token_not_yet_valid",
        "The time in `nbf` has not come, the leeway included.",
        "The token is not valid yet; the clocks of issuer and server may differ.";
    Self::IssuedInFuture { .. } => "issued_in_future",
        "The time in `iat` has not come, the leeway included: one of the two clocks is wrong.",
        "The token is not valid yet; the clocks of issuer and server may differ.";
    Self::SubjectMissing => "subject_missing",
        "The claim `sub` is missing or empty.",
        "The token does not say whom it is about.";
    Self::UserClaimMissing { .. } => "user_claim_missing",
        "The claim that names the user is not there: `definePayload` leaves it out, or the user's \
         field is not among Better Auth's `additionalFields`.",
        "The token does not carry the user's id; the issuer must add it in definePayload.";
    Self::UserClaimNull { .. } => "user_claim_null",
        "The claim that names the user is null: the column has no default, and this user has no \
         value in it.",
        "The token carries no value for the user's id; the issuer must give every user one.";
    Self::UserClaimInvalid { .. } => "user_claim_invalid",
        "The claim that names the user is not a hyphenated UUID, or it is the nil UUID.",
        "The token's user id is not a UUID.";
}
