//! As much of Markdown as it takes to find links and headings.

use std::collections::BTreeSet;

/// Where a link's target stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) target: String,
    pub(super) start: usize,
}

/// Links in line, `](target)`, and by reference, `[name]: target`; none of those in code.
pub(super) fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (at, line) in prose(text) {
        let visible = without_code(line);
        let mut from = 0;
        while let Some(found) = visible[from..].find("](") {
            let start = from + found + 2;
            let end = visible[start..].find(')').map_or(line.len(), |n| start + n);
            links.push(Link {
                target: line[start..end].to_owned(),
                start: at + start,
            });
            from = end;
        }
        let reference = visible.strip_prefix('[').and_then(|it| it.find("]: "));
        if let Some(name) = reference.filter(|_| !visible.starts_with("[^")) {
            let start = 1 + name + 3;
            links.push(Link {
                target: line[start..].trim_end().to_owned(),
                start: at + start,
            });
        }
    }
    links
}

/// The names under which headings can be linked to.
pub(super) fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let id: String = title
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                ' ' | '-' => Some('-'),
                '_' => Some('_'),
                c if c.is_alphanumeric() => Some(c),
                _ => None,
            })
            .collect();
        let mut unique = id.clone();
        let mut n = 0;
        while !anchors.insert(unique.clone()) {
            n += 1;
            unique = format!("{id}-{n}");
        }
    }
    anchors
}

/// Lines outside of fenced and indented code, with where they begin.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let mut fence: Option<&str> = None;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        let bare = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|it| bare.starts_with(it));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) if !line.starts_with("    ") => {
                return Some((start, line.trim_end_matches(['\n', '\r'])));
            }
            _ => {}
        }
        None
    })
}

/// The line with its spans of code blanked out, byte for byte.
fn without_code(line: &str) -> String {
    let mut bytes = line.as_bytes().to_vec();
    let mut open = None;
    for at in 0..bytes.len() {
        if bytes[at] == b'`' {
            match open.take() {
                None => open = Some(at),
                Some(start) => bytes[start..=at].fill(b'.'),
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(text: &str) -> Vec<String> {
        links(text).into_iter().map(|link| link.target).collect()
    }

    #[test]
    fn links_are_found_in_line_and_by_reference_and_not_in_code() {
        let text = "See [a](a.md#x), [`b`](../b.rs) and `[c](c.md)`.\n\n```sh\n[d](d.md)\n```\n\n[e]: ../e/mod.rs\n";
        assert_eq!(targets(text), ["a.md#x", "../b.rs", "../e/mod.rs"]);
        for link in links(text) {
            assert!(text[link.start..].starts_with(&link.target));
        }
    }

    #[test]
    fn headings_have_the_names_that_mdbook_gives_them() {
        let text = "# The API, and me\n## `token_expired`\n## Twice\n## Twice\n```\n# not one\n```\n#nor this\n";
        let names: Vec<_> = anchors(text).into_iter().collect();
        assert_eq!(
            names,
            ["the-api-and-me", "token_expired", "twice", "twice-1"]
        );
    }
}
