use std::fmt;

/// How old the keys are. [`KeyBook`](crate::KeyBook) has the table of what that means for requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// No usable set has come yet.
    Cold,
    /// The set is young; no attempt is due.
    Fresh,
    /// The set still counts as current and a newer one is being asked for.
    RefreshAhead,
    /// The set is too old to be current and still trusted, because the issuer does not answer.
    Stale,
    /// The set is too old to be trusted.
    Outage,
}

impl KeyState {
    /// Every state, from the first to the last.
    pub const ALL: [Self; 5] = [
        Self::Cold,
        Self::Fresh,
        Self::RefreshAhead,
        Self::Stale,
        Self::Outage,
    ];

    /// Whether tokens of known keys are verified in this state.
    #[must_use]
    pub const fn serves(self) -> bool {
        matches!(self, Self::Fresh | Self::RefreshAhead | Self::Stale)
    }

    /// Its name in logs and metrics, `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Fresh => "fresh",
            Self::RefreshAhead => "refresh_ahead",
            Self::Stale => "stale",
            Self::Outage => "outage",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
