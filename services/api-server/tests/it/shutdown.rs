use std::time::{Duration, Instant};

use actix_web::http::Method;
use uuid::Uuid;

use crate::support::{Answer, Service, eventually};

#[actix_web::test]
async fn on_stopping_readiness_says_no_while_requests_are_still_served() {
    let service = Service::with(&[("API__SERVER__SHUTDOWN_DELAY", "1500ms")]).await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    service.stopper.stop();
    eventually("readiness says no", async || {
        service.get("/health/ready").await.status == 503
    })
    .await;
    let report = service.get("/health/ready").await.json();
    assert_eq!(report["checks"][0]["detail"], "is stopping");
    let answer = Answer::of(
        service
            .request(Method::GET, "/api/v1/me")
            .bearer_auth(token),
    )
    .await;
    assert_eq!(answer.status, 200);

    let address = service.address();
    service.ended().await.unwrap();
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "the port is free again"
    );
}

#[actix_web::test]
async fn a_second_wish_to_stop_cuts_what_is_in_flight() {
    let service = Service::with(&[("API__SERVER__SHUTDOWN_DELAY", "1m")]).await;
    service.ready().await;
    let stopper = service.stopper.clone();
    stopper.stop();
    stopper.stop();
    let started = Instant::now();
    service.ended().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
mod as_a_process {
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    use auth_testkit::FakeIssuer;
    use test_kit::TestDatabase;

    use super::*;
    use crate::support::Process;

    fn ask(address: &str, path: &str, token: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // Ends when the server closes the connection, which stopping makes it do.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    #[actix_web::test]
    async fn sigterm_lets_a_request_in_flight_finish_and_ends_well() {
        for signal in ["TERM", "INT"] {
            let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
            let process = Process::serve(&[
                ("DATABASE_URL", &db.url()),
                ("BETTER_AUTH_URL", &issuer.url()),
            ]);
            let ready = format!("http://{}/health/ready", process.address);
            eventually("it is ready", async || {
                Answer::of(awc::Client::default().get(&ready)).await.status == 200
            })
            .await;

            // Every request waits for this table, so the one below is in flight until the lock goes.
            let lock = db.admin().await;
            lock.batch_execute("BEGIN; LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE")
                .await
                .unwrap();
            let (address, token) = (process.address.clone(), issuer.token_for(Uuid::new_v4()));
            let asking =
                actix_web::rt::task::spawn_blocking(move || ask(&address, "/api/v1/me", &token));
            let admin = db.admin().await;
            eventually("the request waits", async || {
                let waiting = "SELECT 1 FROM pg_locks WHERE NOT granted";
                !admin.query(waiting, &[]).await.unwrap().is_empty()
            })
            .await;

            process.signal(signal);
            process.line_with("stopping: readiness says no");
            let address = process.address.clone();
            eventually("the port is closed", async || {
                TcpStream::connect(&address).is_err()
            })
            .await;
            lock.batch_execute("COMMIT").await.unwrap();

            let answer = asking.await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
            assert!(answer.contains("\"user_id\""), "{answer}");
            process.line_with("\"stopped\"");
            assert_eq!(process.end(), (0, String::new()));
        }
    }

    #[actix_web::test]
    async fn a_request_that_never_ends_is_cut_after_the_timeout() {
        let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
        let process = Process::serve(&[
            ("DATABASE_URL", &db.url()),
            ("BETTER_AUTH_URL", &issuer.url()),
            ("API__SERVER__SHUTDOWN_TIMEOUT", "1s"),
            ("API__DATABASE__STATEMENT_DEADLINE", "1m"),
        ]);
        let lock = db.admin().await;
        lock.batch_execute("BEGIN; LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE")
            .await
            .unwrap();
        let (address, token) = (process.address.clone(), issuer.token_for(Uuid::new_v4()));
        let asking =
            actix_web::rt::task::spawn_blocking(move || ask(&address, "/api/v1/me", &token));
        let admin = db.admin().await;
        eventually("the request waits", async || {
            let waiting = "SELECT 1 FROM pg_locks WHERE NOT granted";
            !admin.query(waiting, &[]).await.unwrap().is_empty()
        })
        .await;
        let signalled = Instant::now();
        process.signal("TERM");
        assert_eq!(process.end().0, 0);
        assert!(
            signalled.elapsed() < Duration::from_secs(6),
            "{:?}",
            signalled.elapsed()
        );
        assert_eq!(asking.await.unwrap(), "");
    }
}
