//! What reaches the log: each reason once, each user, never a token. One test, because the log
//! belongs to the whole process.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, test, web};
use auth_actix::{AuthBridge, CurrentUser, Guard, KeyFeed, KeyFeedSettings};
use auth_testkit::{FakeIssuer, tampered};
use tracing::Instrument;
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
        .wrap_fn(|request, next| {
            use actix_web::dev::Service;
            let root = tracing::info_span!(
                "request",
                user.id = tracing::field::Empty,
                deny.code = tracing::field::Empty
            );
            next.call(request).instrument(root)
        })
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
        let request = test::TestRequest::get()
            .uri("/api/me/work")
            .insert_header(("authorization", format!("Bearer {token}")));
        test::call_service(&app, request.to_request()).await;
    }
    test::call_service(&app, test::TestRequest::get().uri("/open").to_request()).await;

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
}
