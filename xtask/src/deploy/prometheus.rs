//! Alert rules and dashboard: promtool reads every expression and runs the rules' tests, and each metric is one that the book
//! knows.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use super::{Deploy, dashboard};
use crate::apt;
use crate::cargo::{on_path, target};
use crate::context::Stop;
use crate::job;

pub(super) fn look(step: &Deploy<'_>) -> Result<bool, Stop> {
    let root = &step.check.context.root;
    let read = |path: &str| {
        fs::read_to_string(root.join(path))
            .map_err(|error| Stop::failed(format!("{path}: {error}")))
    };
    let dashboard = read("deploy/grafana/drawbridge.json")?;
    let expressions = dashboard::expressions(&dashboard);
    let mut book = String::new();
    for page in ["operations", "jwks", "revocation", "data-model"] {
        book.push_str(&read(&format!("docs/{page}.md"))?);
    }
    let rules = read("deploy/prometheus/rules.yaml")?;
    let unknown = dashboard::unknown(&format!("{rules}\n{}", expressions.join("\n")), &book);
    if !unknown.is_empty() {
        return Err(Stop::failed(format!(
            "the book knows no metric {}",
            unknown.join(", ")
        )));
    }
    let mut sources = String::new();
    for folder in ["crates", "services/api-server/src"] {
        read_sources(&root.join(folder), &mut sources).map_err(Stop::failed)?;
    }
    let asked_for = dashboard::metrics(&format!("{rules}\n{}", expressions.join("\n")));
    let unmade = |name: &&String| !sources.contains(&format!("\"{name}\""));
    if let Some(name) = asked_for.iter().find(unmade) {
        return Err(Stop::failed(format!("nothing counts {name}")));
    }

    let Some(promtool) = find_or_unpack(step)? else {
        return Ok(false);
    };
    let promtool = |arguments: &[&str]| step.run(Command::new(&promtool), arguments);
    promtool(&["check", "config", "deploy/prometheus/scrape.yaml"])?;
    promtool(&["test", "rules", "deploy/prometheus/rules.test.yaml"])?;
    let file = step.scratch.join("dashboard.yaml");
    fs::write(&file, dashboard::as_rules(&expressions)).map_err(Stop::failed)?;
    promtool(&["check", "rules", &file.to_string_lossy()])?;
    Ok(true)
}

/// Debian's package without installing it: that would start a server.
fn find_or_unpack(step: &Deploy<'_>) -> Result<Option<PathBuf>, Stop> {
    if on_path("promtool") {
        return Ok(Some("promtool".into()));
    }
    let context = step.check.context;
    let folder = target(context).join("promtool");
    let program = folder.join("usr/bin/promtool");
    if program.is_file() {
        return Ok(Some(program));
    }
    if env::consts::OS != "linux" || !apt::can_install() {
        return Ok(None);
    }
    fs::create_dir_all(&folder).map_err(Stop::failed)?;
    let quietly = |mut command: Command, arguments: &[&str]| {
        command.args(arguments).current_dir(&folder);
        let name = job::describe(&command);
        let output = command
            .output()
            .map_err(|error| Stop::failed(format!("cannot run `{name}`: {error}")))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(Stop::failed(format!(
                "`{name}` failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            ))),
        }
    };
    let download = || {
        quietly(
            Command::new("apt-get"),
            &["--quiet", "download", "prometheus"],
        )
    };
    if download().is_err() {
        quietly(Command::new("apt-get"), &["--quiet", "update"])?;
        download()?;
    }
    let package = package_in(&folder)?;
    let archive = package.to_string_lossy();
    quietly(Command::new("dpkg-deb"), &["--extract", &archive, "."])?;
    // The server itself is not needed, nor is the archive.
    let _ = fs::remove_file(folder.join("usr/bin/prometheus"));
    let _ = fs::remove_file(&package);
    Ok(Some(program))
}

fn read_sources(folder: &Path, into: &mut String) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("tests") {
            read_sources(&path, into)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(())
}

fn package_in(folder: &Path) -> Result<PathBuf, Stop> {
    let entries = fs::read_dir(folder).map_err(Stop::failed)?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|it| it == "deb"))
        .ok_or_else(|| Stop::failed("apt-get download left no package"))
}
