//! Lays the book out for mdBook. On a repository's site, links from `docs/` to sources lead to them; a book has no sources around
//! it, so it takes along those that it names.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::markdown::{self, Link};

/// Makes `book` anew: `book.toml` and `src`.
pub(super) fn lay_out(root: &Path, book: &Path) -> io::Result<()> {
    let _ = fs::remove_dir_all(book);
    let src = book.join("src");
    fs::create_dir_all(&src)?;
    fs::copy(root.join("docs/book.toml"), book.join("book.toml"))?;
    let mut named = BTreeSet::new();
    for entry in fs::read_dir(root.join("docs"))? {
        let path = entry?.path();
        let to = src.join(path.file_name().unwrap_or_default());
        if path.extension().is_some_and(|it| it == "md") {
            fs::write(to, rewrite(&fs::read_to_string(&path)?, &mut named))?;
        } else if path.is_file() && !path.ends_with("book.toml") {
            fs::copy(path, to)?;
        }
    }
    named
        .iter()
        .try_for_each(|path| take_along(root, &src, path))
}

/// The text with what leads out of `docs/` leading to the book's own copy, and the paths of those.
fn rewrite(text: &str, named: &mut BTreeSet<PathBuf>) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut done = 0;
    for Link { target, start } in markdown::links(text) {
        let Some(path) = outside(&target) else {
            continue;
        };
        rewritten.push_str(&text[done..start]);
        rewritten.push_str(&copy_of(&path));
        done = start + target.len();
        named.insert(path);
    }
    rewritten.push_str(&text[done..]);
    rewritten
}

/// The path below the repository's root of what a page of `docs/` links to outside of it.
fn outside(target: &str) -> Option<PathBuf> {
    let path = target.split('#').next()?.strip_prefix("../")?;
    let path = Path::new(path);
    let is_below = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| path.to_owned())
}

/// Where the book has it, as a text that browsers show. What has `.md` in its name, mdBook would link to as a page.
fn copy_of(path: &Path) -> String {
    let path = path.display().to_string();
    let path = path
        .strip_suffix(".md")
        .map_or(path.clone(), |it| format!("{it}.markdown"));
    format!("source/{path}.txt")
}

/// A file as it is; of a folder, what is in it.
fn take_along(root: &Path, src: &Path, path: &Path) -> io::Result<()> {
    let to = src.join(copy_of(path));
    fs::create_dir_all(to.parent().unwrap_or(src))?;
    let from = root.join(path);
    if from.is_file() {
        return fs::copy(from, to).map(drop);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        names.push(format!("{}{slash}", entry.file_name().to_string_lossy()));
    }
    names.sort();
    let list = names.join("\n");
    fs::write(to, format!("{}/\n\n{list}\n", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_of_the_book_is_taken_along_and_the_rest_stays() {
        let mut named = BTreeSet::new();
        let text =
            "[a](jwks.md) [b](../crates/x.rs#L3), [c](../a/README.md#b)\n\n[d]: ../migrations\n";
        assert_eq!(
            rewrite(text, &mut named),
            "[a](jwks.md) [b](source/crates/x.rs.txt), [c](source/a/README.markdown.txt)\n\n[d]: source/migrations.txt\n"
        );
        let named: Vec<_> = named
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        assert_eq!(named, ["a/README.md", "crates/x.rs", "migrations"]);
        assert_eq!(outside("../../etc/passwd"), None);
    }
}
