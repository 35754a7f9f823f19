//! Node and npm: new enough, and packages installed as the lock files say.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::board::Board;
use crate::context::{Context, Stop};
use crate::job;

/// The oldest Node that the web app's framework runs on.
const OLDEST: (u32, u32) = (20, 9);

/// Answers Node's version, or why it will not do.
pub(crate) fn check() -> Result<String, Stop> {
    let wanted = format!(
        "Node {}.{} or newer is needed for the web app",
        OLDEST.0, OLDEST.1
    );
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|error| {
            Stop::failed(format!(
                "{wanted}, and `node` cannot be run: {error}\nget it from https://nodejs.org"
            ))
        })?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match parse_version(&version) {
        Some(found) if found >= OLDEST => Ok(version),
        _ => Err(Stop::failed(format!("{wanted}; this one is {version}"))),
    }
}

/// `npm` with these arguments in `folder`.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(folder);
    // Its errors are enough: warnings are about its own settings, and it has a newer version every week.
    command
        .env("npm_config_loglevel", "error")
        .env("npm_config_update_notifier", "false");
    command
}

/// Installs the packages of the client and of the web app where they are absent or older than the
/// lock file. One after the other: the web app links the client, and npm looks into what it links.
pub(crate) fn install(context: &Context, board: &Board) -> Result<(), Stop> {
    for (label, folder) in [
        ("client packages", context.client()),
        ("web packages", context.web()),
    ] {
        board.step(label, |step| {
            if is_installed(&folder) {
                return Ok(((), "are there".to_owned()));
            }
            let command = npm(&folder, &["ci", "--no-audit", "--no-fund"]);
            job::run_quietly(context, step, command)?;
            Ok(((), "npm ci".to_owned()))
        })?;
    }
    Ok(())
}

/// npm writes this file last, so an interrupted install does not count.
fn is_installed(folder: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    up_to_date(
        changed(&folder.join("node_modules").join(".package-lock.json")),
        changed(&folder.join("package-lock.json")),
    )
}

fn up_to_date(installed: Option<SystemTime>, wanted: Option<SystemTime>) -> bool {
    match (installed, wanted) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        (installed, None) => installed.is_some(),
        (None, Some(_)) => false,
    }
}

/// Reads `v20.9.0`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn node_versions_are_compared_by_number() {
        assert_eq!(parse_version("v20.20.2"), Some((20, 20)));
        assert!(parse_version("v20.10.0").unwrap() > OLDEST);
        assert!(parse_version("v18.99.0").unwrap() < OLDEST);
        assert_eq!(parse_version(""), None);
        assert_eq!(parse_version("20.9.0"), None);
    }

    #[test]
    fn packages_older_than_the_lock_file_are_installed_anew() {
        let old = SystemTime::UNIX_EPOCH;
        let new = old + Duration::from_secs(1);
        assert!(up_to_date(Some(new), Some(old)));
        assert!(up_to_date(Some(new), Some(new)));
        assert!(!up_to_date(Some(old), Some(new)));
        assert!(!up_to_date(None, Some(old)));
        assert!(!up_to_date(None, None));
    }
}
