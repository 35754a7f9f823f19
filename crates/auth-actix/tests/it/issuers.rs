//! Several issuers: what each may say, and that none can speak for another.

use std::time::Duration;

use actix_web::web;
use auth_actix::{Algorithm, CurrentUser, Drawbridge, Guard, KeyFeedSettings, Require, TokenKind};
use auth_testkit::{FakeIssuer, Flaw, SigningKey};
use serde_json::json;

use crate::support::{ALICE, BOB, bearer, builder, get, whoami};

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    async fn issuer(user: CurrentUser) -> String {
        format!("{} of {}", user.user_id(), user.issuer())
    }
    let guard = drawbridge.guard();
    |cfg| {
        let read = web::resource("/read")
            .wrap(Require::scope("tasks:read"))
            .route(web::get().to(whoami));
        cfg.service(
            web::scope("/api")
                .wrap(guard)
                .service(read)
                .route("/issuer", web::get().to(issuer)),
        );
    }
}

/// Two issuers whose keys have the same id.
async fn both() -> (FakeIssuer, FakeIssuer, Drawbridge) {
    let start = || FakeIssuer::on_port(0, SigningKey::generate(Algorithm::EdDsa, "same"));
    let (ours, theirs) = (start(), start());
    let keys = KeyFeedSettings::new(theirs.jwks_url());
    let drawbridge = builder(&ours).also_trust(theirs.policy(), keys).start();
    (ours, theirs, drawbridge.await.unwrap())
}

#[actix_web::test]
async fn each_issuer_is_judged_by_its_own_keys_and_audience() {
    let (ours, theirs, drawbridge) = both().await;
    let app = app!(routes(&drawbridge));
    for (issuer, user) in [(&ours, ALICE), (&theirs, BOB), (&theirs, ALICE)] {
        let token = issuer.token_for(user);
        for _ in 0..2 {
            let answer = ask!(&app, bearer("/api/issuer", &token));
            assert_eq!(answer.body, format!("{user} of {}", issuer.url()));
        }
    }
    for (issuer, other) in [(&ours, &theirs), (&theirs, &ours)] {
        // Signed with the other's key, under the id that both use.
        let forged = issuer.builder_for(ALICE).sign(&other.signing_key());
        let answer = ask!(&app, bearer("/api/issuer", &forged));
        assert_eq!(answer.refusal(), (401, "signature_invalid".into()));
        // One issuer's audience is not the other's.
        let misled = issuer.mint(ALICE, |token| token.audience(other.url()));
        let answer = ask!(&app, bearer("/api/issuer", &misled));
        assert_eq!(answer.refusal(), (401, "audience_mismatch".into()));
    }
}

#[actix_web::test]
async fn an_issuer_that_nobody_trusts_is_refused_before_any_key_is_looked_for() {
    let (ours, theirs, drawbridge) = both().await;
    let app = app!(routes(&drawbridge));
    let stranger = FakeIssuer::start();
    let slash = format!("{}/", ours.url());
    for issuer in [
        json!(stranger.url()),
        json!(slash),
        json!(ours.url().to_uppercase()),
        json!(""),
        json!(null),
        json!(7),
        json!([ours.url()]),
    ] {
        let token = stranger.mint(ALICE, |token| {
            token.issuer(issuer.clone()).header("kid", "stranger")
        });
        let answer = ask!(&app, bearer("/api/issuer", &token));
        assert_eq!(
            answer.refusal(),
            (401, "issuer_mismatch".into()),
            "{issuer}"
        );
        assert!(!answer.body.contains(&stranger.url()));
    }
    let without = stranger.mint(ALICE, |token| token.without_claim("iss"));
    let answer = ask!(&app, bearer("/api/issuer", &without));
    assert_eq!(answer.refusal(), (401, "issuer_mismatch".into()));
    assert_eq!(
        (stranger.connections(), ours.fetches(), theirs.fetches()),
        (0, 1, 1)
    );
}

#[actix_web::test]
async fn one_issuers_outage_is_not_anothers() {
    let (ours, theirs) = (FakeIssuer::start(), FakeIssuer::start());
    theirs.go_down();
    let mut keys = KeyFeedSettings::new(theirs.jwks_url());
    keys.wait = Duration::from_millis(50);
    let drawbridge = Drawbridge::better_auth(ours.url())
        .also_trust(theirs.policy(), keys)
        .wait_for_keys(Duration::from_millis(300))
        .start()
        .await
        .unwrap();
    assert!(!drawbridge.status().is_ready());
    let app = app!(routes(&drawbridge));
    assert_eq!(
        ask!(&app, bearer("/api/issuer", &ours.token_for(ALICE))).status,
        200
    );
    let answer = ask!(&app, bearer("/api/issuer", &theirs.token_for(ALICE)));
    assert_eq!(answer.refusal(), (503, "keys_unavailable".into()));
}

#[actix_web::test]
async fn rfc_9068_better_auths_access_tokens_are_a_second_issuer_with_the_same_keys() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .oauth_access_tokens(issuer.url(), ["openid"])
        .start();
    let drawbridge = drawbridge.await.unwrap();
    let app = app!(routes(&drawbridge));

    let access = issuer.access_token_for(ALICE, &["openid", "tasks:read"]);
    for _ in 0..2 {
        let answer = ask!(&app, bearer("/api/issuer", &access));
        assert_eq!(answer.body, format!("{ALICE} of {}/api/auth", issuer.url()));
        assert_eq!(ask!(&app, bearer("/api/read", &access)).status, 200);
    }
    let narrow = issuer.access_token_for(ALICE, &["openid"]);
    assert_eq!(
        ask!(&app, bearer("/api/read", &narrow)).refusal(),
        (403, "scope_missing".into())
    );
    // Plain JWTs go on as before, and have no scopes.
    let plain = issuer.token_for(ALICE);
    assert_eq!(ask!(&app, bearer("/api/issuer", &plain)).status, 200);
    assert_eq!(ask!(&app, bearer("/api/read", &plain)).status, 403);
    let identity = drawbridge.bridge().admit(&access).await.unwrap();
    assert_eq!(identity.kind(), TokenKind::Access);

    assert_eq!(
        (issuer.fetches(), drawbridge.status().key_sets.len()),
        (1, 1)
    );
}

#[actix_web::test]
async fn the_kinds_of_token_that_one_key_signs_are_told_apart() {
    let issuer = FakeIssuer::start();
    let oauth = issuer.oauth_issuer();
    let code = async |drawbridge: &Drawbridge, token: &str| {
        let admitted = drawbridge.bridge().admit(token).await;
        admitted.map_or_else(|refusal| refusal.code(), |_| "ok")
    };
    let with = builder(&issuer)
        .oauth_access_tokens(issuer.url(), ["a"])
        .start()
        .await
        .unwrap();
    for (token, expected) in [
        (issuer.access_token_for(ALICE, &["a"]), "ok"),
        // An access token under the plain issuer, and a plain token under the other one.
        (
            issuer.mint(ALICE, |it| it.header("typ", "at+jwt")),
            "type_not_allowed",
        ),
        (
            issuer.mint(ALICE, |it| it.issuer(oauth.clone())),
            "type_not_allowed",
        ),
        (
            issuer.mint_access(ALICE, &["a"], |it| it.without_header("typ")),
            "type_not_allowed",
        ),
        // Meant for another resource.
        (
            issuer.mint_access(ALICE, &["a"], |it| it.audience("https://other.example")),
            "audience_mismatch",
        ),
        (
            issuer.mint_access(ALICE, &["a"], |it| it.claim("cnf", json!({ "jkt": "x" }))),
            "token_bound",
        ),
        (issuer.mint_bad(ALICE, Flaw::IdToken), Flaw::IdToken.code()),
        (
            issuer.mint_bad(ALICE, Flaw::LogoutToken),
            Flaw::LogoutToken.code(),
        ),
        // What is issued without a resource is opaque.
        ("cqcEigmwYMoRaMTDUtainGYYNrtrhLGp".into(), "session_token"),
    ] {
        assert_eq!(code(&with, &token).await, expected, "{token}");
    }
    // Who did not ask for access tokens takes none.
    let without = builder(&issuer).start().await.unwrap();
    let access = issuer.access_token_for(ALICE, &["a"]);
    assert_eq!(code(&without, &access).await, "type_not_allowed");
}

fn whoami_behind(guard: Guard) -> impl FnOnce(&mut web::ServiceConfig) {
    |cfg| {
        let write = web::resource("/write")
            .wrap(Require::granted("tasks:write"))
            .route(web::get().to(whoami));
        cfg.service(
            web::scope("/{user_id}")
                .wrap(guard)
                .service(write)
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

#[actix_web::test]
async fn a_client_that_was_granted_nothing_here_gets_nowhere_by_any_guard_of_the_drawbridge() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .oauth_access_tokens(issuer.url(), ["tasks", "profile"])
        .start();
    let drawbridge = drawbridge.await.unwrap();
    let bridge = drawbridge.bridge();
    let (plain, bare, partly, fully) = (
        issuer.token_for(ALICE),
        issuer.access_token_for(ALICE, &["openid", "email"]),
        issuer.access_token_for(ALICE, &["tasks"]),
        issuer.access_token_for(ALICE, &["profile", "tasks"]),
    );
    for guard in [
        drawbridge.guard(),
        drawbridge.user_guard(),
        drawbridge.guard().optional(),
        drawbridge
            .guard()
            .require(Require::fresh(Duration::from_secs(300))),
        Guard::any_user(bridge.clone()),
    ] {
        let app = app!(whoami_behind(guard));
        for lacking in [&bare, &partly] {
            // Remembered or not.
            for _ in 0..2 {
                let answer = ask!(&app, bearer("/me/whoami", lacking));
                assert_eq!(answer.refusal(), (403, "scope_missing".into()));
                let challenge = answer.header("www-authenticate");
                assert!(
                    challenge.contains(r#"error="insufficient_scope""#)
                        && challenge.ends_with(r#", scope="tasks profile""#),
                    "{challenge}"
                );
            }
        }
        for good in [&plain, &fully] {
            assert_eq!(ask!(&app, bearer("/me/whoami", good)).status, 200);
        }
    }
    // Nor by the question behind the guards.
    let admitted = async |token: &str| bridge.admit(token).await.map(|who| who.kind());
    for _ in 0..2 {
        let refused = admitted(&partly).await.unwrap_err();
        assert_eq!(refused.code(), "scope_missing");
        assert_eq!(admitted(&fully).await.unwrap(), TokenKind::Access);
        assert_eq!(admitted(&plain).await.unwrap(), TokenKind::Plain);
    }
    // Nobody is no client.
    let open = web::scope("/open").wrap(drawbridge.guard().optional());
    let open = open.route("/hello", web::get().to(async || "hello"));
    let app = app!(|cfg: &mut web::ServiceConfig| {
        cfg.service(open);
    });
    assert_eq!(ask!(&app, get("/open/hello")).status, 200);
}

#[actix_web::test]
async fn a_route_that_needs_a_grant_asks_clients_for_it_and_users_not() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .oauth_access_tokens(issuer.url(), ["tasks"])
        .start();
    let drawbridge = drawbridge.await.unwrap();
    let of_guard = drawbridge.guard().require(Require::granted("tasks:write"));
    let reader = issuer.access_token_for(ALICE, &["tasks"]);
    let writer = issuer.access_token_for(ALICE, &["tasks", "tasks:write"]);
    // A plain JWT is the user's own, whatever else is in it.
    let plain = issuer.mint(ALICE, |token| token.claim("scope", "none"));
    for (guard, path, scopes) in [
        (drawbridge.guard(), "/me/write", "tasks:write"),
        (of_guard, "/me/whoami", "tasks tasks:write"),
    ] {
        let app = app!(whoami_behind(guard));
        let answer = ask!(&app, bearer(path, &reader));
        assert_eq!(answer.refusal(), (403, "scope_missing".into()));
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.ends_with(&format!(r#", scope="{scopes}""#)),
            "{challenge}"
        );
        for good in [&plain, &writer] {
            assert_eq!(ask!(&app, bearer(path, good)).status, 200, "{path}");
        }
        assert_eq!(ask!(&app, get(path)).status, 401);
    }
}

#[actix_web::test]
async fn any_trusted_issuer_can_name_any_user_unless_the_guard_is_for_one_issuer() {
    let (ours, theirs, drawbridge) = both().await;
    let of_alice = format!("/{ALICE}/whoami");
    let (alice, impostor) = (ours.token_for(ALICE), theirs.token_for(ALICE));

    // What is warned of: ids are compared, not pairs.
    let app = app!(whoami_behind(drawbridge.user_guard()));
    assert_eq!(ask!(&app, bearer(&of_alice, &impostor)).status, 200);

    let of_ours = drawbridge.user_guard().issued_by(ours.url());
    let app = app!(whoami_behind(of_ours.clone()));
    for path in [&*of_alice, "/me/whoami", &format!("/{BOB}/whoami"), "/x/y"] {
        let answer = ask!(&app, bearer(path, &impostor));
        assert_eq!(answer.refusal(), (403, "issuer_not_allowed".into()));
        assert_eq!(
            answer.header("www-authenticate"),
            "",
            "another token of the same issuer would not do"
        );
        assert!(!answer.body.contains(&theirs.url()));
    }
    assert_eq!(ask!(&app, bearer(&of_alice, &alice)).status, 200);
    assert_eq!(
        ask!(&app, bearer(&of_alice, &ours.token_for(BOB))).refusal(),
        (403, "user_mismatch".into())
    );

    let of_both = app!(whoami_behind(of_ours.issued_by(theirs.url())));
    assert_eq!(ask!(&of_both, bearer(&of_alice, &impostor)).status, 200);
    let slash = drawbridge.guard().issued_by(format!("{}/", ours.url()));
    let app = app!(whoami_behind(slash.clone()));
    let refused = ask!(&app, bearer("/me/whoami", &alice));
    assert_eq!(refused.refusal(), (403, "issuer_not_allowed".into()));
    // Nobody has no issuer.
    let open = web::scope("/open").wrap(slash.optional());
    let open = open.route("/hello", web::get().to(async || "hello"));
    let app = app!(|cfg: &mut web::ServiceConfig| {
        cfg.service(open);
    });
    assert_eq!(ask!(&app, get("/open/hello")).status, 200);
    assert_eq!(ask!(&app, bearer("/open/hello", &alice)).status, 403);
}
