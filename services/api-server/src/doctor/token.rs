//! The token: a line for each check that the verifier makes.

use std::time::SystemTime;

use auth_core::{Denied, Policy, TokenCheck, UnixTime, UserClaim};
use domain_kit::parse_id;

use super::{
    Check, Finding, Ground, TokenFrom,
    keys::none_allowed,
    text::{difference, shown, span},
};
use crate::token_text::TokenText;

macro_rules! stage {
    ($id:literal, $check:ident, $($needs:literal),+) => {
        Check {
            id: $id,
            needs: &[$($needs),+],
            look: |ground| Box::pin(stage(ground, TokenCheck::$check)),
        }
    };
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "token.given",
        needs: &["config.settings"],
        look: |ground| Box::pin(given(ground)),
    },
    stage!("token.form", Form, "token.given"),
    stage!("token.type", Type, "token.form"),
    stage!("token.algorithm", Algorithm, "token.type"),
    stage!("token.key_id", KeyId, "token.algorithm"),
    stage!("token.key", Key, "token.key_id", "jwks.keys"),
    stage!("token.signature", Signature, "token.key"),
    stage!("token.claims", Claims, "token.signature"),
    stage!("token.kind", Kind, "token.claims"),
    stage!("token.issuer", Issuer, "token.kind"),
    stage!("token.audience", Audience, "token.issuer"),
    stage!("token.times", Times, "token.audience"),
    stage!("token.user", User, "token.times"),
    Check {
        id: "path.user",
        needs: &["token.user"],
        look: |ground| Box::pin(path(ground)),
    },
];

pub(super) fn now() -> UnixTime {
    SystemTime::now().into()
}

async fn given(ground: &Ground) -> Finding {
    match ground.token().await {
        Some(Ok(token)) => Finding::pass(format!("{} bytes", token.len())),
        Some(Err(error)) => Finding::fail(error.to_string())
            .named("token.fetch")
            .because("the page gets no token either, and calls the API without one")
            .fix("sign in, and take the value of the cookie better-auth.session_token from the browser (not the JWT)"),
        None => match ground.wanted.token {
            Some(TokenFrom::Cookie(_)) => Finding::skip("Better Auth is not asked for one"),
            _ => Finding::skip("none is given (--token, --cookie)"),
        },
    }
}

async fn stage(ground: &Ground, check: TokenCheck) -> Finding {
    let (Some(examined), Some(Ok(token))) = (ground.examination().await, ground.token().await)
    else {
        return Finding::skip("there is no token");
    };
    if examined.passed.contains(&check) {
        return Finding::pass(passed(check, ground.policy(token)));
    }
    match &examined.outcome {
        Some(Err(denied)) => {
            let is_the_issuers = matches!(denied, Denied::AlgorithmNotAllowed { .. });
            if is_the_issuers && none_allowed(ground).await {
                return Finding::skip("algorithm_not_allowed first");
            }
            let finding = refused(denied, ground.policy(token), token);
            match denied {
                Denied::KeyUnknown { .. } => known_keys(ground, finding).await,
                _ => finding,
            }
        }
        _ => Finding::skip("there are no keys"),
    }
}

/// What it means to have passed a check.
pub(crate) fn passed(check: TokenCheck, policy: &Policy) -> String {
    match check {
        TokenCheck::Form => "it is a signed JWT".to_owned(),
        TokenCheck::Type => "it is of the kind that is taken".to_owned(),
        TokenCheck::Algorithm => "its algorithm may be used".to_owned(),
        TokenCheck::KeyId => "it names its key".to_owned(),
        TokenCheck::Key => "the issuer publishes that key".to_owned(),
        TokenCheck::Signature => "the key has signed it".to_owned(),
        TokenCheck::Claims => "its claims can be read".to_owned(),
        TokenCheck::Kind => "it is neither an id token nor bound to a key of its own".to_owned(),
        TokenCheck::Issuer => format!("it comes from {}", policy.issuer()),
        TokenCheck::Audience => "it is meant for this server".to_owned(),
        TokenCheck::Times => "it is valid now".to_owned(),
        TokenCheck::User => format!("its claim `{}` names a user", policy.user_claim()),
        other => other.to_string(),
    }
}

/// A refusal, with what is known about its causes. The token is only looked at for who wrote it and when it ends.
pub(crate) fn refused(denied: &Denied, policy: &Policy, token: &str) -> Finding {
    let said = TokenText::read(token);
    let finding = Finding::fail(denied.to_string()).named(denied.code());
    let finding = finding.because(denied.kind().meaning);
    match denied {
        Denied::SessionToken => finding.fix(
            "send the JWT: authClient.token(), or GET /api/auth/token, or the header set-auth-jwt of /api/auth/get-session",
        ),
        Denied::TokenExpired { expired_at, now } => {
            let ago = span(now.as_secs() - expired_at.as_secs());
            let lived = said.lifetime().map_or_else(String::new, |it| format!("; it lived for {}", span(it)));
            Finding { text: format!("it expired {ago} ago{lived}"), ..finding }
                .fix("fetch a token before each burst of requests; @drawbridge/client renews it ahead of time")
        }
        Denied::TokenNotYetValid { .. } | Denied::IssuedInFuture { .. } => {
            finding.fix("let both machines keep time; clock.skew says which one is wrong")
        }
        Denied::IssuerMismatch { seen, expected } => {
            let difference = difference(bare(seen.as_str()), bare(expected.as_str()));
            let why = difference.unwrap_or("it comes from another environment, or the settings name another server");
            finding
                .because(format!("it must be the same letter by letter: {why}"))
                .fix(format!(
                    "set BETTER_AUTH_URL (or API__AUTH__ISSUER={}) to what Better Auth has as its own baseURL",
                    seen.as_str()
                ))
        }
        Denied::AudienceMismatch { seen, expected } => {
            let difference = difference(bare(seen.as_str()), bare(expected.as_str()));
            let why = difference.unwrap_or("it was minted for another server");
            finding
                .because(format!("one of them must be the same letter by letter: {why}"))
                .fix(format!(
                    "set API__AUTH__AUDIENCE={}, or jwt.audience of Better Auth's jwt() plugin",
                    bare(seen.as_str())
                ))
        }
        Denied::AlgorithmNotAllowed { .. } => {
            let name = said.header("alg").unwrap_or_default();
            match name.starts_with("HS") || name.eq_ignore_ascii_case("none") {
                true => finding.because(
                    "whoever can verify a symmetric signature can make one, and `none` is no signature: both are refused by \
                     design",
                ),
                false => finding,
            }
            .fix("let Better Auth's jwt() plugin sign with EdDSA, its default, or another one of API__AUTH__ALGORITHMS")
        }
        Denied::KeyUnknown { .. } => {
            let issuer = said.claim("iss");
            let elsewhere = issuer.as_deref().filter(|issuer| *issuer != policy.issuer());
            match elsewhere {
                Some(issuer) => finding
                    .because(format!(
                        "it says that it comes from {}, and the keys are those of {}: a token from another environment",
                        shown(issuer),
                        policy.issuer()
                    ))
                    .fix("use a token of the Better Auth that this server trusts, or set BETTER_AUTH_URL to the other one"),
                None => finding
                    .because(
                        "the key was withdrawn (it is older than Better Auth's gracePeriod), or Better Auth's table jwks was \
                         made anew; the server asks again by itself, so no cache has to be cleared",
                    )
                    .fix("fetch a fresh token with authClient.token()"),
            }
        }
        Denied::SignatureInvalid { .. } => finding.fix(
            "take the whole token, unchanged; if each one fails, the key set is that of another database: compare \
             `api-server verify-jwks` with Better Auth's",
        ),
        Denied::UserClaimMissing { claim } => {
            let names = said.claim_names().join(", ");
            finding
                .because(format!(
                    "its claims are: {names}. `jwt({{ async jwt() {{}} }})` and hooks.user.created are no options of Better Auth \
                     and are ignored"
                ))
                .fix(user_claim_fix(*claim, said.subject_is_uuid()))
        }
        Denied::UserClaimNull { .. } => {
            finding.fix("run `api-server migrate`: it gives the column a default and every user a value")
        }
        Denied::UserClaimInvalid { claim, .. } => finding.fix(user_claim_fix(*claim, said.subject_is_uuid())),
        other => finding.fix(other.hint()),
    }
}

fn user_claim_fix(claim: UserClaim, subject_is_uuid: bool) -> &'static str {
    match (claim, subject_is_uuid) {
        (UserClaim::Uuid, true) => {
            "its `sub` is a UUID, so API__AUTH__USER_CLAIM=sub does it; or declare user.additionalFields.uuid and return uuid \
             from definePayload"
        }
        (UserClaim::Uuid, false) => {
            "declare user.additionalFields.uuid in Better Auth and return it: jwt({ jwt: { definePayload: ({ user }) => ({ \
             uuid: user.uuid }) } }), then run `api-server migrate`; in a new project: advanced.database.generateId = \"uuid\" \
             and API__AUTH__USER_CLAIM=sub"
        }
        (UserClaim::Sub, _) => {
            "advanced: { database: { generateId: \"uuid\" } } in a new Better Auth; else API__AUTH__USER_CLAIM=uuid with a claim \
             uuid"
        }
    }
}

/// An excerpt without its quotes, where it is of one text.
fn bare(excerpt: &str) -> &str {
    excerpt.trim_matches('"')
}

async fn known_keys(ground: &Ground, finding: Finding) -> Finding {
    let (keys, from) = match (ground.keys().await, ground.probe().await) {
        (Some(ring), Some(Ok(probe))) => {
            (ring, probe.answers.last().map(|answer| answer.url.clone()))
        }
        _ => return finding,
    };
    let count = match keys.len() {
        1 => "the 1 key".to_owned(),
        n => format!("the {n} keys"),
    };
    let from = from.unwrap_or_default();
    Finding {
        text: format!("{}: not among {count} of {from}", finding.text),
        ..finding
    }
}

async fn path(ground: &Ground) -> Finding {
    let Some(asked) = ground.wanted.user_id.as_deref() else {
        return Finding::skip("no id is given (--user-id)");
    };
    let identity = ground
        .examination()
        .await
        .and_then(|examined| examined.outcome.as_ref()?.as_ref().ok());
    let Some(identity) = identity else {
        return Finding::skip("there is no user");
    };
    let ours = identity.user_id().as_uuid();
    let mismatch = |text: &str| {
        Finding::fail(text)
            .named("user_mismatch")
            .because("the id in the path must be the UUID that the token has: a user reaches their own rows and nobody else's")
            .fix("use `me` in the path: /api/v1/me/tasks")
    };
    match parse_id(asked) {
        _ if asked == "me" => Finding::pass("`me` is whoever the token names"),
        Some(id) if id == ours => Finding::pass("the path has the token's own user"),
        Some(_) => mismatch("the path has another user's UUID than the token"),
        None if asked == identity.subject() => mismatch(
            "the path has Better Auth's own id of the user, and the token's user is a UUID",
        ),
        None if asked
            .trim_matches(['{', '}'])
            .eq_ignore_ascii_case(&ours.to_string()) =>
        {
            mismatch("the path has the token's user, but not written as a plain UUID")
        }
        None => mismatch("what the path has is no UUID, and the token's user is one"),
    }
}
