//! PostgreSQL as one user sees it.
//!
//! A verified [`Identity`](auth_core::Identity) opens a [`UserScope`]; every statement runs there, in a transaction that
//! carries the user's id, under a role that row-level security binds. There is no other road to a row:
//!
//! - [`UserDb`] hides its pool; [`UserDb::as_user`] wants the proof that a token was verified.
//! - `$1` of every statement is the user's id, bound by the scope. A statement that forgets `user_id = $1` does not run.
//! - The policies of the schema compare `user_id` with the same id. If either wall has a hole, the other one holds.
//!   [`UserDb::schema_state`] looks for holes in this one: serve nobody where it finds one.
//!
//! ```no_run
//! use auth_core::Identity;
//! use auth_pg::{PoolSettings, StoreError, UserDb};
//!
//! async fn count_tasks(db: &UserDb, user: &Identity) -> Result<i64, StoreError> {
//!     let row = db
//!         .as_user(user)
//!         .query_opt("SELECT count(*) FROM app.tasks WHERE user_id = $1", &[])
//!         .await?
//!         .expect("an aggregate always gives a row");
//!     Ok(row.try_get(0)?)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let db = UserDb::connect(&PoolSettings::new("postgres://tasks_api:secret@localhost/app")?)?;
//! # Ok(())
//! # }
//! ```
//!
//! The schema is brought up to date by [`migrate`](migrate()), from numbered SQL files.
//!
//! A token is good until it expires, whatever happens meanwhile. [`PgAccounts`] knows what did: whether the user is still
//! there and not banned, whether the session has ended, and whether somebody has revoked any of it: an operator
//! ([`Revoker`]) or the user ([`Revocations`]). Its answer is never older than a second.
//!
//! ```no_run
//! # use auth_pg::{PoolSettings, UserDb};
//! use auth_core::{Accounts, Identity, Standing};
//! use auth_pg::{AccountsSettings, PgAccounts};
//!
//! # async fn example(db: UserDb, who: &Identity) -> Result<(), Box<dyn std::error::Error>> {
//! let accounts = PgAccounts::start(db, AccountsSettings::default());
//! let standing = match accounts.standing_now(who) {
//!     Some(standing) => standing,                // from memory: the usual case
//!     None => accounts.standing(who).await?,     // from the database
//! };
//! assert_eq!(standing, Standing::Good);
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod accounts;
mod better_auth;
mod change_feed;
mod chores;
mod error;
mod lease;
mod listening;
mod migrate;
mod pool;
mod revocations;
mod schema;
mod scope;
mod survey;
mod wall;

pub use accounts::{AccountsSettings, AccountsStatus, Check, PgAccounts, SessionCheck};
pub use better_auth::{AccountChecks, Link, LinkMode};
pub use change_feed::{ChangeFeed, ChangeFeedSettings, ChangeFeedStatus, ChangeWatch};
pub use chores::{Chore, Chores};
pub use error::{Chain, ConstraintKind, StoreError};
pub use migrate::{MigrateError, MigrateOptions, MigrateReport, MigrateStep, migrate};
pub use pool::{InvalidDatabaseUrl, PoolSettings, RoleName};
pub use revocations::{Revocation, Revocations, RevokeError, RevokeOwnError, Revoked, Revoker};
pub use schema::{MigrationSet, SchemaState};
pub use scope::{Background, Connections, Param, UserDb, UserScope, UserTx};
pub use survey::{BetterAuthTables, Survey, UuidColumn};
/// PostgreSQL's rows and value conversions, for code that reads what a [`UserScope`] answers.
pub use tokio_postgres::{
    Row,
    types::{FromSql, Json, ToSql, Type},
};
