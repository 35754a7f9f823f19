//! The tools that explain, with a real Better Auth: what it really answers when it is well, and when it is broken.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use serde_json::{Value, json};

use crate::support::{
    api::{Variables, program},
    better_auth::{BetterAuth, Person},
    ground::Ground,
};

/// Better Auth and our schema over one database, and nobody who serves it.
struct Ward {
    // In the order in which they have to go.
    better_auth: BetterAuth,
    ground: Ground,
}

impl Ward {
    /// With changes to Better Auth's options.
    async fn with(changes: &Value) -> Self {
        let ground = Ground::new().await;
        BetterAuth::migrate(&ground.better_auth_url(), &ground.url());
        ground.migrate(&[]);
        ground.make_api_login().await;
        let better_auth = BetterAuth::start(&ground.better_auth_url(), changes);
        Self {
            better_auth,
            ground,
        }
    }

    async fn sql(&self, sql: &str) {
        self.ground.admin().await.batch_execute(sql).await.unwrap();
    }

    /// Exit code and stdout; no secret is in anything that is printed.
    fn run(&self, verb: &str, arguments: &[&str], stdin: &str) -> (i32, String) {
        let variables: Variables = self.ground.variables(&self.better_auth, &[]);
        let mut child = program(verb, &variables)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().unwrap();
        let stdout = String::from_utf8(stdout).unwrap();
        let all = stdout.clone() + &String::from_utf8(stderr).unwrap();
        for secret in [stdin, &self.ground.password] {
            assert!(secret.is_empty() || !all.contains(secret), "{all}");
        }
        (status.code().unwrap(), stdout)
    }

    /// A token for this person, got by the tool.
    fn log_in(&self, person: &Person) -> String {
        let arguments = ["login", "--email", &person.email];
        let (code, token) = self.run("token", &arguments, &person.password);
        assert_eq!(code, 0);
        token.trim().to_owned()
    }

    fn doctor(&self, arguments: &[&str], stdin: &str) -> (i32, Value) {
        let (code, found) = self.run("doctor", &[&["--json"], arguments].concat(), stdin);
        (code, serde_json::from_str(&found).unwrap())
    }

    /// The one thing that fails, and what to do about it.
    fn failure(&self, arguments: &[&str], stdin: &str) -> (String, String) {
        let (code, found) = self.doctor(arguments, stdin);
        assert_eq!(code, 1, "{found:#}");
        let checks = found["checks"].as_array().unwrap();
        let failed: Vec<_> = checks.iter().filter(|it| it["status"] == "fail").collect();
        let [failed] = &*failed else {
            panic!("{found:#}");
        };
        let text = |name: &str| failed[name].as_str().unwrap().to_owned();
        (
            text("id"),
            format!("{}\n{}\n{}", text("finding"), text("why"), text("fix")),
        )
    }
}

#[actix_web::test]
async fn whoever_signs_in_on_a_healthy_system_is_told_that_it_is_healthy() {
    let ward = Ward::with(&json!({})).await;
    let (ada, bob) = (
        ward.better_auth.sign_up("Ada").await,
        ward.better_auth.sign_up("Bob").await,
    );
    let token = ward.log_in(&ada);
    let own = ada.uuid.to_string();
    let (code, found) = ward.doctor(&["--token", "-", "--user-id", &own], &token);
    assert_eq!(code, 0, "{found:#}");
    let (code, found) = ward.doctor(&["--cookie", "-"], &ada.cookie);
    assert_eq!(code, 0, "{found:#}");
    let (code, text) = ward.run("verify-token", &[], &token);
    assert_eq!(code, 0, "{text}");
    let (code, text) = ward.run("verify-jwks", &[], "");
    assert!(code == 0 && text.contains("EdDSA"), "{text}");
    // Another one's path, and one by Better Auth's own id.
    for id in [&bob.uuid.to_string(), &ada.id] {
        let (id, text) = ward.failure(&["--token", "-", "--user-id", id], &token);
        assert_eq!(id, "user_mismatch", "{text}");
    }
    let (id, text) = ward.failure(&["--token", "-"], &ada.session_token);
    assert!(
        id == "session_token" && text.contains("authClient.token()"),
        "{text}"
    );
}

#[actix_web::test]
async fn a_table_that_better_auth_misses_is_found_behind_what_it_answers() {
    let ward = Ward::with(&json!({})).await;
    ward.better_auth.sign_up("Ada").await;
    ward.sql("DROP TABLE auth.jwks").await;
    let (id, text) = ward.failure(&[], "");
    assert!(id == "jwks.table" && text.contains("migration"), "{text}");
}

#[actix_web::test]
async fn a_column_that_better_auth_misses_is_named_whether_it_still_runs_or_ends_at_its_start() {
    let mut ward = Ward::with(&json!({})).await;
    ward.better_auth.sign_up("Ada").await;
    ward.sql("ALTER TABLE auth.session DROP COLUMN token").await;
    let (id, text) = ward.failure(&[], "");
    assert_eq!(id, "betterauth.schema", "{text}");
    assert!(text.contains("session.token"), "{text}");
    ward.better_auth.stop();
    assert_eq!(ward.failure(&[], "").0, "betterauth.schema");
}

#[actix_web::test]
async fn a_better_auth_that_puts_no_uuid_in_is_told_how_to() {
    let changes = json!({ "user": null, "jwt": { "jwt": { "definePayload": null } } });
    let ward = Ward::with(&changes).await;
    let ada = ward.better_auth.sign_up("Ada").await;
    let (id, text) = ward.failure(&["--token", "-"], &ward.log_in(&ada));
    assert_eq!(id, "user_claim_missing", "{text}");
    assert!(
        text.contains("email") && text.contains("definePayload"),
        "{text}"
    );
    assert!(!text.contains(&ada.email), "{text}");
}

#[actix_web::test]
async fn a_better_auth_that_is_stopped_is_not_there() {
    let mut ward = Ward::with(&json!({})).await;
    let ada = ward.better_auth.sign_up("Ada").await;
    let token = ward.log_in(&ada);
    ward.better_auth.stop();
    let (id, text) = ward.failure(&["--token", "-"], &token);
    assert!(
        id == "jwks.fetch" && text.contains("start Better Auth"),
        "{text}"
    );
    let (code, _) = ward.run("token", &["login", "--email", &ada.email], &ada.password);
    assert_eq!(code, 1);
}
