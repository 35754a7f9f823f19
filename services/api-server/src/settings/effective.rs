use config::{Value, ValueKind};
use serde::Serialize;

use super::{
    Faults, Settings, Sources,
    keys::{KEYS, Key},
    layers,
};

/// What one setting is, and who says so. Of a secret it says only that there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// Its path in the file.
    pub key: &'static str,
    /// Its value as text, several with commas; `None` where there is none.
    pub value: Option<String>,
    /// A variable's name, a file's path, `default`, or `derived` where it follows from another setting.
    pub origin: Option<String>,
    /// The variable that sets it.
    pub variable: String,
}

/// All settings as they are, and what is wrong with them.
#[derive(Debug)]
pub struct Overview {
    /// In the order of `deploy/api-server.toml`.
    pub settings: Vec<Effective>,
    /// What the server would start with, or why it would not.
    pub outcome: Result<Settings, Faults>,
}

impl Overview {
    /// Reads all sources.
    pub fn of(sources: &Sources) -> Self {
        let outcome = Settings::load(sources);
        // What is wrong with them is found by the line above.
        let config = layers::merge(
            sources.file.as_deref(),
            &sources.environment,
            &mut Vec::new(),
        );
        let settings = KEYS.iter().map(|key| {
            let value = layers::value_at(&config, key.path);
            let shown = value.map(|value| shown(key, value));
            let origin = value.and_then(Value::origin).map(str::to_owned);
            let derived = || Some((derived(key, outcome.as_ref().ok()?)?, "derived".to_owned()));
            let (value, origin) = match shown {
                Some(value) => (Some(value), origin),
                None => derived().unzip(),
            };
            Effective {
                key: key.path,
                value,
                origin,
                variable: key.variables().next().unwrap_or_default(),
            }
        });
        Self {
            settings: settings.collect(),
            outcome,
        }
    }
}

fn shown(key: &Key, value: &Value) -> String {
    if key.secret {
        // Not even a part of it: a password may stand anywhere in a URL that somebody has mistyped.
        return NOT_SHOWN.to_owned();
    }
    let text = match &value.kind {
        ValueKind::Array(members) => {
            let members: Vec<String> = members.iter().map(ToString::to_string).collect();
            members.join(", ")
        }
        _ => value.to_string(),
    };
    // No setting is right with one in it, and this is where people look for what is wrong.
    match text.contains('@') {
        true => NOT_SHOWN.to_owned(),
        false => text,
    }
}

const NOT_SHOWN: &str = "(set, not shown)";

/// What the server takes where nobody says anything.
fn derived(key: &Key, settings: &Settings) -> Option<String> {
    Some(match key.path {
        "auth.issuer" => settings.policy.issuer().to_owned(),
        "auth.audience" => settings.policy.audiences().join(", "),
        "auth.jwks_url" => settings.keys.jwks_url.clone(),
        "cors.origins" if !settings.cors_origins.is_empty() => settings.cors_origins.join(", "),
        _ => return None,
    })
}
