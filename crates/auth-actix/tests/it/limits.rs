//! Whoever asks too often, and whoever fails too often.

use std::time::Duration;

use actix_web::test::TestRequest;
use actix_web::web;
use auth_actix::{Drawbridge, Rate, RateLimits, TrustedProxies};
use auth_testkit::{FakeIssuer, Flaw, TokenBuilder};

use crate::support::{ALICE, BOB, bearer, builder, get, whoami};

const LONG: Duration = Duration::from_secs(3600);

fn routes(
    drawbridge: &Drawbridge,
    limits: &RateLimits,
) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let guards = [drawbridge.guard(), drawbridge.guard()].map(|it| it.with_limits(limits.clone()));
    let other = drawbridge.guard();
    move |cfg| {
        let [one, two] = guards;
        for (path, guard) in [("/one", one), ("/two", two), ("/unlimited", other)] {
            let scope = web::scope(path).wrap(guard);
            cfg.service(scope.route("/whoami", web::get().to(whoami)));
        }
    }
}

fn rate(count: u32, window: Duration) -> Rate {
    Rate::new(count, window).unwrap()
}

fn from(request: TestRequest, address: &str) -> TestRequest {
    request.peer_addr(format!("{address}:4711").parse().unwrap())
}

#[actix_web::test]
async fn each_user_has_so_many_requests_at_all_guards_together_and_is_told_how_they_stand() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let limits = RateLimits::new().per_user(rate(3, LONG));
    let app = app!(routes(&drawbridge, &limits));
    let (alice, bob) = (issuer.token_for(ALICE), issuer.token_for(BOB));
    for (path, left) in [("/one", 2), ("/two", 1), ("/one", 0)] {
        let answer = ask!(&app, bearer(&format!("{path}/whoami"), &alice));
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, &*ALICE.to_string())
        );
        let told = answer.header("ratelimit");
        assert!(told.starts_with(&format!("\"user\";r={left};t=")), "{told}");
        assert_eq!(answer.header("ratelimit-policy"), "\"user\";q=3;w=3600");
    }
    // Another token of the same user changes nothing.
    for token in [&alice, &issuer.mint(ALICE, |token| token.session("other"))] {
        let answer = ask!(&app, bearer("/two/whoami", token));
        assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1100..=1200).contains(&wait), "{wait}");
        assert!(answer.header("ratelimit").starts_with("\"user\";r=0;t="));
    }
    let answer = ask!(&app, bearer("/one/whoami", &bob));
    assert_eq!((answer.status, answer.body), (200, BOB.to_string()));
    let answer = ask!(&app, bearer("/unlimited/whoami", &alice));
    assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
}

#[actix_web::test]
async fn requests_come_back_with_time() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let limits = RateLimits::new().per_user(rate(1, Duration::from_millis(300)));
    let app = app!(routes(&drawbridge, &limits));
    let token = issuer.token_for(ALICE);
    assert_eq!(ask!(&app, bearer("/one/whoami", &token)).status, 200);
    assert_eq!(
        ask!(&app, bearer("/one/whoami", &token)).header("retry-after"),
        "1"
    );
    actix_web::rt::time::sleep(Duration::from_millis(320)).await;
    assert_eq!(ask!(&app, bearer("/one/whoami", &token)).status, 200);
}

#[actix_web::test]
async fn an_address_with_too_many_bad_tokens_is_not_looked_at_and_known_tokens_go_on() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let limits = RateLimits::new().failures_per_address(rate(2, LONG));
    let app = app!(routes(&drawbridge, &limits));
    let (here, there) = ("192.0.2.1", "192.0.2.2");
    let known = issuer.token_for(ALICE);
    assert_eq!(
        ask!(&app, from(bearer("/one/whoami", &known), here)).status,
        200
    );

    // What pages do that were left open is no failure.
    for _ in 0..4 {
        let answer = ask!(&app, from(get("/one/whoami"), here));
        assert_eq!(answer.refusal(), (401, "token_missing".to_owned()));
        let expired = issuer.mint(ALICE, TokenBuilder::expired);
        let answer = ask!(&app, from(bearer("/one/whoami", &expired), here));
        assert_eq!(answer.refusal(), (401, "token_expired".to_owned()));
    }
    for _ in 0..2 {
        let forged = issuer.mint_bad(BOB, Flaw::SignedByStranger);
        let answer = ask!(&app, from(bearer("/two/whoami", &forged), here));
        assert_eq!(answer.status, 401);
    }
    // Good or bad: what is new is not looked at.
    for token in [
        issuer.token_for(BOB),
        issuer.mint_bad(BOB, Flaw::SignedByStranger),
    ] {
        let answer = ask!(&app, from(bearer("/one/whoami", &token), here));
        assert_eq!(answer.refusal(), (429, "too_many_failures".to_owned()));
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1700..=1800).contains(&wait), "{wait}");
    }
    assert_eq!(
        ask!(&app, from(bearer("/one/whoami", &known), here)).status,
        200
    );
    let fresh = issuer.token_for(BOB);
    assert_eq!(
        ask!(&app, from(bearer("/one/whoami", &fresh), there)).status,
        200
    );
}

#[actix_web::test]
async fn behind_a_proxy_it_is_the_clients_address_that_counts() {
    let issuer = FakeIssuer::start();
    let drawbridge = builder(&issuer).start().await.unwrap();
    let proxies = TrustedProxies::default().and("10.0.0.0/8").unwrap();
    let limits = RateLimits::new()
        .failures_per_address(rate(1, LONG))
        .behind(proxies);
    let app = app!(routes(&drawbridge, &limits));
    let ask_as = |client: &str, token: &str| {
        let request = bearer("/one/whoami", token).insert_header(("x-forwarded-for", client));
        from(request, "10.0.0.1")
    };
    let forged = issuer.mint_bad(BOB, Flaw::SignedByStranger);
    assert_eq!(ask!(&app, ask_as("198.51.100.7", &forged)).status, 401);
    // An address that the client has made up does not help it.
    let made_up = "203.0.113.5, 198.51.100.7";
    assert_eq!(ask!(&app, ask_as(made_up, &forged)).status, 429);
    assert_eq!(ask!(&app, ask_as("198.51.100.8", &forged)).status, 401);
}
