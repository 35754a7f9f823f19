//! Addresses that are told of the user's events.

use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain_kit::{
    Answer, ApiError, Body, CurrentUser, Field, FieldProblem, NoQuery, OpenApi, Page, Reply,
    Violations, refuse_unknown_members,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Parts;
use crate::{
    problem::ChangesProblem,
    target::Reach,
    webhook::{self, MOST_KINDS, Webhook, WebhookField, WebhookPatch, new_secret},
};

domain_kit::path_id! {
    /// The webhook that the path names.
    pub struct WebhookId = "webhook_id", else ChangesProblem::WebhookNotFound;
}

pub fn mount(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/webhooks")
            .route(web::get().to(list_webhooks))
            .route(web::head().to(list_webhooks))
            .route(web::post().to(create_webhook)),
    )
    .service(
        web::resource("/webhooks/{webhook_id}")
            .route(web::get().to(find_webhook))
            .route(web::head().to(find_webhook))
            .route(web::patch().to(patch_webhook))
            .route(web::delete().to(delete_webhook)),
    );
}

/// An address that is told of the user's events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookOut<'a> {
    id: Uuid,
    #[schema(example = "https://example.com/hook")]
    url: &'a str,
    /// The kinds of events that it is told of; null is all.
    #[schema(required = true)]
    kinds: Option<&'a [String]>,
    /// Whether it is told of anything. After fifteen failures in a row it is not any more.
    enabled: bool,
    /// It has been told of all up to this event.
    #[schema(minimum = 0)]
    last_seq: i64,
    /// Since it was told last.
    #[schema(minimum = 0)]
    failures: i32,
    /// Why it could not be told the last time.
    #[schema(required = true)]
    last_error: Option<&'a str>,
    /// When there were too many failures.
    #[schema(required = true)]
    disabled_at: Option<Timestamp>,
    #[schema(minimum = 1)]
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A new webhook, with what signs its deliveries. That is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedWebhook)]
struct CreatedOut<'a> {
    #[serde(flatten)]
    webhook: WebhookOut<'a>,
    /// As Standard Webhooks has it: what follows `whsec_` is the key, in base64.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: String,
}

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewWebhook)]
#[serde(expecting = "a JSON object")]
pub struct NewWebhookBody {
    /// Where events are posted: https, and no address that leads inward.
    #[serde(default)]
    #[schema(value_type = String, required = true, max_length = 2048, example = "https://example.com/hook")]
    url: Field<String>,
    /// The kinds of events that it is told of; null is all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50, example = json!(["task.reminder"]))]
    kinds: Field<Vec<String>>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A change to a webhook (JSON merge patch, RFC 7396): what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WebhookPatch)]
#[serde(expecting = "a JSON object")]
pub struct PatchWebhookBody {
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 2048)]
    url: Field<String>,
    /// The kinds of events that it is told of; null is all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 50)]
    kinds: Field<Vec<String>>,
    /// One that is enabled again is told of what happens from then on.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    enabled: Field<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// Bodies have no members but the listed ones.
pub fn complete_schemas(fragment: &mut OpenApi) {
    refuse_unknown_members(fragment, &["NewWebhook", "WebhookPatch"]);
}

impl NewWebhookBody {
    fn parse(self, reach: Reach) -> Result<(String, Option<Vec<String>>), ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.unknown_members("", &self.others, &["url", "kinds"]);
        let url = v.required("/url", self.url, |url| read_url(reach, url));
        let kinds = v.optional("/kinds", self.kinds, read_kinds).flatten();
        Ok((violations.finish_some(url)?, kinds))
    }
}

impl PatchWebhookBody {
    fn parse(self, reach: Reach) -> Result<WebhookPatch, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.unknown_members("", &self.others, &["url", "kinds", "enabled"]);
        let patch = WebhookPatch {
            url: v.not_null("/url", self.url, |url| read_url(reach, url)),
            kinds: v.optional("/kinds", self.kinds, read_kinds),
            enabled: v.not_null("/enabled", self.enabled, Ok::<_, (&str, &str)>),
        };
        violations.finish(patch)
    }
}

fn read_url(reach: Reach, url: String) -> Result<String, (&'static str, String)> {
    if url.len() > 2048 {
        return Err((
            FieldProblem::TooLong.code(),
            "At most 2,048 bytes.".to_owned(),
        ));
    }
    match reach.read(&url) {
        Ok(_) => Ok(url),
        Err(refused) => Err((WebhookField::TargetNotAllowed.code(), refused.to_string())),
    }
}

fn read_kinds(kinds: Vec<String>) -> Result<Vec<String>, (&'static str, String)> {
    let known = |kind: &String| {
        let mut parts = kind.split('.');
        let is_word = |part: Option<&str>| {
            part.is_some_and(|it| {
                !it.is_empty() && it.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            })
        };
        kind.len() <= 64 && is_word(parts.next()) && is_word(parts.next()) && parts.next().is_none()
    };
    if !(1..=MOST_KINDS).contains(&kinds.len()) {
        let expected = format!("Expected 1 to {MOST_KINDS} kinds, or null for all.");
        return Err((FieldProblem::TooMany.code(), expected));
    }
    match kinds.iter().all(known) {
        true => Ok(kinds),
        false => {
            let expected = "Expected kinds of events, like task.reminder.";
            Err((FieldProblem::UnknownValue.code(), expected.to_owned()))
        }
    }
}

impl<'a> From<&'a Webhook> for WebhookOut<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        Self {
            id: webhook.id,
            url: &webhook.url,
            kinds: webhook.kinds.as_deref(),
            enabled: webhook.enabled,
            last_seq: webhook.last_seq,
            failures: webhook.failures,
            last_error: webhook.last_error.as_deref(),
            disabled_at: webhook.disabled_at,
            version: webhook.version,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// List webhooks
///
/// All of them, the oldest first.
#[utoipa::path(
    get, path = "/webhooks", tag = "changes", operation_id = "list_webhooks",
    responses((status = 200, description = "All webhooks, as one page", body = Page<WebhookOut>)),
)]
pub async fn list_webhooks(user: CurrentUser, _: NoQuery, parts: web::Data<Parts>) -> Answer {
    let webhooks = webhook::list(&parts.db.as_user(&user)).await?;
    let page = Page::from_one_too_many(webhooks, 50, |_| String::new());
    Ok(Reply::ok(&page.as_ref().map(WebhookOut::from))?.into_response())
}

/// Create a webhook
///
/// It is told of what happens from now on: up to fifty events in one POST, `{"user_id": …, "events": […]}`, signed as Standard Webhooks are
/// (`webhook-id`, `webhook-timestamp`, `webhook-signature`). Whatever is not 2xx within ten seconds is tried again, after twice the time
/// each time. An event may come twice: its number tells. Redirects are not followed.
#[utoipa::path(
    post, path = "/webhooks", tag = "changes", operation_id = "create_webhook",
    request_body = NewWebhookBody,
    responses((status = 201, description = "The webhook, with its secret", body = CreatedOut, headers(
        ("Location" = String, description = "Where the webhook is from now on"),
    ))),
)]
pub async fn create_webhook(
    req: HttpRequest,
    user: CurrentUser,
    _: NoQuery,
    parts: web::Data<Parts>,
    body: Body<NewWebhookBody>,
) -> Answer {
    let (url, kinds) = body.0.parse(parts.reach)?;
    let secret = new_secret();
    let scope = parts.db.as_user(&user);
    let made = webhook::create(&scope, &url, kinds.as_deref(), &secret).await?;
    let made = made.ok_or(ChangesProblem::TooManyWebhooks)?;
    let created = CreatedOut {
        webhook: (&made).into(),
        secret: format!("whsec_{}", STANDARD.encode(secret)),
    };
    let location = format!("{}/{}", req.path(), made.id);
    Ok(Reply::created(location, &created)?.into_response())
}

/// Get a webhook
///
/// How it does, too.
#[utoipa::path(
    get, path = "/webhooks/{webhook_id}", tag = "changes", operation_id = "find_webhook",
    params(WebhookId),
    responses((status = 200, description = "The webhook", body = WebhookOut)),
)]
pub async fn find_webhook(
    user: CurrentUser,
    WebhookId(id): WebhookId,
    _: NoQuery,
    parts: web::Data<Parts>,
) -> Answer {
    let found = webhook::find(&parts.db.as_user(&user), id).await?;
    shown(found)
}

/// Change a webhook
///
/// Or enable one again.
#[utoipa::path(
    patch, path = "/webhooks/{webhook_id}", tag = "changes", operation_id = "patch_webhook",
    params(WebhookId),
    request_body(content((PatchWebhookBody = "application/json"), (PatchWebhookBody = "application/merge-patch+json"))),
    responses((status = 200, description = "The webhook as it is now", body = WebhookOut)),
)]
pub async fn patch_webhook(
    user: CurrentUser,
    WebhookId(id): WebhookId,
    _: NoQuery,
    parts: web::Data<Parts>,
    body: Body<PatchWebhookBody>,
) -> Answer {
    let patch = body.0.parse(parts.reach)?;
    let changed = webhook::change(&parts.db.as_user(&user), id, &patch).await?;
    shown(changed)
}

/// Delete a webhook
///
/// It is told of nothing more.
#[utoipa::path(
    delete, path = "/webhooks/{webhook_id}", tag = "changes", operation_id = "delete_webhook",
    params(WebhookId),
    responses((status = 204, description = "Deleted")),
)]
pub async fn delete_webhook(
    user: CurrentUser,
    WebhookId(id): WebhookId,
    _: NoQuery,
    parts: web::Data<Parts>,
) -> Answer {
    match webhook::delete(&parts.db.as_user(&user), id).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(ChangesProblem::WebhookNotFound.into()),
    }
}

fn shown(webhook: Option<Webhook>) -> Answer {
    let webhook = webhook.ok_or(ChangesProblem::WebhookNotFound)?;
    Ok(Reply::ok(&WebhookOut::from(&webhook))?.into_response())
}
