use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use actix_web::{
    http::{Method, header::HeaderMap},
    rt::task::spawn_blocking,
};
use awc::ClientRequest;
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    headers: HeaderMap,
}

thread_local! {
    /// Made once: it loads every certificate that this machine trusts.
    static CLIENT: awc::Client = awc::Client::builder()
        .timeout(Duration::from_secs(30))
        .disable_redirects()
        .finish();
}

pub fn request(method: Method, url: &str) -> ClientRequest {
    let request = CLIENT.with(|client| client.request(method, url));
    // A connection of its own: servers come and go here.
    request.force_close()
}

pub async fn send(request: ClientRequest, body: Option<&Value>) -> Answer {
    let sent = match body {
        None => request.send(),
        Some(body) => request.send_json(body),
    };
    let mut response = sent.await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.body().limit(8 << 20).await.unwrap().to_vec(),
    }
}

/// Sends bytes that no HTTP client would, and gives the status of what comes back; 0 for nothing.
pub async fn send_raw(address: &str, bytes: Vec<u8>) -> (u16, String) {
    let address = address.to_owned();
    let answer = spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        // The server may have answered and closed before everything was written.
        let _ = stream.write_all(&bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    });
    let answer = answer.await.unwrap();
    let status = answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok());
    (status.unwrap_or(0), answer)
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of an answer that has to be of this status.
    pub fn json_of(&self, status: u16) -> Value {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{body}");
        self.json()
    }

    /// The value of a header; empty when it is absent, several joined.
    pub fn header(&self, name: &str) -> String {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .map(|value| value.to_str().unwrap())
            .collect();
        values.join(", ")
    }

    /// Each cookie that was set, as a browser sends it back.
    pub fn cookies(&self) -> String {
        let cookies: Vec<_> = self
            .headers
            .get_all("set-cookie")
            .filter_map(|cookie| cookie.to_str().unwrap().split(';').next())
            .collect();
        cookies.join("; ")
    }

    /// Status and code of a problem, after a look at what all problems have in common.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        let code = problem["code"].as_str().unwrap().to_owned();
        // RFC 9110: a 401 challenges, and what is over soon says when. RFC 6750 adds missing scopes.
        let challenge = self.header("www-authenticate");
        let is_challenge = self.status == 401 || code == "scope_missing";
        assert_eq!(is_challenge, challenge.starts_with("Bearer realm="));
        let retry_after = self.header("retry-after");
        assert_eq!(self.status == 503, retry_after.parse::<u32>().is_ok());
        (self.status, code)
    }
}
