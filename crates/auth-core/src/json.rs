//! Strict reading of the JSON inside tokens and key sets.
//!
//! RFC 7515 §4 and RFC 7519 §4 let a parser either refuse duplicate names or take the last one.
//! Two readers of one token that choose differently see two different tokens, so here they are
//! refused, at every depth.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::excerpt::Excerpt;

/// Reads one JSON object, and nothing but that object, in UTF-8 and with unique names throughout.
pub(crate) fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?;
    // A derived `Deserialize` would read an array as well, member by member.
    if !text.trim_start_matches(WHITE_SPACE).starts_with('{') {
        return Err(Fault::NotAnObject);
    }
    // The parser's own message may quote the input: only its kind is passed on.
    serde_json::from_str::<UniqueNames>(text).map_err(|error| match error.is_data() {
        true => Fault::DuplicateName,
        false => Fault::NotJson,
    })?;
    serde_json::from_str(text).map_err(|_| Fault::NotJson)
}

/// What is wrong with a text that should have been a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotUtf8,
    NotAnObject,
    NotJson,
    DuplicateName,
}

impl Fault {
    /// The fault as a phrase; what it is about is said before it.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not utf-8",
            Self::NotAnObject => "not a json object",
            Self::NotJson => "not json",
            Self::DuplicateName => "a name stands twice in one object",
        }
    }
}

/// One member of an object. Unlike an `Option` it tells `null` from nothing.
#[derive(Default)]
pub(crate) enum Member {
    #[default]
    Absent,
    Is(Value),
}

impl Member {
    pub(crate) fn is_present(&self) -> bool {
        matches!(self, Self::Is(_))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Is(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// What it is, for a message that may quote it.
    pub(crate) fn excerpt(&self) -> Excerpt {
        match self.as_str() {
            Some(text) => Excerpt::of(text),
            None => Excerpt::of_kind(self.kind()),
        }
    }

    /// What it is, for a message that must not quote it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Absent => "nothing",
            Self::Is(Value::Null) => "null",
            Self::Is(Value::Bool(_)) => "a boolean",
            Self::Is(Value::Number(_)) => "a number",
            Self::Is(Value::String(_)) => "a string",
            Self::Is(Value::Array(_)) => "an array",
            Self::Is(Value::Object(_)) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::Is)
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Walks any JSON value, keeps nothing, and fails where an object has one name twice.
struct UniqueNames;

impl<'de> Deserialize<'de> for UniqueNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for UniqueNames {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names: Vec<Cow<'de, str>> = Vec::new();
        while let Some((Name(name), Self)) = map.next_entry()? {
            names.push(name);
        }
        // Sorting once keeps an object of a thousand names as cheap as it is long.
        names.sort_unstable();
        match names.windows(2).any(|pair| pair[0] == pair[1]) {
            true => Err(A::Error::custom("duplicate name")),
            false => Ok(self),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while let Some(Self) = seq.next_element()? {}
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }
}

/// A member name after unescaping (`"\u0061"` is `"a"`), borrowed where nothing was escaped.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    fn fault(text: &str) -> Option<Fault> {
        object::<IgnoredAny>(text.as_bytes()).err()
    }

    #[test]
    fn one_object_with_unique_names_is_read() {
        for good in [
            "{}",
            " \t\r\n{\"a\":1,\"b\":[{\"a\":2},{\"a\":3}],\"c\":{\"a\":null}} \n",
            r#"{"a":true,"A":false,"":"","é":1.5e3,"n":-1}"#,
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn a_name_twice_is_refused_at_every_depth_and_in_every_spelling() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"c":3,"a":4}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[[{"a":1,"a":2}]]}"#,
            r#"{"":1,"":2}"#,
        ] {
            assert_eq!(fault(bad), Some(Fault::DuplicateName), "{bad}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (bad, why) in [
            ("", Fault::NotAnObject),
            ("[]", Fault::NotAnObject),
            (r#"["EdDSA","kid"]"#, Fault::NotAnObject),
            ("null", Fault::NotAnObject),
            ("\u{feff}{}", Fault::NotAnObject),
            ("\u{a0}{}", Fault::NotAnObject),
            ("{", Fault::NotJson),
            ("{}{}", Fault::NotJson),
            ("{} x", Fault::NotJson),
            ("{\"a\":1,}", Fault::NotJson),
            ("{'a':1}", Fault::NotJson),
            ("{\"a\":NaN}", Fault::NotJson),
            ("{\"a\":1e400}", Fault::NotJson),
            ("{\"a\":01}", Fault::NotJson),
            (r#"{"a":"\ud800"}"#, Fault::NotJson),
            (r#"{"\udc00":1}"#, Fault::NotJson),
            ("{\"a\":\"\n\"}", Fault::NotJson),
            ("{\"a\":1}\0", Fault::NotJson),
        ] {
            assert_eq!(fault(bad), Some(why), "{bad:?}");
        }
        let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(object::<IgnoredAny>(&utf16).err(), Some(Fault::NotJson));
        for not_utf8 in [
            &b"{\"a\":\"\xff\"}"[..],
            b"{\"a\":\"\xc0\xaf\"}",
            b"{\"\xed\xa0\x80\":1}",
        ] {
            assert_eq!(object::<IgnoredAny>(not_utf8).err(), Some(Fault::NotUtf8));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
        assert_eq!(fault(&deep), Some(Fault::NotJson));
    }

    #[test]
    fn null_is_told_from_nothing() {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Two {
            a: Member,
            b: Member,
        }
        let two: Two = object(br#"{"a":null}"#).unwrap();
        assert_eq!((two.a.kind(), two.b.kind()), ("null", "nothing"));
        assert!(two.a.is_present() && !two.b.is_present());
    }
}
