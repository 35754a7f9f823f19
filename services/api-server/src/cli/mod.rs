//! The command line: one verb, its settings, an exit code.

use std::{
    error::Error as StdError,
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{
    settings::{Environment, Faults, LogSettings, Sources},
    telemetry,
};

mod config;
mod doctor;
mod migrate;
mod openapi;
mod output;
mod problems;
mod revoke;
mod secret;
mod serve;
mod token;
mod verify_jwks;
mod verify_token;

/// Serves the tasks of users who log in with Better Auth.
#[derive(Debug, Parser)]
#[command(name = "api-server", version)]
struct CommandLine {
    /// Settings in TOML; variables of the environment win over it
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Answer requests until told to stop
    Serve,
    /// Bring the database's schema up to date
    Migrate(migrate::Arguments),
    /// Refuse tokens before their time is over
    Revoke(revoke::Arguments),
    /// Look at the settings
    Config(config::Arguments),
    /// Find out why something does not work, and what to do about it
    Doctor(doctor::Arguments),
    /// Look at an issuer's keys as the server would
    VerifyJwks(verify_jwks::Arguments),
    /// Verify a token as the server would, and tell of each check
    VerifyToken(verify_token::Arguments),
    /// Get a token from Better Auth, for development; or refuse one
    #[command(subcommand)]
    Token(token::Verb),
    /// Print the OpenAPI document
    Openapi,
    /// Print the page that explains every problem, in Markdown
    Problems,
}

/// Runs the verb that `arguments` name, the program's own name first. The result is 0 when it did what was asked, 1 when it
/// could not, 64 when arguments or settings are wrong; of verbs that examine something 0 when all is well, 1 when something fails,
/// 2 when there are only warnings.
pub fn run(arguments: impl IntoIterator<Item = OsString>, environment: Environment) -> ExitCode {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(answer) => {
            // Help and version are answers too, and go to stdout. Nothing is left to do when printing fails.
            let _ = answer.print();
            return if answer.use_stderr() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let sources = Sources {
        file: command_line.config,
        environment,
    };
    let done = match command_line.verb {
        Verb::Serve => serve::run(&sources).map(well),
        Verb::Migrate(arguments) => migrate::run(&sources, &arguments).map(well),
        Verb::Revoke(arguments) => revoke::run(&sources, &arguments).map(well),
        Verb::Config(arguments) => config::run(&sources, &arguments).map(well),
        Verb::Doctor(arguments) => doctor::run(&sources, arguments),
        Verb::VerifyJwks(arguments) => verify_jwks::run(sources, arguments),
        Verb::VerifyToken(arguments) => verify_token::run(sources, &arguments),
        Verb::Token(verb) => token::run(&sources, verb).map(well),
        Verb::Openapi => openapi::run().map(well),
        Verb::Problems => problems::run().map(well),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            complain(&telemetry::chain(&*failure));
            match failure.is::<Faults>() || failure.is::<Misused>() {
                true => ExitCode::from(USAGE),
                false => ExitCode::FAILURE,
            }
        }
    }
}

/// `EX_USAGE` of sysexits.h.
const USAGE: u8 = 64;

fn well((): ()) -> u8 {
    0
}

/// Why a verb did not do what was asked; [`Faults`] and [`Misused`] are told apart by their type.
type Failure = Box<dyn StdError>;

/// An argument that is well-formed, and of no use.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misused(String);

fn print(text: &[u8]) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text) {
        // The reader has seen enough (`| head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn complain(text: &str) {
    // Nobody is left to be told when stderr is closed.
    let _ = writeln!(io::stderr(), "api-server: {text}");
}

/// Starts the log and a runtime, and runs `work` on it.
fn with_runtime<T>(
    log: &LogSettings,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let _telemetry = telemetry::init(log)?;
    actix_web::rt::System::new().block_on(work)
}

/// Runs `work` without a log: what such a verb has to say is what it prints.
fn without_log<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    actix_web::rt::System::new().block_on(work)
}
