use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use actix_web::{HttpRequest, HttpResponse, ResponseError, http::StatusCode};
use auth_actix::{FieldError, Problem, Refusal};
use auth_pg::{Chain, StoreError};

/// What a handler answers when it cannot do what was asked: a [`Problem`] for the client and, apart from it, the cause for the
/// log. The cause never reaches the client.
#[derive(Debug)]
pub struct ApiError {
    problem: Problem,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl ApiError {
    /// 404: there is no such thing for this user. Whether it exists for somebody else is not told.
    pub fn not_found(code: &'static str, title: &'static str) -> Self {
        Problem::new(StatusCode::NOT_FOUND, code, title)
            .detail("Nothing of yours has this id. It may have been deleted.")
            .into()
    }

    /// 404: the API has no such path.
    pub fn no_such_path() -> Self {
        Problem::new(StatusCode::NOT_FOUND, "path_not_found", "No such path")
            .detail("This API has no such path; /openapi.json lists those that it has.")
            .into()
    }

    /// 422: the body was read and is not right; `errors` says where and why.
    pub fn invalid_body(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.pointer.is_empty() => one.detail.clone(),
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} things are wrong with the body; see errors.", many.len()),
        };
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_failed",
            "The body is not valid",
        )
        .detail(detail)
        .errors(errors)
        .into()
    }

    /// 409: what was asked for cannot stand beside what is there.
    pub fn conflict(
        code: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Problem::new(StatusCode::CONFLICT, code, title)
            .detail(detail)
            .into()
    }

    /// 400: a query parameter is unknown or not right.
    pub fn bad_parameter(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Problem::new(
            StatusCode::BAD_REQUEST,
            code,
            "A query parameter is not right",
        )
        .detail(detail)
        .into()
    }

    /// 400: the cursor is none that this list gave out.
    pub fn invalid_cursor() -> Self {
        Self::bad_parameter(
            "invalid_cursor",
            "The cursor is not one that this list gave out for these filters. Start again without it.",
        )
    }

    /// 401: the token's user is not there any more.
    pub fn user_gone() -> Self {
        Problem::from(&Refusal::UserNotFound).into()
    }

    /// Another status, for what only one domain has.
    pub fn from_problem(problem: Problem) -> Self {
        problem.into()
    }

    /// The problem that the client will read.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The whole answer, for the places that have the request at hand.
    pub fn respond_to(&self, req: &HttpRequest) -> HttpResponse {
        self.log();
        self.problem.respond_to(req)
    }

    fn log(&self) {
        let Some(cause) = &self.cause else { return };
        let code = self.problem.code();
        let cause = Chain(cause.as_ref());
        if self.problem.status() == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(code, %cause, "request failed");
        } else {
            tracing::warn!(code, %cause, "request could not be served");
        }
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            cause: None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let problem = match &error {
            StoreError::Unavailable(_) | StoreError::Contention => database_unavailable(),
            StoreError::OutcomeUnknown(_) => database_unavailable().detail(
                "The database did not answer in time. A change may or may not have been made: read before you repeat it.",
            ),
            StoreError::Value(_) => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                "The body is not valid",
            )
            .detail("A value cannot be stored."),
            _ => Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error")
                .detail("This is our fault, not yours. It is in our log under the request id."),
        };
        Self {
            problem,
            cause: Some(error.into()),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem.code())
    }
}

impl StdError for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.problem.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        self.problem.error_response()
    }
}

fn database_unavailable() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "database_unavailable",
        "The database cannot be reached at the moment",
    )
    .detail("Nothing was changed. Try again shortly.")
    .retry_after(Duration::from_secs(1))
}
