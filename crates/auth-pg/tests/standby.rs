//! A standby answers, and what it answers may be of any age.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use auth_core::{Accounts, Identity, Standing};
use auth_pg::{
    AccountsSettings, MigrateOptions, PgAccounts, PoolSettings, StoreError, UserDb, migrate,
};
use auth_testkit::identity_of;
use dev_postgres::{Options, Postgres, Source};
use test_kit::{ADMIN_PLUGIN, BETTER_AUTH_TABLES, migrations};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// A copy of `primary` that goes on recovering for ever and replays nothing.
struct Standby {
    server: Option<Postgres>,
    home: PathBuf,
}

impl Standby {
    async fn of(primary: &Postgres) -> Self {
        let admin = connect(&primary.url()).await;
        let sql = "SELECT pg_backup_start('standby', fast => true)";
        admin.query_one(sql, &[]).await.unwrap();
        let home = primary.data().ancestors().nth(2).unwrap();
        let home = home.join(format!("standby-{}", std::process::id()));
        let folder = home.join(primary.binaries().major().to_string());
        let data = folder.join("data");
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&folder).unwrap();
        copy(primary.data(), &data);
        let sql = "SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)";
        let label: String = admin.query_one(sql, &[]).await.unwrap().get(0);
        fs::write(data.join("backup_label"), label).unwrap();
        fs::write(data.join("standby.signal"), "").unwrap();
        let _ = fs::remove_file(data.join("postmaster.pid"));
        // The log up to the end of the backup, without which nobody may read.
        fs::remove_dir_all(data.join("pg_wal")).unwrap();
        copy(&primary.data().join("pg_wal"), &data.join("pg_wal"));
        let password = fs::read_to_string(primary.data().ancestors().nth(2).unwrap().join(
            format!("template-{}/password", primary.binaries().version()),
        ));
        fs::write(folder.join("password"), password.unwrap()).unwrap();
        let mut options = Options::from_env().unwrap();
        options.source = Source::from_env().unwrap();
        options.home.clone_from(&home);
        options.port = 0;
        let server = Postgres::start(&options, &mut |_| ()).unwrap();
        Self {
            server: Some(server),
            home,
        }
    }

    fn port(&self) -> u16 {
        self.server.as_ref().unwrap().port()
    }

    fn url(&self) -> String {
        self.server.as_ref().unwrap().url()
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Files may come and go under it: the server is running.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            let _ = fs::copy(entry.path(), &target);
        }
    }
    fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn refuses_everything(url: &str, who: &Identity, why: &str) {
    let mut alone = PoolSettings::new(url).unwrap();
    alone.max_connections = 2;
    for prepared in [true, false] {
        alone.prepared_statements = prepared;
        let db = UserDb::connect(&alone).unwrap();
        for refused in [
            db.ping().await.map(|()| 0),
            db.as_user(who)
                .query("SELECT $1::uuid", &[])
                .await
                .map(|rows| rows.len()),
            db.as_user(who)
                .transaction(async |tx| tx.query("SELECT $1::uuid", &[]).await)
                .await
                .map(|rows| rows.len()),
        ] {
            let refused = refused.unwrap_err();
            let StoreError::Unavailable(cause) = &refused else {
                panic!("{refused:?}");
            };
            assert!(format!("{cause:?}").contains(why), "{cause:?}");
        }
    }
}

/// A port that leads to `port`, and on which nobody is told that only reading is allowed there.
async fn disguise(port: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
                    // A row of one column with the text "on": the answer to SHOW transaction_read_only.
                    const ON: &[u8] = b"D\0\0\0\x0c\0\x01\0\0\0\x02on";
                    let said = bytes[..read].windows(ON.len()).position(|at| at == ON);
                    if let Some(at) = said {
                        bytes[at + ON.len() - 1] = b'f';
                    }
                    if to_client.write_all(&bytes[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    own
}

#[tokio::test]
async fn a_standby_is_never_asked_for_anything() {
    let primary = Postgres::throw_away().unwrap();
    let admin = connect(&primary.url()).await;
    let tables = format!("{BETTER_AUTH_TABLES};{ADMIN_PLUGIN}");
    admin.batch_execute(&tables).await.unwrap();
    let options = MigrateOptions::default();
    migrate(&primary.url(), &migrations(), &options, |_| ())
        .await
        .unwrap();
    let mut people = Vec::new();
    for name in ["alice", "bob"] {
        let sql = r#"INSERT INTO auth."user" (id, name, email, "emailVerified") VALUES ($1, $1, $1, true) RETURNING uuid"#;
        let user: Uuid = admin.query_one(sql, &[&name]).await.unwrap().get(0);
        people.push(identity_of(user));
    }
    let standby = Standby::of(&primary).await;
    let recovers = connect(&standby.url()).await;
    let recovers = recovers.query_one("SELECT pg_is_in_recovery()", &[]).await;
    assert!(recovers.unwrap().get::<_, bool>(0));

    // By itself, and over a way on which a connection does not show where it leads: it may have been a primary's when it was
    // made.
    let through = standby.url().replace(
        &format!(":{}/", standby.port()),
        &format!(":{}/", disguise(standby.port()).await),
    );
    refuses_everything(&standby.url(), &people[0], "does not allow writes").await;
    refuses_everything(&through, &people[0], "during recovery").await;

    // First of two, as it is after a fail-over. Both users are served, and one who is deleted is refused in time.
    let host = |port: u16| format!("127.0.0.1:{port}");
    let hosts = format!("{},{}", host(standby.port()), host(primary.port()));
    let both = primary.url().replace(&host(primary.port()), &hosts);
    let db = UserDb::connect(&PoolSettings::new(&both).unwrap()).unwrap();
    let accounts = PgAccounts::start(db, AccountsSettings::default());
    for who in &people {
        assert_eq!(accounts.standing(who).await.unwrap(), Standing::Good);
    }
    admin
        .batch_execute(r#"DELETE FROM auth."user" WHERE id = 'alice'"#)
        .await
        .unwrap();
    let since = Instant::now();
    while since.elapsed() < 3 * PgAccounts::TRUSTED_FOR {
        let asked = since.elapsed();
        let alice = accounts.standing(&people[0]).await.unwrap();
        assert!(
            alice == Standing::Unknown || asked < PgAccounts::TRUSTED_FOR,
            "{alice:?} {asked:?} after she was deleted"
        );
        let bob = accounts.standing(&people[1]).await.unwrap();
        assert_eq!(bob, Standing::Good);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // `migrate` finds its way, too.
    migrate(&both, &migrations(), &options, |_| ())
        .await
        .unwrap();
}
