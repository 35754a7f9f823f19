use std::fmt;
use std::time::Duration;

use crate::KeySetError;

/// Why an attempt brought no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchFailure {
    /// The kind of failure.
    pub fault: FetchFault,
    /// The reason, a lower-case fragment for the log.
    pub reason: String,
    /// How long the issuer asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl FetchFailure {
    /// A failure without a wish of the issuer.
    pub fn new(fault: FetchFault, reason: impl Into<String>) -> Self {
        Self {
            fault,
            reason: reason.into(),
            retry_after: None,
        }
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for FetchFailure {}

impl From<&KeySetError> for FetchFailure {
    fn from(error: &KeySetError) -> Self {
        let fault = match error {
            KeySetError::TooLarge { .. } => FetchFault::TooLarge,
            KeySetError::Malformed => FetchFault::Malformed,
            KeySetError::NoUsableKey { .. } => FetchFault::NoUsableKey,
        };
        Self::new(fault, error.to_string())
    }
}

/// The kinds of failure that an operator treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FetchFault {
    /// The issuer's host has no address.
    Dns,
    /// The issuer cannot be connected to, or breaks the connection off before it answers.
    Connect,
    /// The connection cannot be made secure: a wrong certificate, or no TLS at all.
    Tls,
    /// There is no answer in time.
    Timeout,
    /// There is nothing at the address of the keys: status 404 or 410.
    NotFound,
    /// An answer with another status than 200.
    Status,
    /// An answer that points elsewhere, which is not followed.
    Redirect,
    /// An answer whose body does not arrive whole.
    Body,
    /// A body that is too large to be read.
    TooLarge,
    /// A body that is no key set.
    Malformed,
    /// A key set without one usable key.
    NoUsableKey,
    /// The issuer's configuration document does not lead to a key set.
    Discovery,
    /// The attempt ended in a panic.
    Panic,
}

impl FetchFault {
    /// Its name in metrics, `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::NotFound => "not_found",
            Self::Status => "status",
            Self::Redirect => "redirect",
            Self::Body => "body",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::NoUsableKey => "unusable",
            Self::Discovery => "discovery",
            Self::Panic => "panic",
        }
    }

    /// Whether asking once more, at once, may help: another address of the same host, or another
    /// process behind it, can answer. Everything else has reached the issuer, or has taken long.
    #[must_use]
    pub const fn is_worth_a_quick_retry(self) -> bool {
        matches!(self, Self::Dns | Self::Connect)
    }
}

/// Why a key set from elsewhere than the issuer cannot serve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreloadError {
    /// It was fetched after `now`: one of the two clocks is wrong, and its age unknown.
    #[error("it is from the future")]
    FromTheFuture,
    /// It was fetched so long ago that it would not be trusted any more.
    #[error("it is too old")]
    TooOld,
    /// It is no usable key set.
    #[error(transparent)]
    Unusable(#[from] KeySetError),
}
