//! The protected resource's description (RFC 9728), and the challenges that lead to it (RFC 6750).

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::{App, test, web};
use auth_actix::{Drawbridge, Require};
use auth_testkit::{FakeIssuer, Flaw};
use serde_json::{Value, json};

use crate::support::{ALICE, bearer, builder, get, whoami};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

fn routes(drawbridge: &Drawbridge) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let drawbridge = drawbridge.clone();
    move |cfg| {
        drawbridge.configure(cfg);
        let write = web::resource("/write")
            .wrap(Require::scope("write"))
            .route(web::get().to(whoami));
        cfg.service(
            web::scope("/api")
                .wrap(drawbridge.guard())
                .service(write)
                .route("/whoami", web::get().to(whoami)),
        );
    }
}

#[actix_web::test]
async fn rfc_9728_the_resource_is_described_at_its_well_known_path_for_everybody() {
    let issuer = FakeIssuer::start();
    let url = issuer.url();
    for (identifier, path) in [
        ("https://api.example", WELL_KNOWN.to_owned()),
        ("https://api.example/", WELL_KNOWN.to_owned()),
        (
            "https://api.example/v1/tasks",
            format!("{WELL_KNOWN}/v1/tasks"),
        ),
    ] {
        let drawbridge = builder(&issuer)
            .oauth_access_tokens(identifier, ["read"])
            .resource(identifier)
            // What every access token needs is told besides.
            .scopes(["write", "read"])
            .resource_name("Tasks")
            .start()
            .await
            .unwrap();
        let app = app!(routes(&drawbridge));
        let answer = ask!(&app, get(&path));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            serde_json::from_str::<Value>(&answer.body).unwrap(),
            json!({
                "resource": identifier,
                "authorization_servers": [format!("{url}/api/auth")],
                "scopes_supported": ["read", "write"],
                "bearer_methods_supported": ["header"],
                "resource_name": "Tasks",
            })
        );
        let head = ask!(&app, get(&path).method("HEAD".parse().unwrap()));
        assert_eq!(head.status, 200);
        for method in ["POST", "PUT", "DELETE"] {
            let answer = ask!(&app, get(&path).method(method.parse().unwrap()));
            assert_eq!(answer.status, 405, "{method}");
        }
        let elsewhere = if path == WELL_KNOWN {
            format!("{path}/v1")
        } else {
            WELL_KNOWN.into()
        };
        assert_eq!(ask!(&app, get(&elsewhere)).status, 404);
    }
}

#[actix_web::test]
async fn rfc_9728_every_challenge_leads_to_the_description() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .audience("https://api.example/v1")
        .audience(issuer.url())
        .resource("https://api.example/v1")
        .realm("tasks")
        .start()
        .await
        .unwrap();
    let app = app!(routes(&drawbridge));
    let pointer =
        r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1""#;
    let token = issuer.token_for(ALICE);
    let two = bearer("/api/whoami", &token).append_header((header::AUTHORIZATION, "x"));
    for (request, status, error) in [
        (get("/api/whoami"), 401, ""),
        (
            bearer("/api/whoami", &issuer.mint_bad(ALICE, Flaw::Expired)),
            401,
            r#" error="invalid_token", error_description="The token has expired; fetch a fresh one with authClient.token().","#,
        ),
        (
            two,
            400,
            r#" error="invalid_request", error_description="Send exactly one Authorization header.","#,
        ),
        (
            bearer("/api/write", &token),
            403,
            r#" error="insufficient_scope", error_description="The token was not given the scope that this needs; ask the user to grant it.", scope="write","#,
        ),
    ] {
        let answer = ask!(&app, request);
        assert_eq!(answer.status, status);
        assert_eq!(
            answer.header("www-authenticate"),
            format!(r#"Bearer realm="tasks",{error} {pointer}"#)
        );
    }
}

#[actix_web::test]
async fn rfc_6750_without_credentials_the_challenge_is_bare() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    for credentials in [
        None,
        Some("Basic dXNlcjpwYXNz"),
        Some("DPoP a.b.c"),
        Some(""),
    ] {
        let mut request = get("/api/whoami");
        if let Some(credentials) = credentials {
            request = request.insert_header((header::AUTHORIZATION, credentials));
        }
        let answer = ask!(&app, request);
        assert_eq!(answer.refusal(), (401, "token_missing".into()));
        assert_eq!(
            answer.header("www-authenticate"),
            r#"Bearer realm="drawbridge""#
        );
    }
}

#[actix_web::test]
async fn without_a_resource_there_is_no_description() {
    let issuer = FakeIssuer::start();
    let app = app!(routes(&builder(&issuer).start().await.unwrap()));
    assert_eq!(ask!(&app, get(WELL_KNOWN)).status, 404);
}

#[actix_web::test]
async fn a_page_of_any_origin_reads_the_description_also_where_cors_is_strict() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer)
        .audience("https://api.example")
        .resource("https://api.example")
        .start();
    let routes = routes(&drawbridge.await.unwrap());
    let cors = Cors::default().allowed_origin("http://localhost:3000");
    let app = test::init_service(App::new().configure(routes).wrap(cors)).await;
    let request = get(WELL_KNOWN).insert_header((header::ORIGIN, "https://client.example"));
    let answer = ask!(&app, request);
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, "*")
    );
}
