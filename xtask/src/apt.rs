//! Debian's packages, installed where that can be done without asking.

use std::fs;
use std::process::Command;

use dev_postgres::process;

use crate::board::Step;
use crate::context::{Context, Stop};
use crate::job;

/// On Debian, as root. Ubuntu's packages of the same names are others.
pub(crate) fn can_install() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && process::is_root()
}

/// The commands that install these packages and what they need.
pub(crate) fn commands(packages: &[&str]) -> Vec<Command> {
    let install = [&["install", "--yes", "--no-install-recommends"], packages];
    [vec!["update"], install.concat()]
        .into_iter()
        .map(|arguments| {
            let mut command = Command::new("apt-get");
            command
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive");
            command
        })
        .collect()
}

pub(crate) fn install(context: &Context, step: &Step<'_>, packages: &[&str]) -> Result<(), Stop> {
    commands(packages)
        .into_iter()
        .try_for_each(|command| job::run_quietly(context, step, command))
}
