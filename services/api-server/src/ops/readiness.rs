use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use auth_actix::KeyFeed;
use auth_core::KeyState;
use auth_pg::{
    AccountsStatus, Check as Looked, MigrationSet, PgAccounts, SchemaState, StoreError, UserDb,
};
use serde::Serialize;
use tokio::{sync::Mutex, time::timeout};
use utoipa::ToSchema;

use crate::telemetry::chain;

/// Whether requests can be served now, and if not, why. Clones look at the same parts.
#[derive(Debug, Clone)]
pub struct Readiness(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    db: UserDb,
    migrations: MigrationSet,
    feed: KeyFeed,
    accounts: Arc<PgAccounts>,
    database_grace: Duration,
    draining: AtomicBool,
    /// The last look at the database. The lock makes concurrent probes share one look.
    database: Mutex<Option<Look>>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    at: Instant,
    found: Database,
    /// When it was last in order.
    well: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Database {
    Ready,
    /// It was ready a moment ago, and does not answer: one that fails over is back in seconds, and a balancer that had lost all
    /// servers by then would have nobody to send requests to.
    Away,
    Unreachable,
    OtherSchema,
    Unprotected,
}

/// A look at the database counts for so long: probes of any number and pace cost one statement in this time.
const LOOK_COUNTS_FOR: Duration = Duration::from_secs(1);

/// A probe is answered within this time, whatever the database does.
const LOOK_TAKES_AT_MOST: Duration = Duration::from_secs(2);

/// The answer to a readiness probe.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessReport {
    /// `ready` or `not_ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// What was looked at.
    checks: Vec<Check>,
}

/// One thing that readiness depends on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// `server`, `database`, `keys` or `accounts`.
    #[schema(example = "database")]
    name: &'static str,
    /// How it is.
    status: CheckStatus,
    /// What that means, for a person.
    #[schema(value_type = String)]
    detail: Cow<'static, str>,
}

/// How one check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Requests are served; somebody should look at it.
    Degraded,
    /// Requests cannot be served.
    Failing,
}

impl ReadinessReport {
    /// Whether requests can be served.
    pub fn is_ready(&self) -> bool {
        self.checks
            .iter()
            .all(|check| check.status != CheckStatus::Failing)
    }
}

impl Readiness {
    /// Looks at these parts. The migrations are those that the database must have; a database that was ready may be away for as
    /// long as `database_grace`.
    pub fn new(
        db: UserDb,
        migrations: MigrationSet,
        feed: KeyFeed,
        accounts: Arc<PgAccounts>,
        database_grace: Duration,
    ) -> Self {
        Self(Arc::new(Parts {
            db,
            migrations,
            feed,
            accounts,
            database_grace,
            draining: AtomicBool::new(false),
            database: Mutex::new(None),
        }))
    }

    /// Says no from now on: the service is about to stop.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// How everything is now.
    pub async fn report(&self) -> ReadinessReport {
        let feed = self.0.feed.status();
        let checks = vec![
            self.server(),
            self.database().await.check(),
            keys(
                feed.state,
                feed.keys,
                feed.age.unwrap_or_default(),
                feed.running,
            ),
            accounts(&self.0.accounts.status()),
        ];
        let mut report = ReadinessReport {
            status: "ready",
            checks,
        };
        if !report.is_ready() {
            report.status = "not_ready";
        }
        report
    }

    fn server(&self) -> Check {
        let (status, detail) = match self.0.draining.load(Ordering::Relaxed) {
            false => (CheckStatus::Ok, "accepts requests"),
            true => (CheckStatus::Failing, "is stopping"),
        };
        Check {
            name: "server",
            status,
            detail: detail.into(),
        }
    }

    async fn database(&self) -> Database {
        let mut last = self.0.database.lock().await;
        if let Some(look) = *last
            && look.at.elapsed() < LOOK_COUNTS_FOR
        {
            return look.found;
        }
        let before = last.map(|look| look.found);
        let well = last.and_then(|look| look.well);
        let outcome = timeout(LOOK_TAKES_AT_MOST, self.look(before)).await;
        let unreachable = match well {
            Some(at) if at.elapsed() < self.0.database_grace => Database::Away,
            _ => Database::Unreachable,
        };
        let (found, cause) = match outcome {
            Ok(Ok(SchemaState::Current)) => (Database::Ready, None),
            Ok(Ok(state @ SchemaState::Unprotected { .. })) => {
                (Database::Unprotected, Some(state.to_string()))
            }
            Ok(Ok(state)) => (Database::OtherSchema, Some(state.to_string())),
            Ok(Err(error)) => (unreachable, Some(chain(&error))),
            Err(_) => (unreachable, Some("no answer in time".to_owned())),
        };
        if before != Some(found) {
            match cause {
                Some(cause) if found == Database::Away => {
                    tracing::warn!(
                        cause,
                        "the database does not answer; still ready for a while"
                    );
                }
                Some(cause) => tracing::warn!(cause, "not ready: database {found:?}"),
                None => tracing::info!("database is ready"),
            }
        }
        let at = Instant::now();
        let well = match found {
            Database::Ready => Some(at),
            Database::Away | Database::Unreachable => well,
            Database::OtherSchema | Database::Unprotected => None,
        };
        *last = Some(Look { at, found, well });
        found
    }

    /// A database that was ready is only asked whether it still answers: its schema cannot become unknown to us by itself, nor can
    /// its row-level security fall. Whether it stands takes some ten statements and the whole catalogue of schema `app`, which is
    /// for the start and for a database that is not ready, or has been away and may be another one: at most once in
    /// [`LOOK_COUNTS_FOR`].
    async fn look(&self, before: Option<Database>) -> Result<SchemaState, StoreError> {
        match before {
            Some(Database::Ready) => self.0.db.ping().await.map(|()| SchemaState::Current),
            _ => self.0.db.schema_state(&self.0.migrations).await,
        }
    }
}

impl Database {
    fn check(self) -> Check {
        let (status, detail) = match self {
            Self::Ready => (CheckStatus::Ok, "answers, and its schema is current"),
            Self::Away => (
                CheckStatus::Degraded,
                "has not answered for a moment; requests that need it are told to come again",
            ),
            Self::Unreachable => (CheckStatus::Failing, "does not answer; the log says why"),
            Self::OtherSchema => (
                CheckStatus::Failing,
                "has another schema than this program knows; run `api-server migrate`, or deploy the newer release",
            ),
            Self::Unprotected => (
                CheckStatus::Failing,
                "does not keep users apart: row-level security has a hole; the log says where",
            ),
        };
        Check {
            name: "database",
            status,
            detail: detail.into(),
        }
    }
}

/// Addresses and errors of the issuer are for the log, not for whoever can reach this path.
fn keys(state: KeyState, count: usize, age: Duration, running: bool) -> Check {
    let age = age.as_secs();
    let (status, detail): (_, Cow<'static, str>) = match state {
        state if state.serves() && !running => (
            CheckStatus::Degraded,
            format!("{count} keys, {age} s old; nobody renews them any more: restart the server")
                .into(),
        ),
        KeyState::Fresh | KeyState::RefreshAhead => {
            (CheckStatus::Ok, format!("{count} keys, {age} s old").into())
        }
        KeyState::Stale => (
            CheckStatus::Degraded,
            format!(
                "{count} keys, {age} s old; the issuer does not answer, known keys still count"
            )
            .into(),
        ),
        KeyState::Cold => (
            CheckStatus::Failing,
            "no keys yet: the issuer has not answered".into(),
        ),
        KeyState::Outage => (
            CheckStatus::Failing,
            "the keys are too old to be trusted: the issuer does not answer".into(),
        ),
    };
    Check {
        name: "keys",
        status,
        detail,
    }
}

/// Whether ended sessions, bans and revocations are noticed. What cannot be asked ahead of time is asked for each request, and
/// that fails closed: it does not stop the service. A link that was lost lets nobody in.
fn accounts(status: &AccountsStatus) -> Check {
    let looks = [status.users, status.bans, status.sessions];
    let (state, detail) = if status.link_lost {
        (
            CheckStatus::Failing,
            "no longer linked to Better Auth's users, whose tables are gone or were restored; run `api-server migrate`",
        )
    } else if status.link_unwanted {
        (
            CheckStatus::Degraded,
            "linked to Better Auth's users in another way than auth.user_claim and auth.accounts.mode say; \
             run `api-server migrate`",
        )
    } else if looks.contains(&Looked::NotPermitted) {
        (
            CheckStatus::Degraded,
            "Better Auth's users, bans or sessions cannot be read; run `api-server migrate`",
        )
    } else if looks.contains(&Looked::NotUnderstood) {
        (
            CheckStatus::Degraded,
            "Better Auth's bans or sessions have other columns than Better Auth makes, and are not checked; \
             sessions that need no check: auth.accounts.sessions = \"off\"",
        )
    } else if status.poll_failing {
        (
            CheckStatus::Degraded,
            "cannot be asked ahead of time; each request asks for itself",
        )
    } else {
        match status.linked {
            Some(true) => (CheckStatus::Ok, "linked to Better Auth's users"),
            Some(false) => (
                CheckStatus::Ok,
                "Better Auth's users are not in this database; revocations are looked at",
            ),
            None => (CheckStatus::Ok, "not asked for yet"),
        }
    };
    Check {
        name: "accounts",
        status: state,
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nobody_renews_are_noted_before_they_are_stale() {
        let age = Duration::from_secs(7);
        let check = keys(KeyState::Fresh, 2, age, false);
        assert_eq!(check.status, CheckStatus::Degraded);
        let none = keys(KeyState::Cold, 0, age, false);
        assert_eq!(none.status, CheckStatus::Failing);
    }

    #[test]
    fn stale_keys_are_noted_and_only_missing_ones_stop_the_service() {
        for (state, status) in [
            (KeyState::Cold, CheckStatus::Failing),
            (KeyState::Fresh, CheckStatus::Ok),
            (KeyState::RefreshAhead, CheckStatus::Ok),
            (KeyState::Stale, CheckStatus::Degraded),
            (KeyState::Outage, CheckStatus::Failing),
        ] {
            assert_eq!(
                keys(state, 2, Duration::from_secs(7), true).status,
                status,
                "{state}"
            );
        }
    }
}
