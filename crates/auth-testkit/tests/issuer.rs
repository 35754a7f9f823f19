//! The fake issuer over real HTTP, and its tokens before the real verifier.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use auth_core::{Algorithm, Denied, Identity, KeyRing, UntrustedToken, Verifier};
use auth_testkit::{FakeIssuer, SigningKey, TokenBuilder, tampered};
use serde_json::Value;
use uuid::Uuid;

const ALICE: Uuid = Uuid::from_u128(0xA11CE);

/// One GET on a connection of its own: the status and the body.
fn get(url: &str) -> std::io::Result<(u16, String)> {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    assert!(
        !head.to_lowercase().contains("cache-control"),
        "better auth sends none: {head}"
    );
    Ok((head[9..12].parse().unwrap(), body.to_owned()))
}

fn fetched_ring(issuer: &FakeIssuer) -> KeyRing {
    let (status, body) = get(&issuer.jwks_url()).unwrap();
    assert_eq!(status, 200);
    KeyRing::parse(body.as_bytes()).unwrap()
}

fn verify(issuer: &FakeIssuer, ring: &KeyRing, token: &str) -> Result<Identity, Denied> {
    let token = UntrustedToken::parse(token)?;
    Verifier::new(issuer.policy()).verify(&token, ring, SystemTime::now().into())
}

#[test]
fn its_tokens_verify_with_its_published_keys_in_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let issuer = FakeIssuer::with_algorithm(algorithm);
        let token = issuer.token_for(ALICE);
        let identity = verify(&issuer, &fetched_ring(&issuer), &token).unwrap();
        assert_eq!(identity.user_id().as_uuid(), ALICE, "{algorithm}");
        assert_eq!(
            UntrustedToken::parse(&token).unwrap().algorithm(),
            algorithm
        );
        let forged = verify(&issuer, &fetched_ring(&issuer), &tampered(&token)).unwrap_err();
        assert_eq!(forged.code(), "signature_invalid", "{algorithm}");
    }
}

#[test]
fn minting_changes_what_it_is_told_to() {
    let issuer = FakeIssuer::start();
    let ring = fetched_ring(&issuer);
    let code = |token: &str| {
        verify(&issuer, &ring, token)
            .map_err(|denied| denied.code())
            .err()
    };

    let with_session = issuer.mint(ALICE, |token| token.session("session-1"));
    assert_eq!(
        verify(&issuer, &ring, &with_session).unwrap().session_id(),
        Some("session-1")
    );

    for (expected, token) in [
        ("token_expired", issuer.mint(ALICE, TokenBuilder::expired)),
        (
            "issuer_mismatch",
            issuer.mint(ALICE, |token| token.issuer("https://other.example")),
        ),
        (
            "audience_mismatch",
            issuer.mint(ALICE, |token| token.without_claim("aud")),
        ),
        (
            "header_not_allowed",
            issuer.mint(ALICE, |token| token.header("b64", false)),
        ),
        (
            "key_id_missing",
            issuer.mint(ALICE, |token| token.without_header("kid")),
        ),
        (
            "algorithm_not_allowed",
            issuer.mint(ALICE, |token| token.header("alg", "none")),
        ),
        (
            "claims_malformed",
            issuer.mint(ALICE, |token| token.raw_payload("[]")),
        ),
        (
            "token_malformed",
            issuer.mint(ALICE, |token| token.raw_header("{")),
        ),
    ] {
        assert_eq!(code(&token), Some(expected));
    }

    let stranger = SigningKey::generate(Algorithm::EdDsa, issuer.key_id());
    let forged = issuer.builder_for(ALICE).sign(&stranger);
    assert_eq!(code(&forged), Some("signature_invalid"));
}

#[test]
fn rotation_keeps_the_old_key_published_until_it_is_withdrawn() {
    let issuer = FakeIssuer::start();
    let (old_key, old_token) = (issuer.key_id(), issuer.token_for(ALICE));
    let new_key = issuer.rotate_to(Algorithm::Es256);
    let new_token = issuer.token_for(ALICE);
    assert_ne!(old_key, new_key);

    let both = fetched_ring(&issuer);
    assert_eq!(both.len(), 2);
    assert!(verify(&issuer, &both, &old_token).is_ok());
    assert!(verify(&issuer, &both, &new_token).is_ok());

    issuer.withdraw(&old_key);
    let one = fetched_ring(&issuer);
    assert_eq!(one.key_ids().collect::<Vec<_>>(), [&*new_key]);
    assert_eq!(
        verify(&issuer, &one, &old_token).unwrap_err().code(),
        "key_unknown"
    );

    // Rotating stays within the current algorithm.
    issuer.rotate();
    let token = issuer.token_for(ALICE);
    assert_eq!(
        UntrustedToken::parse(&token).unwrap().algorithm(),
        Algorithm::Es256
    );
}

#[test]
fn it_breaks_and_recovers_on_command() {
    let issuer = FakeIssuer::start();
    issuer.fail_with(503);
    assert_eq!(get(&issuer.jwks_url()).unwrap().0, 503);
    issuer.respond_with("<html>not keys</html>");
    assert_eq!(
        get(&issuer.jwks_url()).unwrap(),
        (200, "<html>not keys</html>".into())
    );
    issuer.delay(Duration::from_millis(150));
    let asked = Instant::now();
    get(&issuer.jwks_url()).unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(150));

    issuer.recover();
    let (status, body) = get(&issuer.jwks_url()).unwrap();
    assert_eq!(
        (status, body.parse::<Value>().unwrap()),
        (200, issuer.jwks())
    );
    assert_eq!(issuer.fetches(), 4);
    assert_eq!(
        get(&format!("{}/api/auth/jwks/", issuer.url())).unwrap().0,
        404
    );
    assert_eq!(issuer.fetches(), 4);
}

#[test]
fn while_it_is_down_connections_are_refused_and_open_ones_are_closed() {
    let issuer = FakeIssuer::start();
    let host = issuer.url().replace("http://", "");
    let mut kept_alive = TcpStream::connect(&host).unwrap();
    let request = format!("GET /api/auth/jwks HTTP/1.1\r\nHost: {host}\r\n\r\n");
    kept_alive.write_all(request.as_bytes()).unwrap();
    assert_ne!(kept_alive.read(&mut [0; 4096]).unwrap(), 0);

    for _ in 0..3 {
        issuer.go_down();
        issuer.go_down();
        let refused = get(&issuer.jwks_url()).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
        let token = issuer.token_for(ALICE);

        issuer.come_back();
        issuer.come_back();
        assert!(verify(&issuer, &fetched_ring(&issuer), &token).is_ok());
    }
    assert!(matches!(kept_alive.read(&mut [0; 4096]), Ok(0) | Err(_)));
    assert_eq!(issuer.fetches(), 4);
}

#[test]
fn dropping_it_does_not_wait_for_slow_answers() {
    let issuer = FakeIssuer::start();
    issuer.delay(Duration::from_secs(3600));
    let url = issuer.jwks_url();
    let slow = std::thread::spawn(move || get(&url));
    while issuer.fetches() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let dropped = Instant::now();
    drop(issuer);
    assert!(dropped.elapsed() < Duration::from_secs(5));
    assert!(slow.join().unwrap().is_err());
}

#[actix_rt::test]
async fn it_can_be_used_inside_an_async_test() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    issuer.come_back();
    let url = issuer.jwks_url();
    let fetched = actix_rt::task::spawn_blocking(move || get(&url))
        .await
        .unwrap();
    assert_eq!(fetched.unwrap().0, 200);
}
