//! Whether links lead somewhere: those of the repository's pages to each other and to sources, and those of the built book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::markdown;

/// What is wrong with links in the repository's Markdown. Those to elsewhere are not followed.
pub(super) fn of_repository(root: &Path) -> io::Result<Vec<String>> {
    let mut pages = Vec::new();
    gather(root, &|path| has_ending(path, "md"), &mut pages)?;
    let texts: BTreeMap<PathBuf, String> = pages
        .into_iter()
        .map(|path| fs::read_to_string(&path).map(|text| (path, text)))
        .collect::<io::Result<_>>()?;
    let mut faults = Vec::new();
    for (page, text) in &texts {
        for link in markdown::links(text) {
            let there = |path: &Path, fragment: &str| {
                let text = texts.get(path)?;
                Some(markdown::anchors(text).contains(fragment))
            };
            if let Some(fault) = judge(page, &link.target, there) {
                let page = page.strip_prefix(root).unwrap_or(page);
                faults.push(format!("{}: {fault}", page.display()));
            }
        }
    }
    Ok(faults)
}

/// How many pages the book has, and what is wrong with their links.
pub(super) fn of_book(html: &Path) -> io::Result<(usize, Vec<String>)> {
    let mut pages = Vec::new();
    // 404.html is shown at any address, so that its links are of another kind.
    let is_page = |path: &Path| has_ending(path, "html") && !path.ends_with("404.html");
    gather(html, &is_page, &mut pages)?;
    let texts: BTreeMap<PathBuf, String> = pages
        .into_iter()
        .map(|path| fs::read_to_string(&path).map(|text| (path, text)))
        .collect::<io::Result<_>>()?;
    let ids: BTreeMap<&Path, BTreeSet<&str>> = texts
        .iter()
        .map(|(path, text)| (path.as_path(), values(text, "id").collect()))
        .collect();
    let mut faults = BTreeSet::new();
    for (page, text) in &texts {
        for target in values(text, "href").chain(values(text, "src")) {
            let there = |path: &Path, fragment: &str| Some(ids.get(path)?.contains(fragment));
            if let Some(fault) = judge(page, target, there) {
                let page = page.strip_prefix(html).unwrap_or(page);
                faults.insert(format!("{}: {fault}", page.display()));
            }
        }
    }
    Ok((texts.len(), faults.into_iter().collect()))
}

/// `there` says whether a page has a fragment, or that it is no page of ours.
fn judge(page: &Path, target: &str, there: impl Fn(&Path, &str) -> Option<bool>) -> Option<String> {
    let is_elsewhere = ["http://", "https://", "mailto:", "data:", "javascript:"]
        .iter()
        .any(|head| target.starts_with(head));
    if is_elsewhere {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => page.to_owned(),
        path => resolve(page.parent()?, path),
    };
    if !path.exists() {
        return Some(format!("{target} is not there"));
    }
    match fragment.is_empty() || there(&path, fragment).unwrap_or(true) {
        true => None,
        false => Some(format!("{target} has no such heading")),
    }
}

fn resolve(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(part) => resolved.push(part),
            _ => {}
        }
    }
    resolved
}

/// The values of an attribute in HTML as mdBook writes it.
fn values<'a>(html: &'a str, attribute: &str) -> impl Iterator<Item = &'a str> {
    let start = format!(" {attribute}=\"");
    let parts: Vec<&str> = html.split(start.as_str()).skip(1).collect();
    parts.into_iter().filter_map(|part| part.split('"').next())
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|it| it == ending)
}

/// Files below `folder` that are wanted; not those that are built or installed.
fn gather(
    folder: &Path,
    wanted: &dyn Fn(&Path) -> bool,
    into: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            let is_ours = !name.starts_with('.') && name != "target" && name != "node_modules";
            if is_ours {
                gather(&path, wanted, into)?;
            }
        } else if wanted(&path) {
            into.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_a_file_or_heading_that_is_not_there_is_told() {
        let folder = std::env::temp_dir().join(format!("xtask-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("docs")).unwrap();
        fs::write(
            folder.join("README.md"),
            "# Here\n[a](docs/a.md#good) [b](docs/a.md#bad) [c](none.md) [d](#here)\n",
        )
        .unwrap();
        fs::write(
            folder.join("docs/a.md"),
            "# Good\n[up](../README.md) [out](https://example.com/none)\n",
        )
        .unwrap();
        let faults = of_repository(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            faults,
            [
                "README.md: docs/a.md#bad has no such heading",
                "README.md: none.md is not there"
            ]
        );
    }

    #[test]
    fn links_of_the_book_are_read_from_its_html() {
        let folder = std::env::temp_dir().join(format!("xtask-html-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(
            folder.join("a.html"),
            r##"<h1 id="x"></h1><a href="#x"></a><a href="b.html#y"></a><img src="c.png">"##,
        )
        .unwrap();
        fs::write(
            folder.join("b.html"),
            r#"<a class="k" href="a.html#x"></a>"#,
        )
        .unwrap();
        let (pages, faults) = of_book(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(pages, 2);
        assert_eq!(
            faults,
            [
                "a.html: b.html#y has no such heading",
                "a.html: c.png is not there"
            ]
        );
    }
}
