//! Servers over one database, users with tokens, and streams.

use std::{sync::Arc, time::Duration};

use actix_web::{App, middleware::from_fn};
use auth_actix::{AuthBridge, KeyFeed, KeyFeedSettings};
use auth_pg::{AccountsSettings, ChangeFeed, ChangeFeedSettings, PgAccounts};
use auth_testkit::FakeIssuer;
use changes_domain::{ChangesDomain, Reach};
use domain_kit::{DomainSet, Guard, problem_details};
use serde_json::Value;
use tasks_domain::TasksDomain;
use test_kit::TestDatabase;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use uuid::Uuid;

/// One database, one issuer, and as many servers as are asked for.
pub struct House {
    pub database: TestDatabase,
    pub issuer: FakeIssuer,
    keys: KeyFeed,
}

/// A server of its own: its own pool, its own feed of changes.
pub struct Server {
    pub address: String,
    pub feed: ChangeFeed,
    handle: actix_web::dev::ServerHandle,
}

/// How a server learns of what the other one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// At once.
    Listens,
    /// By looking, this often.
    Looks(Duration),
}

pub const PATIENCE: Duration = Duration::from_secs(30);

impl House {
    pub async fn new() -> Self {
        let issuer = FakeIssuer::start();
        let keys = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
        keys.first_keys(PATIENCE).await.unwrap();
        Self {
            database: TestDatabase::new().await,
            issuer,
            keys,
        }
    }

    /// One whose users may give webhooks any address, as receivers of tests are at home.
    pub async fn server(&self, hearing: Hearing) -> Server {
        self.server_of(hearing, Reach::Anywhere).await
    }

    /// One as a service is.
    pub async fn strict_server(&self) -> Server {
        self.server_of(Hearing::Listens, Reach::Public).await
    }

    async fn server_of(&self, hearing: Hearing, reach: Reach) -> Server {
        let db = self.database.user_db();
        let mut settings = ChangeFeedSettings::default();
        match hearing {
            Hearing::Listens => settings.poll_every = Duration::from_secs(600),
            Hearing::Looks(every) => (settings.listen, settings.poll_every) = (false, every),
        }
        let feed = ChangeFeed::new(db.clone(), settings);
        let accounts = Arc::new(PgAccounts::start(db.clone(), AccountsSettings::default()));
        let bridge =
            AuthBridge::new(self.issuer.policy(), self.keys.clone()).with_accounts(accounts);
        let guard = Guard::new(bridge);
        let domains = DomainSet::new()
            .with(TasksDomain::new(db.clone()))
            .unwrap()
            .with(ChangesDomain::new(db, feed.clone()).with_reach(reach))
            .unwrap()
            .telling(feed.clone());
        let server = actix_web::HttpServer::new(move || {
            App::new()
                .configure(|cfg| domains.mount(&guard, cfg))
                .wrap(from_fn(problem_details))
                .wrap(actix_web::middleware::Compress::default())
        })
        .workers(2)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let address = server.addrs()[0].to_string();
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Server {
            address,
            feed,
            handle,
        }
    }

    pub fn token(&self, user: Uuid) -> String {
        self.issuer.token_for(user)
    }
}

impl Server {
    /// As if it had been killed: nothing in flight is finished.
    pub async fn kill(&self) {
        self.handle.stop(false).await;
    }

    /// Status and body.
    pub async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        self.ask_with(token, method, path, body, None).await
    }

    async fn ask_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
        header: Option<(&str, String)>,
    ) -> (u16, Value) {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let header = header.map(|(name, value)| format!("{name}: {value}\r\n"));
        let request = format!(
            "{method} /api/v1/me{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n{body}",
            body.len(),
            header.unwrap_or_default(),
        );
        let mut connection = TcpStream::connect(&self.address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, connection.read_to_end(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    pub async fn make(&self, token: &str, title: &str) -> Uuid {
        let body = serde_json::json!({"title": title});
        let (status, task) = self.ask(token, "POST", "/tasks", Some(body)).await;
        assert_eq!(status, 201, "{task}");
        task["id"].as_str().unwrap().parse().unwrap()
    }

    pub async fn follow(
        &self,
        token: &str,
        last_event_id: Option<i64>,
    ) -> Result<Stream, (u16, Value)> {
        let last = last_event_id.map(|id| format!("last-event-id: {id}\r\n"));
        let request = format!(
            "GET /api/v1/me/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             accept-encoding: gzip\r\naccept: text/event-stream\r\n{}\r\n",
            last.unwrap_or_default()
        );
        let mut connection = TcpStream::connect(&self.address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut reader = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = timeout(PATIENCE, reader.read_line(&mut head))
                .await
                .unwrap();
            assert!(read.unwrap() > 0, "{head}");
        }
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 200 {
            // Compressed; so once more, to be read.
            let last = last_event_id.map(|id| ("last-event-id", id.to_string()));
            return Err(self.ask_with(token, "GET", "/events", None, last).await);
        }
        Ok(Stream {
            head,
            reader,
            rest: String::new(),
        })
    }
}

/// A stream of events, as it comes.
pub struct Stream {
    pub head: String,
    reader: BufReader<TcpStream>,
    rest: String,
}

/// A message of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: Option<i64>,
    pub event: String,
    pub data: String,
}

impl Stream {
    /// The next message that is not a comment; `None` at the end.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            while let Some((message, rest)) = self.rest.split_once("\n\n") {
                let read = read_message(message);
                self.rest = rest.to_owned();
                if let Some(message) = read {
                    return Some(message);
                }
            }
            let chunk = timeout(PATIENCE, self.chunk())
                .await
                .expect("something comes")?;
            self.rest.push_str(&chunk);
        }
    }

    async fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        if self.reader.read_line(&mut size).await.ok()? == 0 {
            return None;
        }
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).await.ok()?;
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }
}

fn read_message(text: &str) -> Option<Message> {
    let field = |name: &str| {
        let of = |line: &str| {
            line.strip_prefix(name)?
                .strip_prefix(": ")
                .map(str::to_owned)
        };
        text.lines().find_map(of)
    };
    Some(Message {
        id: field("id").map(|id| id.parse().unwrap()),
        event: field("event")?,
        data: field("data").unwrap_or_default(),
    })
}
