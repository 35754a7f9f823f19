//! What has happened to a user's data, whichever domain it belongs to: `app.events`, as a list to catch up with and as a stream to
//! follow.
//!
//! Events are numbered for each user without gaps, in the order of the commits, by the statements that make the changes. Who has
//! seen number 7 has seen all up to it, and asks for what comes after. An event names what has changed and its version; what
//! it is now is read where it always is.
//!
//! - `event.rs`: what an event is, as JSON and as a part of a stream. Pure.
//! - `history.rs`: how events are read.
//! - `streams.rs`: who follows, and how many may.
//! - `target.rs`, `delivery.rs`: where webhooks may lead, and how they are told.
//! - `webhook.rs`: what a webhook is, and how it is kept.
//! - `routes.rs`: one handler per operation.

use std::time::Duration;

use actix_web::web;
use domain_kit::{ChangeFeed, Chore, Domain, FieldKind, OpenApi, ProblemKind, UserDb};

mod delivery;
mod event;
mod history;
mod problem;
mod routes;
mod streams;
mod target;
mod webhook;

pub use delivery::{Deliveries, DeliverySettings, signature};
pub use target::Reach;

use streams::Streams;

/// The list and the stream of events, over the database that it is made with.
#[derive(Debug, Clone)]
pub struct ChangesDomain {
    db: UserDb,
    feed: ChangeFeed,
    streams: Streams,
    kept_for: Option<Duration>,
    reach: Reach,
}

/// How long events are kept, unless said otherwise.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl ChangesDomain {
    /// The domain over `db`, told by `feed` when to look.
    pub fn new(db: UserDb, feed: ChangeFeed) -> Self {
        Self {
            db,
            feed,
            streams: Streams::default(),
            kept_for: Some(KEPT_FOR),
            reach: Reach::Public,
        }
    }

    /// Which addresses users may give to webhooks. Default: public ones.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// How long events are kept, which is how long a client may be away and still catch up; `None` keeps them for good. Default:
    /// 30 days.
    #[must_use]
    pub fn with_history_of(mut self, kept_for: Option<Duration>) -> Self {
        self.kept_for = kept_for;
        self
    }
}

impl Domain for ChangesDomain {
    fn name(&self) -> &'static str {
        "changes"
    }

    fn routes(&self, cfg: &mut web::ServiceConfig) {
        // Not `UserDb` itself: in one scope there is one value of a type, and it is the other domains'.
        cfg.app_data(web::Data::new(routes::Parts {
            db: self.db.for_worker(),
            feed: self.feed.clone(),
            streams: self.streams.clone(),
            reach: self.reach,
        }));
        routes::mount(cfg);
    }

    fn openapi(&self) -> OpenApi {
        let mut fragment = <routes::Fragment as utoipa::OpenApi>::openapi();
        routes::webhooks::complete_schemas(&mut fragment);
        routes::document_problems(&mut fragment);
        fragment
    }

    fn chores(&self) -> Vec<Chore> {
        const TRIM: &str = "SELECT changed_user FROM app.trim_history(make_interval(secs => $1))";
        let trim = |keep| Chore::new("trim history", Duration::from_secs(600), TRIM).seconds(keep);
        self.kept_for.map(trim).into_iter().collect()
    }

    fn problems(&self) -> Vec<ProblemKind> {
        problem::ChangesProblem::kinds()
    }

    fn field_problems(&self) -> Vec<FieldKind> {
        webhook::WebhookField::kinds()
    }
}
