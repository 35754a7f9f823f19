//! What the database decides: whether a user is still there, and what holds while it is away.

use std::time::{Duration, Instant};

use actix_web::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    api::{Api, Runs},
    better_auth::BetterAuth,
    bridge::Bridge,
    eventually,
    ground::Ground,
    wire::Wire,
};

/// How many rows of ours a user has, in all tables.
async fn rows_of(ground: &Ground, user: Uuid) -> i64 {
    let admin = ground.admin().await;
    let mut rows = 0;
    for table in ["users", "tasks", "tags", "task_tags", "events"] {
        let sql = format!("SELECT count(*) FROM app.{table} WHERE user_id = $1");
        rows += admin
            .query_one(&sql, &[&user])
            .await
            .unwrap()
            .get::<_, i64>(0);
    }
    rows
}

async fn write_a_task(api: &Api, token: &str) -> Value {
    let task = json!({ "title": "Remember me", "tags": ["memory"] });
    let answer = api
        .ask(Method::POST, "/api/v1/me/tasks", token, Some(&task))
        .await;
    answer.json_of(201)
}

#[actix_web::test]
async fn who_deletes_their_account_is_gone_within_a_second_and_so_is_what_they_had() {
    let may_leave = json!({ "user": { "deleteUser": { "enabled": true } } });
    let bridge = Bridge::with(Runs::InThisProcess, &may_leave, &[]).await;
    let (ada, adas) = bridge.welcome("Ada").await;
    let (bob, bobs) = bridge.welcome("Bob").await;
    for token in [&adas, &bobs] {
        write_a_task(&bridge.api, token).await;
    }
    let bobs_rows = rows_of(&bridge.ground, bob.uuid).await;
    assert_eq!(rows_of(&bridge.ground, ada.uuid).await, bobs_rows);
    assert!(bobs_rows >= 5, "one in each table");

    let password = json!({ "password": ada.password });
    let left = bridge
        .better_auth
        .ask(Method::POST, "/delete-user", &ada.cookie, Some(&password));
    left.await.json_of(200);
    let since = Instant::now();
    assert_eq!(rows_of(&bridge.ground, ada.uuid).await, 0);

    // Nothing can be written any more, from this moment on, and within a second nothing can be asked. Her sessions go first.
    let task = json!({ "title": "A ghost's" });
    let path = "/api/v1/me/tasks";
    let answer = bridge.api.ask(Method::POST, path, &adas, Some(&task)).await;
    let (status, code) = answer.problem();
    assert_eq!(status, 401);
    assert!(
        ["user_not_found", "session_ended"].contains(&&*code),
        "{code}"
    );
    let mut last_served = Duration::ZERO;
    eventually("her token is refused", async || {
        let asked = since.elapsed();
        let served = bridge.api.get(path, &adas).await.status == 200;
        if served {
            last_served = asked;
        }
        !served
    })
    .await;
    assert!(last_served < Duration::from_secs(1), "{last_served:?}");
    eventually("she is known to be gone", async || {
        bridge.api.get(path, &adas).await.problem() == (401, "user_not_found".to_owned())
    })
    .await;

    assert_eq!(
        rows_of(&bridge.ground, ada.uuid).await,
        0,
        "asking brings nobody back"
    );
    assert_eq!(rows_of(&bridge.ground, bob.uuid).await, bobs_rows);
    bridge.api.get(path, &bobs).await.json_of(200);
}

/// Told by whoever misses the database first: the guard, which asks for the account, or for as long
/// as that is remembered, the handler.
fn is_out_of_reach((status, code): &(u16, String)) -> bool {
    *status == 503 && ["accounts_unavailable", "database_unavailable"].contains(&&**code)
}

#[actix_web::test]
async fn without_its_database_the_server_says_try_again_and_heals() {
    let bridge = Bridge::new().await;
    let (_, token) = bridge.welcome("Ada").await;
    let task = write_a_task(&bridge.api, &token).await;
    let path = "/api/v1/me/tasks";

    bridge.ground.open(false).await;
    let mut away = (200, String::new());
    eventually("the database is missed", async || {
        let answer = bridge.api.get(path, &token).await;
        // What arrives in the very moment may be answered as before, and never as a fault of ours.
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        if answer.status == 503 {
            away = answer.problem();
        }
        answer.status == 503
    })
    .await;
    assert!(is_out_of_reach(&away), "{away:?}");
    let body = json!({ "title": "Lost" });
    let answer = bridge
        .api
        .ask(Method::POST, path, &token, Some(&body))
        .await;
    assert!(is_out_of_reach(&answer.problem()), "{answer:?}");
    // Who is not let in is told so all the same, and the process has no reason to be restarted.
    assert_eq!(
        bridge.api.get(path, "").await.problem(),
        (401, "token_missing".to_owned())
    );
    assert_eq!(bridge.api.get("/health/live", "").await.status, 200);

    bridge.ground.open(true).await;
    eventually("it is back", async || {
        bridge.api.get(path, &token).await.status == 200
    })
    .await;
    let list = bridge.api.get(path, &token).await.json_of(200);
    assert_eq!(list["items"], json!([task]));
}

#[actix_web::test]
async fn a_database_that_falls_silent_keeps_nobody_waiting() {
    let bridge = Bridge::new().await;
    let (_, token) = bridge.welcome("Ada").await;
    let wire = Wire::to(&bridge.ground);
    let by_wire = wire.instead_of(&bridge.ground.api_url());
    let variables = bridge.ground.variables(
        &bridge.better_auth,
        &[
            ("DATABASE_URL", &by_wire),
            ("API__DATABASE__CONNECT_TIMEOUT", "500ms"),
            ("API__DATABASE__WAIT_TIMEOUT", "500ms"),
            ("API__DATABASE__STATEMENT_DEADLINE", "500ms"),
        ],
    );
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let path = "/api/v1/me/tasks";
    api.get(path, &token).await.json_of(200);

    // Connections stay open, and nothing comes through any more: no error will ever say so.
    wire.be_silent(true);
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = api.get(path, &token).await;
        assert!(is_out_of_reach(&answer.problem()), "{answer:?}");
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
    }
    assert_eq!(api.get("/health/live", "").await.status, 200);

    wire.be_silent(false);
    eventually("it is back", async || {
        api.get(path, &token).await.status == 200
    })
    .await;
}

#[actix_web::test]
async fn the_two_migrations_may_come_in_either_order() {
    let ground = Ground::new().await;
    let said = ground.migrate(&[]);
    assert!(said.contains("is not in this database (yet)"), "{said}");
    ground.make_api_login().await;

    // Until ours has run again, everybody with a good token is welcome, and what they write is kept.
    BetterAuth::migrate(&ground.better_auth_url(), &ground.url());
    let better_auth = BetterAuth::start(&ground.better_auth_url(), &json!({}));
    let variables = ground.variables(&better_auth, &[]);
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let ada = better_auth.sign_up("Ada").await;
    let adas = better_auth.token(&ada).await;
    let task = write_a_task(&api, &adas).await;

    let said = ground.migrate(&[]);
    assert!(
        said.contains("users are linked to auth.\"user\".uuid\n"),
        "{said}"
    );
    let list = api.get("/api/v1/me/tasks", &adas).await.json_of(200);
    assert_eq!(list["items"], json!([task]));

    // Both once more, with users there: nothing to do, and nobody loses their id.
    BetterAuth::migrate(&ground.better_auth_url(), &ground.url());
    assert!(ground.migrate(&[]).contains("schema is current"));
    let again = better_auth.sign_in(&ada).await;
    assert_eq!(again.uuid, ada.uuid);
    let bob = better_auth.sign_up("Bob").await;
    let bobs = better_auth.token(&bob).await;
    write_a_task(&api, &bobs).await;

    let sql = r#"DELETE FROM auth."user" WHERE id = $1"#;
    ground.admin().await.execute(sql, &[&ada.id]).await.unwrap();
    assert_eq!(rows_of(&ground, ada.uuid).await, 0);
    assert!(rows_of(&ground, bob.uuid).await > 0);
}

/// As the README says: the options, Better Auth's migration, ours. On a Better Auth that has users already.
#[actix_web::test]
async fn the_configuration_in_the_readme_serves_old_users_and_new_ones() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, block) = readme.split_once("```ts\n// lib/auth.ts\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();

    let ground = Ground::new().await;
    let url = ground.make_better_auth_in_public().await;
    let better_auth = BetterAuth::start_as_written(&url, block);
    let ada = better_auth.sign_up("Ada").await;
    assert!(
        ada.uuid.is_nil(),
        "before our migration nobody gives her one"
    );
    let too_early = better_auth.token(&ada).await;

    let said = ground.migrate(&[]);
    assert!(
        said.contains("users are linked to public.\"user\".uuid\n"),
        "{said}"
    );
    ground.make_api_login().await;
    let variables = ground.variables(&better_auth, &[]);
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let answer = api.get("/api/v1/me", &too_early).await;
    assert_eq!(answer.problem(), (401, "user_claim_null".to_owned()));

    let bob = better_auth.sign_up("Bob").await;
    for person in [better_auth.sign_in(&ada).await, bob] {
        assert!(!person.uuid.is_nil());
        let token = better_auth.token(&person).await;
        let me = api.get("/api/v1/me", &token).await.json_of(200);
        assert_eq!(me["user_id"], person.uuid.to_string());
        assert!(me["session_id"].is_string());
        write_a_task(&api, &token).await;
    }
}

/// The README's other way, on tables that have always been in schema `public`: ids are UUIDs, `jwt()` without options.
#[actix_web::test]
async fn a_better_auth_whose_ids_are_uuids_needs_no_second_one() {
    let plain = json!({
        "user": null,
        "databaseHooks": null,
        "advanced": { "database": { "generateId": "uuid" } },
        "jwt": { "jwks": null, "jwt": null },
    });
    let ground = Ground::new().await;
    let url = ground.make_better_auth_in_public().await;
    let better_auth = BetterAuth::start_with_own_tables(&url, &plain);
    let by_subject = [("API__AUTH__USER_CLAIM", "sub")];
    let said = ground.migrate(&by_subject);
    assert!(
        said.contains("users are linked to public.\"user\".id\n"),
        "{said}"
    );
    ground.make_api_login().await;

    let variables = ground.variables(&better_auth, &by_subject);
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let ada = better_auth.sign_up("Ada").await;
    let token = better_auth.token(&ada).await;
    let me = api.get("/api/v1/me", &token).await.json_of(200);
    assert_eq!(
        (&me["user_id"], &me["subject"]),
        (&json!(ada.id), &json!(ada.id))
    );
    write_a_task(&api, &token).await;

    let sql = "DELETE FROM public.\"user\" WHERE id = $1";
    ground
        .admin()
        .await
        .execute(sql, &[&ada.uuid])
        .await
        .unwrap();
    assert_eq!(rows_of(&ground, ada.uuid).await, 0);
}
