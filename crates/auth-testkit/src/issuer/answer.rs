//! What the issuer says over HTTP.

use std::convert::Infallible;
use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_http::body::{BoxBody, MessageBody};
use actix_http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use actix_http::{HttpMessage, Method, Request, Response, StatusCode};
use serde_json::json;

use super::{Answer, JWKS_PATH, State};

/// Better Auth's `/jwks` takes GET alone and answers without any caching header.
pub(super) async fn answer(
    request: Request,
    state: Arc<Mutex<State>>,
) -> Result<Response<BoxBody>, Infallible> {
    if request.method() != Method::GET {
        return Ok(not_found());
    }
    let path = request.path();
    let document = {
        let mut state = lock(&state);
        // What was asked for, not with what: a flood of other paths is not kept apart.
        *state.requests.entry(path.to_owned()).or_default() += 1;
        state.documents.get(path).cloned()
    };
    match document {
        Some(document) => Ok(json(StatusCode::OK, document)),
        None if path == JWKS_PATH => Ok(keys(request, &state).await),
        None => Ok(not_found()),
    }
}

async fn keys(request: Request, state: &Mutex<State>) -> Response<BoxBody> {
    let (answer, delay, headers) = {
        let mut state = lock(state);
        state.last_fetch = request.headers().clone();
        (state.answer.clone(), state.delay, state.headers.clone())
    };
    actix_rt::time::sleep(delay).await;
    let mut response = match answer {
        Answer::Status(status) => json(status, json!({ "message": status.as_str() }).to_string()),
        Answer::Body(body) => json(StatusCode::OK, body),
        // Read after the delay: a slow answer is not an old one.
        Answer::Keys => json(StatusCode::OK, lock(state).jwks().to_string()),
        Answer::Garbled(garble) => {
            let body = garble.body(&lock(state).jwks());
            of_type(
                garble.content_type(),
                Response::with_body(StatusCode::OK, body),
            )
        }
        Answer::Redirect(place) => {
            let mut response = json(StatusCode::FOUND, String::new());
            response.headers_mut().insert(LOCATION, place);
            response
        }
        Answer::Never => future::pending().await,
    };
    for (name, value) in headers {
        response.headers_mut().append(name, value);
    }
    response
}

fn not_found() -> Response<BoxBody> {
    Response::with_body(StatusCode::NOT_FOUND, BoxBody::new(()))
}

fn json(status: StatusCode, body: impl MessageBody + 'static) -> Response<BoxBody> {
    of_type(
        "application/json",
        Response::with_body(status, BoxBody::new(body)),
    )
}

fn of_type(content_type: &'static str, mut response: Response<BoxBody>) -> Response<BoxBody> {
    let value = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, value);
    response
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
