//! `docs/security.md` names a test for everything that it promises. Here it is held to that: every
//! named test is there, no promise is without one, and no published attack is left out.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use auth_core::Denied;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn page() -> String {
    fs::read_to_string(docs().join("security.md")).unwrap()
}

/// Where each reference of the page leads: `[name]: path`.
fn links(page: &str) -> BTreeMap<&str, PathBuf> {
    let definitions = page.lines().filter_map(|line| {
        let (name, path) = line.strip_prefix('[')?.split_once("]: ")?;
        Some((name, docs().join(path)))
    });
    definitions.collect()
}

/// `[test][file]`, wherever the page says it.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let mut named = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("][") {
        let test = before.rsplit_once('[').unwrap().1;
        let (file, after) = after.split_once(']').unwrap();
        if !test.starts_with('`') {
            named.push((test, file));
        }
        rest = after;
    }
    named
}

/// The rows of every table under a heading, until the next heading of any level.
fn rows<'p>(page: &'p str, heading: &str) -> Vec<Vec<&'p str>> {
    let (_, section) = page.split_once(&format!("\n{heading}\n")).expect(heading);
    let table = section.lines().take_while(|line| !line.starts_with('#'));
    let rows = table.filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn every_test_that_the_page_names_exists_where_it_says() {
    let page = page();
    let links = links(&page);
    let mut sources: BTreeMap<&str, String> = BTreeMap::new();
    let mut missing = Vec::new();
    let named = named_tests(&page);
    assert!(named.len() > 150, "{} tests are named", named.len());
    for (test, file) in named {
        let source = sources.entry(file).or_insert_with(|| {
            let path = links
                .get(file)
                .unwrap_or_else(|| panic!("[{file}] leads nowhere"));
            fs::read_to_string(path).unwrap_or_default()
        });
        if !has_test(source, test) {
            missing.push(format!("{test} in {file}"));
        }
    }
    assert!(missing.is_empty(), "not there: {missing:#?}");
    let unused: Vec<_> = links
        .keys()
        .filter(|name| !sources.contains_key(*name))
        .collect();
    assert!(unused.is_empty(), "links that nothing uses: {unused:?}");
}

#[test]
fn every_page_and_file_that_the_page_leads_to_exists() {
    let page = page();
    let inline = page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    // Places are the book's business.
    let inline = inline.map(|(path, _)| path.split('#').next().unwrap());
    let inline = inline.filter(|path| !path.is_empty());
    let inline = inline.map(|path| docs().join(path));
    let targets: BTreeSet<PathBuf> = inline.chain(links(&page).into_values()).collect();
    assert!(targets.len() > 30, "{}", targets.len());
    for target in targets {
        assert!(target.is_file(), "{} is not there", target.display());
    }
}

/// A function of that name right below the attributes that make it a test.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let names_it = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let after_fn = line.strip_prefix("fn ");
        let after_name = after_fn.and_then(|rest| rest.strip_prefix(name));
        after_name.is_some_and(|more| more.starts_with('('))
    };
    let is_attribute = |line: &&&str| line.starts_with("#[");
    lines.iter().enumerate().any(|(at, line)| {
        let mut attributes = lines[..at].iter().rev().take_while(is_attribute);
        names_it(line) && attributes.any(|attribute| attribute.contains("test"))
    })
}

#[test]
fn every_promise_names_its_test() {
    let page = page();
    let mut promises = 0;
    for heading in [
        "### Tokens",
        "### Keys",
        "### Accounts and requests",
        "### Row-level security, before anybody is served",
        "### Published attacks",
        "### josekit's traps",
        "### The life of keys",
        "### Token checks",
    ] {
        let rows = rows(&page, heading);
        assert!(rows.len() >= 8, "{heading} has {} rows", rows.len());
        for row in rows {
            let shown_by = row.last().unwrap();
            assert!(
                !named_tests(shown_by).is_empty(),
                "{heading}: nothing shows {row:?}"
            );
            promises += 1;
        }
    }
    assert!(promises >= 130, "{promises}");
}

/// The features that resource servers were compared by. Taking one off the page would be easy, and
/// is what this test is against.
#[test]
fn every_feature_of_the_comparison_has_its_row() {
    let of_keys = [
        "TTL",
        "honours Cache-Control",
        "refresh-ahead",
        "unknown kid, refetch",
        "cooldown, limit",
        "single flight",
        "caller's cancel kills the fetch",
        "retry",
        "timeout",
        "stale-if-error",
        "max body",
        "redirects",
        "HTTPS needed",
        "bad entry in set",
        "rejects private and symmetric keys",
        "dup kid",
        "discovery",
        "multi-issuer",
        "events, metrics",
        "seed, preload",
    ];
    let of_tokens = [
        "alg policy",
        "key bound to alg",
        "kid missing",
        "skew",
        "exp required",
        "max lifetime",
        "iat in future",
        "aud",
        "typ",
        "crit",
        "token bound",
        "dup JSON names",
        "token cache",
        "negative cache",
        "DPoP",
        "mTLS",
        "introspection, revocation",
        "RFC 6750",
        "RFC 9728",
        "RFC 9068",
        "tokens in more than one place",
        "ships a test issuer",
    ];
    let page = page();
    for (heading, features) in [
        ("### The life of keys", &of_keys[..]),
        ("### Token checks", &of_tokens),
    ] {
        let first_cells: BTreeSet<&str> = rows(&page, heading).iter().map(|row| row[0]).collect();
        for feature in features {
            assert!(
                first_cells.contains(feature),
                "{heading}: {feature} is missing"
            );
        }
    }
}

/// The other direction: a test of a published attack or of a trap that the page forgets to mention.
#[test]
fn every_published_attack_and_every_trap_is_on_the_page() {
    let page = page();
    for (file, heading) in [
        ("cves", "### Published attacks"),
        ("josekit_traps", "### josekit's traps"),
    ] {
        let path = format!("tests/attacks/{file}.rs");
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let tests = source.split("#[test]\nfn ").skip(1);
        let tests: BTreeSet<&str> = tests.map(|test| test.split_once('(').unwrap().0).collect();
        let table = rows(&page, heading);
        let on_page = table
            .iter()
            .flat_map(|row| named_tests(row.last().unwrap()));
        let on_page: BTreeSet<&str> = on_page.map(|(test, _)| test).collect();
        assert_eq!(tests, on_page, "{heading}");
    }
    for row in rows(&page, "### Published attacks") {
        let number = row[0].to_lowercase().replace('-', "_");
        let [(test, _)] = *named_tests(row.last().unwrap()) else {
            panic!("{row:?}");
        };
        assert!(
            test.starts_with(&format!("{number}_")),
            "{number} is shown by {test}"
        );
    }
}

/// Codes in the tables are codes that a refusal can have.
#[test]
fn every_code_on_the_page_is_a_code() {
    let page = page();
    let mut codes = BTreeSet::new();
    for row in rows(&page, "### Tokens") {
        let [_, code, _] = *row else {
            panic!("{row:?}");
        };
        codes.extend(code.split('`').skip(1).step_by(2));
    }
    let all: BTreeSet<&str> = Denied::KINDS.iter().map(|kind| kind.code).collect();
    assert_eq!(
        codes, all,
        "a refusal that the page does not mention, or the other way round"
    );
}
