use super::*;
use actix_web::HttpMessage;
use actix_web::body::to_bytes;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

async fn body(response: HttpResponse) -> Value {
    serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
}

fn unprocessable() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid_body",
        "The body is not valid",
    )
    .detail("One field is wrong.")
    .errors(vec![FieldError {
        pointer: "/title".into(),
        code: "blank",
        detail: "must not be \"blank\"".into(),
    }])
}

#[actix_web::test]
async fn every_member_is_there_for_a_request_with_an_id() {
    let request = TestRequest::with_uri("/tasks/%22x%22?secret=1").to_http_request();
    request.extensions_mut().insert(RequestId("r-1".into()));
    let response = unprocessable().respond_to(&request);
    assert_eq!(response.status(), 422);
    assert_eq!(
        response.headers().get(header::CONTENT_TYPE).unwrap(),
        "application/problem+json"
    );
    assert_eq!(
        response.headers().get(header::CACHE_CONTROL).unwrap(),
        "no-store"
    );
    assert_eq!(
        body(response).await,
        json!({
            "type": "urn:drawbridge:problem:invalid_body",
            "title": "The body is not valid",
            "status": 422,
            "code": "invalid_body",
            "detail": "One field is wrong.",
            "error": "One field is wrong.",
            "instance": "/tasks/%22x%22",
            "request_id": "r-1",
            "errors": [{ "pointer": "/title", "code": "blank", "detail": "must not be \"blank\"" }],
        })
    );
}

#[actix_web::test]
async fn members_that_say_nothing_are_left_out_and_the_detail_never_is() {
    let problem = Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here");
    assert_eq!(
        body(problem.error_response()).await,
        json!({
            "type": "urn:drawbridge:problem:not_found",
            "title": "There is nothing here",
            "status": 404,
            "code": "not_found",
            "detail": "There is nothing here",
            "error": "There is nothing here",
        })
    );
}

#[actix_web::test]
async fn a_problem_returned_as_an_error_can_be_completed_by_an_outer_middleware() {
    let response = actix_web::Error::from(unprocessable()).error_response();
    let kept = response.extensions().get::<Problem>().cloned().unwrap();
    assert_eq!(kept, unprocessable());
    let request = TestRequest::with_uri("/tasks").to_http_request();
    assert_eq!(body(kept.respond_to(&request)).await["instance"], "/tasks");
}

#[actix_web::test]
async fn retry_after_is_in_whole_seconds_and_never_too_early() {
    for (after, header) in [(0, "0"), (1, "1"), (999, "1"), (1000, "1"), (1001, "2")] {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy")
            .retry_after(Duration::from_millis(after));
        assert_eq!(
            problem
                .error_response()
                .headers()
                .get(header::RETRY_AFTER)
                .unwrap(),
            header,
            "{after}"
        );
    }
}
