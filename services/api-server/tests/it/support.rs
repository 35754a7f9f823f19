use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, OnceLock, mpsc},
    time::{Duration, Instant},
};

use actix_web::http::{Method, header::HeaderMap};
use api_server::{
    app::{Application, Stopper},
    settings::{Environment, Settings, Sources},
    telemetry,
};
use auth_testkit::FakeIssuer;
use awc::ClientRequest;
use serde_json::Value;
use test_kit::TestDatabase;

const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The service in this process, with a database and an issuer of its own.
pub struct Service {
    pub db: TestDatabase,
    pub issuer: FakeIssuer,
    pub stopper: Stopper,
    pub metrics_address: Option<SocketAddr>,
    running: actix_web::rt::task::JoinHandle<std::io::Result<()>>,
    port: u16,
}

impl Service {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With these variables on top of what is needed.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let (db, issuer) = (TestDatabase::new().await, FakeIssuer::start());
        Self::of(db, issuer, variables).await
    }

    pub async fn of(db: TestDatabase, issuer: FakeIssuer, variables: &[(&str, &str)]) -> Self {
        capture_log();
        let settings = settings(&db.url(), &issuer.url(), variables);
        let application = Application::build(settings).await.unwrap();
        let (port, stopper) = (application.port(), application.stopper());
        let metrics_address = application.metrics_address();
        let running = actix_web::rt::spawn(application.run_until_stopped());
        Self {
            db,
            issuer,
            stopper,
            metrics_address,
            running,
            port,
        }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn request(&self, method: Method, path: &str) -> ClientRequest {
        // Not through `get` and so on: methods that no resource has are asked for, too.
        request(method, &format!("http://{}{path}", self.address())).no_decompress()
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// What Prometheus would be told now.
    pub async fn metrics(&self) -> String {
        let address = self.metrics_address.unwrap();
        let answer = Answer::of(get(&format!("http://{address}/metrics"))).await;
        assert_eq!(answer.header("content-type"), EXPOSITION);
        String::from_utf8(answer.body).unwrap()
    }

    /// Waits until readiness says yes.
    pub async fn ready(&self) {
        eventually("the service is ready", async || {
            self.get("/health/ready").await.status == 200
        })
        .await;
    }

    /// Waits for its end, and gives what its run ended with.
    pub async fn ended(self) -> std::io::Result<()> {
        self.running.await.unwrap()
    }
}

thread_local! {
    /// Made once: it loads every certificate that this machine trusts.
    static CLIENT: awc::Client = awc::Client::builder()
        .timeout(Duration::from_secs(20))
        .disable_redirects()
        .finish();
}

pub fn request(method: Method, url: &str) -> ClientRequest {
    let request = CLIENT.with(|client| client.request(method, url));
    // A connection of its own: servers come and go here.
    request.force_close()
}

pub fn get(url: &str) -> ClientRequest {
    request(Method::GET, url)
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn of(request: ClientRequest) -> Self {
        let mut response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body().limit(8 << 20).await.unwrap().to_vec(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a header; empty when it is absent, several joined.
    pub fn header(&self, name: &str) -> String {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .map(|v| v.to_str().unwrap())
            .collect();
        values.join(", ")
    }

    /// The problem's code, after a look at what all problems have in common.
    pub fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["type", "title", "code", "detail", "instance", "error"] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub fn settings(database: &str, issuer: &str, variables: &[(&str, &str)]) -> Settings {
    let needed = [
        ("DATABASE_URL", database),
        ("BETTER_AUTH_URL", issuer),
        ("API__SERVER__PORT", "0"),
        ("API__SERVER__WORKERS", "2"),
        ("API__DATABASE__MAX_CONNECTIONS", "4"),
    ];
    let environment: Environment = needed.iter().chain(variables).copied().collect();
    Settings::load(&Sources {
        file: None,
        environment,
    })
    .unwrap()
}

pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "waited in vain: {what}"
        );
        actix_web::rt::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Everything that this process has logged so far, at the most talkative level.
pub fn captured_log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

pub fn capture_log() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let variables = [("RUST_LOG", "trace"), ("API__LOG__FORMAT", "json")];
        let log = settings(
            "postgres://u@localhost/db",
            "http://localhost:3000",
            &variables,
        )
        .log;
        let subscriber = telemetry::subscriber(&log, false, || Capture);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

struct Capture;

impl std::io::Write for Capture {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The program, with nothing in its environment but these variables.
pub fn program(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api-server"));
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program to its end: exit code, stdout, stderr.
pub fn run(arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(arguments, variables).output().unwrap();
    (
        status.code().expect("it ends by itself"),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// `api-server serve` as a process of its own; killed when dropped.
pub struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
    pub address: String,
}

impl Process {
    pub fn serve(variables: &[(&str, &str)]) -> Self {
        let needed = [("API__SERVER__PORT", "0"), ("API__LOG__FORMAT", "json")];
        let variables = [&needed, variables].concat();
        let mut child = program(&["serve"], &variables).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            stderr
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut process = Self {
            child,
            lines,
            address: String::new(),
        };
        let line = process.line_with("\"listening\"");
        let line: Value = serde_json::from_str(&line).unwrap();
        process.address = line["address"].as_str().unwrap().to_owned();
        process
    }

    /// The next line of the log that has `text` in it.
    pub fn line_with(&self, text: &str) -> String {
        let mut lines = self.lines_until(text);
        lines.pop().expect("the last one has the text")
    }

    /// The lines of the log since the last look, up to and with the one that has `text` in it.
    pub fn lines_until(&self, text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(Duration::from_secs(20)) {
                Ok(line) => seen.push(line),
                Err(error) => panic!("{error} while waiting for {text}: {seen:#?}"),
            }
            if seen.last().is_some_and(|line| line.contains(text)) {
                return seen;
            }
        }
    }

    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end: exit code, and what it printed to stdout.
    pub fn end(mut self) -> (i32, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "it does not end"
            );
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut stdout = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        (status.code().expect("it ends by itself"), stdout)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
