//! Schemathesis against the running API: it makes requests of all sorts from the OpenAPI document, one by one and in
//! sequences, and holds every answer against what the document promises.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

use dev_postgres::{Postgres, Source};

use crate::apt;
use crate::bench::program::Program;
use crate::board::{Board, Step};
use crate::cargo::{api_server, cargo_with_openssl, example, on_path, target};
use crate::checks::Check;
use crate::context::{Context, Stop};
use crate::secrets::Secrets;
use crate::stack::with_role;
use crate::terminal::line;
use crate::test::Outcome;
use crate::{http, job, ports};

/// Pinned: a later one may look for other things.
const VERSION: &str = "4.32.5";

/// Requests made for each operation, in each phase.
const MOST_EXAMPLES: &str = "25";

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let context = check.context;
    if !on_path("python3") {
        return Ok(Outcome::NotRun(
            "python3 is not installed, which schemathesis is written in".to_owned(),
        ));
    }
    let schemathesis = Board::with(context.terminal, |board| {
        board.step("schemathesis", |step| find_or_install(context, step))
    })?;
    check.run(cargo_with_openssl(
        context,
        &[
            "build",
            "--package=api-server",
            "--package=auth-testkit",
            "--bin=api-server",
            "--example=issuer",
        ],
    ))?;

    let source = Source::from_env().map_err(Stop::failed)?;
    let postgres =
        Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
    let tried = against_api(check, &schemathesis, &postgres);
    postgres.stop().map_err(Stop::failed)?;
    tried
}

fn against_api(
    check: &Check<'_>,
    schemathesis: &Path,
    postgres: &Postgres,
) -> Result<Outcome, Stop> {
    let context = check.context;
    let issuer = Program::start(
        context,
        "the issuer",
        Command::new(example(context, "issuer")),
    )?;
    let (issuer_url, token) = (issuer.line()?, issuer.line()?);

    let secrets = Secrets::new();
    let database = with_role(&postgres.url(), "tasks_api", &secrets.tasks_api_password)
        .ok_or_else(|| Stop::failed("the database's URL has another form than expected"))?;
    let port = ports::free().map_err(Stop::failed)?;
    let api = |verb: &[&str]| {
        let mut command = Command::new(api_server(context));
        job::without_settings(&mut command);
        command
            .args(verb)
            .env("DATABASE_URL", &database)
            .env("DATABASE_MIGRATION_URL", postgres.url())
            .env("BETTER_AUTH_URL", &issuer_url)
            .env("API__SERVER__PORT", port.to_string())
            .env("API__LIMITS__FAILURES_PER_ADDRESS", "off")
            .env("API__LIMITS__REQUESTS_PER_USER", "off")
            .env("API__LOG__FILTER", "error");
        command
    };
    check.run_as("api-server migrate", api(&["migrate", "--grant-login"]))?;
    let _api = Program::start(context, "the API", api(&["serve"]))?;
    wait_for(context, port)?;

    let mut command = Command::new(schemathesis);
    command
        .arg("--config-file")
        .arg(context.root.join("tests").join("schemathesis.toml"))
        .arg("run")
        .arg(format!("http://127.0.0.1:{port}/openapi.json"))
        .arg("--header")
        .arg(format!("Authorization: Bearer {token}"))
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-examples", MOST_EXAMPLES, "--seed", "20261128"])
        .args(["--workers", "1", "--request-timeout", "20"])
        // What it remembers of earlier runs must not decide this one.
        .current_dir(schemathesis.parent().unwrap_or(Path::new(".")))
        .env("PYTHONUNBUFFERED", "1");
    check.run_as("schemathesis run", command)
}

fn wait_for(context: &Context, port: u16) -> Result<(), Stop> {
    let started = Instant::now();
    loop {
        context.go_on()?;
        match http::status(port, "/health/ready", Duration::from_secs(5)) {
            Ok(200) => return Ok(()),
            _ if started.elapsed() > Duration::from_secs(60) => {
                return Err(Stop::failed("the API does not get ready"));
            }
            _ => thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// In a Python environment of its own below `target`.
fn find_or_install(context: &Context, step: &Step<'_>) -> Result<(PathBuf, String), Stop> {
    let folder = target(context).join(format!("schemathesis-{VERSION}"));
    let program = folder.join("bin").join("schemathesis");
    if program.is_file() {
        return Ok((program, VERSION.to_owned()));
    }
    let making = || -> Result<(), Stop> {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        job::run_quietly(context, step, venv)?;
        let mut pip = Command::new(folder.join("bin").join("pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"])
            .arg(format!("schemathesis=={VERSION}"));
        job::run_quietly(context, step, pip)
    };
    if making().is_err() {
        // Debian's python3 comes without the modules that make an environment.
        let _ = fs::remove_dir_all(&folder);
        if apt::can_install() {
            apt::install(context, step, &["python3-venv"])?;
        }
        making()?;
    }
    Ok((program, VERSION.to_owned()))
}
