//! What each step of `cargo xtask test` does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use dev_postgres::{Binaries, Postgres, Source};

use crate::cargo::{api_server, cargo, cargo_with_openssl, on_path};
use crate::context::{Context, Stop};
use crate::job::{self, End};
use crate::node::npm;
use crate::steps::StepName;
use crate::terminal::{self, line};
use crate::test::Outcome;

/// What api-server is built without unless somebody asks; its tests need it.
pub(crate) const OPTIONAL: &str = "--features=api-server/otel";

/// Parts of those suites that touch a database which are about tokens, keys, settings and words: no version of PostgreSQL matters to
/// them, and together they take as long as the rest.
const OF_NO_DATABASE: &[&str] = &[
    "api_document::",
    "architecture::",
    "configuration::",
    "cross_origin::",
    "doctor::api::",
    "doctor::config::",
    "doctor::frontend::",
    "doctor::hostile::",
    "doctor::keys::",
    "doctor::token::",
    "flood::",
    "issuers::",
    "log::",
    "recurrence::",
    "refusals::",
    "token::",
    "vectors::",
    "verify_jwks::",
    "verify_token::",
];

/// What was set up for all steps.
pub(crate) struct Bench {
    /// The browser, where one is needed; or why there is none.
    pub(crate) browser: Result<Option<PathBuf>, String>,
}

/// All lines that a step's programs have printed.
#[derive(Default)]
pub(crate) struct Transcript(Mutex<Vec<String>>);

impl Transcript {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, line: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line.to_owned());
    }
}

pub(crate) fn run(
    context: &Context,
    bench: &Bench,
    step: StepName,
    transcript: &Transcript,
) -> Result<Outcome, Stop> {
    let check = Check {
        context,
        transcript,
    };
    match step {
        StepName::Format => check.run(cargo(context, &["fmt", "--all", "--check"])),
        StepName::Clippy => {
            let arguments = [
                "clippy",
                "--workspace",
                "--all-targets",
                OPTIONAL,
                "--features=e2e/proxies",
            ];
            let mut command = cargo_with_openssl(context, &arguments);
            command.args(["--", "--deny", "warnings"]);
            check.run(command)
        }
        StepName::Rust => check.rust(None, Source::from_env().map_err(Stop::failed)?),
        StepName::Rust18 => check.rust_18(),
        StepName::DocTests => check.run(cargo_with_openssl(
            context,
            &["test", "--workspace", "--doc"],
        )),
        StepName::Docs => {
            let mut command = cargo_with_openssl(context, &["doc", "--workspace", "--no-deps"]);
            command.env("RUSTDOCFLAGS", "--deny warnings");
            check.run(command)
        }
        StepName::Book => crate::book::run(&check),
        StepName::OpenApi => check.openapi(),
        StepName::Schemathesis => crate::schemathesis::run(&check),
        StepName::Client => crate::client::run(&check),
        StepName::Web => check.web(),
        StepName::WebBuild => check.npm(&context.web(), &["build"]),
        StepName::E2e => crate::e2e::run(&check, bench),
        StepName::Proxies => crate::proxies::run(&check),
        StepName::Deploy => crate::deploy::run(&check),
        StepName::Deny => crate::deny::run(&check),
    }
}

/// Whether this cargo command works here.
pub(crate) fn succeeds(context: &Context, arguments: &[&str]) -> bool {
    cargo(context, arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

/// One step at work.
pub(crate) struct Check<'a> {
    pub(crate) context: &'a Context,
    pub(crate) transcript: &'a Transcript,
}

impl Check<'_> {
    /// Runs a command for all to see.
    pub(crate) fn run(&self, mut command: Command) -> Result<Outcome, Stop> {
        job::without_settings(&mut command);
        let name = job::describe(&command);
        self.run_as(&name, command)
    }

    /// The same under another name, for a command with settings or with secrets among its arguments.
    pub(crate) fn run_as(&self, name: &str, command: Command) -> Result<Outcome, Stop> {
        line(
            &self
                .context
                .terminal
                .paint(terminal::Colour::Dim, &format!("$ {name}")),
        );
        let heard = |text: &str| {
            line(text);
            self.transcript.note(text);
        };
        match job::run(self.context, command, job::LIMIT, &heard) {
            Ok(End::Status(status)) if status.success() => Ok(Outcome::Passed(String::new())),
            Ok(End::Status(status)) => Err(Stop::failed(format!("`{name}` failed ({status})"))),
            Ok(End::TimedOut) => Err(Stop::failed(format!(
                "`{name}` took longer than {} min",
                job::LIMIT.as_secs() / 60
            ))),
            Ok(End::Interrupted) => Err(Stop::Interrupted),
            Err(error) => Err(Stop::failed(format!("cannot run `{name}`: {error}"))),
        }
    }

    /// Runs scripts of an npm package one after the other.
    pub(crate) fn npm(&self, folder: &Path, scripts: &[&str]) -> Result<Outcome, Stop> {
        for script in scripts {
            let mut command = npm(folder, &["run", script]);
            self.context.terminal.pass_on(&mut command);
            command.env("NEXT_TELEMETRY_DISABLED", "1");
            self.run(command)?;
        }
        Ok(Outcome::Passed(String::new()))
    }

    /// The web app by itself, and its Better Auth on a throw-away server.
    fn web(&self) -> Result<Outcome, Stop> {
        let folder = self.context.web();
        self.npm(&folder, &["lint", "typecheck", "test"])?;
        let source = Source::from_env().map_err(Stop::failed)?;
        let postgres =
            Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
        let mut command = npm(&folder, &["run", "test:database"]);
        self.context.terminal.pass_on(&mut command);
        command.env("DATABASE_MIGRATION_URL", postgres.url());
        self.run(command)?;
        postgres.stop().map_err(Stop::failed)?;
        Ok(Outcome::Passed(String::new()))
    }

    /// All Rust suites on a throw-away server, or only what `packages` ask of their database.
    fn rust(&self, packages: Option<&[String]>, source: Source) -> Result<Outcome, Stop> {
        let postgres =
            Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
        let mut command = match on_path("cargo-nextest") {
            true => {
                let arguments = ["nextest", "run", "--no-fail-fast", "--workspace", OPTIONAL];
                let mut command = cargo_with_openssl(self.context, &arguments);
                // Chosen among what is built already: other packages would have other features, and be built once more.
                if let Some(packages) = packages {
                    command.arg("-E").arg(any_of(packages));
                }
                command
            }
            false => {
                let targets = ["--lib", "--bins", "--tests", "--examples"];
                let mut command = cargo_with_openssl(self.context, &["test", "--no-fail-fast"]);
                command.args(targets);
                match packages {
                    None => command.args(["--workspace", OPTIONAL]),
                    Some(packages) => {
                        command.args(packages.iter().flat_map(|name| ["--package", name]))
                    }
                };
                command
            }
        };
        if packages.is_some() {
            let skipped = OF_NO_DATABASE.iter().flat_map(|name| ["--skip", name]);
            command.arg("--").args(skipped);
        }
        command.env("TEST_DATABASE_URL", postgres.url());
        self.run(command)?;
        let note = format!("PostgreSQL {}", postgres.binaries().version());
        postgres.stop().map_err(Stop::failed)?;
        Ok(Outcome::Passed(note))
    }

    /// The suites that touch a database, once more on the other major version.
    fn rust_18(&self) -> Result<Outcome, Stop> {
        let source = Source::from_env().map_err(Stop::failed)?;
        if source == Source::Npm || Binaries::system().is_err() {
            return Ok(Outcome::NotRun(
                "no other PostgreSQL here: `rust` ran on npm's".to_owned(),
            ));
        }
        let arguments = [
            "tree",
            "--workspace",
            "--invert",
            "test-kit",
            "--depth=1",
            "--prefix=none",
            "--edges=normal,dev",
        ];
        let output = cargo(self.context, &arguments)
            .output()
            .map_err(|error| Stop::failed(format!("cannot run cargo tree: {error}")))?;
        let packages = packages_in(&String::from_utf8_lossy(&output.stdout));
        if packages.is_empty() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(Stop::failed(format!(
                "no package uses test-kit: {complaint}"
            )));
        }
        self.rust(Some(&packages), Source::Npm)
    }

    fn openapi(&self) -> Result<Outcome, Stop> {
        self.run(cargo_with_openssl(
            self.context,
            &["build", "--package", "api-server"],
        ))?;
        self.printed(&["openapi"], "docs/openapi.json")?;
        self.printed(&["problems"], "docs/problems.md")?;
        self.printed(&["config", "schema"], "deploy/api-server.schema.json")
    }

    /// Compares what a verb of the server prints with the file that is committed.
    fn printed(&self, verb: &[&str], file: &str) -> Result<Outcome, Stop> {
        let program = api_server(self.context);
        let said = verb.join(" ");
        let output = Command::new(&program)
            .args(verb)
            .current_dir(&self.context.root)
            .output()
            .map_err(|error| Stop::failed(format!("cannot run {}: {error}", program.display())))?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(Stop::failed(format!(
                "`api-server {said}` failed:\n{complaint}"
            )));
        }
        let committed = fs::read(self.context.root.join(file))
            .map_err(|error| Stop::failed(format!("{file}: {error}")))?;
        match first_difference(&committed, &output.stdout) {
            None => Ok(Outcome::Passed(String::new())),
            Some(line) => Err(Stop::failed(format!(
                "{file} differs from what the server says, first in line {line}; \
                 renew it: cargo run -p api-server -- {said} > {file}"
            ))),
        }
    }
}

/// Package names in the output of `cargo tree --prefix none`: `name v0.1.0 (path)`.
fn packages_in(tree: &str) -> Vec<String> {
    let mut names: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A filter of nextest's for the tests of these packages.
fn any_of(packages: &[String]) -> String {
    let each: Vec<_> = packages
        .iter()
        .map(|name| format!("package(={name})"))
        .collect();
    each.join(" + ")
}

/// The number of the first line that differs.
fn first_difference(one: &[u8], two: &[u8]) -> Option<usize> {
    if one == two {
        return None;
    }
    let mut lines = one
        .split(|byte| *byte == b'\n')
        .zip(two.split(|byte| *byte == b'\n'));
    let same = lines.by_ref().take_while(|(one, two)| one == two).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_from_the_tree_once_each() {
        let tree =
            "test-kit v0.1.0 (/x/tests/kit)\nauth-pg v0.1.0 (/x)\n\nauth-pg v0.1.0 (/x) (*)\n";
        assert_eq!(packages_in(tree), ["auth-pg", "test-kit"]);
        assert!(packages_in("").is_empty());
    }

    #[test]
    fn a_filter_names_each_package() {
        let names = ["auth-pg", "api-server"].map(str::to_owned);
        assert_eq!(any_of(&names), "package(=auth-pg) + package(=api-server)");
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert_eq!(first_difference(b"a\nb\n", b"a\nb\n"), None);
        assert_eq!(first_difference(b"a\nb\n", b"a\nc\n"), Some(2));
        assert_eq!(first_difference(b"a\nb", b"a\nb\n"), Some(3));
        assert_eq!(first_difference(b"", b"x"), Some(1));
    }
}
