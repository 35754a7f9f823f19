//! Shapes for OpenAPI fragments. The bodies of problems are written by `auth-actix`, which knows nothing of OpenAPI; reading
//! them back into these strict types is how tests hold the two together.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem of RFC 9457: what went wrong, for a program (`code`) and for its developer (`detail`).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Names the kind of problem, one to one with `code`.
    #[schema(example = "urn:drawbridge:problem:token_expired")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; always the same for a `code`.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable name of the problem, made to be compared.
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
    /// Stable name of what is wrong.
    #[schema(example = "required")]
    pub code: String,
    /// The same in words.
    pub detail: String,
}
