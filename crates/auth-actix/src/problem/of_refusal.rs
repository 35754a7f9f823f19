use std::time::Duration;

use actix_web::http::StatusCode;

use super::Problem;
use crate::challenge::Challenge;
use crate::refusal::Refusal;

/// The one place where a refusal becomes a status: 401 who, 400 how, 403 not for you, 503 it
/// cannot be decided now, 500 the application is built wrongly.
impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let (status, title) = match refusal {
            Refusal::TokenMissing => (StatusCode::UNAUTHORIZED, "A token is required"),
            Refusal::MultipleCredentials => (
                StatusCode::BAD_REQUEST,
                "There is more than one Authorization header",
            ),
            Refusal::Denied(_) => (StatusCode::UNAUTHORIZED, "The token was refused"),
            Refusal::UserNotFound => (StatusCode::UNAUTHORIZED, "There is no such user"),
            Refusal::UserBanned => (StatusCode::UNAUTHORIZED, "The user is banned"),
            Refusal::SignedOut => (StatusCode::UNAUTHORIZED, "The session has ended"),
            Refusal::TokenRevoked => (StatusCode::UNAUTHORIZED, "The token is revoked"),
            Refusal::UserMismatch => (StatusCode::FORBIDDEN, "This path belongs to another user"),
            Refusal::IssuerNotAllowed => (
                StatusCode::FORBIDDEN,
                "This is not for users of the token's issuer",
            ),
            Refusal::RoleMissing { .. } => (StatusCode::FORBIDDEN, "A role is missing"),
            Refusal::ScopeMissing { .. } => (StatusCode::FORBIDDEN, "A scope is missing"),
            Refusal::TokenNotFresh { .. } => (StatusCode::FORBIDDEN, "The token is not fresh"),
            Refusal::ClaimsMismatch(_) => (StatusCode::FORBIDDEN, "The token's claims do not fit"),
            Refusal::KeysUnavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The token cannot be verified at the moment",
            ),
            Refusal::AccountsUnavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The account cannot be checked at the moment",
            ),
            Refusal::Unguarded | Refusal::Misplaced => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server is not set up correctly",
            ),
        };
        let problem = Self::new(status, refusal.code(), title).detail(refusal.hint());
        match refusal {
            Refusal::TokenMissing => problem.challenge(Challenge::bare()),
            Refusal::MultipleCredentials => {
                problem.challenge(Challenge::invalid_request(refusal.hint()))
            }
            Refusal::Denied(_)
            | Refusal::UserNotFound
            | Refusal::UserBanned
            | Refusal::SignedOut
            | Refusal::TokenRevoked => problem.challenge(Challenge::invalid_token(refusal.hint())),
            Refusal::ScopeMissing { expected } => problem.challenge(Challenge::insufficient_scope(
                refusal.hint(),
                expected.clone(),
            )),
            Refusal::KeysUnavailable { retry_after } => problem.retry_after(*retry_after),
            Refusal::AccountsUnavailable(_) => problem.retry_after(Duration::from_secs(1)),
            Refusal::UserMismatch
            | Refusal::IssuerNotAllowed
            | Refusal::RoleMissing { .. }
            | Refusal::TokenNotFresh { .. }
            | Refusal::ClaimsMismatch(_)
            | Refusal::Unguarded
            | Refusal::Misplaced => problem,
        }
    }
}
