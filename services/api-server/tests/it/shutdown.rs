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
    use tokio_postgres::Client;

    use super::*;
    use crate::support::{Process, get};

    /// A service in a process of its own, with all that it needs.
    struct Running {
        process: Process,
        issuer: FakeIssuer,
        admin: Client,
        lock: Client,
        _db: TestDatabase,
    }

    impl Running {
        async fn with(variables: &[(&str, &str)]) -> Self {
            let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
            let (database, url) = (db.url(), issuer.url());
            let needed = [
                ("DATABASE_URL", database.as_str()),
                ("BETTER_AUTH_URL", &url),
                ("API__SERVER__WORKERS", "2"),
                ("API__DATABASE__STATEMENT_DEADLINE", "1m"),
            ];
            let process = Process::serve(&[&needed, variables].concat());
            let ready = format!("http://{}/health/ready", process.address);
            eventually("it is ready", async || {
                Answer::of(get(&ready)).await.status == 200
            })
            .await;
            let (admin, lock) = (db.admin().await, db.admin().await);
            Self {
                process,
                issuer,
                admin,
                lock,
                _db: db,
            }
        }

        /// From now on every request of a new user waits for the database.
        async fn hold(&self) {
            let sql = "BEGIN; LOCK TABLE app.users IN ACCESS EXCLUSIVE MODE";
            self.lock.batch_execute(sql).await.unwrap();
        }

        async fn release(&self) {
            self.lock.batch_execute("COMMIT").await.unwrap();
        }

        async fn waiting(&self, requests: i64) {
            // The service's chores look at all users now and then, and wait as well.
            let sql = "SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                          AND application_name <> 'drawbridge-chores'";
            eventually("the requests wait", async || {
                self.admin
                    .query_one(sql, &[])
                    .await
                    .unwrap()
                    .get::<_, i64>(0)
                    == requests
            })
            .await;
        }

        fn connect(&self) -> TcpStream {
            TcpStream::connect(&self.process.address).unwrap()
        }

        /// Asks as a user who was never here before.
        fn ask(&self, stream: &mut TcpStream) {
            let token = self.issuer.token_for(Uuid::new_v4());
            let head = format!(
                "GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
        }
    }

    /// The next answer on a connection; empty when it was cut.
    async fn answer(stream: &TcpStream) -> String {
        let mut stream = stream.try_clone().unwrap();
        let read = move || {
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            // The body is an object, and the only one.
            while !bytes.ends_with(b"}") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => bytes.extend_from_slice(&buffer[..n]),
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        actix_web::rt::task::spawn_blocking(read).await.unwrap()
    }

    #[actix_web::test]
    async fn sigterm_lets_a_request_in_flight_finish_and_ends_well() {
        for signal in ["TERM", "INT"] {
            let running = Running::with(&[]).await;
            let mut stream = running.connect();
            running.hold().await;
            running.ask(&mut stream);
            running.waiting(1).await;

            running.process.signal(signal);
            running.process.line_with("stopping: readiness says no");
            let address = running.process.address.clone();
            eventually("the port is closed", async || {
                TcpStream::connect(&address).is_err()
            })
            .await;
            running.release().await;

            let answer = answer(&stream).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
            assert!(answer.contains("\"user_id\""), "{answer}");
            running.process.line_with("\"stopped\"");
            assert_eq!(running.process.end(), (0, String::new()));
        }
    }

    #[actix_web::test]
    async fn a_request_in_flight_outlives_the_other_workers_whose_connections_it_uses() {
        // A pool hands its connections out in turn: with three turns, the last request gets each of them once. The two workers
        // share them, and one of them may be given all four requests.
        for turns in 0..4 {
            let running = Running::with(&[("API__DATABASE__MAX_CONNECTIONS", "8")]).await;
            let mut streams: Vec<_> = (0..4).map(|_| running.connect()).collect();
            running.hold().await;
            streams.iter_mut().for_each(|stream| running.ask(stream));
            running.waiting(4).await;
            running.release().await;
            for stream in &streams {
                assert!(answer(stream).await.starts_with("HTTP/1.1 200 OK"));
            }
            streams.truncate(1);
            let mut stream = streams.remove(0);
            for _ in 0..turns {
                running.ask(&mut stream);
                assert!(answer(&stream).await.starts_with("HTTP/1.1 200 OK"));
            }

            running.hold().await;
            running.ask(&mut stream);
            running.waiting(1).await;
            running.process.signal("TERM");
            running.process.line_with("stopping: readiness says no");
            // The idle worker is gone by now, or will be: its thread ends on its own.
            actix_web::rt::time::sleep(Duration::from_millis(500)).await;
            running.release().await;
            let answer = answer(&stream).await;
            assert!(
                answer.starts_with("HTTP/1.1 200 OK"),
                "after {turns} turns: {answer}"
            );
            assert_eq!(running.process.end().0, 0);
        }
    }

    #[actix_web::test]
    async fn a_request_that_never_ends_is_cut_after_the_timeout() {
        let running = Running::with(&[("API__SERVER__SHUTDOWN_TIMEOUT", "1s")]).await;
        let mut stream = running.connect();
        running.hold().await;
        running.ask(&mut stream);
        running.waiting(1).await;
        let signalled = Instant::now();
        running.process.signal("TERM");
        assert_eq!(running.process.end().0, 0);
        assert!(
            signalled.elapsed() < Duration::from_secs(6),
            "{:?}",
            signalled.elapsed()
        );
        assert_eq!(answer(&stream).await, "");
    }
}
