use std::fmt;
use std::time::Duration;

use crate::settings::KeyFeedError;

/// Why a [`Drawbridge`](crate::Drawbridge) did not start. An issuer that does not answer is among
/// the reasons only when keys are [required](crate::DrawbridgeBuilder::require_keys_at_start).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What it was told does not make sense: all of it, not just the first.
    #[error("drawbridge cannot be set up: {}", Listed(.0))]
    Settings(Vec<Mistake>),
    /// There are no keys, and it was told not to start without.
    #[error("no keys from {jwks_url} within {waited:?}: {}", .why.as_deref().unwrap_or("no answer"))]
    NoKeys {
        /// Where they should have come from, without the query.
        jwks_url: String,
        /// How long it has waited.
        waited: Duration,
        /// Why the last attempt failed, if one has ended.
        why: Option<String>,
    },
    /// The feed of the keys could not be started.
    #[error("the feed of the keys cannot be started")]
    KeyFeed(#[from] KeyFeedError),
}

/// One thing that a [`Drawbridge`](crate::Drawbridge) was told and cannot do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The builder's option.
    pub option: &'static str,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.option, self.why)
    }
}

struct Listed<'a>(&'a [Mistake]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, mistake) in self.0.iter().enumerate() {
            let separator = if i > 0 { "; " } else { "" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}
