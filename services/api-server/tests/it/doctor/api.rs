use std::time::Duration;

use auth_testkit::FakeIssuer;
use serde_json::json;
use uuid::Uuid;

use super::patient::Patient;
use crate::support::Process;

#[actix_web::test]
async fn what_was_tried_is_not_kept() {
    let patient = Patient::new().await;
    let found = patient.examined_of(&patient.token(), &[]);
    assert_eq!(found.status("api.selftest"), "pass");
    let rows = "SELECT (SELECT count(*) FROM app.tasks) + (SELECT count(*) FROM app.tags)";
    let rows: i64 = patient
        .db
        .admin()
        .await
        .query_one(rows, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(rows, 0);
}

#[actix_web::test]
async fn a_user_who_is_gone_banned_or_whose_tokens_are_revoked_is_told_as_that() {
    let mut patient = Patient::new().await;
    let stranger = patient.issuer.token_for(Uuid::new_v4());
    patient
        .examined_of(&stranger, &[])
        .fails("user_not_found", &["sign in again"]);

    let token = patient.token();
    patient.sql("UPDATE auth.\"user\" SET banned = true").await;
    patient
        .examined_of(&token, &[])
        .fails("user_banned", &["unban"]);
    patient.sql("UPDATE auth.\"user\" SET banned = false").await;
    patient.examined_of(&token, &[]).is_health();

    let user = patient.user.to_string();
    let token = patient.issuer.mint(patient.user, |token| {
        token
            .session(&*patient.session)
            .minted_ago(Duration::from_secs(60))
    });
    patient.set("DATABASE_MIGRATION_URL", &patient.db.url());
    let (code, text) = patient.run(&["token", "revoke", "--user", &user], "");
    assert_eq!(code, 0, "{text}");
    patient
        .examined_of(&token, &[])
        .fails("token_revoked", &["fresh token"]);
}

#[actix_web::test]
async fn a_session_that_is_over_is_told_as_that() {
    let patient = Patient::new().await;
    let token = patient.token();
    patient.examined_of(&token, &[]).is_health();
    patient.sql("DELETE FROM auth.session").await;
    patient
        .examined_of(&token, &[])
        .fails("session_ended", &["sign in again"]);
}

/// Row of the pages of tasks: pagination NaN, tags not saved, times that end in a 500.
#[actix_web::test]
async fn a_task_that_cannot_be_made_is_seen_before_a_user_sees_it() {
    let patient = Patient::new().await;
    patient
        .sql("ALTER TABLE app.tasks ADD CONSTRAINT own CHECK (due_date IS NULL)")
        .await;
    let found = patient.examined_of(&patient.token(), &[]);
    found.fails("api.selftest", &["a task with a tag and a time", "log"]);
}

/// Row "CORS".
#[actix_web::test]
async fn an_origin_that_may_not_call_is_told_with_those_that_may() {
    let mut patient = Patient::new().await;
    patient.set("API__CORS__ORIGINS", "http://localhost:3000");
    for origin in [
        "http://localhost:3001",
        "https://localhost:3000",
        "http://localhost:3000/",
    ] {
        let found = patient.examined_with(&["--origin", origin]);
        let words = [
            "[http://localhost:3000]",
            "API__CORS__ORIGINS=http://localhost:3000",
            origin,
        ];
        found.fails("cors.origin", &words);
    }
    let found = patient.examined_with(&["--origin", "\r\nx: y"]);
    found.fails("cors.origin", &["no origin", "header"]);
}

/// Row "tasks not displaying despite 200".
#[actix_web::test]
async fn a_list_that_is_no_page_is_somebody_elses_answer() {
    let patient = Patient::new().await;
    let token = patient.token();
    let proxy = FakeIssuer::start();
    proxy.serve("/api/v1/me/tasks", json!([]).to_string());
    let found = patient.examined_of(&token, &["--api", &proxy.url()]);
    found.fails("api.page", &["not the API's page", "proxy"]);
    proxy.go_down();
    let found = patient.examined_of(&token, &["--api", &proxy.url()]);
    found.fails("api.page", &["cannot be asked", "--api"]);
}

#[actix_web::test]
async fn a_server_that_runs_is_asked_for_a_page_instead_of_this_program() {
    let patient = Patient::new().await;
    let (database, issuer) = (patient.db.url(), patient.issuer.url());
    let server = Process::serve(&[("DATABASE_URL", &*database), ("BETTER_AUTH_URL", &*issuer)]);
    let url = format!("http://{}/", server.address);
    let found = patient.examined_of(&patient.token(), &["--api", &url]);
    found.is_health();
    assert_eq!(found.status("api.page"), "pass");
}

#[actix_web::test]
async fn a_token_is_not_sent_in_the_clear_to_another_machine() {
    let patient = Patient::new().await;
    let arguments = ["doctor", "--token", "-", "--api", "http://api.example"];
    let (code, text) = patient.run(&arguments, &patient.token());
    assert_eq!(code, 64, "{text}");
    assert!(text.contains("https"), "{text}");
}
