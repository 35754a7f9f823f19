//! The front door in HTTP: an Actix app that lets in the users of a Better Auth server.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use auth_actix::{AuthBridge, CurrentUser, Guard, KeyFeed, KeyFeedSettings};
//! use auth_core::Policy;
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("You are {}", user.user_id())
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let issuer = "https://app.example";
//!     let keys = KeyFeed::start(&KeyFeedSettings::new(format!("{issuer}/api/auth/jwks")))?;
//!     let bridge = AuthBridge::new(Policy::new(issuer, issuer)?, keys);
//!     HttpServer::new(move || {
//!         let guarded = web::scope("/api/{user_id}").wrap(Guard::new(bridge.clone()));
//!         App::new().service(guarded.route("/hello", web::get().to(hello)))
//!     })
//!     .bind("127.0.0.1:8000")?
//!     .run()
//!     .await?;
//!     Ok(())
//! }
//! ```
//!
//! `GET /api/me/hello` with the JWT of `authClient.token()` greets its user. Without a token it is
//! 401 with a challenge, with the id of somebody else in place of `me` it is 403.
//!
//! # How a request gets in
//!
//! 1. The [`Guard`] takes the one bearer token out of the `Authorization` header.
//! 2. [`AuthBridge::admit`] parses it, finds the key it names, verifies it, and asks the
//!    [`Accounts`](auth_core::Accounts) whether its user is still welcome, if there are any.
//! 3. The [`KeyFeed`] has the issuer's keys at hand. It fetches them on a thread of its own, ahead
//!    of time, and goes on serving them while the issuer is away. Only a request with an unknown
//!    key waits, for one second at most, and a flood of those makes four fetches in a minute.
//! 4. The guard compares the path's user with the token's, and leaves a [`CurrentUser`] for the
//!    handler, which has no other way to get one.
//!
//! Whoever does not get in reads a [`Problem`]: `application/problem+json` with a stable `code` and
//! a sentence that says what to do, and, for a 401, an RFC 6750 [`Challenge`]. What exactly was
//! wrong stays in the log, as `deny.code` and a text that never holds a token.
//!
//! # What goes where in the log
//!
//! The guard records `user.id` and `deny.code` on the current `tracing` span, for a root span that
//! declares them. A refusal is a `debug` event. The feed writes one line for each change of its
//! state, none per request.

#![deny(missing_docs)]

mod admitted;
mod better_auth_url;
mod bridge;
mod challenge;
mod claims;
mod credentials;
mod extract;
mod feed;
mod fetch;
mod guard;
mod headers;
mod metadata;
mod meter;
mod problem;
mod refresher;
mod refusal;
mod render;
mod require;
mod settings;

pub use bridge::AuthBridge;
pub use challenge::Challenge;
pub use claims::Claims;
pub use extract::{CurrentUser, OptionalUser, TurnedAway};
pub use feed::{KeyFeed, KeyFeedStatus, KeysInForce};
pub use guard::{Entering, Guard, Guarded};
pub use metadata::{ProtectedResource, ResourceError};
pub use problem::{FieldError, Problem, ProblemParts, RequestId};
pub use refusal::Refusal;
pub use render::{Face, ProblemJson, Render, Rendered};
pub use require::{Require, Required};
pub use settings::{KeyFeedError, KeyFeedSettings};

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
