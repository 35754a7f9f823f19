//! What Better Auth's tables are found to be, and what follows when they are not what they were.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::{Duration, Instant};

use auth_core::{Accounts, Standing};
use auth_pg::{
    AccountsSettings, Check, Link, LinkMode, MigrateError, MigrateOptions, MigrateReport,
    PgAccounts, migrate,
};
use auth_testkit::{TokenBuilder, identity_from, identity_of};
use test_kit::{ADMIN_PLUGIN, BETTER_AUTH_TABLES, Contents, TestDatabase, migrations};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(30);

async fn run(database: &TestDatabase, link: LinkMode) -> Result<MigrateReport, MigrateError> {
    let mut options = MigrateOptions::default();
    options.link = link;
    migrate(&database.url(), &migrations(), &options, |_| ()).await
}

fn start(database: &TestDatabase) -> PgAccounts {
    PgAccounts::start(database.user_db(), AccountsSettings::default())
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn column(report: &MigrateReport) -> &str {
    match &report.link {
        Link::To { column, .. } => column,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_link_that_is_lost_lets_nobody_in_until_migrate_has_been_there() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    for lose in [
        r#"DROP TABLE auth."user" CASCADE"#,
        "DROP SCHEMA auth CASCADE",
        "ALTER TABLE app.users DROP CONSTRAINT users_better_auth; NOTIFY drawbridge_accounts, 'moved'",
    ] {
        let running = start(&database);
        let alice = identity_of(database.sign_up("alice@example.com").await);
        let bob = identity_of(database.sign_up("bob@example.com").await);
        for who in [&alice, &bob] {
            assert_eq!(running.standing(who).await.unwrap(), Standing::Good);
        }
        eventually("it listens", async || running.status().listening).await;
        admin.batch_execute(lose).await.unwrap();
        // Whoever starts now knows as well: it is the database that remembers.
        let started = start(&database);
        for accounts in [&running, &started] {
            for who in [&alice, &bob] {
                eventually("it is refused", async || {
                    accounts.standing(who).await.is_err()
                })
                .await;
                assert!(accounts.standing_now(who).is_none());
            }
            assert!(accounts.status().link_lost, "{lose}");
            assert_eq!(accounts.status().linked, Some(false), "{lose}");
        }

        // Better Auth is elsewhere from now on: the operator says so, by `migrate`, in either way.
        let gone = admin
            .query_one(r#"SELECT to_regclass('auth."user"') IS NULL"#, &[])
            .await;
        let gone: bool = gone.unwrap().get(0);
        let mode = if gone { LinkMode::Uuid } else { LinkMode::Off };
        let report = run(&database, mode).await.unwrap();
        assert_eq!(report.link, if gone { Link::NotFound } else { Link::Off });
        for accounts in [&running, &started] {
            for who in [&alice, &bob] {
                eventually("it is let in again", async || {
                    accounts.standing(who).await.ok() == Some(Standing::Good)
                })
                .await;
            }
            assert!(!accounts.status().link_lost, "{lose}");
        }
        drop((running, started));
        // As it was, for the next way to lose it.
        let again = format!(
            "DROP SCHEMA IF EXISTS auth CASCADE; DELETE FROM app.users; {BETTER_AUTH_TABLES}; {ADMIN_PLUGIN}"
        );
        admin.batch_execute(&again).await.unwrap();
        run(&database, LinkMode::Uuid).await.unwrap();
    }
}

fn in_public(sql: &str) -> String {
    sql.replace("CREATE SCHEMA IF NOT EXISTS auth;", "")
        .replace("auth.", "public.")
}

/// What the API's role may read in a schema, and the triggers there.
async fn open_in(database: &TestDatabase, schema: &str) -> Vec<String> {
    let sql = "
        SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = to_regnamespace($1)::oid AND c.relkind = 'r' AND a.attacl::text LIKE '%tasks_api%'
        UNION ALL
        SELECT g.tgname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
         WHERE c.relnamespace = to_regnamespace($1)::oid AND NOT g.tgisinternal
        UNION ALL
        SELECT 'usage' FROM pg_namespace WHERE nspname = $1 AND nspacl::text LIKE '%tasks_api%'
        ORDER BY 1";
    let rows = database.admin().await.query(sql, &[&schema]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn of_two_better_auths_the_one_that_is_linked_stays_so() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let admin = database.admin().await;
    admin
        .batch_execute(&in_public(BETTER_AUTH_TABLES))
        .await
        .unwrap();
    let report = run(&database, LinkMode::Uuid).await.unwrap();
    assert_eq!(column(&report), "public.\"user\".uuid");
    let open = open_in(&database, "public").await;

    // A second one, whose schema's name sorts first.
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    let report = run(&database, LinkMode::Uuid).await.unwrap();
    assert_eq!(column(&report), "public.\"user\".uuid");
    assert_eq!(open_in(&database, "public").await, open);
    assert_eq!(open_in(&database, "auth").await, Vec::<String>::new());

    // The first one goes, and the link with it: the other is the only one now.
    admin
        .batch_execute(r#"DROP TABLE public."user" CASCADE"#)
        .await
        .unwrap();
    let report = run(&database, LinkMode::Uuid).await.unwrap();
    assert_eq!(column(&report), "auth.\"user\".uuid");
    assert_eq!(
        open_in(&database, "public").await,
        Vec::<String>::new(),
        "what an earlier link opened is closed"
    );
    assert!(!open_in(&database, "auth").await.is_empty());
}

#[tokio::test]
async fn two_better_auths_and_no_link_are_for_the_operator_to_decide() {
    let database = TestDatabase::with(Contents::Nothing).await;
    let admin = database.admin().await;
    admin
        .batch_execute(&in_public(BETTER_AUTH_TABLES))
        .await
        .unwrap();
    admin.batch_execute(BETTER_AUTH_TABLES).await.unwrap();
    let refused = run(&database, LinkMode::Uuid).await.unwrap_err();
    let said = refused.to_string();
    assert!(
        said.contains("auth.\"user\"") && said.contains("public.\"user\""),
        "{said}"
    );
    for schema in ["auth", "public"] {
        assert_eq!(open_in(&database, schema).await, Vec::<String>::new());
    }
    // Off is a decision, too.
    assert_eq!(run(&database, LinkMode::Off).await.unwrap().link, Link::Off);
    admin
        .batch_execute(r#"ALTER TABLE public."user" RENAME TO old_user"#)
        .await
        .unwrap();
    let report = run(&database, LinkMode::Uuid).await.unwrap();
    assert_eq!(column(&report), "auth.\"user\".uuid");
}

#[tokio::test]
async fn a_schema_or_table_that_is_renamed_is_still_the_one_that_is_linked() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let alice = database.sign_up("alice@example.com").await;
    let bob = database.sign_up("bob@example.com").await;
    let rename = r#"ALTER SCHEMA auth RENAME TO "Accounts"; ALTER TABLE "Accounts"."user" RENAME TO "People""#;
    admin.batch_execute(rename).await.unwrap();
    let report = run(&database, LinkMode::Uuid).await.unwrap();
    assert_eq!(column(&report), r#""Accounts"."People".uuid"#);
    assert_eq!(report.checks.trouble, Vec::<String>::new());
    let accounts = start(&database);
    for user in [alice, bob] {
        let standing = accounts.standing(&identity_of(user)).await.unwrap();
        assert_eq!(standing, Standing::Good);
    }
    let ban = r#"UPDATE "Accounts"."People" SET banned = true WHERE uuid = $1"#;
    admin.execute(ban, &[&alice]).await.unwrap();
    eventually("she is banned", async || {
        accounts.standing(&identity_of(alice)).await.unwrap() == Standing::Banned
    })
    .await;
    let bob = accounts.standing(&identity_of(bob)).await.unwrap();
    assert_eq!(bob, Standing::Good);
    run(&database, LinkMode::Off).await.unwrap();
    let left = open_in(&database, "Accounts").await;
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_else_has_granted_the_apis_role_is_not_taken_away() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let theirs = r#"GRANT SELECT (email) ON auth."user" TO tasks_api; GRANT INSERT ON auth.session TO tasks_api"#;
    admin.batch_execute(theirs).await.unwrap();
    for mode in [LinkMode::Off, LinkMode::Id] {
        run(&database, mode).await.unwrap();
        let left = open_in(&database, "auth").await;
        assert_eq!(left, ["usage", "user.email"]);
        let sql = "SELECT has_table_privilege('tasks_api', 'auth.session', 'INSERT')";
        let kept: bool = admin.query_one(sql, &[]).await.unwrap().get(0);
        assert!(kept);
    }
}

/// Prisma makes such columns, and writes UTC.
#[tokio::test]
async fn times_without_a_zone_are_utc_wherever_the_database_is() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let alter = r#"
        DROP TRIGGER drawbridge_user_banned ON auth."user";
        ALTER TABLE auth.session ALTER COLUMN "expiresAt" TYPE timestamp USING "expiresAt" AT TIME ZONE 'UTC';
        ALTER TABLE auth."user" ALTER COLUMN "banExpires" TYPE timestamp USING "banExpires" AT TIME ZONE 'UTC'"#;
    admin.batch_execute(alter).await.unwrap();
    for zone in ["Asia/Tokyo", "America/Los_Angeles"] {
        let sql = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''{zone}''', current_database()); END $$"
        );
        admin.batch_execute(&sql).await.unwrap();
        let accounts = start(&database);
        for (minutes, expected) in [(60, Standing::Good), (-60, Standing::SignedOut)] {
            let user = database.sign_up(&format!("{}@x", Uuid::new_v4())).await;
            let session = database.sign_in(user).await;
            let sql = format!(
                r#"UPDATE auth.session SET "expiresAt" = (now() AT TIME ZONE 'UTC') + interval '{minutes} minutes' WHERE id = $1"#
            );
            admin.execute(&sql, &[&session]).await.unwrap();
            let who = identity_from(&TokenBuilder::for_user(user).session(session.as_str()));
            let found = accounts.standing(&who).await.unwrap();
            assert_eq!(found, expected, "{zone} {minutes}");
        }
        for (minutes, expected) in [(60, Standing::Banned), (-60, Standing::Good)] {
            let user = database.sign_up(&format!("{}@x", Uuid::new_v4())).await;
            let sql = format!(
                r#"UPDATE auth."user" SET banned = true, "banExpires" = (now() AT TIME ZONE 'UTC') + interval '{minutes} minutes'
                    WHERE uuid = $1"#
            );
            admin.execute(&sql, &[&user]).await.unwrap();
            let found = accounts.standing(&identity_of(user)).await.unwrap();
            assert_eq!(found, expected, "{zone} {minutes}");
        }
        // The poll sees what the request saw.
        tokio::time::sleep(PgAccounts::TRUSTED_FOR).await;
    }
}

#[tokio::test]
async fn tables_that_are_there_and_not_understood_are_told_apart_from_those_that_are_not() {
    for (change, bans, sessions) in [
        (
            r#"ALTER TABLE auth.session RENAME COLUMN "userId" TO user_id"#,
            Check::Done,
            Check::NotUnderstood,
        ),
        (
            "ALTER TABLE auth.session ALTER COLUMN id TYPE bytea USING id::bytea",
            Check::Done,
            Check::NotUnderstood,
        ),
        (
            r#"ALTER TABLE auth.session ALTER COLUMN "expiresAt" TYPE text"#,
            Check::Done,
            Check::NotUnderstood,
        ),
        (
            r#"ALTER TABLE auth."user" ALTER COLUMN "banExpires" TYPE text"#,
            Check::NotUnderstood,
            Check::Done,
        ),
        (
            r#"DROP TRIGGER drawbridge_user_banned ON auth."user";
               ALTER TABLE auth."user" ALTER COLUMN banned TYPE integer USING banned::integer"#,
            Check::NotUnderstood,
            Check::Done,
        ),
        ("DROP TABLE auth.session", Check::Done, Check::Absent),
    ] {
        let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
        let alice = identity_of(database.sign_up("alice@example.com").await);
        let bob = identity_of(database.sign_up("bob@example.com").await);
        let change = change.replace(
            r#"ALTER TABLE auth."user" ALTER COLUMN "banExpires""#,
            r#"DROP TRIGGER drawbridge_user_banned ON auth."user"; ALTER TABLE auth."user" ALTER COLUMN "banExpires""#,
        );
        database.admin().await.batch_execute(&change).await.unwrap();
        let checks = run(&database, LinkMode::Uuid).await.unwrap().checks;
        assert_eq!((checks.bans, checks.sessions), (bans, sessions), "{change}");
        let accounts = start(&database);
        for who in [&alice, &bob] {
            assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
        }
        let status = accounts.status();
        assert_eq!((status.bans, status.sessions), (bans, sessions), "{change}");
        assert_eq!(status.users, Check::Done);
    }
}

#[tokio::test]
async fn a_link_by_another_column_than_the_settings_say_is_told() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let alice = identity_of(database.sign_up("alice@example.com").await);
    let bob = identity_of(database.sign_up("bob@example.com").await);
    for (wanted, unwanted) in [
        (None, false),
        (Some(LinkMode::Uuid), false),
        (Some(LinkMode::Id), true),
        (Some(LinkMode::Off), true),
    ] {
        let mut settings = AccountsSettings::default();
        settings.link = wanted;
        let accounts = PgAccounts::start(database.user_db(), settings);
        for who in [&alice, &bob] {
            assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
        }
        assert_eq!(accounts.status().link_unwanted, unwanted, "{wanted:?}");
    }
}

#[tokio::test]
async fn it_is_told_by_which_column_users_are_linked() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let alice = identity_of(database.sign_up("alice@example.com").await);
    let bob = identity_of(database.sign_up("bob@example.com").await);
    let accounts = start(&database);
    for who in [&alice, &bob] {
        assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
    }
    assert_eq!(accounts.status().link, Some(LinkMode::Uuid));
    run(&database, LinkMode::Off).await.unwrap();
    eventually("it is off", async || {
        let _ = accounts.standing(&alice).await;
        accounts.status().link == Some(LinkMode::Off)
    })
    .await;
}
