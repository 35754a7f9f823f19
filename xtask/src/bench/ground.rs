//! What the measured servers stand on: a throw-away PostgreSQL, an issuer, and its tokens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use dev_postgres::{DATABASE, Postgres, SUPERUSER, Source};

use super::processor::{self, Core, FamilyTimes, command_on};
use super::program::Program;
use crate::board::Board;
use crate::cargo::release;
use crate::context::{Context, Stop};
use crate::job::End;
use crate::secrets::Secrets;
use crate::stack::with_role;
use crate::{http, job, ports};

/// How many users have a token each.
pub(super) const USERS: u32 = 10_000;

pub(super) struct Ground<'a> {
    pub(super) context: &'a Context,
    pub(super) issuer: Program<'a>,
    issuer_url: String,
    /// One token per line, of [`USERS`] users.
    pub(super) tokens: PathBuf,
    postgres: Postgres,
    secrets: Secrets,
}

impl<'a> Ground<'a> {
    pub(super) fn prepare(context: &'a Context) -> Result<Ground<'a>, Stop> {
        let source = Source::from_env().map_err(Stop::failed)?;
        // PostgreSQL comes along. What it does is not the server's doing, and must not slow it down.
        processor::move_to(Core::Load);
        Board::with(context.terminal, |board| {
            let postgres = board.step("postgresql", |step| {
                let postgres = Postgres::throw_away_from(source, &mut |text| step.detail(text));
                Ok((postgres.map_err(Stop::failed)?, "throw-away".to_owned()))
            })?;
            let (issuer, issuer_url, tokens) = board.step("issuer and tokens", |_| {
                let tokens = private_file(context, "tokens")?;
                let mut command = command_on(Core::Load, release(context, "examples/issuer"));
                command.arg(USERS.to_string()).arg(&tokens);
                let issuer = Program::start(context, "the issuer", command)?;
                let url = issuer.line()?;
                // The token that it says after the last one is written.
                issuer.line()?;
                Ok(((issuer, url, tokens), format!("{USERS} users")))
            })?;
            let ground = Ground {
                context,
                issuer,
                issuer_url,
                tokens,
                postgres,
                secrets: Secrets::new(),
            };
            board.step("schema of the API", |step| {
                let mut command = Command::new(release(context, "api-server"));
                command.args(["migrate", "--grant-login"]);
                command
                    .envs(ground.settings()?)
                    .env("DATABASE_MIGRATION_URL", ground.postgres.url());
                job::without_settings(&mut command);
                Ok((job::run_quietly(context, step, command)?, String::new()))
            })?;
            Ok(ground)
        })
    }

    /// Our server with one worker and these settings beside the usual ones, and its URL. Ready.
    pub(super) fn api(&self, settings: &[(&str, &str)]) -> Result<(Program<'a>, String), Stop> {
        let port = ports::free().map_err(Stop::failed)?;
        let mut command = command_on(Core::Server, release(self.context, "api-server"));
        command
            .arg("serve")
            .envs(self.settings()?)
            .env("API__SERVER__PORT", port.to_string())
            .envs(settings.iter().copied());
        let program = Program::start(self.context, "the API", command)?;
        self.ready(port, "/health/ready")?;
        Ok((program, format!("http://127.0.0.1:{port}")))
    }

    /// Two like routes, one open and one guarded, and nothing else; with a cache or without.
    pub(super) fn open_and_guarded(&self, cache: bool) -> Result<(Program<'a>, String), Stop> {
        let program = release(self.context, "examples/open_and_guarded");
        let mut command = command_on(Core::Server, program);
        command.arg(&self.issuer_url);
        if !cache {
            command.arg("off");
        }
        let program = Program::start(self.context, "the two routes", command)?;
        let url = program.line()?;
        Ok((program, url))
    }

    /// How often the issuer's keys have been fetched.
    pub(super) fn fetches(&self) -> Result<u64, Stop> {
        let said = self.issuer.ask("fetches")?;
        said.parse()
            .map_err(|_| Stop::failed(format!("the issuer does not count: {said}")))
    }

    /// Runs SQL as the superuser, and gives the lines of its results: columns with `|` between them.
    pub(super) fn psql(&self, arguments: &[&str]) -> Result<Vec<String>, Stop> {
        let beside = self.postgres.binaries().folder();
        let beside = beside.join(format!("psql{}", env::consts::EXE_SUFFIX));
        let mut command = match beside.is_file() {
            true => Command::new(beside),
            false => Command::new("psql"),
        };
        let url = self.postgres.url();
        // Not on the command line, which everybody on the machine can read.
        let password = url.split([':', '@']).nth(2).unwrap_or_default();
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .arg("--set=ON_ERROR_STOP=1")
            .args(arguments)
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.postgres.port().to_string())
            .env("PGUSER", SUPERUSER)
            .env("PGPASSWORD", password)
            .env("PGDATABASE", DATABASE)
            .env("PGOPTIONS", "-c client_min_messages=warning");
        let said = Mutex::new(Vec::new());
        let heard = |line: &str| {
            if let Ok(mut said) = said.lock() {
                said.push(line.to_owned());
            }
        };
        let end = job::run(self.context, command, job::LIMIT, &heard).map_err(|error| {
            Stop::failed(format!(
                "cannot run psql, which comes with PostgreSQL's client programs: {error}"
            ))
        })?;
        let said = said.into_inner().unwrap_or_default();
        match end {
            End::Status(status) if status.success() => Ok(said),
            End::Interrupted => Err(Stop::Interrupted),
            End::Status(_) | End::TimedOut => {
                Err(Stop::failed(format!("psql failed:\n{}", said.join("\n"))))
            }
        }
    }

    /// The processor time of PostgreSQL's processes so far, where the system tells.
    pub(super) fn postgres_times(&self) -> Option<FamilyTimes> {
        FamilyTimes::of(self.postgres.pid())
    }

    pub(super) fn clear(self) -> Result<(), Stop> {
        // Beside the binaries it came from; an old one does no harm.
        let _ = fs::remove_file(&self.tokens);
        drop(self.issuer);
        self.postgres.stop().map_err(Stop::failed)
    }

    /// Accounts are the issuer's business alone here, and a line per request would measure the
    /// terminal.
    fn settings(&self) -> Result<Vec<(&'static str, String)>, Stop> {
        let url = self.postgres.url();
        let database = with_role(&url, "tasks_api", &self.secrets.tasks_api_password)
            .ok_or_else(|| Stop::failed("the database's URL has another form than expected"))?;
        let settings = [
            ("DATABASE_URL", &*database),
            ("BETTER_AUTH_URL", &*self.issuer_url),
            ("API__SERVER__WORKERS", "1"),
            ("API__AUTH__ACCOUNTS__MODE", "off"),
            // Nobody real asks as often as a load does.
            ("API__LIMITS__FAILURES_PER_ADDRESS", "off"),
            ("API__LIMITS__REQUESTS_PER_USER", "off"),
            ("API__LOG__FILTER", "warn"),
            ("RUST_LIB_BACKTRACE", "0"),
        ];
        Ok(settings
            .map(|(name, value)| (name, value.to_owned()))
            .into())
    }

    fn ready(&self, port: u16, path: &str) -> Result<(), Stop> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let started = Instant::now();
        loop {
            self.context.go_on()?;
            match http::status(port, path, Duration::from_secs(5)) {
                Ok(200) => return Ok(()),
                _ if started.elapsed() > PATIENCE => {
                    return Err(Stop::failed(format!("port {port} does not get ready")));
                }
                _ => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

/// Beside the binaries. Tokens are good for hours, so what has them is for the owner's eyes only.
pub(super) fn private_file(context: &Context, what: &str) -> Result<PathBuf, Stop> {
    let name = format!("bench-{what}-{}", std::process::id());
    let program: &Path = &release(context, "api-server");
    let file = program.with_file_name(name);
    dev_postgres::write_private(&file, "").map_err(Stop::failed)?;
    Ok(file)
}
