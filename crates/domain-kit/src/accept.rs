use std::collections::{BTreeMap, BTreeSet};

use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap},
    middleware::Next,
};

use serde_json::Map;

use crate::{ApiError, KitProblem, OpenApi};

/// Refuses a request whose answer its client could not read (RFC 9110, section 15.5.7), before anything is done: a client that
/// wants XML and gets 201 with JSON would try again, and make another task.
pub(crate) async fn acceptable<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    if takes(req.headers(), JSON) || takes_another(&req) {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let refused = ApiError::from(KitProblem::NotAcceptable).respond_to(req.request());
    Ok(req.into_response(refused.map_into_right_body()))
}

/// The media types that answers have beside JSON, by the pattern of their path, as the document has them.
#[derive(Debug, Clone, Default)]
pub(crate) struct OtherMedia(BTreeMap<String, BTreeSet<String>>);

impl OtherMedia {
    /// Adds those of a domain, which is mounted below `base`.
    pub(crate) fn add(&mut self, base: &str, fragment: &OpenApi) {
        let document = serde_json::to_value(fragment).unwrap_or_default();
        let paths = document["paths"].as_object();
        for (path, item) in paths.into_iter().flatten() {
            let operations = item.as_object().into_iter().flat_map(Map::values);
            let responses = operations.filter_map(|operation| operation["responses"].as_object());
            let media = responses
                .flat_map(Map::iter)
                .filter(|(status, _)| status.starts_with('2'))
                .filter_map(|(_, response)| response["content"].as_object())
                .flat_map(Map::keys)
                .filter(|media| *media != JSON)
                .cloned();
            let media: BTreeSet<String> = media.collect();
            if !media.is_empty() {
                self.0.insert(format!("{base}{path}"), media);
            }
        }
    }
}

fn takes_another(req: &ServiceRequest) -> bool {
    let others = req.app_data::<OtherMedia>();
    let media = others.zip(req.match_pattern());
    let media = media.and_then(|(others, pattern)| others.0.get(&pattern));
    media.is_some_and(|media| media.iter().any(|media| takes(req.headers(), media)))
}

const JSON: &str = "application/json";

/// Whether one of the media ranges takes in this type (RFC 9110, section 12.5.1); the one that fits best decides.
fn takes(headers: &HeaderMap, media: &str) -> bool {
    let mut values = headers.get_all(header::ACCEPT).peekable();
    if values.peek().is_none() {
        return true;
    }
    let kind = media.split('/').next().unwrap_or_default();
    let mut best = (0, false);
    let ranges = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let fit = match range.split_once('/') {
            _ if range == media => 3,
            Some((of, "*")) if of == kind => 2,
            Some(("*", "*")) => 1,
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
            assert_eq!(takes(request.headers(), JSON), taken, "{accept}");
        }
        let silent = TestRequest::default().to_http_request();
        assert!(takes(silent.headers(), JSON));
        let stream = TestRequest::default().insert_header((header::ACCEPT, "text/event-stream"));
        let stream = stream.to_http_request();
        assert!(takes(stream.headers(), "text/event-stream"));
        assert!(!takes(stream.headers(), JSON));
    }
}
