use auth_core::Excerpt;

/// A stranger's text, quoted, bounded and without anything that a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    Excerpt::of(text).to_string()
}

/// How much time this is, for people.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// How two texts that should be the same differ, where that is one of the usual ways.
pub(super) fn difference(seen: &str, expected: &str) -> Option<&'static str> {
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    if bare(seen) == bare(expected) {
        return Some("they differ by a trailing slash");
    }
    let (Ok(seen), Ok(expected)) = (url::Url::parse(seen), url::Url::parse(expected)) else {
        return None;
    };
    let is_this_machine =
        |url: &url::Url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let same_port = seen.port_or_known_default() == expected.port_or_known_default();
    if seen.host_str() == expected.host_str() {
        return Some(match (seen.scheme() == expected.scheme(), same_port) {
            (false, _) => "one is http and the other https",
            (true, false) => "they differ by the port",
            (true, true) => "they differ by the path",
        });
    }
    (is_this_machine(&seen) && is_this_machine(&expected) && same_port)
        .then_some("localhost and 127.0.0.1 are two names, and names are compared letter by letter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_differences_are_named() {
        let ours = "http://localhost:3000";
        for (seen, what) in [
            ("http://localhost:3000/", "slash"),
            ("https://localhost:3000", "https"),
            ("http://localhost:3001", "port"),
            ("http://127.0.0.1:3000", "two names"),
            ("http://localhost:3000/api/auth", "path"),
        ] {
            assert!(difference(seen, ours).unwrap().contains(what), "{seen}");
        }
        assert_eq!(difference("https://app.example", ours), None);
        assert_eq!(difference("tasks-api", ours), None);
    }

    #[test]
    fn time_is_told_in_the_unit_that_people_use_for_it() {
        assert_eq!(span(-90), "90 s");
        assert_eq!(span(240), "4 min");
        assert_eq!(span(7 * 86_400), "7 days");
    }
}
