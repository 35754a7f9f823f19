//! The front door of a service under test: requests written down before they are sent, and answers that have been looked at.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

mod dice;

use std::{fmt, pin::pin, rc::Rc, time::Duration};

use actix_http::Request;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    rt::time::timeout,
    test,
};
use domain_kit::schema;
use futures_util::future::{FutureExt, LocalBoxFuture, poll_fn};
use serde_json::Value;

pub use dice::Dice;

/// Who asks.
#[derive(Debug)]
pub struct User {
    pub token: String,
}

/// Where requests go in.
pub struct Door(Box<Ways>);

/// What comes of a request: all of it, or the beginning of a stream, which is left after so many messages.
type Ways = dyn Fn(Request, Option<usize>) -> LocalBoxFuture<'static, Answer>;

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Door {
    /// The door of this service, without its type.
    pub fn new<B: MessageBody + 'static>(
        app: impl Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    ) -> Self {
        let app = Rc::new(app);
        Self(Box::new(move |request, messages| {
            let app = Rc::clone(&app);
            async move {
                let response = test::call_service(&*app, request).await;
                match messages {
                    Some(messages) if response.status() == StatusCode::OK => {
                        beginning(response, messages).await
                    }
                    _ => answer(response).await,
                }
            }
            .boxed_local()
        }))
    }

    pub async fn ask(&self, user: &User, ask: &Ask) -> Answer {
        self.begin(user, ask).await
    }

    /// Nothing happens before the future is polled.
    pub fn begin(&self, user: &User, ask: &Ask) -> LocalBoxFuture<'static, Answer> {
        self.0(ask.request(user), None)
    }

    /// The first so many messages of a stream of events, by somebody who then goes away.
    pub async fn listen(&self, user: &User, ask: &Ask, messages: usize) -> Answer {
        self.0(ask.request(user), Some(messages)).await
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

async fn beginning<B: MessageBody>(response: ServiceResponse<B>, messages: usize) -> Answer {
    let operation = operation(&response);
    let (status, headers) = (response.status(), response.headers().clone());
    let (_, body) = response.into_parts().1.into_parts();
    let mut body = pin!(body);
    let mut text = String::new();
    while text.matches("\n\n").count() < messages {
        let next = timeout(PATIENCE, poll_fn(|cx| body.as_mut().poll_next(cx)));
        let Some(Ok(chunk)) = next.await.expect("something comes") else {
            break;
        };
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    Answer {
        operation,
        status,
        headers,
        text,
        body: Value::Null,
    }
}

/// How long a stream may be silent.
const PATIENCE: Duration = Duration::from_secs(20);

fn operation<B>(response: &ServiceResponse<B>) -> (Method, Option<String>) {
    let request = response.request();
    (request.method().clone(), request.match_pattern())
}

pub async fn answer(response: ServiceResponse<impl MessageBody>) -> Answer {
    let operation = operation(&response);
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
