//! Who is refused though their token is good, how soon, and what holds while the database does not answer.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::{Duration, Instant, SystemTime};

use auth_core::{Accounts, Identity, Standing, UnixTime};
use auth_pg::{AccountsSettings, Check, PgAccounts, SessionCheck, UserDb};
use auth_testkit::{TokenBuilder, identity_from, identity_of};
use test_kit::{Contents, TestDatabase};
use tokio::time::sleep;
use tokio_postgres::Client;
use uuid::Uuid;

/// Far more than any of it takes, for a machine that is busy otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody with an account, and the ids in their token, which was minted a minute ago.
struct Person {
    user: Uuid,
    session: String,
    token: String,
    identity: Identity,
}

impl Person {
    async fn of(database: &TestDatabase) -> Self {
        let email = format!("{}@example.com", Uuid::new_v4());
        let user = database.sign_up(&email).await;
        Self::with(user, &database.sign_in(user).await, 60)
    }

    fn with(user: Uuid, session: &str, minted_ago: u64) -> Self {
        let token = Uuid::new_v4().to_string();
        let minted = UnixTime::from(SystemTime::now()) - Duration::from_secs(minted_ago);
        let builder = TokenBuilder::for_user(user)
            .session(session)
            .claim("jti", token.as_str())
            .claim("iat", minted.as_secs());
        Self {
            user,
            session: session.to_owned(),
            token,
            identity: identity_from(&builder),
        }
    }

    /// Another token of the same session.
    fn again(&self, minted_ago: u64) -> Self {
        Self::with(self.user, &self.session, minted_ago)
    }

    /// Runs `sql` with `{user}`, `{session}` and `{token}` of theirs in it.
    async fn suffers(&self, admin: &Client, sql: &str) {
        let sql = sql
            .replace("{user}", &format!("'{}'", self.user))
            .replace("{session}", &format!("'{}'", self.session))
            .replace("{token}", &format!("'{}'", self.token));
        admin.batch_execute(&sql).await.unwrap();
    }
}

fn start(database: &TestDatabase) -> PgAccounts {
    PgAccounts::start(database.user_db(), AccountsSettings::default())
}

async fn standing(accounts: &PgAccounts, who: &Person) -> Standing {
    accounts.standing(&who.identity).await.unwrap()
}

/// Waits until both replicas say so, and sees to it that neither goes on saying "good" for longer than promised. A refusal is
/// final from the moment it is first heard.
async fn becomes(replicas: &[PgAccounts; 2], who: &Person, expected: Standing, what: &str) {
    let since = Instant::now();
    for replica in replicas {
        loop {
            let asked = Instant::now();
            let found = standing(replica, who).await;
            if found == expected {
                break;
            }
            // However slow this machine is: what is asked a second after the change gets no answer from before it.
            assert!(
                asked - since < PgAccounts::TRUSTED_FOR || expected == Standing::Good,
                "{what}: {found:?} {:?} after",
                asked - since
            );
            assert!(since.elapsed() < PATIENCE, "{what}: still {found:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn stays(replicas: &[PgAccounts; 2], who: &Person, expected: Standing, what: &str) {
    for replica in replicas {
        assert_eq!(standing(replica, who).await, expected, "{what}");
    }
}

/// What can happen to somebody, what they are then, and what undoes it.
const FATES: [(&str, &str, Standing, Option<&str>); 9] = [
    (
        "the user is deleted",
        r#"DELETE FROM auth."user" WHERE uuid = {user}"#,
        Standing::Unknown,
        None,
    ),
    (
        "the user is banned",
        r#"UPDATE auth."user" SET banned = true WHERE uuid = {user}"#,
        Standing::Banned,
        Some(r#"UPDATE auth."user" SET banned = false WHERE uuid = {user}"#),
    ),
    (
        "the user is banned for a time",
        r#"UPDATE auth."user" SET banned = true, "banExpires" = now() + interval '1 day' WHERE uuid = {user}"#,
        Standing::Banned,
        Some(
            r#"UPDATE auth."user" SET "banExpires" = now() - interval '1 second' WHERE uuid = {user}"#,
        ),
    ),
    (
        "the user signs out",
        "DELETE FROM auth.session WHERE id = {session}",
        Standing::SignedOut,
        None,
    ),
    (
        "the session expires",
        r#"UPDATE auth.session SET "expiresAt" = now() WHERE id = {session}"#,
        Standing::SignedOut,
        Some(
            r#"UPDATE auth.session SET "expiresAt" = now() + interval '1 day' WHERE id = {session}"#,
        ),
    ),
    (
        "the user's tokens are revoked",
        "INSERT INTO app.revocations (kind, user_id, not_before) VALUES ('user', {user}, now())",
        Standing::Revoked,
        Some("UPDATE app.revocations SET keep_until = now() WHERE user_id = {user}"),
    ),
    (
        "the session is revoked",
        "INSERT INTO app.revocations (kind, session_id) VALUES ('session', {session})",
        Standing::Revoked,
        Some("DELETE FROM app.revocations WHERE session_id = {session}"),
    ),
    (
        "the token is revoked",
        "INSERT INTO app.revocations (kind, token_id) VALUES ('token', {token})",
        Standing::Revoked,
        Some("UPDATE app.revocations SET keep_until = now() WHERE token_id = {token}"),
    ),
    (
        "the session is given to another user",
        r#"UPDATE auth.session SET "userId" = (SELECT id FROM auth."user" WHERE uuid <> {user} LIMIT 1) WHERE id = {session}"#,
        Standing::SignedOut,
        None,
    ),
];

async fn each_fate_is_seen_on_both(database: &TestDatabase, replicas: &[PgAccounts; 2]) {
    let admin = database.admin().await;
    let bob = Person::of(database).await;
    for (what, happens, expected, undone) in FATES {
        let alice = Person::of(database).await;
        for who in [&alice, &bob] {
            stays(replicas, who, Standing::Good, what).await;
        }
        alice.suffers(&admin, happens).await;
        becomes(replicas, &alice, expected, what).await;
        stays(replicas, &bob, Standing::Good, what).await;
        if let Some(undone) = undone {
            alice.suffers(&admin, undone).await;
            becomes(replicas, &alice, Standing::Good, what).await;
        }
    }
}

#[tokio::test]
async fn whoever_may_not_come_in_any_more_is_refused_within_a_second_on_every_replica() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let replicas = [start(&database), start(&database)];
    for replica in &replicas {
        eventually("it listens", async || replica.status().listening).await;
    }
    each_fate_is_seen_on_both(&database, &replicas).await;
}

#[tokio::test]
async fn so_they_are_when_the_connection_that_listens_is_cut_again_and_again() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let replicas = [start(&database), start(&database)];
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE 'LISTEN drawbridge%'";
    let admin = database.admin().await;
    let cutting = async {
        loop {
            admin.query_one(cut, &[]).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = each_fate_is_seen_on_both(&database, &replicas) => {}
        () = cutting => {}
    }
    for replica in &replicas {
        eventually("it listens again", async || replica.status().listening).await;
    }
}

#[tokio::test]
async fn so_they_are_where_nobody_can_listen() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    // The one connection that each of these roles may have is the pool's.
    let roles = ["a", "b"].map(|name| format!("scarce_{name}_{}", Uuid::new_v4().simple()));
    let admin = database.admin().await;
    let mut replicas = Vec::new();
    for role in &roles {
        let make =
            format!("CREATE ROLE {role} LOGIN PASSWORD 'p' IN ROLE tasks_api CONNECTION LIMIT 1");
        admin.batch_execute(&make).await.unwrap();
        let url = database.url();
        let (_, place) = url.split_once('@').unwrap();
        let mut settings =
            auth_pg::PoolSettings::new(&format!("postgres://{role}:p@{place}")).unwrap();
        settings.max_connections = 1;
        let db = UserDb::connect(&settings).unwrap();
        db.ping().await.unwrap();
        replicas.push(PgAccounts::start(db, AccountsSettings::default()));
    }
    let replicas: [PgAccounts; 2] = replicas.try_into().unwrap();
    each_fate_is_seen_on_both(&database, &replicas).await;
    assert!(replicas.iter().all(|replica| !replica.status().listening));
    drop(replicas);
    let away = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = ANY ($1)";
    admin.query_one(away, &[&&roles[..]]).await.unwrap();
    let away = format!("DROP ROLE {}", roles.join(", "));
    admin.batch_execute(&away).await.unwrap();
}

#[tokio::test]
async fn so_they_are_behind_a_pooler_that_keeps_no_statements_and_passes_no_notifications_on() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let mut pool = database.pool_settings();
    pool.prepared_statements = false;
    let mut settings = AccountsSettings::default();
    settings.listen = false;
    let replica = || PgAccounts::start(UserDb::connect(&pool).unwrap(), settings.clone());
    let replicas = [replica(), replica()];
    each_fate_is_seen_on_both(&database, &replicas).await;
    let listeners = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND query LIKE 'LISTEN drawbridge%'";
    let admin = database.admin().await;
    let listeners: i64 = admin.query_one(listeners, &[]).await.unwrap().get(0);
    assert_eq!(listeners, 0);
}

#[tokio::test]
async fn who_comes_while_the_database_has_never_been_there_is_told_soon_however_many_they_are() {
    let settings = auth_pg::PoolSettings::new("postgres://nobody:secret@127.0.0.1:1/none").unwrap();
    let db = UserDb::connect(&settings).unwrap();
    let accounts = PgAccounts::start(db, AccountsSettings::default());
    let since = Instant::now();
    let crowd: Vec<_> = (0..200).map(|_| identity_of(Uuid::new_v4())).collect();
    let asked = crowd.iter().map(|who| accounts.standing(who));
    let answers = futures_util::future::join_all(asked).await;
    assert!(answers.iter().all(Result::is_err));
    assert!(since.elapsed() < PATIENCE / 3, "{:?}", since.elapsed());
    assert_eq!(accounts.status().linked, None);
}

/// Half a poll's interval is what chance would give.
#[tokio::test]
async fn who_listens_hears_of_a_sign_out_long_before_the_next_poll() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = start(&database);
    eventually("it listens", async || accounts.status().listening).await;
    let admin = database.admin().await;
    // Another try for a machine that was busy with something else just then.
    for attempt in 0..4 {
        let mut took = Vec::new();
        for _ in 0..7 {
            let alice = Person::of(&database).await;
            assert_eq!(standing(&accounts, &alice).await, Standing::Good);
            let sql = "DELETE FROM auth.session WHERE id = {session}";
            alice.suffers(&admin, sql).await;
            let since = Instant::now();
            while standing(&accounts, &alice).await == Standing::Good {
                sleep(Duration::from_millis(2)).await;
            }
            took.push(since.elapsed());
        }
        took.sort();
        if took[3] < Duration::from_millis(120) {
            return;
        }
        assert!(attempt < 3, "{took:?}");
    }
}

#[tokio::test]
async fn an_active_user_costs_no_query_of_their_own() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = start(&database);
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for who in [&alice, &bob] {
        assert_eq!(standing(&accounts, who).await, Standing::Good);
    }
    // Three times as long as one answer is trusted, and nobody asks for them but the poll. That it was late once is nothing that
    // a test can forbid a busy machine.
    let mut known = 0;
    for _ in 0..300 {
        for who in [&alice, &bob] {
            if let Some(found) = accounts.standing_now(&who.identity) {
                assert_eq!(found, Standing::Good);
                known += 1;
            }
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(known > 500, "{known} of 600 were known at once");
}

/// Everybody asking for themselves would keep it busy.
#[tokio::test]
async fn who_is_active_stays_known_while_the_pool_is_busy() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let mut settings = database.pool_settings();
    settings.max_connections = 1;
    let db = UserDb::connect(&settings).unwrap();
    let accounts = PgAccounts::start(db.clone(), AccountsSettings::default());
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for who in [&alice, &bob] {
        assert_eq!(standing(&accounts, who).await, Standing::Good);
    }
    let slow = db.as_user(&bob.identity);
    let busy = slow.query("SELECT pg_sleep(4), $1::uuid", &[]);
    let mut known = 0;
    let looking = async {
        for _ in 0..300 {
            sleep(Duration::from_millis(10)).await;
            known += u32::from(accounts.standing_now(&alice.identity) == Some(Standing::Good));
        }
    };
    // Nor does what is to be looked at besides wait in that queue.
    let admin = database.admin().await;
    let moving = async {
        loop {
            let moved = "NOTIFY drawbridge_accounts, 'moved'";
            admin.batch_execute(moved).await.unwrap();
            sleep(Duration::from_millis(400)).await;
        }
    };
    let looking = async {
        tokio::select! { () = looking => {}, () = moving => {} }
    };
    let (slept, ()) = tokio::join!(busy, looking);
    slept.unwrap();
    assert!(known > 250, "{known} of 300 were known at once");
}

#[tokio::test]
async fn trust_ends_within_a_second_when_polls_hang() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = start(&database);
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for who in [&alice, &bob] {
        assert_eq!(standing(&accounts, who).await, Standing::Good);
    }
    let mut admin = database.admin().await;
    let tx = admin.transaction().await.unwrap();
    tx.batch_execute("LOCK TABLE auth.session IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let since = Instant::now();
    while since.elapsed() < 3 * PgAccounts::TRUSTED_FOR {
        let asked = Instant::now();
        for who in [&alice, &bob] {
            let known = accounts.standing_now(&who.identity);
            assert!(
                known.is_none() || asked - since < PgAccounts::TRUSTED_FOR,
                "{known:?} {:?} after the last poll can have ended",
                asked - since
            );
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(accounts.status().poll_failing);
    tx.batch_execute(&format!(
        "DELETE FROM auth.session WHERE id = '{}'",
        alice.session
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    eventually("it answers again", async || {
        accounts.standing(&bob.identity).await.is_ok()
    })
    .await;
    assert_eq!(standing(&accounts, &alice).await, Standing::SignedOut);
    assert_eq!(standing(&accounts, &bob).await, Standing::Good);
    eventually("polls are well", async || {
        let _ = accounts.standing(&bob.identity).await;
        !accounts.status().poll_failing
    })
    .await;
}

#[tokio::test]
async fn without_the_database_nobody_is_good_for_longer_than_a_second_and_it_heals() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = start(&database);
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for who in [&alice, &bob] {
        assert_eq!(standing(&accounts, who).await, Standing::Good);
    }
    database.open(false).await;
    let since = Instant::now();
    let mut refused = 0;
    while since.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        match accounts.standing(&alice.identity).await {
            Ok(Standing::Good) => assert!(asked - since < PgAccounts::TRUSTED_FOR),
            Ok(other) => panic!("{other:?} while nobody can know"),
            Err(_) => refused += 1,
        }
        sleep(Duration::from_millis(20)).await;
    }
    assert!(refused > 0);
    database.open(true).await;
    for who in [&alice, &bob] {
        eventually("it heals", async || {
            accounts.standing(&who.identity).await.ok() == Some(Standing::Good)
        })
        .await;
    }
    eventually("it listens again", async || accounts.status().listening).await;
}

#[tokio::test]
async fn a_token_that_names_another_users_session_or_one_that_never_was_is_refused() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = start(&database);
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for session in [&bob.session, "never", "'; --", "a\0b", &"x".repeat(3000)] {
        let odd = Person::with(alice.user, session, 60);
        for _ in 0..2 {
            assert_eq!(
                standing(&accounts, &odd).await,
                Standing::SignedOut,
                "{session:?}"
            );
        }
    }
    // A token that names none is her user's, and she is there.
    let without = identity_of(alice.user);
    assert_eq!(without.session_id(), None);
    assert_eq!(accounts.standing(&without).await.unwrap(), Standing::Good);
    assert_eq!(standing(&accounts, &bob).await, Standing::Good);
}

#[tokio::test]
async fn tokens_from_before_the_moment_are_revoked_and_those_from_after_it_are_not() {
    for contents in [Contents::Schema, Contents::SchemaAndBetterAuth] {
        let database = TestDatabase::with(contents).await;
        let accounts = start(&database);
        let admin = database.admin().await;
        let (alice, bob) = match contents {
            Contents::Schema => (
                Person::with(Uuid::new_v4(), "hers", 60),
                Person::with(Uuid::new_v4(), "his", 60),
            ),
            _ => (Person::of(&database).await, Person::of(&database).await),
        };
        let (younger, older) = (alice.again(10), alice.again(120));
        let timeless = TokenBuilder::for_user(alice.user)
            .session(alice.session.as_str())
            .without_claim("iat");
        let timeless = identity_from(&timeless);
        let sql = "INSERT INTO app.revocations (kind, user_id, not_before)
                   VALUES ('user', {user}, now() - interval '30 seconds')";
        alice.suffers(&admin, sql).await;
        for (who, expected) in [
            (&alice.identity, Standing::Revoked),
            (&older.identity, Standing::Revoked),
            (&younger.identity, Standing::Good),
            (&timeless, Standing::Revoked),
            (&bob.identity, Standing::Good),
        ] {
            assert_eq!(accounts.standing(who).await.unwrap(), expected);
        }
        // An entry whose time is over counts no more, and of two the stricter one does.
        let sql = "UPDATE app.revocations SET keep_until = now() WHERE user_id = {user}";
        alice.suffers(&admin, sql).await;
        let replicas = [accounts, start(&database)];
        becomes(&replicas, &older, Standing::Good, "the entry has ended").await;
        for ago in ["30 days", "100 seconds", "1 hour"] {
            let sql = format!(
                "INSERT INTO app.revocations (kind, user_id, not_before)
                 VALUES ('user', {{user}}, now() - interval '{ago}')"
            );
            alice.suffers(&admin, &sql).await;
        }
        becomes(&replicas, &older, Standing::Revoked, "100 s ago").await;
        becomes(&replicas, &alice, Standing::Good, "a minute ago").await;
    }
}

/// `iat` has whole seconds: what was minted in the second of the moment may be from before it.
#[tokio::test]
async fn a_token_of_the_very_second_of_the_moment_is_refused_to_be_on_the_safe_side() {
    let database = TestDatabase::new().await;
    let accounts = start(&database);
    let admin = database.admin().await;
    for (moment, expected) in [(0, Standing::Good), (1, Standing::Revoked)] {
        let alice = Person::with(Uuid::new_v4(), "hers", 60);
        let minted = alice.identity.issued_at().unwrap().as_millis() + moment;
        let sql = format!(
            "INSERT INTO app.revocations (kind, user_id, not_before)
             VALUES ('user', {{user}}, to_timestamp({minted}::numeric / 1000))"
        );
        alice.suffers(&admin, &sql).await;
        assert_eq!(standing(&accounts, &alice).await, expected, "{moment} ms");
    }
}

#[tokio::test]
async fn what_is_revoked_of_one_user_does_not_touch_another_with_the_same_ids() {
    let database = TestDatabase::new().await;
    let accounts = start(&database);
    let admin = database.admin().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let token_of = |user: Uuid| {
        let token = TokenBuilder::for_user(user)
            .session("same")
            .claim("jti", "same");
        identity_from(&token)
    };
    let sql = format!(
        "INSERT INTO app.revocations (kind, user_id, session_id, token_id) VALUES
         ('session', '{alice}', 'same', NULL), ('token', '{alice}', NULL, 'same')"
    );
    admin.batch_execute(&sql).await.unwrap();
    let of_alice = accounts.standing(&token_of(alice)).await.unwrap();
    let of_bob = accounts.standing(&token_of(bob)).await.unwrap();
    assert_eq!((of_alice, of_bob), (Standing::Revoked, Standing::Good));
}

#[tokio::test]
async fn sessions_that_are_kept_elsewhere_are_not_looked_for() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    let elsewhere = Person::with(alice.user, "in redis", 60);

    let mut settings = AccountsSettings::default();
    settings.sessions = SessionCheck::Off;
    let accounts = PgAccounts::start(database.user_db(), settings);
    assert_eq!(standing(&accounts, &elsewhere).await, Standing::Good);
    assert_eq!(accounts.status().sessions, Check::Off);
    let ban = r#"UPDATE auth."user" SET banned = true WHERE uuid = {user}"#;
    bob.suffers(&admin, ban).await;
    assert_eq!(standing(&accounts, &bob).await, Standing::Banned);

    // And by themselves where there is no such table.
    admin
        .batch_execute("DROP TABLE auth.session")
        .await
        .unwrap();
    let accounts = start(&database);
    assert_eq!(standing(&accounts, &elsewhere).await, Standing::Good);
    assert_eq!(standing(&accounts, &bob).await, Standing::Banned);
    assert_eq!(accounts.status().sessions, Check::Absent);
}

#[tokio::test]
async fn what_may_not_be_read_is_told_and_the_rest_is_still_checked() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let replicas = [start(&database), start(&database)];
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    for who in [&alice, &bob] {
        stays(&replicas, who, Standing::Good, "all is well").await;
    }

    // Under the statements of a server that is running.
    let sql = r#"REVOKE SELECT (banned) ON auth."user" FROM tasks_api"#;
    admin.batch_execute(sql).await.unwrap();
    for replica in &replicas {
        eventually("it is noticed", async || {
            let _ = replica.standing(&bob.identity).await;
            replica.status().bans == Check::NotPermitted
        })
        .await;
        let status = replica.status();
        let checks = (status.linked, status.users, status.sessions);
        assert_eq!(checks, (Some(true), Check::Done, Check::Done));
    }
    let sign_out = "DELETE FROM auth.session WHERE id = {session}";
    alice.suffers(&admin, sign_out).await;
    becomes(&replicas, &alice, Standing::SignedOut, "sessions").await;
    stays(&replicas, &bob, Standing::Good, "sessions").await;

    // Nothing at all: the foreign key still tells who is gone.
    let sql = "REVOKE USAGE ON SCHEMA auth FROM tasks_api; SELECT pg_notify('drawbridge_accounts', 'moved')";
    admin.batch_execute(sql).await.unwrap();
    for replica in &replicas {
        eventually("it is noticed", async || {
            let _ = replica.standing(&bob.identity).await;
            replica.status().users == Check::NotPermitted
        })
        .await;
    }
    becomes(&replicas, &alice, Standing::Good, "her session is not seen").await;
    let delete = r#"DELETE FROM auth."user" WHERE uuid = {user}"#;
    alice.suffers(&admin, delete).await;
    becomes(&replicas, &alice, Standing::Unknown, "the user").await;
    becomes(&replicas, &bob, Standing::Good, "the user").await;
}

/// Rows that Better Auth's own policies hide would look like users who are gone.
#[tokio::test]
async fn tables_with_row_level_security_of_their_own_count_as_not_readable() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let hide = r#"ALTER TABLE auth."user" ENABLE ROW LEVEL SECURITY"#;
    admin.batch_execute(hide).await.unwrap();
    let accounts = start(&database);
    let alice = Person::of(&database).await;
    assert_eq!(standing(&accounts, &alice).await, Standing::Good);
    assert_eq!(accounts.status().users, Check::NotPermitted);
    let stranger = Person::with(Uuid::new_v4(), "none", 60);
    assert_eq!(standing(&accounts, &stranger).await, Standing::Unknown);
}

#[tokio::test]
async fn ids_that_are_uuids_are_compared_as_such() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let sql = "ALTER TABLE auth.session ALTER COLUMN id TYPE uuid USING id::uuid";
    admin.batch_execute(sql).await.unwrap();
    let accounts = start(&database);
    let email = "alice@example.com";
    let user = database.sign_up(email).await;
    let session = Uuid::new_v4();
    let sql = format!(
        r#"INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt")
           SELECT '{session}', 't', id, now() + interval '1 day', now() FROM auth."user" WHERE uuid = '{user}'"#
    );
    admin.batch_execute(&sql).await.unwrap();
    for (session, expected) in [
        (session.to_string(), Standing::Good),
        (session.to_string().to_uppercase(), Standing::Good),
        (Uuid::new_v4().to_string(), Standing::SignedOut),
        ("no uuid".to_owned(), Standing::SignedOut),
    ] {
        let who = Person::with(user, &session, 60);
        assert_eq!(standing(&accounts, &who).await, expected, "{session}");
    }
}

#[tokio::test]
async fn somebody_who_is_refused_leaves_no_trace_in_the_database() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let accounts = start(&database);
    let (alice, bob) = (Person::of(&database).await, Person::of(&database).await);
    let ban = r#"UPDATE auth."user" SET banned = true WHERE uuid = {user}"#;
    alice.suffers(&admin, ban).await;
    assert_eq!(standing(&accounts, &alice).await, Standing::Banned);
    assert_eq!(standing(&accounts, &bob).await, Standing::Good);
    let anchors = admin.query("SELECT user_id FROM app.users", &[]).await;
    let anchors: Vec<Uuid> = anchors.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(anchors, [bob.user]);
    // Unbanned, she needs no second attempt to be able to write.
    let unban = r#"UPDATE auth."user" SET banned = false WHERE uuid = {user}"#;
    alice.suffers(&admin, unban).await;
    eventually("she is back", async || {
        standing(&accounts, &alice).await == Standing::Good
    })
    .await;
    let anchors = admin.query("SELECT user_id FROM app.users", &[]).await;
    assert_eq!(anchors.unwrap().len(), 2);
}

#[tokio::test]
async fn its_connections_go_with_it_and_with_the_pool() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let admin = database.admin().await;
    let left = async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let left: i64 = admin.query_one(sql, &[]).await.unwrap().get(0);
        left
    };
    let alice = Person::of(&database).await;
    for closes in [true, false] {
        let db = database.user_db();
        let accounts = PgAccounts::start(db.clone(), AccountsSettings::default());
        assert_eq!(standing(&accounts, &alice).await, Standing::Good);
        eventually("it listens", async || accounts.status().listening).await;
        if closes {
            db.close();
            eventually("the pool's are gone", async || left().await == 0).await;
            drop(accounts);
        } else {
            drop(db);
            drop(accounts);
            eventually("all are gone", async || left().await == 0).await;
        }
    }
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
