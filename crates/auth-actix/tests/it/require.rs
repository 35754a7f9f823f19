//! Roles, scopes and fresh tokens.

use std::time::{Duration, SystemTime};

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::{App, test, web};
use auth_actix::{Drawbridge, Require, UnixTime};
use auth_testkit::{FakeIssuer, TokenBuilder};

use crate::support::{ALICE, bearer, builder, get, whoami};

/// One scope behind one guard, with requirements around a scope, a resource and a route in it.
fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) {
    let drawbridge = drawbridge.clone();
    move |cfg| {
        let admin = web::scope("/admin")
            .wrap(Require::role("admin"))
            .route("/whoami", web::get().to(whoami));
        let write = web::resource("/write")
            .wrap(Require::scope("tasks:write"))
            .route(web::get().to(whoami));
        let fresh = web::get()
            .to(whoami)
            .wrap(Require::fresh(Duration::from_secs(300)));
        let owner_or_admin = drawbridge
            .user_guard()
            .require(Require::any_role(["owner", "admin"]))
            .require(Require::fresh(Duration::from_secs(300)));
        cfg.service(
            web::scope("/api")
                .wrap(drawbridge.guard())
                .service(admin)
                .service(write)
                .route("/fresh", fresh)
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::scope("/of/{user_id}")
                .wrap(owner_or_admin)
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::resource("/unguarded")
                .wrap(Require::role("admin"))
                .route(web::get().to(whoami)),
        )
        .service(
            web::scope("/above")
                .wrap(drawbridge.guard())
                // What is wrapped last is met first: this one stands before the guard.
                .wrap(Require::role("admin"))
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

fn ago(seconds: u64) -> i64 {
    (UnixTime::from(SystemTime::now()) - Duration::from_secs(seconds)).as_secs()
}

#[actix_web::test]
async fn each_requirement_is_a_403_with_its_own_code() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    type Change = fn(TokenBuilder) -> TokenBuilder;
    let rows: [(&str, Change, Change, &str); 3] = [
        (
            "/api/admin/whoami",
            |token| token.claim("role", "user,Admin"),
            |token| token.claim("role", "user,admin"),
            "role_missing",
        ),
        (
            "/api/write",
            |token| token.claim("scope", "tasks:read tasks:writer"),
            |token| token.claim("scope", "tasks:read tasks:write"),
            "scope_missing",
        ),
        (
            "/api/fresh",
            |token| token.claim("iat", ago(302)),
            |token| token.claim("iat", ago(290)),
            "token_not_fresh",
        ),
    ];
    for (path, lacks, has, code) in rows {
        let lacking = issuer.mint(ALICE, lacks);
        for _ in 0..2 {
            let answer = ask!(&app, bearer(path, &lacking));
            assert_eq!(answer.refusal(), (403, code.into()), "{path}");
            assert_eq!(answer.problem()["instance"], path);
        }
        // The same token is good for what needs no more than that.
        assert_eq!(ask!(&app, bearer("/api/whoami", &lacking)).status, 200);
        let answer = ask!(&app, bearer(path, &issuer.mint(ALICE, has)));
        assert_eq!((answer.status, answer.body), (200, ALICE.to_string()));
        // Who is not known at all has a larger problem.
        assert_eq!(
            ask!(&app, get(path)).refusal(),
            (401, "token_missing".into())
        );
    }
    let ageless = issuer.mint(ALICE, |token| token.without_claim("iat"));
    assert_eq!(
        ask!(&app, bearer("/api/fresh", &ageless)).refusal(),
        (403, "token_not_fresh".into())
    );
}

#[actix_web::test]
async fn a_missing_scope_is_challenged_as_rfc_6750_says() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let answer = ask!(&app, bearer("/api/write", &issuer.token_for(ALICE)));
    assert_eq!(
        answer.header("www-authenticate"),
        r#"Bearer realm="drawbridge", error="insufficient_scope", error_description="The token was not given the scope that this needs; ask the user to grant it.", scope="tasks:write""#
    );
    let answer = ask!(&app, bearer("/api/admin/whoami", &issuer.token_for(ALICE)));
    assert_eq!(
        answer.header("www-authenticate"),
        "",
        "a role cannot be asked for"
    );
}

#[actix_web::test]
async fn rfc_6750_a_challenge_names_all_scopes_that_are_needed_at_once() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let write_and_share = Require::scope("write").and(Require::scope("share"));
    let inner = web::resource("/inner")
        .wrap(write_and_share.clone().and(Require::scope("write")))
        .route(web::get().to(whoami));
    let by_guard = drawbridge.guard().require(write_and_share);
    let app = app!(|cfg: &mut web::ServiceConfig| {
        cfg.service(web::scope("/a").wrap(drawbridge.guard()).service(inner))
            .service(
                web::scope("/b")
                    .wrap(by_guard)
                    .route("/whoami", web::get().to(whoami)),
            );
    });
    for scopes in ["", "read", "write", "share"] {
        let token = issuer.mint(ALICE, |token| token.claim("scope", scopes));
        for path in ["/a/inner", "/b/whoami"] {
            let answer = ask!(&app, bearer(path, &token));
            assert_eq!(answer.refusal(), (403, "scope_missing".into()));
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.ends_with(r#", scope="write share""#),
                "{challenge}"
            );
        }
    }
    let both = issuer.mint(ALICE, |token| token.claim("scope", "share write"));
    for path in ["/a/inner", "/b/whoami"] {
        assert_eq!(ask!(&app, bearer(path, &both)).status, 200);
    }
}

#[actix_web::test]
async fn a_guard_asks_for_all_that_it_is_told_to() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let owner = |iat| {
        issuer.mint(ALICE, |token| {
            token.claim("role", "owner").claim("iat", iat)
        })
    };
    for (path, token, expected) in [
        ("/of/me/whoami", owner(ago(1)), "200"),
        ("/of/me/whoami", owner(ago(400)), "token_not_fresh"),
        ("/of/me/whoami", issuer.token_for(ALICE), "role_missing"),
        ("/of/somebody/whoami", owner(ago(1)), "user_mismatch"),
    ] {
        let answer = ask!(&app, bearer(path, &token));
        let seen = match answer.status {
            200 => "200".to_owned(),
            403 => answer.code(),
            other => panic!("{other}: {}", answer.body),
        };
        assert_eq!(seen, expected);
    }
}

#[actix_web::test]
async fn a_requirement_without_a_guard_before_it_lets_nobody_in() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    let admin = issuer.mint(ALICE, |token| token.claim("role", "admin"));
    for path in ["/unguarded", "/above/whoami"] {
        for request in [bearer(path, &admin), get(path)] {
            let answer = ask!(&app, request);
            assert_eq!(answer.refusal(), (500, "unguarded_route".into()), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_browser_can_read_what_is_missing_through_cors() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let cors = Cors::default().allowed_origin("http://localhost:3000");
    let app = App::new().configure(routes(&drawbridge)).wrap(cors);
    let app = test::init_service(app).await;
    let token = issuer.token_for(ALICE);
    for path in [
        "/api/admin/whoami",
        "/api/write",
        "/of/me/whoami",
        "/unguarded",
    ] {
        let request = bearer(path, &token).insert_header((header::ORIGIN, "http://localhost:3000"));
        let answer = ask!(&app, request);
        assert!(answer.status >= 400);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://localhost:3000",
            "{path}"
        );
    }
}
