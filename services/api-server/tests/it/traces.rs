//! What a collector of OpenTelemetry is sent.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use auth_testkit::FakeIssuer;
use test_kit::TestDatabase;
use uuid::Uuid;

use crate::support::{Process, eventually, get};

/// Takes whatever is sent by OTLP over HTTP. Its protobuf holds texts and ids as they are.
struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = taken.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = BufReader::new(connection.unwrap());
                let (mut length, mut line) = (0, String::new());
                while connection.read_line(&mut line).unwrap() > 2 {
                    if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = text.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                connection.read_exact(&mut body).unwrap();
                into.lock().unwrap().extend(body);
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                connection.get_mut().write_all(answer).unwrap();
            }
        });
        Self { address, taken }
    }

    fn has(&self, wanted: &[u8]) -> bool {
        let taken = self.taken.lock().unwrap();
        taken.windows(wanted.len()).any(|window| window == wanted)
    }
}

#[actix_web::test]
async fn a_request_and_its_statements_are_spans_of_the_trace_that_its_caller_has_begun() {
    let (db, issuer, collector) = (
        TestDatabase::new().await,
        FakeIssuer::start(),
        Collector::start(),
    );
    let variables = [
        ("DATABASE_URL", db.url()),
        ("BETTER_AUTH_URL", issuer.url()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address.clone()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100".to_owned()),
    ];
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let process = Process::serve(&variables);
    let user = Uuid::new_v4();
    let token = issuer.token_for(user);
    let trace = Uuid::new_v4();
    let ask = async || {
        let sent = get(&format!("http://{}/api/v1/me/tasks", process.address))
            .bearer_auth(&token)
            .insert_header((
                "traceparent",
                format!("00-{}-00f067aa0ba902b7-01", trace.simple()),
            ))
            .send();
        sent.await.unwrap().status().as_u16()
    };
    eventually("the list is served", async || ask().await == 200).await;
    for wanted in [
        &trace.into_bytes()[..],
        b"GET /api/v1/{user_id}/tasks",
        b"http.response.status_code",
        b"postgresql",
        b"app.tasks",
        b"service.name",
        b"api-server",
        user.to_string().as_bytes(),
    ] {
        eventually(
            &format!("the collector has {:?}", String::from_utf8_lossy(wanted)),
            async || collector.has(wanted),
        )
        .await;
    }
    let signature = token.rsplit('.').next().unwrap();
    assert!(!collector.has(signature.as_bytes()));

    // What it has not sent when it is told to stop, it still sends.
    let last = Uuid::new_v4();
    let request = get(&format!("http://{}/health/live", process.address)).insert_header((
        "traceparent",
        format!("00-{}-00f067aa0ba902b7-01", last.simple()),
    ));
    assert_eq!(request.send().await.unwrap().status(), 200);
    process.signal("TERM");
    let (code, _) = process.end();
    assert_eq!(code, 0);
    assert!(collector.has(&last.into_bytes()));
}
