//! A bug that panics costs one request an answer `internal_error`, not its connection and not the process.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, PanicHookInfo},
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    test::TestRequest,
};
use auth_actix::{Face, RequestId};
use futures_util::FutureExt;

use crate::telemetry::Started;

/// Answers a panic further in with 500. What was locked or half done is ended by its own `Drop`, as when a client leaves; no
/// state outlives a request but what is made for that.
pub(crate) async fn answer_panics<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let asked = Asked::of(&request);
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(outcome) => outcome.map(ServiceResponse::map_into_left_body),
        Err(_) => {
            let answer = HttpResponse::InternalServerError().finish();
            let answer = ServiceResponse::new(asked.again(), answer);
            Ok(answer.map_into_right_body())
        }
    }
}

/// What the middlewares further out want to know of a request: itself it is gone with whoever panicked, and the router suffers
/// no second handle to it.
struct Asked {
    request: TestRequest,
    extensions: (Option<RequestId>, Option<Started>),
}

impl Asked {
    fn of(request: &ServiceRequest) -> Self {
        let copy = TestRequest::with_uri(&request.uri().to_string())
            .method(request.method().clone())
            .version(request.version());
        let copy = match request.app_data::<Face>() {
            Some(face) => copy.app_data(face.clone()),
            None => copy,
        };
        let extensions = request.extensions();
        Self {
            request: copy,
            extensions: (
                extensions.get::<RequestId>().cloned(),
                extensions.get::<Started>().copied(),
            ),
        }
    }

    fn again(self) -> actix_web::HttpRequest {
        let request = self.request.to_http_request();
        let (id, started) = self.extensions;
        if let Some(id) = id {
            request.extensions_mut().insert(id);
        }
        if let Some(started) = started {
            request.extensions_mut().insert(started);
        }
        request
    }
}

/// Tells the log of panics, in its own form and within the request's span. A text that was put together at run time may hold
/// anything, also what belongs to a user, and is left out; the place is enough to find the bug.
pub(crate) fn log() {
    std::panic::set_hook(Box::new(|panic| {
        thread_local!(static LOGGING: RefCell<bool> = const { RefCell::new(false) });
        // A subscriber that panics itself must not be asked again.
        if LOGGING.replace(true) {
            return;
        }
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, text = text(panic), "panicked");
        LOGGING.set(false);
    }));
}

fn text(panic: &PanicHookInfo<'_>) -> &'static str {
    let literal = panic.payload().downcast_ref::<&'static str>();
    literal.copied().unwrap_or("(not shown)")
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test, web};
    use domain_kit::problem_details;
    use serde_json::Value;

    use super::*;
    use crate::request_id::request_id;

    #[actix_web::test]
    async fn a_panic_is_answered_with_a_whole_problem_and_the_next_request_is_served() {
        async fn bug() -> HttpResponse {
            panic!("of alice@example.com")
        }
        let scope = web::scope("/api/{user_id}").route("/bug", web::post().to(bug));
        let app = test::init_service(
            App::new()
                .service(scope)
                .route("/fine", web::get().to(HttpResponse::Ok))
                .wrap(from_fn(answer_panics))
                .wrap(from_fn(problem_details))
                .wrap(from_fn(request_id)),
        )
        .await;
        let request = test::TestRequest::post().uri("/api/me/bug");
        let request = request.insert_header(("X-Request-ID", "r1")).to_request();
        let answer = test::call_service(&app, request).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers().get("x-request-id").unwrap(), "r1");
        let problem: Value = test::read_body_json(answer).await;
        assert_eq!(problem["code"], "internal_error");
        assert_eq!(problem["instance"], "/api/me/bug");
        assert_eq!(problem["request_id"], "r1");
        assert!(!problem.to_string().contains("alice"), "{problem}");
        let request = test::TestRequest::get().uri("/fine").to_request();
        assert_eq!(test::call_service(&app, request).await.status(), 200);
    }
}
