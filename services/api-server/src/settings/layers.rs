use std::{collections::BTreeMap, ffi::OsString, path::Path};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::{
    Fault,
    keys::{KEYS, Key, PREFIX, is_section, key, nearest},
};

/// The variables of the environment, handed in so that only one place reads the process's own.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The same, with this variable set to this value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Whether a variable is set, to whatever but nothing.
    pub fn has(&self, name: &str) -> bool {
        self.0
            .get(std::ffi::OsStr::new(name))
            .is_some_and(|value| !value.is_empty())
    }

    /// `value` of the variable `name`. An empty value counts as unset, as in a copied `.env.example`.
    fn value(&self, name: &str) -> Option<Result<&str, ()>> {
        let value = self.0.get(std::ffi::OsStr::new(name))?;
        (!value.is_empty()).then(|| value.to_str().ok_or(()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Defaults, then the file, then the environment, merged; every value remembers where it came from.
pub(super) fn merge(
    file: Option<&Path>,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Config {
    let mut builder = Config::builder();
    for source in [
        Some(defaults()),
        file.and_then(|path| from_file(path, faults)),
        Some(from_environment(environment, faults)),
    ] {
        builder = builder.add_source(Layer(source.unwrap_or_default()));
    }
    builder
        .build()
        .expect("layers hold parsed values, so merging them cannot fail")
}

/// The value at `path` of the merged layers, with its origin.
pub(super) fn value_at<'a>(config: &'a Config, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(&config.cache, |value, name| match &value.kind {
            ValueKind::Table(table) => table.get(name),
            _ => None,
        })
}

fn defaults() -> Map<String, Value> {
    let origin = "default".to_owned();
    KEYS.iter()
        .filter_map(|key| Some((key.path.to_owned(), Value::new(Some(&origin), key.default?))))
        .collect()
}

fn from_file(path: &Path, faults: &mut Vec<Fault>) -> Option<Map<String, Value>> {
    let origin = path.display().to_string();
    let unusable = |problem: String| Fault::File {
        file: origin.clone(),
        problem,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            faults.push(unusable(format!("cannot be read: {error}")));
            return None;
        }
    };
    match File::from_str(&text, FileFormat::Toml).collect() {
        Ok(table) => Some(known_only("", table, &origin, faults)),
        Err(error) => {
            faults.push(unusable(syntax_problem(&error, &text)));
            None
        }
    }
}

/// Keeps what is known, reports the rest, and sets the file's name as the origin of each value.
fn known_only(
    section: &str,
    table: Map<String, Value>,
    origin: &String,
    faults: &mut Vec<Fault>,
) -> Map<String, Value> {
    let mut known = Map::new();
    for (name, value) in table.into_iter().collect::<BTreeMap<_, _>>() {
        let path = if section.is_empty() {
            name
        } else {
            format!("{section}.{name}")
        };
        match value.kind {
            ValueKind::Table(inner) if is_section(&path) => {
                known.extend(known_only(&path, inner, origin, faults));
            }
            ValueKind::Table(_) if key(&path).is_some() => faults.push(Fault::Invalid {
                key: path,
                origin: origin.clone(),
                found: None,
                expected: "one value, not a section".to_owned(),
            }),
            kind if key(&path).is_some() => {
                known.insert(path, Value::new(Some(origin), kind));
            }
            _ if is_section(&path) => faults.push(Fault::Invalid {
                expected: format!("a section: [{path}]"),
                key: path,
                origin: origin.clone(),
                found: None,
            }),
            _ => faults.push(Fault::Unknown {
                suggestion: nearest(&path, KEYS.iter().map(|key| key.path.to_owned())),
                name: path,
                origin: origin.clone(),
            }),
        }
    }
    known
}

fn from_environment(environment: &Environment, faults: &mut Vec<Fault>) -> Map<String, Value> {
    faults.extend(unknown_variables(environment));
    KEYS.iter()
        .filter_map(|key| {
            let (name, value) = variable_of(key, environment, faults)?;
            Some((key.path.to_owned(), Value::new(Some(&name), value)))
        })
        .collect()
}

fn variable_of(
    key: &Key,
    environment: &Environment,
    faults: &mut Vec<Fault>,
) -> Option<(String, String)> {
    let mut set: Option<(String, String)> = None;
    for name in key.variables() {
        match (environment.value(&name), &set) {
            (None, _) => {}
            (Some(Err(())), _) => faults.push(Fault::Invalid {
                key: key.path.to_owned(),
                origin: name,
                found: None,
                expected: "text in UTF-8".to_owned(),
            }),
            (Some(Ok(value)), None) => set = Some((name, value.to_owned())),
            (Some(Ok(value)), Some((first, other))) if value != other => {
                faults.push(Fault::Contradiction {
                    key: key.path,
                    first: first.clone(),
                    second: name,
                });
            }
            (Some(Ok(_)), Some(_)) => {}
        }
    }
    set
}

/// Variables that begin like ours and are none of ours, and variables that are one of ours but for underscores and case
/// (`API_SERVER_PORT`): read by nobody, they would be silently without effect.
fn unknown_variables(environment: &Environment) -> Vec<Fault> {
    let names: Vec<String> = KEYS.iter().map(Key::variable).collect();
    let squeeze = |name: &str| name.replace('_', "").to_ascii_uppercase();
    let faults = environment.0.keys().filter_map(|name| {
        let name = name.to_str()?;
        if names.iter().any(|known| known == name) {
            return None;
        }
        let misspelt = names.iter().find(|known| {
            name.to_ascii_uppercase().starts_with("API_") && squeeze(known) == squeeze(name)
        });
        let suggestion = match misspelt {
            Some(known) => Some(known.clone()),
            None if name.starts_with(PREFIX) => nearest(name, names.iter().cloned()),
            None => return None,
        };
        Some(Fault::Unknown {
            name: name.to_owned(),
            origin: "environment".to_owned(),
            suggestion,
        })
    });
    faults.collect()
}

/// The TOML parser's message without the line that it quotes: the line may hold a secret.
fn syntax_problem(error: &ConfigError, text: &str) -> String {
    let message = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let quotes_the_file =
        |line: &str| line.contains('|') || text.lines().any(|own| own.trim() == line.trim());
    let kept: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !quotes_the_file(line))
        .collect();
    kept.join(": ")
}

/// One layer: paths with dots to values.
#[derive(Debug, Clone, Default)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}
