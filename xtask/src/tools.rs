//! Programs that look at what is no Rust, from `tools/lint/requirements.txt`: in a Python environment of their own below `target`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::apt;
use crate::board::{Board, Step};
use crate::cargo::{on_path, target};
use crate::context::{Context, Stop};
use crate::job;

/// Where they are.
pub(crate) struct Tools(PathBuf);

impl Tools {
    /// A command of one of them. Those that lean on each other find each other.
    pub(crate) fn command(&self, program: &str) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.0.clone()).chain(env::split_paths(&path));
        let mut command = Command::new(self.0.join(program));
        if let Ok(path) = env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
    }
}

/// The tools, or why there are none here.
pub(crate) fn find_or_install(context: &Context) -> Result<Result<Tools, String>, Stop> {
    if !on_path("python3") {
        return Ok(Err(
            "python3 is not installed, which the tools come with".to_owned()
        ));
    }
    Board::with(context.terminal, |board| {
        board.step("tools", |step| in_environment(context, step))
    })
    .map(Ok)
}

fn in_environment(context: &Context, step: &Step<'_>) -> Result<(Tools, String), Stop> {
    let wanted = context.root.join("tools/lint/requirements.txt");
    let folder = target(context).join("lint");
    let installed = folder.join("requirements.txt");
    let tools = Tools(folder.join("bin"));
    let read = |path: &Path| fs::read(path).ok();
    if read(&installed).is_some() && read(&installed) == read(&wanted) {
        return Ok((tools, "are there".to_owned()));
    }
    let _ = fs::remove_dir_all(&folder);
    let making = || -> Result<(), Stop> {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        job::run_quietly(context, step, venv)
    };
    if making().is_err() {
        // Debian's python3 comes without the modules that make an environment.
        let _ = fs::remove_dir_all(&folder);
        if apt::can_install() {
            apt::install(context, step, &["python3-venv"])?;
        }
        making()?;
    }
    let mut pip = Command::new(folder.join("bin").join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .args(["--require-hashes", "--requirement"])
        .arg(&wanted);
    job::run_quietly(context, step, pip)?;
    // Last, so that an interrupted install does not count.
    fs::copy(&wanted, &installed).map_err(Stop::failed)?;
    Ok((tools, "pip install".to_owned()))
}
