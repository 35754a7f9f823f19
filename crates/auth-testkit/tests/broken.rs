//! The issuer's ways to be broken, over real HTTP.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use auth_core::{Algorithm, KeyRing, MAX_KEY_SET_BYTES};
use auth_testkit::{FakeIssuer, Garble, SigningKey};
use serde_json::{Value, json};

/// Head and body of the answer to one GET. Stops after a mebibyte and a half, and after two
/// seconds of silence, with what there is.
fn get(url: &str) -> (String, Vec<u8>) {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let patience = Duration::from_secs(2);
    stream.set_read_timeout(Some(patience)).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nX-Asked-By: a test\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let (mut answer, started) = (Vec::new(), Instant::now());
    let mut bytes = [0; 4096];
    while answer.len() < 3 << 19 && started.elapsed() < patience {
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&bytes[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        assert!(answer.is_empty(), "half a head");
        return (String::new(), Vec::new());
    };
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head.to_ascii_lowercase(), answer[end + 4..].to_vec())
}

#[test]
fn nothing_that_it_garbles_makes_a_key_ring() {
    let issuer = FakeIssuer::start();
    let good = issuer.jwks().to_string();
    assert!(KeyRing::parse(good.as_bytes()).is_ok());
    for &garble in Garble::ALL {
        issuer.garble(garble);
        let (head, body) = get(&issuer.jwks_url());
        assert!(head.starts_with("http/1.1 200"), "{garble:?}: {head}");
        assert!(KeyRing::parse(&body).is_err(), "{garble:?}");
    }
    issuer.recover();
    assert_eq!(get(&issuer.jwks_url()).1, good.as_bytes());
    assert_eq!(issuer.fetches(), Garble::ALL.len() + 1);
}

#[test]
fn huge_endless_and_broken_bodies_are_what_they_say() {
    let issuer = FakeIssuer::start();
    let fetch = |garble| {
        issuer.garble(garble);
        get(&issuer.jwks_url())
    };
    let (_, huge) = fetch(Garble::Huge);
    // Good, but for its size.
    assert!(huge.len() > MAX_KEY_SET_BYTES);
    let keys = serde_json::from_slice::<Value>(&huge).unwrap();
    assert_eq!(keys["keys"], issuer.jwks()["keys"]);

    let (head, endless) = fetch(Garble::Endless);
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert!(endless.len() > MAX_KEY_SET_BYTES);

    let (_, dripping) = fetch(Garble::Dripping);
    assert!((2..2_000).contains(&dripping.len()), "{}", dripping.len());

    let (head, half) = fetch(Garble::BrokenOff);
    let whole = issuer.jwks().to_string();
    assert!(head.contains(&format!("content-length: {}", whole.len())));
    assert_eq!(half, whole.as_bytes()[..whole.len() / 2]);

    assert!(fetch(Garble::HtmlPage).0.contains("text/html"));
}

#[test]
fn headers_and_redirects_are_sent_until_it_recovers() {
    let issuer = FakeIssuer::start();
    issuer.header("Cache-Control", "max-age=600");
    issuer.header("X-Retry-After", "7");
    for answer in [
        FakeIssuer::recover as fn(&FakeIssuer),
        |issuer| issuer.fail_with(429),
        |issuer| issuer.redirect_to("http://127.0.0.1:9/keys"),
    ] {
        answer(&issuer);
        issuer.header("Retry-After", "11");
        assert!(get(&issuer.jwks_url()).0.contains("\r\nretry-after: 11"));
    }
    let (head, _) = get(&issuer.jwks_url());
    assert!(head.starts_with("http/1.1 302"), "{head}");
    assert!(head.contains("location: http://127.0.0.1:9/keys"), "{head}");

    issuer.recover();
    let (head, _) = get(&issuer.jwks_url());
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(!head.contains("retry-after"), "{head}");
}

#[test]
fn while_it_hangs_it_accepts_and_says_nothing() {
    let issuer = FakeIssuer::start();
    issuer.hang();
    assert_eq!(get(&issuer.jwks_url()), (String::new(), Vec::new()));
    assert_eq!(issuer.fetches(), 1);
}

#[test]
fn there_is_no_discovery_until_it_is_published() {
    let issuer = FakeIssuer::start();
    let documents = [
        ("/.well-known/openid-configuration", issuer.url()),
        ("/.well-known/oauth-authorization-server", issuer.url()),
        (
            "/api/auth/.well-known/openid-configuration",
            issuer.oauth_issuer(),
        ),
        (
            "/.well-known/oauth-authorization-server/api/auth",
            issuer.oauth_issuer(),
        ),
    ];
    let read = |path: &str| get(&format!("{}{path}", issuer.url()));
    for (path, _) in &documents {
        assert!(read(path).0.starts_with("http/1.1 404"), "{path}");
    }
    issuer.publish_discovery();
    for (path, expected) in &documents {
        let document: Value = serde_json::from_slice(&read(path).1).unwrap();
        assert_eq!(document["issuer"], **expected, "{path}");
        assert_eq!(document["jwks_uri"], issuer.jwks_url());
        assert_eq!(issuer.requests_for(path), 2);
    }
    issuer.publish_discovery_as("https://stranger.example");
    for (path, _) in &documents {
        let document: Value = serde_json::from_slice(&read(path).1).unwrap();
        assert_eq!(document["issuer"], "https://stranger.example");
    }
    issuer.serve("/api/auth/.well-known/openid-configuration", "{}");
    assert_eq!(read(documents[2].0).1, b"{}");
    assert_eq!(issuer.fetches(), 0);
}

#[test]
fn foreign_keys_are_published_beside_its_own_and_withdrawn_by_id() {
    let issuer = FakeIssuer::start();
    let foreign = SigningKey::generate(Algorithm::Es256, "foreign");
    issuer.publish(&foreign);
    issuer.publish_jwk(json!({ "kty": "AKP", "kid": "later" }));
    issuer.publish_jwk(Value::Null);
    let ring = KeyRing::parse(issuer.jwks().to_string().as_bytes()).unwrap();
    assert_eq!(ring.len(), 2);
    assert!(ring.contains("foreign"));
    for key_id in ["foreign", "later"] {
        issuer.withdraw(key_id);
    }
    let keys = issuer.jwks();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert_eq!(keys["keys"][1], Value::Null);
}

#[test]
fn a_reused_key_id_names_other_material() {
    let issuer = FakeIssuer::start();
    let (id, before) = (issuer.key_id(), issuer.jwks());
    issuer.reuse_key_id();
    let after = issuer.jwks();
    assert_eq!(issuer.key_id(), id);
    assert_eq!(after["keys"].as_array().unwrap().len(), 1);
    assert_eq!(after["keys"][0]["kid"], before["keys"][0]["kid"]);
    assert_ne!(after["keys"][0]["x"], before["keys"][0]["x"]);
}

#[test]
fn it_tells_what_it_was_asked_for_and_how_often() {
    let issuer = FakeIssuer::start();
    assert_eq!((issuer.connections(), issuer.fetches()), (0, 0));
    assert_eq!(issuer.fetch_header("x-asked-by"), None);
    get(&issuer.jwks_url());
    get(&format!("{}/elsewhere", issuer.url()));
    assert_eq!(issuer.connections(), 2);
    assert_eq!(issuer.requests_for("/elsewhere"), 1);
    assert_eq!(issuer.fetches(), 1);
    assert_eq!(issuer.fetch_header("X-Asked-By").as_deref(), Some("a test"));
}

#[test]
fn a_key_can_be_handed_in() {
    let issuer = FakeIssuer::on_port(0, SigningKey::generate(Algorithm::Es256, "the-key"));
    assert_eq!(issuer.key_id(), "the-key");
    assert_eq!(issuer.jwks()["keys"][0]["alg"], "ES256");
}
