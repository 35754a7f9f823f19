use std::fmt;

/// Everything that is wrong with the settings, found in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// The faults, in the order in which a reader looks for them: files and names first, values by key.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 setting is wrong:")?,
            n => write!(f, "{n} settings are wrong:")?,
        }
        self.0
            .iter()
            .try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

impl std::error::Error for Faults {}

/// One thing that is wrong: which setting, where it was set, what was expected. A secret's value is never in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file of `--config` cannot be used at all.
    #[error("{file}: {problem}")]
    File {
        /// Its path as given.
        file: String,
        /// What the system or the TOML parser said.
        problem: String,
    },

    /// No setting has this name.
    #[error("{name} ({origin}): there is no such setting{}", meant(.suggestion.as_deref()))]
    Unknown {
        /// The name as written.
        name: String,
        /// The file or `environment`.
        origin: String,
        /// A name that exists and is much like it.
        suggestion: Option<String>,
    },

    /// The same setting has two values in the environment, under its two names.
    #[error("{key}: {first} and {second} are both set, and differ; unset one")]
    Contradiction {
        /// The setting.
        key: &'static str,
        /// One name.
        first: String,
        /// The other name.
        second: String,
    },

    /// The value is not what the setting takes.
    #[error("{key} ({origin}): {}expected {expected}", instead(.found.as_deref()))]
    Invalid {
        /// The setting.
        key: String,
        /// Where the value came from: a variable's name or a file's path.
        origin: String,
        /// The value, unless it is or may hold a secret.
        found: Option<String>,
        /// What would have been accepted.
        expected: String,
    },

    /// `server.profile` is `production`, and this is not for that.
    #[error("not for production (server.profile): {what}")]
    NotForProduction {
        /// What it is, in one sentence.
        what: String,
    },

    /// The setting is needed and nobody set it.
    #[error("{key} is not set: {advice}")]
    Missing {
        /// The setting.
        key: &'static str,
        /// What to do.
        advice: &'static str,
    },
}

fn meant(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

fn instead(found: Option<&str>) -> String {
    found.map_or_else(String::new, |value| format!("found {value:?}, "))
}
