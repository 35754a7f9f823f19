//! What a webhook is, and how it is kept.

use domain_kit::{ConstraintKind, Row, StoreError, UserScope};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

domain_kit::field_problems! {
    /// What can be wrong with a member of a webhook, beside what can be with any member.
    pub enum WebhookField {
        TargetNotAllowed "target_not_allowed", "The text is no address that a webhook may have: https, and not inward.";
    }
}

/// Most webhooks of one user.
pub const MOST: i64 = 10;

/// Most kinds that one webhook is told of, where it is not told of all.
pub const MOST_KINDS: usize = 50;

/// An address that is told of a user's events.
#[derive(Debug)]
pub struct Webhook {
    pub id: Uuid,
    pub url: String,
    /// `None`: all.
    pub kinds: Option<Vec<String>>,
    pub enabled: bool,
    /// Told up to this event.
    pub last_seq: i64,
    pub failures: i32,
    pub last_error: Option<String>,
    pub disabled_at: Option<Timestamp>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What of it is to be changed: `None` keeps what is there.
#[derive(Debug, Default)]
pub struct WebhookPatch {
    pub url: Option<String>,
    pub kinds: Option<Option<Vec<String>>>,
    pub enabled: Option<bool>,
}

/// What signs deliveries; shown once.
pub fn new_secret() -> [u8; 32] {
    let mut hasher = Sha256::new();
    for _ in 0..3 {
        // 122 random bits each.
        hasher.update(Uuid::new_v4().as_bytes());
    }
    hasher.finalize().into()
}

/// Makes one, told of what happens from now on; `None` where there are enough.
pub async fn create(
    user: &UserScope,
    url: &str,
    kinds: Option<&[String]>,
    secret: &[u8],
) -> Result<Option<Webhook>, StoreError> {
    let id = Uuid::now_v7();
    let made = user
        .change_opt(CREATE, &[&id, &url, &kinds, &secret, &MOST])
        .await;
    match made {
        Ok(row) => row.as_ref().map(read).transpose(),
        // Erased in this moment.
        Err(StoreError::Constraint {
            kind: ConstraintKind::ForeignKey,
            ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All of them, the oldest first.
pub async fn list(user: &UserScope) -> Result<Vec<Webhook>, StoreError> {
    user.query(LIST, &[]).await?.iter().map(read).collect()
}

pub async fn find(user: &UserScope, id: Uuid) -> Result<Option<Webhook>, StoreError> {
    let found = user.query_opt(FIND, &[&id]).await?;
    found.as_ref().map(read).transpose()
}

/// Changes it. One that is enabled again begins with what happens from now on, and a clean slate.
pub async fn change(
    user: &UserScope,
    id: Uuid,
    patch: &WebhookPatch,
) -> Result<Option<Webhook>, StoreError> {
    let kinds = patch.kinds.as_ref();
    let changed = user
        .change_opt(
            CHANGE,
            &[
                &id,
                &patch.url,
                &kinds.is_some(),
                &kinds.and_then(Option::as_ref),
                &patch.enabled,
            ],
        )
        .await?;
    changed.as_ref().map(read).transpose()
}

/// Whether there was one.
pub async fn delete(user: &UserScope, id: Uuid) -> Result<bool, StoreError> {
    Ok(user.query_opt(DELETE, &[&id]).await?.is_some())
}

fn read(row: &Row) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: row.try_get("id")?,
        url: row.try_get("url")?,
        kinds: row.try_get("kinds")?,
        enabled: row.try_get("enabled")?,
        last_seq: row.try_get("last_seq")?,
        failures: row.try_get("failures")?,
        last_error: row.try_get("last_error")?,
        disabled_at: row.try_get("disabled_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

macro_rules! columns {
    () => {
        "id, url, kinds, enabled, last_seq, failures, last_error, disabled_at, version, created_at, updated_at"
    };
}

const CREATE: &str = concat!(
    "INSERT INTO app.webhooks (user_id, id, url, kinds, secret, last_seq)
     SELECT $1, $2, $3, $4, $5, u.last_seq FROM app.users u
      WHERE u.user_id = $1 AND (SELECT count(*) FROM app.webhooks w WHERE w.user_id = $1) < $6
     RETURNING ",
    columns!()
);

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM app.webhooks WHERE user_id = $1 ORDER BY id"
);

const FIND: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM app.webhooks WHERE user_id = $1 AND id = $2"
);

const CHANGE: &str = "UPDATE app.webhooks w
        SET url = coalesce($3, w.url), kinds = CASE WHEN $4 THEN $5 ELSE w.kinds END, enabled = coalesce($6, w.enabled),
            last_seq = CASE WHEN $6 AND NOT w.enabled THEN u.last_seq ELSE w.last_seq END,
            failures = CASE WHEN $6 THEN 0 ELSE w.failures END,
            last_error = CASE WHEN $6 THEN NULL ELSE w.last_error END,
            disabled_at = CASE WHEN $6 THEN NULL ELSE w.disabled_at END,
            next_at = CASE WHEN $6 THEN now() ELSE w.next_at END,
            version = w.version + 1, updated_at = greatest(now(), w.updated_at + interval '1 microsecond')
       FROM app.users u
      WHERE w.user_id = $1 AND w.id = $2 AND u.user_id = $1
     RETURNING w.id, w.url, w.kinds, w.enabled, w.last_seq, w.failures, w.last_error, w.disabled_at, w.version, w.created_at,
               w.updated_at";

const DELETE: &str = "DELETE FROM app.webhooks WHERE user_id = $1 AND id = $2 RETURNING id";
