use std::fmt;

/// A short piece of somebody else's text, safe to log: bounded in length, printable ASCII, quoted.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt(Box<str>);

impl Excerpt {
    /// How long one text may get, escaped and between its quotes.
    const TEXT_BYTES: usize = 96;
    /// How many texts of a list are kept: enough for all algorithms.
    const LIST_ITEMS: usize = 5;

    /// The beginning of a text.
    pub fn of(text: &str) -> Self {
        let mut shown = String::from("\"");
        for c in text.chars() {
            let escaped = c.escape_default();
            if shown.len() + escaped.len() > 1 + Self::TEXT_BYTES {
                shown.push_str("\"...");
                return Self(shown.into());
            }
            shown.extend(escaped);
        }
        shown.push('"');
        Self(shown.into())
    }

    /// The first few of a list; `nothing` when it is empty.
    pub(crate) fn of_each<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts = texts.into_iter();
        let mut shown: Vec<String> = texts
            .by_ref()
            .take(Self::LIST_ITEMS)
            .map(|text| Self::of(text).to_string())
            .collect();
        if texts.next().is_some() {
            shown.push("...".into());
        }
        match shown.is_empty() {
            true => Self::of_kind("nothing"),
            false => Self(shown.join(", ").into()),
        }
    }

    /// A value that is no text, by what it is instead (`a number`, `nothing`).
    pub(crate) fn of_kind(kind: &'static str) -> Self {
        Self(kind.into())
    }

    /// The excerpt as it is logged, with its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_quoted_escaped_and_bounded() {
        assert_eq!(
            Excerpt::of("https://app.example").as_str(),
            "\"https://app.example\""
        );
        assert_eq!(
            Excerpt::of("a\"\\\r\n\u{1b}").as_str(),
            r#""a\"\\\r\n\u{1b}""#
        );
        assert_eq!(
            Excerpt::of("\u{430}\u{202e}").as_str(),
            r#""\u{430}\u{202e}""#
        );
        assert_eq!(
            Excerpt::of(&"a".repeat(96)).as_str(),
            format!("\"{}\"", "a".repeat(96))
        );
        assert_eq!(
            Excerpt::of(&"a".repeat(97)).as_str(),
            format!("\"{}\"...", "a".repeat(96))
        );
        assert!(Excerpt::of(&"\u{10ffff}".repeat(5000)).as_str().len() <= 101);

        assert_eq!(Excerpt::of_each([]).as_str(), "nothing");
        assert_eq!(Excerpt::of_each(["a", "b"]).as_str(), r#""a", "b""#);
        assert_eq!(
            Excerpt::of_each(["a"; 6]).as_str(),
            r#""a", "a", "a", "a", "a", ..."#
        );
    }
}
