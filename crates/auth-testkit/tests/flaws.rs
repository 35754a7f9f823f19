//! Bad tokens before the real verifier, and good ones beside them.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::collections::HashSet;
use std::time::{Duration, Instant, SystemTime};

use auth_core::{
    Algorithm, Denied, Identity, KeyRing, Policy, TokenKind, UnixTime, UntrustedToken, UserClaim,
    Verifier,
};
use auth_testkit::{AUDIENCE, FakeIssuer, Flaw, ISSUER, SigningKey, TokenBuilder};
use uuid::Uuid;

const ALICE: Uuid = Uuid::from_u128(0xA11CE);

fn verify(policy: Policy, issuer: &FakeIssuer, token: &str) -> Result<Identity, Denied> {
    let ring = KeyRing::parse(issuer.jwks().to_string().as_bytes()).unwrap();
    UntrustedToken::parse(token).and_then(|token| {
        let now = UnixTime::from(SystemTime::now());
        Verifier::new(policy).verify(&token, &ring, now)
    })
}

fn code(issuer: &FakeIssuer, token: &str) -> &'static str {
    match verify(issuer.policy(), issuer, token) {
        Ok(_) => "admitted",
        Err(denied) => denied.code(),
    }
}

#[test]
fn every_flaw_is_refused_for_itself_in_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let issuer = FakeIssuer::with_algorithm(algorithm);
        assert_eq!(code(&issuer, &issuer.token_for(ALICE)), "admitted");
        for &flaw in Flaw::ALL {
            let token = issuer.mint_bad(ALICE, flaw);
            assert_eq!(code(&issuer, &token), flaw.code(), "{flaw:?}, {algorithm}");
        }
    }
}

#[test]
fn every_refusal_that_a_token_alone_can_cause_has_a_flaw() {
    let codes: HashSet<&str> = Flaw::ALL.iter().map(|flaw| flaw.code()).collect();
    for code in [
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
        "token_bound",
        "id_token",
        "logout_token",
        "issuer_mismatch",
        "audience_mismatch",
        "token_expired",
        "token_not_yet_valid",
        "issued_in_future",
        "token_lifetime",
        "subject_missing",
        "user_claim_missing",
        "user_claim_null",
        "user_claim_invalid",
    ] {
        assert!(codes.contains(code), "{code}");
    }
}

#[test]
fn a_flaw_comes_on_top_of_what_else_was_asked_for() {
    let issuer = FakeIssuer::start();
    // Judged before its time is: a forged token is forged, not expired.
    let forged = issuer.mint(ALICE, |token| {
        token.flawed(Flaw::SignatureTampered).expired()
    });
    assert_eq!(code(&issuer, &forged), "signature_invalid");
    let last = issuer.mint(ALICE, |token| {
        token.flawed(Flaw::SignatureTampered).flawed(Flaw::Bound)
    });
    assert_eq!(code(&issuer, &last), "token_bound");
}

#[test]
fn flawed_tokens_can_be_made_without_an_issuer() {
    let key = SigningKey::generate(Algorithm::EdDsa, "key-1");
    let jwks = serde_json::json!({ "keys": [key.public_jwk()] }).to_string();
    let ring = KeyRing::parse(jwks.as_bytes()).unwrap();
    let verifier = Verifier::new(Policy::new(ISSUER, AUDIENCE).unwrap());
    for &flaw in Flaw::ALL {
        let token = TokenBuilder::for_user(ALICE).flawed(flaw).sign(&key);
        let denied = UntrustedToken::parse(&token)
            .and_then(|token| verifier.verify(&token, &ring, SystemTime::now().into()))
            .unwrap_err();
        assert_eq!(denied.code(), flaw.code(), "{flaw:?}");
    }
}

#[test]
fn access_tokens_pass_under_their_own_policy_and_under_no_other() {
    let issuer = FakeIssuer::start();
    let access = issuer.access_token_for(ALICE, &["openid", "tasks:read"]);
    let plain = issuer.token_for(ALICE);

    let identity = verify(issuer.oauth_policy(), &issuer, &access).unwrap();
    assert_eq!(identity.user_id().as_uuid(), ALICE);
    assert_eq!(identity.kind(), TokenKind::Access);
    assert_eq!(identity.issuer(), format!("{}/api/auth", issuer.url()));
    assert_eq!(
        identity.scopes().collect::<Vec<_>>(),
        ["openid", "tasks:read"]
    );
    assert!(identity.client_id().is_some() && identity.token_id().is_some());
    assert!(identity.session_id().is_some());

    assert_eq!(code(&issuer, &access), "type_not_allowed");
    let denied = verify(issuer.oauth_policy(), &issuer, &plain).unwrap_err();
    assert_eq!(denied.code(), "type_not_allowed");

    for &flaw in Flaw::ALL {
        // Here it is the right type.
        if flaw == Flaw::TypeAccess {
            continue;
        }
        let bad = issuer.mint_access(ALICE, &["tasks:read"], |token| token.flawed(flaw));
        let denied = verify(issuer.oauth_policy(), &issuer, &bad).unwrap_err();
        assert_eq!(denied.code(), flaw.code(), "{flaw:?}");
    }
}

#[test]
fn an_access_token_has_the_members_of_a_recorded_one() {
    let recorded = include_str!("../../auth-core/tests/vectors/oauth-provider.json");
    let recorded: serde_json::Value = serde_json::from_str(recorded).unwrap();
    let issuer = FakeIssuer::start();
    let token = issuer.access_token_for(ALICE, &["openid", "email"]);
    let part = |index: usize| -> serde_json::Map<String, serde_json::Value> {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        let part = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let names = |object: &serde_json::Map<String, serde_json::Value>| {
        let names: HashSet<String> = object.keys().cloned().collect();
        names
    };
    let mut claims = part(1);
    // Not the provider's own: `customAccessTokenClaims` adds it.
    claims.remove("uuid").unwrap();
    assert_eq!(
        names(&part(0)),
        names(recorded["at_header"].as_object().unwrap())
    );
    assert_eq!(
        names(&claims),
        names(recorded["at_payload"].as_object().unwrap())
    );
    assert_eq!(claims["scope"], "openid email");
    assert_eq!(claims["aud"][0], issuer.url());
}

#[test]
fn roles_ages_and_clients_are_set_by_name() {
    let issuer = FakeIssuer::start();
    let token = issuer.mint(ALICE, |token| {
        let hour = Duration::from_secs(60 * 60);
        token.role("admin,editor").client("cli").minted_ago(hour)
    });
    let policy = issuer.policy().with_user_claim(UserClaim::Uuid);
    let identity = verify(policy, &issuer, &token).unwrap();
    assert_eq!(identity.roles().collect::<Vec<_>>(), ["admin", "editor"]);
    assert_eq!(identity.client_id(), Some("cli"));
    let age = UnixTime::from(SystemTime::now()).duration_since(identity.issued_at().unwrap());
    assert!((3599..3700).contains(&age.as_secs()), "{age:?}");
}

#[test]
fn thousands_of_tokens_are_there_in_seconds() {
    let issuer = FakeIssuer::start();
    let started = Instant::now();
    let tokens: HashSet<String> = (0..2_000)
        .map(|n: u64| issuer.mint(ALICE, |token| token.claim("jti", n)))
        .collect();
    assert_eq!(tokens.len(), 2_000);
    // Many times what it takes, so that it says something on a busy machine as well.
    assert!(started.elapsed() < Duration::from_secs(20));
}
