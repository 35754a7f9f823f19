//! The domain behind the guard, users with tokens, and what comes back.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_http::Request;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::from_fn,
    test,
};
use auth_actix::{AuthBridge, KeyFeed, KeyFeedSettings};
use auth_pg::{AccountsSettings, PgAccounts, UserDb};
use auth_testkit::FakeIssuer;
use domain_kit::{DomainSet, Guard, problem_details, schema};
use futures_util::future::{FutureExt, LocalBoxFuture};
use serde_json::Value;
use tasks_domain::TasksDomain;
use test_kit::TestDatabase;
use uuid::Uuid;

/// The domain behind the guard, and an issuer to take tokens from.
pub struct House {
    pub issuer: FakeIssuer,
    feed: KeyFeed,
    pub database: TestDatabase,
    pub domains: DomainSet,
    guard: Guard,
}

impl House {
    pub async fn new() -> Self {
        Self::over(TestDatabase::new().await)
    }

    pub fn over(database: TestDatabase) -> Self {
        let db = database.user_db();
        Self::through(database, db)
    }

    /// With a pool of one connection, over which all users come one after the other.
    pub async fn of_one_connection() -> Self {
        let database = TestDatabase::new().await;
        let mut settings = database.pool_settings();
        settings.max_connections = 1;
        Self::through(database, UserDb::connect(&settings).unwrap())
    }

    fn through(database: TestDatabase, db: UserDb) -> Self {
        let issuer = FakeIssuer::start();
        let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
        let bridge = AuthBridge::new(issuer.policy(), feed.clone()).with_accounts(Arc::new(
            PgAccounts::start(db.clone(), AccountsSettings::default()),
        ));
        let domains = DomainSet::new()
            .with(TasksDomain::new(db.clone()))
            .unwrap()
            .forgetting(db);
        Self {
            issuer,
            feed,
            database,
            domains,
            guard: Guard::new(bridge),
        }
    }

    pub async fn open(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody>, Error = Error> {
        self.has_keys().await;
        test::init_service(
            App::new()
                .configure(|cfg| self.domains.mount(&self.guard, cfg))
                .wrap(from_fn(problem_details)),
        )
        .await
    }

    /// On a busy machine the first request would not wait long enough for them.
    async fn has_keys(&self) {
        self.feed.first_keys(Duration::from_secs(30)).await.unwrap();
    }

    /// The same, without the type of what is behind it.
    pub async fn door(&self) -> Door {
        self.has_keys().await;
        let app = App::new()
            .configure(|cfg| self.domains.mount(&self.guard, cfg))
            .wrap(from_fn(problem_details));
        let app = Rc::new(test::init_service(app).await);
        Door(Box::new(move |request| {
            let app = Rc::clone(&app);
            async move { answer(test::call_service(&*app, request).await).await }.boxed_local()
        }))
    }

    pub fn user(&self) -> User {
        self.user_with(Uuid::new_v4())
    }

    pub fn user_with(&self, id: Uuid) -> User {
        User {
            token: self.issuer.token_for(id),
        }
    }
}

pub struct User {
    pub token: String,
}

/// Where requests go in.
pub struct Door(Box<dyn Fn(Request) -> LocalBoxFuture<'static, Answer>>);

impl Door {
    pub async fn ask(&self, user: &User, ask: &Ask) -> Answer {
        self.begin(user, ask).await
    }

    /// Nothing happens before the future is polled.
    pub fn begin(&self, user: &User, ask: &Ask) -> LocalBoxFuture<'static, Answer> {
        self.0(ask.request(user))
    }
}

/// A request, written down before it is sent.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: Method,
    /// Whose path it is: `me` or an id.
    pub owner: String,
    /// What comes after the owner.
    pub path: String,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Ask {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            owner: "me".to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    pub fn of(self, owner: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            ..self
        }
    }

    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_vec()));
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn body(self, media: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: body.into(),
            ..self.header("content-type", media)
        }
    }

    pub fn uri(&self) -> String {
        format!("/api/v1/{}{}", self.owner, self.path)
    }

    fn request(&self, user: &User) -> Request {
        let mut request = test::TestRequest::default()
            .method(self.method.clone())
            .uri(&self.uri())
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", user.token)));
        if !self.body.is_empty() {
            request = request.set_payload(self.body.clone());
        }
        for (name, value) in &self.headers {
            let value = header::HeaderValue::from_bytes(value).unwrap();
            request = match *name {
                // The payload has brought the right one.
                "content-length" => request.insert_header((header::CONTENT_LENGTH, value)),
                name => request.append_header((name, value)),
            };
        }
        request.to_request()
    }
}

/// `text` as a value in a query string.
pub fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[derive(Debug)]
pub struct Answer {
    /// Which operation answered: its method and the template of its path; `None` where nothing has the path.
    pub operation: (Method, Option<String>),
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    /// As it came.
    pub text: String,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Status and code together, as tables of expectations have them.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.code())
    }

    /// `pointer code` of each thing that was wrong.
    pub fn errors(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|e| {
                format!(
                    "{} {}",
                    e["pointer"].as_str().unwrap(),
                    e["code"].as_str().unwrap()
                )
            })
            .collect()
    }

    /// The value of a header; empty when it is absent.
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The id of what was made or read.
    pub fn id(&self) -> &str {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?}"))
    }

    /// What every answer must be, whatever was asked: a refusal is a whole problem.
    ///
    /// Every answer of every test comes through here. This is the place to hold each of them against the document of
    /// the API, too: `operation`, `status` and `code` are at hand.
    fn checked(self) -> Self {
        if self.status.is_client_error() || self.status.is_server_error() {
            assert_eq!(
                self.headers.get(header::CONTENT_TYPE).unwrap(),
                "application/problem+json"
            );
            if self.operation.0 != Method::HEAD {
                let problem: schema::Problem = serde_json::from_value(self.body.clone()).unwrap();
                assert_eq!(problem.status, self.status.as_u16());
                assert_eq!(problem.error, problem.detail);
                assert!(problem.instance.is_some());
                assert!(!problem.code.is_empty() && !problem.title.is_empty());
            }
        }
        self
    }
}

macro_rules! send {
    ($app:expr, $user:expr, $method:ident $path:expr) => {
        send!($app, $user, $method $path, test::TestRequest::default())
    };
    ($app:expr, $user:expr, $method:ident $path:expr => $json:expr) => {
        send!($app, $user, $method $path, test::TestRequest::default().set_json($json))
    };
    ($app:expr, $user:expr, $method:ident $path:expr, $request:expr) => {{
        let request = $request
            .method(Method::$method)
            .uri(&format!("/api/v1/me{}", $path))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", $user.token)))
            .to_request();
        let response = test::call_service(&$app, request).await;
        answer(response).await
    }};
}
pub(crate) use send;

pub async fn answer(response: ServiceResponse<impl MessageBody>) -> Answer {
    let operation = (
        response.request().method().clone(),
        response.request().match_pattern(),
    );
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = test::read_body(response).await;
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let media = headers.get(header::CONTENT_TYPE);
    let is_json = media.is_some_and(|media| {
        media.as_bytes().ends_with(b"json") && media != "application/x-ndjson"
    });
    let body = if text.is_empty() || !is_json {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap()
    };
    let answer = Answer {
        operation,
        status,
        headers,
        text,
        body,
    };
    answer.checked()
}
