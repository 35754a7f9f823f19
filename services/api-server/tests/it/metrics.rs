//! What Prometheus is told, on a port of its own.

use actix_web::http::Method;
use uuid::Uuid;

use crate::support::{Answer, Service};

#[actix_web::test]
async fn metrics_tell_of_requests_refusals_keys_connections_and_the_process_and_of_no_user() {
    let service = Service::with(&[("API__METRICS__ADDRESS", "127.0.0.1:0")]).await;
    service.ready().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let tokens = [alice, bob].map(|user| service.issuer.token_for(user));
    for token in &tokens {
        let request = service.request(Method::GET, "/api/v1/me/tasks");
        assert_eq!(Answer::of(request.bearer_auth(token)).await.status, 200);
    }
    assert_eq!(service.get("/api/v1/me/tasks").await.status, 401);
    let odd = Method::from_bytes(b"BREW").unwrap();
    let answer = Answer::of(service.request(odd, &format!("/{alice}"))).await;
    assert_eq!(answer.status, 404);

    let text = service.metrics().await;
    for line in [
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/api/v1/{user_id}/tasks\",http_response_status_code=\"200\"} 2",
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_route=\"/api/v1/{user_id}/tasks\",http_response_status_code=\"401\"} 1",
        "http_server_request_duration_seconds_count{http_request_method=\"_OTHER\",http_route=\"unmatched\",http_response_status_code=\"404\"} 1",
        "http_problems_total{code=\"token_missing\"} 1",
        "jwt_verify_total{result=\"ok\"} 2",
        "db_connections_max 4",
        "api_server_info{version=\"",
        "jwks_state{",
        "accounts_active ",
        "process_resident_memory_bytes ",
        "# TYPE http_server_request_duration_seconds histogram",
        "# HELP db_connections_waiting ",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    for private in [alice.to_string(), bob.to_string()].iter().chain(&tokens) {
        assert!(!text.contains(private), "{private} in {text}");
    }
    let answer = service.get("/metrics").await;
    assert_eq!(answer.status, 404, "the API does not show them");
}

#[actix_web::test]
async fn no_metrics_are_served_where_nobody_has_said_where() {
    let service = Service::start().await;
    assert_eq!(service.metrics_address, None);
}
