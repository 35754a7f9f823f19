//! nginx and HAProxy in front of two servers: the tests of `tests/e2e` that want both programs.

use std::env;
use std::ffi::OsString;

use dev_postgres::{Postgres, Source};

use crate::apt;
use crate::board::{Board, Step};
use crate::cargo::{cargo_with_openssl, on_path};
use crate::checks::Check;
use crate::context::{Context, Stop};
use crate::terminal::line;
use crate::test::Outcome;

const PROGRAMS: [&str; 2] = ["nginx", "haproxy"];

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let context = check.context;
    if !missing().is_empty() && !apt::can_install() {
        return Ok(Outcome::NotRun(format!(
            "not installed: {}",
            missing().join(", ")
        )));
    }
    Board::with(context.terminal, |board| {
        board.step("nginx and haproxy", |step| find_or_install(context, step))
    })?;

    let source = Source::from_env().map_err(Stop::failed)?;
    let postgres =
        Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
    // As the Rust tests are built, so that nothing is compiled a second time but the tests themselves.
    let built = ["--workspace", "--test=it", "--features=e2e/proxies"];
    let mut command = match on_path("cargo-nextest") {
        true => {
            let mut command = cargo_with_openssl(context, &["nextest", "run"]);
            command.args(built);
            command.args(["-E", "package(e2e) & test(/^proxies::/)"]);
            command
        }
        false => {
            let mut command = cargo_with_openssl(context, &["test"]);
            command.args(built).args(["--", "proxies::"]);
            command
        }
    };
    command.env("TEST_DATABASE_URL", postgres.url());
    check.run(command)?;
    postgres.stop().map_err(Stop::failed)?;
    Ok(Outcome::Passed(String::new()))
}

fn find_or_install(context: &Context, step: &Step<'_>) -> Result<((), String), Stop> {
    let wanted = missing();
    if !wanted.is_empty() {
        apt::install(context, step, &wanted)?;
    }
    match missing().as_slice() {
        [] => Ok(((), String::new())),
        missing => Err(Stop::failed(format!(
            "installed, and not found: {}",
            missing.join(", ")
        ))),
    }
}

/// Debian keeps servers where only root looks.
fn missing() -> Vec<&'static str> {
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .collect();
    PROGRAMS
        .into_iter()
        .filter(|program| !folders.iter().any(|folder| folder.join(program).is_file()))
        .collect()
}
