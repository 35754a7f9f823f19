//! `cargo xtask bench`: what the guard costs a request over real HTTP, what a flood of unknown keys
//! does to everybody else, and what tasks cost where there are many of them. Prints tables as
//! `docs/performance.md` has them.

use crate::board::Board;
use crate::cargo::{cargo_with_openssl, on_path};
use crate::context::{Context, Stop};
use crate::job;
use ground::Ground;

mod flood;
mod ground;
mod http;
mod processor;
pub(crate) mod program;
mod seed;
mod table;
mod tasks;
mod wrk;

/// What to measure, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) what: What,
    /// How often every row is measured, in turn with the others.
    pub(crate) rounds: u32,
    /// How long each time, in seconds.
    pub(crate) seconds: u32,
    /// How many tasks there are, one measurement after the other.
    pub(crate) sizes: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Requests through the guard beside requests past it.
    Http,
    /// Good requests while unknown keys rain down.
    Flood,
    /// Lists and changes of tasks, among few and among millions.
    Tasks,
}

impl Plan {
    pub(crate) fn of(what: What) -> Plan {
        let (rounds, seconds) = match what {
            What::Http => (5, 4),
            What::Flood => (3, 10),
            What::Tasks => (3, 4),
        };
        Plan {
            what,
            rounds,
            seconds,
            sizes: vec![10_000],
        }
    }
}

pub(crate) fn run(context: &Context, plan: &Plan) -> Result<(), Stop> {
    if !on_path("wrk") {
        return Err(Stop::failed(
            "the load generator wrk is not on PATH; get it with \
             `apt install wrk` (Debian, Ubuntu), `brew install wrk` (macOS), \
             or from https://github.com/wg/wrk",
        ));
    }
    Board::with(context.terminal, |board| {
        board.step("release build", |step| {
            let mut command =
                cargo_with_openssl(context, &["build", "--release", "--package", "api-server"]);
            command.args(["--package", "auth-testkit", "--bin", "api-server"]);
            for example in ["issuer", "open_and_guarded"] {
                command.args(["--example", example]);
            }
            Ok((job::run_quietly(context, step, command)?, String::new()))
        })
    })?;
    match plan.what {
        What::Http => on_ground(context, |ground| http::run(ground, plan)),
        What::Flood => on_ground(context, |ground| flood::run(ground, plan)),
        What::Tasks => tasks::run(context, plan),
    }
}

/// Clears the ground also after a failure.
fn on_ground<T>(
    context: &Context,
    work: impl FnOnce(&Ground<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let ground = Ground::prepare(context)?;
    let result = work(&ground);
    ground.clear()?;
    result
}
