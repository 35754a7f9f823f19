//! Code in the book is tested where it lives. A block that says where it is from (```rust path/to/file.rs) is there, word for
//! word; what else a newcomer types is in the README, and Rust is never without a source.

use std::path::Path;
use std::{fs, io};

/// What is wrong with the code of the pages in `docs/`.
pub(super) fn judge(root: &Path) -> io::Result<Vec<String>> {
    let readme = fs::read_to_string(root.join("README.md"))?;
    let mut faults = Vec::new();
    for entry in fs::read_dir(root.join("docs"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|it| it != "md") {
            continue;
        }
        let page = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        for block in blocks(&fs::read_to_string(&path)?) {
            if let Some(fault) = fault_of(root, &readme, &page, &block) {
                faults.push(format!("{page}:{}: {fault}", block.line));
            }
        }
    }
    Ok(faults)
}

#[derive(Debug, PartialEq, Eq)]
struct Block {
    line: usize,
    language: String,
    source: Option<String>,
    text: String,
}

fn fault_of(root: &Path, readme: &str, page: &str, block: &Block) -> Option<String> {
    let Block {
        language,
        source,
        text,
        ..
    } = block;
    // Of a diff, what it adds is looked at by the test of that page.
    let source = source.as_ref().filter(|_| language != "diff");
    match (language.as_str(), source) {
        (_, Some(source)) => match fs::read_to_string(root.join(source)) {
            Ok(file) if file.contains(text) => None,
            Ok(_) => Some(format!("this is not in {source}")),
            Err(error) => Some(format!("{source}: {error}")),
        },
        ("rust", None) => Some("Rust is quoted from a file that is tested: name it".to_owned()),
        ("sh", None) if page.ends_with("quickstart.md") && !readme.contains(text) => {
            Some("these commands are not in README.md, where they are tried".to_owned())
        }
        _ => None,
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (number, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(info) => {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default();
                is_open = true;
                blocks.push(Block {
                    line: number + 1,
                    language: language.split(',').next().unwrap_or_default().to_owned(),
                    source: words.next().map(str::to_owned),
                    text: String::new(),
                });
            }
            None => {
                if let Some(block) = blocks.last_mut().filter(|_| is_open) {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_held_to_the_file_that_it_names() {
        let folder = std::env::temp_dir().join(format!("xtask-quotes-{}", std::process::id()));
        fs::create_dir_all(folder.join("docs")).unwrap();
        fs::write(folder.join("README.md"), "```sh\nrun it\n```\n").unwrap();
        fs::write(folder.join("a.rs"), "fn a() {\n    b();\n}\n").unwrap();
        fs::write(
            folder.join("docs/quickstart.md"),
            "```sh\nrun it\n```\n```sh\nrun that\n```\n",
        )
        .unwrap();
        fs::write(
            folder.join("docs/x.md"),
            "```rust a.rs\n    b();\n```\n```rust a.rs\n    c();\n```\n```rust\nd();\n```\n```sh\nanything\n```\n",
        )
        .unwrap();
        let mut faults = judge(&folder).unwrap();
        faults.sort();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            faults,
            [
                "docs/quickstart.md:4: these commands are not in README.md, where they are tried",
                "docs/x.md:4: this is not in a.rs",
                "docs/x.md:7: Rust is quoted from a file that is tested: name it",
            ]
        );
    }
}
