//! What the book and its driver say to each other.

use std::sync::Arc;
use std::time::Duration;

use super::FetchFault;
use crate::KeyRing;

/// What one request with a key id does next.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// The key is in this ring: verify now.
    Known(&'a Arc<KeyRing>),
    /// The issuer was asked after the request came, and does not have the key. The ring is given
    /// so that the refusal is made where all others are.
    Absent(&'a Arc<KeyRing>),
    /// The key is unknown and the issuer may not be asked again so soon. The ring as above.
    CoolingDown(&'a Arc<KeyRing>),
    /// An attempt is under way or about to start: look again after the book has changed.
    Wait,
    /// Ask for the attempt with this number, then wait as above. Any number of requests may ask
    /// for the same one.
    Ask {
        /// The number to hand to [`KeyBook::begin`](crate::KeyBook::begin), as [`Wanted::unknown_key`].
        attempt: u64,
    },
    /// It cannot be known now whether the issuer has this key.
    Unavailable {
        /// When it makes sense to come back; at least a second.
        retry_after: Duration,
    },
}

/// The attempts that are asked for, by number; 0 asks for none. An attempt that has begun has been
/// granted: asking for it again asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Wanted for the sake of an unknown key, within the allowance.
    pub unknown_key: u64,
    /// Wanted by the operator, whatever the allowance and the pauses say.
    pub manual: u64,
}

/// Why an attempt begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trigger {
    /// There are no keys at all.
    Cold,
    /// The set is due for renewal, or a pause after a failure is over.
    Timer,
    /// A token names a key that is not in the set.
    UnknownKey,
    /// The operator wants it.
    Manual,
}

impl Trigger {
    /// Its name in metrics, `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Timer => "timer",
            Self::UnknownKey => "unknown_kid",
            Self::Manual => "manual",
        }
    }
}

/// A good response of the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The body: a key set, or so the issuer says.
    pub document: &'a [u8],
    /// For how long the issuer says that it holds, zero for not at all; `None` if it says nothing.
    pub max_age: Option<Duration>,
}

/// What an attempt has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Another set is in force, under a new generation.
    Replaced,
    /// The same document came again: the set is young again.
    Confirmed,
    /// Nothing usable came; what was in force stays.
    Failed(FetchFault),
    /// Nobody had asked: nothing has changed at all.
    Unasked,
}

impl Outcome {
    /// Its name in metrics, `snake_case`: for a failure, that of the fault.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Confirmed => "confirmed",
            Self::Failed(fault) => fault.name(),
            Self::Unasked => "unasked",
        }
    }
}
