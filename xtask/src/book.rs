//! The book: `docs/`, built by mdBook without a warning, and no link in it or to it that leads nowhere.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cargo::target;
use crate::checks::{Check, Transcript};
use crate::context::Stop;
use crate::test::Outcome;
use crate::tools;

mod links;
mod markdown;
mod quotes;
mod stage;

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let context = check.context;
    let root = &context.root;
    let mut faults = links::of_repository(root).map_err(Stop::failed)?;
    faults.extend(quotes::judge(root).map_err(Stop::failed)?);
    faults.extend(unlisted(root).map_err(Stop::failed)?);
    faults.extend(unexplained(root)?);
    complain(&faults)?;

    let tools = match tools::find_or_install(context)? {
        Ok(tools) => tools,
        Err(reason) => return Ok(Outcome::NotRun(reason)),
    };
    let book = target(context).join("book");
    stage::lay_out(root, &book).map_err(Stop::failed)?;
    let transcript = Transcript::default();
    let building = Check {
        context,
        transcript: &transcript,
    };
    let mut build = tools.command("mdbook");
    build.arg("build").arg(&book);
    building.run_as("mdbook build", build)?;
    let warnings: Vec<String> = transcript
        .lines()
        .into_iter()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"))
        .collect();
    complain(&warnings)?;

    let html = book.join("html");
    let (pages, faults) = links::of_book(&html).map_err(Stop::failed)?;
    complain(&faults)?;
    Ok(Outcome::Passed(format!("{pages} pages")))
}

fn complain(faults: &[String]) -> Result<(), Stop> {
    match faults {
        [] => Ok(()),
        faults => Err(Stop::Failed(format!(
            "{} to mend:\n{}",
            faults.len(),
            faults.join("\n")
        ))),
    }
}

/// Pages that nobody comes by who reads from top to bottom.
fn unlisted(root: &Path) -> io::Result<Vec<String>> {
    let docs = root.join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md"))?;
    let listed: Vec<String> = markdown::links(&summary)
        .into_iter()
        .map(|link| link.target)
        .collect();
    let mut faults = Vec::new();
    for entry in fs::read_dir(docs)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") && name != "SUMMARY.md" && !listed.contains(&name) {
            faults.push(format!("docs/SUMMARY.md: no line for {name}"));
        }
    }
    Ok(faults)
}

/// The answers that an operator is asked about: each has a section of its own in troubleshooting.md.
fn unexplained(root: &Path) -> Result<Vec<String>, Stop> {
    let read = |path: PathBuf| {
        fs::read_to_string(&path)
            .map_err(|error| Stop::failed(format!("{}: {error}", path.display())))
    };
    let problems = read(root.join("docs/problems.md"))?;
    let explained = markdown::anchors(&read(root.join("docs/troubleshooting.md"))?);
    let codes = problems.split("\n## ").filter(|section| {
        ["401 ", "403 ", "429 ", "500 ", "503 "]
            .iter()
            .any(|status| section.starts_with(status))
    });
    let codes = codes.flat_map(|section| section.split("\n### `").skip(1));
    Ok(codes
        .filter_map(|section| section.split('`').next())
        .filter(|code| !explained.contains(*code))
        .map(|code| format!("docs/troubleshooting.md: no section for {code}"))
        .collect())
}
