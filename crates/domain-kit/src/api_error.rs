use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    http::{StatusCode, header::HeaderName},
};
use auth_actix::{FieldError, Problem, Refusal};
use auth_pg::{Chain, StoreError};
use serde_json::Value;

use crate::KitProblem;

/// What a handler answers when it cannot do what was asked: a [`Problem`] for the client and, apart from it, the cause for the
/// log. The cause never reaches the client.
#[derive(Debug)]
pub struct ApiError {
    problem: Problem,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// What an operation answers, or why it does not.
pub type Answer<T = HttpResponse> = Result<T, ApiError>;

impl ApiError {
    /// 422: the body was read and is not right; `errors` says where and why.
    pub fn invalid_body(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.pointer.is_empty() => one.detail.clone(),
            [one] => format!("{}: {}", one.pointer, one.detail),
            many => format!("{} things are wrong with the body; see errors.", many.len()),
        };
        Problem::of(&KitProblem::ValidationFailed.kind())
            .detail(detail)
            .errors(errors)
            .into()
    }

    /// 400: a query parameter is unknown or not right; `detail` says which and what was expected.
    pub fn bad_parameter(problem: KitProblem, detail: impl Into<Cow<'static, str>>) -> Self {
        Problem::of(&problem.kind()).detail(detail).into()
    }

    /// 400: a header has a value that it cannot have.
    pub fn bad_header(name: &HeaderName, expected: &str) -> Self {
        Problem::of(&KitProblem::InvalidHeader.kind())
            .detail(format!("{name}: expected {expected}."))
            .into()
    }

    /// 500: something that cannot be, is. The cause is for the log.
    pub fn broken(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            problem: Problem::of(&KitProblem::InternalError.kind()),
            cause: Some(cause.into()),
        }
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

    /// The body of the whole answer, for answers that tell of several things at once.
    pub fn rendered_for(&self, req: &HttpRequest) -> Value {
        let body = self.respond_to(req).into_body().try_into_bytes();
        // An application may write its errors in another form than JSON.
        let read = body
            .ok()
            .and_then(|body| serde_json::from_slice(&body).ok());
        read.unwrap_or_else(|| Value::from(self.problem.code()))
    }

    /// The same, where the body that it is about is a part of another one: what it points to is below `pointer` there.
    #[must_use]
    pub fn below(self, pointer: &str) -> Self {
        let Self { problem, cause } = self;
        let errors = problem.parts().errors.iter().cloned().map(|mut error| {
            error.pointer.insert_str(0, pointer);
            error
        });
        let errors: Vec<FieldError> = errors.collect();
        let problem = problem.errors(errors);
        Self { problem, cause }
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
        let of = |problem: KitProblem| Problem::of(&problem.kind());
        let later = || of(KitProblem::DatabaseUnavailable).retry_after(Duration::from_secs(1));
        let problem = match &error {
            StoreError::Unavailable(_) | StoreError::Contention => later(),
            StoreError::OutcomeUnknown(_) => later().detail(
                "The database did not answer in time. A change may or may not have been made: read before you repeat it.",
            ),
            StoreError::Value(_) => of(KitProblem::ValidationFailed).detail("A value cannot be stored."),
            _ => of(KitProblem::InternalError),
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
