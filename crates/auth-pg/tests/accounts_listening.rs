//! Who counts as listening: whoever hears something.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::time::{Duration, Instant};

use auth_core::{Accounts, Standing};
use auth_pg::{AccountsSettings, Check, PgAccounts, PoolSettings, UserDb};
use auth_testkit::identity_of;
use test_kit::{Contents, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    time::sleep,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// Like a pooler in transaction mode: takes every statement, `LISTEN` as well, and passes no notification on. Gives its port.
async fn deaf_pooler(server: (String, u16)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(server.clone()).await.unwrap();
            tokio::spawn(relay(client, server));
        }
    });
    port
}

async fn relay(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asks = async {
        let _ = copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
    };
    let answers = async {
        // A kind, four bytes of length that count themselves, and the rest.
        let mut head = [0; 5];
        while from_server.read_exact(&mut head).await.is_ok() {
            let [kind, length @ ..] = head;
            let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
            if from_server.read_exact(&mut body).await.is_err() {
                return;
            }
            let passes = kind != b'A';
            if passes
                && to_client
                    .write_all(&[&head, &body[..]].concat())
                    .await
                    .is_err()
            {
                return;
            }
        }
    };
    tokio::select! { () = asks => {}, () = answers => {} }
}

#[tokio::test]
async fn behind_a_pooler_that_passes_no_notification_on_it_does_not_count_as_listening() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let config: tokio_postgres::Config = database.url().parse().unwrap();
    let host = match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Tcp(host) => host.clone(),
        other => panic!("{other:?}"),
    };
    let port = deaf_pooler((host.clone(), config.get_ports()[0])).await;
    let user = config.get_user().unwrap();
    let password = String::from_utf8(config.get_password().unwrap_or_default().to_vec()).unwrap();
    let name = config.get_dbname().unwrap();
    let url = format!("postgres://{user}:{password}@127.0.0.1:{port}/{name}?sslmode=disable");
    let mut settings = PoolSettings::new(&url).unwrap();
    settings.max_connections = 4;
    settings.connect_timeout = Duration::from_secs(1);
    let deaf = PgAccounts::start(
        UserDb::connect(&settings).unwrap(),
        AccountsSettings::default(),
    );
    let hearing = PgAccounts::start(database.user_db(), AccountsSettings::default());

    let admin = database.admin().await;
    let tries = async || {
        let sql = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE 'LISTEN drawbridge%'";
        let tries: i64 = admin.query_one(sql, &[]).await.unwrap().get(0);
        tries
    };
    let since = Instant::now();
    while !hearing.status().listening || tries().await < 2 {
        assert!(since.elapsed() < PATIENCE, "both try");
        sleep(Duration::from_millis(20)).await;
    }
    // Longer than the way there and back, and each works for its users meanwhile.
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(3) {
        assert!(!deaf.status().listening);
        for accounts in [&deaf, &hearing] {
            let user = database
                .sign_up(&format!("{}@x", uuid::Uuid::new_v4()))
                .await;
            let standing = accounts.standing(&identity_of(user)).await;
            assert_eq!(standing.unwrap(), Standing::Good);
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(hearing.status().listening);
}

#[tokio::test]
async fn what_was_moved_while_nobody_listened_is_seen_as_soon_as_somebody_does() {
    let database = TestDatabase::with(Contents::SchemaAndBetterAuth).await;
    let accounts = PgAccounts::start(database.user_db(), AccountsSettings::default());
    until("it listens", || accounts.status().listening).await;
    assert_eq!(accounts.status().sessions, Check::Done);

    let admin = database.admin().await;
    let move_unheard = r#"
        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN drawbridge%';
        ALTER TABLE auth.session RENAME COLUMN "userId" TO user_id"#;
    admin.batch_execute(move_unheard).await.unwrap();
    let seen = || accounts.status().sessions == Check::NotUnderstood;
    until("the other column is seen", seen).await;
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}
