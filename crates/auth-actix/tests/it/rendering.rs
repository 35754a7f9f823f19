//! Errors in the application's own form.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use auth_actix::{Claims, Drawbridge, Problem, ProblemParts, Require};
use auth_testkit::{FakeIssuer, Flaw};
use serde::Deserialize;

use crate::support::{ALICE, Answer, BOB, bearer, builder, get, whoami};

/// Writes what it is told, touches the request as a renderer may, and forgets every header.
fn as_text(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let ProblemParts {
        code,
        title,
        detail,
        ..
    } = problem.parts();
    request.extensions_mut().insert("seen");
    let (method, path) = (request.method(), request.path());
    HttpResponse::build(problem.status())
        .body(format!("{method} {path}: {code}: {title}: {detail}"))
}

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    #[derive(Deserialize)]
    struct Plan {
        #[expect(dead_code, reason = "it is only looked for")]
        plan: String,
    }
    let drawbridge = drawbridge.clone();
    move |cfg| {
        drawbridge.configure(cfg);
        let admin = web::resource("/admin")
            .wrap(Require::role("admin"))
            .route(web::get().to(whoami));
        cfg.service(
            web::scope("/api/{user_id}")
                .wrap(drawbridge.user_guard())
                .service(admin)
                .route("/plan", web::get().to(async |_: Claims<Plan>| "fits"))
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::scope("/open")
                .wrap(drawbridge.guard().optional())
                .route("/whoami", web::get().to(whoami)),
        )
        .route("/unguarded", web::get().to(whoami));
    }
}

#[actix_web::test]
async fn every_refusal_is_written_by_the_applications_renderer() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).renderer(as_text).realm("tasks").start();
    let app = app!(routes(&drawbridge.await.unwrap()));
    let token = issuer.token_for(ALICE);
    let expired = issuer.mint_bad(ALICE, Flaw::Expired);
    let foreign = format!("/api/{BOB}/whoami");
    let twice = bearer("/api/me/whoami", "x").append_header((header::AUTHORIZATION, "y"));
    for (request, status, body, challenge) in [
        (
            get("/api/me/whoami"),
            401,
            "/api/me/whoami: token_missing: ",
            r#"Bearer realm="tasks""#,
        ),
        (
            twice,
            400,
            "/api/me/whoami: multiple_credentials: ",
            r#"error="invalid_request""#,
        ),
        (
            bearer("/api/me/whoami", &expired),
            401,
            "/api/me/whoami: token_expired: ",
            r#"error="invalid_token""#,
        ),
        (
            bearer(&foreign, &token),
            403,
            "user_mismatch: This path belongs to another user: ",
            "",
        ),
        (
            bearer("/api/me/admin", &token),
            403,
            "/api/me/admin: role_missing: ",
            "",
        ),
        (
            bearer("/api/me/plan", &token),
            403,
            "/api/me/plan: claims_mismatch: ",
            "",
        ),
        (
            get("/open/whoami"),
            401,
            "/open/whoami: token_missing: ",
            r#"Bearer realm="tasks""#,
        ),
        (
            bearer("/unguarded", &token),
            500,
            "/unguarded: unguarded_route: ",
            "",
        ),
    ] {
        let answer: Answer = ask!(&app, request);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(
            answer.body.starts_with("GET /") && answer.body.contains(body),
            "{}",
            answer.body
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        let sent = answer.header("www-authenticate");
        assert!(
            sent.contains(challenge) && sent.is_empty() == challenge.is_empty(),
            "{sent}"
        );
    }
}

#[actix_web::test]
async fn what_a_renderer_forgets_is_added_and_what_it_says_is_kept() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let drawbridge = |issuer: &FakeIssuer| {
        Drawbridge::better_auth(issuer.url())
            .wait_for_keys(Duration::ZERO)
            .key_feed(|keys| keys.wait = Duration::from_millis(50))
    };
    let forgetful = drawbridge(&issuer).renderer(as_text).start().await.unwrap();
    let app = app!(routes(&forgetful));
    let answer = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(ALICE)));
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(answer.header("cache-control"), "no-store");

    let outspoken = |problem: &Problem, _: &HttpRequest| {
        HttpResponse::build(problem.status())
            .insert_header((header::RETRY_AFTER, "77"))
            .insert_header((header::WWW_AUTHENTICATE, "Custom"))
            .insert_header((header::CACHE_CONTROL, "private"))
            .finish()
    };
    let outspoken = drawbridge(&issuer)
        .renderer(outspoken)
        .start()
        .await
        .unwrap();
    let app = app!(routes(&outspoken));
    let answer = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(ALICE)));
    assert_eq!(
        (answer.header("retry-after"), answer.header("cache-control")),
        ("77", "private")
    );
    let answer = ask!(&app, get("/api/me/whoami"));
    assert_eq!(answer.header("www-authenticate"), "Custom");
    let many = answer.headers.get_all(header::WWW_AUTHENTICATE);
    assert_eq!(many.count(), 1);
}
