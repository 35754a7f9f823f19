//! josekit is a careful library, and parses the keys of this crate. What it leaves to its caller,
//! though, must be done here. Each test first shows the trap with josekit alone, where it has one,
//! and then that this crate is not in it.

use std::error::Error;
use std::time::{Duration, Instant, UNIX_EPOCH};

use auth_core::{Algorithm, KeyRing, Policy, UntrustedToken};
use josekit::jwk::{Jwk, JwkSet};
use josekit::jws::{EdDSA, JwsHeader, PS256, RS256, RS512};
use josekit::jwt::{self, JwtPayload, JwtPayloadValidator};
use serde_json::{Map, Value, json};

use crate::forge::{
    ABSENT, AUDIENCE, ISSUER, Key, NOW, code, code_with, good_claims, key, lasting, policy, ring,
    with,
};

/// What josekit makes of a token by itself: its header and claims, if the signature is right.
fn by_josekit(key: &Key, token: &str) -> Option<(JwtPayload, JwsHeader)> {
    let jwk = josekit_jwk(&key.jwk);
    let verifier = EdDSA.verifier_from_jwk(&jwk).unwrap();
    jwt::decode_with_verifier(token, &verifier).ok()
}

fn josekit_jwk(jwk: &Value) -> Jwk {
    Jwk::from_map(jwk.as_object().unwrap().clone()).unwrap()
}

fn validator() -> JwtPayloadValidator {
    let mut validator = JwtPayloadValidator::new();
    validator.set_issuer(ISSUER);
    validator.set_audience(AUDIENCE);
    let now = Duration::from_secs(NOW.as_secs().unsigned_abs());
    validator.set_base_time(UNIX_EPOCH + now);
    validator.set_max_issued_time(UNIX_EPOCH + now);
    validator
}

fn ed() -> (&'static Key, KeyRing) {
    let key = lasting(Algorithm::EdDsa);
    (key, ring([key]))
}

#[test]
fn a_token_without_audience_passes_a_validator_that_asks_for_one() {
    let (key, ring) = ed();
    let token = key.token(
        &key.header(),
        &with(good_claims(), &json!({ "aud": ABSENT })),
    );
    let (payload, _) = by_josekit(key, &token).unwrap();
    validator().validate(&payload).unwrap();
    assert_eq!(code(&ring, &token), "audience_mismatch");
}

#[test]
fn a_token_without_expiry_passes_a_validator() {
    let (key, ring) = ed();
    let token = key.token(
        &key.header(),
        &with(good_claims(), &json!({ "exp": ABSENT })),
    );
    let (payload, _) = by_josekit(key, &token).unwrap();
    validator().validate(&payload).unwrap();
    assert_eq!(code(&ring, &token), "claims_malformed");
}

#[test]
fn a_clock_one_second_ahead_fails_a_validator_that_knows_no_leeway() {
    let (key, ring) = ed();
    let ahead = json!({ "iat": NOW.as_secs() + 1, "nbf": NOW.as_secs() + 1 });
    let token = key.token(&key.header(), &with(good_claims(), &ahead));
    let (payload, _) = by_josekit(key, &token).unwrap();
    validator().validate(&payload).unwrap_err();
    assert_eq!(code(&ring, &token), "admitted");
    let strict = policy().with_leeway(Duration::ZERO).unwrap();
    assert_eq!(code_with(strict, &ring, &token), "token_not_yet_valid");
}

#[test]
fn a_time_of_a_hundred_thousand_million_years_panics_in_a_getter() {
    let (key, ring) = ed();
    for exp in [json!(1e300), json!(u64::MAX)] {
        let token = key.token(&key.header(), &with(good_claims(), &json!({ "exp": exp })));
        let (payload, _) = by_josekit(key, &token).unwrap();
        let asked = std::panic::catch_unwind(|| payload.expires_at());
        assert!(asked.is_err(), "josekit has learnt to read {exp}");
        assert_eq!(code(&ring, &token), "claims_malformed", "{exp}");
    }
}

#[test]
fn the_last_of_two_members_of_one_name_wins() {
    let (key, ring) = ed();
    let claims = good_claims().to_string();
    let twice = claims.replacen('{', r#"{"uuid":"a7d3034b-a1a0-48e1-b495-625569da03c5","#, 1);
    let token = key.token_of_text(key.header().to_string(), twice);
    by_josekit(key, &token).unwrap();
    assert_eq!(code(&ring, &token), "claims_malformed");

    let header = r#"{"alg":"none","alg":"EdDSA","kid":"key-1"}"#;
    let token = key.token_of_text(header, claims);
    by_josekit(key, &token).unwrap();
    assert_eq!(code(&ring, &token), "token_malformed");
}

/// Not a trap, but a difference that must be ours to decide: RFC 9864's name is refused there.
#[test]
fn the_newer_name_of_eddsa_is_accepted_where_the_policy_says_so() {
    let (key, ring) = ed();
    let newer = with(key.header(), &json!({ "alg": "Ed25519" }));
    let token = key.token(&newer, &good_claims());
    assert!(by_josekit(key, &token).is_none());
    assert_eq!(code(&ring, &token), "algorithm_not_allowed");

    let by_both_names = || policy().with_fully_specified_names(true);
    assert_eq!(code_with(by_both_names(), &ring, &token), "admitted");
    assert_eq!(
        code_with(by_both_names(), &ring, &key.good_token()),
        "admitted"
    );
    // It is the same algorithm: allowed and refused together with it, and bound to the same keys.
    let without = by_both_names().with_algorithms([Algorithm::Es256]).unwrap();
    assert_eq!(code_with(without, &ring, &token), "algorithm_not_allowed");
    let ec = lasting(Algorithm::Es256);
    let lying = ec.token(
        &with(ec.header(), &json!({ "alg": "Ed25519" })),
        &good_claims(),
    );
    let es = crate::forge::ring([ec]);
    assert_eq!(
        code_with(by_both_names(), &es, &lying),
        "algorithm_not_allowed"
    );
    for other in [
        "ed25519", "ED25519", "Ed25519 ", "Ed448", "ESP256", "ESP512",
    ] {
        let token = key.token(
            &with(key.header(), &json!({ "alg": other })),
            &good_claims(),
        );
        let refused = code_with(by_both_names(), &ring, &token);
        assert_eq!(refused, "algorithm_not_allowed", "{other}");
    }
}

#[test]
fn a_key_without_an_id_verifies_tokens_of_every_id() {
    let (key, _) = ed();
    let other = self::key(Algorithm::EdDsa, "key-2");
    let mut nameless = key.clone();
    nameless.jwk = with(key.jwk.clone(), &json!({ "kid": ABSENT }));
    let elsewhere = with(key.header(), &json!({ "kid": "anything" }));
    let token = key.token(&elsewhere, &good_claims());
    by_josekit(&nameless, &token).unwrap();
    // Here such a key is not used at all.
    let ring = ring([&nameless, &other]);
    assert_eq!(ring.key_ids().collect::<Vec<_>>(), ["key-2"]);
    assert_eq!(code(&ring, &token), "key_unknown");
}

#[test]
fn an_empty_list_of_critical_extensions_is_accepted() {
    let (key, ring) = ed();
    let token = key.token(&with(key.header(), &json!({ "crit": [] })), &good_claims());
    by_josekit(key, &token).unwrap();
    assert_eq!(code(&ring, &token), "header_not_allowed");
}

#[test]
fn an_unencoded_payload_that_is_not_critical_is_decoded_all_the_same() {
    let (key, ring) = ed();
    let token = key.token(
        &with(key.header(), &json!({ "b64": false })),
        &good_claims(),
    );
    by_josekit(key, &token).unwrap();
    assert_eq!(code(&ring, &token), "header_not_allowed");
}

#[test]
fn the_type_of_a_token_is_not_looked_at() {
    let (key, ring) = ed();
    for typ in ["logout+jwt", "dpop+jwt", "JWE"] {
        let token = key.token(&with(key.header(), &json!({ "typ": typ })), &good_claims());
        by_josekit(key, &token).unwrap();
        assert_eq!(code(&ring, &token), "type_not_allowed", "{typ}");
    }
}

/// josekit parses what it does not use: certificates and keys of the sender's choice, before the
/// signature. Here their presence is enough.
#[test]
fn keys_and_certificates_in_the_header_are_parsed() {
    let (key, ring) = ed();
    for (name, value) in [
        ("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA", "AAAA"])),
    ] {
        let header = with(key.header(), &json!({ name: value }));
        let token = key.token(&header, &good_claims());
        by_josekit(key, &token).unwrap();
        assert_eq!(code(&ring, &token), "header_not_allowed", "{name}");
    }
}

#[test]
fn an_rsa_key_without_alg_serves_three_algorithms() {
    let rsa = lasting(Algorithm::Rs256);
    let undeclared = with(rsa.jwk.clone(), &json!({ "alg": ABSENT }));
    let jwk = josekit_jwk(&undeclared);
    RS256.verifier_from_jwk(&jwk).unwrap();
    PS256.verifier_from_jwk(&jwk).unwrap();
    RS512.verifier_from_jwk(&jwk).unwrap();
    let set = json!({ "keys": [undeclared] }).to_string();
    KeyRing::parse(set.as_bytes()).unwrap_err();
}

#[test]
fn one_bad_member_takes_the_whole_set_down() {
    let (key, _) = ed();
    for bad in [
        with(key.jwk.clone(), &json!({ "kid": "a", "alg": null })),
        with(key.jwk.clone(), &json!({ "kid": "a", "use": null })),
        with(key.jwk.clone(), &json!({ "kid": 7 })),
        with(key.jwk.clone(), &json!({ "kty": ABSENT })),
        json!(null),
        json!("key"),
    ] {
        let set = json!({ "keys": [bad, key.jwk] }).to_string();
        assert!(JwkSet::from_bytes(&set).is_err(), "josekit takes {bad}");
        let ring = KeyRing::parse(set.as_bytes()).unwrap();
        assert_eq!(ring.skipped().len(), 1, "{bad}");
        assert_eq!(code(&ring, &key.good_token()), "admitted", "{bad}");
    }
}

/// The other way round: what Better Auth adds to its keys must not make them bad.
#[test]
fn members_that_mean_nothing_do_not_matter() {
    let (key, _) = ed();
    let more = json!({ "expiresAt": null, "createdAt": 1, "ext": true, "x5t": [], "nbf": {} });
    let mut decorated = key.clone();
    decorated.jwk = with(key.jwk.clone(), &more);
    assert_eq!(code(&ring([&decorated]), &key.good_token()), "admitted");
}

#[test]
fn a_key_that_was_removed_from_a_set_is_still_found_in_it() {
    let (key, _) = ed();
    let other = self::key(Algorithm::EdDsa, "key-2");
    let of = |keys: &[&Key]| {
        let keys: Vec<_> = keys.iter().map(|key| &key.jwk).collect();
        json!({ "keys": keys }).to_string()
    };
    let mut set = JwkSet::from_bytes(of(&[key, &other])).unwrap();
    set.remove_key(&josekit_jwk(&key.jwk));
    assert!(!set.get("key-1").is_empty(), "josekit forgets it now");
    // A ring never changes: the next set makes the next ring.
    let before = KeyRing::parse(of(&[key, &other]).as_bytes()).unwrap();
    let after = KeyRing::parse(of(&[&other]).as_bytes()).unwrap();
    assert!(before.contains("key-1") && !after.contains("key-1"));
    assert_eq!(code(&after, &key.good_token()), "key_unknown");
    assert!(!after.keeps_all_of(&before) && before.keeps_all_of(&after));
}

#[test]
fn weak_and_private_keys_are_taken() {
    let (key, _) = ed();
    let neutral = [&[1], &[0; 31][..]].concat();
    let small = json!({ "x": crate::forge::encode(neutral), "kid": "small" });
    let small = with(key.jwk.clone(), &small);
    EdDSA.verifier_from_jwk(&josekit_jwk(&small)).unwrap();
    let rsa = lasting(Algorithm::Rs256);
    let one = with(rsa.jwk.clone(), &json!({ "e": "AQ", "kid": "one" }));
    RS256.verifier_from_jwk(&josekit_jwk(&one)).unwrap();
    let private: Map<String, Value> = key.private.clone().into();
    let private = with(key.jwk.clone(), &Value::Object(private));
    let private = with(private, &json!({ "kid": "private" }));
    EdDSA.verifier_from_jwk(&josekit_jwk(&private)).unwrap();

    let set = json!({ "keys": [small, one, private, key.jwk] }).to_string();
    let ring = KeyRing::parse(set.as_bytes()).unwrap();
    assert_eq!(ring.key_ids().collect::<Vec<_>>(), ["key-1"]);
    assert_eq!(ring.skipped().len(), 3);
}

/// josekit reads as much as it is given, before the signature: 4 MB of header take it a while.
#[test]
fn a_large_token_costs_as_much_as_it_is_long() {
    let started = Instant::now();
    let megabytes = "A".repeat(4 * 1024 * 1024);
    for huge in [
        format!("{megabytes}.AAAA.AAAA"),
        format!("AAAA.{megabytes}.AAAA"),
        format!("AAAA.AAAA.{megabytes}"),
        ".".repeat(megabytes.len()),
    ] {
        for _ in 0..1000 {
            let denied = UntrustedToken::parse(&huge).unwrap_err();
            assert_eq!(denied.code(), "token_too_large");
        }
    }
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

/// Its errors wrap `anyhow`, which takes a backtrace of every refused token when the environment
/// asks for backtraces. A refusal here is a plain value without a cause, made of what it says.
#[test]
fn an_error_takes_a_backtrace() {
    let (key, ring) = ed();
    let policy = || Policy::new(ISSUER, AUDIENCE).unwrap();
    for token in [
        key.token_signed_by(|_| vec![0; 64]),
        key.token_signed_by(|_| vec![0; 3]),
        key.token_of_text("{", "{"),
        key.token_of_text(key.header().to_string(), "{"),
        key.token(&key.header(), &json!({})),
    ] {
        let denied = crate::forge::verify_with(policy(), &ring, &token).unwrap_err();
        assert!(denied.source().is_none());
        assert!(size_of_val(&denied) <= 64, "{}", size_of_val(&denied));
        assert!(!format!("{denied:?}").contains("backtrace"));
    }
}
