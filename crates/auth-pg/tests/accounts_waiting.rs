//! Answers that are slow to come: whom they count for, and who asks for them.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::{Duration, Instant};

use auth_core::{Accounts, Identity, Standing};
use auth_pg::{AccountsSettings, PgAccounts, UserDb};
use auth_testkit::{TokenBuilder, identity_from};
use futures_util::future::join_all;
use test_kit::{Contents, TestDatabase};
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;

/// Far more than any of it takes, for a machine that is busy otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

async fn signed_in(database: &TestDatabase) -> (Uuid, Identity) {
    let user = database.sign_up(&format!("{}@x", Uuid::new_v4())).await;
    let session = database.sign_in(user).await;
    let token = TokenBuilder::for_user(user).session(session.as_str());
    (user, identity_from(&token))
}

/// So many statements that ask for one principal wait in the database.
async fn waiting(admin: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'WITH asked AS%'";
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// It waits for somebody else's transaction, and what it saw before is long over then.
#[tokio::test]
async fn an_answer_that_took_longer_than_it_counts_is_asked_for_again() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = PgAccounts::start(database.user_db(), AccountsSettings::default());
    let (admin, mut other) = (database.admin().await, database.admin().await);
    let (alice, hers) = signed_in(&database).await;
    let (bob, his) = signed_in(&database).await;

    let tx = other.transaction().await.unwrap();
    for user in [alice, bob] {
        let anchor = "INSERT INTO app.users (user_id) VALUES ($1)";
        tx.execute(anchor, &[&user]).await.unwrap();
    }
    let meanwhile = async {
        until("both wait", async || waiting(&admin).await == 2).await;
        let ban = r#"UPDATE auth."user" SET banned = true WHERE uuid = $1"#;
        admin.execute(ban, &[&alice]).await.unwrap();
        sleep(PgAccounts::TRUSTED_FOR + Duration::from_millis(200)).await;
        tx.commit().await.unwrap();
    };
    let (of_alice, of_bob, ()) =
        tokio::join!(accounts.standing(&hers), accounts.standing(&his), meanwhile);
    assert_eq!(of_alice.unwrap(), Standing::Banned);
    assert_eq!(of_bob.unwrap(), Standing::Good);
}

/// Workers have most of the connections then, and one is left for everybody.
#[tokio::test]
async fn where_workers_have_their_own_connections_one_who_waits_keeps_nobody_else_waiting() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let mut settings = database.pool_settings();
    (settings.max_connections, settings.workers) = (4, 1);
    let db = UserDb::connect(&settings).unwrap();
    let _of_this_worker = db.for_worker();
    let accounts = PgAccounts::start(db, AccountsSettings::default());
    let (admin, mut other) = (database.admin().await, database.admin().await);
    let (alice, hers) = signed_in(&database).await;
    let (_, his) = signed_in(&database).await;

    let tx = other.transaction().await.unwrap();
    let anchor = "INSERT INTO app.users (user_id) VALUES ($1)";
    tx.execute(anchor, &[&alice]).await.unwrap();
    let meanwhile = async {
        until("she waits", async || waiting(&admin).await == 1).await;
        assert_eq!(accounts.standing(&his).await.unwrap(), Standing::Good);
        assert_eq!(waiting(&admin).await, 1, "she still does");
        tx.commit().await.unwrap();
    };
    let (of_alice, ()) = tokio::join!(accounts.standing(&hers), meanwhile);
    assert_eq!(of_alice.unwrap(), Standing::Good);
}

#[tokio::test]
async fn when_every_answer_takes_longer_than_it_counts_nobody_is_let_in() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = PgAccounts::start(database.user_db(), AccountsSettings::default());
    let (alice, hers) = signed_in(&database).await;
    let (_, his) = signed_in(&database).await;
    let slow = format!(
        "CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN IF NEW.user_id = '{alice}' THEN PERFORM pg_sleep(1.1); END IF; RETURN NEW; END $$;
         CREATE TRIGGER slow BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION public.slow()"
    );
    database.admin().await.batch_execute(&slow).await.unwrap();
    assert!(accounts.standing(&hers).await.is_err());
    assert_eq!(accounts.standing(&his).await.unwrap(), Standing::Good);
}

/// Else one token, sent by many at once, would keep everybody else from the database.
#[tokio::test]
async fn many_requests_with_one_token_take_one_connection() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let mut settings = database.pool_settings();
    settings.max_connections = 8;
    let db = UserDb::connect(&settings).unwrap();
    let accounts = PgAccounts::start(db, AccountsSettings::default());
    let (admin, mut other) = (database.admin().await, database.admin().await);
    let (alice, hers) = signed_in(&database).await;
    let (_, his) = signed_in(&database).await;
    let (_, eves) = signed_in(&database).await;
    assert_eq!(accounts.standing(&eves).await.unwrap(), Standing::Good);

    let tx = other.transaction().await.unwrap();
    let lock = "LOCK TABLE auth.session IN ACCESS EXCLUSIVE MODE";
    tx.batch_execute(lock).await.unwrap();
    let meanwhile = async {
        until("somebody waits", async || waiting(&admin).await >= 2).await;
        // Time enough for all the others, if they were to come.
        sleep(Duration::from_millis(300)).await;
        assert_eq!(waiting(&admin).await, 2, "one for each of the two");
        let ban = r#"UPDATE auth."user" SET banned = true WHERE uuid = $1"#;
        tx.execute(ban, &[&alice]).await.unwrap();
        tx.commit().await.unwrap();
    };
    let of_alice = join_all((0..50).map(|_| accounts.standing(&hers)));
    let of_bob = join_all((0..50).map(|_| accounts.standing(&his)));
    let (of_alice, of_bob, ()) = tokio::join!(of_alice, of_bob, meanwhile);
    for (of_alice, of_bob) in of_alice.into_iter().zip(of_bob) {
        assert_eq!(of_alice.unwrap(), Standing::Banned);
        assert_eq!(of_bob.unwrap(), Standing::Good);
    }
}
