//! Starting, and what an app has from the handle.

use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, web};
use auth_actix::{Algorithm, Drawbridge, KeyFeedSettings, Policy, StartError, UserClaim};
use auth_testkit::{FakeIssuer, SigningKey};
use uuid::Uuid;

use crate::support::{ALICE, bearer, builder, eventually, get, whoami};

fn guarded(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let drawbridge = drawbridge.clone();
    move |cfg| {
        drawbridge.configure(cfg);
        cfg.service(
            web::scope("/users/{user_id}")
                .wrap(drawbridge.user_guard())
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::scope("/api")
                .wrap(drawbridge.guard())
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

#[actix_web::test]
async fn a_base_url_is_enough() {
    let issuer = FakeIssuer::start();
    let drawbridge = Drawbridge::better_auth(issuer.url()).start().await.unwrap();
    let app = app!(guarded(&drawbridge));
    for path in ["/api/whoami", "/users/me/whoami"] {
        let answer = ask!(&app, bearer(path, &issuer.token_for(ALICE)));
        assert_eq!((answer.status, answer.body), (200, ALICE.to_string()));
        assert_eq!(ask!(&app, get(path)).status, 401);
    }
    let foreign = ask!(
        &app,
        bearer("/users/somebody/whoami", &issuer.token_for(ALICE))
    );
    assert_eq!(foreign.refusal(), (403, "user_mismatch".into()));
}

#[actix_web::test]
async fn every_option_of_a_token_is_heeded() {
    let issuer = FakeIssuer::start();
    let code = async |builder: auth_actix::DrawbridgeBuilder, token: String| {
        let drawbridge = builder.start().await.unwrap();
        let admitted = drawbridge.bridge().admit(&token).await;
        admitted.map_or_else(|refusal| refusal.code(), |_| "ok")
    };
    let ours = || builder(&issuer);
    let for_api = issuer.mint(ALICE, |token| token.audience("https://api.example"));
    assert_eq!(code(ours(), for_api.clone()).await, "audience_mismatch");
    let two = ours()
        .audience("https://other.example")
        .audience("https://api.example");
    assert_eq!(code(two, for_api.clone()).await, "ok");
    assert_eq!(code(ours().danger_any_audience(), for_api).await, "ok");

    let renamed = issuer.mint(ALICE, |token| token.issuer("https://named.example"));
    assert_eq!(code(ours(), renamed.clone()).await, "issuer_mismatch");
    assert_eq!(
        code(ours().issuer("https://named.example"), renamed).await,
        "ok"
    );

    let token = issuer.token_for(ALICE);
    let rsa = ours().algorithms([Algorithm::Rs256]);
    assert_eq!(code(rsa, token.clone()).await, "algorithm_not_allowed");
    let by_sub = issuer.mint(ALICE, |it| {
        it.without_claim("uuid").subject(ALICE.to_string())
    });
    assert_eq!(code(ours(), by_sub.clone()).await, "user_claim_missing");
    assert_eq!(code(ours().user_claim(UserClaim::Sub), by_sub).await, "ok");

    let now = auth_actix::UnixTime::from(std::time::SystemTime::now());
    let over = issuer.mint(ALICE, |it| it.expires_at(now - Duration::from_secs(10)));
    assert_eq!(code(ours(), over.clone()).await, "ok");
    assert_eq!(
        code(ours().leeway(Duration::ZERO), over).await,
        "token_expired"
    );
    let long = issuer.mint(ALICE, |it| it.expires_at(now + Duration::from_secs(90_000)));
    assert_eq!(code(ours(), long.clone()).await, "token_lifetime");
    assert_eq!(code(ours().max_lifetime(None), long).await, "ok");

    let unnamed = issuer.mint(ALICE, |it| it.without_header("kid"));
    assert_eq!(code(ours(), unnamed.clone()).await, "key_id_missing");
    assert_eq!(
        code(ours().key_id_optional(true), unnamed.clone()).await,
        "ok"
    );
    let modern = issuer.mint(ALICE, |it| it.header("alg", "Ed25519"));
    assert_eq!(code(ours(), modern.clone()).await, "algorithm_not_allowed");
    assert_eq!(code(ours().fully_specified_names(true), modern).await, "ok");

    // While there is a second key, a token has to say which one signed it.
    issuer.publish(&SigningKey::generate(Algorithm::EdDsa, "another"));
    assert_eq!(
        code(ours().key_id_optional(true), unnamed).await,
        "key_id_missing"
    );

    // A base URL that leads nowhere, and the keys by another way.
    let aside = || {
        Drawbridge::better_auth("http://127.0.0.1:9")
            .issuer(issuer.url())
            .audience(issuer.url())
            .require_keys_at_start(true)
    };
    let by_url = aside().jwks_url(issuer.jwks_url());
    assert_eq!(code(by_url, token.clone()).await, "ok");
    let settings = KeyFeedSettings::new(issuer.jwks_url());
    assert_eq!(code(aside().key_feed_settings(settings), token).await, "ok");
}

#[actix_web::test]
async fn without_keys_it_starts_in_time_and_heals_or_does_not_start_at_all() {
    let issuer = FakeIssuer::start();
    issuer.fail_with(500);
    let limited =
        |limit| Drawbridge::better_auth(issuer.url()).wait_for_keys(Duration::from_millis(limit));
    // Long enough for the first answer, also on a busy machine.
    let refused = limited(1500)
        .require_keys_at_start(true)
        .start()
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, StartError::NoKeys { jwks_url, .. } if *jwks_url == issuer.jwks_url())
    );
    assert!(refused.to_string().contains("500"), "{refused}");

    let begin = Instant::now();
    let drawbridge = limited(200).start().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert!(!drawbridge.status().is_ready());
    issuer.recover();
    eventually(|| drawbridge.status().is_ready()).await;
    let app = app!(guarded(&drawbridge));
    let answer = ask!(&app, bearer("/api/whoami", &issuer.token_for(ALICE)));
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn mistakes_start_nothing_and_are_told_together() {
    let builder = Drawbridge::better_auth("app.example").leeway(Duration::from_secs(3600));
    let refused = builder.start().await.unwrap_err();
    let StartError::Settings(mistakes) = &refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        mistakes.iter().map(|it| it.option).collect::<Vec<_>>(),
        ["better_auth", "leeway"]
    );
    assert_eq!(
        refused.to_string(),
        "drawbridge cannot be set up: better_auth: it is no absolute URL; leeway: leeway must be at most 120 s"
    );
}

#[actix_web::test]
async fn stopping_ends_every_feed_and_keeps_what_is_known() {
    let (ours, theirs) = (FakeIssuer::start(), FakeIssuer::start());
    let keys = KeyFeedSettings::new(theirs.jwks_url());
    let drawbridge = builder(&ours).also_trust(theirs.policy(), keys).start();
    let drawbridge = drawbridge.await.unwrap();
    let running = || {
        let status = drawbridge.status();
        status
            .key_sets
            .iter()
            .map(|keys| keys.feed.running)
            .collect::<Vec<_>>()
    };
    assert_eq!(running(), [true, true]);
    assert!(drawbridge.status().is_ready());
    drawbridge.stop();
    assert_eq!(running(), [false, false]);
    assert!(
        !drawbridge.status().is_ready(),
        "its keys are good, and nobody renews them"
    );
    for issuer in [&ours, &theirs] {
        let token = issuer.token_for(ALICE);
        assert!(drawbridge.bridge().admit(&token).await.is_ok());
    }
}

/// Made once outside of the factory, every worker has a handle: one feed, one cache.
#[actix_web::test]
async fn all_workers_share_the_keys_and_what_was_verified() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let of_workers = drawbridge.clone();
    let server = HttpServer::new(move || App::new().configure(guarded(&of_workers)))
        .workers(4)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}/api/whoami", server.addrs()[0]);
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let users: Vec<_> = (0..5).map(|_| Uuid::new_v4()).collect();
    let client = awc::Client::builder().disable_timeout().finish();
    for _ in 0..8 {
        for user in &users {
            let asked = client.get(&*url).force_close();
            // Of the same second it is the same token, else another good one.
            let mut answer = asked
                .bearer_auth(issuer.token_for(*user))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.body().await.unwrap(), user.to_string());
        }
    }
    assert_eq!(issuer.fetches(), 1);
    assert!(drawbridge.status().cached_tokens >= 5);
    handle.stop(false).await;
}

#[actix_web::test]
async fn the_debug_output_of_a_builder_shows_no_password() {
    let builder = Drawbridge::better_auth("https://me:hunter2@app.example");
    assert!(!format!("{builder:?}").contains("hunter2"));
    let policy = Policy::new("https://app.example", "api").unwrap();
    let keys = KeyFeedSettings::new("https://app.example/jwks");
    let builder = Drawbridge::better_auth("https://app.example").also_trust(policy, keys);
    assert!(format!("{builder:?}").contains("https://app.example"));
}

#[actix_web::test]
async fn an_address_is_shown_without_its_query_which_may_hold_a_secret() {
    let issuer = FakeIssuer::start();
    let secret = format!("{}?key=hunter2", issuer.jwks_url());
    let partner = FakeIssuer::start();
    let keys = KeyFeedSettings::new(format!("{}?key=hunter2", partner.jwks_url()));
    let with_secrets = || {
        Drawbridge::better_auth(issuer.url())
            .jwks_url(&secret)
            .also_trust(partner.policy(), keys.clone())
            .wait_for_keys(Duration::from_millis(300))
    };
    assert!(!format!("{:?}", with_secrets()).contains("hunter2"));
    let drawbridge = with_secrets().start().await.unwrap();
    let status = drawbridge.status();
    let shown = status.key_sets.iter().map(|keys| &*keys.jwks_url);
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [issuer.jwks_url(), partner.jwks_url()]
    );
    for text in [format!("{drawbridge:?}"), format!("{status:?}")] {
        assert!(!text.contains("hunter2"), "{text}");
    }

    issuer.go_down();
    partner.go_down();
    let refused = with_secrets().require_keys_at_start(true).start().await;
    let refused = refused.unwrap_err();
    for text in [format!("{refused:?}"), refused.to_string()] {
        assert!(text.contains(&issuer.jwks_url()), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}
