use auth_testkit::{TokenBuilder, identity_from};
use futures_util::{FutureExt, StreamExt, future::join_all, stream::FuturesUnordered};
use test_kit::{Contents, TestDatabase};
use uuid::Uuid;

use super::{poll::Columns, *};
use crate::PoolSettings;

struct Crowd {
    register: Register,
    database: TestDatabase,
    ids: Vec<(Uuid, String, String)>,
}

impl Crowd {
    /// So many users with a session each, all taken for good a moment ago.
    async fn of(many: u128) -> Self {
        let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
        let settings = PoolSettings::new(&database.url()).unwrap();
        let db = UserDb::connect(&settings).unwrap();
        let sql = format!(
            r#"INSERT INTO auth."user" (id, name, email, "emailVerified", uuid)
               SELECT 'u' || n, 'n', 'u' || n, true, lpad(to_hex(n), 32, '0')::uuid FROM generate_series(1, {many}) n;
               INSERT INTO auth.session (id, token, "userId", "expiresAt", "updatedAt")
               SELECT 's' || n, 't' || n, 'u' || n, now() + interval '1 day', now() FROM generate_series(1, {many}) n;
               ANALYZE"#
        );
        database.admin().await.batch_execute(&sql).await.unwrap();
        let id = |n: u128| (Uuid::from_u128(n), format!("s{n}"), format!("j{n}"));
        Self {
            register: Register::new(db, AccountsSettings::default()),
            database,
            ids: (1..=many).map(id).collect(),
        }
    }

    fn principal(&self, place: usize) -> Principal<'_> {
        let (user_id, session_id, token_id) = &self.ids[place];
        Principal {
            user_id: *user_id,
            session_id: Some(session_id),
            token_id: Some(token_id),
            issued_at: Some(auth_core::UnixTime::from_secs(1_790_000_000)),
        }
    }

    fn identity(&self, place: usize) -> Identity {
        let (user_id, session_id, token_id) = &self.ids[place];
        let token = TokenBuilder::for_user(*user_id)
            .session(session_id.as_str())
            .claim("jti", token_id.as_str());
        identity_from(&token)
    }

    /// By what is left of their number after division by seven: see [`fate`].
    async fn meet_their_fates(&self) {
        let fates = r#"
            DELETE FROM auth."user" WHERE substr(id, 2)::int % 7 = 1;
            UPDATE auth."user" SET banned = true WHERE substr(id, 2)::int % 7 = 2;
            DELETE FROM auth.session WHERE substr(id, 2)::int % 7 = 3;
            UPDATE auth.session SET "userId" = 'u' || substr(id, 2)::int + 2 WHERE substr(id, 2)::int % 7 = 4;
            INSERT INTO app.revocations (kind, user_id, not_before)
              SELECT 'user', uuid, now() + interval '1 minute' FROM auth."user" WHERE substr(id, 2)::int % 7 = 5;
            INSERT INTO app.revocations (kind, token_id)
              SELECT 'token', 'j' || substr(id, 2) FROM auth."user" WHERE substr(id, 2)::int % 7 = 6"#;
        let admin = self.database.admin().await;
        admin.batch_execute(fates).await.unwrap();
    }

    fn all_good(&self) {
        let now = Instant::now();
        for place in 0..self.ids.len() {
            let who = self.principal(place);
            self.register.memory.learn(&who, now, Standing::Good);
        }
    }
}

/// The standing of the one in this place, once they have met their fates.
fn fate(place: usize) -> Standing {
    match (place + 1) % 7 {
        0 => Standing::Good,
        1 => Standing::Unknown,
        2 => Standing::Banned,
        3 | 4 => Standing::SignedOut,
        _ => Standing::Revoked,
    }
}

/// Who comes back after a while, in a crowd.
#[tokio::test]
async fn each_of_many_who_are_asked_for_together_gets_their_own_standing() {
    let crowd = Crowd::of(210).await;
    let register = &crowd.register;
    let identities: Vec<_> = (0..210).map(|place| crowd.identity(place)).collect();
    let ask_all = async || {
        let answers = identities.iter().map(|who| register.ask(who));
        join_all(answers).await.into_iter().map(Result::unwrap)
    };
    // Known from now on, with their anchors.
    assert!(ask_all().await.all(|found| found == Standing::Good));
    crowd.meet_their_fates().await;

    // Whoever wants to see an anchor waits now.
    let mut admin = crowd.database.admin().await;
    let lock = admin.transaction().await.unwrap();
    let sql = "LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE";
    lock.batch_execute(sql).await.unwrap();
    let mut answers: FuturesUnordered<_> = (0..210)
        .map(|place| {
            register
                .ask(&identities[place])
                .map(move |found| (place, found))
        })
        .collect();
    for _ in 0..208 {
        let answer = tokio::time::timeout(Duration::from_secs(30), answers.next()).await;
        let (place, found) = answer.unwrap().unwrap();
        assert_eq!(found.unwrap(), fate(place), "{place}");
    }
    lock.rollback().await.unwrap();
    while let Some((place, found)) = answers.next().await {
        assert_eq!(found.unwrap(), fate(place), "{place}");
    }
}

#[tokio::test]
async fn each_of_thousands_in_a_poll_gets_their_own_standing() {
    let crowd = Crowd::of(3500).await;
    crowd.meet_their_fates().await;

    crowd.all_good();
    assert_eq!(crowd.register.poll().await.unwrap(), all_of(3500));
    for place in 0..crowd.ids.len() {
        let expected = fate(place);
        let found = crowd
            .register
            .memory
            .standing(&crowd.principal(place), Instant::now());
        // What was found a while ago on a slow machine may count no more, and is never another's.
        assert!(
            found.is_none_or(|found| found == expected),
            "{place}: {found:?}"
        );
    }
    assert_eq!(crowd.register.poll().await.unwrap(), all_of(500));
}

fn all_of(asked: usize) -> Polled {
    Polled { asked, left: 0 }
}

/// Each of them is asked for at last, however slow the database is.
#[tokio::test]
async fn a_poll_that_there_is_no_time_for_gets_on_with_the_rest_the_next_time() {
    let crowd = Crowd::of(3500).await;
    let slow = Reach {
        ask_many: Some(
            "SELECT repeat('R', cardinality($1::uuid[]))
               FROM (SELECT pg_sleep(0.35), $2::text[], $3::text[], $4::float8[]) slow"
                .to_owned(),
        ),
        ..(*crowd.register.probe().await.unwrap()).clone()
    };
    *crowd.register.reach.write().unwrap() = Some(Arc::new(slow));
    crowd.all_good();
    let mut left = 3500;
    for round in 0..20 {
        // A machine that is busy otherwise may have none of them done in time, and then that is an error.
        if let Ok(polled) = crowd.register.poll().await {
            assert_eq!(polled.asked + polled.left, left);
            assert!(round > 0 || polled.left > 0, "{polled:?}");
            left = polled.left;
        }
        if left == 0 {
            return;
        }
    }
    panic!("{left} are never asked for");
}

#[test]
fn polls_fail_when_one_has_or_when_none_has_been_good_for_long() {
    let start = Instant::now();
    let polls = Polls::new(start);
    let at = |secs| start + Duration::from_secs(secs);
    assert!(!polls.failing_at(at(2)));
    assert!(polls.failing_at(at(4)), "there should have been one");
    assert!(!polls.went_well(at(5)), "no news");
    assert!(!polls.failing_at(at(7)));
    assert!(polls.failing_at(at(9)));
    assert!(!polls.went_well(at(9)));
    assert!(polls.failed() && !polls.failed());
    assert!(polls.failing_at(at(9)));
    assert!(polls.went_well(at(10)), "news");
    assert!(!polls.failing_at(at(10)));
}

/// Who calls an endpoint that revokes again and again must not slow everybody's poll.
#[tokio::test]
async fn how_many_entries_one_user_has_made_costs_the_others_nothing() {
    let crowd = Crowd::of(200).await;
    let (alice, ..) = crowd.ids[0];
    // Of her own tokens, some of them over, and about everybody's session and token as far as they are hers.
    let sql = format!(
        "INSERT INTO app.revocations (kind, user_id, not_before, keep_until)
           SELECT 'user', '{alice}', to_timestamp(1790000000 - n), CASE WHEN n % 2 = 0 THEN now() ELSE now() + interval '1 day' END
             FROM generate_series(1, 20000) n;
         INSERT INTO app.revocations (kind, user_id, session_id)
           SELECT 'session', '{alice}', 's' || 2 + n % 4 FROM generate_series(1, 20000) n;
         INSERT INTO app.revocations (kind, user_id, token_id)
           SELECT 'token', '{alice}', 'j' || 2 + n % 4 FROM generate_series(1, 20000) n;
         ANALYZE app.revocations"
    );
    crowd
        .database
        .admin()
        .await
        .batch_execute(&sql)
        .await
        .unwrap();
    crowd.all_good();
    let active = crowd.register.memory.active(Instant::now());
    let columns = Columns::of(&active);
    let reach = crowd.register.probe().await.unwrap();
    let explain = format!(
        "EXPLAIN (ANALYZE, BUFFERS) {}",
        reach.ask_many.as_ref().unwrap()
    );
    let plan = crowd.register.db.as_role(async |client| {
        // The second time, when the catalog has been read.
        client.query_typed(&explain, &columns.params()).await?;
        client.query_typed(&explain, &columns.params()).await
    });
    let plan: Vec<String> = plan.await.unwrap().iter().map(|row| row.get(0)).collect();
    let pages: usize = plan
        .iter()
        .find_map(|line| line.trim().strip_prefix("Buffers: shared hit="))
        .and_then(|hit| hit.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{plan:#?}"));
    assert!(
        pages < 40 * active.len(),
        "{pages} pages for {}: {plan:#?}",
        active.len()
    );

    crowd.register.poll().await.unwrap();
    let good = crowd.register.memory.active(Instant::now());
    assert_eq!(good.len(), active.len(), "nothing of that concerns anybody");
}

#[tokio::test]
#[ignore = "a measurement: cargo test --release -p auth-pg a_poll_costs -- --ignored --nocapture"]
async fn what_a_poll_costs_when_ten_thousand_are_active() {
    let crowd = Crowd::of(10_000).await;
    crowd.all_good();
    for round in 0..12 {
        if round == 6 {
            let sql = "INSERT INTO app.revocations (kind, user_id, not_before)
                         SELECT 'user', gen_random_uuid(), now() FROM generate_series(1, 10000);
                       INSERT INTO app.revocations (kind, session_id)
                         SELECT 'session', gen_random_uuid()::text FROM generate_series(1, 10000);
                       INSERT INTO app.revocations (kind, user_id, token_id)
                         SELECT 'token', gen_random_uuid(), gen_random_uuid()::text FROM generate_series(1, 10000);
                       ANALYZE";
            crowd
                .database
                .admin()
                .await
                .batch_execute(sql)
                .await
                .unwrap();
            eprintln!("30,000 revocations");
        }
        let began = Instant::now();
        let asked = crowd.register.poll().await.unwrap();
        eprintln!("round {round}: {asked:?} in {:?}", began.elapsed());
        for place in 0..crowd.ids.len() {
            let who = crowd.principal(place);
            let _ = crowd.register.memory.standing(&who, Instant::now());
        }
    }
}

#[test]
fn an_answer_with_a_letter_that_means_nothing_is_no_answer() {
    let all = [
        Standing::Good,
        Standing::Unknown,
        Standing::Banned,
        Standing::SignedOut,
        Standing::Revoked,
    ];
    assert_eq!(read_letters("GUBSR"), Some(all.to_vec()));
    for letters in ["g", "G ", "GX", "Gé"] {
        assert_eq!(read_letters(letters), None, "{letters}");
    }
}
