//! The TypeScript client: what is made of the API's documents, what it does by itself, and what it does with real servers.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dev_postgres::{Postgres, Source};

use crate::cargo::{api_server, cargo_with_openssl};
use crate::checks::Check;
use crate::context::Stop;
use crate::node::npm;
use crate::terminal::line;
use crate::test::Outcome;

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let folder = check.context.client();
    generated(check, &folder)?;
    check.npm(&folder, &["lint", "typecheck", "test", "build", "size"])?;
    with_servers(check, &folder)
}

/// Makes everything anew that follows from the API's documents, and compares.
fn generated(check: &Check<'_>, folder: &Path) -> Result<(), Stop> {
    let sources = folder.join("src");
    let read = || {
        files_in(&sources)
            .map_err(|error| Stop::failed(format!("reading {}: {error}", sources.display())))
    };
    let before = read()?;
    check.npm(folder, &["generate"])?;
    let after = read()?;
    if before == after {
        return Ok(());
    }
    let changed = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(*text));
    let names: Vec<_> = changed
        .map(|(path, _)| path.display().to_string())
        .collect();
    Err(Stop::failed(format!(
        "the generated client was out of date; it is renewed now, take it along: {}",
        names.join(", ")
    )))
}

/// The tests that start a Better Auth and the API, on a throw-away database.
fn with_servers(check: &Check<'_>, folder: &Path) -> Result<Outcome, Stop> {
    let context = check.context;
    check.run(cargo_with_openssl(
        context,
        &["build", "--package", "api-server"],
    ))?;
    let source = Source::from_env().map_err(Stop::failed)?;
    let postgres =
        Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
    let mut command = npm(folder, &["run", "test:server"]);
    context.terminal.pass_on(&mut command);
    command
        .env("DATABASE_MIGRATION_URL", postgres.url())
        .env("API_SERVER", api_server(context));
    let result = check.run(command);
    postgres.stop().map_err(Stop::failed)?;
    result
}

/// Every file below a folder with its contents.
fn files_in(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            let contents = fs::read(&path)?;
            files.insert(path, contents);
        }
    }
    Ok(files)
}
