//! How often one may ask, through the front door. What the limits are made of is tested where they live, in auth-actix.

use actix_web::http::Method;
use uuid::Uuid;

use crate::support::{Answer, Service};

#[actix_web::test]
async fn a_user_who_asks_too_often_is_told_when_to_come_again_and_nobody_else_is() {
    let service = Service::with(&[("API__LIMITS__REQUESTS_PER_USER", "3/1h")]).await;
    service.ready().await;
    let ask = async |token: &str| {
        let request = service.request(Method::GET, "/api/v1/me/tasks");
        Answer::of(request.bearer_auth(token)).await
    };
    let [alice, bob] = [(); 2].map(|()| service.issuer.token_for(Uuid::new_v4()));
    for left in [2, 1, 0] {
        let answer = ask(&alice).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("ratelimit")
                .starts_with(&format!("\"user\";r={left};t=")),
            "{answer:?}"
        );
        assert_eq!(answer.header("ratelimit-policy"), "\"user\";q=3;w=3600");
    }
    let refused = ask(&alice).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (429, "rate_limited")
    );
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=1200).contains(&seconds), "{refused:?}");
    let answer = ask(&bob).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("ratelimit").starts_with("\"user\";r=2;"));
    for _ in 0..5 {
        assert_eq!(service.get("/health/live").await.status, 200);
    }
}

#[actix_web::test]
async fn who_sends_many_bad_tokens_is_not_listened_to_while_users_behind_the_same_proxy_are() {
    let service = Service::with(&[
        ("API__LIMITS__FAILURES_PER_ADDRESS", "3/1h"),
        ("API__SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
    ])
    .await;
    service.ready().await;
    let ask = async |token: &str, from: &str| {
        let request = service
            .request(Method::GET, "/api/v1/me")
            .insert_header(("X-Forwarded-For", from))
            .bearer_auth(token);
        Answer::of(request).await
    };
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let [known, other] = [alice, bob].map(|user| service.issuer.token_for(user));
    let fresh = service
        .issuer
        .mint(alice, |token| token.session("a later one"));
    assert_eq!(ask(&known, "203.0.113.7").await.status, 200);
    for _ in 0..3 {
        assert_eq!(ask("no.to.ken", "203.0.113.7").await.status, 401);
    }
    let refused = ask("no.to.ken", "203.0.113.7").await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (429, "too_many_failures")
    );
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(
        ask(&known, "203.0.113.7").await.status,
        200,
        "a token that was good before goes on working"
    );
    assert_eq!(ask(&fresh, "203.0.113.7").await.status, 429);
    assert_eq!(ask(&other, "203.0.113.8").await.status, 200);
}
