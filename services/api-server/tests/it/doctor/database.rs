use test_kit::Contents;

use super::patient::Patient;

#[actix_web::test]
async fn a_database_that_is_not_there_is_the_one_cause() {
    let mut patient = Patient::new().await;
    let token = patient.token();
    patient.set(
        "DATABASE_URL",
        "postgres://tasks_api:hunter2@127.0.0.1:1/app",
    );
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "database_unavailable",
        &["refused", "start PostgreSQL", "container"],
    );
    found.skips(&[
        "db.rls",
        "db.schema",
        "betterauth.schema",
        "auth.dual",
        "api.account",
    ]);
    // The token can be judged all the same.
    assert_eq!(found.status("token.user"), "pass");
    // And Better Auth, which keeps its keys in there, cannot answer either.
    patient.issuer.fail_with(500);
    let found = patient.examined_of(&token, &[]);
    found.fails("database_unavailable", &[]);
    found.skips(&["jwks.fetch", "token.key"]);
}

#[actix_web::test]
async fn a_wrong_name_or_database_is_not_a_server_that_is_down() {
    let mut patient = Patient::new().await;
    let url = patient.db.url();
    let (_, place) = url.split_once('@').unwrap();
    patient.set(
        "DATABASE_URL",
        &format!("postgres://nobody_at_all:hunter2@{place}"),
    );
    let found = patient.examined();
    found.fails(
        "database_unavailable",
        &["nobody_at_all", "--grant-login", "user, password"],
    );
    patient.set("DATABASE_URL", &format!("{url}_that_is_not_there"));
    let found = patient.examined();
    found.fails(
        "database_unavailable",
        &["_that_is_not_there", "does not exist"],
    );
}

#[actix_web::test]
async fn a_role_that_can_pass_the_wall_by_is_a_warning() {
    let mut patient = Patient::new().await;
    patient.set("DATABASE_URL", &patient.db.url());
    let found = patient.examined();
    found.warns("db.login", &["bypass row-level security", "tasks_api"]);
    assert_eq!(found.status("db.rls"), "pass");
}

/// Row "users see each other's data".
#[actix_web::test]
async fn each_breach_of_the_wall_is_named_with_what_closes_it() {
    for (breach, words) in [
        (
            "ALTER TABLE app.tasks NO FORCE ROW LEVEL SECURITY",
            &["tasks"][..],
        ),
        ("ALTER TABLE app.tags DISABLE ROW LEVEL SECURITY", &["tags"]),
        (
            "CREATE POLICY all_of_them ON app.tasks FOR SELECT TO tasks_api USING (true)",
            &["tasks"],
        ),
        ("GRANT SELECT ON app.tasks TO PUBLIC", &["tasks"]),
    ] {
        let patient = Patient::new().await;
        let token = patient.token();
        patient.sql(breach).await;
        let found = patient.examined_of(&token, &[]);
        found.fails("db.rls", words);
        found.skips(&[
            "db.schema",
            "betterauth.link",
            "api.account",
            "api.selftest",
        ]);
    }
}

#[actix_web::test]
async fn an_empty_database_wants_to_be_migrated() {
    let patient = Patient::with(Contents::Nothing).await;
    let found = patient.examined();
    found.fails("db.schema", &["`api-server migrate`"]);
    found.skips(&["db.rls", "betterauth.link", "api.account"]);
}

#[actix_web::test]
async fn a_schema_of_a_later_release_wants_that_release() {
    let patient = Patient::new().await;
    let sql = "INSERT INTO app.schema_migrations (version, name, checksum)
               SELECT 9999, 'of_tomorrow', checksum FROM app.schema_migrations LIMIT 1";
    patient.sql(sql).await;
    patient
        .examined()
        .fails("db.schema", &["of_tomorrow", "release"]);
}

/// Row "column token does not exist".
#[actix_web::test]
async fn a_session_table_older_than_the_code_is_named_by_its_missing_column() {
    let patient = Patient::new().await;
    patient
        .sql("ALTER TABLE auth.session DROP COLUMN token")
        .await;
    patient.issuer.fail_with(500);
    let found = patient.examined();
    found.fails("betterauth.schema", &["session.token", "auth", "migration"]);
    found.skips(&["jwks.fetch", "jwks.keys", "betterauth.uuid"]);
    // Since 1.7 it looks at its tables when it starts, and ends.
    patient.issuer.go_down();
    let found = patient.examined();
    found.fails("betterauth.schema", &["session.token"]);
    found.skips(&["jwks.fetch"]);
}

#[actix_web::test]
async fn a_table_of_keys_older_than_the_code_matters_when_better_auth_is_broken() {
    let patient = Patient::new().await;
    patient.sql("ALTER TABLE auth.jwks DROP COLUMN alg").await;
    patient.examined().is_health();
    patient.issuer.fail_with(500);
    patient.examined().fails("betterauth.schema", &["jwks.alg"]);
}

#[actix_web::test]
async fn better_auth_elsewhere_is_nothing_to_look_at() {
    let patient = Patient::with(Contents::Schema).await;
    let found = patient.examined_of(&patient.token(), &[]);
    found.is_health();
    found.skips(&["betterauth.schema", "betterauth.uuid", "betterauth.link"]);
}

#[actix_web::test]
async fn users_without_a_uuid_are_seen_before_their_tokens_are_refused() {
    let patient = Patient::with(Contents::Nothing).await;
    patient.sql(test_kit::BETTER_AUTH_TABLES).await;
    let found = patient.examined();
    found.fails("db.schema", &[]);
    assert_eq!(found.status("betterauth.uuid"), "warn");
    found.says(
        "betterauth.uuid",
        &[
            "text",
            "may be null",
            "user_claim_null",
            "`api-server migrate`",
        ],
    );
    patient
        .sql("ALTER TABLE auth.\"user\" DROP COLUMN uuid")
        .await;
    let found = patient.examined();
    found.says(
        "betterauth.uuid",
        &[
            "no column uuid",
            "user_claim_missing",
            "additionalFields.uuid",
        ],
    );
}

/// Row "user not found after registration".
#[actix_web::test]
async fn a_second_table_of_passwords_is_a_second_way_to_log_in() {
    let patient = Patient::new().await;
    patient
        .sql("CREATE TABLE public.users (id serial, email text, password_hash text)")
        .await;
    patient.examined().warns(
        "auth.dual",
        &["public.users", "second way to log in", "remove the routes"],
    );
}

#[actix_web::test]
async fn users_of_ours_that_better_auth_does_not_have_are_a_warning() {
    let patient = Patient::with(Contents::Schema).await;
    patient.sql(test_kit::BETTER_AUTH_TABLES).await;
    let found = patient.examined();
    assert_eq!(found.status("betterauth.link"), "warn");
    found.says("betterauth.link", &["not linked", "`api-server migrate`"]);
}
