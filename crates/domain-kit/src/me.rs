use std::time::{Duration, SystemTime};

use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName};
use auth_actix::{CurrentUser, Problem, Refusal, Require};
use auth_pg::UserDb;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Answer, ApiError, KitProblem, NoQuery, OpenApi, answers_with, parse_id};

/// Who the token says you are, as this service understood it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The user id that every path and row uses.
    #[schema(example = "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49")]
    user_id: Uuid,
    /// The same, under the name that Better Auth's field and claim have.
    uuid: Uuid,
    /// The token's `email`, when Better Auth puts it in.
    #[schema(required = true)]
    email: Option<String>,
    /// The token's `sub`: Better Auth's `user.id`.
    #[schema(example = "pQ2vXc8RkLm5NtYwZ1aB3dE6fG7hJ9sU")]
    subject: String,
    /// The token's `iss`.
    #[schema(example = "https://app.example.com")]
    issuer: String,
    /// The token's `sid`, when Better Auth is configured to put it in.
    #[schema(required = true, example = "4tRz0mYb8QpLs2WnKx6VdA1eHc7JfGu3")]
    session_id: Option<String>,
    /// When this token ends; fetch the next one before.
    #[schema(example = "2026-03-01T09:15:00Z")]
    expires_at: Timestamp,
}

/// What is told of the claims that nothing is decided by.
#[derive(Default, Deserialize)]
struct Claims {
    email: Option<String>,
}

/// Who am I
///
/// The shortest way to see that a token is good. `me` in place of the user id works on every path.
#[utoipa::path(
    get,
    path = "",
    operation_id = "me",
    tag = "account",
    responses((status = 200, description = "The token's user", body = Me)),
)]
pub(crate) async fn show(user: CurrentUser, _: NoQuery) -> HttpResponse {
    let expires_at = Timestamp::from_millisecond(user.expires_at().as_millis());
    let claims = user.claims::<Claims>().unwrap_or_default();
    HttpResponse::Ok().json(Me {
        user_id: user.user_id().as_uuid(),
        uuid: user.user_id().as_uuid(),
        email: claims.email,
        subject: user.subject().to_owned(),
        issuer: user.issuer().to_owned(),
        session_id: user.session_id().map(str::to_owned),
        expires_at: expires_at.unwrap_or(Timestamp::MAX),
    })
}

/// Where the rows are that users can have deleted.
#[derive(Debug)]
pub(crate) struct Forgetting(pub(crate) UserDb);

/// The operation as a document.
pub(crate) fn forgetting() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(forget))]
    struct Fragment;
    let mut fragment = <Fragment as utoipa::OpenApi>::openapi();
    let mut kinds = Refusal::kinds();
    kinds.retain(|kind| kind.code == "token_not_fresh");
    kinds.push(KitProblem::InvalidHeader.kind());
    answers_with(&mut fragment, "forget_me", kinds);
    fragment
}

/// How old the token may be: its user is at the keyboard.
const FRESH_FOR: Duration = Duration::from_secs(5 * 60);

/// Erase my data
///
/// Everything that this service keeps of the user, for good and at once, in all its domains. The account stays, which is Better Auth's; when
/// it is deleted there, what is here goes with it where both share a database. Wants a token that was minted within the last five
/// minutes.
#[utoipa::path(
    delete,
    path = "",
    operation_id = "forget_me",
    tag = "account",
    params(("Confirm" = Uuid, Header, description = "The user's id, to show that this is meant", example = "0199a3f2-41b7-7c3e-8a55-0d6c1f2b3a49")),
    responses((status = 204, description = "Nothing is left")),
)]
pub(crate) async fn forget(req: HttpRequest, user: CurrentUser, _: NoQuery) -> Answer {
    let fresh = Require::fresh(FRESH_FOR).check(&user, SystemTime::now().into());
    fresh.map_err(|refusal| ApiError::from(Problem::from(&refusal)))?;
    let confirmed = req.headers().get(CONFIRM).and_then(|it| it.to_str().ok());
    if confirmed.and_then(parse_id) != Some(user.user_id().as_uuid()) {
        return Err(ApiError::bad_header(&CONFIRM, "your own user id"));
    }
    let db = req.app_data::<Forgetting>();
    let Forgetting(db) = db.ok_or_else(|| ApiError::broken("nothing was given to forget in"))?;
    db.as_user(&user)
        .query("DELETE FROM app.users WHERE user_id = $1", &[])
        .await?;
    tracing::info!("a user's data were erased, as they wished");
    Ok(HttpResponse::NoContent().finish())
}

const CONFIRM: HeaderName = HeaderName::from_static("confirm");
