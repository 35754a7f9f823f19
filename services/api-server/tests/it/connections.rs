//! Clients that are slow or leave their connections open.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use actix_web::rt::task::spawn_blocking;

use crate::support::{Answer, Service};

const LONG: Duration = Duration::from_secs(20);

/// What comes until the server closes, and how long it takes.
async fn until_closed(address: String, sent: &'static [u8]) -> (String, Duration) {
    let watching = spawn_blocking(move || {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(LONG)).unwrap();
        connection.write_all(sent).unwrap();
        let (started, mut came) = (Instant::now(), Vec::new());
        match connection.read_to_end(&mut came) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("it was not closed: {error}"),
        }
        (String::from_utf8(came).unwrap(), started.elapsed())
    });
    watching.await.unwrap()
}

#[actix_web::test]
async fn a_head_that_does_not_come_to_its_end_is_waited_for_no_longer_than_the_settings_say() {
    let service = Service::with(&[("API__SERVER__HEADER_TIMEOUT", "1s")]).await;
    let half = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-";
    let (came, took) = until_closed(service.address(), half).await;
    assert!(came.starts_with("HTTP/1.1 408 "), "{came:?}");
    assert!(took >= Duration::from_millis(900), "{took:?}");
    assert_eq!(service.get("/health/live").await.status, 200);
}

#[actix_web::test]
async fn a_connection_without_a_request_is_kept_as_long_as_the_settings_say() {
    let service = Service::with(&[("API__SERVER__KEEP_ALIVE", "1s")]).await;
    let whole = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let (came, took) = until_closed(service.address(), whole).await;
    assert!(came.starts_with("HTTP/1.1 200 "), "{came:?}");
    assert!(took >= Duration::from_millis(900), "{took:?}");
}

#[actix_web::test]
async fn connections_beyond_the_limit_wait_until_others_have_gone() {
    let service = Service::with(&[
        ("API__SERVER__MAX_CONNECTIONS", "2"),
        ("API__SERVER__WORKERS", "1"),
        ("API__SERVER__HEADER_TIMEOUT", "15s"),
    ])
    .await;
    let idle: Vec<_> = (0..2)
        .map(|_| {
            let mut idle = TcpStream::connect(service.address()).unwrap();
            idle.write_all(b"GET ").unwrap();
            idle
        })
        .collect();
    actix_web::rt::time::sleep(Duration::from_millis(300)).await;
    let request = service.request(actix_web::http::Method::GET, "/health/live");
    let mut waiting = std::pin::pin!(Answer::of(request));
    let early = actix_web::rt::time::timeout(Duration::from_millis(700), &mut waiting).await;
    assert!(early.is_err(), "it was served beside two others: {early:?}");
    drop(idle);
    assert_eq!(waiting.await.status, 200);
}
