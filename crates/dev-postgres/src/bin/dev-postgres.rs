//! `cargo run -p dev-postgres`: the checkout's PostgreSQL alone, until Ctrl-C.
//!
//! `--throw-away` gives an empty one that is deleted at the end; `--home DIR` and `--port N` say where
//! the kept one lies and listens. The first line on standard output is the superuser's URL.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to its user"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use dev_postgres::process::StopRequests;
use dev_postgres::{Options, Postgres, Source};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("error: {text}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let text = |error: dev_postgres::Error| error.to_string();
    let mut options = Options::from_env().map_err(text)?;
    let mut throw_away = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--throw-away" => throw_away = true,
            "--home" => options.home = PathBuf::from(value()?),
            "--port" => options.port = value()?.parse().map_err(|_| "--port needs a number")?,
            other => return Err(format!("unknown argument {other}")),
        }
    }

    let requests = StopRequests::listen().map_err(|error| error.to_string())?;
    let mut progress = |step: &str| eprintln!("{step}");
    let server = match throw_away {
        true => Postgres::throw_away_from(Source::from_env().map_err(text)?, &mut progress),
        false => Postgres::start(&options, &mut progress),
    }
    .map_err(text)?;
    println!("{}", server.url());
    let whose = if server.is_guest() {
        ", started by another process"
    } else {
        ""
    };
    eprintln!(
        "PostgreSQL {} is process {}{whose}",
        server.binaries().version(),
        server.pid()
    );

    while requests.count() == 0 {
        if let Some(end) = server.ended() {
            return Err(format!("PostgreSQL is gone: {end}"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    server.stop().map_err(text)
}
