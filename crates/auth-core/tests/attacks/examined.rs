//! Examining a token says what verifying it says, and how far it came: there are no two opinions.

use auth_core::{Algorithm, TokenCheck, Verifier};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, NOW, USER, code, good_claims, key, lasting, policy, ring, sealed, with,
};

#[test]
fn a_token_stops_at_the_check_that_refuses_it_and_has_passed_all_before_it() {
    let ours = lasting(Algorithm::EdDsa);
    let ring = ring([ours]);
    let header = |members: Value| ours.token(&with(ours.header(), &members), &good_claims());
    let claims = |members: Value| ours.token(&ours.header(), &with(good_claims(), &members));
    let unsigned = ours.token_signed_by(|_| vec![7; 64]);
    let unreadable = sealed(ours.header().to_string(), "{", |input| ours.sign(input));
    for (token, stops_at) in [
        (
            "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp".to_owned(),
            TokenCheck::Form,
        ),
        (header(json!({ "jwk": {} })), TokenCheck::Form),
        (header(json!({ "typ": "dpop+jwt" })), TokenCheck::Form),
        (header(json!({ "alg": "HS256" })), TokenCheck::Form),
        (header(json!({ "typ": "at+jwt" })), TokenCheck::Type),
        (header(json!({ "alg": "Ed25519" })), TokenCheck::Algorithm),
        (header(json!({ "kid": ABSENT })), TokenCheck::KeyId),
        (header(json!({ "kid": "nobodys" })), TokenCheck::Key),
        (unsigned, TokenCheck::Signature),
        (unreadable, TokenCheck::Claims),
        (claims(json!({ "nonce": "n" })), TokenCheck::Kind),
        (
            claims(json!({ "iss": "https://evil.example" })),
            TokenCheck::Issuer,
        ),
        (
            claims(json!({ "aud": "https://evil.example" })),
            TokenCheck::Audience,
        ),
        (claims(json!({ "exp": 1 })), TokenCheck::Times),
        (claims(json!({ "uuid": null })), TokenCheck::User),
    ] {
        let examined = Verifier::new(policy()).examine(&token, Some(&ring), NOW);
        assert_eq!(examined.stopped_at(), Some(stops_at));
        let before = TokenCheck::ALL.iter().take_while(|&&it| it != stops_at);
        assert!(examined.passed.iter().eq(before), "{examined:?}");
        let denied = examined.outcome.unwrap().unwrap_err();
        assert_eq!(denied.code(), code(&ring, &token), "{stops_at}");
    }
}

#[test]
fn a_good_token_has_passed_every_check_and_says_who_it_is() {
    let ours = lasting(Algorithm::EdDsa);
    let examined = Verifier::new(policy()).examine(&ours.good_token(), Some(&ring([ours])), NOW);
    assert_eq!(examined.passed, TokenCheck::ALL);
    assert_eq!(examined.stopped_at(), None);
    let identity = examined.outcome.unwrap().unwrap();
    assert_eq!(identity.user_id().as_uuid().to_string(), USER);
}

#[test]
fn without_keys_nothing_is_said_about_a_token_beyond_its_header() {
    let stranger = key(Algorithm::EdDsa, "key-1");
    let examined = Verifier::new(policy()).examine(&stranger.good_token(), None, NOW);
    assert_eq!(examined.stopped_at(), Some(TokenCheck::Key));
    assert!(examined.outcome.is_none());
}
