//! The front door in HTTP: an Actix app that lets in the users of a Better Auth server.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use auth_actix::{CurrentUser, Drawbridge};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("You are {}", user.user_id())
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let drawbridge = Drawbridge::better_auth("https://app.example")
//!         .audience("https://api.example")
//!         .start()
//!         .await?;
//!     HttpServer::new(move || {
//!         let guarded = web::scope("/api").wrap(drawbridge.guard());
//!         App::new().service(guarded.route("/hello", web::get().to(hello)))
//!     })
//!     .bind("127.0.0.1:8000")?
//!     .run()
//!     .await?;
//!     Ok(())
//! }
//! ```
//!
//! `GET /api/hello` with the JWT of `authClient.token()` greets its user. Without a token it is 401
//! with a challenge.
//!
//! # What there is
//!
//! | you want | take |
//! |---|---|
//! | to begin | [`Drawbridge`]: every option, with its default, is listed at [`DrawbridgeBuilder`] |
//! | only signed-in users | [`Drawbridge::guard`] around a scope, and [`CurrentUser`] in handlers |
//! | only the user whom the path names | [`Drawbridge::user_guard`] around `/api/{user_id}` |
//! | everybody, and to know the users | [`Guard::optional`] and [`OptionalUser`] |
//! | a role, a scope, a fresh token | [`Require`] |
//! | what an OAuth client may not do | [`Require::granted`] |
//! | the users of one issuer of several | [`Guard::issued_by`] |
//! | what you put into the token yourself | [`Claims`] |
//! | banned users and ended sessions out at once | [`DrawbridgeBuilder::accounts`], with an [`Accounts`] of yours |
//! | OAuth clients, several issuers | [`DrawbridgeBuilder::oauth_access_tokens`], [`DrawbridgeBuilder::also_trust`], [`DrawbridgeBuilder::resource`] |
//! | errors in your own form | [`DrawbridgeBuilder::renderer`] with a [`Render`] |
//! | the parts, one by one | [`KeyFeed`], [`AuthBridge`], [`Guard`], [`Face`] |
//!
//! There is an example for each in `examples/`. An app needs this crate alone: what its signatures
//! take from [`auth_core`] is exported here as well.
//!
//! # How a request gets in
//!
//! 1. The [`Guard`] takes the one bearer token out of the `Authorization` header.
//! 2. [`AuthBridge::admit`] knows it from before, or parses it, chooses the issuer, finds the key
//!    it names, and verifies it. Known or not, it then asks the [`Accounts`]
//!    whether the user is still welcome, if there are any.
//! 3. The [`KeyFeed`] has the issuer's keys at hand. It fetches them on a thread of its own, ahead
//!    of time, and goes on serving them while the issuer is away. Only a request with an unknown
//!    key waits, for one second at most, and a flood of those makes four fetches in a minute.
//! 4. The guard compares the path's user with the token's where that is asked for, and leaves a
//!    [`CurrentUser`] for the handler, which has no other way to get one.
//!
//! A token that is known from before costs no signature and no memory. It is forgotten when its key
//! is withdrawn, and refused as soon as it expires or its account is in good standing no more.
//!
//! Whoever does not get in reads a [`Problem`]: `application/problem+json` with a stable `code` and
//! a sentence that says what to do, and, for a 401, an RFC 6750 [`Challenge`]. What exactly was
//! wrong stays in the log, as `deny.code` and a text that never holds a token.
//!
//! # What goes where in the log
//!
//! The guard records `user.id` and `deny.code` on the current `tracing` span, for a root span that
//! declares them. A refusal is a `debug` event. What changes is one line when it does, and none per
//! request: the feed tells how the keys are, and the bridge whether the accounts can be asked. A
//! route that is built wrongly, such as one without the guard that its handler counts on, is an
//! `error` the first time that somebody gets there.
//!
//! # What is counted
//!
//! Through the facade [`metrics`](https://docs.rs/metrics): install a recorder before
//! [`DrawbridgeBuilder::start`], since handles are made there and kept.
//!
//! | name | what |
//! |---|---|
//! | `jwt_verify_total{result}` | requests by `ok` or the code of their refusal; a closed set |
//! | `jwt_cache_hits_total`, `jwt_cache_misses_total`, `jwt_cache_evictions_total` | tokens known from before, verified anew, forgotten for want of room |
//! | `jwt_cache_bytes`, `jwt_cache_entries` | how much is remembered |
//! | `jwks_*{jwks_url}` | how the keys are; `docs/jwks.md` lists them |

#![deny(missing_docs)]

mod address;
mod admitted;
mod asked;
mod better_auth_url;
mod bridge;
mod challenge;
mod claims;
mod complaint;
mod credentials;
mod discovery;
mod drawbridge;
mod extract;
mod feed;
mod fetch;
mod gate;
mod guard;
mod headers;
mod keeper;
mod limits;
mod metadata;
mod meter;
mod probe;
mod problem;
mod refresher;
mod refusal;
mod render;
mod report;
mod require;
mod settings;
mod snapshot;
mod vitals;

/// The crate that judges tokens. What the signatures here need of it stands in this crate, too.
pub use auth_core;
pub use auth_core::{
    Accounts, AccountsUnavailable, Algorithm, ClaimsMismatch, Denied, Excerpt, FetchFailure,
    FetchFault, Identity, KeyRing, KeySetError, KeyState, MAX_KEY_SET_BYTES, Pauses, Policy,
    PolicyError, SkippedKey, Standing, TokenCache, TokenKind, UnixTime, UnknownName, UserClaim,
    UserId,
};
pub use better_auth_url::BetterAuthUrl;
pub use bridge::AuthBridge;
pub use challenge::Challenge;
pub use claims::Claims;
pub use drawbridge::{
    Drawbridge, DrawbridgeBuilder, DrawbridgeStatus, KeySetStatus, Mistake, StartError,
};
pub use extract::{CurrentUser, LastingUser, OptionalUser, TurnedAway};
pub use feed::{KeyFeed, KeyFeedStatus, KeysInForce};
pub use gate::{Entering, Guarded};
pub use guard::Guard;
pub use limits::{InvalidNetwork, Rate, RateLimits, TrustedProxies};
pub use metadata::{ProtectedResource, ResourceError};
pub use probe::{KeyAnswer, KeyProbe};
pub use problem::{FieldError, Problem, ProblemKind, ProblemParts, RequestId};
pub use refusal::Refusal;
pub use render::{Face, ProblemJson, Render, Rendered};
pub use require::{Require, Required};
pub use settings::{KeyFeedError, KeyFeedSettings};

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
