//! Several issuers: what each may say, and that none can speak for another.

use std::time::Duration;

use actix_web::web;
use auth_actix::{CurrentUser, Drawbridge, KeyFeedSettings, Require};
use auth_core::{Algorithm, TokenKind};
use auth_testkit::{FakeIssuer, Flaw, SigningKey};
use serde_json::json;

use crate::support::{ALICE, BOB, bearer, builder, whoami};

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
    let drawbridge = builder(&issuer).oauth_access_tokens(issuer.url()).start();
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
        .oauth_access_tokens(issuer.url())
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
