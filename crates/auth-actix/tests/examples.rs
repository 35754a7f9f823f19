//! Every example as a program of its own, in front of a fake issuer: what it says it shows.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use actix_web::http::Method;
use auth_actix::UnixTime;
use auth_testkit::{FakeIssuer, Flaw, TokenBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

const ALICE: Uuid = Uuid::from_u128(0x000A_11CE_0000_4000_8000_0000_0000_ABCD);
const BOB: Uuid = Uuid::from_u128(0x0000_0B0B_0000_4000_8000_0000_0000_ABCD);

/// For the tests in it, which Cargo runs only when it is asked for this example alone.
#[path = "../examples/testing_with_auth_testkit.rs"]
mod testing_with_auth_testkit;

/// A running example.
struct Example {
    process: Child,
    url: String,
}

impl Example {
    fn start(name: &str, better_auth: &FakeIssuer, more: &[(&str, String)]) -> Self {
        let program = Self::path(name);
        let mut process = Command::new(&program)
            .env("BETTER_AUTH_URL", better_auth.url())
            .env("LISTEN", "127.0.0.1:0")
            .envs(more.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; `cargo test -p auth-actix` builds it, `--test examples` does not",
                    program.display()
                )
            });
        let output = BufReader::new(process.stdout.take().unwrap());
        let url = output.lines().find_map(|line| {
            let line = line.unwrap();
            line.strip_prefix("listening on ").map(str::to_owned)
        });
        Self {
            url: url.expect("it says where it listens"),
            process,
        }
    }

    /// Cargo puts them beside the folder of the tests.
    fn path(name: &str) -> PathBuf {
        let this = env::current_exe().unwrap();
        let profile = this.parent().unwrap().parent().unwrap();
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        profile.join("examples").join(file)
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(Method::GET, path, token).await
    }

    async fn send(&self, method: Method, path: &str, token: Option<&str>) -> Answer {
        let client = awc::Client::builder()
            .timeout(Duration::from_secs(10))
            .finish();
        let mut request = client.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let mut response = request.force_close().send().await.unwrap();
        let header = |name| {
            let value = response.headers().get(name);
            value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
        };
        Answer {
            status: response.status().as_u16(),
            challenge: header("www-authenticate"),
            content_type: header("content-type"),
            body: String::from_utf8(response.body().await.unwrap().to_vec()).unwrap(),
        }
    }

    /// As Ctrl-C does it; a crash on the way out would show.
    #[cfg(unix)]
    fn interrupt(mut self) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.process.wait().unwrap().success());
    }

    #[cfg(not(unix))]
    fn interrupt(self) {}
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Answer {
    status: u16,
    challenge: String,
    content_type: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn refusal(&self) -> (u16, String) {
        assert_eq!(self.content_type, "application/problem+json");
        (
            self.status,
            self.json()["code"].as_str().unwrap().to_owned(),
        )
    }
}

fn ago(seconds: u64) -> i64 {
    (UnixTime::from(SystemTime::now()) - Duration::from_secs(seconds)).as_secs()
}

#[actix_web::test]
async fn protect_a_route_greets_users_and_challenges_strangers() {
    let issuer = FakeIssuer::start();
    let example = Example::start("protect_a_route", &issuer, &[]);
    let token = issuer.token_for(ALICE);
    let greeted = example.get("/hello", Some(&token)).await;
    assert_eq!(
        (greeted.status, greeted.body),
        (200, format!("You are {ALICE}.\n"))
    );
    let stranger = example.get("/hello", None).await;
    assert_eq!(stranger.refusal(), (401, "token_missing".into()));
    assert_eq!(stranger.challenge, r#"Bearer realm="drawbridge""#);
    let expired = issuer.mint_bad(ALICE, Flaw::Expired);
    let expired = example.get("/hello", Some(&expired)).await;
    assert_eq!(expired.refusal(), (401, "token_expired".into()));
    example.interrupt();

    let by_subject = [("USER_CLAIM", "sub".to_owned())];
    let example = Example::start("protect_a_route", &issuer, &by_subject);
    let token = issuer.mint(ALICE, |token| {
        token.without_claim("uuid").subject(BOB.to_string())
    });
    assert_eq!(
        example.get("/hello", Some(&token)).await.body,
        format!("You are {BOB}.\n")
    );
    example.interrupt();
}

#[actix_web::test]
async fn whole_scope_gives_each_user_a_place_and_strangers_none() {
    let issuer = FakeIssuer::start();
    let example = Example::start("whole_scope", &issuer, &[]);
    let token = issuer.token_for(ALICE);
    for (path, status) in [
        ("/users/me/notes".to_owned(), 200),
        (format!("/users/{ALICE}/notes/7"), 200),
        (format!("/users/{BOB}/notes"), 403),
        ("/users/me/nothing".to_owned(), 404),
    ] {
        assert_eq!(
            example.get(&path, Some(&token)).await.status,
            status,
            "{path}"
        );
        assert_eq!(example.get(&path, None).await.status, 401, "{path}");
    }
    assert_eq!(example.get("/health", None).await.status, 200);
    example.interrupt();
}

#[actix_web::test]
async fn optional_auth_knows_users_and_lets_strangers_in() {
    let issuer = FakeIssuer::start();
    let example = Example::start("optional_auth", &issuer, &[]);
    let token = issuer.token_for(ALICE);
    let stranger = example.get("/", None).await;
    assert_eq!(
        (stranger.status, &*stranger.body),
        (200, "Welcome, stranger.\n")
    );
    let user = example.get("/", Some(&token)).await;
    assert_eq!(
        (user.status, user.body),
        (200, format!("Welcome back, {ALICE}.\n"))
    );
    assert_eq!(example.get("/", Some("x")).await.status, 401);
    assert_eq!(example.get("/settings", None).await.status, 401);
    assert_eq!(example.get("/settings", Some(&token)).await.status, 200);
    example.interrupt();
}

#[actix_web::test]
async fn own_claims_are_read_or_refused() {
    let issuer = FakeIssuer::start();
    let example = Example::start("own_claims", &issuer, &[]);
    let member = issuer.mint(ALICE, |token| {
        token
            .claim("email", "alice@acme.example")
            .claim("organization", "ACME")
    });
    let answer = example.get("/organization", Some(&member)).await;
    let expected = format!("{ALICE} (alice@acme.example) works for ACME.\n");
    assert_eq!((answer.status, answer.body), (200, expected));
    let alone = issuer.mint(ALICE, |token| {
        token
            .claim("email", "alice@acme.example")
            .claim("organization", json!(null))
    });
    let answer = example.get("/organization", Some(&alone)).await;
    assert_eq!(answer.refusal(), (403, "claims_mismatch".into()));
    example.interrupt();
}

#[actix_web::test]
async fn roles_and_scopes_are_asked_for_one_by_one() {
    let issuer = FakeIssuer::start();
    let example = Example::start("roles_and_scopes", &issuer, &[]);
    let plain = issuer.token_for(ALICE);
    let admin = issuer.mint(ALICE, |token| token.claim("role", "user,admin"));
    let reader = issuer.access_token_for(ALICE, &["openid", "tasks:read"]);
    let writer = issuer.access_token_for(ALICE, &["tasks:read", "tasks:write"]);
    // A client that the user has let in for something else.
    let stranger = issuer.access_token_for(ALICE, &["openid", "email"]);
    let old = issuer.mint(ALICE, |token: TokenBuilder| token.claim("iat", ago(600)));
    let no_code = String::new();
    for (method, path, token, status, code) in [
        (Method::GET, "/tasks", &reader, 200, &*no_code),
        (Method::GET, "/tasks", &plain, 200, ""),
        (Method::GET, "/tasks", &stranger, 403, "scope_missing"),
        (Method::POST, "/tasks", &reader, 403, "scope_missing"),
        (Method::POST, "/tasks", &writer, 200, ""),
        (Method::POST, "/tasks", &plain, 200, ""),
        (Method::DELETE, "/account", &stranger, 403, "scope_missing"),
        (Method::GET, "/admin/users", &admin, 200, ""),
        (Method::GET, "/admin/users", &reader, 403, "role_missing"),
        (Method::DELETE, "/account", &plain, 200, ""),
        (Method::DELETE, "/account", &old, 403, "token_not_fresh"),
    ] {
        let answer = example.send(method, path, Some(token)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        if status != 200 {
            assert_eq!(answer.refusal().1, code);
        }
    }
    assert_eq!(example.get("/admin/users", None).await.status, 401);
    example.interrupt();
}

#[actix_web::test]
async fn several_issuers_are_told_apart_and_the_resource_is_described() {
    let (ours, partner) = (FakeIssuer::start(), FakeIssuer::start());
    let more = [("PARTNER_URL", partner.url()), ("RESOURCE", ours.url())];
    let example = Example::start("several_issuers", &ours, &more);
    for (token, issuer) in [
        (ours.token_for(ALICE), ours.url()),
        (partner.token_for(ALICE), partner.url()),
        (
            ours.access_token_for(ALICE, &["tasks:read"]),
            ours.oauth_issuer(),
        ),
    ] {
        let expected = format!("You are {ALICE} of {issuer}.\n");
        let own = example.get("/users/me/own", Some(&token)).await;
        if issuer == partner.url() {
            assert_eq!(own.refusal(), (403, "issuer_not_allowed".into()));
        } else {
            assert_eq!((own.status, &own.body), (200, &expected));
        }
        let answer = example.get("/whose", Some(&token)).await;
        assert_eq!((answer.status, answer.body), (200, expected));
    }
    let forged = ours.builder_for(ALICE).sign(&partner.signing_key());
    let answer = example.get("/whose", Some(&forged)).await;
    assert_eq!(answer.refusal(), (401, "key_unknown".into()));
    let foreign = FakeIssuer::start().token_for(ALICE);
    let answer = example.get("/whose", Some(&foreign)).await;
    assert_eq!(answer.refusal(), (401, "issuer_mismatch".into()));
    let pointer = format!("{}/.well-known/oauth-protected-resource", ours.url());
    assert!(
        answer
            .challenge
            .ends_with(&format!(r#"resource_metadata="{pointer}""#))
    );

    let described = example
        .get("/.well-known/oauth-protected-resource", None)
        .await;
    assert_eq!(described.status, 200);
    assert_eq!(
        described.json()["authorization_servers"],
        json!([ours.oauth_issuer()])
    );
    example.interrupt();
}

#[actix_web::test]
async fn custom_errors_have_the_applications_form_and_the_standards_headers() {
    let issuer = FakeIssuer::start();
    let example = Example::start("custom_errors", &issuer, &[]);
    let answer = example.get("/hello", None).await;
    assert_eq!(
        (answer.status, &*answer.content_type),
        (401, "application/json")
    );
    assert_eq!(answer.challenge, r#"Bearer realm="hello""#);
    let told = answer.json();
    assert_eq!(
        (&told["ok"], &told["path"], &told["error"]["code"]),
        (&json!(false), &json!("/hello"), &json!("token_missing"))
    );
    let answer = example.get("/hello", Some(&issuer.token_for(ALICE))).await;
    assert_eq!(
        answer.json(),
        json!({ "ok": true, "user": ALICE.to_string() })
    );
    example.interrupt();
}

#[actix_web::test]
async fn testing_with_auth_testkit_is_an_app_beside_its_tests() {
    let issuer = FakeIssuer::start();
    let example = Example::start("testing_with_auth_testkit", &issuer, &[]);
    let admin = issuer.mint(ALICE, |token| token.claim("role", "admin"));
    for (path, token, status) in [
        ("/users/me/hello", Some(&*admin), 200),
        ("/users/me/admin", Some(&*admin), 200),
        ("/users/me/hello", None, 401),
    ] {
        assert_eq!(example.get(path, token).await.status, status, "{path}");
    }
    let user = issuer.token_for(ALICE);
    assert_eq!(
        example.get("/users/me/admin", Some(&user)).await.status,
        403
    );
    example.interrupt();
}

/// They are what others copy, with the dependencies that they need for it.
#[test]
fn no_example_needs_another_crate_of_ours_than_auth_actix_and_the_testkit() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let files = std::fs::read_dir(folder).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(files.len() >= 8);
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        assert!(!source.contains("auth_core"), "{}", file.display());
    }
}
