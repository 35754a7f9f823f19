//! The browser tests: the whole system on a throw-away database and free ports, then a real browser.

mod controls;

use std::path::Path;

use dev_postgres::{Postgres, Source};

use self::controls::Controls;
use crate::arguments::Ports;
use crate::board::Board;
use crate::cargo::cargo_with_openssl;
use crate::checks::{Bench, Check};
use crate::context::Stop;
use crate::node::npm;
use crate::ports;
use crate::secrets::Secrets;
use crate::stack::Stack;
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

    let controls = Controls::of(&stack);
    let result = controls.start_all().and_then(|()| {
        controls
            .obey_during(|url| tests(check, &stack, url, &browser))
            .map_err(|error| Stop::failed(format!("no port for the controls: {error}")))?
    });
    controls.stop_all();
    if matches!(result, Err(Stop::Failed(_))) {
        line("last lines of the servers:");
        controls
            .last_lines(60)
            .for_each(|(name, said)| line(&format!("  {name} │ {said}")));
    }
    postgres.stop().map_err(Stop::failed)?;
    result
}

fn tests(
    check: &Check<'_>,
    stack: &Stack<'_>,
    controls: &str,
    browser: &Path,
) -> Result<Outcome, Stop> {
    let mut command = npm(&check.context.web(), &["run", "e2e"]);
    check.context.terminal.pass_on(&mut command);
    command
        .env("E2E_WEB_URL", stack.web_url())
        .env("E2E_API_URL", stack.api_url())
        .env("E2E_DATABASE_URL", &stack.admin_url)
        .env("E2E_CONTROLS_URL", controls)
        .env("E2E_BROWSER", browser);
    check.run(command)
}
