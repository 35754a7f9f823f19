use std::{fs, path::Path};

/// A Rust file without its comments and its tests.
pub struct Source {
    /// Relative to the package's `src`.
    pub name: String,
    /// The code; each literal text is an empty one.
    pub code: String,
    /// The literal texts; those of one statement, such as the pieces of a `concat!`, are one.
    pub texts: Vec<String>,
}

/// A function that other crates can call.
pub struct Function<'a> {
    pub name: &'a str,
    /// Everything after the arrow.
    pub returns: &'a str,
}

impl Source {
    pub fn all_below(folder: &Path) -> Vec<Self> {
        let (mut sources, mut tests) = (Vec::new(), Vec::new());
        collect(folder, "", &mut sources, &mut tests);
        sources.retain(|source| !tests.contains(&source.name));
        sources
    }

    fn parse(name: String, text: &str) -> Self {
        let mut source = Self {
            name,
            code: String::new(),
            texts: Vec::new(),
        };
        let mut rest = without_tests(text);
        let mut statement = String::new();
        while let Some(c) = rest.chars().next() {
            if rest.starts_with("//") {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            } else if rest.starts_with("/*") {
                rest = after_block_comment(rest);
            } else if let Some((literal, after)) = literal(rest, source.code.chars().next_back()) {
                source.code.push_str("\"\"");
                statement.push_str(literal);
                rest = after;
            } else if c == '\'' {
                // A character, or the name of a lifetime.
                let mut after = rest.chars().skip(1);
                let is_character = match after.next() {
                    Some('\\') => true,
                    _ => after.next() == Some('\''),
                };
                let skipped = if is_character {
                    let escaped = usize::from(rest.starts_with("'\\")) * 2;
                    let end = rest[1 + escaped..].find('\'').unwrap();
                    1 + escaped + end + 1
                } else {
                    1
                };
                source.code.push(' ');
                rest = &rest[skipped..];
            } else {
                if matches!(c, ';' | '{' | '}') && !statement.is_empty() {
                    source.texts.push(std::mem::take(&mut statement));
                }
                source.code.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        source
            .texts
            .extend((!statement.is_empty()).then_some(statement));
        source
    }

    /// Whether the code has this word, or this path, in it.
    pub fn names(&self, word: &str) -> bool {
        names(&self.code, word)
    }

    pub fn public_functions(&self) -> impl Iterator<Item = Function<'_>> {
        let public = self.code.split("pub ").skip(1);
        public.filter_map(|item| {
            let signature = item.split(['{', ';']).next()?;
            let (qualifiers, function) = signature.split_once("fn ")?;
            let is_function = qualifiers
                .split_whitespace()
                .all(|it| ["const", "async"].contains(&it));
            let name = function.split(['(', '<']).next()?;
            let returns = function.split_once("->").map_or("", |(_, returns)| returns);
            is_function.then_some(Function { name, returns })
        })
    }
}

/// Whether `code` has `word` in it, and not only as a part of a longer one.
pub fn names(code: &str, word: &str) -> bool {
    let part_of_name = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
    code.match_indices(word).any(|(at, _)| {
        !part_of_name(code[..at].chars().next_back())
            && !part_of_name(code[at + word.len()..].chars().next())
    })
}

/// Also the names of files that are for tests alone, as those that declare them say.
fn collect(folder: &Path, below: &str, sources: &mut Vec<Source>, tests: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = format!("{below}{file}");
        if path.is_dir() && file != "tests" {
            collect(&path, &format!("{name}/"), sources, tests);
        } else if file.ends_with(".rs") && file != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let inside = match file {
                "lib.rs" | "main.rs" | "mod.rs" => below.to_owned(),
                _ => format!("{}/", name.trim_end_matches(".rs")),
            };
            tests.extend(test_modules(&text).map(|module| format!("{inside}{module}.rs")));
            sources.push(Source::parse(name, &text));
        }
    }
}

/// Tests come last in a file. One that only declares a file of tests goes on.
fn without_tests(text: &str) -> &str {
    let end = text
        .match_indices("\n#[cfg(test)]\n")
        .find_map(|(at, line)| {
            let after = text[at + line.len()..].trim_start();
            // Between the two may be an `#[expect(…)]`.
            let module =
                after.starts_with("mod ") || after.starts_with("#[") && after.contains("\nmod ");
            (module && declared(after).is_none()).then_some(at)
        });
    &text[..end.unwrap_or(text.len())]
}

/// `tests` for each `#[cfg(test)] mod tests;`.
fn test_modules(text: &str) -> impl Iterator<Item = &str> {
    text.split("#[cfg(test)]\n").skip(1).filter_map(declared)
}

fn declared(item: &str) -> Option<&str> {
    let (name, _) = item.trim_start().strip_prefix("mod ")?.split_once(';')?;
    name.chars()
        .all(|c| c == '_' || c.is_alphanumeric())
        .then_some(name)
}

fn after_block_comment(text: &str) -> &str {
    let mut depth = 0;
    let mut rest = text;
    loop {
        let (step, change) = match rest {
            rest if rest.starts_with("/*") => (2, 1),
            rest if rest.starts_with("*/") => (2, -1),
            rest => (rest.chars().next().map_or(0, char::len_utf8), 0),
        };
        depth += change;
        rest = &rest[step..];
        if depth == 0 || rest.is_empty() {
            return rest;
        }
    }
}

/// A literal text at the beginning of `text`, and what comes after it.
fn literal(text: &str, before: Option<char>) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = rest.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })?;
        return Some((&rest[..end], &rest[end + 1..]));
    }
    let raw = text.strip_prefix('r')?;
    let inside_a_name =
        before.is_some_and(|c| (c == '_' || c.is_alphanumeric()) && !"bc".contains(c));
    let quoted = raw.trim_start_matches('#');
    let rest = quoted.strip_prefix('"').filter(|_| !inside_a_name)?;
    let end = format!("\"{}", "#".repeat(raw.len() - quoted.len()));
    let (literal, after) = rest.split_once(&end)?;
    Some((literal, after))
}

#[test]
fn comments_texts_and_tests_are_told_from_code() {
    let source = Source::parse(
        "x.rs".to_owned(),
        r####"//! env::var in a comment
/* and /* nested */ env::var */
const A: &str = concat!("one env::var // no comment \" ", m!(), r#"two "quoted" {"#);
fn f<'a>(x: &'a str) -> char { let quote = '"'; let tick = '\''; g(b"three") }
pub async fn made() -> Option<Identity> { h(); }
pub struct S;
#[cfg(test)]
mod tests {
    use std::env;
}
"####,
    );
    assert_eq!(
        source.texts,
        [r#"one env::var // no comment \" two "quoted" {"#, "three"]
    );
    assert!(!source.names("env"), "{}", source.code);
    assert!(source.names("quote") && source.names("m!") && !source.names("quot"));
    let functions: Vec<_> = source
        .public_functions()
        .map(|it| (it.name, it.returns.trim()))
        .collect();
    assert_eq!(functions, [("made", "Option<Identity>")]);
}

#[test]
fn what_comes_after_a_declared_file_of_tests_is_code() {
    let text = "//! About\n#[cfg(test)]\nmod walls;\n\nconst A: &str = \"one\";\n\n#[cfg(test)]\nmod tests {\n    const B: &str = \"two\";\n}\n";
    let source = Source::parse("sql.rs".to_owned(), text);
    assert_eq!(source.texts, ["one"]);
    assert_eq!(test_modules(text).collect::<Vec<_>>(), ["walls"]);
}
