//! What the tests share: requests, answers, and a drawbridge in front of a fake issuer.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{self, TestRequest};
use auth_actix::{CurrentUser, Drawbridge, DrawbridgeBuilder};
use auth_testkit::FakeIssuer;
use serde_json::Value;
use uuid::Uuid;

pub const ALICE: Uuid = Uuid::from_u128(0x000A_11CE_0000_4000_8000_0000_0000_ABCD);
pub const BOB: Uuid = Uuid::from_u128(0x0000_0B0B_0000_4000_8000_0000_0000_ABCD);

pub struct Answer {
    pub status: u16,
    pub body: String,
    pub headers: HeaderMap,
}

impl Answer {
    pub fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["error"], problem["detail"]);
        assert_eq!(
            problem["type"],
            format!(
                "urn:drawbridge:problem:{}",
                problem["code"].as_str().unwrap()
            )
        );
        problem
    }

    pub fn code(&self) -> String {
        self.problem()["code"].as_str().unwrap().to_owned()
    }

    /// Status and code, for comparing both at once.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.code())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// The answer of this app to this request. A macro because `actix-web` does not name the type of
/// what a test service takes.
macro_rules! ask {
    ($app:expr, $request:expr) => {
        crate::support::answer(actix_web::test::call_service($app, $request.to_request()).await)
            .await
    };
}

/// An app with these services in it, ready to be asked.
macro_rules! app {
    ($configure:expr) => {
        actix_web::test::init_service(actix_web::App::new().configure($configure)).await
    };
}

pub async fn answer<B: MessageBody>(response: ServiceResponse<B>) -> Answer {
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: String::from_utf8(test::read_body(response).await.to_vec()).unwrap(),
    }
}

pub fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

pub fn bearer(path: &str, token: &str) -> TestRequest {
    get(path).insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
}

/// A drawbridge for this issuer, with everything else as it is by default.
pub fn builder(issuer: &FakeIssuer) -> DrawbridgeBuilder {
    Drawbridge::better_auth(issuer.url()).require_keys_at_start(true)
}

pub async fn whoami(user: CurrentUser) -> String {
    user.user_id().to_string()
}

pub async fn eventually(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "it did not come about"
        );
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
    }
}
