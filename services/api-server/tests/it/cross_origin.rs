use actix_web::http::Method;
use auth_testkit::TokenBuilder;
use uuid::Uuid;

use crate::support::{Answer, Service};

const PAGE: &str = "https://app.example.com";

async fn service() -> Service {
    Service::with(&[("API__CORS__ORIGINS", PAGE)]).await
}

async fn preflight(service: &Service, origin: &str, method: &str, headers: &str) -> Answer {
    let request = service
        .request(Method::OPTIONS, "/api/v1/me/tasks")
        .insert_header(("Origin", origin))
        .insert_header(("Access-Control-Request-Method", method))
        .insert_header(("Access-Control-Request-Headers", headers));
    Answer::of(request).await
}

#[actix_web::test]
async fn the_page_of_a_known_origin_may_ask_with_a_token() {
    let service = service().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let headers = "authorization,content-type,if-match,idempotency-key,last-event-id,confirm,x-request-id";
        let answer = preflight(&service, PAGE, method, headers).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), PAGE);
        assert!(
            answer
                .header("access-control-allow-methods")
                .contains(method)
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .to_lowercase()
                .contains("authorization")
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        assert_eq!(answer.header("access-control-max-age"), "3600");
    }
}

#[actix_web::test]
async fn any_other_page_may_not() {
    let service = service().await;
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.com.evil.example",
        "http://app.example.com",
    ] {
        let answer = preflight(&service, origin, "GET", "authorization").await;
        assert_eq!(answer.status, 400, "{origin}");
        assert_eq!(answer.problem(), "origin_not_allowed");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");

        let answer = Answer::of(
            service
                .request(Method::GET, "/health")
                .insert_header(("Origin", origin)),
        )
        .await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    assert_eq!(
        preflight(&service, PAGE, "TRACE", "authorization")
            .await
            .status,
        400
    );
    assert_eq!(preflight(&service, PAGE, "GET", "cookie").await.status, 400);
}

#[actix_web::test]
async fn a_page_can_read_refusals_too() {
    let service = service().await;
    service.ready().await;
    let token = service.issuer.token_for(Uuid::new_v4());
    let expired = service.issuer.mint(Uuid::new_v4(), TokenBuilder::expired);
    for (method, path, token, code) in [
        (Method::GET, "/api/v1/me/tasks", None, "token_missing"),
        (
            Method::GET,
            "/api/v1/me/tasks",
            Some(&expired),
            "token_expired",
        ),
        (Method::GET, "/nowhere", None, "path_not_found"),
        (
            Method::GET,
            "/api/v1/me/nowhere",
            Some(&token),
            "path_not_found",
        ),
        (
            Method::DELETE,
            "/api/v1/me/tasks",
            Some(&token),
            "method_not_allowed",
        ),
        (
            Method::POST,
            "/api/v1/me/tasks",
            Some(&token),
            "unsupported_media_type",
        ),
    ] {
        let mut request = service
            .request(method, path)
            .insert_header(("Origin", PAGE));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = Answer::of(request).await;
        assert_eq!(answer.problem(), code);
        assert_eq!(answer.header("access-control-allow-origin"), PAGE, "{code}");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for header in [
            "x-request-id",
            "etag",
            "location",
            "retry-after",
            "www-authenticate",
        ] {
            assert!(exposed.contains(header), "{header} in {exposed}");
        }
        assert!(
            answer.header("vary").to_lowercase().contains("origin"),
            "{answer:?}"
        );
    }
}
