//! The guard behind `Cors`, as browsers meet it.

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::web;
use auth_actix::Drawbridge;
use auth_testkit::FakeIssuer;
use std::time::Duration;

use crate::support::{ALICE, bearer, builder, get, whoami};

const PAGE: &str = "https://app.example";

fn cors() -> Cors {
    Cors::default()
        .allowed_origin(PAGE)
        .allowed_methods(["GET", "POST"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER])
}

/// Around the same scope, in the order that is right and in the other one.
fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let guard = drawbridge.guard();
    move |cfg| {
        cfg.service(
            web::scope("/right")
                .wrap(guard.clone())
                .wrap(cors())
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::scope("/wrong")
                .wrap(cors())
                .wrap(guard)
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

fn from_page(request: TestRequest) -> TestRequest {
    request.insert_header((header::ORIGIN, PAGE))
}

fn preflight(path: &str) -> TestRequest {
    from_page(get(path).method("OPTIONS".parse().unwrap()))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "GET"))
        .insert_header((header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization"))
}

#[actix_web::test]
async fn cors_outside_of_the_guard_answers_preflights_and_shows_what_a_refusal_says() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let answer = ask!(&app, preflight("/right/whoami"));
    assert_eq!(answer.status, 200, "it carries no token");
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    let allowed = answer.header("access-control-allow-headers");
    assert!(allowed.contains("authorization"), "{allowed}");

    let good = bearer("/right/whoami", &issuer.token_for(ALICE));
    for (request, status) in [(get("/right/whoami"), 401), (good, 200)] {
        let answer = ask!(&app, from_page(request));
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        let shown = answer.header("access-control-expose-headers");
        for header in ["www-authenticate", "retry-after"] {
            assert!(shown.contains(header), "{shown}");
        }
    }
    // In the other order the browser is told nothing.
    for request in [preflight("/wrong/whoami"), from_page(get("/wrong/whoami"))] {
        let answer = ask!(&app, request);
        assert_eq!(answer.refusal(), (401, "token_missing".into()));
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[actix_web::test]
async fn a_page_can_read_when_to_try_again() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let drawbridge = Drawbridge::better_auth(issuer.url())
        .key_feed(|keys| keys.wait = Duration::from_millis(50))
        .wait_for_keys(Duration::ZERO)
        .start();
    let app = app!(routes(&drawbridge.await.unwrap()));
    let token = issuer.token_for(ALICE);
    let answer = ask!(&app, from_page(bearer("/right/whoami", &token)));
    assert_eq!(answer.refusal(), (503, "keys_unavailable".into()));
    assert_ne!(answer.header("retry-after"), "");
    let shown = answer.header("access-control-expose-headers");
    assert!(shown.contains("retry-after"), "{shown}");
}
