//! What a client would see: asked of the service in this process, or of one that runs.

use std::time::Duration;

use actix_web::{
    App,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    test::{TestRequest, call_service, init_service},
};
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::{Check, Finding, Ground, text::shown};
use crate::{
    app::{Asked, Replied},
    headers::cors,
    telemetry::chain,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "api.account",
        needs: &["token.user", "db.rls", "db.schema"],
        look: |ground| Box::pin(account(ground)),
    },
    Check {
        id: "api.page",
        needs: &["api.account"],
        look: |ground| Box::pin(page(ground)),
    },
    Check {
        id: "api.selftest",
        needs: &["api.account"],
        look: |ground| Box::pin(self_test(ground)),
    },
    Check {
        id: "jwks.cache",
        needs: &["api.account"],
        look: |ground| Box::pin(cache(ground)),
    },
    Check {
        id: "cors.origin",
        needs: &["config.settings"],
        look: |ground| Box::pin(origin(ground)),
    },
];

/// The codes that the API has for a good token whose user may not come in.
const CODES: [&str; 9] = [
    "user_not_found",
    "user_banned",
    "session_ended",
    "token_revoked",
    "scope_missing",
    "role_missing",
    "accounts_unavailable",
    "keys_unavailable",
    "database_unavailable",
];

async fn account(ground: &Ground) -> Finding {
    let answer = match here(ground, Method::GET, "/api/v1/me", None).await {
        Ok(answer) => answer,
        Err(finding) => return finding,
    };
    if answer.status == 200 {
        return Finding::pass("the token's user is welcome");
    }
    let problem = answer.problem();
    let code = CODES.into_iter().find(|code| problem["code"] == *code);
    let finding = Finding::fail(format!(
        "the API answers {}: {}",
        answer.status,
        said(&problem["title"])
    ))
    .because(said(&problem["detail"]));
    let finding = finding.fix(match code {
        Some("user_not_found") => {
            "the user is not in Better Auth's table that ours are linked to: sign in again, or run `api-server migrate` if Better \
             Auth moved"
        }
        Some("user_banned") => "unban the user in Better Auth (admin.unbanUser)",
        Some("session_ended") => "sign in again: the session that the token was made in is over",
        Some("token_revoked") => "fetch a fresh token; `api-server revoke` has refused those before it",
        Some("scope_missing") => "let the client ask for the scopes of API__AUTH__OAUTH__SCOPES",
        _ => "docs/problems.md has a section for each code",
    });
    match code {
        Some(code) => finding.named(code),
        None => finding,
    }
}

async fn page(ground: &Ground) -> Finding {
    let path = "/api/v1/me/tasks?limit=1";
    let answer = match &ground.wanted.api {
        Some(api) => there(ground, api, path).await,
        None => here(ground, Method::GET, path, None).await,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(finding) => return finding,
    };
    if answer.status != 200 {
        return Finding::fail(format!("a list is answered with {}", answer.status))
            .because(said(&answer.problem()["detail"]))
            .fix("docs/problems.md has a section for each code");
    }
    let list: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let members = [
        "items",
        "limit",
        "next_cursor",
        "has_more",
        "total",
        "page",
        "total_pages",
    ];
    let is_page = list["items"].is_array() && members.iter().all(|name| list.get(name).is_some());
    match is_page {
        true => Finding::pass("a list is a page: its items are an array, and no member is missing"),
        false => Finding::fail("a list is answered with 200, and what comes is not the API's page")
            .because("something between here and the API rewrites its answers, or another service answers at that address")
            .fix("let the proxy pass bodies of application/json through unchanged, and see that the address is the API's"),
    }
}

/// One task with all that used to go wrong, through the import, which is tried and not kept.
async fn self_test(ground: &Ground) -> Finding {
    let lines = [
        json!({"type": "task", "task": {
            "title": "doctor", "tags": ["doctor"], "due_date": "2030-01-01T10:00:00+02:00",
        }}),
        json!({"type": "end", "tags": 0, "tasks": 1}),
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let path = "/api/v1/me/import?mode=merge&dry_run=true";
    let answer = match here(ground, Method::POST, path, Some(lines)).await {
        Ok(answer) => answer,
        Err(finding) => return finding,
    };
    let report: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match (answer.status, report["tasks"] == 1) {
        (200, true) => Finding::pass(
            "a task with a tag, no priority and a time with its zone is taken (tried, not kept)",
        ),
        (413, _) => Finding::skip("imports are off (server.import_limit)"),
        (status, _) => Finding::fail(format!(
            "to take a task with a tag and a time is answered with {status}"
        ))
        .because(said(&report["detail"]))
        .fix("see the server's log; `api-server migrate` if tables or grants are not as they were"),
    }
}

async fn cache(ground: &Ground) -> Finding {
    let Ok(rehearsal) = ground.rehearsal().await else {
        return Finding::skip("api.account first");
    };
    let keys = rehearsal.keys();
    let settings = &ground.settings().keys;
    let age = keys.age.unwrap_or_default();
    let renewal = settings
        .max_age
        .mul_f64(f64::from(settings.refresh_at_percent) / 100.0);
    let text = format!(
        "{} fetch{} for all requests so far; the keys are {} s old and are renewed in about {} s",
        keys.fetches,
        if keys.fetches == 1 { "" } else { "es" },
        age.as_secs(),
        renewal.saturating_sub(age).as_secs(),
    );
    match keys.fetches {
        0..=2 => Finding::pass(text),
        _ => Finding::warn(text)
            .because("each request waits for the issuer")
            .fix("see whether Better Auth sends Cache-Control: no-store for its keys, and raise API__AUTH__JWKS__SHORTEST_TOLD_AGE"),
    }
}

async fn origin(ground: &Ground) -> Finding {
    let Some(origin) = &ground.wanted.origin else {
        return Finding::skip("no origin is given (--origin)");
    };
    let allowed = &ground.settings().cors_origins;
    if HeaderValue::from_str(origin).is_err() {
        return Finding::fail(format!("{} is no origin", shown(origin)))
            .because("no browser sends it, as it cannot stand in a header")
            .fix("give the page's scheme, host and port, such as http://localhost:3000");
    }
    let service = init_service(App::new().wrap(cors(allowed))).await;
    let preflight = TestRequest::with_uri("/api/v1/me/tasks")
        .method(Method::OPTIONS)
        .insert_header((header::ORIGIN, origin.as_str()))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "POST"))
        .insert_header((
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            "authorization,content-type",
        ));
    let answer = call_service(&service, preflight.to_request()).await;
    let granted = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    if granted.is_some_and(|granted| granted.as_bytes() == origin.as_bytes()) {
        return Finding::pass(format!("pages of {} may call", shown(origin)));
    }
    Finding::fail(format!("{} not in [{}]", shown(origin), allowed.join(", ")))
        .because("the browser keeps the answer from the page, and tells it nothing but that the request failed")
        .fix(format!(
            "API__CORS__ORIGINS={}: scheme, host and port as the browser shows them, without a slash at the end",
            allowed.iter().map(String::as_str).chain([origin.trim_end_matches('/')]).collect::<Vec<_>>().join(",")
        ))
}

async fn here(
    ground: &Ground,
    method: Method,
    path: &str,
    lines: Option<String>,
) -> Result<Replied, Finding> {
    let rehearsal = ground.rehearsal().await;
    let rehearsal = rehearsal.as_ref().map_err(|error| {
        Finding::fail(chain(error))
            .because("the server does not start either")
            .fix("change the setting that it names; `api-server serve` says the same")
    })?;
    let Some(Ok(token)) = ground.token().await else {
        return Err(Finding::skip("there is no token"));
    };
    let mut headers = vec![("authorization", format!("Bearer {token}"))];
    if lines.is_some() {
        headers.push(("content-type", "application/x-ndjson".to_owned()));
    }
    let asked = Asked {
        method,
        path,
        headers,
        body: lines.unwrap_or_default(),
    };
    rehearsal.ask(asked).await.ok_or_else(|| {
        Finding::fail(format!("{path} is not answered in time"))
            .because("the database, or Better Auth's tables in it, take too long")
            .fix("see what the database is busy with (pg_stat_activity)")
    })
}

async fn there(ground: &Ground, api: &Url, path: &str) -> Result<Replied, Finding> {
    let Some(Ok(token)) = ground.token().await else {
        return Err(Finding::skip("there is no token"));
    };
    let url = format!("{}{path}", api.as_str().trim_end_matches('/'));
    let failed = |reason: String| {
        Finding::fail(format!("the API cannot be asked: {reason}"))
            .because("clients cannot ask it either, or not from here")
            .fix("start it, and check the address and the proxies before it (--api)")
    };
    let client = awc::Client::builder()
        .disable_redirects()
        .timeout(PATIENCE)
        .finish();
    let asking = async {
        let request = client
            .get(url.as_str())
            .bearer_auth(token)
            .force_close()
            .no_decompress();
        let mut response = request
            .send()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let body = response.body().limit(LARGEST_BODY).await;
        Ok(Replied {
            status: response.status().as_u16(),
            body: body.map_err(|error| failed(error.to_string()))?.to_vec(),
        })
    };
    timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Err(failed(format!("no answer within {PATIENCE:?}"))))
}

const PATIENCE: Duration = Duration::from_secs(5);

const LARGEST_BODY: usize = 4 << 20;

impl Replied {
    fn problem(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A text of the API's own.
fn said(value: &Value) -> String {
    let text = value.as_str().unwrap_or("nothing that can be read");
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
