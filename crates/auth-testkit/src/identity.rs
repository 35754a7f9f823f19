use std::sync::LazyLock;
use std::time::SystemTime;

use auth_core::{Algorithm, Identity, KeyRing, Policy, UntrustedToken, Verifier};
use serde_json::json;
use uuid::Uuid;

use crate::{AUDIENCE, ISSUER, SigningKey, TokenBuilder};

/// The identity of this user, for testing what lies behind the guard.
///
/// There is no other way to hold one without a server: a real token is minted and the real
/// verifier looks at it.
///
/// ```
/// use auth_testkit::identity_of;
/// use uuid::Uuid;
///
/// let alice = identity_of(Uuid::from_u128(0xA11CE));
/// assert_eq!(alice.user_id().as_uuid(), Uuid::from_u128(0xA11CE));
/// ```
///
/// # Panics
/// For the nil UUID, which is nobody's.
pub fn identity_of(user: Uuid) -> Identity {
    identity_from(&TokenBuilder::for_user(user))
}

/// The identity that this token proves: with a session, another subject, ...
///
/// ```
/// use auth_testkit::{TokenBuilder, identity_from};
/// use uuid::Uuid;
///
/// let alice = TokenBuilder::for_user(Uuid::from_u128(0xA11CE)).session("session-1");
/// assert_eq!(identity_from(&alice).session_id(), Some("session-1"));
/// ```
///
/// # Panics
/// When the verifier refuses the token, with its reason: issuer and audience must still be
/// [`ISSUER`] and [`AUDIENCE`].
pub fn identity_from(token: &TokenBuilder) -> Identity {
    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate(Algorithm::EdDsa, "auth-testkit"));
    static RING: LazyLock<KeyRing> = LazyLock::new(|| {
        let jwks = json!({ "keys": [KEY.public_jwk()] }).to_string();
        KeyRing::parse(jwks.as_bytes()).expect("a generated key is usable")
    });

    let policy = Policy::new(ISSUER, AUDIENCE).expect("the constants make a policy");
    let token = token.sign(&KEY);
    let verified = UntrustedToken::parse(&token)
        .and_then(|token| Verifier::new(policy).verify(&token, &RING, SystemTime::now().into()));
    match verified {
        Ok(identity) => identity,
        Err(denied) => panic!("this token proves no identity: {denied}"),
    }
}
