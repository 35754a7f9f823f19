use std::{fmt, rc::Rc, time::Duration};

use actix_http::Request;
use actix_web::{
    body::to_bytes_limited,
    dev::Service,
    http::Method,
    test::{TestRequest, init_service},
};
use auth_actix::{KeyFeed, KeyFeedStatus};
use auth_pg::{ChangeFeed, UserDb};
use futures_util::future::LocalBoxFuture;
use tokio::time::timeout;

use super::{FIRST_KEYS_WITHIN, Routes, StartError, app};
use crate::settings::Settings;

/// The service without a port and without its chores: it answers what is asked in this process, through all that stands before
/// a handler. For tools that want to see what a client would.
pub(crate) struct Rehearsal {
    service: Box<Answering>,
    feed: KeyFeed,
    db: UserDb,
}

type Answering = dyn Fn(Request) -> LocalBoxFuture<'static, Option<Replied>>;

/// A request.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Replied {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Rehearsal {
    /// Puts together what [`Application::build`](super::Application::build) does, and waits for the issuer's keys.
    pub(crate) async fn prepare(settings: &Settings) -> Result<Self, StartError> {
        // Whoever looks leaves nothing behind.
        let mut keys = settings.keys.clone();
        keys.snapshot_file = None;
        let mut database = settings.database.clone();
        database.max_connections = database.max_connections.min(2);
        let db = UserDb::connect(&database).map_err(StartError::Database)?;
        let changes = ChangeFeed::new(db.clone(), settings.changes.clone());
        let feed = KeyFeed::start(&keys)?;
        let routes = Routes::assemble(settings, &db, &changes, &feed)?;
        // Without them, requests are answered accordingly.
        let _ = feed.first_keys(FIRST_KEYS_WITHIN).await;
        let service = Rc::new(init_service(app(routes)).await);
        let answering = move |request| {
            let service = Rc::clone(&service);
            let answer = async move {
                let response = service.call(request).await.ok()?;
                let status = response.status().as_u16();
                let body = to_bytes_limited(response.into_body(), LARGEST_BODY).await;
                let body = body.ok()?.ok()?.to_vec();
                Some(Replied { status, body })
            };
            Box::pin(answer) as LocalBoxFuture<'static, _>
        };
        Ok(Self {
            service: Box::new(answering),
            feed,
            db,
        })
    }

    /// Asks; `None` if there is no answer, or none within [`ANSWERS_WITHIN`].
    pub(crate) async fn ask(&self, asked: Asked<'_>) -> Option<Replied> {
        let request = TestRequest::with_uri(asked.path)
            .method(asked.method)
            .set_payload(asked.body);
        let request = asked
            .headers
            .into_iter()
            .fold(request, TestRequest::insert_header);
        let answer = (self.service)(request.to_request());
        timeout(ANSWERS_WITHIN, answer).await.ok().flatten()
    }

    /// How the keys are.
    pub(crate) fn keys(&self) -> KeyFeedStatus {
        self.feed.status()
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.feed.stop();
        self.db.close();
    }
}

impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rehearsal")
            .field("keys", &self.feed.status())
            .finish_non_exhaustive()
    }
}

const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

const LARGEST_BODY: usize = 4 << 20;
