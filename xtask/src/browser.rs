//! A browser of the Chromium family for the browser tests: found, or installed where that can be done
//! without asking.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::apt;
use crate::board::Step;
use crate::context::{Context, Stop};
use crate::job;
use crate::node::npm;

/// The browser's program. On Debian, as root, it is installed with apt; elsewhere Playwright fetches its own.
pub(crate) fn find_or_install(
    context: &Context,
    step: &Step<'_>,
) -> Result<(PathBuf, String), Stop> {
    if let Some(found) = find() {
        let note = found.display().to_string();
        return Ok((found, note));
    }
    let commands = install_commands(context);
    let by_hand = "no browser for the browser tests, and it could not be installed; \
                   on Debian and its kin run `apt-get install chromium` as root, elsewhere \
                   `npx playwright-core install chromium` in services/web, \
                   or name one: E2E_BROWSER=/path/to/chrome";
    let mut note = String::new();
    for command in commands {
        note = job::describe(&command);
        job::run_quietly(context, step, command).map_err(|stop| match stop {
            Stop::Failed(text) => Stop::failed(format!("{by_hand}\n{text}")),
            other => other,
        })?;
    }
    find()
        .map(|found| (found, note))
        .ok_or_else(|| Stop::failed(by_hand))
}

fn install_commands(context: &Context) -> Vec<Command> {
    if apt::can_install() {
        return apt::commands(&["chromium"]);
    }
    vec![npm(
        &context.web(),
        &["exec", "--", "playwright-core", "install", "chromium"],
    )]
}

/// `E2E_BROWSER` if set, else the first one that is where browsers are.
fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("E2E_BROWSER").filter(|path| !path.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = NAMES
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |dir| dir.join(name)));
    let well_known = WELL_KNOWN.iter().map(PathBuf::from);
    on_path
        .chain(well_known)
        .chain(playwrights_own())
        .find(|program| program.is_file())
}

const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
];

const WELL_KNOWN: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
];

/// What Playwright has downloaded, the newest first.
fn playwrights_own() -> Vec<PathBuf> {
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let folder = env::var_os("PLAYWRIGHT_BROWSERS_PATH")
        .map(PathBuf::from)
        .unwrap_or_else(|| match env::consts::OS {
            "macos" => home.join("Library/Caches/ms-playwright"),
            "windows" => {
                PathBuf::from(env::var_os("LOCALAPPDATA").unwrap_or_default()).join("ms-playwright")
            }
            _ => home.join(".cache/ms-playwright"),
        });
    browsers_in(&folder)
}

/// `chromium-1234/chrome-linux/chrome` and its kin.
fn browsers_in(folder: &Path) -> Vec<PathBuf> {
    let mut builds: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let number = entry
                .file_name()
                .to_str()?
                .strip_prefix("chromium-")?
                .parse()
                .ok()?;
            Some((number, entry.path()))
        })
        .collect();
    builds.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let programs = [
        "chrome-linux/chrome",
        "chrome-linux64/chrome",
        "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
        "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chrome-win/chrome.exe",
        "chrome-win64/chrome.exe",
    ];
    builds
        .iter()
        .flat_map(|(_, build)| programs.iter().map(move |program| build.join(program)))
        .filter(|program| program.is_file())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_browser_that_playwright_fetched_comes_first() {
        let folder = env::temp_dir().join(format!("xtask-browsers-{}", std::process::id()));
        for build in [
            "chromium-999",
            "chromium-1200",
            "chromium_headless_shell-1300",
        ] {
            let program = folder.join(build).join("chrome-linux/chrome");
            fs::create_dir_all(program.parent().unwrap()).unwrap();
            fs::write(program, "").unwrap();
        }
        fs::create_dir_all(folder.join("chromium-1400")).unwrap();
        let found = browsers_in(&folder);
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(&folder).unwrap().display().to_string())
            .collect();
        assert_eq!(
            names,
            [
                "chromium-1200/chrome-linux/chrome",
                "chromium-999/chrome-linux/chrome"
            ]
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
