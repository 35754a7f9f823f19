use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header},
    middleware::Next,
};
use auth_actix::{Problem, Rendered};

use crate::KitProblem;

/// Middleware that makes every refusal of the app a complete problem (RFC 9457). Wrap the whole app in it, outside CORS, so
/// that what CORS refuses is a problem, too:
/// `App::new().wrap(from_fn(problem_details))`.
///
/// - A problem that a handler answered as an error gets the request's path and id.
/// - An error response of Actix itself (404 for a path that nobody has, 405, a broken body) gets a problem as its body; its
///   headers, such as `Allow`, are kept.
///
/// # Errors
/// An error of inner *middleware* passes through as it is; errors of handlers and extractors have become responses by then.
pub async fn problem_details<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let response = next.call(req).await?;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return Ok(response.map_into_left_body());
    }
    if is_finished(response.response()) {
        return Ok(response.map_into_left_body());
    }
    let (request, inner) = response.into_parts();
    let completed = complete(&request, &inner);
    Ok(ServiceResponse::new(
        request,
        completed.map_into_right_body(),
    ))
}

/// Whether somebody wrote a body of their own: a problem that is complete, in whatever form the application writes them, or
/// anything else with a media type of its own.
fn is_finished<B>(response: &HttpResponse<B>) -> bool {
    if response.extensions().get::<Rendered>().is_some() {
        return true;
    }
    if response.extensions().get::<Problem>().is_some() {
        return false;
    }
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media| !media.as_bytes().starts_with(b"text/plain"))
}

fn complete<B>(request: &HttpRequest, response: &HttpResponse<B>) -> HttpResponse {
    let carried = response.extensions().get::<Problem>().cloned();
    let problem = carried.unwrap_or_else(|| match refused_origin(request, response.status()) {
        Some(problem) => problem,
        None => of_status(response.status()),
    });
    let mut completed = problem.respond_to(request);
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE
            && name != header::CONTENT_LENGTH
            && !completed.headers().contains_key(name)
        {
            completed.headers_mut().append(name.clone(), value.clone());
        }
    }
    completed
}

/// The problem for a preflight (Fetch standard, "CORS protocol") that CORS has refused. The page cannot read it; whoever looks
/// into the browser's network panel or the log can.
fn refused_origin(request: &HttpRequest, status: StatusCode) -> Option<Problem> {
    let headers = request.headers();
    let preflight = *request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !preflight || status != StatusCode::BAD_REQUEST {
        return None;
    }
    let origin = headers.get(header::ORIGIN)?;
    // Escaped and short: it is whatever somebody liked to send.
    let origin: String = origin
        .as_bytes()
        .escape_ascii()
        .take(200)
        .map(char::from)
        .collect();
    tracing::warn!(
        origin,
        "cross-origin request refused; its origin, method or a header is not allowed"
    );
    Some(Problem::of(&KitProblem::OriginNotAllowed.kind()))
}

/// The problem for an error response that came without one.
fn of_status(status: StatusCode) -> Problem {
    let problem = match status {
        StatusCode::NOT_FOUND => KitProblem::PathNotFound,
        StatusCode::METHOD_NOT_ALLOWED => KitProblem::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => KitProblem::BodyTooLarge,
        StatusCode::REQUEST_TIMEOUT => KitProblem::RequestTimeout,
        StatusCode::SERVICE_UNAVAILABLE => KitProblem::Unavailable,
        status if status.is_client_error() => KitProblem::BadRequest,
        _ => KitProblem::InternalError,
    };
    let kind = problem.kind();
    Problem::new(status, kind.code, kind.title).detail(kind.remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{
        App,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service, read_body},
        web,
    };
    use auth_actix::{CurrentUser, Face};
    use serde_json::Value;

    async fn body_of(app_data: Option<Face>, path: &str) -> (u16, String) {
        let mut app = App::new();
        if let Some(face) = app_data {
            app = app.app_data(face);
        }
        let app = app
            // Nobody guards it, so it refuses everybody.
            .route("/guarded", web::get().to(async |_: CurrentUser| "never"))
            .wrap(from_fn(problem_details));
        let app = init_service(app).await;
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        let status = response.status().as_u16();
        let body = read_body(response).await.to_vec();
        (status, String::from_utf8(body).unwrap())
    }

    #[actix_web::test]
    async fn what_the_application_wrote_in_its_own_form_is_left_as_it_is() {
        let as_text = |problem: &Problem, request: &HttpRequest| {
            let (code, path) = (problem.code(), request.path());
            HttpResponse::build(problem.status()).body(format!("{code} at {path}"))
        };
        let face = Face::new().with_renderer(as_text);
        assert_eq!(
            body_of(Some(face.clone()), "/guarded").await,
            (500, "unguarded_route at /guarded".to_owned())
        );
        // What Actix answers by itself is put into that form as well.
        assert_eq!(
            body_of(Some(face), "/nowhere").await,
            (404, "path_not_found at /nowhere".to_owned())
        );
    }

    #[actix_web::test]
    async fn without_a_form_of_its_own_every_refusal_is_a_whole_problem() {
        for (path, status, code) in [
            ("/guarded", 500, "unguarded_route"),
            ("/nowhere", 404, "path_not_found"),
        ] {
            let (seen, body) = body_of(None, path).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(seen, status);
            assert_eq!(
                (&problem["code"], &problem["instance"]),
                (&code.into(), &path.into())
            );
        }
    }
}
