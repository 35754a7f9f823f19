//! What is judged before what: size, characters, header, policy, key, signature, claims. A token
//! with two faults is refused for the first, so nobody learns about claims without a signature, and
//! nothing expensive happens for a token that is refused anyway.

use auth_core::{Algorithm, MAX_TOKEN_BYTES, UntrustedToken, Verifier};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, Key, code, code_with, good_claims, key, lasting, policy, ring, sealed, verify_with,
    with,
};

/// Faults in the order in which they are found. A token has the fault at `from` and every later
/// one; it must be refused for that one.
#[test]
fn of_several_faults_the_first_in_the_order_is_the_reason() {
    let ours = lasting(Algorithm::EdDsa);
    let ring = ring([ours]);
    let expected = [
        "token_too_large",
        "token_malformed",
        "header_not_allowed",
        "type_not_allowed",
        "algorithm_not_allowed",
        "key_id_missing",
        "key_unknown",
        "signature_invalid",
        "claims_malformed",
        "token_bound",
        "logout_token",
        "id_token",
        "issuer_mismatch",
        "audience_mismatch",
        "token_expired",
        "subject_missing",
        "user_claim_missing",
        "admitted",
    ];
    for (from, &code_expected) in expected.iter().enumerate() {
        let has = |fault: &str| {
            let at = expected.iter().position(|&other| other == fault).unwrap();
            at >= from
        };
        let mut header = ours.header();
        for (fault, member, value) in [
            ("header_not_allowed", "jwk", json!({})),
            ("type_not_allowed", "typ", json!("dpop+jwt")),
            ("algorithm_not_allowed", "alg", json!("HS256")),
            ("key_unknown", "kid", json!("nobodys")),
        ] {
            if has(fault) {
                header[member] = value;
            }
        }
        // A key id cannot be both missing and unknown: missing it is, where that comes first.
        if has("key_id_missing") {
            header = with(header, &json!({ "kid": ABSENT }));
        }
        let mut claims = good_claims();
        for (fault, member, value) in [
            ("claims_malformed", "nbf", json!("tomorrow")),
            ("token_bound", "cnf", json!({ "jkt": "AAAA" })),
            ("logout_token", "events", json!({})),
            ("id_token", "nonce", json!("n")),
            ("issuer_mismatch", "iss", json!("https://evil.example")),
            ("audience_mismatch", "aud", json!("https://evil.example")),
            ("token_expired", "exp", json!(1)),
            ("subject_missing", "sub", json!(ABSENT)),
            ("user_claim_missing", "uuid", json!(ABSENT)),
        ] {
            if has(fault) {
                claims = with(claims, &json!({ member: value }));
            }
        }
        let mut token = sealed(header.to_string(), claims.to_string(), |input| {
            match has("signature_invalid") {
                true => vec![7; 64],
                false => ours.sign(input),
            }
        });
        if has("token_malformed") {
            token.push('=');
        }
        if has("token_too_large") {
            token.push_str(&"=".repeat(MAX_TOKEN_BYTES));
        }
        let refused = code(&ring, &token);
        // The whole token is in the last fault of all, and good.
        assert_eq!(refused, code_expected, "{header} {claims}");
    }
}

/// Also when the policy, and not the header itself, is what forbids the algorithm or the kind: the
/// key that is asked for need not exist.
#[test]
fn policy_is_judged_without_a_key() {
    let verifier = Verifier::new(policy().with_algorithms([Algorithm::EdDsa]).unwrap());
    for (header, expected) in [
        (
            json!({ "alg": "ES256", "kid": "nobodys" }),
            "algorithm_not_allowed",
        ),
        (
            json!({ "alg": "Ed25519", "kid": "nobodys" }),
            "algorithm_not_allowed",
        ),
        (json!({ "alg": "EdDSA" }), "key_id_missing"),
        (json!({ "alg": "EdDSA", "kid": "" }), "key_id_missing"),
        (
            json!({ "alg": "EdDSA", "kid": "a", "typ": "at+jwt" }),
            "type_not_allowed",
        ),
    ] {
        let token = sealed(header.to_string(), "{", |_| vec![0; 64]);
        let token = UntrustedToken::parse(&token).unwrap();
        assert_eq!(verifier.screen(&token).unwrap_err().code(), expected);
    }
    let fine = sealed(r#"{"alg":"EdDSA","kid":"nobodys"}"#, "{", |_| vec![0; 64]);
    verifier
        .screen(&UntrustedToken::parse(&fine).unwrap())
        .unwrap();
}

/// Without a signature nothing that a payload says makes a difference, not even to the reason.
#[test]
fn a_forger_learns_nothing_about_claims() {
    let (ours, stranger) = (lasting(Algorithm::EdDsa), key(Algorithm::EdDsa, "key-1"));
    let ring = ring([ours]);
    let forged = |claims: &str| {
        let token = stranger.token_of_text(ours.header().to_string(), claims);
        verify_with(policy(), &ring, &token).unwrap_err()
    };
    let reason = forged(&good_claims().to_string());
    assert_eq!(reason.code(), "signature_invalid");
    for claims in [
        with(good_claims(), &json!({ "exp": 1 })).to_string(),
        with(good_claims(), &json!({ "exp": 1e300 })).to_string(),
        with(good_claims(), &json!({ "iss": "https://evil.example" })).to_string(),
        with(good_claims(), &json!({ "cnf": {} })).to_string(),
        r#"{"a":1,"a":1}"#.into(),
        "[]".into(),
        "{".into(),
        "\u{0}".into(),
    ] {
        assert_eq!(forged(&claims), reason, "{claims}");
    }
}

/// A refused token may be anybody's, and a log is read by many: nothing that could be used or that
/// names its user is in any text that comes of it.
#[test]
fn no_text_says_what_a_token_holds() {
    let ours = lasting(Algorithm::EdDsa);
    let ring = ring([ours]);
    let secrets = json!({
        "sid": "session-4f2a91", "jti": "token-77c1d0", "email": "mallory@example.net",
        "name": "Mallory", "role": "role-of-mallory", "scope": "scope-of-mallory",
        "client_id": "client-5d0e2b", "nickname": "\u{1b}[31mred",
    });
    let texts = |key: &Key, header: &Value, claims: &Value| {
        let token = key.token(header, claims);
        let parsed = UntrustedToken::parse(&token);
        let mut texts = format!("{parsed:?}");
        match verify_with(policy(), &ring, &token) {
            Ok(identity) => texts += &format!("{identity:?}"),
            Err(denied) => texts += &format!("{denied} {denied:?} {}", denied.hint()),
        }
        let parts = token.split('.').map(str::to_owned).collect::<Vec<_>>();
        (texts, parts)
    };
    let claims = with(good_claims(), &secrets);
    let stranger = key(Algorithm::EdDsa, "key-1");
    let mut seen = Vec::new();
    for (key, header, claims) in [
        (ours, ours.header(), claims.clone()),
        (&stranger, ours.header(), claims.clone()),
        (
            ours,
            json!({ "alg": "HS256", "kid": "key-1" }),
            claims.clone(),
        ),
        (
            ours,
            json!({ "alg": "EdDSA", "kid": "key-2" }),
            claims.clone(),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "exp": 1 })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "exp": "mallory@example.net" })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "uuid": "Mallory" })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "sub": ["Mallory"] })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "cnf": { "jkt": "token-77c1d0" } })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "nonce": "token-77c1d0" })),
        ),
        (
            ours,
            ours.header(),
            with(claims.clone(), &json!({ "iat": 1 })),
        ),
    ] {
        let (texts, parts) = texts(key, &header, &claims);
        for secret in secrets
            .as_object()
            .unwrap()
            .values()
            .chain([&claims["sub"]])
        {
            let secret = secret.as_str().unwrap_or("Mallory");
            assert!(!texts.contains(secret), "says {secret}: {texts}");
        }
        for part in parts {
            assert!(!texts.contains(&part), "repeats the token: {texts}");
        }
        assert!(texts.is_ascii() && !texts.contains('\u{1b}'), "{texts}");
        seen.push(texts);
    }
    // They do differ, or they would say nothing at all.
    seen.sort();
    seen.dedup();
    assert!(seen.len() >= 10, "{seen:#?}");
}

/// A token without a key id, where the policy takes one, means the only key; never one of several.
#[test]
fn a_token_without_key_id_is_taken_only_if_the_policy_says_so_and_one_key_is_published() {
    let (ed, ec) = (lasting(Algorithm::EdDsa), lasting(Algorithm::Es256));
    let other = key(Algorithm::EdDsa, "key-2");
    let optional = || policy().with_key_id_optional(true);
    for kid in [json!(ABSENT), json!("")] {
        let nameless = |key: &Key| {
            let header = with(key.header(), &json!({ "kid": kid }));
            key.token(&header, &good_claims())
        };
        let token = nameless(ed);
        assert_eq!(code_with(policy(), &ring([ed]), &token), "key_id_missing");
        assert_eq!(code_with(optional(), &ring([ed]), &token), "admitted");
        assert_eq!(
            code_with(optional(), &ring([&other]), &token),
            "signature_invalid"
        );
        assert_eq!(
            code_with(optional(), &ring([ec]), &token),
            "algorithm_not_allowed"
        );
        // Two keys: even if only one of them has the algorithm.
        assert_eq!(
            code_with(optional(), &ring([ed, &other]), &token),
            "key_id_missing"
        );
        assert_eq!(
            code_with(optional(), &ring([ed, ec]), &token),
            "key_id_missing"
        );
        // One that names a key is held to it, as ever.
        let named = ed.token(
            &with(ed.header(), &json!({ "kid": "key-9" })),
            &good_claims(),
        );
        assert_eq!(code_with(optional(), &ring([ed]), &named), "key_unknown");
    }
    for wrong in [json!(null), json!(1), json!([]), json!("a b")] {
        let token = ed.token(&with(ed.header(), &json!({ "kid": wrong })), &good_claims());
        let denied = verify_with(optional(), &ring([ed]), &token).unwrap_err();
        assert_eq!(denied.code(), "token_malformed", "{wrong}");
    }
}
