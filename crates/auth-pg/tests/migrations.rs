//! From any state of the database to the schema, once.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use auth_pg::{
    Link, LinkMode, MigrateError, MigrateOptions, MigrateStep, MigrationSet, SchemaState, migrate,
};
use test_kit::{BETTER_AUTH_TABLES, Contents, TestDatabase, migrations};

async fn run(database: &TestDatabase) -> auth_pg::MigrateReport {
    migrate(
        &database.url(),
        &migrations(),
        &MigrateOptions::default(),
        |_| (),
    )
    .await
    .unwrap()
}

async fn uuid_column(database: &TestDatabase) -> (String, bool, bool) {
    let row = database
        .admin()
        .await
        .query_one(
            r#"SELECT format_type(atttypid, NULL), attnotnull, atthasdef FROM pg_attribute
                WHERE attrelid = 'auth."user"'::regclass AND attname = 'uuid'"#,
            &[],
        )
        .await
        .unwrap();
    (row.get(0), row.get(1), row.get(2))
}

#[tokio::test]
async fn an_empty_database_is_migrated_once_and_then_left_alone() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let mut names = Vec::new();
    let report = migrate(
        &database.url(),
        &migrations(),
        &MigrateOptions::default(),
        |step| {
            if let MigrateStep::Ran { name, .. } = step {
                names.push(name.to_owned());
            }
        },
    )
    .await
    .unwrap();
    assert_eq!(report.ran, names);
    assert!(report.ran.len() >= 2);
    assert_eq!(report.link, Link::NotFound);

    let again = run(&database).await;
    assert_eq!((again.ran.len(), again.already), (0, names.len()));
    let state = database
        .user_db()
        .schema_state(&migrations())
        .await
        .unwrap();
    assert_eq!(state, SchemaState::Current);
}

#[tokio::test]
async fn migrating_at_the_same_time_runs_each_migration_once() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let (a, b, c) = tokio::join!(run(&database), run(&database), run(&database));
    let ran = a.ran.len() + b.ran.len() + c.ran.len();
    assert_eq!(ran, a.ran.len() + a.already);
}

#[tokio::test]
async fn an_empty_database_is_older_and_one_from_the_future_is_newer() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let db = database.user_db();
    let state = db.schema_state(&migrations()).await.unwrap();
    assert!(matches!(state, SchemaState::Older { .. }), "{state}");

    run(&database).await;
    let future = "INSERT INTO app.schema_migrations (version, name, checksum) VALUES (9000, '9000_future', '')";
    database.admin().await.batch_execute(future).await.unwrap();
    let state = db.schema_state(&migrations()).await.unwrap();
    assert_eq!(
        state,
        SchemaState::Newer {
            unknown: "9000_future".into()
        }
    );
    let refused = migrate(
        &database.url(),
        &migrations(),
        &MigrateOptions::default(),
        |_| (),
    )
    .await;
    assert!(matches!(
        refused,
        Err(MigrateError::Schema(SchemaState::Newer { .. }))
    ));
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_itself_behind() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let set = MigrationSet::new([
        ("0001_good.sql", "CREATE TABLE app.good (a int);"),
        ("0002_bad.sql", "CREATE TABLE app.half (a int); SELECT 1/0;"),
    ])
    .unwrap();
    let mut options = MigrateOptions::default();
    options.link = LinkMode::Off;
    let error = migrate(&database.url(), &set, &options, |_| ())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("0002_bad"), "{error}");
    let admin = database.admin().await;
    let tables = "SELECT to_regclass('app.good') IS NOT NULL, to_regclass('app.half') IS NULL";
    let row = admin.query_one(tables, &[]).await.unwrap();
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1));
}

#[tokio::test]
async fn better_auths_uuid_column_is_right_whichever_migrator_came_first() {
    // Ours first, then theirs, then ours again.
    let ours_first = TestDatabase::with(Contents::Nothing).await;
    assert_eq!(run(&ours_first).await.link, Link::NotFound);
    ours_first
        .admin()
        .await
        .batch_execute(BETTER_AUTH_TABLES)
        .await
        .unwrap();
    // Theirs first, with users who signed up meanwhile and have no uuid.
    let theirs_first = TestDatabase::with(Contents::Nothing).await;
    let admin = theirs_first.admin().await;
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    let early = r#"INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ('a', 'A', 'a@x', false)"#;
    admin.batch_execute(early).await.unwrap();
    // Theirs first and the field never declared: no column at all.
    let undeclared = TestDatabase::with(Contents::Nothing).await;
    let admin = undeclared.admin().await;
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    admin
        .batch_execute(r#"ALTER TABLE auth."user" DROP COLUMN uuid"#)
        .await
        .unwrap();

    for database in [&ours_first, &theirs_first, &undeclared] {
        for _ in 0..2 {
            let link = run(database).await.link;
            assert_eq!(
                link,
                Link::To {
                    column: "auth.\"user\".uuid".into(),
                    orphans: 0
                }
            );
            assert_eq!(uuid_column(database).await, ("uuid".into(), true, true));
        }
        let nulls = r#"SELECT count(*) FROM auth."user" WHERE uuid IS NULL"#;
        let nulls: i64 = database
            .admin()
            .await
            .query_one(nulls, &[])
            .await
            .unwrap()
            .get(0);
        assert_eq!(nulls, 0);
    }
}

#[tokio::test]
async fn users_unknown_to_better_auth_are_counted_and_kept_when_the_link_is_made() {
    let database = TestDatabase::new().await;
    let admin = database.admin().await;
    admin
        .batch_execute("INSERT INTO app.users (user_id) VALUES (gen_random_uuid())")
        .await
        .unwrap();
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    let report = run(&database).await;
    assert!(
        matches!(report.link, Link::To { orphans: 1, .. }),
        "{:?}",
        report.link
    );
}

#[tokio::test]
async fn an_id_that_is_no_uuid_cannot_be_linked_to() {
    let database = TestDatabase::with(Contents::Nothing).await;
    database
        .admin()
        .await
        .batch_execute(BETTER_AUTH_TABLES)
        .await
        .unwrap();
    let mut options = MigrateOptions::default();
    options.link = LinkMode::Id;
    let report = migrate(&database.url(), &migrations(), &options, |_| ())
        .await
        .unwrap();
    assert_eq!(
        report.link,
        Link::IdIsNotUuid {
            table: "auth.\"user\"".into()
        }
    );
}

#[tokio::test]
async fn the_apis_role_cannot_read_better_auths_secrets() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    admin.batch_execute("SET ROLE tasks_api").await.unwrap();
    for sql in [
        "SELECT token FROM auth.session",
        r#"SELECT email FROM auth."user""#,
        "CREATE TABLE public.mine (a int)",
        "DELETE FROM app.events",
        "SELECT * FROM app.tasks",
    ] {
        assert!(admin.batch_execute(sql).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let (server, _) = database
        .url()
        .rsplit_once('/')
        .map(|(s, d)| (s.to_owned(), d.to_owned()))
        .unwrap();
    let error = migrate(
        &format!("{server}/no_such"),
        &migrations(),
        &MigrateOptions::default(),
        |_| (),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, MigrateError::NoDatabase(name) if name == "no_such"));
}

/// A role that may make roles and owns its database, as managed databases hand them out; no superuser.
struct Installer {
    name: String,
    url: String,
}

impl Installer {
    async fn of(database: &TestDatabase) -> Self {
        let name = format!("installer_{}", uuid::Uuid::new_v4().simple());
        let make = format!(
            "CREATE ROLE {name} LOGIN CREATEROLE PASSWORD 'secret';
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO {name}', current_database()); END $$"
        );
        database.admin().await.batch_execute(&make).await.unwrap();
        let url = database.url();
        let (_, host) = url.split_once('@').unwrap();
        Self {
            url: format!("postgres://{name}:secret@{host}"),
            name,
        }
    }
}

async fn migrate_as(url: &str) -> Result<auth_pg::MigrateReport, MigrateError> {
    migrate(url, &migrations(), &MigrateOptions::default(), |_| ()).await
}

#[tokio::test]
async fn an_installer_who_is_no_superuser_migrates_and_links() {
    // Roles are the cluster's: those that the template made are what a DBA would have made.
    let _template = TestDatabase::new().await;
    let database = TestDatabase::with(Contents::Nothing).await;
    let installer = Installer::of(&database).await;
    let admin = database.admin().await;
    let member = format!("GRANT tasks_owner, tasks_api TO {}", installer.name);
    admin.batch_execute(&member).await.unwrap();

    let run = || migrate_as(&installer.url);
    assert_eq!(run().await.unwrap().link, Link::NotFound);
    let early = "INSERT INTO app.users (user_id) VALUES (gen_random_uuid())";
    admin.batch_execute(early).await.unwrap();
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();

    let refused = run().await.unwrap_err();
    assert!(
        matches!(refused, MigrateError::NotPermitted { .. }),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("owns Better Auth's tables"),
        "{refused}"
    );

    let own = format!(
        r#"ALTER SCHEMA auth OWNER TO {0}; ALTER TABLE auth."user" OWNER TO {0}"#,
        installer.name
    );
    admin.batch_execute(&own).await.unwrap();
    let link = run().await.unwrap().link;
    assert!(matches!(link, Link::To { orphans: 1, .. }), "{link:?}");
    admin.batch_execute("DELETE FROM app.users").await.unwrap();
    for _ in 0..2 {
        let link = run().await.unwrap().link;
        assert!(matches!(link, Link::To { orphans: 0, .. }), "{link:?}");
    }
    let state = "SELECT (SELECT convalidated FROM pg_constraint WHERE conname = 'users_better_auth'),
                        (SELECT relforcerowsecurity FROM pg_class WHERE oid = 'app.users'::regclass)";
    let row = admin.query_one(state, &[]).await.unwrap();
    assert!(row.get::<_, bool>(0), "the link is checked");
    assert!(row.get::<_, bool>(1), "row-level security is forced again");
    let away = format!(
        r#"DROP SCHEMA auth CASCADE; DROP SCHEMA app CASCADE;
           DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO CURRENT_USER', current_database()); END $$;
           DROP OWNED BY {0}; DROP ROLE {0}"#,
        installer.name
    );
    admin.batch_execute(&away).await.unwrap();
}

#[tokio::test]
async fn a_schema_app_of_somebody_else_is_left_alone() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let admin = database.admin().await;
    let theirs = "CREATE SCHEMA app; CREATE TABLE app.orders (id int)";
    admin.batch_execute(theirs).await.unwrap();
    let refused = migrate_as(&database.url()).await.unwrap_err();
    assert!(
        matches!(&refused, MigrateError::SchemaTaken { relation } if relation == "app.orders"),
        "{refused}"
    );
    let ours = "SELECT to_regclass('app.schema_migrations') IS NULL";
    assert!(admin.query_one(ours, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn a_link_that_is_switched_off_refuses_and_erases_nobody_any_more() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let mut options = MigrateOptions::default();
    options.link = LinkMode::Off;
    let report = migrate(&database.url(), &migrations(), &options, |_| ())
        .await
        .unwrap();
    assert_eq!(report.link, Link::Off);
    let stranger = "INSERT INTO app.users (user_id) VALUES (gen_random_uuid())";
    database
        .admin()
        .await
        .batch_execute(stranger)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_requests_role_that_could_bypass_the_wall_is_told_of() {
    let database = TestDatabase::new().await;
    // A role of its own: other tests rely on tasks_api.
    let strong = format!("strong_{}", uuid::Uuid::new_v4().simple());
    let admin = database.admin().await;
    let make = format!("CREATE ROLE {strong} BYPASSRLS");
    admin.batch_execute(&make).await.unwrap();
    let mut settings = database.pool_settings();
    settings.role = auth_pg::RoleName::parse(&strong).unwrap();
    let db = auth_pg::UserDb::connect(&settings).unwrap();
    let state = db.schema_state(&migrations()).await;
    admin
        .batch_execute(&format!("DROP ROLE {strong}"))
        .await
        .unwrap();
    // It has no right to read the ledger either, but that is not what has to be said.
    assert!(
        matches!(state, Ok(SchemaState::Unprotected { .. })),
        "{state:?}"
    );

    settings.role = auth_pg::RoleName::parse("nobody_of_that_name").unwrap();
    let db = auth_pg::UserDb::connect(&settings).unwrap();
    let state = db.schema_state(&migrations()).await.unwrap();
    assert!(matches!(state, SchemaState::Older { .. }), "{state}");
    let unserved = db.ping().await;
    assert!(
        matches!(unserved, Err(auth_pg::StoreError::NoSuchRole)),
        "{unserved:?}"
    );
}
