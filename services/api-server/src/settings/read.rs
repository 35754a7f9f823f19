use std::borrow::Cow;

use config::{Config, Value, ValueKind};

use super::{Fault, keys, layers::value_at};

/// What a setting would have accepted, as the end of the sentence "expected …".
pub(super) type Expected = Cow<'static, str>;

/// Takes typed values out of the merged layers and notes every fault on the way instead of stopping at the first.
///
/// After a fault the key's default stands in, so that reading can go on; whoever reads must look at the faults before using
/// anything.
pub(super) struct Reader<'a> {
    config: &'a Config,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(config: &'a Config, faults: Vec<Fault>) -> Self {
        Self { config, faults }
    }

    /// The value of a key that has a default.
    pub(super) fn value<T>(
        &mut self,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> T {
        self.optional(path, &parse).unwrap_or_else(|| {
            let default = keys::key(path).and_then(|key| key.default);
            let default = default.expect("only keys with a default are read by this function");
            parse(default).unwrap_or_else(|_| panic!("the default of {path} is not acceptable"))
        })
    }

    /// The value of a key that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let value = value_at(self.config, path)?;
        let outcome = match scalar(value) {
            Some(text) => parse(&text).map_err(|expected| (Some(text), expected)),
            None => Err((None, "one value, not a list".into())),
        };
        outcome
            .map_err(|(found, expected)| self.refuse(path, value, found, expected))
            .ok()
    }

    /// The values of a key that takes several: a list in the file, or one text with commas. Each bad member is a fault of
    /// its own.
    pub(super) fn list<T>(
        &mut self,
        path: &'static str,
        parse: impl Fn(&str) -> Result<T, Expected>,
    ) -> Option<Vec<T>> {
        let value = value_at(self.config, path)?;
        let members: Vec<Option<String>> = match &value.kind {
            ValueKind::Array(members) => members.iter().map(scalar).collect(),
            _ => scalar(value)
                .map(|text| {
                    text.split(',')
                        .map(|part| Some(part.trim().to_owned()))
                        .collect()
                })
                .unwrap_or_else(|| vec![None]),
        };
        let faults_before = self.faults.len();
        let mut parsed = Vec::new();
        for member in members {
            match member.map(|text| parse(&text).map_err(|expected| (text, expected))) {
                Some(Ok(member)) => parsed.push(member),
                Some(Err((text, expected))) => self.refuse(path, value, Some(text), expected),
                None => self.refuse(path, value, None, "a list of single values".into()),
            }
        }
        (self.faults.len() == faults_before).then_some(parsed)
    }

    /// Notes that the value at `path`, though well-formed, does not go with the others.
    pub(super) fn refuse_value(&mut self, path: &'static str, expected: impl Into<Expected>) {
        let value = value_at(self.config, path).cloned();
        let value = value.unwrap_or_else(|| Value::new(Some(&"default".to_owned()), ""));
        let found = scalar(&value).filter(|text| !text.is_empty());
        self.refuse(path, &value, found, expected.into());
    }

    /// Notes that this is not for production.
    pub(super) fn not_for_production(&mut self, what: String) {
        self.faults.push(Fault::NotForProduction { what });
    }

    /// Notes that nobody set `path`.
    pub(super) fn missing(&mut self, path: &'static str, advice: &'static str) {
        self.faults.push(Fault::Missing { key: path, advice });
    }

    /// Whether somebody set `path`, be it well or badly.
    pub(super) fn is_set(&self, path: &'static str) -> bool {
        value_at(self.config, path).is_some()
    }

    fn refuse(&mut self, path: &str, value: &Value, found: Option<String>, expected: Expected) {
        let secret = keys::key(path).is_none_or(|key| key.secret);
        self.faults.push(Fault::Invalid {
            key: path.to_owned(),
            origin: value.origin().unwrap_or("unknown origin").to_owned(),
            found: found.filter(|text| !secret && may_be_shown(text)),
            expected: expected.into_owned(),
        });
    }
}

/// The text of a single value. Floats and integers go through text as well: there is one parser per setting, not two.
fn scalar(value: &Value) -> Option<String> {
    match &value.kind {
        ValueKind::Boolean(value) => Some(value.to_string()),
        ValueKind::I64(value) => Some(value.to_string()),
        ValueKind::I128(value) => Some(value.to_string()),
        ValueKind::U64(value) => Some(value.to_string()),
        ValueKind::U128(value) => Some(value.to_string()),
        ValueKind::Float(value) => Some(value.to_string()),
        ValueKind::String(text) => Some(text.clone()),
        ValueKind::Nil | ValueKind::Table(_) | ValueKind::Array(_) => None,
    }
}

/// A secret pasted into the wrong setting must not be repeated either: nothing with credentials in a URL, and nothing long.
fn may_be_shown(text: &str) -> bool {
    !text.contains('@') && text.len() <= 120
}
