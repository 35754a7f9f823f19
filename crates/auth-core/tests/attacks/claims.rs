use std::time::Duration;

use auth_core::{
    Algorithm, Denied, Identity, KeyRing, Policy, UnixTime, UntrustedToken, UserClaim, Verifier,
};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, AUDIENCE, ISSUER, Key, NOW, USER, code, code_with, good_claims, key, policy, ring,
    verify_with, with,
};

struct Issuer {
    key: Key,
    ring: KeyRing,
}

impl Issuer {
    fn new() -> Self {
        let key = key(Algorithm::EdDsa, "key-1");
        let ring = ring([&key]);
        Self { key, ring }
    }

    fn token(&self, changed: &Value) -> String {
        self.key
            .token(&self.key.header(), &with(good_claims(), changed))
    }

    fn code(&self, changed: &Value) -> &'static str {
        code(&self.ring, &self.token(changed))
    }

    fn code_with(&self, policy: Policy, changed: &Value) -> &'static str {
        code_with(policy, &self.ring, &self.token(changed))
    }

    fn code_at(&self, now: UnixTime, changed: &Value) -> &'static str {
        match self.verify_at(now, changed) {
            Ok(_) => "admitted",
            Err(denied) => denied.code(),
        }
    }

    fn verify_at(&self, now: UnixTime, changed: &Value) -> Result<Identity, Denied> {
        let token = self.token(changed);
        Verifier::new(policy()).verify(&UntrustedToken::parse(&token)?, &self.ring, now)
    }
}

/// Everything that is no string, and so is neither an issuer nor a subject.
fn not_strings() -> [Value; 6] {
    [
        json!(null),
        json!(1),
        json!(true),
        json!([]),
        json!([ISSUER]),
        json!({ "a": ISSUER }),
    ]
}

#[test]
fn the_issuer_is_exact_and_a_string() {
    let issuer = Issuer::new();
    for other in [
        "https://app.example/",
        "https://app.example:443",
        "https://APP.example",
        "HTTPS://app.example",
        "http://app.example",
        "https://app.exampl",
        "https://app.example.evil.example",
        "https://app.example ",
        "https://app.example\u{0}",
        "https://\u{430}pp.example",
        "https://app.example/api/auth",
        "",
    ] {
        assert_eq!(
            issuer.code(&json!({ "iss": other })),
            "issuer_mismatch",
            "{other:?}"
        );
    }
    assert_eq!(issuer.code(&json!({ "iss": ABSENT })), "issuer_mismatch");
    // CVE-2025-30144: a list that contains the issuer.
    for wrong in not_strings() {
        assert_eq!(
            issuer.code(&json!({ "iss": wrong })),
            "claims_malformed",
            "{wrong}"
        );
    }
}

#[test]
fn the_audience_must_name_us() {
    let issuer = Issuer::new();
    for (aud, expected) in [
        (json!([AUDIENCE]), "admitted"),
        (json!(["https://other.example", AUDIENCE]), "admitted"),
        (json!([AUDIENCE, AUDIENCE]), "admitted"),
        (json!(ABSENT), "audience_mismatch"),
        (json!([]), "audience_mismatch"),
        (json!(""), "audience_mismatch"),
        (json!([""]), "audience_mismatch"),
        (json!("https://api.example/"), "audience_mismatch"),
        (json!("https://api.exampl"), "audience_mismatch"),
        (
            json!("https://api.example.evil.example"),
            "audience_mismatch",
        ),
        (json!("https://API.example"), "audience_mismatch"),
        (json!("api.example"), "audience_mismatch"),
        (
            json!("https://api.example https://other.example"),
            "audience_mismatch",
        ),
        (
            json!(vec!["https://other.example"; 200]),
            "audience_mismatch",
        ),
        (json!(null), "claims_malformed"),
        (json!(1), "claims_malformed"),
        (json!([1]), "claims_malformed"),
        (json!([AUDIENCE, 1]), "claims_malformed"),
        (json!([AUDIENCE, null]), "claims_malformed"),
        (json!([[AUDIENCE]]), "claims_malformed"),
        (json!({ "0": AUDIENCE }), "claims_malformed"),
    ] {
        assert_eq!(issuer.code(&json!({ "aud": aud })), expected, "{aud}");
    }
    let two = || {
        policy()
            .with_audiences([AUDIENCE, "https://admin.example"])
            .unwrap()
    };
    let admin = json!({ "aud": "https://admin.example" });
    assert_eq!(issuer.code_with(two(), &admin), "admitted");
    assert_eq!(issuer.code_with(two(), &json!({})), "admitted");
    assert_eq!(issuer.code(&admin), "audience_mismatch");
}

/// Wrongly typed times once counted as absent, and so as eternal (CVE-2026-25537).
#[test]
fn times_are_numbers_of_seconds_in_a_sane_range() {
    let issuer = Issuer::new();
    for name in ["exp", "nbf", "iat"] {
        for wrong in [
            json!(null),
            json!("1800000840"),
            json!(""),
            json!(true),
            json!([1_800_000_840]),
            json!({}),
            json!(-1),
            json!(-0.5),
            json!(253_402_300_800_i64),
            json!(1_800_000_840_000_i64), // milliseconds
            json!((1_i64 << 53) + 1),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1e300),
            json!(-1e300),
        ] {
            assert_eq!(
                issuer.code(&json!({ name: wrong })),
                "claims_malformed",
                "{name}: {wrong}"
            );
        }
        // serde_json writes no such numbers, so they come as text.
        for wrong in [
            "1e400",
            "-1e400",
            "NaN",
            "Infinity",
            "01",
            "0x6b49d200",
            "1_800_000_840",
            "+1",
        ] {
            let claims = with(good_claims(), &json!({ name: "(here)" })).to_string();
            let claims = claims.replace("\"(here)\"", wrong);
            let token = issuer
                .key
                .token_of_text(issuer.key.header().to_string(), claims);
            assert_eq!(
                code(&issuer.ring, &token),
                "claims_malformed",
                "{name}: {wrong}"
            );
        }
    }
    assert_eq!(issuer.code(&json!({ "exp": ABSENT })), "claims_malformed");
    assert_eq!(
        issuer.code(&json!({ "nbf": ABSENT, "iat": ABSENT })),
        "admitted"
    );
    assert_eq!(
        issuer.code_with(
            policy().with_max_lifetime(None),
            &json!({ "exp": 253_402_300_799_i64, "nbf": 0, "iat": 0 })
        ),
        "admitted"
    );
    assert_eq!(issuer.code(&json!({ "exp": 0 })), "token_expired");
    assert_eq!(
        issuer.code(&json!({ "exp": 1.8e9 + 840.0, "nbf": 1.5, "iat": 1.8e9 })),
        "admitted"
    );
}

#[test]
fn a_token_is_good_until_exactly_its_expiry_plus_the_leeway() {
    let issuer = Issuer::new();
    let exp = NOW + Duration::from_secs(840);
    let end = exp + Policy::DEFAULT_LEEWAY;
    let millisecond = Duration::from_millis(1);
    let claims = json!({ "exp": exp.as_secs() });
    assert_eq!(issuer.code_at(end - millisecond, &claims), "admitted");
    assert_eq!(issuer.code_at(end, &claims), "token_expired");
    assert_eq!(issuer.verify_at(NOW, &claims).unwrap().expires_at(), exp);

    let half_a_second_later = json!({ "exp": exp.as_secs() as f64 + 0.5 });
    let end = end + Duration::from_millis(500);
    assert_eq!(
        issuer.code_at(end - millisecond, &half_a_second_later),
        "admitted"
    );
    assert_eq!(issuer.code_at(end, &half_a_second_later), "token_expired");

    let strict = || policy().with_leeway(Duration::ZERO).unwrap();
    assert_eq!(
        issuer.code_with(strict(), &json!({ "exp": NOW.as_secs() })),
        "token_expired"
    );
    assert_eq!(
        issuer.code_with(strict(), &json!({ "exp": NOW.as_secs() + 1 })),
        "admitted"
    );
}

#[test]
fn a_token_is_not_good_before_its_time_less_the_leeway() {
    let issuer = Issuer::new();
    let leeway = Policy::DEFAULT_LEEWAY;
    for (name, expected) in [("nbf", "token_not_yet_valid"), ("iat", "issued_in_future")] {
        let latest = (NOW + leeway).as_secs();
        assert_eq!(issuer.code(&json!({ name: latest })), "admitted", "{name}");
        assert_eq!(
            issuer.code(&json!({ name: latest + 1 })),
            expected,
            "{name}"
        );
        assert_eq!(
            issuer.code(&json!({ name: latest as f64 + 0.001 })),
            expected,
            "{name}"
        );
    }
}

#[test]
fn the_subject_is_a_string_that_says_something() {
    let issuer = Issuer::new();
    assert_eq!(issuer.code(&json!({ "sub": ABSENT })), "subject_missing");
    assert_eq!(issuer.code(&json!({ "sub": "" })), "subject_missing");
    for wrong in not_strings() {
        assert_eq!(
            issuer.code(&json!({ "sub": wrong })),
            "claims_malformed",
            "{wrong}"
        );
    }
}

#[test]
fn the_user_claim_is_a_hyphenated_uuid() {
    let issuer = Issuer::new();
    for (value, expected) in [
        (json!(USER), "admitted"),
        (json!(USER.to_uppercase()), "admitted"),
        (json!("ffffffff-ffff-ffff-ffff-fffffffffffe"), "admitted"),
        (json!(ABSENT), "user_claim_missing"),
        (json!(null), "user_claim_null"),
        (json!(""), "user_claim_invalid"),
        (json!("null"), "user_claim_invalid"),
        (json!("me"), "user_claim_invalid"),
        (
            json!("00000000-0000-0000-0000-000000000000"),
            "user_claim_invalid",
        ),
        (json!(USER.replace('-', "")), "user_claim_invalid"),
        (json!(format!("{{{USER}}}")), "user_claim_invalid"),
        (json!(format!("urn:uuid:{USER}")), "user_claim_invalid"),
        (json!(format!("{USER} ")), "user_claim_invalid"),
        (json!(format!(" {USER}")), "user_claim_invalid"),
        (json!(format!("{USER}\u{0}")), "user_claim_invalid"),
        (json!(USER.replace('0', "o")), "user_claim_invalid"),
        (
            json!(USER.replacen('0', "\u{ff10}", 1)),
            "user_claim_invalid",
        ),
        (json!(&USER[1..]), "user_claim_invalid"),
        (json!(1), "user_claim_invalid"),
        (json!(true), "user_claim_invalid"),
        (json!([USER]), "user_claim_invalid"),
        (json!({ "uuid": USER }), "user_claim_invalid"),
    ] {
        assert_eq!(issuer.code(&json!({ "uuid": value })), expected, "{value}");
    }
    let upper = issuer
        .verify_at(NOW, &json!({ "uuid": USER.to_uppercase() }))
        .unwrap();
    assert_eq!(upper.user_id().to_string(), USER);
}

#[test]
fn only_the_configured_claim_names_the_user() {
    let issuer = Issuer::new();
    let by_sub = || policy().with_user_claim(UserClaim::Sub);
    let other = "a7d3034b-a1a0-48e1-b495-625569da03c5";
    let both = issuer.token(&json!({ "sub": other }));
    let user_id = |policy| {
        verify_with(policy, &issuer.ring, &both)
            .unwrap()
            .user_id()
            .to_string()
    };
    assert_eq!(user_id(policy()), USER);
    assert_eq!(user_id(by_sub()), other);
    // Whatever stands in `uuid` then, it is not looked at.
    assert_eq!(
        issuer.code_with(by_sub(), &json!({ "sub": other, "uuid": [1] })),
        "admitted"
    );
    assert_eq!(issuer.code_with(by_sub(), &json!({})), "user_claim_invalid");
    let nil = json!({ "sub": "00000000-0000-0000-0000-000000000000" });
    assert_eq!(issuer.code_with(by_sub(), &nil), "user_claim_invalid");
    assert_eq!(
        issuer.code_with(by_sub(), &json!({ "sub": ABSENT })),
        "subject_missing"
    );
}

#[test]
fn a_session_is_optional_but_must_be_one() {
    let issuer = Issuer::new();
    assert_eq!(
        issuer.verify_at(NOW, &json!({})).unwrap().session_id(),
        None
    );
    let with_session = issuer
        .verify_at(NOW, &json!({ "sid": "session-1" }))
        .unwrap();
    assert_eq!(with_session.session_id(), Some("session-1"));
    assert_eq!(issuer.code(&json!({ "sid": "" })), "claims_malformed");
    for wrong in not_strings() {
        assert_eq!(
            issuer.code(&json!({ "sid": wrong })),
            "claims_malformed",
            "{wrong}"
        );
    }
}

/// Taking a proof-of-possession token as a bearer token would undo its protection.
#[test]
fn bound_tokens_are_refused() {
    let issuer = Issuer::new();
    for cnf in [
        json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        json!({ "x5t#S256": "AAAA" }),
        json!({}),
        json!(null),
        json!("anything"),
    ] {
        assert_eq!(issuer.code(&json!({ "cnf": cnf })), "token_bound", "{cnf}");
    }
}

#[test]
fn a_payload_is_one_object_with_unique_names() {
    let issuer = Issuer::new();
    let good = good_claims().to_string();
    let body = good.strip_suffix('}').unwrap();
    let nested = format!(r#"{body},"x":{{"a":1,"a":2}}}}"#);
    let uuid_again = format!(r#"{body},"uuid":"a7d3034b-a1a0-48e1-b495-625569da03c5"}}"#);
    let escaped = format!(r#"{body},"\u0075uid":"{USER}"}}"#);
    let unread = format!(r#"{body},"email":"b@example.com"}}"#);
    let surrogate = format!(r#"{body},"x":"\ud800"}}"#);
    for text in [
        nested.as_bytes(),
        uuid_again.as_bytes(),
        escaped.as_bytes(),
        unread.as_bytes(),
        surrogate.as_bytes(),
        body.as_bytes(),
        format!("[{good}]").as_bytes(),
        format!("{good}{good}").as_bytes(),
        format!("\u{feff}{good}").as_bytes(),
        format!("{good}\0").as_bytes(),
        &[good.as_bytes(), b"\xff"].concat(),
        &[body.as_bytes(), b",\"x\":\"\xc0\x80\"}"].concat(),
        br#""eyJhbGciOiJFZERTQSJ9""#,
        b"null",
        b"7",
        b"{",
    ] {
        let token = issuer
            .key
            .token_of_text(issuer.key.header().to_string(), text);
        let shown = String::from_utf8_lossy(text);
        assert_eq!(code(&issuer.ring, &token), "claims_malformed", "{shown}");
    }
    // The order of the names and the white space between them are nobody's business.
    let spaced = format!(" \r\n\t{good}\n");
    let token = issuer
        .key
        .token_of_text(issuer.key.header().to_string(), spaced);
    assert_eq!(code(&issuer.ring, &token), "admitted");
}

#[test]
fn an_identity_says_what_the_token_said() {
    let issuer = Issuer::new();
    let identity = issuer
        .verify_at(NOW, &json!({ "sid": "session-1" }))
        .unwrap();
    assert_eq!(identity.user_id().to_string(), USER);
    assert_eq!(identity.subject(), "Jszgmg3fcdHl5vT8acWgkC13CzDGZgKl");
    assert_eq!(identity.issuer(), ISSUER);
    assert_eq!(identity.session_id(), Some("session-1"));
    assert_eq!(identity.issued_at(), Some(NOW - Duration::from_secs(60)));
    assert_eq!(identity.expires_at(), NOW + Duration::from_secs(840));
    assert_eq!(
        issuer
            .verify_at(NOW, &json!({ "iat": ABSENT }))
            .unwrap()
            .issued_at(),
        None
    );
}
