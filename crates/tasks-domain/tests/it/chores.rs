//! What is done without a request: reminders, and what has been in the trash for long. And what is done for good at a user's wish.

use std::time::Duration;

use auth_pg::{ChangeFeed, ChangeFeedSettings, Chores};
use domain_kit::Domain;
use serde_json::json;
use tasks_domain::TasksDomain;
use uuid::Uuid;

use crate::{
    living::Guest,
    support::{Ask, House},
};

/// A server's chores over the database: a replica.
fn replica(house: &House) -> (ChangeFeed, Chores) {
    let db = house.database.user_db();
    let feed = ChangeFeed::new(db.clone(), ChangeFeedSettings::default());
    let chores = Chores::start(&db, &feed, TasksDomain::new(db.clone()).chores());
    (feed, chores)
}

async fn reminders(guest: &Guest) -> Vec<String> {
    let events = guest.events().await;
    let kind = |event: &String| event.strip_prefix("task.reminder ").map(str::to_owned);
    events.iter().filter_map(kind).collect()
}

async fn until_reminders(guest: &Guest, count: usize) -> Vec<String> {
    for _ in 0..600 {
        let found = reminders(guest).await;
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain for {count} reminders");
}

#[actix_web::test]
async fn a_reminder_whose_time_has_come_is_one_event_however_many_servers_there_are_and_restart() {
    let guest = Guest::new().await;
    let past = "2021-03-01T09:00:00Z";
    let mut ids = Vec::new();
    for n in 0..20 {
        let body = json!({"title": format!("{n}"), "reminder_at": past});
        ids.push(guest.make(body).await);
    }
    // Not these.
    guest
        .make(json!({"title": "later", "reminder_at": "2199-03-01T09:00:00Z"}))
        .await;
    let done = guest
        .make(json!({"title": "done", "reminder_at": past}))
        .await;
    guest.complete(&done).await;
    let gone = guest
        .make(json!({"title": "gone", "reminder_at": past}))
        .await;
    guest.ask(Ask::delete(format!("/tasks/{gone}"))).await;

    let replicas: Vec<_> = (0..3).map(|_| replica(&guest.house)).collect();
    let mut found = until_reminders(&guest, 20).await;
    drop(replicas);
    let again = replica(&guest.house);
    // Two rounds at least.
    tokio::time::sleep(Duration::from_millis(3_200)).await;
    assert_eq!(reminders(&guest).await.len(), 20);
    found.sort_by_key(|title| title.parse::<u32>().unwrap());
    assert_eq!(found, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());

    // Another time is another reminder.
    let later = Ask::patch(format!("/tasks/{}", ids[0]))
        .json(&json!({"reminder_at": "2021-03-02T09:00:00Z"}));
    guest.ask(later).await;
    until_reminders(&guest, 21).await;
    drop(again);
    let seqs = "SELECT array_agg(seq ORDER BY seq) = array(SELECT generate_series(1, max(seq))) FROM app.events";
    let row = guest
        .house
        .database
        .admin()
        .await
        .query_one(seqs, &[])
        .await
        .unwrap();
    assert!(row.get::<_, bool>(0), "numbered without gaps");
}

#[actix_web::test]
async fn what_has_been_in_the_trash_for_long_is_purged_and_the_rest_stays() {
    let guest = Guest::new().await;
    let (old, new) = (
        guest.make(json!({"title": "old"})).await,
        guest.make(json!({"title": "new"})).await,
    );
    guest.below(&old, "below").await;
    guest.make(json!({"title": "live"})).await;
    for id in [&old, &new] {
        guest.ask(Ask::delete(format!("/tasks/{id}"))).await;
    }
    let admin = guest.house.database.admin().await;
    let age = "UPDATE app.tasks SET deleted_at = deleted_at - interval '31 days' WHERE title IN ('old', 'below')";
    admin.batch_execute(age).await.unwrap();
    let purge = "SELECT changed_user FROM app.purge_trash(interval '30 days', 100)";
    assert_eq!(admin.query(purge, &[]).await.unwrap().len(), 1);
    assert_eq!(guest.titles("deleted=only").await, ["new"]);
    assert_eq!(guest.titles("").await, ["live"]);
    assert_eq!(admin.query(purge, &[]).await.unwrap().len(), 0);
}

/// Neither what requests are run as nor anybody else can do more with these functions than they do.
#[actix_web::test]
async fn chores_look_into_nobodys_data() {
    let guest = Guest::new().await;
    let admin = guest.house.database.admin().await;
    let sql = "SELECT p.proname, p.prosecdef, r.rolname, has_function_privilege('public', p.oid, 'EXECUTE'),
                      pg_get_function_result(p.oid)
                 FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
                WHERE p.pronamespace = 'app'::regnamespace AND p.prosecdef ORDER BY 1";
    let rows = admin.query(sql, &[]).await.unwrap();
    let found: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.get::<_, String>(2), "tasks_owner");
            assert!(!row.get::<_, bool>(3), "not everybody's");
            (row.get(0), row.get(4))
        })
        .collect();
    let gives_users = "TABLE(changed_user uuid)";
    let expected = [
        (
            "claim_webhooks",
            "TABLE(webhook_user uuid, webhook_id uuid, webhook_url text, webhook_secret bytea, up_to bigint, events text)",
        ),
        ("last_seqs", "TABLE(user_id uuid, last_seq bigint)"),
        ("purge_trash", gives_users),
        ("remind", gives_users),
        ("settle_webhook", "void"),
        ("trim_history", gives_users),
    ];
    assert_eq!(
        found,
        expected.map(|(name, gives)| (name.to_owned(), gives.to_owned()))
    );
}

#[actix_web::test]
async fn whoever_wants_to_be_forgotten_is_with_a_fresh_token_and_nobody_else_is() {
    let house = House::new().await;
    let door = house.door().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let (hers, his) = (house.user_with(alice), house.user_with(bob));
    for user in [&hers, &his] {
        let make = Ask::post("/tasks").json(&json!({"title": "mine", "tags": ["Home"]}));
        door.ask(user, &make.header("idempotency-key", "k")).await;
    }
    let forget = Ask::delete("");
    for (confirm, status) in [
        (None, 400),
        (Some("me".to_owned()), 400),
        (Some(bob.to_string()), 400),
    ] {
        let ask = match confirm {
            Some(confirm) => forget.clone().header("confirm", confirm),
            None => forget.clone(),
        };
        assert_eq!(door.ask(&hers, &ask).await.status, status);
    }
    let confirmed = forget.clone().header("confirm", alice.to_string());
    let lain = crate::support::User {
        token: house
            .issuer
            .mint(alice, |token| token.minted_ago(Duration::from_secs(360))),
    };
    assert_eq!(
        door.ask(&lain, &confirmed).await.refusal(),
        (403, "token_not_fresh")
    );
    let theirs = confirmed.clone().of(bob.to_string());
    assert_eq!(
        door.ask(&hers, &theirs).await.refusal(),
        (403, "user_mismatch")
    );
    assert_eq!(door.ask(&hers, &confirmed).await.status, 204);

    let admin = house.database.admin().await;
    for table in [
        "users",
        "tasks",
        "tags",
        "task_tags",
        "events",
        "idempotency",
    ] {
        let sql = format!(
            "SELECT count(*) FILTER (WHERE user_id = $1), count(*) FILTER (WHERE user_id = $2) FROM app.{table}"
        );
        let row = admin.query_one(&sql, &[&alice, &bob]).await.unwrap();
        let (hers, his): (i64, i64) = (row.get(0), row.get(1));
        assert!(hers == 0 && his > 0, "{table}: {hers} {his}");
    }
}
