//! The application's own claims.

use actix_web::web;
use auth_actix::{Claims, Drawbridge};
use auth_testkit::FakeIssuer;
use serde::Deserialize;
use serde_json::json;

use crate::support::{ALICE, bearer, builder, get};

#[derive(Deserialize)]
struct Membership {
    organization: String,
    seats: u8,
}

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) {
    async fn show(Claims(member): Claims<Membership>) -> String {
        format!("{} has {}", member.organization, member.seats)
    }
    let guard = drawbridge.guard();
    |cfg| {
        cfg.service(
            web::scope("/open")
                .wrap(guard.clone().optional())
                .route("/show", web::get().to(show)),
        )
        .service(
            web::scope("/api")
                .wrap(guard)
                .route("/show", web::get().to(show)),
        )
        .route("/unguarded", web::get().to(show));
    }
}

#[actix_web::test]
async fn a_handler_reads_the_claims_in_its_own_type() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let token = issuer.mint(ALICE, |token| {
        token.claim("organization", "ACME").claim("seats", 7)
    });
    for _ in 0..2 {
        let answer = ask!(&app, bearer("/api/show", &token));
        assert_eq!((answer.status, &*answer.body), (200, "ACME has 7"));
    }
}

#[actix_web::test]
async fn claims_that_do_not_fit_the_type_are_403_without_a_word_of_them() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    for (organization, seats) in [
        (json!("secret"), json!(null)),
        (json!("secret"), json!("secret")),
        (json!("secret"), json!(256)),
        (json!(["secret"]), json!(1)),
        (json!({ "secret": 1 }), json!(1)),
    ] {
        let token = issuer.mint(ALICE, |token| {
            token
                .claim("organization", organization.clone())
                .claim("seats", seats.clone())
        });
        let answer = ask!(&app, bearer("/api/show", &token));
        assert_eq!(answer.refusal(), (403, "claims_mismatch".into()), "{seats}");
        assert!(!answer.body.contains("secret") && !answer.body.contains("seats"));
        assert_eq!(answer.header("www-authenticate"), "");
    }
    let answer = ask!(&app, bearer("/api/show", &issuer.token_for(ALICE)));
    assert_eq!(answer.refusal(), (403, "claims_mismatch".into()));
}

#[actix_web::test]
async fn without_a_user_there_are_no_claims() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    assert_eq!(
        ask!(&app, get("/open/show")).refusal(),
        (401, "token_missing".into())
    );
    let token = issuer.token_for(ALICE);
    assert_eq!(
        ask!(&app, bearer("/unguarded", &token)).refusal(),
        (500, "unguarded_route".into())
    );
}
