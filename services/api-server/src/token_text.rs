//! What a token says of itself, to be shown to people. Nothing of it is verified, and nothing is decided by it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain_kit::parse_id;
use serde_json::{Map, Value};

/// A token's header and claims, as far as they can be read.
#[derive(Debug, Default)]
pub(crate) struct TokenText {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// More than this is no token, and nobody reads it.
const LONGEST: usize = 64 * 1024;

/// Claims and header members whose values are nobody's secret.
const OPEN: [&str; 9] = [
    "alg", "kid", "typ", "iss", "aud", "exp", "iat", "nbf", "cty",
];

impl TokenText {
    pub(crate) fn read(token: &str) -> Self {
        let token = if token.len() > LONGEST { "" } else { token };
        let mut parts = token.split('.').map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
            bytes.and_then(|bytes| serde_json::from_slice::<Map<_, _>>(&bytes).ok())
        });
        let mut next = || parts.next().flatten().unwrap_or_default();
        Self {
            header: next(),
            claims: next(),
        }
    }

    /// A text of the header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A text among the claims whose value may be shown.
    pub(crate) fn claim(&self, name: &str) -> Option<String> {
        let value = self.claims.get(name).filter(|_| OPEN.contains(&name))?;
        Some(value.as_str()?.to_owned())
    }

    /// From `iat` to `exp`, in seconds.
    pub(crate) fn lifetime(&self) -> Option<i64> {
        let time = |name| self.claims.get(name).and_then(Value::as_f64);
        Some((time("exp")? - time("iat")?) as i64)
    }

    /// Names alone.
    pub(crate) fn claim_names(&self) -> Vec<String> {
        let names = self.claims.keys().take(MOST_NAMES);
        names.map(|name| plain(name)).collect()
    }

    pub(crate) fn subject_is_uuid(&self) -> bool {
        let subject = self.claims.get("sub").and_then(Value::as_str);
        subject.and_then(parse_id).is_some()
    }

    /// Header members, each with its value or what stands for it.
    pub(crate) fn shown_header(&self) -> Vec<(String, String)> {
        shown(&self.header)
    }

    /// Claims, each with its value or what stands for it.
    pub(crate) fn shown_claims(&self) -> Vec<(String, String)> {
        shown(&self.claims)
    }
}

const MOST_NAMES: usize = 40;

fn shown(members: &Map<String, Value>) -> Vec<(String, String)> {
    let members = members.iter().take(MOST_NAMES);
    members
        .map(|(name, value)| {
            let value = match OPEN.contains(&&**name) {
                true => open(name, value),
                false => masked(value),
            };
            (plain(name), value)
        })
        .collect()
}

fn open(name: &str, value: &Value) -> String {
    let time = value
        .as_f64()
        .filter(|_| ["exp", "iat", "nbf"].contains(&name));
    let time = time.and_then(|seconds| jiff::Timestamp::from_second(seconds as i64).ok());
    match (time, value) {
        (Some(time), _) => format!("{value} ({time})"),
        (None, Value::String(text)) => plain(text),
        (None, Value::Array(texts)) => {
            let texts = texts
                .iter()
                .take(5)
                .map(|text| text.as_str().map_or_else(|| masked(text), plain));
            texts.collect::<Vec<_>>().join(", ")
        }
        (None, other) => masked(other),
    }
}

/// What a value is, without what it is.
fn masked(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "(a boolean)".to_owned(),
        Value::Number(_) => "(a number)".to_owned(),
        Value::String(text) if parse_id(text).is_some() => "(a UUID)".to_owned(),
        Value::String(text) => format!("({} characters)", text.chars().count()),
        Value::Array(values) => format!("(a list of {})", values.len()),
        Value::Object(members) => format!("(an object of {})", members.len()),
    }
}

/// Bounded, and without anything that a terminal would obey.
fn plain(text: &str) -> String {
    let excerpt = auth_core::Excerpt::of(text).to_string();
    match excerpt
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(bare) => bare.to_owned(),
        None => excerpt,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    #[test]
    fn who_it_is_for_and_when_it_ends_are_shown_and_what_is_personal_is_not() {
        let claims = json!({
            "iss": "http://localhost:3000", "aud": ["a", "b"], "exp": 1_795_224_220, "email": "ada@example.com",
            "uuid": "0190a3c4-0000-7000-8000-00000000000a", "role": null, "name": "Ada",
        });
        let text = TokenText::read(&token(&json!({"alg": "EdDSA", "kid": "k1"}), &claims));
        let shown = format!("{:?}{:?}", text.shown_header(), text.shown_claims());
        for expected in [
            "EdDSA",
            "k1",
            "http://localhost:3000",
            "a, b",
            "2026-11-21T",
            "(a UUID)",
            "(3 characters)",
        ] {
            assert!(shown.contains(expected), "{expected} in {shown}");
        }
        for personal in ["ada@example.com", "0190a3c4", "\"Ada\""] {
            assert!(!shown.contains(personal), "{personal} in {shown}");
        }
        assert_eq!(text.claim("email"), None);
        assert_eq!(text.claim("iss").as_deref(), Some("http://localhost:3000"));
    }

    #[test]
    fn whatever_is_no_token_says_nothing() {
        for text in [
            "",
            ".",
            "..",
            "a.b.c",
            &"x".repeat(1 << 20),
            "e30.W10.x",
            "\u{0}.\u{1b}",
        ] {
            let said = TokenText::read(text);
            assert!(said.shown_header().is_empty() && said.shown_claims().is_empty());
        }
    }

    #[test]
    fn a_strangers_text_does_not_command_the_terminal() {
        let claims = json!({"iss": "\u{1b}[2J\r\n", "\u{1b}]0;x\u{7}": 1});
        let text = TokenText::read(&token(&json!({"alg": "\u{1b}[31m"}), &claims));
        let shown = format!(
            "{}{}",
            text.shown_header()[0].1,
            text.claim_names().concat()
        );
        assert!(shown.chars().all(|c| !c.is_control()), "{shown:?}");
        assert!(
            text.shown_claims()
                .iter()
                .all(|(name, value)| !(name.clone() + value).contains('\u{1b}'))
        );
    }
}
