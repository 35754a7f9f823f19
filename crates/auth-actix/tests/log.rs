//! What reaches the log: each reason once, each user, never a token. One test, because the log
//! belongs to the whole process.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use actix_web::dev::{Service, ServiceRequest};
use actix_web::test::TestRequest;
use actix_web::{App, test, web};
use auth_actix::{
    AuthBridge, Claims, CurrentUser, Drawbridge, Guard, KeyFeed, KeyFeedSettings, Require, UnixTime,
};
use auth_testkit::{FakeAccounts, FakeIssuer, tampered};
use serde::Deserialize;
use tracing::{Instrument, Span};
use uuid::Uuid;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The lines that hold all of these.
    fn lines(&self, parts: &[&str]) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let matching = |line: &&str| parts.iter().all(|part| line.contains(part));
        text.lines().filter(matching).map(str::to_owned).collect()
    }

    async fn soon(&self, parts: &[&str]) {
        for _ in 0..2000 {
            if !self.lines(parts).is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!(
            "{parts:?} is not in the log:\n{}",
            self.lines(&[]).join("\n")
        );
    }
}

#[actix_web::test]
async fn the_log_tells_changes_reasons_and_users_and_never_a_token() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let issuer = FakeIssuer::start();
    let user = Uuid::from_u128(0xA11CE);
    issuer.go_down();
    let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
    log.soon(&["WARN", "there are no keys of the issuer yet"])
        .await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(feed.status().fetches > 1);
    assert_eq!(
        log.lines(&["WARN"]).len(),
        1,
        "one line per change, not per attempt"
    );
    let with_bad_member = format!(
        r#"{{"keys":[{},{{"kty":"AKP","kid":"post-quantum"}}]}}"#,
        issuer.jwks()["keys"][0]
    );
    issuer.respond_with(with_bad_member);
    issuer.come_back();
    log.soon(&["INFO", "the issuer's keys are fresh", "keys=1"])
        .await;
    log.soon(&["WARN", "not usable", "post-quantum", "AKP"])
        .await;

    let bridge = AuthBridge::new(issuer.policy(), feed);
    let app = App::new()
        .wrap_fn(|request, next| next.call(request).instrument(root_span()))
        .service(web::scope("/api/{user_id}").wrap(Guard::new(bridge)).route(
            "/work",
            web::get().to(async |_: CurrentUser| {
                tracing::info!("the handler works");
                "done"
            }),
        ))
        .route("/open", web::get().to(async |_: CurrentUser| "never"));
    let app = test::init_service(app).await;

    let good = issuer.token_for(user);
    let bad = tampered(&good);
    let opaque = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";
    let nonsense = "secret.secret.secret";
    for token in [&*good, &*bad, opaque, nonsense] {
        test::call_service(&app, bearer("/api/me/work", token).to_request()).await;
    }
    test::call_service(&app, TestRequest::get().uri("/open").to_request()).await;

    let user = format!("user.id={user}");
    assert_eq!(log.lines(&["INFO", "the handler works", &user]).len(), 1);
    for code in ["signature_invalid", "session_token", "token_malformed"] {
        // Once on the root span, once on the event.
        let lines = log.lines(&["DEBUG", "request refused", code]);
        assert_eq!(lines.len(), 1, "{code}");
        assert_eq!(lines[0].matches(code).count(), 2, "{}", lines[0]);
    }
    assert_eq!(log.lines(&["ERROR"]).len(), 1);
    assert_eq!(log.lines(&["ERROR", "without a guard", "/open"]).len(), 1);

    let signature = good.rsplit('.').next().unwrap();
    for secret in [&good, opaque, "secret", signature, &bad[bad.len() - 20..]] {
        assert_eq!(log.lines(&[secret]), [""; 0]);
    }
    behind_the_drawbridge(&log).await;
    without_keys_from_an_address_with_a_secret(&log).await;
}

async fn without_keys_from_an_address_with_a_secret(log: &Log) {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let drawbridge = Drawbridge::better_auth(issuer.url())
        .jwks_url(format!("{}?key=hunter2", issuer.jwks_url()))
        .wait_for_keys(Duration::from_millis(300))
        .start();
    drawbridge.await.unwrap();
    let said = log.lines(&["WARN", "starting without the issuer's keys"]);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains(&issuer.jwks_url()), "{said:?}");
    assert_eq!(log.lines(&["hunter2"]), [""; 0]);
}

/// The rest of what there is: hits, accounts, roles, scopes, claims, access tokens, the resource.
async fn behind_the_drawbridge(log: &Log) {
    #[derive(Deserialize)]
    struct Plan {
        #[expect(dead_code, reason = "it never fits")]
        plan: u8,
    }
    let issuer = FakeIssuer::start();
    let accounts = FakeAccounts::new();
    let drawbridge = Drawbridge::better_auth(issuer.url())
        .oauth_access_tokens(issuer.url(), ["openid"])
        .oauth_access_tokens("https://api.example", ["openid"])
        .resource("https://api.example")
        .accounts(Arc::new(accounts.clone()))
        .start()
        .await
        .unwrap();
    let resource = |path, require| {
        let resource = web::resource(path).wrap(require);
        resource.route(web::get().to(async |_: CurrentUser| "in"))
    };
    let app = App::new()
        .configure(|cfg| drawbridge.configure(cfg))
        .service(
            web::scope("/api")
                .wrap(drawbridge.guard())
                .service(resource("/role", Require::role("admin")))
                .service(resource("/scope", Require::scope("write")))
                .service(resource("/fresh", Require::fresh(Duration::ZERO)))
                .route("/claims", web::get().to(async |_: Claims<Plan>| "in"))
                .route("/open", web::get().to(async |_: CurrentUser| "in")),
        )
        .service(resource("/unguarded", Require::role("admin")))
        .wrap_fn(|request: ServiceRequest, next| next.call(request).instrument(root_span()));
    let app = test::init_service(app).await;

    let user = Uuid::from_u128(0xB0B);
    let minted = UnixTime::from(SystemTime::now()) - Duration::from_secs(60);
    let with_secrets = |token: auth_testkit::TokenBuilder| {
        token
            .claim("email", "secret@mail.example")
            .claim("role", "secret-role")
            .claim("plan", "secret-plan")
            .claim("iat", minted.as_secs())
            .session("secret-session")
    };
    let plain = issuer.mint(user, with_secrets);
    let access = issuer.mint_access(user, &["openid", "secret-scope"], |token| {
        token
            .claim("jti", "secret-jti")
            .claim("client_id", "secret-client")
            .claim("iat", minted.as_secs())
    });
    // Of the route without a guard, that there is one has been told once before.
    let mut expected = vec!["unguarded_route"];
    for token in [&plain, &access] {
        for (path, code) in [
            ("/api/open", None),
            ("/api/open", None),
            ("/api/role", Some("role_missing")),
            ("/api/scope", Some("scope_missing")),
            ("/api/fresh", Some("token_not_fresh")),
            ("/api/claims", Some("claims_mismatch")),
            ("/unguarded", Some("unguarded_route")),
        ] {
            test::call_service(&app, bearer(path, token).to_request()).await;
            expected.extend(code);
        }
    }
    accounts.ban(user);
    test::call_service(&app, bearer("/api/open", &plain).to_request()).await;
    accounts.restore(user);
    accounts.sign_out("secret-session");
    test::call_service(&app, bearer("/api/open", &plain).to_request()).await;
    expected.extend(["user_banned", "session_ended"]);
    accounts.go_down();
    for _ in 0..3 {
        test::call_service(&app, bearer("/api/open", &plain).to_request()).await;
        expected.push("accounts_unavailable");
    }
    let again = "the accounts answer again";
    accounts.come_back();
    for _ in 0..3 {
        // They are thought to be back when a second has gone by without a failure.
        assert_eq!(log.lines(&[again]), [""; 0]);
        test::call_service(&app, bearer("/api/open", &access).to_request()).await;
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for _ in 0..3 {
        test::call_service(&app, bearer("/api/open", &access).to_request()).await;
    }
    assert_eq!(log.lines(&["WARN", "accounts"]).len(), 1);
    assert_eq!(log.lines(&["INFO", again]).len(), 1);
    let description = TestRequest::get().uri("/.well-known/oauth-protected-resource");
    test::call_service(&app, description.to_request()).await;

    for code in &expected {
        let field = format!("deny.code=\"{code}\"");
        let events = log.lines(&["auth_actix::", &field]);
        let times = expected.iter().filter(|it| *it == code).count();
        assert_eq!(
            events.len(),
            times,
            "one event for each refusal: {code}: {events:?}"
        );
        // Once on the root span, once on the event.
        assert!(
            events.iter().all(|line| line.matches(&field).count() == 2),
            "{events:?}"
        );
    }
    let of_user = log.lines(&["role_missing", &format!("user.id={user}")]);
    assert_eq!(of_user.len(), 2, "the span knows who was refused");
    assert_eq!(
        log.lines(&["claims_mismatch", "there is no claim \"plan\""])
            .len(),
        1
    );
    assert_eq!(
        log.lines(&["ERROR", "without a guard", "/unguarded"]).len(),
        1,
        "what is wrong with a route is told once"
    );
    assert_eq!(
        log.lines(&["WARN", "accounts", "took the accounts down"])
            .len(),
        1,
        "one line per change, not per request"
    );

    let parts = [&plain, &access].map(|token| token.split('.').collect::<Vec<_>>());
    for secret in parts.iter().flatten().chain(&["secret", "mail.example"]) {
        assert_eq!(log.lines(&[secret]), [""; 0]);
    }
    let shown = format!("{drawbridge:?}");
    for secret in parts
        .iter()
        .flatten()
        .chain(&["mail.example", "secret-jti"])
    {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn root_span() -> Span {
    tracing::info_span!(
        "request",
        user.id = tracing::field::Empty,
        deny.code = tracing::field::Empty
    )
}

fn bearer(path: &str, token: &str) -> TestRequest {
    let credentials = ("authorization", format!("Bearer {token}"));
    TestRequest::get().uri(path).insert_header(credentials)
}
