use std::time::Duration;

use actix_web::http::StatusCode;
use auth_core::{Denied, DeniedKind};

use super::{Problem, ProblemKind};
use crate::challenge::Challenge;
use crate::refusal::Refusal;

/// Writes the list and the match from the same rows. The match has no wildcard, so a refusal
/// without a row does not compile; and what has a row is in the list.
macro_rules! kinds {
    ($(
        $refusal:pat => $status:ident $code:literal, $title:literal, $meaning:literal, $remedy:literal;
    )+) => {
        impl Refusal {
            /// The status, the words and the code of this refusal.
            #[must_use]
            pub fn kind(&self) -> ProblemKind {
                match self {
                    Self::Denied(denied) => of_denied(&denied.kind()),
                    $($refusal => ProblemKind {
                        status: StatusCode::$status,
                        code: $code,
                        title: $title,
                        meaning: $meaning,
                        remedy: $remedy,
                    },)+
                }
            }

            /// Every kind of refusal, those of tokens included.
            #[must_use]
            pub fn kinds() -> Vec<ProblemKind> {
                let others = [$(ProblemKind {
                    status: StatusCode::$status,
                    code: $code,
                    title: $title,
                    meaning: $meaning,
                    remedy: $remedy,
                }),+];
                others.into_iter().chain(Denied::KINDS.iter().map(of_denied)).collect()
            }
        }
    };
}

// The one place where a refusal becomes a status: 401 who, 400 how, 403 not for you, 429 not so
// often, 503 it cannot be decided now, 500 the application is built wrongly.
kinds! {
    Self::TokenMissing => UNAUTHORIZED "token_missing",
        "A token is required",
        "The request has no header `Authorization: Bearer`.",
        "Send the JWT that authClient.token() returns in the header Authorization: Bearer.";
    Self::MultipleCredentials => BAD_REQUEST "multiple_credentials",
        "There is more than one Authorization header",
        "The request has two or more `Authorization` headers, and nobody can say which one counts.",
        "Send exactly one Authorization header.";
    Self::UserNotFound => UNAUTHORIZED "user_not_found",
        "There is no such user",
        "The token is good, and Better Auth has no such user any more: the account was deleted.",
        "The account of this token does not exist; sign in again.";
    Self::UserBanned => UNAUTHORIZED "user_banned",
        "The user is banned",
        "The token is good, and its user is banned in Better Auth.",
        "The account of this token is banned.";
    Self::SignedOut => UNAUTHORIZED "session_ended",
        "The session has ended",
        "The token is good, and the session that it was minted for has ended: signed out, or \
         revoked.",
        "The session of this token has ended; sign in again.";
    Self::TokenRevoked => UNAUTHORIZED "token_revoked",
        "The token is revoked",
        "The token was good, and the operator has revoked it or all of its user's.",
        "The token has been revoked; sign in again.";
    Self::UserMismatch => FORBIDDEN "user_mismatch",
        "This path belongs to another user",
        "The token is good, and the path names another user than the token.",
        "Use your own user id, or 'me', in the path.";
    Self::IssuerNotAllowed => FORBIDDEN "issuer_not_allowed",
        "This is not for users of the token's issuer",
        "The token is good, and this path is for the users of another issuer.",
        "Sign in where this has its users from.";
    Self::RoleMissing { .. } => FORBIDDEN "role_missing",
        "A role is missing",
        "The token is good, and its user has none of the roles that this path asks for.",
        "Your account does not have the role that this needs.";
    Self::ScopeMissing { .. } => FORBIDDEN "scope_missing",
        "A scope is missing",
        "The access token was not given a scope that is asked for; `WWW-Authenticate` names all of \
         them.",
        "The token was not given the scope that this needs; ask the user to grant it.";
    Self::TokenNotFresh { .. } => FORBIDDEN "token_not_fresh",
        "The token is not fresh",
        "The token was minted too long ago for this path, or does not say when.",
        "This needs a token that was just minted; fetch a fresh one and try again.";
    Self::ClaimsMismatch(_) => FORBIDDEN "claims_mismatch",
        "The token's claims do not fit",
        "The token is good, and lacks claims that this path needs, or has them in another shape.",
        "The token's claims are not those that this needs.";
    Self::KeysUnavailable { .. } => SERVICE_UNAVAILABLE "keys_unavailable",
        "The token cannot be verified at the moment",
        "The issuer's keys cannot be had, so nothing can be said about the token.",
        "This is no fault of the request; try again later.";
    Self::AccountsUnavailable(_) => SERVICE_UNAVAILABLE "accounts_unavailable",
        "The account cannot be checked at the moment",
        "The database cannot be asked whether the user is still welcome.",
        "This is no fault of the request; try again later.";
    Self::RateLimited { .. } => TOO_MANY_REQUESTS "rate_limited",
        "Too many requests",
        "The token is good, and its user has made more requests than a user may in a time; \
         `RateLimit-Policy` says how many that are.",
        "Wait as long as Retry-After says, and ask less often.";
    Self::TooManyFailures { .. } => TOO_MANY_REQUESTS "too_many_failures",
        "Too many bad tokens from this address",
        "So many bad tokens came from this address that no new one is looked at for a moment. \
         Tokens that were good before go on working.",
        "Wait as long as Retry-After says; then send a token that the issuer has minted for this.";
    Self::Unguarded => INTERNAL_SERVER_ERROR "unguarded_route",
        "The server is not set up correctly",
        "A handler asks for the user, and no guard stands before it: the application is built \
         wrongly.",
        "This is no fault of the request; the operator finds the cause in the log.";
    Self::Misplaced => INTERNAL_SERVER_ERROR "misplaced_guard",
        "The server is not set up correctly",
        "A guard compares the path's user, and the path names none: the application is built \
         wrongly.",
        "This is no fault of the request; the operator finds the cause in the log.";
}

fn of_denied(kind: &DeniedKind) -> ProblemKind {
    ProblemKind {
        code: kind.code,
        status: StatusCode::UNAUTHORIZED,
        title: "The token was refused",
        meaning: kind.meaning,
        remedy: kind.hint,
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let kind = refusal.kind();
        let (problem, hint) = (Self::of(&kind), kind.remedy);
        match refusal {
            Refusal::TokenMissing => problem.challenge(Challenge::bare()),
            Refusal::MultipleCredentials => problem.challenge(Challenge::invalid_request(hint)),
            Refusal::Denied(_)
            | Refusal::UserNotFound
            | Refusal::UserBanned
            | Refusal::SignedOut
            | Refusal::TokenRevoked => problem.challenge(Challenge::invalid_token(hint)),
            Refusal::ScopeMissing { expected } => {
                problem.challenge(Challenge::insufficient_scope(hint, expected.clone()))
            }
            Refusal::KeysUnavailable { retry_after } => problem.retry_after(*retry_after),
            Refusal::RateLimited { retry_after } | Refusal::TooManyFailures { retry_after } => {
                problem.retry_after(*retry_after)
            }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_refusals_have_one_code_and_each_says_when_it_comes_and_what_to_do() {
        let kinds = Refusal::kinds();
        let codes: BTreeSet<_> = kinds.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), kinds.len());
        for kind in kinds {
            assert!(!kind.title.ends_with('.'), "{}", kind.title);
            assert!(kind.meaning.ends_with('.'), "{}", kind.meaning);
            assert!(kind.remedy.ends_with('.'), "{}", kind.remedy);
        }
    }

    #[test]
    fn what_a_refusal_says_is_its_row_in_the_list() {
        let kinds = Refusal::kinds();
        for refusal in [
            Refusal::TokenMissing,
            Refusal::Denied(Denied::SessionToken),
            Refusal::Unguarded,
        ] {
            let kind = refusal.kind();
            assert!(kinds.contains(&kind), "{kind:?}");
            let problem = Problem::from(&refusal);
            assert_eq!(
                (problem.status(), problem.code(), problem.parts().detail),
                (kind.status, refusal.code(), refusal.hint())
            );
        }
    }
}
