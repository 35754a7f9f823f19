use std::time::Duration;

use actix_web::http::Method;
use auth_testkit::tampered;
use serde_json::json;

use crate::support::{
    api::{Api, Runs},
    bridge::Bridge,
    eventually,
    http::{request, send, send_raw},
};

#[actix_web::test]
async fn what_is_no_good_token_is_401_with_its_own_reason() {
    let bridge = Bridge::new().await;
    let (_, adas) = bridge.welcome("Ada").await;
    let (_, bobs) = bridge.welcome("Bob").await;
    // The same software, another server: other keys under other names.
    let stranger = Bridge::new().await;
    let (_, foreign) = stranger.welcome("Ada").await;

    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (parts(&adas), parts(&bobs));
    // {"alg":"none"} and {"alg":"HS256","kid":"x"}
    let (none, hmac) = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiIsImtpZCI6IngifQ");
    for (token, code) in [
        (String::new(), "token_missing"),
        (tampered(&adas), "signature_invalid"),
        (format!("{}.{}.{}", a[0], b[1], a[2]), "signature_invalid"),
        (format!("{}.{}.{}", a[0], a[1], b[2]), "signature_invalid"),
        (format!("{}.{}.", a[0], a[1]), "token_malformed"),
        (format!("{}.{}", a[0], a[1]), "token_malformed"),
        (format!("{adas}.{}", a[2]), "token_malformed"),
        (format!("{none}.{}.", a[1]), "algorithm_not_allowed"),
        (format!("{hmac}.{}.{}", a[1], a[2]), "algorithm_not_allowed"),
        (foreign, "key_unknown"),
        ("a".repeat(9000), "token_too_large"),
        ("null".to_owned(), "token_malformed"),
    ] {
        let answer = bridge.api.get("/api/v1/me/tasks", &token).await;
        assert_eq!(answer.problem(), (401, code.to_owned()), "{token}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(
            challenge.contains("error=\"invalid_token\""),
            !token.is_empty(),
            "{challenge}"
        );
    }
    bridge.api.get("/api/v1/me/tasks", &adas).await.json_of(200);
}

#[actix_web::test]
async fn no_symbol_of_a_real_token_can_be_changed() {
    let bridge = Bridge::new().await;
    let (_, token) = bridge.welcome("Ada").await;
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        // The next symbol: where the last ones of a part carry spare bits, this changes nothing else.
        changed[place] = match changed[place] {
            b'.' => b'-',
            b'Z' | b'z' | b'9' | b'_' => b'A',
            b'-' => b'0',
            symbol => symbol + 1,
        };
        let changed = String::from_utf8(changed).unwrap();
        assert_ne!(changed, token);
        let (status, code) = bridge.api.get("/api/v1/me", &changed).await.problem();
        assert_eq!(status, 401, "{code}: symbol {place} of {token}");
    }
}

#[actix_web::test]
async fn malformed_and_hostile_credentials_never_hurt_the_server() {
    let bridge = Bridge::new().await;
    let (_, token) = bridge.welcome("Ada").await;
    let good = format!("Authorization: Bearer {token}\r\n");
    let bytes = |text: &str| text.as_bytes().to_vec();
    let cases: Vec<(Vec<u8>, &[u16])> = vec![
        (bytes(&good), &[200]),
        (
            bytes(&format!("authorization: bEaReR   {token}  \r\n")),
            &[200],
        ),
        (bytes(&good.repeat(2)), &[400]),
        (
            bytes(&format!("{good}Authorization: Basic YTpi\r\n")),
            &[400],
        ),
        (bytes("Authorization:\r\n"), &[401]),
        (bytes("Authorization: Bearer\r\n"), &[401]),
        (bytes("Authorization: Bearer \r\n"), &[401]),
        (bytes("Authorization: Basic YTpi\r\n"), &[401]),
        (bytes(&format!("Authorization: {token}\r\n")), &[401]),
        (bytes(&format!("Authorization: Bearer{token}\r\n")), &[401]),
        (
            bytes(&format!(
                "Authorization: Bearer {token}, Bearer {token}\r\n"
            )),
            &[401],
        ),
        (
            bytes(&format!("Authorization: Bearer \"{token}\"\r\n")),
            &[401],
        ),
        (
            bytes(&format!("Authorization: Bearer {token}=\r\n")),
            &[401],
        ),
        (
            bytes(&format!("Authorization: Bearer {}\r\n", ".".repeat(5000))),
            &[401],
        ),
        (
            bytes(&format!(
                "Authorization: Bearer {}\r\n",
                "a.b.c.".repeat(1000)
            )),
            &[401],
        ),
        (
            bytes(&format!(
                "Authorization: Bearer {}\r\n",
                "\u{1f309}".repeat(50)
            )),
            &[401],
        ),
        (
            b"Authorization: Bearer \xff\xfe.\x80.\xc3\r\n".to_vec(),
            &[401],
        ),
        (b"Authorization: Bearer a\tb\tc\r\n".to_vec(), &[401]),
        // What is no HTTP is refused before anybody looks for a token.
        (b"Authorization: Bearer a\0b\r\n".to_vec(), &[400, 0]),
        (b"Authorization: Bearer a\r b\r\n".to_vec(), &[400, 0]),
        (
            bytes(&format!(
                "Authorization: Bearer {}\r\n",
                "a".repeat(300_000)
            )),
            &[400, 401, 431, 0],
        ),
        (
            bytes(&format!("Cookie: better-auth.session_token={token}\r\n")),
            &[401],
        ),
    ];
    for (header, expected) in cases {
        let mut message = b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".to_vec();
        message.extend(&header);
        message.extend(b"\r\n");
        let (status, answer) = send_raw(bridge.api.address(), message).await;
        let header = String::from_utf8_lossy(&header);
        let header: String = header.chars().take(200).collect();
        assert!(
            expected.contains(&status),
            "{status} for {header:?}: {answer}"
        );
    }
    // A token in the query or in the body is none (RFC 6750 §2.2 and §2.3 are not offered).
    let answer = bridge
        .api
        .get(&format!("/api/v1/me?access_token={token}"), "")
        .await;
    assert_eq!(answer.problem(), (401, "token_missing".to_owned()));
    bridge.api.get("/api/v1/me", &token).await.json_of(200);
}

#[actix_web::test]
async fn a_token_is_good_until_its_time_is_over_and_not_longer() {
    let short = json!({ "jwt": { "jwt": { "expirationTime": "3s" } } });
    let exactly = [("API__AUTH__LEEWAY", "0s")];
    let bridge = Bridge::with(Runs::InThisProcess, &short, &exactly).await;
    let ada = bridge.better_auth.sign_up("Ada").await;

    // On a busy machine three seconds may be over before they are used.
    let mut token = String::new();
    eventually("a token is good", async || {
        token = bridge.better_auth.token(&ada).await;
        bridge.api.get("/api/v1/me", &token).await.status == 200
    })
    .await;
    eventually("it is over", async || {
        bridge.api.get("/api/v1/me", &token).await.status != 200
    })
    .await;
    let answer = bridge.api.get("/api/v1/me", &token).await;
    assert_eq!(answer.problem(), (401, "token_expired".to_owned()));
    eventually("the next one is good", async || {
        let next = bridge.better_auth.token(&ada).await;
        bridge.api.get("/api/v1/me", &next).await.status == 200
    })
    .await;
}

/// Clocks differ: with the default leeway the same token goes on for half a minute.
#[actix_web::test]
async fn the_leeway_is_for_clocks_that_differ() {
    let short = json!({ "jwt": { "jwt": { "expirationTime": "1s" } } });
    let bridge = Bridge::with(Runs::InThisProcess, &short, &[]).await;
    let (_, token) = bridge.welcome("Ada").await;
    crate::support::pause(Duration::from_secs(2)).await;
    bridge.api.get("/api/v1/me", &token).await.json_of(200);
}

#[actix_web::test]
async fn what_cannot_be_understood_is_said_exactly_to_who_may_know_it() {
    let bridge = Bridge::new().await;
    let (ada, token) = bridge.welcome("Ada").await;
    let path = "/api/v1/me/tasks";
    let post = async |api: &Api, media: &'static str, body: &str, token: &str| {
        let url = format!("http://{}{path}", api.address());
        let request = request(Method::POST, &url)
            .content_type(media)
            .bearer_auth(token);
        let mut response = request.send_body(body.to_owned()).await.unwrap();
        let problem: serde_json::Value = response.json().await.unwrap();
        (response.status().as_u16(), problem)
    };
    let json = "application/json";
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(300 * 1024));
    for (media, body, status, code, pointers) in [
        (json, "{", 422, "validation_failed", &[""][..]),
        (json, "[]", 422, "validation_failed", &[""]),
        (
            json,
            r#"{"title":" "}"#,
            422,
            "validation_failed",
            &["/title"],
        ),
        (
            json,
            r#"{"title":7}"#,
            422,
            "validation_failed",
            &["/title"],
        ),
        (
            json,
            r#"{"title":"x","colour":"red","due_date":"2026-12-01T10:00:00"}"#,
            422,
            "validation_failed",
            &["/colour", "/due_date"],
        ),
        (json, &long, 413, "body_too_large", &[]),
        (
            "text/plain",
            r#"{"title":"x"}"#,
            415,
            "unsupported_media_type",
            &[],
        ),
    ] {
        let (found, problem) = post(&bridge.api, media, body, &token).await;
        assert_eq!(
            (found, problem["code"].as_str().unwrap()),
            (status, code),
            "{problem}"
        );
        let mut seen: Vec<_> = problem["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["pointer"].as_str().unwrap())
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, pointers, "{problem}");
        // Who does not get in learns nothing about bodies.
        let (found, problem) = post(&bridge.api, media, body, "nobody").await;
        assert_eq!(
            (found, problem["code"].as_str().unwrap()),
            (401, "token_malformed")
        );
    }
    for (method, path, expected) in [
        (
            Method::GET,
            "/api/v1/me/nowhere".to_owned(),
            (404, "path_not_found"),
        ),
        (
            Method::GET,
            format!("/api/v1/{}/nowhere", ada.uuid),
            (404, "path_not_found"),
        ),
        (Method::PUT, path.to_owned(), (405, "method_not_allowed")),
        (
            Method::GET,
            format!("{path}?limit=0"),
            (400, "invalid_parameter"),
        ),
        (
            Method::GET,
            format!("{path}?pages=2"),
            (400, "unknown_parameter"),
        ),
        (Method::GET, format!("{path}/7"), (404, "task_not_found")),
    ] {
        let url = format!("http://{}{path}", bridge.api.address());
        let answer = send(request(method, &url).bearer_auth(&token), None).await;
        assert_eq!(
            answer.problem(),
            (expected.0, expected.1.to_owned()),
            "{path}"
        );
    }
    let list = bridge.api.get(path, &token).await.json_of(200);
    assert_eq!(list["items"], serde_json::json!([]));
}
