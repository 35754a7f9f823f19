//! Which tokens the server takes, and what it says of itself to whoever wants one. The issuer is a fake here: no real one mints
//! every kind of bad token.

use actix_web::http::Method;
use auth_testkit::{FakeIssuer, Flaw};
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    api::{Api, Runs, Variables, program},
    ground::Ground,
    http::{request, send},
    program::Program,
};

const ALICE: Uuid = Uuid::from_u128(0xA11CE);
const BOB: Uuid = Uuid::from_u128(0xB0B);
const ME: &str = "/api/v1/me";

/// A server that takes the tokens of `issuer`, whose users live elsewhere.
async fn server(issuer: &FakeIssuer, more: &[(&'static str, &str)]) -> (Ground, Variables) {
    let ground = Ground::new().await;
    let base = issuer.url();
    let apart = ("API__AUTH__ACCOUNTS__MODE", "off");
    ground.migrate(&[("BETTER_AUTH_URL", &base), apart]);
    ground.make_api_login().await;
    let mut variables = vec![("DATABASE_URL", ground.api_url())];
    let owned = |(name, value): (&'static str, &str)| (name, value.to_owned());
    variables.extend([("BETTER_AUTH_URL", &*base), apart].map(owned));
    let log = [("API__SERVER__PORT", "0"), ("API__LOG__FORMAT", "json")];
    variables.extend(log.map(owned));
    variables.extend(more.iter().copied().map(owned));
    (ground, variables)
}

#[actix_web::test]
async fn every_kind_of_bad_token_is_refused_with_its_own_code_and_tells_nobody_more() {
    let issuer = FakeIssuer::start();
    let (_ground, variables) = server(&issuer, &[]).await;
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    let good = api.get(ME, &issuer.token_for(ALICE)).await;
    assert_eq!(good.status, 200);

    for &flaw in Flaw::ALL {
        let token = issuer.mint_bad(ALICE, flaw);
        for _ in 0..2 {
            let answer = api.get(ME, &token).await;
            let shown = String::from_utf8_lossy(&answer.body).into_owned();
            // This client sends no header for an empty token.
            let code = match flaw {
                Flaw::Empty => "token_missing",
                flaw => flaw.code(),
            };
            assert_eq!(answer.problem(), (401, code.to_owned()), "{flaw:?}");
            assert!(!shown.contains(&ALICE.to_string()), "{flaw:?}: {shown}");
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.starts_with("Bearer realm="),
                "{flaw:?}: {challenge}"
            );
        }
    }
}

#[actix_web::test]
async fn access_tokens_of_the_oauth_provider_are_taken_where_their_audience_is_set_and_nowhere_else()
 {
    let issuer = FakeIssuer::start();
    let access = issuer.access_token_for(ALICE, &["tasks:read"]);

    let (_ground, without) = server(&issuer, &[]).await;
    let api = Api::start(Runs::InThisProcess, &without).await;
    api.ready().await;
    let refused = api.get(ME, &access).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["code"], "type_not_allowed");

    let audience = issuer.url();
    let more = [
        ("API__AUTH__OAUTH__AUDIENCE", &*audience),
        ("API__AUTH__OAUTH__SCOPES", "tasks:read"),
    ];
    let (_ground, with) = server(&issuer, &more).await;
    let api = Api::start(Runs::InThisProcess, &with).await;
    api.ready().await;
    for (who, token) in [
        (ALICE, access.clone()),
        (ALICE, issuer.token_for(ALICE)),
        (BOB, issuer.access_token_for(BOB, &["openid", "tasks:read"])),
        (BOB, issuer.token_for(BOB)),
    ] {
        // The second time from the cache.
        for _ in 0..2 {
            let answer = api.get(ME, &token).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.json()["user_id"], who.to_string());
        }
    }
    let others = api.get(&format!("/api/v1/{BOB}/tasks"), &access).await;
    assert_eq!(others.problem(), (403, "user_mismatch".to_owned()));
    // A client that Alice has let in for something else.
    let openid = issuer.access_token_for(ALICE, &["openid", "tasks:rea"]);
    let refused = api.get(ME, &openid).await;
    assert_eq!(refused.problem(), (403, "scope_missing".to_owned()));
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.contains(r#"error="insufficient_scope""#),
        "{challenge}"
    );
    assert!(challenge.contains(r#"scope="tasks:read""#), "{challenge}");
    // What the other issuer's tokens would say, signed with the same key.
    let crossed = issuer.mint(ALICE, |token| token.issuer(issuer.oauth_issuer()));
    assert_eq!(
        api.get(ME, &crossed).await.json()["code"],
        "type_not_allowed"
    );
    let crossed = issuer.mint_access(ALICE, &[], |token| token.issuer(issuer.url()));
    assert_eq!(
        api.get(ME, &crossed).await.json()["code"],
        "type_not_allowed"
    );
}

#[actix_web::test]
async fn a_resource_describes_itself_to_any_page_and_challenges_point_there() {
    let issuer = FakeIssuer::start();
    let more = [
        ("API__AUTH__RESOURCE", "https://api.example.com/tasks"),
        ("API__AUTH__SCOPES", "tasks:read,tasks:write"),
        (
            "API__AUTH__OAUTH__AUDIENCE",
            "https://api.example.com/tasks",
        ),
        ("API__AUTH__OAUTH__SCOPES", "tasks:read"),
    ];
    let (_ground, variables) = server(&issuer, &more).await;
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;

    const PATH: &str = "/.well-known/oauth-protected-resource/tasks";
    let url = format!("http://{}{PATH}", api.address());
    let from_a_page =
        request(Method::GET, &url).insert_header(("origin", "https://elsewhere.example"));
    let document = send(from_a_page, None).await;
    assert_eq!(document.status, 200);
    assert_eq!(document.header("access-control-allow-origin"), "*");
    assert_eq!(
        document.json(),
        json!({
            "resource": "https://api.example.com/tasks",
            "authorization_servers": [issuer.oauth_issuer()],
            "scopes_supported": ["tasks:read", "tasks:write"],
            "bearer_methods_supported": ["header"],
        })
    );
    for token in ["", &*issuer.mint_bad(ALICE, Flaw::Expired)] {
        let refused = api.get(ME, token).await;
        let challenge = refused.header("www-authenticate");
        let pointer = format!(r#"resource_metadata="https://api.example.com{PATH}""#);
        assert!(challenge.contains(&pointer), "{challenge}");
    }
}

#[actix_web::test]
async fn without_a_cache_every_token_is_verified_again_and_nothing_else_changes() {
    let issuer = FakeIssuer::start();
    let (_ground, variables) = server(&issuer, &[("API__AUTH__CACHE__MAX_BYTES", "0")]).await;
    let api = Api::start(Runs::InThisProcess, &variables).await;
    api.ready().await;
    for who in [ALICE, BOB, ALICE] {
        let answer = api.get(ME, &issuer.token_for(who)).await;
        assert_eq!(answer.json()["user_id"], who.to_string());
    }
}

#[actix_web::test]
async fn a_server_that_requires_keys_does_not_start_without_them_and_says_why() {
    let issuer = FakeIssuer::start();
    let required = [("API__AUTH__JWKS__REQUIRED_AT_START", "true")];
    let (_ground, variables) = server(&issuer, &required).await;
    issuer.go_down();
    let mut process = Program::start("api-server serve", program("serve", &variables));
    assert_eq!(process.ended(), Some(1), "{}", process.log());
    let log = process.log();
    assert!(
        log.contains("api-server: the issuer's keys cannot be had: "),
        "{log}"
    );
}
