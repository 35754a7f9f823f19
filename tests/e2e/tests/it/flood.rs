//! Somebody throws tokens at the server that name a new key each: the issuer hears next to nothing of it, and everybody else
//! nothing at all. How long that takes is measured by `cargo xtask bench flood`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use actix_web::rt::task::spawn_blocking;
use auth_testkit::FakeIssuer;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::support::{
    api::{Api, Runs},
    ground::Ground,
};

const ALICE: Uuid = Uuid::from_u128(0xA11CE);
const ME: &str = "/api/v1/me";

/// How many keys that never were are named, and by how many clients.
const KEYS: usize = 20_000;
const CLIENTS: usize = 8;

/// As the settings have it by default: so many fetches at once, and one more after each of these times.
const BURST: u64 = 2;
const REFILL: Duration = Duration::from_secs(15);

#[actix_web::test]
async fn a_flood_of_unknown_keys_costs_the_issuer_a_few_fetches_and_nobody_a_request() {
    let issuer = FakeIssuer::start();
    let ground = Ground::new().await;
    // Better Auth lives elsewhere.
    let apart = ("API__AUTH__ACCOUNTS__MODE", "off");
    ground.migrate(&[("BETTER_AUTH_URL", &issuer.url()), apart]);
    ground.make_api_login().await;
    let mut variables = vec![
        ("DATABASE_URL", ground.api_url()),
        ("BETTER_AUTH_URL", issuer.url()),
    ];
    variables.extend(
        [
            apart,
            ("API__SERVER__PORT", "0"),
            ("API__SERVER__WORKERS", "2"),
            ("API__LOG__FORMAT", "json"),
        ]
        .map(|(name, value)| (name, value.to_owned())),
    );
    let mut api = Api::start(Runs::AsItsOwnProcess, &variables).await;
    api.ready().await;
    let good = issuer.token_for(ALICE);
    assert_eq!(api.get(ME, &good).await.status, 200);

    let (address, before) = (api.address().to_owned(), issuer.fetches());
    let flood = Flood::of(&good);
    let started = Instant::now();
    let served = spawn_blocking(move || throw(&address, &flood, &good)).await;
    let (took, served) = (started.elapsed(), served.unwrap());

    let fetched = (issuer.fetches() - before) as u64;
    let allowed = BURST + took.as_secs() / REFILL.as_secs() + 1;
    assert!(
        fetched <= allowed,
        "{fetched} fetches in {took:?}, {allowed} allowed"
    );
    // It did get as far as to ask the issuer: an unknown key can be a new one.
    assert!(fetched >= 1, "nobody asked for the keys");
    assert!(served > 0, "no good request got through meanwhile");

    // And it is over when it is over.
    let good = issuer.token_for(ALICE);
    assert_eq!(api.get(ME, &good).await.status, 200);
    let log = api.end();
    let complaints: Vec<_> = log
        .lines()
        .filter(|line| line.contains("\"ERROR\"") || line.contains("panicked"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// Tokens that lack nothing but a key that exists.
struct Flood {
    /// Payload and signature of a good one.
    rest: String,
}

impl Flood {
    fn of(good: &str) -> Self {
        let (_, rest) = good.split_once('.').unwrap();
        Self { rest: rest.into() }
    }

    fn token(&self, n: usize) -> String {
        let header = format!(r#"{{"alg":"EdDSA","kid":"flood-{n}"}}"#);
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), self.rest)
    }
}

/// Throws all of it while somebody else goes on asking with a good token, and gives how often that one was served. Every
/// answer is looked at: 401 to the one, 200 to the other.
fn throw(address: &str, flood: &Flood, good: &str) -> usize {
    let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let (mut client, mut served) = (Client::connect(address), 0);
            while !over.load(Ordering::SeqCst) {
                assert_eq!(client.get(ME, good).0, 200);
                served += 1;
            }
            served
        });
        let throwing: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::connect(address);
                    loop {
                        let n = next.fetch_add(1, Ordering::SeqCst);
                        if n >= KEYS {
                            break;
                        }
                        let (status, body) = client.get(ME, &flood.token(n));
                        assert_eq!(status, 401, "{body}");
                        assert!(body.contains(r#""code":"key_unknown""#), "{body}");
                    }
                })
            })
            .collect();
        let thrown: Vec<_> = throwing
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        over.store(true, Ordering::SeqCst);
        let served = asking.join().unwrap();
        assert!(thrown.iter().all(Result::is_ok));
        served
    })
}

/// One connection that is kept open.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    fn get(&mut self, path: &str, token: &str) -> (u16, String) {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length, mut line) = (0, 0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
            let text = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = text.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(number) = text.strip_prefix("content-length: ") {
                length = number.parse().unwrap();
            } else if text.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }
}
