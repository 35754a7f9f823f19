//! What is counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web;
use auth_actix::{Claims, Drawbridge, Require};
use auth_testkit::{FakeAccounts, FakeIssuer, Flaw};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use crate::support::{ALICE, BOB, bearer, builder, get, whoami};

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let drawbridge = drawbridge.clone();
    move |cfg| {
        let admin = web::resource("/admin")
            .wrap(Require::role("admin"))
            .route(web::get().to(whoami));
        cfg.service(
            web::scope("/api/{user_id}")
                .wrap(drawbridge.user_guard())
                .service(admin)
                .route("/claims", web::get().to(async |_: Claims<u8>| "fits"))
                .route("/whoami", web::get().to(whoami)),
        )
        .route("/unguarded", web::get().to(whoami));
    }
}

/// Everything that begins with `jwt_`, by name and label. Reading a counter resets it.
fn read(snapshotter: &Snapshotter) -> BTreeMap<String, u64> {
    let mut seen = BTreeMap::new();
    for (key, _, described, value) in snapshotter.snapshot().into_vec() {
        let key = key.key();
        if !key.name().starts_with("jwt_") {
            continue;
        }
        assert!(described.is_some(), "{} is not described", key.name());
        let labels: String = key
            .labels()
            .map(|it| format!("{{{}}}", it.value()))
            .collect();
        let value = match value {
            DebugValue::Counter(value) => value,
            DebugValue::Gauge(value) => value.into_inner() as u64,
            DebugValue::Histogram(_) => panic!("there are none"),
        };
        if value > 0 {
            seen.insert(format!("{}{labels}", key.name()), value);
        }
    }
    seen
}

#[actix_web::test]
async fn every_request_is_counted_by_its_result_and_every_hit_as_one() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    // Of this thread alone, where everything but the feed happens.
    let _recording = metrics::set_default_local_recorder(&recorder);
    let issuer = FakeIssuer::start();
    let accounts = FakeAccounts::new();
    let drawbridge = builder(&issuer)
        .accounts(Arc::new(accounts.clone()))
        .start();
    let drawbridge = drawbridge.await.unwrap();
    let app = app!(routes(&drawbridge));
    let token = issuer.token_for(ALICE);
    let own = |path: &str| bearer(&format!("/api/me/{path}"), &token);

    for request in [
        own("whoami"),
        own("whoami"),
        own("whoami"),
        own("admin"),
        own("claims"),
        bearer(&format!("/api/{BOB}/whoami"), &token),
        get("/api/me/whoami"),
        get("/unguarded"),
        bearer("/api/me/whoami", &issuer.mint_bad(ALICE, Flaw::Expired)),
        bearer("/api/me/whoami", &issuer.mint_bad(ALICE, Flaw::Expired)),
        bearer("/api/me/whoami", "a.b.c"),
    ] {
        let _ = ask!(&app, request);
    }
    accounts.ban(ALICE);
    let _ = ask!(&app, own("whoami"));
    let expected = [
        ("jwt_cache_bytes", drawbridge.status().cached_bytes),
        ("jwt_cache_entries", 1),
        ("jwt_cache_hits_total", 6),
        ("jwt_cache_misses_total", 4),
        ("jwt_verify_total{claims_mismatch}", 1),
        ("jwt_verify_total{ok}", 6),
        ("jwt_verify_total{role_missing}", 1),
        ("jwt_verify_total{token_expired}", 2),
        ("jwt_verify_total{token_malformed}", 1),
        ("jwt_verify_total{token_missing}", 1),
        ("jwt_verify_total{unguarded_route}", 1),
        ("jwt_verify_total{user_banned}", 1),
        ("jwt_verify_total{user_mismatch}", 1),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(read(&snapshotter), BTreeMap::from(expected));
}

#[actix_web::test]
async fn what_has_to_make_room_is_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let issuer = FakeIssuer::start();
    let small = builder(&issuer)
        .cache_bytes(64 << 10)
        .start()
        .await
        .unwrap();
    for _ in 0..200 {
        let token = issuer.token_for(uuid::Uuid::new_v4());
        small.bridge().admit(&token).await.unwrap();
    }
    let seen = read(&snapshotter);
    let remembered = small.status().cached_tokens as u64;
    assert_eq!(seen["jwt_cache_entries"], remembered);
    assert_eq!(seen["jwt_cache_evictions_total"], 200 - remembered);
    assert!(seen["jwt_cache_bytes"] <= 64 << 10);
}

#[actix_web::test]
async fn without_a_cache_nothing_is_missed() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).without_cache().start().await.unwrap();
    let token = issuer.token_for(ALICE);
    drawbridge.bridge().admit(&token).await.unwrap();
    drawbridge.bridge().admit(&token).await.unwrap();
    let expected = BTreeMap::from([("jwt_verify_total{ok}".to_owned(), 2)]);
    assert_eq!(read(&snapshotter), expected);
}
