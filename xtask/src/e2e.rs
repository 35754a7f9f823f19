//! The browser tests: the whole system on a throw-away database and free ports, then a real browser.

use std::sync::Arc;

use dev_postgres::{Postgres, Source};

use crate::arguments::Ports;
use crate::board::Board;
use crate::cargo::cargo_with_openssl;
use crate::checks::{Bench, Check, Tail};
use crate::context::Stop;
use crate::node::npm;
use crate::ports;
use crate::secrets::Secrets;
use crate::service::{Heard, stop_all};
use crate::stack::{Stack, Web};
use crate::terminal::line;
use crate::test::Outcome;

pub(crate) fn run(check: &Check<'_>, bench: &Bench) -> Result<Outcome, Stop> {
    let context = check.context;
    let browser = bench.browser.clone().map_err(Stop::Failed)?;
    let browser = browser.ok_or_else(|| Stop::failed("no browser was looked for"))?;
    check.run(cargo_with_openssl(
        context,
        &["build", "--package", "api-server"],
    ))?;

    let source = Source::from_env().map_err(Stop::failed)?;
    let postgres =
        Postgres::throw_away_from(source, &mut |text| line(text)).map_err(Stop::failed)?;
    let free = || ports::free().map_err(|error| Stop::failed(format!("no free port: {error}")));
    let stack = Stack {
        context,
        admin_url: postgres.url(),
        secrets: Secrets::new(),
        ports: Ports {
            web: free()?,
            api: free()?,
        },
    };
    Board::with(context.terminal, |board| stack.migrate(board))?;

    let tails = [("api", Tail::default()), ("web", Tail::default())];
    let ear = |name| -> Heard {
        let tail = tails
            .iter()
            .find(|(whose, _)| *whose == name)
            .map(|(_, tail)| tail.clone());
        Arc::new(move |line| tail.iter().for_each(|tail| tail.hear(line)))
    };
    let mut services = Vec::new();
    let result = stack
        .start(Web::Production, ear, &mut services)
        .and_then(|()| tests(check, &stack, &browser));
    stop_all(context, &mut services);
    if matches!(result, Err(Stop::Failed(_))) {
        for (name, tail) in &tails {
            line(&format!("last lines of {name}:"));
            tail.lines()
                .iter()
                .for_each(|said| line(&format!("  {name} │ {said}")));
        }
    }
    postgres.stop().map_err(Stop::failed)?;
    result
}

fn tests(check: &Check<'_>, stack: &Stack<'_>, browser: &std::path::Path) -> Result<Outcome, Stop> {
    let mut command = npm(&check.context.web(), &["run", "e2e"]);
    check.context.terminal.pass_on(&mut command);
    command
        .env("E2E_WEB_URL", stack.web_url())
        .env("E2E_API_URL", stack.api_url())
        .env("E2E_BROWSER", browser);
    check.run(command)
}
