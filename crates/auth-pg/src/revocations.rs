use std::{error::Error as StdError, time::Duration};

use auth_core::Identity;
use jiff::Timestamp;
use tokio_postgres::{Client, error::SqlState};
use uuid::Uuid;

use crate::{
    InvalidDatabaseUrl, MigrateError, StoreError, UserDb, accounts::CHANNEL, migrate::Session,
};

/// What is no longer to be accepted, though the signature is good and the time is not over.
///
/// It holds on every replica within [`PgAccounts::TRUSTED_FOR`](crate::PgAccounts::TRUSTED_FOR), also for tokens that were
/// verified before and are cached, and whether or not Better Auth is in the same database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// All tokens of a user that were minted before a moment (claim `iat`), or that do not say when.
    ///
    /// `iat` is rounded down to whole seconds, so what is minted later in the second of `not_before` is refused too: who signs
    /// in at that very moment needs one more token a second later. It is the issuer's clock that is compared: where that may
    /// run ahead, choose a moment that much later.
    ///
    /// This does not end sessions, so alone it signs nobody out: every device that still has one gets a new token from Better
    /// Auth, and that is accepted.
    User {
        /// Whose.
        user_id: Uuid,
        /// The moment; `None` is now, by the database's clock.
        not_before: Option<Timestamp>,
    },
    /// All tokens of one Better Auth session (claim `sid`), those that are still to be minted included. That is what ends a
    /// session here whose row is gone while Better Auth's cookie cache goes on minting for it.
    Session {
        /// The claim.
        session_id: String,
    },
    /// One token (claim `jti`).
    Token {
        /// The claim.
        token_id: String,
    },
}

/// Revocations by a user, of that user's own tokens.
///
/// "Sign me out everywhere" takes two steps, because a device whose session is still there gets a new token: first end the
/// sessions where they are (Better Auth's `POST /revoke-sessions`), then refuse the tokens that were minted before that.
///
/// ```no_run
/// # use auth_core::Identity;
/// # use auth_pg::{Revocation, Revocations, RevokeOwnError, UserDb};
/// # async fn example(db: &UserDb, user: &Identity) -> Result<(), RevokeOwnError> {
/// let minted_before_now = Revocation::User { user_id: user.user_id().as_uuid(), not_before: None };
/// Revocations::new(db.clone()).add(user, &minted_before_now).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Revocations {
    db: UserDb,
}

impl Revocations {
    /// Entries in the database that requests are served from.
    pub fn new(db: UserDb) -> Self {
        Self { db }
    }

    /// Revokes something of `who`'s: a session for good, anything else for [`Revoker::KEEP`]. An entry for another user's session
    /// or token is taken and concerns nobody: it counts for tokens of `who` only.
    ///
    /// # Errors
    /// [`RevokeOwnError`]; in it, [`StoreError::Constraint`] for an id that is empty or longer than 1024 bytes.
    pub async fn add(&self, who: &Identity, what: &Revocation) -> Result<(), RevokeOwnError> {
        let entry = Entry::of(what);
        let own = who.user_id().as_uuid();
        if entry.user_id.is_some_and(|user_id| user_id != own) {
            return Err(RevokeOwnError::OfAnother);
        }
        let sql = format!(
            "WITH added AS (
               INSERT INTO app.revocations (kind, user_id, session_id, token_id, not_before, keep_until)
               SELECT $2::text, $1::uuid, $3::text, $4::text,
                      CASE WHEN $2 = 'user' THEN coalesce($5::timestamptz, clock_timestamp()) END,
                      CASE WHEN $2 = 'session' THEN 'infinity' ELSE {KEPT} END
                WHERE coalesce($5::timestamptz <= now() + interval '1 minute', true)
               RETURNING id)
             SELECT pg_notify('{CHANNEL}', '') FROM added"
        );
        let scope = self.db.as_user(who);
        let added = scope
            .query_opt(
                &sql,
                &[
                    &entry.kind,
                    &entry.session_id,
                    &entry.token_id,
                    &entry.not_before,
                ],
            )
            .await?;
        added.map(|_| ()).ok_or(RevokeOwnError::Ahead)
    }
}

/// [`Revoker::KEEP`] from now, in SQL.
const KEPT: &str = "clock_timestamp() + interval '30 days'";

/// Why [`Revocations::add`] has added nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeOwnError {
    /// All tokens of another user.
    #[error("a user may revoke their own tokens only")]
    OfAnother,
    /// `not_before` is more than a minute ahead of the database's clock: it would refuse tokens that are still to be minted, and
    /// so keep the owner of a stolen token out.
    #[error("only tokens that are there already may be revoked by their user")]
    Ahead,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Revocations by an operator, about anybody: over a connection of the role that migrates (a superuser, or a member of
/// `tasks_owner`), which servers do not have.
pub struct Revoker {
    session: Session,
}

/// An entry that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked {
    /// Its number in `app.revocations`.
    pub id: i64,
    /// For all tokens of a user: those minted before this are refused.
    pub not_before: Option<Timestamp>,
    /// Until when it counts; `None` is for good.
    pub keep_until: Option<Timestamp>,
}

impl Revoker {
    /// How long an entry about a user or a token counts unless told otherwise: 30 days. It has to be longer than a token lives.
    /// One about a session counts for good.
    pub const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// Connects as the role in `url`.
    ///
    /// # Errors
    /// [`RevokeError::Url`], [`RevokeError::NoDatabase`] or [`RevokeError::Connect`].
    pub async fn connect(url: &str) -> Result<Self, RevokeError> {
        let session = Session::open(url).await?;
        let quiet = "SET client_min_messages = warning";
        session.client.batch_execute(quiet).await?;
        Ok(Self { session })
    }

    /// Adds an entry that counts for `keep`; `None` is [`KEEP`](Self::KEEP), and for good where it is a session. `reason` is for
    /// people, at most 500 characters.
    ///
    /// # Errors
    /// [`RevokeError`].
    pub async fn add(
        &self,
        what: &Revocation,
        reason: Option<&str>,
        keep: Option<Duration>,
    ) -> Result<Revoked, RevokeError> {
        let entry = Entry::of(what);
        let sql = format!(
            "WITH added AS (
               INSERT INTO app.revocations (kind, user_id, session_id, token_id, not_before, reason, keep_until)
               VALUES ($1::text, $2::uuid, $3::text, $4::text,
                       CASE WHEN $1 = 'user' THEN coalesce($5::timestamptz, clock_timestamp()) END, $6::text,
                       coalesce(clock_timestamp() + $7::float8 * interval '1 second',
                                CASE WHEN $1 = 'session' THEN 'infinity' ELSE {KEPT} END))
               RETURNING id, not_before, keep_until)
             SELECT id, not_before, CASE WHEN isfinite(keep_until) THEN keep_until END, pg_notify('{CHANNEL}', '')::text FROM added"
        );
        let row = self
            .client()
            .query_one(
                &sql,
                &[
                    &entry.kind,
                    &entry.user_id,
                    &entry.session_id,
                    &entry.token_id,
                    &entry.not_before,
                    &reason,
                    &keep.map(|keep| keep.as_secs_f64()),
                ],
            )
            .await?;
        Ok(Revoked {
            id: row.try_get(0)?,
            not_before: row.try_get(1)?,
            keep_until: row.try_get(2)?,
        })
    }

    /// Deletes the entries that no longer count, and gives their number.
    ///
    /// # Errors
    /// [`RevokeError`].
    pub async fn prune(&self) -> Result<u64, RevokeError> {
        let sql = "DELETE FROM app.revocations WHERE id > 0 AND keep_until <= now()";
        Ok(self.client().execute(sql, &[]).await?)
    }

    fn client(&self) -> &Client {
        &self.session.client
    }
}

impl std::fmt::Debug for Revoker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revoker").finish_non_exhaustive()
    }
}

/// Why nothing was revoked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RevokeError {
    /// The URL could not be read.
    #[error(transparent)]
    Url(InvalidDatabaseUrl),
    /// No connection.
    #[error("cannot connect to the database")]
    Connect(#[source] Box<dyn StdError + Send + Sync>),
    /// The server is there, the database is not.
    #[error("database \"{0}\" does not exist")]
    NoDatabase(String),
    /// There is no `app.revocations` here.
    #[error("the schema is older than this program: run `api-server migrate` first")]
    NotMigrated,
    /// The role may not.
    #[error("the role may not revoke: it has to be a superuser or a member of tasks_owner")]
    NotPermitted,
    /// An id is empty or longer than 1024 bytes, holds a NUL character, or the reason is empty or longer than 500 characters.
    #[error(
        "an id or the reason cannot be stored: ids take 1 to 1024 bytes, a reason 1 to 500 characters"
    )]
    Unstorable,
    /// Anything else.
    #[error("the database refused")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<MigrateError> for RevokeError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Url(error) => Self::Url(error),
            MigrateError::NoDatabase(name) => Self::NoDatabase(name),
            MigrateError::Connect(cause) => Self::Connect(cause),
            other => Self::Failed(other.into()),
        }
    }
}

impl From<tokio_postgres::Error> for RevokeError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code() else {
            return Self::Connect(error.into());
        };
        match *state {
            SqlState::UNDEFINED_TABLE | SqlState::INVALID_SCHEMA_NAME => Self::NotMigrated,
            SqlState::INSUFFICIENT_PRIVILEGE => Self::NotPermitted,
            _ if matches!(state.code().get(..2), Some("22" | "23")) => Self::Unstorable,
            _ => Self::Failed(StoreError::from(error).into()),
        }
    }
}

/// A [`Revocation`] as columns.
#[derive(Default)]
struct Entry<'a> {
    kind: &'static str,
    user_id: Option<Uuid>,
    session_id: Option<&'a str>,
    token_id: Option<&'a str>,
    not_before: Option<Timestamp>,
}

impl<'a> Entry<'a> {
    fn of(what: &'a Revocation) -> Self {
        match what {
            Revocation::User {
                user_id,
                not_before,
            } => Self {
                kind: "user",
                user_id: Some(*user_id),
                not_before: *not_before,
                ..Self::default()
            },
            Revocation::Session { session_id } => Self {
                kind: "session",
                session_id: Some(session_id),
                ..Self::default()
            },
            Revocation::Token { token_id } => Self {
                kind: "token",
                token_id: Some(token_id),
                ..Self::default()
            },
        }
    }
}
