//! One handler per operation.

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
    web::{self, Bytes},
};
use domain_kit::{
    Answer, ApiError, ChangeFeed, ChangeWatch, CurrentUser, KitProblem, LastingUser, OpenApi,
    QueryString, Reply, StoreError, UserDb, UserScope, answers_with, now,
};
use futures_util::stream;
use serde::Serialize;
use tokio::time::{sleep, timeout};
use utoipa::ToSchema;

use crate::{
    event::{Event, HEARTBEAT, REAUTH, beginning},
    history::{self, History, Standing},
    problem::ChangesProblem,
    streams::{Stream, Streams},
    target::Reach,
};

pub mod webhooks;

/// What the handlers share.
#[derive(Debug)]
pub struct Parts {
    pub db: UserDb,
    pub feed: ChangeFeed,
    pub streams: Streams,
    pub reach: Reach,
}

pub fn mount(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/changes").route(web::get().to(list_changes)))
        .service(web::resource("/events").route(web::get().to(follow_events)));
    webhooks::mount(cfg);
}

/// The operations as a document.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        list_changes,
        follow_events,
        webhooks::list_webhooks,
        webhooks::create_webhook,
        webhooks::find_webhook,
        webhooks::patch_webhook,
        webhooks::delete_webhook,
    ),
    tags((name = "changes", description = "What has happened to the user's data")),
)]
pub struct Fragment;

/// Adds to the document which problems each operation can be answered with, beside those that every operation can.
pub fn document_problems(fragment: &mut OpenApi) {
    let outside = [
        ChangesProblem::HistoryTrimmed.kind(),
        ChangesProblem::SequenceAhead.kind(),
    ];
    answers_with(fragment, "list_changes", outside.to_vec());
    for operation in ["find_webhook", "patch_webhook", "delete_webhook"] {
        answers_with(
            fragment,
            operation,
            [ChangesProblem::WebhookNotFound.kind()],
        );
    }
    let too_many = [ChangesProblem::TooManyWebhooks.kind()];
    answers_with(fragment, "create_webhook", too_many);
    let of_streams = [
        ChangesProblem::TooManyStreams.kind(),
        KitProblem::InvalidHeader.kind(),
    ];
    answers_with(
        fragment,
        "follow_events",
        [&outside[..], &of_streams].concat(),
    );
}

/// A part of the user's history.
#[derive(Debug, Serialize, ToSchema)]
struct Changes {
    items: Vec<Event>,
    /// What to ask for next: the number of the last of these events, or of the last that there is.
    #[schema(minimum = 0, example = 17)]
    next_seq: i64,
    /// Whether there are more already.
    has_more: bool,
}

/// Longest time that a request waits for something to happen.
const LONGEST_WAIT: u32 = 25;

/// List changes
///
/// What has happened after an event that the client knows, in order and without gaps. Without `since`, only where the history stands:
/// ask for that, read everything, then go on from there. With `wait` the answer comes as soon as there is something.
#[utoipa::path(
    get, path = "/changes", tag = "changes", operation_id = "list_changes",
    params(
        ("since" = Option<u64>, Query, description = "The number of the last event that is known; 0 for all", minimum = 0, example = 17),
        ("limit" = Option<u32>, Query, description = "Most events to give; 100, unless said otherwise", minimum = 1, maximum = 1000, example = 100),
        ("wait" = Option<u32>, Query, description = "How many seconds to wait for something to happen; 0, unless said otherwise", minimum = 0, maximum = 25, example = 0),
    ),
    responses((status = 200, description = "The next events", body = Changes)),
)]
async fn list_changes(req: HttpRequest, user: CurrentUser, parts: web::Data<Parts>) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let since = query.take("since", |text| {
        number(text).ok_or("the number of an event, or 0")
    })?;
    let limit = query.take("limit", |text| {
        let limit = number(text).filter(|limit| (1..=1000).contains(limit));
        limit.ok_or("a number from 1 to 1000")
    })?;
    let wait = query.take("wait", |text| {
        let wait = number(text).filter(|wait| *wait <= i64::from(LONGEST_WAIT));
        wait.ok_or("a number of seconds from 0 to 25")
    })?;
    query.finish()?;

    let scope = parts.db.as_user(&user);
    let Some(since) = since else {
        let history = history::read(&scope, i64::MAX, 0).await?;
        return changes(Vec::new(), history.last_seq, false);
    };
    let limit = limit.unwrap_or(100);
    let wait = Duration::from_secs(wait.unwrap_or_default().unsigned_abs());
    let until = Instant::now() + wait;
    // Before the first look: what happens in between is not missed.
    let mut watch = parts.feed.watch(user.user_id());
    loop {
        let history = history::read(&scope, since, limit + 1).await?;
        check(&history, since)?;
        let left = until.saturating_duration_since(Instant::now());
        if history.events.is_empty()
            && !left.is_zero()
            && timeout(left, watch.changed()).await == Ok(true)
        {
            continue;
        }
        let mut events = history.events;
        let has_more = events.len() as i64 > limit;
        events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_seq = events.last().map_or(since, |last| last.seq);
        return changes(events, next_seq, has_more);
    }
}

fn changes(items: Vec<Event>, next_seq: i64, has_more: bool) -> Answer {
    let changes = Changes {
        items,
        next_seq,
        has_more,
    };
    Ok(Reply::ok(&changes)?.into_response())
}

fn check(history: &History, since: i64) -> Result<(), ApiError> {
    match history.standing(since) {
        Standing::Inside => Ok(()),
        Standing::Trimmed => Err(ChangesProblem::HistoryTrimmed.into()),
        Standing::Ahead => Err(ChangesProblem::SequenceAhead.into()),
    }
}

fn number(text: &str) -> Option<i64> {
    // The parser alone would also take a sign.
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Follow events
///
/// Server-sent events (HTML, section 9.2), from the moment that the client knows of on: `ready` first, then each event under its kind, with
/// its number as `id`. Where nothing happens a comment comes every 25 seconds. When the token ends, or its user is no longer
/// welcome, `reauth` is the last event; come back with another token and the last number, and nothing is missed.
#[utoipa::path(
    get, path = "/events", tag = "changes", operation_id = "follow_events",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "The number of the last event that is known; without it, the stream begins with what happens from now on", example = "17"),
        ("since" = Option<u64>, Query, description = "The same, for clients that cannot set the header", minimum = 0, example = 17),
    ),
    responses((status = 200, description = "The stream", content_type = "text/event-stream", body = String)),
)]
async fn follow_events(req: HttpRequest, user: LastingUser, parts: web::Data<Parts>) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let since = query.take("since", |text| {
        number(text).ok_or("the number of an event, or 0")
    })?;
    query.finish()?;
    let since = match last_event_id(&req)? {
        Some(seen) => Some(seen),
        None => since,
    };
    let opened = parts.streams.open(user.user_id());
    let opened = opened.ok_or(ChangesProblem::TooManyStreams)?;
    let scope = parts.db.as_user(&user);
    let watch = parts.feed.watch(user.user_id());
    let history = history::read(&scope, since.unwrap_or(i64::MAX), 0).await?;
    let seen = since.unwrap_or(history.last_seq);
    check(&history, seen)?;

    let follower = Follower {
        user,
        scope,
        watch,
        seen,
        step: Step::Begin,
        _opened: opened,
    };
    let messages = stream::unfold(Some(follower), |follower| async {
        let (message, follower) = follower?.next().await?;
        Some((Ok::<_, StoreError>(Bytes::from(message)), follower))
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // What compresses would gather messages, and so would a proxy.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((ACCEL_BUFFERING, HeaderValue::from_static("no")))
        .streaming(messages))
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

fn last_event_id(req: &HttpRequest) -> Result<Option<i64>, ApiError> {
    let mut values = req.headers().get_all(&LAST_EVENT_ID);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let seen = value.to_str().ok().and_then(|text| number(text.trim()));
    match (seen, values.next()) {
        (Some(seen), None) => Ok(Some(seen)),
        _ => Err(ApiError::bad_header(
            &LAST_EVENT_ID,
            "the number of an event",
        )),
    }
}

/// Somebody who follows.
struct Follower {
    user: LastingUser,
    scope: UserScope,
    watch: ChangeWatch,
    seen: i64,
    step: Step,
    _opened: Stream,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    /// Something may have happened.
    Look,
    Wait,
}

/// From one sign of life to the next. Proxies cut what is silent for a minute.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(25);

/// Most events of one message to the network.
const AT_ONCE: i64 = 100;

impl Follower {
    /// What to send, and who follows after it; `None` at the end.
    async fn next(mut self) -> Option<(String, Option<Self>)> {
        loop {
            match self.step {
                Step::Begin => {
                    self.step = Step::Look;
                    return Some((beginning(self.seen), Some(self)));
                }
                Step::Look => {
                    if !self.is_welcome().await {
                        return Some((REAUTH.to_owned(), None));
                    }
                    // Who cannot be told comes back, with the number of the last that was told. In a box, as what waits has no use for
                    // the room that reading takes.
                    let read = Box::pin(history::read(&self.scope, self.seen, AT_ONCE));
                    let history = read.await.ok()?;
                    if history.standing(self.seen) != Standing::Inside {
                        return None;
                    }
                    let Some(last) = history.events.last() else {
                        self.step = Step::Wait;
                        continue;
                    };
                    self.seen = last.seq;
                    let messages: Result<String, _> =
                        history.events.iter().map(Event::as_message).collect();
                    return Some((messages.ok()?, Some(self)));
                }
                Step::Wait => match self.wait().await {
                    Waited::Rung => self.step = Step::Look,
                    Waited::InVain => {
                        if !self.is_welcome().await {
                            return Some((REAUTH.to_owned(), None));
                        }
                        return Some((HEARTBEAT.to_owned(), Some(self)));
                    }
                    Waited::TokenOver => return Some((REAUTH.to_owned(), None)),
                    Waited::Stopping => return None,
                },
            }
        }
    }

    async fn is_welcome(&self) -> bool {
        Box::pin(self.user.is_welcome()).await.is_ok()
    }

    async fn wait(&mut self) -> Waited {
        let ends_at = self.user.expires_at().as_millis();
        let left = u64::try_from(ends_at - now().as_millisecond()).unwrap_or_default();
        let left = Duration::from_millis(left);
        tokio::select! {
            changed = self.watch.changed() => match changed {
                true => Waited::Rung,
                false => Waited::Stopping,
            },
            () = sleep(left.min(HEARTBEAT_EVERY)) => match left <= HEARTBEAT_EVERY {
                true => Waited::TokenOver,
                false => Waited::InVain,
            },
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    Rung,
    InVain,
    TokenOver,
    /// The service.
    Stopping,
}
