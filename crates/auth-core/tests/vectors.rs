//! Tokens and key sets that real Better Auth servers (1.7.5, 1.7.7) made, recorded as they came:
//! only that they live for ten years was asked for, so that the recordings last.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::path::Path;
use std::time::Duration;

use auth_core::{
    Algorithm, Denied, Identity, Issuers, KeyRing, KeySetError, Policy, PolicyError, TokenKind,
    UnixTime, UntrustedToken, UserClaim, Verifier,
};
use serde_json::Value;

const ALGORITHMS: [&str; 5] = ["EdDSA", "ES256", "ES512", "RS256", "PS256"];

/// A minute after the recording's token was minted.
struct Recording {
    json: Value,
    ring: KeyRing,
    now: UnixTime,
}

impl Recording {
    fn open(name: &str) -> Self {
        let json = read(name);
        let ring = KeyRing::parse(json["jwks"].to_string().as_bytes()).unwrap();
        assert_eq!(ring.skipped(), []);
        let minted = ["payload", "at_payload"].map(|payload| json[payload]["iat"].as_i64());
        let minted = minted.into_iter().flatten().next().unwrap();
        Self {
            json,
            ring,
            now: UnixTime::from_secs(minted) + Duration::from_secs(60),
        }
    }

    fn text(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    fn policy(&self) -> Policy {
        long_lived(Policy::new(self.text("/issuer"), self.text("/audience")))
    }

    fn verify(&self, policy: Policy, pointer: &str) -> Result<Identity, Denied> {
        let token = UntrustedToken::parse(self.text(pointer))?;
        Verifier::new(policy).verify(&token, &self.ring, self.now)
    }

    fn code(&self, policy: Policy, pointer: &str) -> &'static str {
        self.verify(policy, pointer).unwrap_err().code()
    }

    /// The identity says what the recorded payload says.
    fn assert_identity(&self, identity: &Identity, user_claim: &str) {
        let payload = &self.json["payload"];
        assert_eq!(identity.user_id().to_string(), payload[user_claim]);
        assert_eq!(identity.subject(), payload["sub"]);
        assert_eq!(identity.issuer(), payload["iss"]);
        assert_eq!(identity.session_id(), payload["sid"].as_str());
        assert_eq!(identity.issued_at().unwrap().as_secs(), payload["iat"]);
        assert_eq!(identity.expires_at().as_secs(), payload["exp"]);
    }
}

fn long_lived(policy: Result<Policy, PolicyError>) -> Policy {
    policy.unwrap().with_max_lifetime(None)
}

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn tokens_of_all_five_algorithms_are_admitted() {
    for name in ALGORITHMS {
        let recording = Recording::open(name);
        let identity = recording.verify(recording.policy(), "/token").unwrap();
        recording.assert_identity(&identity, "uuid");

        let token = UntrustedToken::parse(recording.text("/token")).unwrap();
        assert_eq!(token.algorithm().name(), name);
        assert_eq!(token.key_id(), Some(recording.text("/header/kid")));
        assert!(recording.ring.contains(token.key_id().unwrap()));
    }
}

#[test]
fn tokens_with_one_fault_are_refused_for_that_fault() {
    for name in ALGORITHMS {
        let recording = Recording::open(name);
        let negatives = recording.json["negatives"].as_object().unwrap();
        assert_eq!(negatives.len(), 6);
        for fault in negatives.keys() {
            let expected = match &**fault {
                "expired" => "token_expired",
                "nbf_future" => "token_not_yet_valid",
                "wrong_aud" => "audience_mismatch",
                "wrong_iss" => "issuer_mismatch",
                "no_sub" => "subject_missing",
                "no_uuid" => "user_claim_missing",
                other => panic!("no expectation for {other}"),
            };
            let code = recording.code(recording.policy(), &format!("/negatives/{fault}"));
            assert_eq!(code, expected, "{name} {fault}");
        }
    }
}

#[test]
fn an_algorithm_outside_the_policy_is_refused() {
    for name in ALGORITHMS {
        let recording = Recording::open(name);
        let others = Algorithm::ALL
            .into_iter()
            .filter(|algorithm| algorithm.name() != name);
        let policy = recording.policy().with_algorithms(others).unwrap();
        assert_eq!(
            recording.code(policy, "/token"),
            "algorithm_not_allowed",
            "{name}"
        );
    }
}

#[test]
fn another_servers_keys_do_not_know_the_token() {
    for (name, other) in ALGORITHMS.iter().zip(ALGORITHMS.iter().cycle().skip(1)) {
        let mut recording = Recording::open(name);
        recording.ring = Recording::open(other).ring;
        assert_eq!(
            recording.code(recording.policy(), "/token"),
            "key_unknown",
            "{name}"
        );
    }
}

#[test]
fn one_of_several_audiences_is_enough() {
    let recording = Recording::open("aud-array");
    let policy = |audience| long_lived(Policy::new(recording.text("/issuer"), audience));
    for audience in ["https://api.example", "https://admin.example"] {
        let identity = recording.verify(policy(audience), "/token").unwrap();
        recording.assert_identity(&identity, "uuid");
    }
    assert_eq!(
        recording.code(policy("https://api.example/"), "/token"),
        "audience_mismatch"
    );
}

#[test]
fn custom_payloads_are_understood() {
    for name in ["claims-uuid", "claims-uuidsid", "multi-alg"] {
        let recording = Recording::open(name);
        let identity = recording.verify(recording.policy(), "/token").unwrap();
        recording.assert_identity(&identity, "uuid");
        assert_eq!(identity.session_id().is_some(), name == "claims-uuidsid");
    }
}

#[test]
fn uuid_ids_are_taken_from_sub_when_the_policy_says_so() {
    let recording = Recording::open("id-uuid");
    let policy = recording.policy().with_user_claim(UserClaim::Sub);
    recording.assert_identity(&recording.verify(policy, "/token").unwrap(), "sub");
    assert_eq!(
        recording.code(recording.policy(), "/token"),
        "user_claim_missing"
    );
}

#[test]
fn a_uuid_column_that_better_auth_was_not_told_of_names_nobody() {
    let recording = Recording::open("uuid-undeclared");
    assert_eq!(
        recording.code(recording.policy(), "/token"),
        "user_claim_missing"
    );
    let policy = recording.policy().with_user_claim(UserClaim::Sub);
    assert_eq!(recording.code(policy, "/token"), "user_claim_invalid");
}

/// Each recorded step is a fetch of the keys, most with a freshly minted token. Every token so far
/// must verify exactly as long as its key is listed.
#[test]
fn tokens_live_and_die_with_their_key_through_a_rotation() {
    let json = read("rotation");
    let text = |name: &str| json[name].as_str().unwrap();
    let verifier = Verifier::new(long_lived(Policy::new(text("issuer"), text("audience"))));
    let mut tokens: Vec<UntrustedToken<'_>> = Vec::new();
    let (mut admitted, mut unknown, mut empty) = (0, 0, 0);
    for step in json["steps"].as_array().unwrap() {
        tokens.extend(
            step["token"]
                .as_str()
                .map(|token| UntrustedToken::parse(token).unwrap()),
        );
        let listed = step["kids"].as_array().unwrap();
        let ring = match KeyRing::parse(step["jwks"].to_string().as_bytes()) {
            Ok(ring) => ring,
            Err(KeySetError::NoUsableKey { skipped }) => {
                assert!(skipped.is_empty() && listed.is_empty());
                empty += 1;
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        assert_eq!(ring.len(), listed.len());
        for token in &tokens {
            let now = UnixTime::from_secs(1_795_224_290);
            match verifier.verify(token, &ring, now) {
                Ok(_) => {
                    assert!(listed.iter().any(|kid| kid.as_str() == token.key_id()));
                    admitted += 1;
                }
                Err(denied) => {
                    assert!(!listed.iter().any(|kid| kid.as_str() == token.key_id()));
                    assert_eq!(denied.code(), "key_unknown");
                    unknown += 1;
                }
            }
        }
    }
    assert!(
        admitted > 0 && unknown > 0 && empty > 0,
        "{admitted} {unknown} {empty}"
    );
}

/// With the OAuth plugin one key set signs four kinds of token under two issuers.
#[test]
fn oauth_tokens_are_told_apart_from_plain_ones() {
    let recording = Recording::open("oauth-provider");
    assert_eq!(recording.ring.len(), 2);
    let base = "http://localhost:3112";
    let issuer = format!("{base}/api/auth");
    let access = |audience| long_lived(Policy::oauth_access_token(&issuer, audience));
    let (tasks, es) = ("https://tasks.example/api", "https://es.example/api");

    // Access tokens pass every check up to the last: this server put no user id into them.
    for (policy, token, expected) in [
        (access(tasks), "/at_jwt", "user_claim_missing"),
        (access(es), "/at_jwt_es256", "user_claim_missing"),
        (
            access(tasks).with_user_claim(UserClaim::Sub),
            "/at_jwt",
            "user_claim_invalid",
        ),
        (access(es), "/at_jwt", "audience_mismatch"),
        (access(tasks), "/id_token", "type_not_allowed"),
        (access(tasks), "/plain_jwt", "type_not_allowed"),
        (access(tasks), "/opaque", "session_token"),
    ] {
        assert_eq!(recording.code(policy, token), expected, "{token}");
    }

    // The other profile, even with their issuer and with no look at the audience, takes none.
    let plain = |issuer, audience| long_lived(Policy::new(issuer, audience));
    for (policy, token, expected) in [
        (plain(base, base), "/plain_jwt", "user_claim_missing"),
        (plain(&issuer, tasks), "/plain_jwt", "issuer_mismatch"),
        (plain(&issuer, tasks), "/at_jwt", "type_not_allowed"),
        (plain(&issuer, tasks), "/id_token", "id_token"),
        (
            plain(&issuer, tasks).danger_any_audience(),
            "/id_token",
            "id_token",
        ),
        (plain(&issuer, tasks), "/opaque", "session_token"),
    ] {
        assert_eq!(recording.code(policy, token), expected, "{token}");
    }

    // Both at once: each token finds its profile.
    let issuers = Issuers::new([plain(base, base), access(tasks), access(&issuer)]);
    assert_eq!(issuers.unwrap_err(), PolicyError::DuplicateIssuer);
    let issuers = Issuers::new([plain(base, base), access(tasks)]).unwrap();
    for (token, index, kind) in [
        ("/plain_jwt", 0, TokenKind::Plain),
        ("/at_jwt", 1, TokenKind::Access),
    ] {
        let token = UntrustedToken::parse(recording.text(token)).unwrap();
        let (chosen, verifier) = issuers.select(&token).unwrap();
        assert_eq!((chosen, verifier.policy().kind()), (index, kind));
    }
    let id_token = UntrustedToken::parse(recording.text("/id_token")).unwrap();
    let denied = issuers.select(&id_token).unwrap_err();
    assert_eq!(denied.code(), "type_not_allowed");
}

/// What the recordings ask for, the default would refuse.
#[test]
fn the_ten_years_of_the_recordings_are_too_long_by_default() {
    for name in ALGORITHMS {
        let recording = Recording::open(name);
        let policy = Policy::new(recording.text("/issuer"), recording.text("/audience")).unwrap();
        assert_eq!(recording.code(policy, "/token"), "token_lifetime", "{name}");
    }
}

/// A vector that no test opens proves nothing.
#[test]
fn every_recorded_file_is_used() {
    let source = include_str!("vectors.rs");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    for file in std::fs::read_dir(directory).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.strip_suffix(".json").unwrap();
        assert!(
            source.contains(&format!("\"{name}\"")),
            "{name} is not used"
        );
    }
}
