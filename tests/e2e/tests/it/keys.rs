//! The issuer's keys change, and the issuer is away.

use serde_json::json;

use crate::support::{
    api::{Api, Runs},
    bridge::Bridge,
    eventually, token_part,
};

/// What an operator does who suspects that a key is known to others, or who has changed Better Auth's secret.
async fn expire_all_keys(bridge: &Bridge) {
    let sql = r#"UPDATE auth.jwks SET "expiresAt" = now() - interval '1 second'"#;
    bridge.ground.admin().await.execute(sql, &[]).await.unwrap();
}

#[actix_web::test]
async fn a_new_key_is_taken_up_in_mid_session_and_the_old_one_goes_on_while_it_is_listed() {
    let bridge = Bridge::new().await;
    let (ada, before) = bridge.welcome("Ada").await;
    bridge.api.get("/api/v1/me", &before).await.json_of(200);

    expire_all_keys(&bridge).await;
    let after = bridge.better_auth.token(&ada).await;
    assert_ne!(key_id(&before), key_id(&after));
    // With the very first request: nobody has to wait for a renewal.
    for token in [&after, &before, &after] {
        bridge.api.get("/api/v1/me", token).await.json_of(200);
    }
}

#[actix_web::test]
async fn keys_that_rotate_by_themselves_are_followed_and_forgotten() {
    let quickly = json!({ "jwt": { "jwks": { "rotationInterval": 2, "gracePeriod": 2 } } });
    let closely = [
        ("API__AUTH__JWKS__MAX_AGE", "1s"),
        ("API__AUTH__JWKS__COOLDOWN", "100ms"),
    ];
    let bridge = Bridge::with(Runs::InThisProcess, &quickly, &closely).await;
    let (ada, first) = bridge.welcome("Ada").await;
    bridge.api.get("/api/v1/me", &first).await.json_of(200);

    let mut seen = vec![key_id(&first)];
    eventually("the first key is forgotten", async || {
        // Whoever asks for a token now can use it now; on a busy machine they may be told to wait, never that it is bad.
        let token = bridge.better_auth.token(&ada).await;
        eventually("today's token is good", async || {
            let answer = bridge.api.get("/api/v1/me", &token).await;
            assert!([200, 503].contains(&answer.status), "{answer:?}");
            answer.status == 200
        })
        .await;
        if !seen.contains(&key_id(&token)) {
            seen.push(key_id(&token));
        }
        bridge.api.get("/api/v1/me", &first).await.status != 200
    })
    .await;
    let answer = bridge.api.get("/api/v1/me", &first).await;
    assert_eq!(answer.problem(), (401, "key_unknown".to_owned()));
    assert!(!bridge.better_auth.key_ids().await.contains(&seen[0]));
    assert!(seen.len() >= 2, "{seen:?}");
}

#[actix_web::test]
async fn while_better_auth_is_away_known_users_go_on_and_unknown_keys_are_told_to_wait() {
    let often = [("API__AUTH__JWKS__COOLDOWN", "500ms")];
    let mut bridge = Bridge::with(Runs::InThisProcess, &json!({}), &often).await;
    let (ada, adas) = bridge.welcome("Ada").await;
    bridge.api.get("/api/v1/me", &adas).await.json_of(200);
    // Somebody with a token of a known key, who has never been here.
    let (_, bobs) = bridge.welcome("Bob").await;
    // And somebody with one of a key that nobody here has seen.
    expire_all_keys(&bridge).await;
    let unseen = bridge.better_auth.token(&ada).await;

    bridge.better_auth.stop();
    let task = json!({ "title": "Written meanwhile" });
    let path = "/api/v1/me/tasks";
    for token in [&adas, &bobs] {
        let made = bridge
            .api
            .ask(actix_web::http::Method::POST, path, token, Some(&task))
            .await;
        made.json_of(201);
    }
    let answer = bridge.api.get(path, &unseen).await;
    assert_eq!(answer.problem(), (503, "keys_unavailable".to_owned()));
    assert_eq!(bridge.api.get("/health/ready", "").await.status, 200);
    bridge.api.get(path, &adas).await.json_of(200);

    bridge.better_auth.start_again();
    eventually("the unseen key is known", async || {
        bridge.api.get(path, &unseen).await.status == 200
    })
    .await;
    bridge.api.get(path, &adas).await.json_of(200);
}

#[actix_web::test]
async fn a_server_that_starts_before_better_auth_waits_for_it() {
    let mut bridge = Bridge::new().await;
    let (_, token) = bridge.welcome("Ada").await;
    bridge.better_auth.stop();

    let variables = bridge.ground.variables(&bridge.better_auth, &[]);
    let api = Api::start(Runs::InThisProcess, &variables).await;
    let answer = api.get("/api/v1/me", &token).await;
    assert_eq!(answer.problem(), (503, "keys_unavailable".to_owned()));
    let report = api.get("/health/ready", "").await.json_of(503);
    let keys = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "keys");
    assert_eq!(keys.unwrap()["status"], "failing");

    bridge.better_auth.start_again();
    api.ready().await;
    api.get("/api/v1/me", &token).await.json_of(200);
}

fn key_id(token: &str) -> String {
    token_part(token, 0)["kid"].as_str().unwrap().to_owned()
}
