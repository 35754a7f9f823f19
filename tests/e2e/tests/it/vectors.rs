//! Tokens that real Better Auth servers made and that were recorded, through the whole server: all five algorithms, and the
//! configurations that people have. They were minted in November 2026 and end ten years later; the clock has to be between.

use std::{collections::BTreeMap, fs, path::Path};

use auth_testkit::{FakeIssuer, tampered};
use serde_json::Value;
use test_kit::TestDatabase;

use crate::support::api::{Api, Runs};

const ALGORITHMS: [&str; 5] = ["EdDSA", "ES256", "ES512", "RS256", "PS256"];

struct Recording {
    json: Value,
    api: Api,
    _issuer: FakeIssuer,
}

impl Recording {
    /// A server that trusts whoever the recording is of. Nobody but the issuer's address is made up.
    async fn serve(db: &TestDatabase, name: &str, user_claim: &str) -> Self {
        let json = read(name);
        let issuer = FakeIssuer::start();
        issuer.respond_with(json["jwks"].to_string());
        let audiences = match &json["audience"] {
            Value::Array(several) => several.iter().map(text).collect::<Vec<_>>().join(","),
            one => text(one),
        };
        let variables = vec![
            ("DATABASE_URL", db.url()),
            ("API__AUTH__ISSUER", text(&json["issuer"])),
            ("API__AUTH__AUDIENCE", audiences),
            ("API__AUTH__JWKS_URL", issuer.jwks_url()),
            ("API__AUTH__USER_CLAIM", user_claim.to_owned()),
            // So that the recordings are of use for ten years.
            ("API__AUTH__MAX_TOKEN_LIFETIME", "off".to_owned()),
            ("API__SERVER__PORT", "0".to_owned()),
            ("API__SERVER__WORKERS", "1".to_owned()),
            ("API__DATABASE__MAX_CONNECTIONS", "2".to_owned()),
        ];
        let api = Api::start(Runs::InThisProcess, &variables).await;
        api.ready().await;
        Self {
            json,
            api,
            _issuer: issuer,
        }
    }

    fn token(&self) -> String {
        text(&self.json["token"])
    }

    /// `ok` for who is let in, else the code of the refusal, which must be a 401.
    async fn verdict(&self, token: &str) -> String {
        let answer = self.api.get("/api/v1/me", token).await;
        if answer.status == 200 {
            return "ok".to_owned();
        }
        let (status, code) = answer.problem();
        assert_eq!(status, 401, "{code}");
        code
    }
}

#[actix_web::test]
async fn recorded_tokens_of_all_five_algorithms_come_in_and_their_faulty_twins_do_not() {
    let db = TestDatabase::new().await;
    let expected = BTreeMap::from([
        ("expired", "token_expired"),
        ("nbf_future", "token_not_yet_valid"),
        ("no_sub", "subject_missing"),
        ("no_uuid", "user_claim_missing"),
        ("wrong_aud", "audience_mismatch"),
        ("wrong_iss", "issuer_mismatch"),
    ]);
    for (place, algorithm) in ALGORITHMS.into_iter().enumerate() {
        let recording = Recording::serve(&db, algorithm, "uuid").await;
        let token = recording.token();
        let me = recording.api.get("/api/v1/me", &token).await.json_of(200);
        assert_eq!(
            me["user_id"], recording.json["payload"]["uuid"],
            "{algorithm}"
        );
        assert_eq!(
            me["subject"], recording.json["payload"]["sub"],
            "{algorithm}"
        );

        let negatives = recording.json["negatives"].as_object().unwrap();
        let mut verdicts = BTreeMap::new();
        for (fault, token) in negatives {
            verdicts.insert(fault.as_str(), recording.verdict(&text(token)).await);
        }
        let verdicts: BTreeMap<_, _> = verdicts
            .iter()
            .map(|(fault, code)| (*fault, code.as_str()))
            .collect();
        assert_eq!(verdicts, expected, "{algorithm}");
        assert_eq!(
            recording.verdict(&tampered(&token)).await,
            "signature_invalid",
            "{algorithm}"
        );
        let other = read(ALGORITHMS[(place + 1) % ALGORITHMS.len()]);
        assert_eq!(
            recording.verdict(&text(&other["token"])).await,
            "key_unknown",
            "{algorithm}"
        );
    }
}

#[actix_web::test]
async fn recorded_configurations_are_understood_or_refused_by_name() {
    let db = TestDatabase::new().await;
    for (name, user_claim, verdict) in [
        ("claims-uuid", "uuid", "ok"),
        ("claims-uuidsid", "uuid", "ok"),
        ("aud-array", "uuid", "ok"),
        ("multi-alg", "uuid", "ok"),
        ("id-uuid", "sub", "ok"),
        ("id-uuid", "uuid", "user_claim_missing"),
        // The column is in the table, and Better Auth was not told of it.
        ("uuid-undeclared", "uuid", "user_claim_missing"),
        ("uuid-undeclared", "sub", "user_claim_invalid"),
    ] {
        let recording = Recording::serve(&db, name, user_claim).await;
        assert_eq!(
            recording.verdict(&recording.token()).await,
            verdict,
            "{name} by {user_claim}"
        );
        if name == "claims-uuidsid" {
            let me = recording.api.get("/api/v1/me", &recording.token()).await;
            assert_eq!(
                me.json_of(200)["session_id"],
                recording.json["payload"]["sid"]
            );
        }
    }
}

fn read(name: &str) -> Value {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../crates/auth-core/tests/vectors"
    );
    let file = Path::new(folder).join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
