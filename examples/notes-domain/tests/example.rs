//! The example is read from end to end by whoever adds a domain, and quoted by the page that explains how.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn the_whole_domain_has_less_than_250_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
    let lines_of = |path| fs::read_to_string(path).unwrap().lines().count();
    let lines: usize = files.map(lines_of).sum();
    assert!((100..250).contains(&lines), "{lines} lines");
}

#[test]
fn the_walk_through_quotes_code_as_it_is() {
    let quotes = quotes();
    assert!(quotes.len() >= 15, "{} quotes", quotes.len());
    for Quote { file, text } in quotes {
        // Whole lines, one after the other.
        let there = format!("\n{}", read(&file)).contains(&format!("\n{text}"));
        assert!(
            there,
            "docs/adding-a-domain.md quotes what is not in {file}:\n{text}"
        );
    }
}

#[test]
fn the_walk_through_shows_all_but_what_a_file_begins_with() {
    let quotes = quotes();
    for file in ["src/lib.rs", "src/note.rs", "src/store.rs", "notes.sql"] {
        let file = format!("examples/notes-domain/{file}");
        let quoted = quotes.iter().filter(|quote| quote.file == file);
        let quoted: Vec<_> = quoted.flat_map(|quote| quote.text.lines()).collect();
        let text = read(&file);
        let shown = text
            .lines()
            .skip_while(|line| line.is_empty() || !quoted.contains(line));
        let shown: Vec<_> = shown.filter(|line| !line.is_empty()).collect();
        assert!(shown.len() > 10, "{file}");
        let missed = shown.iter().find(|line| !quoted.contains(line));
        assert_eq!(missed, None, "{file}");
    }
}

/// A fenced block of the page. The word after its language names the file that it is from.
struct Quote {
    file: String,
    /// With the end of its last line.
    text: String,
}

fn quotes() -> Vec<Quote> {
    let page = read("docs/adding-a-domain.md");
    let fenced = page.split("\n```").skip(1).step_by(2);
    let quotes = fenced.filter_map(|block| {
        let (info, text) = block.split_once('\n').unwrap();
        let Some((language, file)) = info.split_once(' ') else {
            assert_eq!(info, "sh", "a block that does not name its file:\n{text}");
            return None;
        };
        let text = match language {
            "diff" => before(text),
            _ => format!("{text}\n"),
        };
        let file = file.to_owned();
        Some(Quote { file, text })
    });
    quotes.collect()
}

/// What a change is made to.
fn before(diff: &str) -> String {
    let kept = diff.lines().filter(|line| !line.starts_with('+'));
    let lines = kept.map(|line| format!("{}\n", line.get(1..).unwrap_or_default()));
    lines.collect()
}

fn read(file: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    let text = fs::read_to_string(&path).unwrap();
    text.replace("\r\n", "\n")
}
