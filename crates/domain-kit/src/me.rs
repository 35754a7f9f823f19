use actix_web::HttpResponse;
use auth_actix::CurrentUser;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::NoQuery;

/// Who the token says you are, as this service understood it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The user id that every path and row uses.
    user_id: Uuid,
    /// The token's `sub`: Better Auth's `user.id`.
    subject: String,
    /// The token's `iss`.
    issuer: String,
    /// The token's `sid`, when Better Auth is configured to put it in.
    #[schema(required = true)]
    session_id: Option<String>,
    /// When this token ends; fetch the next one before.
    expires_at: Timestamp,
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
    HttpResponse::Ok().json(Me {
        user_id: user.user_id().as_uuid(),
        subject: user.subject().to_owned(),
        issuer: user.issuer().to_owned(),
        session_id: user.session_id().map(str::to_owned),
        expires_at: expires_at.unwrap_or(Timestamp::MAX),
    })
}
