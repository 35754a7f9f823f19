//! Guards that let strangers in as nobody.

use actix_web::http::header;
use actix_web::test::TestRequest;
use actix_web::web;
use auth_actix::{Drawbridge, OptionalUser, Require};
use auth_testkit::{FakeIssuer, Flaw};
use std::time::Duration;

use crate::support::{ALICE, BOB, bearer, builder, get, whoami};

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) {
    async fn greet(user: OptionalUser) -> String {
        match user.into_user() {
            Some(user) => user.user_id().to_string(),
            None => "nobody".into(),
        }
    }
    let drawbridge = drawbridge.clone();
    move |cfg| {
        let scope = |path, guard| {
            web::scope(path)
                .wrap(guard)
                .route("/greet", web::get().to(greet))
        };
        let open = drawbridge.guard().optional();
        cfg.service(scope("/open", open.clone()).route("/whoami", web::get().to(whoami)))
            .service(scope(
                "/users/{user_id}",
                drawbridge.user_guard().optional(),
            ))
            .service(scope("/admins", open.require(Require::role("admin"))))
            .service(scope("/closed", drawbridge.guard()))
            .route("/unguarded", web::get().to(greet));
    }
}

#[actix_web::test]
async fn without_a_header_there_is_nobody_and_with_a_good_token_there_is_somebody() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let token = issuer.token_for(ALICE);
    let answer = ask!(&app, get("/open/greet"));
    assert_eq!((answer.status, &*answer.body), (200, "nobody"));
    for path in ["/open/greet", "/users/me/greet"] {
        let answer = ask!(&app, bearer(path, &token));
        assert_eq!((answer.status, answer.body), (200, ALICE.to_string()));
    }
    // Behind a guard that is not optional, an optional user is always there.
    let answer = ask!(&app, bearer("/closed/greet", &token));
    assert_eq!((answer.status, answer.body), (200, ALICE.to_string()));
    assert_eq!(ask!(&app, get("/closed/greet")).status, 401);
    assert_eq!(
        ask!(&app, get("/unguarded")).refusal(),
        (500, "unguarded_route".into())
    );
}

#[actix_web::test]
async fn nobody_comes_in_where_the_path_names_somebody() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    for named in ["me", &ALICE.to_string(), "somebody", "%6De"] {
        let answer = ask!(&app, get(&format!("/users/{named}/greet")));
        assert_eq!(answer.refusal(), (401, "token_missing".into()), "{named}");
    }
}

#[actix_web::test]
async fn whatever_is_sent_must_be_good() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    for credentials in [
        "",
        "Basic dXNlcjpwYXNz",
        "Bearer",
        "Bearer a.b.c",
        "nonsense",
    ] {
        let request = get("/open/greet").insert_header((header::AUTHORIZATION, credentials));
        assert_eq!(ask!(&app, request).status, 401, "{credentials:?}");
    }
    for flaw in [Flaw::Expired, Flaw::SignatureTampered, Flaw::AudienceOther] {
        let answer = ask!(&app, bearer("/open/greet", &issuer.mint_bad(ALICE, flaw)));
        assert_eq!(answer.refusal(), (401, flaw.code().into()));
    }
    let twice = bearer("/open/greet", &issuer.token_for(ALICE))
        .append_header((header::AUTHORIZATION, "Bearer x"));
    assert_eq!(ask!(&app, twice).status, 400);
    let foreign = bearer(&format!("/users/{BOB}/greet"), &issuer.token_for(ALICE));
    assert_eq!(ask!(&app, foreign).refusal(), (403, "user_mismatch".into()));
}

#[actix_web::test]
async fn while_the_keys_cannot_be_had_a_token_is_503_and_nobody_is_nobody() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let drawbridge = Drawbridge::better_auth(issuer.url())
        .key_feed(|keys| keys.wait = Duration::from_millis(50))
        .wait_for_keys(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    assert_eq!(ask!(&app, get("/open/greet")).body, "nobody");
    let answer = ask!(&app, bearer("/open/greet", &issuer.token_for(ALICE)));
    assert_eq!(answer.refusal(), (503, "keys_unavailable".into()));
}

#[actix_web::test]
async fn a_handler_that_needs_a_user_turns_nobody_away() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    for path in ["/open/whoami", "/admins/greet"] {
        let answer = ask!(&app, get(path));
        assert_eq!(answer.refusal(), (401, "token_missing".into()), "{path}");
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="drawbridge""#
        );
        assert_eq!(answer.problem()["instance"], path);
    }
}

#[actix_web::test]
async fn a_token_in_the_query_or_in_the_body_is_not_looked_at() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let token = issuer.token_for(ALICE);
    let query = format!("?access_token={token}");
    let open = ask!(&app, get(&format!("/open/greet{query}")));
    assert_eq!((open.status, &*open.body), (200, "nobody"));
    let in_body = TestRequest::post()
        .uri("/closed/greet")
        .set_form([("access_token", &token)]);
    for request in [get(&format!("/closed/greet{query}")), in_body] {
        let answer = ask!(&app, request);
        assert_eq!(answer.refusal(), (401, "token_missing".into()));
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="drawbridge""#
        );
        assert!(!answer.body.contains(&token));
    }
    // Beside one in the header it is ignored as well.
    let answer = ask!(&app, bearer("/closed/greet?access_token=x", &token));
    assert_eq!(answer.status, 200);
}
