//! How a domain joins a Drawbridge service.
//!
//! A *domain* is a part of an API (tasks, notes, invoices) in a crate of its own. This is the only crate of ours that its
//! author reads. Three steps:
//!
//! 1. A type that implements [`Domain`]: a name, routes relative to one user, an OpenAPI fragment, a list of problems.
//! 2. One SQL file in `migrations/`: tables with `user_id` first in the key and row-level security forced.
//! 3. One line where the service lists its domains: `DomainSet::new().with(NotesDomain::new(db.clone()))?`.
//!
//! What a domain gets for that, without further work: the guard in front of every route, the verified [`CurrentUser`], a
//! database that shows one user's rows, problems in one shape, 405 with `Allow`, and its operations in the document. Below is the
//! smallest one; `docs/adding-a-domain.md` walks through a complete one.
//!
//! What can go wrong is a list, from which it is both answered and documented. [`problems!`] makes an enum of a domain's
//! problems and [`field_problems!`] one of what can be wrong with members of its bodies; [`Domain::problems`] and
//! [`Domain::field_problems`] name all of them, [`answers_with`] says which operation has which. From these the document's
//! responses and the page about all problems are written. No code can have two meanings: the set of domains is refused then.
//!
//! ```
//! use actix_web::{HttpResponse, web};
//! use domain_kit::{Answer, AsUser, Domain, OpenApi, StoreError, UserDb};
//!
//! pub struct NotesDomain {
//!     db: UserDb,
//! }
//!
//! impl Domain for NotesDomain {
//!     fn name(&self) -> &'static str {
//!         "notes"
//!     }
//!
//!     fn routes(&self, cfg: &mut web::ServiceConfig) {
//!         cfg.app_data(web::Data::new(self.db.for_worker()))
//!             .service(web::resource("/notes").route(web::get().to(count)));
//!     }
//!
//!     fn openapi(&self) -> OpenApi {
//!         #[derive(utoipa::OpenApi)]
//!         #[openapi(paths(count))]
//!         struct Fragment;
//!         <Fragment as utoipa::OpenApi>::openapi()
//!     }
//! }
//!
//! /// How many notes there are
//! #[utoipa::path(get, path = "/notes", responses((status = 200, body = i64)))]
//! async fn count(user: AsUser) -> Answer {
//!     let rows = user.query("SELECT count(*) FROM app.notes WHERE user_id = $1", &[]).await?;
//!     let count: i64 = rows[0].try_get(0).map_err(StoreError::from)?;
//!     Ok(HttpResponse::Ok().json(count))
//! }
//! ```

#![warn(missing_docs)]

mod accept;
mod api_error;
mod as_user;
mod body;
mod domain;
mod entity_tag;
mod field_problems;
mod from_row;
mod idempotency;
mod logged;
mod me;
mod members;
mod mount;
mod openapi;
mod page;
mod paging;
mod parameters;
mod path_id;
mod problem_details;
mod problems;
mod query;
mod reply;
pub mod schema;
mod text;

pub use actix_web::http::StatusCode;
pub use api_error::{Answer, ApiError};
pub use as_user::AsUser;
pub use auth_actix::{
    CurrentUser, FieldError, Guard, LastingUser, Problem, ProblemKind, RequestId,
};
pub use auth_core::UserId;
pub use auth_pg::{
    Background, ChangeFeed, ChangeWatch, Chore, ConstraintKind, FromSql, Json, Param, Row,
    StoreError, ToSql, Type, UserDb, UserScope, UserTx,
};
pub use body::{BODY_LIMIT, BODY_TIME, Body, Field, MaybeBody, Violations};
pub use domain::Domain;
pub use entity_tag::{EntityTag, IfMatch, IfNoneMatch, StateDigest};
pub use field_problems::{FieldKind, FieldProblem};
pub use from_row::FromRow;
pub use idempotency::{IdempotencyKey, Keyed, at_most_once};
pub use members::Members;
pub use mount::{Clash, DomainSet, MOUNT_PATH};
pub use openapi::{answers_with, problem_response, refuse_unknown_members};
pub use page::{Cursors, Page};
pub use paging::Paging;
pub use path_id::parse_id;
pub use problem_details::problem_details;
pub use problems::KitProblem;
pub use query::{NoQuery, QueryString};
pub use reply::{Reply, read_response};
pub use text::{now, parse_text, parse_timestamp, text};
pub use utoipa::openapi::OpenApi;

/// What this crate's macros write into others.
#[doc(hidden)]
pub mod __private {
    pub use actix_web;
    pub use utoipa;
    pub use uuid::Uuid;

    pub use crate::{parameters::id_parameter, path_id::id_in_path};
}
