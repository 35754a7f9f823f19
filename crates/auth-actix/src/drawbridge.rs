use std::sync::Arc;

use actix_web::web;

use crate::bridge::AuthBridge;
use crate::feed::{KeyFeed, KeyFeedStatus};
use crate::guard::Guard;
use crate::metadata::ProtectedResource;
use crate::render::Face;

mod appearance;
mod builder;
mod plan;
mod start;
mod start_error;

pub use builder::DrawbridgeBuilder;
pub use start_error::{Mistake, StartError};

/// Everything that an app needs to let in the users of a Better Auth server, in one handle.
///
/// Started once per process, outside of the closure of `HttpServer::new`; a clone is another
/// handle. From then on it fetches keys ahead of time, remembers verified tokens, and makes
/// [`Guard`]s.
///
/// ```no_run
/// # use actix_web::{App, HttpServer, web};
/// # use auth_actix::{CurrentUser, Drawbridge};
/// # async fn hello(user: CurrentUser) -> String { user.user_id().to_string() }
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// let drawbridge = Drawbridge::better_auth("https://app.example")
///     .audience("https://api.example")
///     .start()
///     .await?;
/// HttpServer::new(move || {
///     App::new()
///         .configure(|cfg| drawbridge.configure(cfg))
///         .service(web::scope("/api").wrap(drawbridge.guard()).route("/hello", web::get().to(hello)))
/// })
/// # .bind("127.0.0.1:8000")?.run().await?; Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Drawbridge(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    bridge: AuthBridge,
    face: Face,
    resource: Option<ProtectedResource>,
    /// Each once, also when several issuers share it.
    feeds: Vec<NamedFeed>,
}

#[derive(Debug)]
struct NamedFeed {
    /// As it may be shown: without the query.
    jwks_url: String,
    feed: KeyFeed,
}

/// How a [`Drawbridge`] is, for health checks and operators.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DrawbridgeStatus {
    /// One for each key set.
    pub key_sets: Vec<KeySetStatus>,
    /// How many verified tokens are remembered.
    pub cached_tokens: usize,
    /// How many bytes those take.
    pub cached_bytes: u64,
}

/// How the keys of one address are.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeySetStatus {
    /// Where they come from, without the query: it may hold a secret.
    pub jwks_url: String,
    /// How old they are, and how many.
    pub feed: KeyFeedStatus,
}

impl DrawbridgeStatus {
    /// Whether tokens of every issuer can be verified now, and somebody sees to it that they can
    /// be later: keys that nobody renews any more end sooner or later.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let is_well = |keys: &KeySetStatus| keys.feed.state.serves() && keys.feed.running;
        self.key_sets.iter().all(is_well)
    }
}

impl Drawbridge {
    /// For the Better Auth server with this base URL: what is called `BETTER_AUTH_URL` or
    /// `baseURL` there, for instance `https://app.example`. Everything else follows from it, unless
    /// the builder is told otherwise.
    pub fn better_auth(base_url: impl Into<String>) -> DrawbridgeBuilder {
        DrawbridgeBuilder::new(&base_url.into())
    }

    /// A guard that lets in any user with a good token.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::any_user(self.0.bridge.clone()).with_face(self.0.face.clone())
    }

    /// A guard for a scope whose path has a segment `{user_id}`: it lets in the user whom the path
    /// names, by their id or as `me`.
    ///
    /// It goes by ids alone: of several issuers, each can name every user. See
    /// [`Guard::issued_by`].
    #[must_use]
    pub fn user_guard(&self) -> Guard {
        Guard::new(self.0.bridge.clone()).with_face(self.0.face.clone())
    }

    /// Adds to the root of an app what belongs there: the resource's description (RFC 9728) where
    /// there is a [resource](DrawbridgeBuilder::resource), and the [`Face`] for errors outside of
    /// guards.
    pub fn configure(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.0.face.clone());
        if let Some(resource) = &self.0.resource {
            resource.configure(cfg);
        }
    }

    /// The question behind the guards, for what is no HTTP request with a header. It asks access
    /// tokens for their scopes, too.
    #[must_use]
    pub fn bridge(&self) -> &AuthBridge {
        &self.0.bridge
    }

    /// How it is now.
    #[must_use]
    pub fn status(&self) -> DrawbridgeStatus {
        let key_sets = self.0.feeds.iter().map(|it| KeySetStatus {
            jwks_url: it.jwks_url.clone(),
            feed: it.feed.status(),
        });
        let cache = self.0.bridge.cache();
        DrawbridgeStatus {
            key_sets: key_sets.collect(),
            cached_tokens: cache.map_or(0, auth_core::TokenCache::len),
            cached_bytes: cache.map_or(0, auth_core::TokenCache::bytes),
        }
    }

    /// Fetches no more keys. Those that are known serve until they are too old.
    ///
    /// The last handle does this when it is dropped. A server calls it before it exits, in case
    /// its workers still hold handles then.
    pub fn stop(&self) {
        self.0.feeds.iter().for_each(|it| it.feed.stop());
    }
}
