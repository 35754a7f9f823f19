use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
};

use crate::{ApiError, KitProblem};

/// Refuses a request whose answer its client could not read (RFC 9110, section 15.5.7), before anything is done: a client that
/// wants XML and gets 201 with JSON would try again, and make another task.
pub(crate) async fn acceptable<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if takes_json(req.headers()) {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let refused = ApiError::from(KitProblem::NotAcceptable).respond_to(req.request());
    Ok(req.into_response(refused.map_into_right_body()))
}

/// Whether one of the media ranges takes in JSON (RFC 9110, section 12.5.1); the one that fits best decides.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).peekable();
    if values.peek().is_none() {
        return true;
    }
    let mut best = (0, false);
    let ranges = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let fit = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "application/json" => 3,
            "application/*" => 2,
            "*/*" => 1,
            _ => continue,
        };
        let weight = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("q")
                .then(|| value.trim().parse::<f32>())
        });
        let wanted = !matches!(weight, Some(Ok(0.0)));
        if fit > best.0 {
            best = (fit, wanted);
        } else if fit == best.0 {
            best.1 |= wanted;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn json_is_taken_by_its_name_by_a_range_or_by_silence() {
        for (accept, taken) in [
            ("*/*", true),
            ("application/json", true),
            ("APPLICATION/JSON; q=0.5", true),
            ("text/html, application/xhtml+xml, */*;q=0.8", true),
            ("application/*", true),
            ("text/html", false),
            ("application/xml, text/*", false),
            ("application/json;q=0, */*", false),
            ("application/json;q=0", false),
            ("*/*;q=0", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT, accept));
            let request = request.to_http_request();
            assert_eq!(takes_json(request.headers()), taken, "{accept}");
        }
        assert!(takes_json(
            TestRequest::default().to_http_request().headers()
        ));
    }
}
