//! Who may revoke what, and what is told when it cannot be.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::{Duration, SystemTime};

use auth_core::{Accounts, Identity, Standing, UnixTime};
use auth_pg::{
    AccountsSettings, PgAccounts, Revocation, Revocations, RevokeError, RevokeOwnError, Revoker,
    StoreError,
};
use auth_testkit::{TokenBuilder, identity_from};
use jiff::Timestamp;
use test_kit::{Contents, TestDatabase};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

/// A token of a session, minted a minute ago.
fn token_of(user: Uuid, session: &str, token: &str) -> Identity {
    let minted = UnixTime::from(SystemTime::now()) - Duration::from_secs(60);
    let builder = TokenBuilder::for_user(user)
        .session(session)
        .claim("jti", token)
        .claim("iat", minted.as_secs());
    identity_from(&builder)
}

fn everything_of(user_id: Uuid) -> Revocation {
    Revocation::User {
        user_id,
        not_before: None,
    }
}

fn session(id: &str) -> Revocation {
    Revocation::Session {
        session_id: id.to_owned(),
    }
}

fn token(id: &str) -> Revocation {
    Revocation::Token {
        token_id: id.to_owned(),
    }
}

async fn standings<const N: usize>(
    database: &TestDatabase,
    tokens: [&Identity; N],
) -> [Standing; N] {
    // With no memory of before.
    let accounts = PgAccounts::start(database.user_db(), AccountsSettings::default());
    let mut found = [Standing::Unknown; N];
    for (found, token) in found.iter_mut().zip(tokens) {
        *found = accounts.standing(token).await.unwrap();
    }
    found
}

use Standing::{Good, Revoked};

#[tokio::test]
async fn users_sign_themselves_out_and_nobody_else() {
    let database = TestDatabase::new().await;
    let own = Revocations::new(database.user_db());
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let phone = token_of(alice, "phone", "1");
    let laptop = token_of(alice, "laptop", "2");
    let bobs = token_of(bob, "bobs", "3");
    let all = [&phone, &laptop, &bobs];

    // What she writes of his is about nobody.
    own.add(&phone, &session("bobs")).await.unwrap();
    own.add(&phone, &token("3")).await.unwrap();
    let refused = own.add(&phone, &everything_of(bob)).await.unwrap_err();
    assert!(matches!(refused, RevokeOwnError::OfAnother), "{refused:?}");
    assert_eq!(standings(&database, all).await, [Good, Good, Good]);

    own.add(&laptop, &session("phone")).await.unwrap();
    assert_eq!(standings(&database, all).await, [Revoked, Good, Good]);
    own.add(&laptop, &everything_of(alice)).await.unwrap();
    assert_eq!(standings(&database, all).await, [Revoked, Revoked, Good]);
    own.add(&bobs, &token("3")).await.unwrap();
    assert_eq!(standings(&database, all).await, [Revoked, Revoked, Revoked]);

    for id in [String::new(), "x".repeat(1025)] {
        let refused = own.add(&phone, &session(&id)).await.unwrap_err();
        assert!(
            matches!(
                refused,
                RevokeOwnError::Store(StoreError::Constraint { .. })
            ),
            "{refused:?}"
        );
    }
    let refused = own.add(&phone, &session("a\0b")).await.unwrap_err();
    assert!(
        matches!(refused, RevokeOwnError::Store(StoreError::Value(_))),
        "{refused:?}"
    );
}

/// Else whoever has stolen a token could lock its owner out for a month.
#[tokio::test]
async fn users_revoke_what_was_minted_and_not_what_is_still_to_be() {
    let database = TestDatabase::new().await;
    let own = Revocations::new(database.user_db());
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let (hers, his) = (token_of(alice, "hers", "1"), token_of(bob, "his", "2"));
    let before = |not_before| Revocation::User {
        user_id: alice,
        not_before: Some(not_before),
    };
    let now = Timestamp::now();
    for ahead in [300, 86_400, 10_000_000_000] {
        let later = before(now + Duration::from_secs(ahead));
        let refused = own.add(&hers, &later).await.unwrap_err();
        assert!(matches!(refused, RevokeOwnError::Ahead), "{refused:?}");
    }
    assert_eq!(standings(&database, [&hers, &his]).await, [Good, Good]);
    // The database's own wall, for whoever gets past that.
    let admin = database.admin().await;
    let sql = format!(
        "SET ROLE tasks_api; SET app.user_id = '{alice}';
         INSERT INTO app.revocations (kind, user_id, not_before) VALUES ('user', '{alice}', now() + interval '5 minutes')"
    );
    let refused = admin.batch_execute(&sql).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE));

    own.add(&hers, &before(now - Duration::from_secs(10)))
        .await
        .unwrap();
    assert_eq!(standings(&database, [&hers, &his]).await, [Revoked, Good]);
}

#[tokio::test]
async fn a_session_is_refused_for_good_whoever_revokes_it_and_all_else_for_thirty_days() {
    let database = TestDatabase::new().await;
    let admin = database.admin().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let revoker = Revoker::connect(&database.url()).await.unwrap();
    let in_days = |entry: &auth_pg::Revoked| {
        let end = entry.keep_until?.as_second();
        Some((end - Timestamp::now().as_second() + 60) / (60 * 60 * 24))
    };
    let (one, day) = ("one", Some(Duration::from_secs(60 * 60 * 24)));
    for (what, keep, days) in [
        (session(one), None, None),
        (session("two"), day, Some(1)),
        (token(one), None, Some(30)),
        (token("two"), day, Some(1)),
        (everything_of(bob), None, Some(30)),
    ] {
        let entry = revoker.add(&what, None, keep).await.unwrap();
        assert_eq!(in_days(&entry), days, "{what:?}");
    }
    // By users, and by hand.
    let own = Revocations::new(database.user_db());
    let hers = token_of(alice, "hers", "1");
    own.add(&hers, &session("three")).await.unwrap();
    own.add(&hers, &token("three")).await.unwrap();
    let insert = "INSERT INTO app.revocations (kind, session_id, token_id) VALUES
                  ('session', 'four', NULL), ('token', NULL, 'four')";
    admin.batch_execute(insert).await.unwrap();

    let sql = "SELECT kind, coalesce(session_id, token_id) FROM app.revocations
                WHERE keep_until > now() + interval '40 years' ORDER BY id";
    let for_good = admin.query(sql, &[]).await.unwrap();
    let for_good: Vec<(String, String)> = for_good
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let session = |id: &str| ("session".to_owned(), id.to_owned());
    let by_hand = ("token".to_owned(), "four".to_owned());
    assert_eq!(
        for_good,
        [session("one"), session("three"), session("four"), by_hand],
        "an entry that says no end has none"
    );

    // A year later.
    let sql = "UPDATE app.revocations SET at = at - interval '1 year', keep_until = keep_until - interval '1 year'";
    admin.batch_execute(sql).await.unwrap();
    assert_eq!(revoker.prune().await.unwrap(), 5);
    let tokens = [
        &token_of(bob, "one", "9"),
        &token_of(alice, "three", "9"),
        &token_of(alice, "two", "two"),
        &token_of(bob, "three", "9"),
    ];
    assert_eq!(
        standings(&database, tokens).await,
        [Revoked, Revoked, Good, Good]
    );
}

#[tokio::test]
async fn the_apis_role_adds_entries_about_the_user_whose_request_it_is_and_changes_none() {
    let database = TestDatabase::new().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let own = Revocations::new(database.user_db());
    own.add(&token_of(alice, "s", "t"), &session("s"))
        .await
        .unwrap();
    let admin = database.admin().await;
    let begin = format!("SET ROLE tasks_api; SET app.user_id = '{alice}'");
    admin.batch_execute(&begin).await.unwrap();
    let insert = "INSERT INTO app.revocations";
    for sql in [
        "UPDATE app.revocations SET keep_until = now()".to_owned(),
        "DELETE FROM app.revocations".to_owned(),
        "TRUNCATE app.revocations".to_owned(),
        "SELECT reason FROM app.revocations".to_owned(),
        format!("{insert} (kind, session_id) VALUES ('session', 's')"),
        format!("{insert} (kind, user_id, session_id) VALUES ('session', '{bob}', 's')"),
        format!("{insert} (kind, user_id, not_before) VALUES ('user', '{bob}', now())"),
        format!(
            "{insert} (kind, user_id, token_id, keep_until) VALUES ('token', '{alice}', 't', now() + interval '32 days')"
        ),
    ] {
        let refused = admin.batch_execute(&sql).await.unwrap_err();
        let state = refused.code().cloned();
        assert_eq!(state, Some(SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
    let read =
        "SELECT kind, user_id, session_id, token_id, not_before, keep_until FROM app.revocations";
    assert_eq!(admin.query(read, &[]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_entry_says_one_thing() {
    let database = TestDatabase::new().await;
    let admin = database.admin().await;
    for values in [
        "'user', NULL, NULL, NULL, now()",
        "'user', gen_random_uuid(), NULL, NULL, NULL",
        "'user', gen_random_uuid(), NULL, NULL, 'infinity'",
        "'user', gen_random_uuid(), 's', NULL, now()",
        "'session', NULL, NULL, NULL, NULL",
        "'session', NULL, 's', 't', NULL",
        "'session', NULL, 's', NULL, now()",
        "'token', NULL, NULL, NULL, NULL",
        "'token', NULL, 's', 't', NULL",
        "'everybody', NULL, NULL, NULL, now()",
    ] {
        let sql = format!(
            "INSERT INTO app.revocations (kind, user_id, session_id, token_id, not_before) VALUES ({values})"
        );
        let refused = admin.batch_execute(&sql).await.unwrap_err();
        let state = refused.code().cloned();
        assert_eq!(state, Some(SqlState::CHECK_VIOLATION), "{values}");
    }
}

#[tokio::test]
async fn an_operator_revokes_anybodys_and_deletes_what_is_over() {
    for contents in [Contents::Schema, Contents::SchemaAndBetterAuth] {
        let database = TestDatabase::with(contents).await;
        let (alice, bob) = match contents {
            Contents::Schema => (Uuid::new_v4(), Uuid::new_v4()),
            _ => (
                database.sign_up("alice@example.com").await,
                database.sign_up("bob@example.com").await,
            ),
        };
        let sessions = match contents {
            Contents::Schema => ["one", "two"].map(str::to_owned),
            _ => [database.sign_in(alice).await, database.sign_in(alice).await],
        };
        let his = match contents {
            Contents::Schema => "his".to_owned(),
            _ => database.sign_in(bob).await,
        };
        let first = token_of(alice, &sessions[0], "1");
        let second = token_of(alice, &sessions[1], "2");
        let third = token_of(alice, &sessions[1], "3");
        let bobs = token_of(bob, &his, "4");
        let all = [&first, &second, &third, &bobs];
        let revoker = Revoker::connect(&database.url()).await.unwrap();
        assert_eq!(standings(&database, all).await, [Good, Good, Good, Good]);

        let entry = revoker
            .add(&session(&sessions[0]), Some("a lost phone"), None)
            .await
            .unwrap();
        assert_eq!(entry.not_before, None);
        assert_eq!(entry.keep_until, None);
        revoker
            .add(&token("2"), None, Some(Duration::from_secs(60)))
            .await
            .unwrap();
        assert_eq!(
            standings(&database, all).await,
            [Revoked, Revoked, Good, Good]
        );
        assert_eq!(revoker.prune().await.unwrap(), 0);

        // Two minutes ago her tokens were not there yet; now they are.
        let before = Revocation::User {
            user_id: alice,
            not_before: Some(Timestamp::now() - Duration::from_secs(120)),
        };
        revoker.add(&before, None, None).await.unwrap();
        assert_eq!(
            standings(&database, all).await,
            [Revoked, Revoked, Good, Good]
        );
        let entry = revoker
            .add(
                &everything_of(alice),
                None,
                Some(Duration::from_millis(300)),
            )
            .await
            .unwrap();
        assert!(entry.not_before.is_some());
        tokio::time::sleep(Duration::from_millis(350)).await;
        assert_eq!(revoker.prune().await.unwrap(), 1);
        assert_eq!(
            standings(&database, all).await,
            [Revoked, Revoked, Good, Good]
        );
        revoker
            .add(&everything_of(alice), None, None)
            .await
            .unwrap();
        assert_eq!(
            standings(&database, all).await,
            [Revoked, Revoked, Revoked, Good]
        );
    }
}

#[tokio::test]
async fn a_member_of_the_owner_may_revoke_and_the_apis_own_login_may_not() {
    let database = TestDatabase::new().await;
    let admin = database.admin().await;
    let url = database.url();
    let (_, place) = url.split_once('@').unwrap();
    for (group, may) in [("tasks_owner", true), ("tasks_api", false)] {
        let role = format!("operator_{}", Uuid::new_v4().simple());
        let make = format!("CREATE ROLE {role} LOGIN PASSWORD 'p' IN ROLE {group}");
        admin.batch_execute(&make).await.unwrap();
        let revoker = Revoker::connect(&format!("postgres://{role}:p@{place}"))
            .await
            .unwrap();
        let made = revoker.add(&session("s"), None, None).await;
        let pruned = revoker.prune().await;
        if may {
            assert!(made.is_ok() && pruned.is_ok(), "{made:?} {pruned:?}");
        } else {
            assert!(matches!(made, Err(RevokeError::NotPermitted)), "{made:?}");
            assert!(matches!(pruned, Err(RevokeError::NotPermitted)));
        }
        drop(revoker);
        let away = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = $1";
        admin.query_one(away, &[&role]).await.unwrap();
        let away = format!("DROP ROLE {role}");
        admin.batch_execute(&away).await.unwrap();
    }
}

#[tokio::test]
async fn what_keeps_an_operator_from_revoking_is_named() {
    let empty = TestDatabase::with(Contents::Nothing).await;
    let revoker = Revoker::connect(&empty.url()).await.unwrap();
    let error = revoker.add(&session("s"), None, None).await;
    assert!(matches!(error, Err(RevokeError::NotMigrated)), "{error:?}");

    let (server, _) = empty
        .url()
        .rsplit_once('/')
        .map(|(s, d)| (s.to_owned(), d.to_owned()))
        .unwrap();
    let error = Revoker::connect(&format!("{server}/no_such")).await;
    assert!(matches!(error, Err(RevokeError::NoDatabase(name)) if name == "no_such"));
    let error = Revoker::connect("postgres://u:hunter2@127.0.0.1:1/db").await;
    let error = error.unwrap_err();
    assert!(matches!(error, RevokeError::Connect(_)), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("hunter2"));
    let error = Revoker::connect("mysql://hunter2@h/db").await.unwrap_err();
    assert!(matches!(error, RevokeError::Url(_)), "{error:?}");

    let database = TestDatabase::new().await;
    let revoker = Revoker::connect(&database.url()).await.unwrap();
    let long = "x".repeat(1025);
    let wordy = "x".repeat(501);
    for (what, reason) in [
        (session(""), None),
        (session(&long), None),
        (session("a\0b"), None),
        (token(&long), None),
        (token("t"), Some("")),
        (token("t"), Some(wordy.as_str())),
    ] {
        let error = revoker.add(&what, reason, None).await;
        assert!(matches!(error, Err(RevokeError::Unstorable)), "{error:?}");
    }
    // None of that has broken its connection.
    revoker.add(&token("t"), Some("why"), None).await.unwrap();
}
