//! The guard in front of an Actix app: who gets in, and what the others read.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_cors::Cors;
use actix_web::dev::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::test::{self, TestRequest};
use actix_web::{App, HttpMessage, HttpResponse, HttpServer, web};
use auth_actix::{
    Accounts, AccountsUnavailable, Algorithm, AuthBridge, CurrentUser, Guard, Identity, KeyFeed,
    KeyFeedSettings, Problem, RequestId, Standing, UnixTime,
};
use auth_testkit::{FakeIssuer, TokenBuilder, tampered};
use serde_json::json;
use uuid::Uuid;

use crate::support::{ALICE, BOB, bearer, get, whoami};

async fn bridge(issuer: &FakeIssuer) -> AuthBridge {
    let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
    feed.first_keys(Duration::from_secs(10)).await.unwrap();
    AuthBridge::new(issuer.policy(), feed)
}

/// `/api/{user_id}/whoami` and `/any/whoami` behind guards, `/open/whoami` behind none.
fn routes(bridge: AuthBridge) -> impl FnOnce(&mut web::ServiceConfig) {
    async fn nested(user: CurrentUser, path: web::Path<(String, u32)>) -> String {
        format!("{} {}", user.user_id(), path.1)
    }
    async fn fails() -> Result<HttpResponse, Problem> {
        Err(Problem::new(
            StatusCode::CONFLICT,
            "taken",
            "The name is taken",
        ))
    }
    move |cfg| {
        cfg.service(
            web::scope("/api/{user_id}")
                .wrap(Guard::new(bridge.clone()))
                .route("/whoami", web::get().to(whoami))
                .route("/fails", web::get().to(fails))
                .service(web::scope("/deep").route("/{number}", web::get().to(nested))),
        )
        .service(
            web::scope("/any")
                .wrap(Guard::any_user(bridge.clone()))
                .route("/whoami", web::get().to(whoami)),
        )
        .service(
            web::scope("/misplaced")
                .wrap(Guard::new(bridge))
                .route("/whoami", web::get().to(whoami)),
        )
        .route("/open/whoami", web::get().to(whoami));
    }
}

#[actix_web::test]
async fn two_users_reach_their_own_path_and_not_each_others() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    for (user, other) in [(ALICE, BOB), (BOB, ALICE)] {
        let token = issuer.token_for(user);
        let own = user.to_string();
        for path in [
            format!("/api/{own}/whoami"),
            format!("/api/{}/whoami", own.to_uppercase()),
            "/api/me/whoami".into(),
            "/any/whoami".into(),
        ] {
            let answer = ask!(&app, bearer(&path, &token));
            assert_eq!((answer.status, &answer.body), (200, &own), "{path}");
        }
        let deep = ask!(&app, bearer("/api/me/deep/7", &token));
        assert_eq!(deep.body, format!("{own} 7"));

        let foreign = ask!(&app, bearer(&format!("/api/{other}/whoami"), &token));
        assert_eq!(
            (foreign.status, foreign.code()),
            (403, "user_mismatch".into())
        );
    }
}

#[actix_web::test]
async fn a_path_user_in_any_other_form_is_as_foreign_as_anothers() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    let token = issuer.token_for(ALICE);
    let simple = ALICE.simple().to_string();
    let braced = format!("%7B{ALICE}%7D");
    let urn = format!("urn:uuid:{ALICE}");
    for segment in [
        "ME", "me%20", "1", "..", "%00", "null", &simple, &braced, &urn,
    ] {
        let answer = ask!(&app, bearer(&format!("/api/{segment}/whoami"), &token));
        assert_eq!(
            (answer.status, answer.code()),
            (403, "user_mismatch".into()),
            "{segment}"
        );
        assert!(answer.body.contains("'me'"), "{segment}");
    }
}

#[actix_web::test]
async fn without_a_token_everything_below_the_scope_is_401() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    let own = format!("/api/{ALICE}/whoami");
    for path in [
        &*own,
        "/api/me/whoami",
        "/api/me/no/such/path",
        "/api/nobody",
        "/any/nothing",
    ] {
        for method in ["GET", "POST", "OPTIONS", "BREW"] {
            let request = get(path).method(method.parse().unwrap());
            let answer = ask!(&app, request);
            assert_eq!(
                (answer.status, answer.code()),
                (401, "token_missing".into()),
                "{path}"
            );
            assert_eq!(
                answer.header("www-authenticate"),
                r#"Bearer realm="drawbridge""#
            );
            assert_eq!(answer.problem()["instance"], path);
        }
    }
    // With one, a path that does not exist is what it is.
    let unknown = ask!(
        &app,
        bearer("/api/me/no/such/path", &issuer.token_for(ALICE))
    );
    assert_eq!(unknown.status, 404);
}

#[actix_web::test]
async fn the_scheme_is_read_as_rfc_9110_says() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    let token = issuer.token_for(ALICE);
    for credentials in [
        "bearer TOKEN",
        "BEARER TOKEN",
        "bEaReR TOKEN",
        "Bearer  TOKEN",
        "Bearer    TOKEN",
    ] {
        let value = credentials.replace("TOKEN", &token);
        let request = get("/api/me/whoami").insert_header((header::AUTHORIZATION, value));
        assert_eq!(ask!(&app, request).status, 200, "{credentials}");
    }
    for (credentials, code) in [
        ("", "token_missing"),
        ("TOKEN", "token_missing"),
        ("Basic TOKEN", "token_missing"),
        ("BearerTOKEN", "token_missing"),
        ("Bearer\tTOKEN", "token_missing"),
        ("Bearer:TOKEN", "token_missing"),
        ("Bearer", "token_malformed"),
        ("Bearer ", "token_malformed"),
        ("Bearer Bearer TOKEN", "token_malformed"),
        ("Bearer TOKEN TOKEN", "token_malformed"),
        ("Bearer TOKEN,TOKEN", "token_malformed"),
        ("Bearer \"TOKEN\"", "token_malformed"),
        ("Bearer null", "token_malformed"),
    ] {
        let value = credentials.replace("TOKEN", &token);
        let request = get("/api/me/whoami").insert_header((header::AUTHORIZATION, value));
        let answer = ask!(&app, request);
        assert_eq!(
            (answer.status, &*answer.code()),
            (401, code),
            "{credentials:?}"
        );
    }
}

#[actix_web::test]
async fn bytes_that_are_no_text_are_refused_like_any_other_bad_token() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    for garbage in [
        &b"\xff\xfe\xfd"[..],
        b"Bearer \xff\xfe",
        b"Bearer\xff a.b.c",
        b"Bearer a.\xc3\x28.c",
    ] {
        let value = HeaderValue::from_bytes(garbage).unwrap();
        let answer = ask!(
            &app,
            get("/api/me/whoami").insert_header((header::AUTHORIZATION, value))
        );
        assert_eq!(answer.status, 401, "{garbage:?}");
        assert!(!answer.header("www-authenticate").is_empty());
    }
}

#[actix_web::test]
async fn two_authorization_headers_are_400_even_with_the_same_good_token() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    let token = format!("Bearer {}", issuer.token_for(ALICE));
    for second in [&*token, "Basic dXNlcjpwYXNz", ""] {
        let request = get("/api/me/whoami")
            .append_header((header::AUTHORIZATION, &*token))
            .append_header((header::AUTHORIZATION, second));
        let answer = ask!(&app, request);
        assert_eq!(
            (answer.status, answer.code()),
            (400, "multiple_credentials".into())
        );
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="drawbridge", error="invalid_request", error_description="Send exactly one Authorization header.""#
        );
    }
}

#[actix_web::test]
async fn a_refused_token_reads_its_reason_and_what_to_do() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    let good = issuer.token_for(ALICE);
    let rows = [
        ("token_expired", issuer.mint(ALICE, TokenBuilder::expired)),
        ("signature_invalid", tampered(&good)),
        (
            "audience_mismatch",
            issuer.mint(ALICE, |token| token.audience("https://other.example")),
        ),
        (
            "issuer_mismatch",
            issuer.mint(ALICE, |token| token.issuer("https://other.example")),
        ),
        (
            "algorithm_not_allowed",
            issuer.mint(ALICE, |token| token.header("alg", "none")),
        ),
        (
            "key_unknown",
            issuer.mint(ALICE, |token| token.header("kid", "stranger")),
        ),
        ("session_token", "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp".into()),
        ("token_too_large", "a".repeat(9000)),
        ("token_malformed", "a.b".into()),
    ];
    for (code, token) in rows {
        let answer = ask!(&app, bearer("/api/me/whoami", &token));
        assert_eq!((answer.status, &*answer.code()), (401, code));
        let detail = answer.problem()["detail"].as_str().unwrap().to_owned();
        assert_eq!(
            answer.header("www-authenticate"),
            format!(
                r#"Bearer realm="drawbridge", error="invalid_token", error_description="{detail}""#
            )
        );
        assert!(!answer.body.contains(&token), "{}", answer.body);
    }
    let opaque = ask!(
        &app,
        bearer("/api/me/whoami", "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp")
    );
    assert_eq!(
        opaque.problem(),
        json!({
            "type": "urn:drawbridge:problem:session_token",
            "title": "The token was refused",
            "status": 401,
            "code": "session_token",
            "detail": "This looks like a Better Auth session token; send the JWT that authClient.token() returns instead.",
            "error": "This looks like a Better Auth session token; send the JWT that authClient.token() returns instead.",
            "instance": "/api/me/whoami",
        })
    );
}

#[actix_web::test]
async fn without_keys_the_answer_is_503_and_never_401() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let mut settings = KeyFeedSettings::new(issuer.jwks_url());
    settings.wait = Duration::from_millis(50);
    let bridge = AuthBridge::new(issuer.policy(), KeyFeed::start(&settings).unwrap());
    let app = test::init_service(App::new().configure(routes(bridge))).await;
    let answer = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(ALICE)));
    assert_eq!(
        (answer.status, answer.code()),
        (503, "keys_unavailable".into())
    );
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(answer.header("www-authenticate"), "");
    // What is wrong whatever the keys are is still said at once.
    let answer = ask!(&app, bearer("/api/me/whoami", "not-a-token"));
    assert_eq!(
        (answer.status, answer.code()),
        (401, "token_malformed".into())
    );
}

#[actix_web::test]
async fn an_algorithm_that_the_policy_excludes_asks_nobody_for_its_key() {
    let issuer = FakeIssuer::start();
    let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
    feed.first_keys(Duration::from_secs(10)).await.unwrap();
    let policy = issuer.policy().with_algorithms([Algorithm::Es256]).unwrap();
    let bridge = AuthBridge::new(policy, feed);
    let token = issuer.mint(ALICE, |token| token.header("kid", "stranger"));
    assert_eq!(
        bridge.admit(&token).await.unwrap_err().code(),
        "algorithm_not_allowed"
    );
    assert_eq!(issuer.fetches(), 1);
}

#[actix_web::test]
async fn the_bridge_tells_tokens_the_time_by_its_own_clock() {
    let issuer = FakeIssuer::start();
    let token = issuer.token_for(ALICE);
    let bridge = bridge(&issuer).await;
    assert_eq!(
        bridge.admit(&token).await.unwrap().user_id().as_uuid(),
        ALICE
    );
    let tomorrow = UnixTime::from(SystemTime::now() + Duration::from_secs(86_400));
    let bridge = bridge.with_clock(move || tomorrow);
    assert_eq!(
        bridge.admit(&token).await.unwrap_err().code(),
        "token_expired"
    );
}

/// Knows Alice, not Bob, and nobody at all when it is broken.
#[derive(Debug)]
struct AliceOnly {
    broken: bool,
}

impl Accounts for AliceOnly {
    fn standing<'a>(
        &'a self,
        who: &'a Identity,
    ) -> Pin<Box<dyn Future<Output = Result<Standing, AccountsUnavailable>> + Send + 'a>> {
        Box::pin(async {
            match (self.broken, who.user_id().as_uuid() == ALICE) {
                (true, _) => Err(AccountsUnavailable::new("connection refused")),
                (false, true) => Ok(Standing::Good),
                (false, false) => Ok(Standing::Unknown),
            }
        })
    }
}

#[actix_web::test]
async fn accounts_have_the_last_word() {
    let issuer = FakeIssuer::start();
    let with = async |broken| {
        let bridge = bridge(&issuer)
            .await
            .with_accounts(Arc::new(AliceOnly { broken }));
        test::init_service(App::new().configure(routes(bridge))).await
    };
    let app = with(false).await;
    let alice = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(ALICE)));
    assert_eq!(alice.status, 200);
    let bob = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(BOB)));
    assert_eq!((bob.status, bob.code()), (401, "user_not_found".into()));
    assert!(
        bob.header("www-authenticate")
            .contains(r#"error="invalid_token""#)
    );

    let app = with(true).await;
    let alice = ask!(&app, bearer("/api/me/whoami", &issuer.token_for(ALICE)));
    assert_eq!(
        (alice.status, alice.code()),
        (503, "accounts_unavailable".into())
    );
    let title = alice.problem()["title"].clone();
    assert_eq!(title, "The account cannot be checked at the moment");
    assert_eq!(alice.header("retry-after"), "1");
    let nobody = ask!(
        &app,
        bearer("/api/me/whoami", &tampered(&issuer.token_for(ALICE)))
    );
    assert_eq!(
        nobody.status, 401,
        "a bad token does not reach the accounts"
    );
}

#[actix_web::test]
async fn a_browser_can_read_every_refusal_through_cors() {
    let issuer = FakeIssuer::start();
    let bridge = bridge(&issuer).await;
    let cors = || {
        Cors::default()
            .allowed_origin("http://localhost:3000")
            .allow_any_method()
    };
    let app = test::init_service(App::new().wrap(cors()).configure(routes(bridge))).await;
    let from_browser =
        |request: TestRequest| request.insert_header((header::ORIGIN, "http://localhost:3000"));
    let token = issuer.token_for(ALICE);
    for (request, status) in [
        (get("/api/me/whoami"), 401),
        (bearer("/api/me/whoami", "a.b.c"), 401),
        (bearer(&format!("/api/{BOB}/whoami"), &token), 403),
        (bearer("/api/me/fails", &token), 409),
        (bearer("/api/me/whoami", &token), 200),
    ] {
        let answer = ask!(&app, from_browser(request));
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://localhost:3000",
            "{status}"
        );
    }
    // The preflight carries no token and is answered before the guard.
    let preflight = from_browser(get("/api/me/whoami").method("OPTIONS".parse().unwrap()))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "GET"));
    assert_eq!(ask!(&app, preflight).status, 200);
}

#[actix_web::test]
async fn a_handler_without_a_guard_gets_no_user() {
    let issuer = FakeIssuer::start();
    let app = test::init_service(App::new().configure(routes(bridge(&issuer).await))).await;
    for path in ["/open/whoami", "/misplaced/whoami"] {
        let answer = ask!(&app, bearer(path, &issuer.token_for(ALICE)));
        assert_eq!(answer.status, 500);
        let code = if path.starts_with("/open") {
            "unguarded_route"
        } else {
            "misplaced_guard"
        };
        assert_eq!(answer.code(), code);
    }
}

#[actix_web::test]
async fn a_problem_names_the_request_by_its_id() {
    let issuer = FakeIssuer::start();
    let bridge = bridge(&issuer).await;
    let app = App::new()
        .configure(routes(bridge))
        .wrap_fn(|request, next| {
            request.extensions_mut().insert(RequestId("r-42".into()));
            next.call(request)
        });
    let app = test::init_service(app).await;
    let answer = ask!(&app, get("/api/me/whoami?secret=1"));
    assert_eq!(answer.problem()["request_id"], "r-42");
    assert_eq!(answer.problem()["instance"], "/api/me/whoami");
}

/// What a real server answers to these bytes.
async fn raw(address: std::net::SocketAddr, request: Vec<u8>) -> String {
    let exchange = move || {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(&request).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    };
    web::block(exchange).await.unwrap()
}

#[actix_web::test]
async fn over_the_wire_no_authorization_header_makes_a_500() {
    let issuer = FakeIssuer::start();
    let bridge = bridge(&issuer).await;
    let server = HttpServer::new(move || App::new().configure(routes(bridge.clone())))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);

    let token = issuer.token_for(ALICE).into_bytes();
    let good = [b"Authorization: bEARER  ", &*token, b"\r\n"].concat();
    for (headers, statuses) in [
        (good.clone(), &[200][..]),
        ([&*good, &*good].concat(), &[400]),
        ([&*good, b"authorization: x\r\n"].concat(), &[400]),
        (
            b"Authorization: Bearer \xff\xfe\xfd\r\n".to_vec(),
            &[400, 401],
        ),
        (b"Authorization: Bearer \x00\x01\r\n".to_vec(), &[400, 401]),
        (b"Authorization:\r\n".to_vec(), &[401]),
        (b"Authorization: Bearer\r\n".to_vec(), &[401]),
        (
            [b"Authorization: Bearer ", &*vec![b'.'; 20_000], b"\r\n"].concat(),
            &[401],
        ),
    ] {
        let (head, end) = (
            b"GET /api/me/whoami HTTP/1.1\r\nHost: x\r\n",
            b"Connection: close\r\n\r\n",
        );
        let response = raw(address, [&head[..], &*headers, end].concat()).await;
        let status: u16 = response[9..12].parse().unwrap();
        assert!(
            statuses.contains(&status),
            "{}: {response}",
            headers.escape_ascii()
        );
    }
    handle.stop(false).await;
}

#[actix_web::test]
async fn a_token_that_no_key_could_make_good_is_401_although_there_are_no_keys() {
    let issuer = FakeIssuer::start();
    issuer.go_down();
    let feed = KeyFeed::start(&KeyFeedSettings::new(issuer.jwks_url())).unwrap();
    let policy = issuer.policy().with_algorithms([Algorithm::Rs256]).unwrap();
    let bridge = AuthBridge::new(policy, feed);
    for (token, code) in [
        (issuer.token_for(Uuid::new_v4()), "algorithm_not_allowed"),
        (
            issuer.mint(Uuid::new_v4(), |token| {
                token.header("alg", "RS256").header("typ", "at+jwt")
            }),
            "type_not_allowed",
        ),
    ] {
        assert_eq!(bridge.admit(&token).await.unwrap_err().code(), code);
    }
}
