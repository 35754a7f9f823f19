//! `cargo deny`: bans, licences and sources everywhere, advisories where their database can be had.

use std::process::Command;
use std::time::Duration;

use crate::cargo::{cargo, on_path};
use crate::checks::Check;
use crate::context::Stop;
use crate::job::{self, End};
use crate::test::Outcome;
use crate::tools;

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let context = check.context;
    let tools = match on_path("cargo-deny") {
        true => None,
        false => match tools::find_or_install(context)? {
            Ok(tools) => Some(tools),
            Err(reason) => return Ok(Outcome::NotRun(reason)),
        },
    };
    let deny = |arguments: &[&str]| -> Command {
        let arguments = [&["deny"], arguments].concat();
        let mut command = cargo(context, &arguments);
        if let Some(tools) = &tools {
            // Cargo looks for its subcommands on PATH.
            let path = tools.command("cargo-deny");
            let path = path.get_envs().find(|(name, _)| *name == "PATH");
            if let Some((name, Some(value))) = path {
                command.env(name, value);
            }
        }
        command
    };
    check.run(deny(&[
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;

    let fetch = deny(&["fetch", "db"]);
    let reached = job::run(context, fetch, Duration::from_secs(120), &|_| {});
    match reached {
        Ok(End::Status(status)) if status.success() => {
            check.run(deny(&["check", "--disable-fetch", "advisories"]))
        }
        Ok(End::Interrupted) => Err(Stop::Interrupted),
        _ => Ok(Outcome::Passed(
            "without advisories, whose database cannot be reached".to_owned(),
        )),
    }
}
