use std::{
    collections::HashSet,
    io::{Read, Write},
    net::TcpStream,
};

use actix_web::http::Method;
use auth_testkit::{TokenBuilder, tampered};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{Answer, Process, Service, captured_log, eventually};

/// The lines about one request, as JSON.
fn lines_of(request_id: &str) -> Vec<Value> {
    captured_log()
        .lines()
        .filter(|line| line.contains(request_id))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["span"]["request_id"] == request_id)
        .collect()
}

async fn line_at_info(request_id: &str) -> Value {
    let at_info = || -> Vec<Value> {
        lines_of(request_id)
            .into_iter()
            .filter(|line| line["level"] == "INFO")
            .collect()
    };
    eventually("the request is logged", async || !at_info().is_empty()).await;
    let mut lines = at_info();
    assert_eq!(lines.len(), 1, "one line per request: {lines:?}");
    lines.remove(0)
}

#[actix_web::test]
async fn a_request_is_one_line_with_who_what_and_how_it_ended() {
    let service = Service::start().await;
    service.ready().await;
    let user = Uuid::new_v4();
    let ask = async |path: &str, token: Option<String>| {
        let id = Uuid::new_v4().to_string();
        let mut request = service
            .request(Method::GET, path)
            .insert_header(("X-Request-ID", id.as_str()));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Answer::of(request).await;
        line_at_info(&id).await
    };

    let line = ask(
        "/api/v1/me/tasks?limit=2",
        Some(service.issuer.token_for(user)),
    )
    .await;
    let span = &line["span"];
    assert_eq!(line["message"], "request finished");
    assert!(
        line["elapsed_ms"].as_f64().is_some_and(|ms| ms > 0.0),
        "{line}"
    );
    assert_eq!(span["http.method"], "GET");
    assert_eq!(span["http.route"], "/api/v1/{user_id}/tasks");
    assert_eq!(span["http.target"], "/api/v1/me/tasks?limit");
    assert_eq!(span["user.id"], user.to_string());
    assert_eq!(span["status"], 200);
    assert_eq!(span["deny.code"], Value::Null);

    let expired = service.issuer.mint(user, TokenBuilder::expired);
    let line = ask("/api/v1/me/tasks", Some(expired)).await;
    assert_eq!(line["span"]["deny.code"], "token_expired");
    assert_eq!(line["span"]["status"], 401);
    assert_eq!(line["span"]["user.id"], Value::Null);

    let line = ask("/nowhere", None).await;
    assert_eq!(line["span"]["status"], 404);
}

/// The members in the table of `docs/operations.md`, and whether each is in every line.
fn documented() -> Vec<(String, bool)> {
    let page = include_str!("../../../../docs/operations.md");
    let table = page.split("| member | always | is |\n").nth(1).unwrap();
    let rows = table.lines().skip(1).take_while(|row| row.starts_with('|'));
    rows.flat_map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let always = cells[2] == "yes";
        let names = cells[1].split(", ").map(|name| name.trim_matches('`'));
        names.map(move |name| (name.to_owned(), always))
    })
    .collect()
}

fn members(line: &Value) -> Vec<String> {
    let top = line.as_object().unwrap().keys();
    let of_span = line["span"]
        .as_object()
        .into_iter()
        .flat_map(|it| it.keys());
    // Of a build that can send traces, and only there.
    let of_span = of_span.filter(|name| !name.starts_with("otel."));
    top.filter(|name| *name != "span")
        .cloned()
        .chain(of_span.map(|name| format!("span.{name}")))
        .collect()
}

#[actix_web::test]
async fn the_line_of_a_request_has_the_documented_members_and_no_others() {
    let service = Service::start().await;
    service.ready().await;
    let documented = documented();
    let mut seen = HashSet::new();
    let token = service.issuer.token_for(Uuid::new_v4());
    for (path, token) in [
        ("/api/v1/me/tasks", Some(token.as_str())),
        ("/api/v1/me/tasks", Some("no token")),
        ("/nowhere", None),
    ] {
        let id = Uuid::new_v4().to_string();
        let request = service
            .request(Method::GET, path)
            .insert_header(("X-Request-ID", id.as_str()));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Answer::of(request).await;
        let members = members(&line_at_info(&id).await);
        for name in ["name", "request_id", "http.method", "http.target", "status"] {
            assert!(members.contains(&format!("span.{name}")), "{name}");
        }
        seen.extend(members);
    }
    for name in &seen {
        let known = documented.iter().any(|(known, _)| known == name);
        assert!(known, "{name} is in no document");
    }
    for (name, _) in &documented {
        let of_failures = ["error", "cause"].contains(&name.as_str());
        assert!(of_failures || seen.contains(name), "{name} is in no line");
    }

    let log = captured_log();
    let lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    for line in lines {
        for (name, _) in documented.iter().filter(|(_, always)| *always) {
            assert!(line[name].is_string(), "no {name}: {line}");
        }
    }
}

#[actix_web::test]
async fn no_token_and_no_password_is_logged_at_any_level() {
    let service = Service::start().await;
    service.ready().await;
    let user = Uuid::new_v4();
    let good = service.issuer.token_for(user);
    let secrets = [
        good.clone(),
        service.issuer.mint(user, TokenBuilder::expired),
        tampered(&good),
        "T3AqVb6nQm9xKpLw2ZsRc8YtHd4JgF1e".to_owned(),
    ];
    for secret in &secrets {
        let id = Uuid::new_v4().to_string();
        let request = |path: &str| {
            service
                .request(Method::GET, path)
                .insert_header(("X-Request-ID", id.as_str()))
        };
        Answer::of(request("/api/v1/me/tasks").bearer_auth(secret)).await;
        Answer::of(request(&format!("/api/v1/me/tasks?access_token={secret}")).bearer_auth(secret))
            .await;
        Answer::of(request(&format!("/api/v1/{secret}/tasks")).bearer_auth(secret)).await;
        Answer::of(request("/health").insert_header(("Cookie", format!("session={secret}")))).await;
        Answer::of(request("/health").insert_header(("X-Correlation-ID", secret.as_str()))).await;
        eventually("the requests are logged", async || lines_of(&id).len() >= 5).await;
    }
    let log = captured_log();
    for secret in &secrets {
        // Three parts, any of which gives much away.
        for part in secret.split('.').filter(|part| part.len() > 20) {
            let line = log.lines().find(|line| line.contains(part));
            assert!(line.is_none(), "{}", line.unwrap_or_default());
        }
    }
}

#[test]
fn strangers_who_speak_no_http_leave_no_line_unless_somebody_asks_for_it() {
    let serving = |filter: &str| {
        Process::serve(&[
            // Nobody listens on port 1.
            ("DATABASE_URL", "postgres://u@127.0.0.1:1/db"),
            ("BETTER_AUTH_URL", "http://127.0.0.1:1"),
            ("API__DATABASE__CONNECT_TIMEOUT", "500ms"),
            ("RUST_LOG", filter),
        ])
    };
    let babble = |process: &Process, bytes: &[u8]| {
        let mut stream = TcpStream::connect(&process.address).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    };
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n";

    let asked = serving("info");
    babble(&asked, hello);
    asked.line_with("stream error");

    // An empty variable counts as unset, so this is the default.
    let default = serving("");
    babble(&default, hello);
    babble(
        &default,
        b"GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    let seen = default.lines_until("/after");
    assert!(
        !seen.iter().any(|line| line.contains("actix_http")),
        "{seen:#?}"
    );
}
