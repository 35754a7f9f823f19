use std::error::Error as StdError;

use tokio_postgres::error::{DbError, SqlState};

/// Why a statement gave no answer, sorted by what the caller may do about it.
///
/// The text is for the log. It may name tables and constraints of ours; it never holds a row's values, because PostgreSQL's
/// `DETAIL` (which does) is left out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached, is starting, stopping or out of room, is a standby, or no connection became free in
    /// time. Nothing was done. Try again later.
    #[error("database unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),

    /// The statement was sent, and no answer came within the deadline or before the connection was lost. It may or may not
    /// have been carried out, so only what is safe to repeat may be repeated.
    #[error("outcome unknown: no answer from the database")]
    OutcomeUnknown(#[source] Option<Box<dyn StdError + Send + Sync>>),

    /// A constraint of the schema said no. The name tells which rule was broken.
    #[error("constraint {constraint} refused the row ({kind})")]
    Constraint {
        /// Which sort of constraint it was.
        kind: ConstraintKind,
        /// The constraint's name as the schema has it; empty for NOT NULL.
        constraint: String,
    },

    /// PostgreSQL could not store one of the values, for instance text with a NUL character (SQLSTATE class 22).
    #[error("value refused by the database (SQLSTATE {0})")]
    Value(String),

    /// Two transactions got in each other's way and this one lost (serialization failure, deadlock). Nothing was done; the
    /// whole transaction may be repeated.
    #[error("transaction lost against a concurrent one")]
    Contention,

    /// The role that requests run as is not there: no migration has run on this server.
    #[error("the requests' role does not exist; migrate first")]
    NoSuchRole,

    /// Anything else: a defect of ours or of the installation.
    #[error("database statement failed")]
    Broken(#[source] Box<dyn StdError + Send + Sync>),
}

/// The sort of constraint that refused a row (SQLSTATE class 23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConstraintKind {
    /// `UNIQUE` or `PRIMARY KEY` (23505).
    Unique,
    /// `FOREIGN KEY` (23503).
    ForeignKey,
    /// `CHECK` (23514).
    Check,
    /// `NOT NULL` (23502).
    NotNull,
}

impl std::fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::NotNull => "not null",
        })
    }
}

impl StoreError {
    /// Whether this is the refusal of the constraint with that name.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Constraint { constraint, .. } if constraint == name)
    }

    /// What a failed `BEGIN; SET …` means: the only value in it that a server may not know is the role, and the only thing that
    /// it may not do is to write.
    pub(crate) fn of_begin(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(db) if *db.code() == SqlState::INVALID_PARAMETER_VALUE => Self::NoSuchRole,
            // A standby, or a server that has just become one.
            Some(db) if *db.code() == SqlState::FEATURE_NOT_SUPPORTED => {
                Self::Unavailable(brief(db))
            }
            _ => error.into(),
        }
    }

    /// Whether trying again later can help without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::OutcomeUnknown(_) | Self::Contention
        )
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            // No SQLSTATE: the wire broke, or a value did not fit its Rust type.
            return if error.is_closed() || is_io(&error) {
                Self::OutcomeUnknown(Some(error.into()))
            } else {
                Self::Broken(error.into())
            };
        };
        let state = db.code();
        match state.code().get(..2).unwrap_or_default() {
            // Class 08 from a server is a pooler's word that its connection broke, perhaps during the commit.
            "08" => Self::OutcomeUnknown(Some(brief(db))),
            "53" => Self::Unavailable(brief(db)),
            // 57014 is statement_timeout here (we never send a CancelRequest): the statement was undone.
            "57" => Self::Unavailable(brief(db)),
            // The primary became a standby under us.
            "25" if *state == SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(brief(db)),
            "40" if *state == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN => {
                Self::OutcomeUnknown(Some(brief(db)))
            }
            "40" => Self::Contention,
            "23" => match constraint_kind(state) {
                Some(kind) => Self::Constraint {
                    kind,
                    constraint: db.constraint().unwrap_or_default().to_owned(),
                },
                None => Self::Broken(brief(db)),
            },
            // 22P02 and 42704 come from app.current_user_id() when no user is set: a defect, not a value.
            "22" if *state != SqlState::INVALID_TEXT_REPRESENTATION => {
                Self::Value(state.code().to_owned())
            }
            // lock_not_available: lock_timeout ran out.
            "55" if *state == SqlState::LOCK_NOT_AVAILABLE => Self::Unavailable(brief(db)),
            _ => Self::Broken(brief(db)),
        }
    }
}

/// An error with all its sources, for a line of the log.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

fn constraint_kind(state: &SqlState) -> Option<ConstraintKind> {
    match *state {
        SqlState::UNIQUE_VIOLATION => Some(ConstraintKind::Unique),
        SqlState::FOREIGN_KEY_VIOLATION => Some(ConstraintKind::ForeignKey),
        SqlState::CHECK_VIOLATION => Some(ConstraintKind::Check),
        SqlState::NOT_NULL_VIOLATION => Some(ConstraintKind::NotNull),
        _ => None,
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(<dyn StdError>::is::<std::io::Error>)
}

/// Severity, SQLSTATE and message, without `DETAIL`, `HINT` and `WHERE`, which may quote a row.
fn brief(db: &DbError) -> Box<dyn StdError + Send + Sync> {
    format!("{} {}: {}", db.severity(), db.code().code(), db.message()).into()
}
