use std::time::Duration;

use auth_core::{FetchFault, KeyState, UnixTime};

/// What a feed is about at the moment, for health checks and operators.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyFeedStatus {
    /// How old the keys are.
    pub state: KeyState,
    /// How many usable keys there are.
    pub keys: usize,
    /// How many members of the issuer's key set are not usable.
    pub skipped_keys: usize,
    /// How long ago the keys were asked for; for those of a seed file, how long they are here.
    pub age: Option<Duration>,
    /// When the issuer was asked for the keys that are here; `None` before, and for a seed file.
    pub last_success: Option<UnixTime>,
    /// Why the last attempt failed; `None` once one has succeeded.
    pub last_error: Option<String>,
    /// The kind of the same failure.
    pub last_fault: Option<FetchFault>,
    /// How many attempts have begun.
    pub fetches: u64,
    /// Whether the refresher is alive.
    pub running: bool,
    /// How many panics the refresher has survived; each is a bug.
    pub panics: u64,
}
