use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue, TryIntoHeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

use crate::challenge::Challenge;
use crate::render::{Face, ProblemJson};

mod kind;
mod of_refusal;

pub use kind::ProblemKind;

/// An error as the client reads it: `application/problem+json` (RFC 9457).
///
/// The texts are fixed per code and say no more than the client needs. What exactly went wrong
/// belongs into the log, written by whoever makes the problem. How it is written is the business
/// of a [`Render`](crate::Render).
///
/// ```
/// use actix_web::http::StatusCode;
/// use auth_actix::Problem;
///
/// let problem = Problem::new(StatusCode::NOT_FOUND, "task_not_found", "There is no such task")
///     .detail("It may have been deleted.");
/// assert_eq!(problem.status(), 404);
/// assert_eq!(problem.to_string(), "404 task_not_found: There is no such task");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Problem(Box<Contents>);

#[derive(Clone, Debug, PartialEq)]
struct Contents {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    challenge: Option<Challenge>,
}

/// What a [`Problem`] says, for whoever writes it down.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProblemParts<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// One fixed sentence for this code.
    pub title: &'static str,
    /// What this case is about; the title, when there is no more to say.
    pub detail: &'a str,
    /// The faults of the body, one by one.
    pub errors: &'a [FieldError],
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// How to authenticate.
    pub challenge: Option<&'a Challenge>,
}

/// One fault in a request's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is: a JSON pointer (RFC 6901), for instance `/due_date`.
    pub pointer: String,
    /// The kind of fault, stable, in `snake_case`.
    pub code: &'static str,
    /// What is wrong, for a person.
    pub detail: String,
}

/// The request's id, as the application chose it. Kept in the request's extensions, from where
/// [`Problem::respond_to`] takes it, so that a person can quote it and an operator can find it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub String);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Problem {
    /// A problem with a stable code in `snake_case` and one fixed sentence about it.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self(Box::new(Contents {
            status,
            code,
            title,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            challenge: None,
        }))
    }

    /// What this case is about, or what to do. Without it the title is repeated.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The faults of the body, one by one.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// When to try again. Sent as `Retry-After` in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// How to authenticate. Sent as `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: Challenge) -> Self {
        self.0.challenge = Some(challenge);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// All that it says.
    #[must_use]
    pub fn parts(&self) -> ProblemParts<'_> {
        let contents = &*self.0;
        ProblemParts {
            status: contents.status,
            code: contents.code,
            title: contents.title,
            detail: contents.detail.as_deref().unwrap_or(contents.title),
            errors: &contents.errors,
            retry_after: contents.retry_after,
            challenge: contents.challenge.as_ref(),
        }
    }

    /// The response to this request, as the application's [`Face`] writes it.
    #[must_use]
    pub fn respond_to(&self, request: &HttpRequest) -> HttpResponse {
        Face::of(request).respond(self, request)
    }

    pub(crate) fn map_challenge(mut self, change: impl FnOnce(Challenge) -> Challenge) -> Self {
        self.0.challenge = self.0.challenge.map(change);
        self
    }

    /// What a client has to find in the response, whatever its body is.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> + use<> {
        let retry_after = self.0.retry_after.map(|after| {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            (header::RETRY_AFTER, HeaderValue::from(seconds))
        });
        let challenge = self.0.challenge.clone().and_then(|challenge| {
            let value = challenge.try_into_value().ok()?;
            Some((header::WWW_AUTHENTICATE, value))
        });
        let no_store = HeaderValue::from_static("no-store");
        [
            Some((header::CACHE_CONTROL, no_store)),
            retry_after,
            challenge,
        ]
        .into_iter()
        .flatten()
    }

    pub(crate) fn to_json(
        &self,
        form: &ProblemJson,
        instance: Option<&str>,
        request_id: Option<&RequestId>,
    ) -> HttpResponse {
        #[derive(Serialize)]
        struct Members<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            code: &'a str,
            detail: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            instance: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            request_id: Option<&'a str>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'a [FieldError],
            /// Clients of older task servers look for the text under this name.
            error: &'a str,
        }

        let ProblemParts {
            status,
            code,
            title,
            detail,
            errors,
            ..
        } = self.parts();
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        for header in self.headers() {
            response.insert_header(header);
        }
        response.json(Members {
            r#type: form.type_of(code),
            title,
            status: status.as_u16(),
            code,
            detail,
            instance,
            request_id: request_id.map(|id| &*id.0),
            errors,
            error: detail,
        })
    }
}

/// `404 task_not_found: There is no such task`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProblemParts {
            status,
            code,
            title,
            ..
        } = self.parts();
        write!(f, "{} {code}: {title}", status.as_u16())
    }
}

impl std::error::Error for Problem {}

/// A handler may return a problem as its error. Actix gives no request to this trait, so the
/// response lacks path and request id; it carries the problem in its extensions, from which an
/// outer middleware can make the full one with [`Problem::respond_to`].
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.to_json(&ProblemJson::new(), None, None);
        response.extensions_mut().insert(self.clone());
        response
    }
}

#[cfg(test)]
mod tests;
