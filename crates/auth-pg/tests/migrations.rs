//! From any state of the database to the schema, once.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use auth_pg::{
    Check, Link, LinkMode, MigrateError, MigrateOptions, MigrateStep, MigrationSet, SchemaState,
    migrate,
};
use futures_util::StreamExt;
use test_kit::{ADMIN_PLUGIN, BETTER_AUTH_TABLES, Contents, TestDatabase, migrations};
use tokio_postgres::error::SqlState;

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
async fn the_apis_role_can_make_and_undo_nothing_but_its_users_rows() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    admin.batch_execute("SET ROLE tasks_api").await.unwrap();
    for sql in [
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

/// All that the link step of `migrate` leaves in the catalog, with the transaction that wrote it.
async fn traces(database: &TestDatabase) -> Vec<String> {
    let sql = r#"
        SELECT 'acl of ' || c.oid::regclass || '.' || a.attname || ' ' || a.attacl::text || ' ' || a.xmin::text
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = to_regnamespace('auth') AND a.attacl IS NOT NULL
        UNION ALL
        SELECT 'acl of schema ' || nspacl::text || ' ' || xmin::text FROM pg_namespace
         WHERE nspname = 'auth' AND nspacl::text LIKE '%tasks_api%'
        UNION ALL
        SELECT 'trigger ' || g.tgname || ' ' || c.oid::regclass || ' ' || g.xmin::text
          FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
         WHERE NOT g.tgisinternal
        UNION ALL
        SELECT 'function ' || proname || ' ' || xmin::text FROM pg_proc
         WHERE pronamespace = 'app'::regnamespace AND proname = 'accounts_changed'
        ORDER BY 1"#;
    let rows = database.admin().await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn readable_columns(database: &TestDatabase) -> Vec<String> {
    let sql = r#"
        SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = to_regnamespace('auth') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
           AND has_column_privilege('tasks_api', c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
         ORDER BY 1"#;
    let rows = database.admin().await.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

const SESSION_COLUMNS: [&str; 3] = ["session.expiresAt", "session.id", "session.userId"];

#[tokio::test]
async fn the_apis_role_gets_the_columns_that_are_checked_and_no_other_in_any_order_of_events() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let admin = database.admin().await;

    // Ours before theirs: nothing to be seen yet.
    let report = run(&database).await;
    assert_eq!(
        (report.link, report.checks.users),
        (Link::NotFound, Check::Absent)
    );

    // Theirs, without the admin plugin.
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    let report = run(&database).await;
    let checks = report.checks;
    assert_eq!(checks.trouble, Vec::<String>::new());
    let found = (checks.users, checks.bans, checks.sessions, checks.notices);
    assert_eq!(
        found,
        (Check::Done, Check::Absent, Check::Done, Check::Done)
    );
    let expected = [&SESSION_COLUMNS[..], &["user.id", "user.uuid"]].concat();
    assert_eq!(readable_columns(&database).await, expected);

    // The plugin later, and once more without anything new.
    admin.batch_execute(ADMIN_PLUGIN).await.unwrap();
    let checks = run(&database).await.checks;
    assert_eq!((checks.bans, checks.notices), (Check::Done, Check::Done));
    let expected = [
        &SESSION_COLUMNS[..],
        &["user.banExpires", "user.banned", "user.id", "user.uuid"],
    ]
    .concat();
    assert_eq!(readable_columns(&database).await, expected);
    let before = traces(&database).await;
    assert_eq!(
        before
            .iter()
            .filter(|line| line.starts_with("trigger"))
            .count(),
        3
    );
    assert_eq!(run(&database).await.checks, checks);
    assert_eq!(
        traces(&database).await,
        before,
        "what is well is left alone"
    );

    // Off, twice, and on again.
    let mut off = MigrateOptions::default();
    off.link = LinkMode::Off;
    for _ in 0..2 {
        let report = migrate(&database.url(), &migrations(), &off, |_| ())
            .await
            .unwrap();
        assert_eq!(report.checks.trouble, Vec::<String>::new());
        assert_eq!(traces(&database).await, Vec::<String>::new());
        assert_eq!(readable_columns(&database).await, Vec::<String>::new());
    }
    assert_eq!(run(&database).await.checks, checks);
    assert_eq!(readable_columns(&database).await, expected);
}

#[tokio::test]
async fn the_apis_role_can_read_who_is_there_and_none_of_better_auths_secrets() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    admin.batch_execute("SET ROLE tasks_api").await.unwrap();
    for sql in [
        r#"SELECT id, uuid, banned, "banExpires" FROM auth."user""#,
        r#"SELECT id, "userId", "expiresAt" FROM auth.session"#,
    ] {
        admin.batch_execute(sql).await.unwrap();
    }
    for sql in [
        "SELECT token FROM auth.session",
        r#"SELECT "ipAddress" FROM auth.session"#,
        "SELECT * FROM auth.session",
        "SELECT s FROM auth.session s",
        r#"SELECT email FROM auth."user""#,
        r#"SELECT "banReason" FROM auth."user""#,
        r#"SELECT count(*) FROM auth."user" WHERE email LIKE 'a%'"#,
        r#"SELECT "privateKey" FROM auth.jwks"#,
        "SELECT password FROM auth.account",
        "SELECT id FROM auth.account",
        "DELETE FROM auth.session",
        r#"UPDATE auth."user" SET banned = false"#,
        r#"SELECT id FROM auth."user" FOR UPDATE"#,
        "TRUNCATE auth.session",
    ] {
        let refused = admin.batch_execute(sql).await.unwrap_err();
        let state = refused.code().cloned();
        assert_eq!(state, Some(SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
}

#[tokio::test]
async fn where_better_auths_tables_may_not_be_opened_that_is_said_and_the_link_stands() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let _template = TestDatabase::new().await;
    let installer = Installer::of(&database).await;
    let admin = database.admin().await;
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    // The users are the installer's, the sessions somebody else's.
    let own = format!(
        r#"GRANT tasks_owner, tasks_api TO {0};
           ALTER SCHEMA auth OWNER TO {0}; ALTER TABLE auth."user" OWNER TO {0}"#,
        installer.name
    );
    admin.batch_execute(&own).await.unwrap();
    for _ in 0..2 {
        let report = migrate_as(&installer.url).await.unwrap();
        assert!(matches!(report.link, Link::To { orphans: 0, .. }));
        let checks = report.checks;
        let found = (checks.users, checks.sessions, checks.notices);
        assert_eq!(
            found,
            (Check::Done, Check::NotPermitted, Check::NotPermitted)
        );
        let said = checks.trouble.join("; ");
        assert!(
            said.contains("permission denied for table session"),
            "{said}"
        );
    }
    let away = format!(
        r#"DROP SCHEMA auth CASCADE; DROP SCHEMA app CASCADE;
           DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO CURRENT_USER', current_database()); END $$;
           DROP OWNED BY {0}; DROP ROLE {0}"#,
        installer.name
    );
    admin.batch_execute(&away).await.unwrap();
}

/// Better Auth's role owns its tables and can reach nothing of ours: its statements must not notice the triggers.
#[tokio::test]
async fn better_auths_own_statements_go_on_as_before_and_tell_of_what_they_change() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let alice = database.sign_up("alice@example.com").await;
    let bob = database.sign_up("bob@example.com").await;
    let (hers, his) = (database.sign_in(alice).await, database.sign_in(bob).await);

    let admin = database.admin().await;
    let role = format!("better_auth_{}", uuid::Uuid::new_v4().simple());
    let make = format!(
        r#"CREATE ROLE {role}; GRANT USAGE ON SCHEMA auth TO {role};
           GRANT ALL ON ALL TABLES IN SCHEMA auth TO {role}; SET ROLE {role}"#
    );
    admin.batch_execute(&make).await.unwrap();
    let mut heard = listening(&database).await;
    for (sql, tells) in [
        (
            format!("DELETE FROM auth.session WHERE id = '{hers}'"),
            true,
        ),
        (
            format!(r#"UPDATE auth."user" SET banned = true WHERE uuid = '{alice}'"#),
            true,
        ),
        (
            format!(r#"UPDATE auth."user" SET name = 'B' WHERE uuid = '{bob}'"#),
            false,
        ),
        (
            format!(r#"UPDATE auth.session SET "expiresAt" = now() WHERE id = '{his}'"#),
            false,
        ),
        // With their sessions, by way of the foreign key: one transaction, one word.
        (r#"DELETE FROM auth."user""#.to_owned(), true),
        (
            "INSERT INTO auth.jwks VALUES ('k', 'p', 's', now())".to_owned(),
            false,
        ),
    ] {
        admin.batch_execute(&sql).await.unwrap();
        admin
            .batch_execute("NOTIFY drawbridge_accounts, 'mark'")
            .await
            .unwrap();
        let mut words = 0;
        while heard.recv().await.unwrap() != "mark" {
            words += 1;
        }
        assert_eq!(words, i32::from(tells), "{sql}");
    }
    let away = format!("RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}");
    admin.batch_execute(&away).await.unwrap();
}

/// Payloads of the notifications about accounts.
async fn listening(database: &TestDatabase) -> tokio::sync::mpsc::UnboundedReceiver<String> {
    let config: tokio_postgres::Config = database.url().parse().unwrap();
    let (client, mut connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    let (sender, heard) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut messages = futures_util::stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            if let tokio_postgres::AsyncMessage::Notification(said) = message {
                let _ = sender.send(said.payload().to_owned());
            }
        }
    });
    client
        .batch_execute("LISTEN drawbridge_accounts")
        .await
        .unwrap();
    // Dropped, it would end the connection.
    std::mem::forget(client);
    heard
}
