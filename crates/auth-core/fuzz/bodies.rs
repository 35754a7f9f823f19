//! What each fuzz target does with its input, and what must hold whatever that is. The targets in
//! `fuzz_targets` call these functions, and so does `tests/fuzz_corpus.rs` with the committed
//! corpus: every `cargo test` runs them.

use std::fmt::Debug;
use std::sync::LazyLock;

use auth_core::{
    Denied, Identity, Issuers, KeyRing, KeySetError, MAX_KEYS, Policy, TokenKind, UnixTime,
    UntrustedToken, UserClaim, Verifier,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::value::RawValue;
use serde_json::{Value, json};

pub const ISSUER: &str = "https://app.example";
pub const AUDIENCE: &str = "https://api.example";

/// The moment at which everything is verified.
pub const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Text that somebody sends as a token. Nobody has the keys, so it is refused, unless it is one of
/// the recorded tokens to the letter.
pub fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = match UntrustedToken::parse(text) {
        Ok(parsed) => parsed,
        Err(denied) => return must_be_sayable(&denied),
    };
    must_be_short(&parsed);
    assert!(
        parsed
            .key_id()
            .is_none_or(|id| (1..=128).contains(&id.len()) && id.is_ascii())
    );
    for recorded in &*RECORDED {
        match recorded
            .verifier
            .verify(&parsed, &recorded.ring, recorded.now)
        {
            Ok(identity) => {
                assert!(
                    recorded.tokens.iter().any(|known| known == text),
                    "forged: {text}"
                );
                must_be_short(&identity);
            }
            Err(denied) => must_be_sayable(&denied),
        }
    }
    if let Err(denied) = SEVERAL.select(&parsed) {
        must_be_sayable(&denied);
    }
}

/// A document that somebody serves as a key set.
pub fn jwks(data: &[u8]) {
    let ring = match KeyRing::parse(data) {
        Ok(ring) => ring,
        Err(error) => {
            let shown = format!("{error}");
            assert!(shown.is_ascii() && shown.len() < 1000, "{shown}");
            if let KeySetError::NoUsableKey { skipped } = error {
                assert!(
                    data.len() > 2 * skipped.len(),
                    "more skipped than there is text for"
                );
            }
            return;
        }
    };
    assert!((1..=MAX_KEYS).contains(&ring.len()));
    assert!(ring.key_ids().count() <= ring.len());
    for id in ring.key_ids() {
        assert!(ring.contains(id) && (1..=128).contains(&id.len()) && id.is_ascii());
    }
    assert!(ring.keeps_all_of(&ring) && ring.reused_ids(&ring).is_empty());
    let shown = format!("{ring:?}");
    assert!(shown.is_ascii() && !shown.contains('\n'), "{shown}");

    // Told by a reader that knows nothing of ours: which members no key may come from.
    #[derive(serde::Deserialize)]
    struct KeySet<'a> {
        #[serde(borrow)]
        keys: Vec<&'a RawValue>,
    }
    let set: KeySet<'_> = serde_json::from_slice(data).expect("a ring was made of it");
    assert_eq!(ring.len() + ring.skipped().len(), set.keys.len());
    for (index, member) in set.keys.iter().enumerate() {
        if ring.skipped().iter().any(|skipped| skipped.index == index) {
            continue;
        }
        let member: Value = serde_json::from_str(member.get()).expect("only json is a key");
        let member = member.as_object().expect("only an object is a key");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            assert!(
                !member.contains_key(private),
                "a private key is used: {private}"
            );
        }
        let text = |name: &str| member.get(name).and_then(Value::as_str);
        assert!(
            matches!(text("kty"), Some("OKP" | "EC" | "RSA")),
            "{member:?}"
        );
        assert!(
            member.get("use").is_none_or(|usage| usage == "sig"),
            "{member:?}"
        );
        assert!(
            text("kid").is_some_and(|id| ring.contains(id)),
            "{member:?}"
        );
        let bits = |name: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text(name).expect(name)).expect(name);
            bytes.len() * 8
        };
        if text("kty") == Some("RSA") {
            assert!(bits("n") >= 2048 && bits("e") >= 24, "{member:?}");
        }
    }
    for recorded in &*RECORDED {
        for known in &recorded.tokens {
            let known = UntrustedToken::parse(known).expect("it is recorded");
            let _ = recorded.verifier.verify(&known, &ring, recorded.now);
        }
    }
}

/// What an issuer might sign. The first byte chooses the policy, the rest is the payload. Says how
/// far it got: `admitted`, or the code of the refusal.
pub fn claims(data: &[u8]) -> &'static str {
    let Some((&choice, payload)) = data.split_first() else {
        return "empty";
    };
    let policy = policy(choice);
    let header = match policy.kind() {
        TokenKind::Plain => r#"{"alg":"EdDSA","kid":"fuzz"}"#,
        TokenKind::Access => r#"{"alg":"EdDSA","kid":"fuzz","typ":"at+jwt"}"#,
    };
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = encode(&KEY.sign(input.as_bytes()).to_bytes());
    let token = format!("{input}.{signature}");
    let parsed = match UntrustedToken::parse(&token) {
        Ok(parsed) => parsed,
        Err(denied @ (Denied::TokenTooLarge { .. } | Denied::TokenMalformed { .. })) => {
            return denied.code();
        }
        Err(other) => panic!("{other}"),
    };
    match Verifier::new(policy.clone()).verify(&parsed, &RING, NOW) {
        Ok(identity) => {
            must_be_justified(&identity, payload, &policy);
            "admitted"
        }
        Err(Denied::SignatureInvalid { .. }) => panic!("rightly signed"),
        Err(denied) => {
            must_be_sayable(&denied);
            denied.code()
        }
    }
}

/// The policies that a first byte of `claims` stands for.
pub fn policy(choice: u8) -> Policy {
    let policy = match choice & 1 {
        0 => Policy::new(ISSUER, AUDIENCE),
        _ => Policy::oauth_access_token(ISSUER, AUDIENCE),
    };
    let mut policy = policy.expect("both are names");
    if choice & 2 != 0 {
        policy = policy.with_user_claim(UserClaim::Sub);
    }
    if choice & 4 != 0 {
        policy = policy.with_max_lifetime(None);
    }
    match choice & 8 {
        0 => policy,
        _ => policy.danger_any_audience(),
    }
}

/// Whether claims let somebody in, decided once more with another reader and in other words.
pub fn must_be_justified(identity: &Identity, payload: &[u8], policy: &Policy) {
    let claims: Value = serde_json::from_slice(payload).expect("it was admitted");
    let claims = claims.as_object().expect("it was admitted");
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &str| claims.get(name).and_then(Value::as_f64);
    let (now, leeway) = (NOW.as_secs() as f64, policy.leeway().as_secs_f64());

    assert_eq!(text("iss"), Some(policy.issuer()));
    assert_eq!(identity.issuer(), policy.issuer());
    let names_us = |value: &Value| policy.audiences().iter().any(|ours| value == ours);
    assert!(
        policy.any_audience()
            || match &claims["aud"] {
                Value::Array(several) => several.iter().any(names_us),
                one => names_us(one),
            }
    );
    let exp = seconds("exp").expect("it was admitted");
    assert!(exp + leeway > now, "expired");
    assert!((identity.expires_at().as_millis() as f64 - exp * 1000.0).abs() <= 1.0);
    assert!(
        seconds("nbf").is_none_or(|nbf| nbf < now + leeway + 0.001),
        "not yet valid"
    );
    assert!(
        seconds("iat").is_none_or(|iat| iat < now + leeway + 0.001),
        "from the future"
    );
    if let Some(longest) = policy.max_lifetime() {
        let lifetime = exp - seconds("iat").unwrap_or(now);
        assert!(lifetime <= longest.as_secs_f64() + 0.001, "lives too long");
    }
    for name in ["exp", "nbf", "iat"] {
        assert!(
            claims.get(name).is_none_or(Value::is_number),
            "{name} is no number"
        );
    }
    for name in ["cnf", "events", "nonce", "at_hash", "c_hash"] {
        assert!(!claims.contains_key(name), "{name} marks another kind");
    }
    assert_eq!(text("sub"), Some(identity.subject()));
    assert!(!identity.subject().is_empty());
    assert_eq!(text("sid"), identity.session_id());
    assert_eq!(text("jti"), identity.token_id());
    assert_eq!(identity.kind(), policy.kind());
    if policy.kind() == TokenKind::Access {
        assert!(text("client_id").is_some() && text("jti").is_some() && seconds("iat").is_some());
    }
    let user = text(policy.user_claim().name()).expect("it was admitted");
    assert_eq!(user.to_lowercase(), identity.user_id().to_string());
    assert_ne!(user.trim_matches(['0', '-']), "", "the nil uuid");
    assert_eq!(
        identity.claims::<Value>().ok(),
        Some(Value::Object(claims.clone()))
    );
    must_be_short(identity);
}

/// A refusal can be logged and sent: short, printable ASCII, on one line.
pub fn must_be_sayable(denied: &Denied) {
    let said = format!("{denied} {denied:?} {}", denied.hint());
    assert!(said.len() < 2500, "too long: {said}");
    assert!(
        said.bytes().all(|b| (b' '..=b'~').contains(&b)),
        "not printable: {said}"
    );
    assert!(!denied.code().is_empty());
}

fn must_be_short(value: &impl Debug) {
    let shown = format!("{value:?}");
    assert!(shown.len() < 400 && shown.is_ascii(), "{shown}");
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A real server's keys and the tokens that they signed.
struct Recorded {
    ring: KeyRing,
    verifier: Verifier,
    tokens: Vec<String>,
    now: UnixTime,
}

static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(|| {
    let recordings = [
        include_str!("../tests/vectors/EdDSA.json"),
        include_str!("../tests/vectors/ES256.json"),
        include_str!("../tests/vectors/ES512.json"),
        include_str!("../tests/vectors/RS256.json"),
        include_str!("../tests/vectors/PS256.json"),
    ];
    recordings.map(Recorded::read).into()
});

impl Recorded {
    fn read(recording: &str) -> Self {
        let json: Value = serde_json::from_str(recording).expect("it is recorded as json");
        let text = |name: &str| json[name].as_str().expect("it is recorded").to_owned();
        let policy = Policy::new(&text("issuer"), &text("audience")).expect("both are names");
        let iat = json["payload"]["iat"].as_i64().expect("it is recorded");
        Self {
            ring: KeyRing::parse(json["jwks"].to_string().as_bytes()).expect("it is recorded"),
            verifier: Verifier::new(policy.with_max_lifetime(None)),
            tokens: vec![text("token")],
            now: UnixTime::from_secs(iat + 60),
        }
    }
}

static SEVERAL: LazyLock<Issuers> =
    LazyLock::new(|| Issuers::new([policy(0), policy(1)]).expect("they are of different kinds"));

/// No secret: everybody may sign with it, and nothing trusts it but these functions.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "fuzz",
        "x": encode(KEY.verifying_key().as_bytes()),
    });
    KeyRing::parse(json!({ "keys": [jwk] }).to_string().as_bytes()).expect("it is a good key")
});
