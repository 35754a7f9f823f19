//! Shapes for OpenAPI fragments. The bodies of problems are written by `auth-actix`, which knows nothing of OpenAPI; reading
//! them back into these strict types is how tests hold the two together.

use actix_web::http::header;
use auth_actix::{ProblemJson, ProblemKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ApiError, Field, FieldProblem, KitProblem, QueryString, Violations, entity_tag::ENTITY_TAGS,
};

/// A problem of RFC 9457: what went wrong, for a program (`code`) and for its developer (`detail`).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// A URI that names the kind of problem, one to one with `code`. It may lead to a page about it.
    #[schema(example = "urn:drawbridge:problem:token_expired")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; always the same for a `code`.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable name of the problem, made to be compared. New ones may come, so this is no closed list: treat one that you do not
    /// know as what its status says.
    #[schema(example = "token_expired")]
    pub code: String,
    /// What to do about it.
    pub detail: String,
    /// The path of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<String>,
    /// Quote this when you ask for help; it is in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
    /// What is wrong with the body, field by field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<ProblemField>>,
    /// The same text as `detail`.
    pub error: String,
}

/// One thing wrong with the request's body.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemField {
    /// JSON pointer (RFC 6901) to the place in the body; empty for the body as a whole.
    #[schema(example = "/title")]
    pub pointer: String,
    /// Stable name of what is wrong. New ones may come.
    #[schema(example = "required")]
    pub code: String,
    /// The same in words.
    pub detail: String,
}

impl Problem {
    /// An example of a problem of this kind, as a client reads it when its request had the path `instance`.
    pub fn example(kind: &ProblemKind, instance: &str) -> Self {
        let problem = case_of(kind);
        let parts = problem.parts();
        let errors = parts.errors.iter().map(|error| ProblemField {
            pointer: error.pointer.clone(),
            code: error.code.to_owned(),
            detail: error.detail.clone(),
        });
        Self {
            kind: ProblemJson::new().type_of(parts.code),
            title: parts.title.to_owned(),
            status: parts.status.as_u16(),
            code: parts.code.to_owned(),
            detail: parts.detail.to_owned(),
            instance: Some(instance.to_owned()),
            request_id: Some(REQUEST_ID.to_owned()),
            errors: (!parts.errors.is_empty()).then(|| errors.collect()),
            error: parts.detail.to_owned(),
        }
    }
}

const REQUEST_ID: &str = "0199a3f2-5d3c-7a10-8f4b-2f6f1c9f7e55";

/// What a problem of this kind says of some case, where it says more than what to do about any.
fn case_of(kind: &ProblemKind) -> auth_actix::Problem {
    let known = KitProblem::ALL.iter().find(|known| known.kind() == *kind);
    let error = match known {
        Some(KitProblem::ValidationFailed) => invalid_body().err(),
        Some(KitProblem::InvalidParameter) => parameter("limit=many").err(),
        Some(KitProblem::UnknownParameter) => parameter("limt=50").err(),
        Some(KitProblem::InvalidHeader) => {
            Some(ApiError::bad_header(&header::IF_MATCH, ENTITY_TAGS))
        }
        _ => None,
    };
    match error {
        Some(error) => error.problem().clone(),
        None => auth_actix::Problem::of(kind),
    }
}

fn invalid_body() -> Result<(), ApiError> {
    let mut violations = Violations::default();
    let title = Field::<String>::Absent;
    violations.required("/title", title, Ok::<_, (FieldProblem, &str)>);
    let due = crate::parse_timestamp("2026-03-01T09:00:00").map(drop);
    if let Err((code, detail)) = due {
        violations.add("/due_date", code, detail);
    }
    violations.finish(())
}

fn parameter(query: &str) -> Result<(), ApiError> {
    let mut query = QueryString::parse(query)?;
    let limit = |text: &str| text.parse::<u32>().map_err(|_| "a number from 1 to 200");
    query.take("limit", limit)?;
    query.finish()
}

#[cfg(test)]
mod tests {
    use actix_web::{HttpMessage, body::to_bytes, test::TestRequest};
    use auth_actix::{Refusal, RequestId};
    use serde_json::Value;

    use super::*;

    #[actix_web::test]
    async fn examples_are_written_as_the_service_writes_problems() {
        for kind in Refusal::kinds().into_iter().chain(KitProblem::kinds()) {
            let request = TestRequest::with_uri("/api/v1/me").to_http_request();
            let id = RequestId(REQUEST_ID.to_owned());
            request.extensions_mut().insert(id);
            let response = case_of(&kind).respond_to(&request);
            let written = to_bytes(response.into_body()).await.unwrap();
            let written: Value = serde_json::from_slice(&written).unwrap();
            let example = Problem::example(&kind, "/api/v1/me");
            assert_eq!(serde_json::to_value(example).unwrap(), written);
            assert_eq!(written["code"], kind.code);
        }
    }

    #[test]
    fn an_example_shows_a_case_where_what_to_do_depends_on_it() {
        let example = |problem: KitProblem| Problem::example(&problem.kind(), "/api/v1/me");
        let fields = example(KitProblem::ValidationFailed).errors.unwrap();
        let codes: Vec<_> = fields.iter().map(|field| field.code.as_str()).collect();
        assert_eq!(codes, ["required", "missing_offset"]);
        for (problem, part) in [
            (KitProblem::InvalidParameter, "limit: expected a number"),
            (KitProblem::UnknownParameter, "Did you mean limit?"),
            (KitProblem::InvalidHeader, "if-match: expected"),
        ] {
            let detail = example(problem).detail;
            assert!(detail.contains(part), "{detail}");
        }
    }
}
