//! `cargo xtask dev`: everything up, until Ctrl-C or until one of them ends.

use std::env;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use dev_postgres::{Options, Postgres};

use crate::arguments::Ports;
use crate::board::Board;
use crate::cargo::{cargo_with_openssl, openssl_is_installed};
use crate::context::{Context, Stop};
use crate::secrets::Secrets;
use crate::service::{Service, prefixed, stop_all};
use crate::stack::{Stack, Web, first_end};
use crate::terminal::{self, Colour, line};
use crate::{job, node, ports};

pub(crate) fn run(context: &Context, ports: Ports) -> Result<(), Stop> {
    let started = Instant::now();
    node::check()?;
    ports::must_be_free(&[(ports.web, "--web-port"), (ports.api, "--api-port")])?;

    let (postgres, stack) = Board::with(context.terminal, |board| {
        let database = set_up(context, board)?;
        let secrets = Secrets::kept_in(&context.root.join(".dev").join("env"))?;
        let admin_url = database.url();
        let stack = Stack {
            context,
            admin_url,
            secrets,
            ports,
        };
        stack.migrate(board)?;
        Ok((database, stack))
    })?;

    line("");
    let colour_of = |name| {
        if name == "web" {
            Colour::Magenta
        } else {
            Colour::Cyan
        }
    };
    let ear = |name| prefixed(context, name, colour_of(name));
    let mut services = Vec::new();
    let result = stack
        .start(Web::Development, ear, &mut services)
        .and_then(|()| {
            greet(context, &stack, &postgres, started.elapsed());
            watch(context, &mut services, &postgres)
        });

    line("");
    line("stopping …");
    stop_all(context, &mut services);
    let stopped = postgres.stop();
    match (result, stopped) {
        // Ctrl-C is how this command is meant to end.
        (Ok(()) | Err(Stop::Interrupted), stopped) => stopped,
        (failure, _) => failure,
    }
}

/// The database that is worked on: ours to start and stop, or one that runs already.
enum Database {
    Ours(Box<Postgres>),
    Given(String),
}

impl Database {
    fn url(&self) -> String {
        match self {
            Database::Ours(postgres) => postgres.url(),
            Database::Given(url) => url.clone(),
        }
    }

    fn stop(self) -> Result<(), Stop> {
        match self {
            Database::Ours(postgres) => postgres.stop().map_err(Stop::failed),
            Database::Given(_) => Ok(()),
        }
    }
}

/// Packages, program and database, side by side: none needs the other.
fn set_up(context: &Context, board: &Board) -> Result<Database, Stop> {
    let (packages, program, database) = thread::scope(|scope| {
        let packages = scope.spawn(|| node::install(context, board));
        let program = scope.spawn(|| build(context, board));
        let database = scope.spawn(|| find_database(board));
        (packages.join(), program.join(), database.join())
    });
    let panicked = |_| Stop::failed("a step broke off");
    let database = database.map_err(panicked)?;
    // The user's wish explains the failure of the others.
    context.go_on()?;
    packages.map_err(panicked)??;
    program.map_err(panicked)??;
    database
}

fn build(context: &Context, board: &Board) -> Result<(), Stop> {
    board.step("api-server", |step| {
        let command = cargo_with_openssl(context, &["build", "--package", "api-server"]);
        job::run_quietly(context, step, command)?;
        let note = if openssl_is_installed() {
            "cargo build"
        } else {
            "cargo build, with OpenSSL"
        };
        Ok(((), note.to_owned()))
    })
}

fn find_database(board: &Board) -> Result<Database, Stop> {
    board.step("PostgreSQL", |step| {
        if let Some(url) = env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
            return Ok((Database::Given(url), "yours, by DATABASE_URL".to_owned()));
        }
        let options = Options::from_env().map_err(Stop::failed)?;
        let postgres =
            Postgres::start(&options, &mut |text| step.detail(text)).map_err(Stop::failed)?;
        let whose = if postgres.is_guest() {
            ", started by another process"
        } else {
            ""
        };
        let note = format!(
            "{} on port {}{whose}",
            postgres.binaries().version(),
            postgres.port()
        );
        Ok((Database::Ours(Box::new(postgres)), note))
    })
}

fn watch(context: &Context, services: &mut [Service<'_>], database: &Database) -> Result<(), Stop> {
    loop {
        context.go_on()?;
        if let Some(end) = first_end(services) {
            return Err(Stop::failed(end));
        }
        if let Database::Ours(postgres) = database
            && let Some(end) = postgres.ended()
        {
            let tail = postgres.log_tail(20).join("\n  ");
            return Err(Stop::failed(format!("PostgreSQL is gone: {end}\n  {tail}")));
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn greet(context: &Context, stack: &Stack<'_>, database: &Database, took: Duration) {
    let terminal = context.terminal;
    let (web, api) = (stack.web_url(), stack.api_url());
    let took = terminal.paint(Colour::Dim, &format!("({})", terminal::duration(took)));
    line("");
    line(&format!(
        "  {} {took}",
        terminal.paint(Colour::Bold, "Everything is up")
    ));
    line("");
    line(&format!(
        "  web   {}   sign up, and see your tasks",
        terminal.paint(Colour::Magenta, &web)
    ));
    line(&format!(
        "  api   {}   its endpoints are at /docs",
        terminal.paint(Colour::Cyan, &api)
    ));
    if let Database::Ours(postgres) = database {
        let folder = postgres.data().parent().map(Path::display);
        line(&format!(
            "  sql   127.0.0.1:{}   database {}, user {}, password in {}/password",
            postgres.port(),
            dev_postgres::DATABASE,
            dev_postgres::SUPERUSER,
            folder.map_or_else(String::new, |folder| folder.to_string()),
        ));
    }
    line("");
    line("  the same with curl:");
    for command in curl_lines(&web, &api) {
        line(&format!("    {}", terminal.paint(Colour::Dim, &command)));
    }
    line("");
    line("  Ctrl-C stops everything");
    line("");
}

/// Sign up, fetch a token, use it.
fn curl_lines(web: &str, api: &str) -> [String; 4] {
    let json = "-H 'Content-Type: application/json'";
    [
        format!(
            "curl -s -c .dev/cookies {json} {web}/api/auth/sign-up/email \
             -d '{{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"correct horse\"}}'"
        ),
        format!(
            "TOKEN=$(curl -s -b .dev/cookies {web}/api/auth/token | sed 's/.*\"token\":\"\\([^\"]*\\)\".*/\\1/')"
        ),
        format!(
            "curl -s -H \"Authorization: Bearer $TOKEN\" {json} {api}/api/v1/me/tasks -d '{{\"title\":\"Lower the bridge\"}}'"
        ),
        format!("curl -s -H \"Authorization: Bearer $TOKEN\" {api}/api/v1/me/tasks"),
    ]
}
