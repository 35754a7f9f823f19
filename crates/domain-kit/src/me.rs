use actix_web::HttpResponse;
use auth_actix::CurrentUser;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::NoQuery;

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
