use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};
use auth_actix::RequestId;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Gives every request an id, the caller's own if that is harmless, and every answer the same one as `X-Request-ID`.
pub(crate) async fn request_id<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = [REQUEST_ID, CORRELATION_ID]
        .iter()
        .find_map(|name| harmless(request.headers(), name))
        .unwrap_or_else(|| Uuid::now_v7().to_string());
    let header = HeaderValue::from_str(&id).expect("only letters, digits, dot, underscore, hyphen");
    request.extensions_mut().insert(RequestId(id));
    match next.call(request).await {
        Ok(mut response) => {
            response.headers_mut().insert(REQUEST_ID, header);
            Ok(response)
        }
        Err(mut error) => {
            error.add_response_mapper(move |mut response| {
                response.headers_mut().insert(REQUEST_ID, header.clone());
                response
            });
            Err(error)
        }
    }
}

/// The value of `name` if it can stand in a log line, a header and an SQL comment as it is.
fn harmless(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    ((1..=64).contains(&value.len()) && value.chars().all(allowed)).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpRequest, HttpResponse, middleware::from_fn, test, web};

    use super::*;

    /// The id that the handler saw and the one that the client gets back, for a request with these headers.
    async fn ids(headers: &[(&'static str, &str)]) -> (String, String) {
        let app = test::init_service(App::new().wrap(from_fn(request_id)).route(
            "/",
            web::get().to(async |request: HttpRequest| {
                HttpResponse::Ok().body(request.extensions().get::<RequestId>().unwrap().0.clone())
            }),
        ))
        .await;
        let mut request = test::TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        let response = test::call_service(&app, request.to_request()).await;
        let sent = response
            .headers()
            .get(REQUEST_ID)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let seen = test::read_body(response).await;
        (String::from_utf8(seen.to_vec()).unwrap(), sent)
    }

    #[actix_web::test]
    async fn a_harmless_id_of_the_caller_is_kept() {
        for id in ["a", "req-1.2_3", &"x".repeat(64)] {
            assert_eq!(
                ids(&[("X-Request-ID", id)]).await,
                (id.to_owned(), id.to_owned())
            );
        }
    }

    #[actix_web::test]
    async fn a_correlation_id_stands_in_for_a_request_id() {
        assert_eq!(ids(&[("X-Correlation-ID", "c1")]).await.0, "c1");
        assert_eq!(
            ids(&[("X-Correlation-ID", "c1"), ("X-Request-ID", "r1")])
                .await
                .0,
            "r1"
        );
        assert_eq!(
            ids(&[("X-Correlation-ID", "c1"), ("X-Request-ID", "not ok")])
                .await
                .0,
            "c1"
        );
    }

    #[actix_web::test]
    async fn any_other_id_is_replaced_by_a_new_one() {
        for id in [
            "",
            "with space",
            "läßt",
            "a\tb",
            "{\"a\":1}",
            &"x".repeat(65),
        ] {
            let (seen, sent) = ids(&[("X-Request-ID", id)]).await;
            assert_eq!(seen, sent);
            assert_eq!(Uuid::parse_str(&seen).unwrap().get_version_num(), 7, "{id}");
        }
        assert_ne!(ids(&[]).await, ids(&[]).await);
    }
}
