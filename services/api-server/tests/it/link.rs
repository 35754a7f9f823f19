//! What readiness says of the link to Better Auth's users.

use auth_testkit::FakeIssuer;
use test_kit::{Contents, TestDatabase};

use crate::support::{Service, eventually};

/// Status of the answer, and status and detail of the check.
async fn accounts(service: &Service) -> (u16, String, String) {
    let answer = service.get("/health/ready").await;
    let report = answer.json();
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "accounts");
    let text = |key: &str| check.unwrap()[key].as_str().unwrap().to_owned();
    (answer.status, text("status"), text("detail"))
}

async fn becomes(service: &Service, status: u16, word: &str, detail: &str) {
    eventually(detail, async || {
        let found = accounts(service).await;
        (found.0, found.1.as_str()) == (status, word) && found.2.contains(detail)
    })
    .await;
}

async fn linked(variables: &[(&'static str, &str)]) -> (Service, tokio_postgres::Client) {
    let db = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = db.admin().await;
    let service = Service::of(db, FakeIssuer::start(), variables).await;
    (service, admin)
}

#[actix_web::test]
async fn a_service_whose_link_to_better_auth_was_lost_is_not_ready() {
    let (service, admin) = linked(&[]).await;
    becomes(&service, 200, "ok", "linked to Better Auth's users").await;
    let lose = r#"DROP TABLE auth."user" CASCADE; NOTIFY drawbridge_accounts, 'moved'"#;
    admin.batch_execute(lose).await.unwrap();
    becomes(&service, 503, "failing", "no longer linked").await;
}

#[actix_web::test]
async fn a_link_that_the_settings_do_not_want_or_that_is_not_understood_is_told() {
    for variable in [
        ("API__AUTH__USER_CLAIM", "sub"),
        ("API__AUTH__ACCOUNTS__MODE", "off"),
    ] {
        let (service, _) = linked(&[variable]).await;
        becomes(&service, 200, "degraded", "in another way").await;
    }
    let (service, admin) = linked(&[]).await;
    becomes(&service, 200, "ok", "linked to Better Auth's users").await;
    let rename = r#"ALTER TABLE auth.session RENAME COLUMN "userId" TO user_id; NOTIFY drawbridge_accounts, 'moved'"#;
    admin.batch_execute(rename).await.unwrap();
    becomes(&service, 200, "degraded", "other columns").await;
}
