//! The road to a row: one user's transaction, and nothing left over from it.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::Duration;

use auth_core::{Accounts, Standing};
use auth_pg::{AccountsSettings, PgAccounts, StoreError, UserDb};
use auth_testkit::identity_of;
use test_kit::{Contents, TestDatabase};
use uuid::Uuid;

const INSERT: &str =
    "INSERT INTO app.tags (user_id, id, name, color) VALUES ($1, $2, $3, '#000000')";
const NAMES: &str = "SELECT name FROM app.tags WHERE user_id = $1 ORDER BY name";

async fn anchored(db: &UserDb) -> auth_core::Identity {
    let who = identity_of(Uuid::new_v4());
    let standing = PgAccounts::start(db.clone(), AccountsSettings::default())
        .standing(&who)
        .await
        .unwrap();
    assert_eq!(standing, Standing::Good);
    who
}

async fn names(db: &UserDb, who: &auth_core::Identity) -> Vec<String> {
    let rows = db.as_user(who).query(NAMES, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn two_users_on_one_connection_see_their_own_rows_only() {
    let database = TestDatabase::new().await;
    let mut settings = database.pool_settings();
    settings.max_connections = 1;
    let db = UserDb::connect(&settings).unwrap();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    for (who, name) in [(&alice, "hers"), (&bob, "his")] {
        db.as_user(who)
            .query(INSERT, &[&Uuid::new_v4(), &name])
            .await
            .unwrap();
    }
    assert_eq!(names(&db, &alice).await, ["hers"]);
    assert_eq!(names(&db, &bob).await, ["his"]);
}

#[tokio::test]
async fn a_statement_that_does_not_name_the_user_does_not_run() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let alice = anchored(&db).await;
    let error = db
        .as_user(&alice)
        .query("SELECT name FROM app.tags", &[])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Broken(_)), "{error:?}");
}

#[tokio::test]
async fn row_level_security_hides_other_users_rows_from_a_statement_without_a_where() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    db.as_user(&alice)
        .query(INSERT, &[&Uuid::new_v4(), &"hers"])
        .await
        .unwrap();
    for table in ["users", "events", "tasks", "tags", "task_tags"] {
        let sql = format!("SELECT count(*) FROM app.{table} WHERE user_id <> $1 OR true");
        let row = db
            .as_user(&bob)
            .query_opt(&sql, &[])
            .await
            .unwrap()
            .unwrap();
        let own_anchor = i64::from(table == "users");
        assert_eq!(row.get::<_, i64>(0), own_anchor, "{table}");
    }
}

#[tokio::test]
async fn a_row_cannot_be_written_for_or_moved_to_another_user() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    let tag = Uuid::new_v4();
    db.as_user(&alice)
        .query(INSERT, &[&tag, &"hers"])
        .await
        .unwrap();

    let his = bob.user_id().as_uuid();
    let forged = "INSERT INTO app.tags (user_id, id, name, color) SELECT $2, $3, 'x', '#000000' WHERE $1::uuid IS NOT NULL";
    let error = db
        .as_user(&alice)
        .query(forged, &[&his, &Uuid::new_v4()])
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Broken(_)),
        "row-level security: {error:?}"
    );

    let moved = "UPDATE app.tags SET user_id = $2 WHERE user_id = $1";
    let error = db.as_user(&alice).query(moved, &[&his]).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Broken(_)),
        "column grants: {error:?}"
    );
    assert_eq!(names(&db, &bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn another_users_tag_cannot_be_linked_even_by_a_superuser() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    let tag = Uuid::new_v4();
    db.as_user(&alice)
        .query(INSERT, &[&tag, &"hers"])
        .await
        .unwrap();
    let task = Uuid::new_v4();
    let sql = "INSERT INTO app.tasks (user_id, id, title) VALUES ($1, $2, 'his')";
    db.as_user(&bob).query(sql, &[&task]).await.unwrap();
    let linked = database
        .admin()
        .await
        .execute(
            "INSERT INTO app.task_tags (user_id, task_id, tag_id) VALUES ($1, $2, $3)",
            &[&bob.user_id().as_uuid(), &task, &tag],
        )
        .await;
    assert!(linked.unwrap_err().to_string().contains("db error"));
}

#[tokio::test]
async fn every_table_with_users_rows_forces_row_level_security_for_the_apis_role() {
    let database = TestDatabase::new().await;
    let rows = database
        .admin()
        .await
        .query(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                    (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid
                        AND pg_get_expr(p.polqual, c.oid) IN
                            ('(user_id = app.current_user_id())',
                             '(user_id = ( SELECT app.current_user_id() AS current_user_id))')
                        AND pg_get_expr(p.polwithcheck, c.oid) = '(user_id = app.current_user_id())')
               FROM pg_class c
              WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migrations'",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() >= 5);
    for row in rows {
        let table: String = row.get(0);
        assert!(
            row.get::<_, bool>(1),
            "{table} does not force row-level security"
        );
        // Entries about users, not rows of theirs: who may read and add them is tested beside what they do. And no user's rows.
        if !["revocations", "secrets"].contains(&table.as_str()) {
            assert_eq!(
                row.get::<_, i64>(2),
                1,
                "{table} has no policy for its owner only"
            );
        }
    }
}

#[tokio::test]
async fn an_error_in_a_transaction_rolls_all_of_it_back_and_leaves_the_connection_clean() {
    let database = TestDatabase::new().await;
    let mut settings = database.pool_settings();
    settings.max_connections = 1;
    let db = UserDb::connect(&settings).unwrap();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    let failed = db
        .as_user(&alice)
        .transaction(async |tx| {
            tx.query(INSERT, &[&Uuid::new_v4(), &"first"]).await?;
            tx.query(INSERT, &[&Uuid::new_v4(), &"FIRST"]).await
        })
        .await;
    assert!(failed.unwrap_err().is_constraint("tags_name_unique"));
    assert_eq!(names(&db, &alice).await, Vec::<String>::new());
    assert_eq!(names(&db, &bob).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_caller_who_goes_away_in_the_middle_leaves_nothing_behind() {
    let database = TestDatabase::new().await;
    let mut settings = database.pool_settings();
    settings.max_connections = 1;
    let db = UserDb::connect(&settings).unwrap();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    // Every moment from before the first message to long after the last.
    for micros in (0..6000).step_by(200) {
        let scope = db.as_user(&alice);
        let work = scope.transaction(async |tx| {
            tx.query(INSERT, &[&Uuid::new_v4(), &"never"]).await?;
            tx.query("SELECT pg_sleep(0.002), $1::uuid", &[]).await?;
            Err::<(), _>(StoreError::Contention)
        });
        let _ = tokio::time::timeout(Duration::from_micros(micros), work).await;
        assert_eq!(names(&db, &bob).await, Vec::<String>::new());
        assert_eq!(names(&db, &alice).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_single_statement_is_whole_or_absent_when_its_caller_goes_away() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let alice = anchored(&db).await;
    for (n, micros) in (0..3000).step_by(100).enumerate() {
        let scope = db.as_user(&alice);
        let (id, name) = (Uuid::new_v4(), format!("tag {n}"));
        let params: [auth_pg::Param<'_>; 2] = [&id, &name];
        let _ =
            tokio::time::timeout(Duration::from_micros(micros), scope.query(INSERT, &params)).await;
    }
    // Whatever was written is committed: a second look from another connection sees the same.
    let seen = names(&db, &alice).await;
    let row = database
        .admin()
        .await
        .query_one("SELECT count(*) FROM app.tags", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), i64::try_from(seen.len()).unwrap());
}

#[tokio::test]
async fn a_statement_past_its_deadline_is_given_up_and_its_connection_closed() {
    let database = TestDatabase::new().await;
    let mut settings = database.pool_settings();
    settings.max_connections = 1;
    settings.statement_deadline = Duration::from_millis(300);
    let db = UserDb::connect(&settings).unwrap();
    let alice = anchored(&db).await;
    let error = db
        .as_user(&alice)
        .query("SELECT pg_sleep(30), $1::uuid", &[])
        .await
        .unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert_eq!(names(&db, &alice).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_role_that_could_bypass_row_level_security_is_dropped_in_every_transaction() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let alice = anchored(&db).await;
    let sql = "SELECT current_user::text, session_user::text, $1::uuid";
    let row = db
        .as_user(&alice)
        .query_opt(sql, &[])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "tasks_api");
    assert_ne!(row.get::<_, &str>(1), "tasks_api");
    let in_tx = db
        .as_user(&alice)
        .transaction(async |tx| tx.query_opt(sql, &[]).await)
        .await;
    assert_eq!(in_tx.unwrap().unwrap().get::<_, &str>(0), "tasks_api");
}

#[tokio::test]
async fn statements_that_are_not_kept_prepared_give_the_same_answers() {
    let database = TestDatabase::new().await;
    let mut settings = database.pool_settings();
    settings.prepared_statements = false;
    let db = UserDb::connect(&settings).unwrap();
    let alice = anchored(&db).await;
    for name in ["a", "b"] {
        db.as_user(&alice)
            .query(INSERT, &[&Uuid::new_v4(), &name])
            .await
            .unwrap();
    }
    assert_eq!(names(&db, &alice).await, ["a", "b"]);
    let in_tx = db
        .as_user(&alice)
        .transaction(async |tx| tx.query(NAMES, &[]).await)
        .await
        .unwrap();
    assert_eq!(in_tx.len(), 2);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable_and_not_broken() {
    let settings = auth_pg::PoolSettings::new("postgres://nobody:secret@127.0.0.1:1/none").unwrap();
    let db = UserDb::connect(&settings).unwrap();
    let error = db.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let error = db
        .as_user(&identity_of(Uuid::new_v4()))
        .query(NAMES, &[])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_pool_heals_after_its_connections_were_cut() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let alice = anchored(&db).await;
    let cut = "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.admin().await.query_one(cut, &[]).await.unwrap();
    // The first to touch a cut connection may still be refused; nobody after.
    let _ = db.ping().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(names(&db, &alice).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_user_whom_better_auth_does_not_know_is_unknown_and_one_it_deletes_becomes_so() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let db = database.user_db();
    let accounts = PgAccounts::start(db.clone(), AccountsSettings::default());
    let stranger = identity_of(Uuid::new_v4());
    assert_eq!(
        accounts.standing(&stranger).await.unwrap(),
        Standing::Unknown
    );

    let alice = identity_of(database.sign_up("alice@example.com").await);
    let bob = identity_of(database.sign_up("bob@example.com").await);
    for who in [&alice, &bob] {
        assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
        db.as_user(who)
            .query(INSERT, &[&Uuid::new_v4(), &"kept"])
            .await
            .unwrap();
    }

    let admin = database.admin().await;
    let delete = r#"DELETE FROM auth."user" WHERE uuid = $1"#;
    admin
        .execute(delete, &[&alice.user_id().as_uuid()])
        .await
        .unwrap();
    tokio::time::sleep(PgAccounts::TRUSTED_FOR).await;
    assert_eq!(accounts.standing(&alice).await.unwrap(), Standing::Unknown);
    assert_eq!(accounts.standing(&bob).await.unwrap(), Standing::Good);
    let left: i64 = admin
        .query_one("SELECT count(*) FROM app.tags", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 1, "her rows went with her, his stayed");
}

#[tokio::test]
async fn a_transaction_that_passes_over_a_failed_statement_does_not_report_success() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let alice = anchored(&db).await;
    let done = db
        .as_user(&alice)
        .transaction(async |tx| {
            tx.query(INSERT, &[&Uuid::new_v4(), &"first"]).await?;
            let _ = tx.query(INSERT, &[&Uuid::new_v4(), &"FIRST"]).await;
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(matches!(done, Err(StoreError::Broken(_))), "{done:?}");
    assert_eq!(names(&db, &alice).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_transaction_relies_on_does_not_depend_on_the_databases_defaults() {
    let database = TestDatabase::new().await;
    let other = "DO $$ DECLARE setting text; BEGIN
        FOREACH setting IN ARRAY ARRAY['default_transaction_isolation = serializable', 'search_path = public, pg_catalog',
                                       'timezone = Japan'] LOOP
          EXECUTE format('ALTER DATABASE %I SET ', current_database()) || setting;
        END LOOP; END $$";
    database.admin().await.batch_execute(other).await.unwrap();
    let sql = "SELECT current_setting('transaction_isolation'), current_setting('search_path'), current_setting('timezone'),
                      current_setting('idle_in_transaction_session_timeout') <> '0', $1::uuid";
    for prepared in [true, false] {
        let mut settings = database.pool_settings();
        settings.prepared_statements = prepared;
        let db = UserDb::connect(&settings).unwrap();
        let (alice, bob) = (anchored(&db).await, anchored(&db).await);
        for who in [&alice, &bob] {
            let scope = db.as_user(who);
            let alone = scope.query_opt(sql, &[]).await;
            let among_others = scope.transaction(async |tx| tx.query_opt(sql, &[]).await);
            for row in [alone, among_others.await] {
                let row = row.unwrap().unwrap();
                let said: [&str; 3] = [row.get(0), row.get(1), row.get(2)];
                assert_eq!(said, ["read committed", "pg_catalog, pg_temp", "UTC"]);
                assert!(row.get::<_, bool>(3));
                assert_eq!(row.get::<_, Uuid>(4), who.user_id().as_uuid());
            }
        }
    }
}

/// What is called as PostgreSQL's own is, and fits better, or is looked for before it.
#[tokio::test]
async fn a_statement_means_what_its_transactions_search_path_says_from_the_first_time_on() {
    let database = TestDatabase::new().await;
    let make = "CREATE FUNCTION public.lower(uuid) RETURNS text LANGUAGE sql AS $$ SELECT 'not ours' $$;
                CREATE TABLE public.pg_roles (rolname text);
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$";
    database.admin().await.batch_execute(make).await.unwrap();
    let db = database.user_db();
    let (alice, bob) = (anchored(&db).await, anchored(&db).await);
    for who in [&alice, &bob] {
        let sql = "SELECT count(*) FROM pg_roles WHERE $1::uuid IS NOT NULL";
        let row = db.as_user(who).query_opt(sql, &[]).await.unwrap().unwrap();
        assert!(row.get::<_, i64>(0) > 0, "PostgreSQL's own");
        let sql = "SELECT lower($1::uuid)";
        let error = db.as_user(who).query(sql, &[]).await.unwrap_err();
        assert!(error.to_string().contains("failed"), "{error:?}");
    }
}

#[tokio::test]
async fn a_part_of_a_transaction_that_fails_leaves_the_rest_of_it_as_it_is() {
    let database = TestDatabase::new().await;
    let db = database.user_db();
    let who = anchored(&db).await;
    let same = Uuid::new_v4();
    let done: Result<(), StoreError> = db
        .as_user(&who)
        .transaction(async |tx| {
            tx.query(INSERT, &[&same, &"first"]).await?;
            // Refused by PostgreSQL, and passed over by its caller; refused by its caller.
            for (id, name) in [(same, "again"), (Uuid::new_v4(), "unwanted")] {
                let part: Result<(), StoreError> = tx
                    .part(async |tx| {
                        tx.query(INSERT, &[&Uuid::new_v4(), &format!("with {name}")])
                            .await?;
                        let _ = tx.query(INSERT, &[&id, &name]).await;
                        Err(StoreError::Contention)
                    })
                    .await;
                assert!(part.is_err());
            }
            let passed_over: Result<(), StoreError> = tx
                .part(async |tx| {
                    let _ = tx.query(INSERT, &[&same, &"again"]).await;
                    Ok(())
                })
                .await;
            assert!(matches!(passed_over, Err(StoreError::Broken(_))));
            tx.part(async |tx| tx.query(INSERT, &[&Uuid::new_v4(), &"second"]).await)
                .await?;
            Ok(())
        })
        .await;
    done.unwrap();
    assert_eq!(names(&db, &who).await, ["first", "second"]);
}
