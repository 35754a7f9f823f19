use std::time::Duration;

use actix_web::http::Method;
use auth_pg::RoleName;
use auth_testkit::FakeIssuer;
use serde_json::Value;
use test_kit::{Contents, TestDatabase};
use uuid::Uuid;

use crate::support::{Answer, Service, eventually, get, settings};
use api_server::app::{Application, StartError};

/// The status of one check of the readiness report, and of the whole.
async fn check(service: &Service, name: &str) -> (u16, String) {
    let answer = service.get("/health/ready").await;
    let report = answer.json();
    let word = if answer.status == 200 {
        "ready"
    } else {
        "not_ready"
    };
    assert_eq!(report["status"], word);
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap();
    (answer.status, check["status"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn a_service_with_database_and_keys_is_ready() {
    let service = Service::start().await;
    service.ready().await;
    let report = service.get("/health/ready").await.json();
    for check in report["checks"].as_array().unwrap() {
        assert_eq!(check["status"], "ok", "{report}");
    }
    for path in ["/health", "/health/live"] {
        let answer = service.get(path).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, serde_json::json!({"status": "ok"}))
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        let answer = Answer::of(service.request(Method::HEAD, path)).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0));
    }
    let index = service.get("/").await.json();
    for link in ["docs", "openapi", "health"] {
        assert_eq!(
            service.get(index[link].as_str().unwrap()).await.status,
            200,
            "{link}"
        );
    }
}

#[actix_web::test]
async fn without_keys_it_is_alive_and_not_ready_until_the_issuer_answers() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let service = Service::of(TestDatabase::new().await, issuer, &[]).await;
    assert_eq!(check(&service, "keys").await, (503, "failing".to_owned()));
    assert_eq!(check(&service, "database").await, (503, "ok".to_owned()));
    assert_eq!(service.get("/health/live").await.status, 200);
    service.issuer.come_back();
    service.ready().await;
}

#[actix_web::test]
async fn old_keys_are_noted_while_they_still_count() {
    let service = Service::with(&[("API__AUTH__JWKS__MAX_AGE", "1s")]).await;
    service.ready().await;
    service.issuer.fail_with(500);
    eventually("the keys are stale", async || {
        check(&service, "keys").await == (200, "degraded".to_owned())
    })
    .await;
    service.issuer.recover();
    eventually("the keys are fresh", async || {
        check(&service, "keys").await == (200, "ok".to_owned())
    })
    .await;
}

#[actix_web::test]
async fn keys_older_than_max_stale_are_an_outage() {
    let variables = [
        ("API__AUTH__JWKS__MAX_AGE", "1s"),
        ("API__AUTH__JWKS__MAX_STALE", "2s"),
    ];
    let service = Service::with(&variables).await;
    service.ready().await;
    service.issuer.go_down();
    eventually("the keys are too old", async || {
        check(&service, "keys").await == (503, "failing".to_owned())
    })
    .await;
}

#[actix_web::test]
async fn a_database_that_goes_for_long_and_comes_back_is_noticed_both_ways() {
    let service = Service::with(&[("API__SERVER__DATABASE_GRACE", "3s")]).await;
    service.ready().await;
    let admin = service.db.admin().await;
    let name: String = admin
        .query_one("SELECT current_database()", &[])
        .await
        .unwrap()
        .get(0);
    // Nobody but a superuser gets in, and the service's own URL is a superuser's: so no connection at all.
    let allow = async |yes: bool| {
        let other = TestDatabase::with(Contents::Nothing).await;
        let other = other.admin().await;
        other
            .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {yes}"))
            .await
            .unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        other.execute(cut, &[&name]).await.unwrap();
    };
    allow(false).await;
    eventually("the database is missed", async || {
        check(&service, "database").await == (200, "degraded".to_owned())
    })
    .await;
    eventually("it is away for too long", async || {
        check(&service, "database").await == (503, "failing".to_owned())
    })
    .await;
    assert_eq!(service.get("/health/live").await.status, 200);
    allow(true).await;
    service.ready().await;
}

#[actix_web::test]
async fn a_service_whose_database_is_down_at_start_waits_for_it() {
    let issuer = FakeIssuer::start();
    // Nobody listens on port 1.
    let variables = [("API__DATABASE__CONNECT_TIMEOUT", "500ms")];
    let settings = settings("postgres://u@127.0.0.1:1/db", &issuer.url(), &variables);
    let application = Application::build(settings).await.unwrap();
    let (port, stopper) = (application.port(), application.stopper());
    let running = actix_web::rt::spawn(application.run_until_stopped());
    let url = format!("http://127.0.0.1:{port}/health/ready");
    let answer = Answer::of(get(&url)).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["checks"][1]["status"], "failing");
    assert!(
        !String::from_utf8(answer.body)
            .unwrap()
            .contains("127.0.0.1")
    );
    stopper.stop();
    running.await.unwrap().unwrap();
}

#[actix_web::test]
async fn a_schema_that_is_older_newer_or_edited_stops_the_start_with_advice() {
    let issuer = FakeIssuer::start();
    let refusal = async |db: &TestDatabase| {
        let started = Application::build(settings(&db.url(), &issuer.url(), &[])).await;
        let error = started.unwrap_err();
        assert!(matches!(error, StartError::Schema { .. }), "{error:?}");
        error.to_string()
    };
    let empty = TestDatabase::with(Contents::Nothing).await;
    let error = refusal(&empty).await;
    assert!(
        error.contains("0001_") && error.contains("run `api-server migrate`"),
        "{error}"
    );

    let newer = TestDatabase::new().await;
    let future = "INSERT INTO app.schema_migrations (version, name, checksum) VALUES (9999, '9999_future', '')";
    newer.admin().await.batch_execute(future).await.unwrap();
    let error = refusal(&newer).await;
    assert!(
        error.contains("9999_future") && error.contains("deploy the release"),
        "{error}"
    );

    let edited = TestDatabase::new().await;
    let edit = "UPDATE app.schema_migrations SET checksum = '' WHERE version = 1";
    edited.admin().await.batch_execute(edit).await.unwrap();
    assert!(refusal(&edited).await.contains("was edited"));
}

#[actix_web::test]
async fn a_database_that_comes_with_an_older_schema_is_not_ready_until_it_is_migrated() {
    let issuer = FakeIssuer::start();
    let db = TestDatabase::with(Contents::Nothing).await;
    let name: String = db
        .admin()
        .await
        .query_one("SELECT current_database()", &[])
        .await
        .unwrap()
        .get(0);
    let beside = TestDatabase::with(Contents::Nothing).await;
    let other = beside.admin().await;
    let closed = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    other.batch_execute(&closed).await.unwrap();
    let service = Service::of(db, issuer, &[]).await;
    assert_eq!(
        check(&service, "database").await,
        (503, "failing".to_owned())
    );

    other
        .batch_execute(&closed.replace("false", "true"))
        .await
        .unwrap();
    let detail = async || {
        let report: Value = service.get("/health/ready").await.json();
        report["checks"][1]["detail"].as_str().unwrap().to_owned()
    };
    eventually("the older schema is told", async || {
        detail().await.contains("another schema")
    })
    .await;

    let options = auth_pg::MigrateOptions::default();
    auth_pg::migrate(&service.db.url(), &test_kit::migrations(), &options, |_| ())
        .await
        .unwrap();
    service.ready().await;
}

#[actix_web::test]
async fn a_database_that_does_not_keep_users_apart_is_refused_until_it_is_mended() {
    let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
    let admin = db.admin().await;
    let settings = settings(&db.url(), &issuer.url(), &[]);
    let holes = "ALTER TABLE app.tasks NO FORCE ROW LEVEL SECURITY; GRANT UPDATE (user_id) ON app.tags TO tasks_api";
    admin.batch_execute(holes).await.unwrap();

    let error = Application::build(settings.clone()).await.unwrap_err();
    assert!(matches!(error, StartError::Schema { .. }), "{error:?}");
    let mends = [
        "ALTER TABLE app.tasks FORCE ROW LEVEL SECURITY",
        "REVOKE UPDATE (user_id) ON TABLE app.tags FROM tasks_api",
    ];
    let said = format!(
        "this database does not keep users apart: table app.tasks does not force row-level security: {}; \
         tasks_api may do too much with TABLE app.tags: {}; nobody is served until that is mended",
        mends[0], mends[1]
    );
    assert_eq!(error.to_string(), said);

    admin.batch_execute(&mends.join(";")).await.unwrap();
    Application::build(settings).await.unwrap();
}

#[actix_web::test]
async fn a_role_that_could_bypass_row_level_security_is_never_served() {
    let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
    let admin = db.admin().await;
    let execute = async |sql: String| admin.batch_execute(&sql).await.unwrap();
    // A role of its own: other tests rely on tasks_api.
    let role = format!("strong_{}", Uuid::new_v4().simple());
    execute(format!(
        "CREATE ROLE {role} BYPASSRLS; GRANT tasks_api TO {role}"
    ))
    .await;
    let mut settings = settings(&db.url(), &issuer.url(), &[]);
    settings.database.role = RoleName::parse(&role).unwrap();

    let error = Application::build(settings.clone()).await.unwrap_err();
    assert!(matches!(error, StartError::Schema { .. }), "{error:?}");
    let error = error.to_string();
    let said = format!(
        "this database does not keep users apart: role {role} can bypass row-level security: \
         ALTER ROLE {role} NOBYPASSRLS; nobody is served until that is mended"
    );
    assert_eq!(error, said);

    // It gets the right between the start and the first look.
    execute(format!("ALTER ROLE {role} NOBYPASSRLS")).await;
    let application = Application::build(settings).await.unwrap();
    execute(format!("ALTER ROLE {role} BYPASSRLS")).await;
    let (port, stopper) = (application.port(), application.stopper());
    let running = actix_web::rt::spawn(application.run_until_stopped());
    let url = format!("http://127.0.0.1:{port}/health/ready");
    let look = async || Answer::of(get(&url)).await;
    let answer = look().await;
    assert_eq!(answer.status, 503);
    let check = answer.json()["checks"][1].clone();
    assert_eq!(check["status"], "failing");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains("does not keep users apart"), "{detail}");
    assert!(!detail.contains(&role), "{detail}");

    execute(format!("ALTER ROLE {role} NOBYPASSRLS")).await;
    eventually("the service is ready", async || look().await.status == 200).await;
    stopper.stop();
    running.await.unwrap().unwrap();
    execute(format!("DROP ROLE {role}")).await;
}

#[actix_web::test]
async fn a_login_that_could_bypass_row_level_security_is_not_served_in_production() {
    let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
    let mut as_superuser = settings(&db.url(), &issuer.url(), &[]);
    as_superuser.database.bound_login = true;
    let error = Application::build(as_superuser).await.unwrap_err();
    assert!(matches!(error, StartError::Schema { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("can bypass row-level security"), "{error}");
    assert!(error.contains("log in as tasks_api"), "{error}");

    let admin = db.admin().await;
    let login = format!("bound_{}", Uuid::new_v4().simple());
    admin
        .batch_execute(&format!(
            "CREATE ROLE {login} LOGIN PASSWORD 'of-a-test' IN ROLE tasks_api"
        ))
        .await
        .unwrap();
    let mut url = url::Url::parse(&db.url()).unwrap();
    url.set_username(&login).unwrap();
    url.set_password(Some("of-a-test")).unwrap();
    let mut bound = settings(url.as_str(), &issuer.url(), &[]);
    bound.database.bound_login = true;
    let application = Application::build(bound).await.unwrap();
    let stopper = application.stopper();
    let running = actix_web::rt::spawn(application.run_until_stopped());
    stopper.stop();
    running.await.unwrap().unwrap();
    admin
        .batch_execute(&format!("DROP ROLE {login}"))
        .await
        .unwrap();
}

#[actix_web::test]
async fn probes_cost_the_database_one_look_a_second() {
    let service = Service::start().await;
    service.ready().await;
    let admin = service.db.admin().await;
    let connections = async || {
        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'drawbridge'";
        admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0)
    };
    let started = std::time::Instant::now();
    let probes = (0..40).map(|_| service.get("/health/ready"));
    let answers = futures_util::future::join_all(probes).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(
        connections().await,
        1,
        "probes at once share a look, and so a connection"
    );
}
