//! The project's two commands.
//!
//! `cargo xtask dev` brings everything up: PostgreSQL, Better Auth with the web app, and the API.
//! `cargo xtask test` tests everything. Both install what they need; Rust and Node are assumed.
//! Beside them, `cargo xtask bench` measures.

use std::process::ExitCode;

use arguments::Verb;
use context::{Context, Stop};

mod apt;
mod arguments;
mod bench;
mod board;
mod book;
mod browser;
mod cargo;
mod checks;
mod client;
mod context;
mod deny;
mod deploy;
mod dev;
mod e2e;
mod http;
mod job;
mod node;
mod ports;
mod proxies;
mod schemathesis;
mod secrets;
mod service;
mod stack;
mod steps;
mod summary;
mod terminal;
mod test;
mod tools;
mod watchdog;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(watchdog::VERB) {
        watchdog::run();
        return ExitCode::SUCCESS;
    }
    let context = match Context::new().and_then(Context::watched) {
        Ok(context) => context,
        Err(error) => {
            terminal::error(&format!("cannot watch over what is to be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = match arguments::parse(std::env::args().skip(1)) {
        Ok(Verb::Help) => {
            terminal::line(arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Verb::Dev(ports)) => dev::run(&context, ports),
        Ok(Verb::Test(only)) => test::run(&context, &only),
        Ok(Verb::Bench(plan)) => bench::run(&context, &plan),
        Err(slip) => {
            terminal::error(&format!("{slip}\n\n{}", arguments::USAGE));
            return ExitCode::from(64);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => ExitCode::from(130),
        Err(Stop::Failed(text)) => {
            terminal::error(&text);
            ExitCode::FAILURE
        }
        Err(Stop::Told) => ExitCode::FAILURE,
    }
}
