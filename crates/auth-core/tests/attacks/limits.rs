//! The edges of what a policy accepts: times to the millisecond, lifetimes, audiences, and the one
//! setting that takes a check away.

use std::time::Duration;

use auth_core::{Algorithm, KeyRing, Policy, UnixTime, UntrustedToken, Verifier};
use serde_json::{Value, json};

use crate::forge::{ABSENT, NOW, code, code_with, good_claims, lasting, policy, ring, with};

fn token(changed: &Value) -> String {
    let key = lasting(Algorithm::EdDsa);
    key.token(&key.header(), &with(good_claims(), changed))
}

fn keys() -> KeyRing {
    ring([lasting(Algorithm::EdDsa)])
}

/// Each row: a claim, when it stands, and whether the token is good then. Times in milliseconds
/// from the moment at which the verifier stands; the leeway is 30 s.
#[test]
fn times_are_exact_to_the_millisecond() {
    let secs = |millis: i64| json!((NOW.as_millis() + millis) as f64 / 1000.0);
    let keys = keys();
    for (claim, millis, expected) in [
        ("exp", -30_001, "token_expired"),
        ("exp", -30_000, "token_expired"),
        ("exp", -29_999, "admitted"),
        ("exp", -1, "admitted"),
        ("exp", 0, "admitted"),
        ("nbf", 29_999, "admitted"),
        ("nbf", 30_000, "admitted"),
        ("nbf", 30_001, "token_not_yet_valid"),
        ("iat", 29_999, "admitted"),
        ("iat", 30_000, "admitted"),
        ("iat", 30_001, "issued_in_future"),
    ] {
        let token = token(&json!({ claim: secs(millis) }));
        assert_eq!(code(&keys, &token), expected, "{claim} {millis}");
    }
    let strict = || policy().with_leeway(Duration::ZERO).unwrap();
    for (claim, millis, expected) in [
        ("exp", -1, "token_expired"),
        ("exp", 0, "token_expired"),
        ("exp", 1, "admitted"),
        ("nbf", 0, "admitted"),
        ("nbf", 1, "token_not_yet_valid"),
        ("iat", 0, "admitted"),
        ("iat", 1, "issued_in_future"),
    ] {
        let token = token(&json!({ claim: secs(millis) }));
        assert_eq!(
            code_with(strict(), &keys, &token),
            expected,
            "{claim} {millis}"
        );
    }
}

/// The spellings of a number are many, its meaning is one.
#[test]
fn a_time_may_be_spelt_as_json_allows() {
    let exp = NOW.as_secs() + 840;
    let keys = keys();
    let key = lasting(Algorithm::EdDsa);
    for (spelling, expected) in [
        (format!("{exp}"), "admitted"),
        (format!("{exp}.0"), "admitted"),
        (format!("{exp}.999999999999"), "admitted"),
        (format!("{exp}e0"), "admitted"),
        (format!("{exp}E+0"), "admitted"),
        (
            format!("{}.{}e9", exp / 1_000_000_000, exp % 1_000_000_000),
            "admitted",
        ),
        ("0".into(), "token_expired"),
        ("-0".into(), "token_expired"),
        ("1e-400".into(), "token_expired"),
        ("-1e-400".into(), "token_expired"),
        (format!("{exp}000"), "claims_malformed"),
        (format!("-{exp}"), "claims_malformed"),
        ("253402300800".into(), "claims_malformed"),
        ("253402300799.5".into(), "claims_malformed"),
        ("9007199254740993".into(), "claims_malformed"),
        ("9223372036854775807".into(), "claims_malformed"),
        ("9223372036854775808".into(), "claims_malformed"),
        ("-9223372036854775809".into(), "claims_malformed"),
        ("18446744073709551616".into(), "claims_malformed"),
        ("1e18".into(), "claims_malformed"),
        ("1e308".into(), "claims_malformed"),
        ("1e309".into(), "claims_malformed"),
        ("1e999999999".into(), "claims_malformed"),
        ("9".repeat(500), "claims_malformed"),
        (format!("\"{exp}\""), "claims_malformed"),
        (format!("[{exp}]"), "claims_malformed"),
    ] {
        let claims = with(good_claims(), &json!({ "exp": "(here)" })).to_string();
        let claims = claims.replace("\"(here)\"", &spelling);
        let token = key.token_of_text(key.header().to_string(), claims);
        assert_eq!(code(&keys, &token), expected, "{spelling}");
    }
}

/// Whoever gets hold of the issuer for a moment must not be able to mint a token for ever.
#[test]
fn a_token_lives_no_longer_than_the_policy_allows() {
    let keys = keys();
    let now = NOW.as_secs();
    let day = 24 * 60 * 60;
    for (iat, exp, expected) in [
        (json!(now), now + day, "admitted"),
        (json!(now), now + day + 1, "token_lifetime"),
        (json!(now - 60), now + day - 60, "admitted"),
        (json!(now - 60), now + day - 59, "token_lifetime"),
        (json!(now as f64 - 0.001), now + day, "token_lifetime"),
        // Without `iat` it counts from now: it cannot be told how long it has lived.
        (json!(ABSENT), now + day, "admitted"),
        (json!(ABSENT), now + day + 1, "token_lifetime"),
        (json!(0), now + 60, "token_lifetime"),
        // An `iat` a little ahead of us shortens nothing.
        (json!(now + 30), now + 30 + day, "admitted"),
        (json!(now + 30), now + 31 + day, "token_lifetime"),
        // Expiring before it was minted is odd, and short.
        (json!(now + 20), now + 10, "admitted"),
    ] {
        let token = token(&json!({ "iat": iat, "exp": exp }));
        assert_eq!(code(&keys, &token), expected, "{iat} to {exp}");
    }
    let within = |longest| policy().with_max_lifetime(longest);
    let ten_years = token(&json!({ "iat": now, "exp": now + 3650 * day }));
    assert_eq!(code_with(within(None), &keys, &ten_years), "admitted");
    let good = token(&json!({}));
    let fifteen_minutes = Some(Duration::from_secs(900));
    assert_eq!(code_with(within(fifteen_minutes), &keys, &good), "admitted");
    let less = Some(Duration::from_millis(899_999));
    assert_eq!(code_with(within(less), &keys, &good), "token_lifetime");
    assert_eq!(
        Policy::DEFAULT_MAX_LIFETIME,
        Duration::from_secs(day as u64)
    );
}

/// The verifier's clock may stand anywhere; arithmetic at its ends must not wrap a token to life.
#[test]
fn no_clock_brings_an_expired_token_back() {
    let keys = keys();
    let token = token(&json!({}));
    let token = UntrustedToken::parse(&token).unwrap();
    let forever = Verifier::new(policy().with_max_lifetime(None));
    for (now, expected) in [
        (i64::MIN, "issued_in_future"),
        (-1, "issued_in_future"),
        (0, "issued_in_future"),
        (253_402_300_799_999, "token_expired"),
        (i64::MAX - 1, "token_expired"),
        (i64::MAX, "token_expired"),
    ] {
        let now = UnixTime::from_millis(now);
        let denied = forever.verify(&token, &keys, now).unwrap_err();
        assert_eq!(denied.code(), expected, "{now}");
    }
}

/// The way out of the audience check says in its name what it is, and takes nothing else away.
#[test]
fn without_a_look_at_the_audience_everything_else_is_still_checked() {
    let keys = keys();
    let any = || policy().danger_any_audience();
    for aud in [
        json!("https://other.example"),
        json!([]),
        json!(ABSENT),
        json!(["a", "b"]),
    ] {
        let token = token(&json!({ "aud": aud }));
        assert_eq!(code_with(any(), &keys, &token), "admitted", "{aud}");
        assert_eq!(code(&keys, &token), "audience_mismatch", "{aud}");
    }
    for (changed, expected) in [
        (json!({ "aud": null }), "claims_malformed"),
        (json!({ "aud": [1] }), "claims_malformed"),
        (json!({ "iss": "https://evil.example" }), "issuer_mismatch"),
        (json!({ "exp": 1 }), "token_expired"),
        (json!({ "nonce": "n" }), "id_token"),
    ] {
        assert_eq!(
            code_with(any(), &keys, &token(&changed)),
            expected,
            "{changed}"
        );
    }
}

#[test]
fn a_name_twice_is_refused_in_every_claim_that_holds_an_object_or_a_list() {
    let key = lasting(Algorithm::EdDsa);
    let good = good_claims().to_string();
    let body = good.strip_suffix('}').unwrap();
    for more in [
        r#""cnf":{"jkt":"a","jkt":"b"}"#,
        r#""act":{"sub":"a","sub":"a"}"#,
        r#""x":[[{"a":1,"b":[],"a":1}]]"#,
        r#""events":{"u":{},"u":{}}"#,
        r#""":1,"":2"#,
    ] {
        let token = key.token_of_text(key.header().to_string(), format!("{body},{more}}}"));
        assert_eq!(code(&keys(), &token), "claims_malformed", "{more}");
    }
}

/// The application's own claims come from the same bytes that were signed, and an error about them
/// does not repeat them.
#[test]
fn own_claims_that_do_not_fit_are_an_error_without_the_users_data() {
    #[derive(Debug, serde::Deserialize)]
    struct Own {
        email: String,
        tenant: u32,
    }
    let identity = |changed: &Value| {
        let token = token(changed);
        let token = UntrustedToken::parse(&token).unwrap();
        Verifier::new(policy())
            .verify(&token, &keys(), NOW)
            .unwrap()
    };
    let fits = identity(&json!({ "tenant": 7 })).claims::<Own>().unwrap();
    assert_eq!((&*fits.email, fits.tenant), ("alice@example.com", 7));
    for tenant in [
        json!(ABSENT),
        json!("alice"),
        json!(-1),
        json!(null),
        json!([7]),
        json!(1e9),
    ] {
        let mismatch = identity(&json!({ "tenant": tenant }))
            .claims::<Own>()
            .unwrap_err();
        let shown = format!("{mismatch} {mismatch:?}");
        assert!(shown.len() < 200 && !shown.contains("alice"), "{shown}");
        assert_eq!(
            shown.contains("there is no claim \"tenant\""),
            tenant == ABSENT,
            "{shown}"
        );
    }
}
