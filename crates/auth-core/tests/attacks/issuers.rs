//! Several issuers side by side: what one of them signs proves nothing about another's users, even
//! where their keys have the same names.

use auth_core::{
    Algorithm, Denied, Identity, Issuers, KeyRing, Policy, PolicyError, UntrustedToken,
};
use serde_json::{Value, json};

use crate::forge::{
    ABSENT, AUDIENCE, ISSUER, Key, NOW, good_claims, key, lasting, ring, sealed, with,
};

const OTHER: &str = "https://other.example";

/// Two issuers, each with one key, both keys named `key-1`.
struct Two {
    ours: Key,
    theirs: Key,
    rings: [KeyRing; 2],
    issuers: Issuers,
}

impl Two {
    fn new(algorithm: Algorithm) -> Self {
        let (ours, theirs) = (key(algorithm, "key-1"), key(algorithm, "key-1"));
        let policies = [ISSUER, OTHER].map(|issuer| Policy::new(issuer, AUDIENCE).unwrap());
        Self {
            rings: [ring([&ours]), ring([&theirs])],
            issuers: Issuers::new(policies).unwrap(),
            ours,
            theirs,
        }
    }

    /// As a bridge does it: choose, then judge with the chosen one's keys and no others.
    fn admit(&self, token: &str) -> Result<(usize, Identity), Denied> {
        let token = UntrustedToken::parse(token)?;
        let (index, verifier) = self.issuers.select(&token)?;
        let identity = verifier.verify(&token, &self.rings[index], NOW)?;
        Ok((index, identity))
    }

    fn code(&self, token: &str) -> &'static str {
        match self.admit(token) {
            Ok((0, _)) => "admitted as ours",
            Ok(_) => "admitted as theirs",
            Err(denied) => denied.code(),
        }
    }
}

fn claims_of(iss: impl Into<Value>) -> Value {
    with(good_claims(), &json!({ "iss": iss.into() }))
}

#[test]
fn a_key_id_that_two_issuers_share_verifies_only_its_own() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let two = Two::new(algorithm);
        for (signer, iss, expected) in [
            (&two.ours, ISSUER, "admitted as ours"),
            (&two.theirs, OTHER, "admitted as theirs"),
            (&two.ours, OTHER, "signature_invalid"),
            (&two.theirs, ISSUER, "signature_invalid"),
        ] {
            let token = signer.token(&signer.header(), &claims_of(iss));
            assert_eq!(two.code(&token), expected, "{algorithm} {iss}");
        }
    }
}

#[test]
fn the_issuer_is_chosen_byte_by_byte() {
    let two = Two::new(Algorithm::EdDsa);
    for iss in [
        json!("https://app.example/"),
        json!("https://app.example:443"),
        json!("https://APP.example"),
        json!("https://app.example "),
        json!("https://app.exampl"),
        json!("https://app.example.evil.example"),
        json!("https://\u{430}pp.example"),
        json!(""),
        json!(null),
        json!(1),
        json!([ISSUER]),
        json!([ISSUER, OTHER]),
        json!({ "0": ISSUER }),
        json!(ABSENT),
    ] {
        let token = two.ours.token(&two.ours.header(), &claims_of(iss.clone()));
        assert_eq!(two.code(&token), "issuer_mismatch", "{iss}");
    }
}

/// The unverified look at `iss` is as strict as the verified one: two readers of one text must not
/// see two issuers.
#[test]
fn a_payload_that_could_be_read_in_two_ways_chooses_nobody() {
    let two = Two::new(Algorithm::EdDsa);
    let good = claims_of(ISSUER).to_string();
    for payload in [
        good.replacen('{', &format!(r#"{{"iss":"{OTHER}","#), 1),
        good.replacen('{', &format!(r#"{{"\u0069ss":"{OTHER}","#), 1),
        good.replacen('{', r#"{"x":{"a":1,"a":1},"#, 1),
        format!("{good} {good}"),
        format!("[{good}]"),
        format!("\u{feff}{good}"),
        "null".into(),
        "{".into(),
    ] {
        let token = two
            .ours
            .token_of_text(two.ours.header().to_string(), &payload);
        assert_eq!(two.code(&token), "issuer_mismatch", "{payload}");
    }
    let not_utf8 = [good.as_bytes(), b"\xff"].concat();
    let token = two
        .ours
        .token_of_text(two.ours.header().to_string(), not_utf8);
    assert_eq!(two.code(&token), "issuer_mismatch");
}

/// With one issuer nothing of the payload is looked at before the signature was judged.
#[test]
fn a_single_issuer_judges_every_token_by_its_signature_first() {
    let key = lasting(Algorithm::EdDsa);
    let issuers = Issuers::new([Policy::new(ISSUER, AUDIENCE).unwrap()]).unwrap();
    for payload in [claims_of(OTHER).to_string(), "{".into(), "null".into()] {
        let forged = sealed(key.header().to_string(), &payload, |_| vec![7; 64]);
        let token = UntrustedToken::parse(&forged).unwrap();
        let (index, verifier) = issuers.select(&token).unwrap();
        assert_eq!(index, 0);
        let denied = verifier.verify(&token, &ring([key]), NOW).unwrap_err();
        assert_eq!(denied.code(), "signature_invalid", "{payload}");
    }
}

/// Audience, algorithms, leeway: what is configured for one issuer is not lent to another.
#[test]
fn each_issuer_has_its_own_policy() {
    let (ed, ec) = (lasting(Algorithm::EdDsa), lasting(Algorithm::Es256));
    let both = ring([ed, ec]);
    let issuers = Issuers::new([
        Policy::new(ISSUER, "https://one.example")
            .and_then(|policy| policy.with_algorithms([Algorithm::EdDsa]))
            .unwrap(),
        Policy::new(OTHER, "https://two.example")
            .and_then(|policy| policy.with_algorithms([Algorithm::Es256]))
            .unwrap(),
    ])
    .unwrap();
    let code = |signer: &Key, iss: &str, aud: &str| {
        let claims = with(claims_of(iss), &json!({ "aud": aud }));
        let token = signer.token(&signer.header(), &claims);
        let token = UntrustedToken::parse(&token).unwrap();
        let (_, verifier) = issuers.select(&token).unwrap();
        // Even with the same ring behind both, which nobody should do.
        verifier
            .verify(&token, &both, NOW)
            .map_or_else(|denied| denied.code(), |_| "admitted")
    };
    let (one, two) = ("https://one.example", "https://two.example");
    assert_eq!(code(ed, ISSUER, one), "admitted");
    assert_eq!(code(ec, OTHER, two), "admitted");
    assert_eq!(code(ed, ISSUER, two), "audience_mismatch");
    assert_eq!(code(ec, OTHER, one), "audience_mismatch");
    assert_eq!(code(ec, ISSUER, one), "algorithm_not_allowed");
    assert_eq!(code(ed, OTHER, two), "algorithm_not_allowed");
}

/// The two profiles of one Better Auth server may even share an issuer; then the type decides.
#[test]
fn two_kinds_of_token_of_one_issuer_are_two_policies() {
    let key = lasting(Algorithm::EdDsa);
    let plain = || Policy::new(ISSUER, AUDIENCE).unwrap();
    let access = || Policy::oauth_access_token(ISSUER, AUDIENCE).unwrap();
    let issuers = Issuers::new([plain(), access()]).unwrap();
    for (typ, index) in [("JWT", 0), ("at+jwt", 1)] {
        let header = with(key.header(), &json!({ "typ": typ }));
        let token = key.token(&header, &good_claims());
        let token = UntrustedToken::parse(&token).unwrap();
        assert_eq!(issuers.select(&token).unwrap().0, index);
    }
    let both = |first, second| Issuers::new([first, second]).unwrap_err();
    assert_eq!(both(plain(), plain()), PolicyError::DuplicateIssuer);
    assert_eq!(both(access(), access()), PolicyError::DuplicateIssuer);
    assert_eq!(Issuers::new([]).unwrap_err(), PolicyError::NoIssuer);

    // An issuer that is trusted for one kind is not trusted for the other.
    let other = Policy::new(OTHER, AUDIENCE).unwrap();
    let issuers = Issuers::new([other, access()]).unwrap();
    let token = key.good_token();
    let token = UntrustedToken::parse(&token).unwrap();
    let denied = issuers.select(&token).unwrap_err();
    assert_eq!(denied.code(), "type_not_allowed");
}

#[test]
fn an_identity_says_which_issuer_it_is_of() {
    let two = Two::new(Algorithm::EdDsa);
    let token = |signer: &Key, iss| signer.token(&signer.header(), &claims_of(iss));
    let (_, ours) = two.admit(&token(&two.ours, ISSUER)).unwrap();
    let (_, theirs) = two.admit(&token(&two.theirs, OTHER)).unwrap();
    assert_eq!((ours.issuer(), theirs.issuer()), (ISSUER, OTHER));
    // The same user id at two issuers is two identities.
    assert_eq!(ours.user_id(), theirs.user_id());
    assert_ne!(ours, theirs);
}
