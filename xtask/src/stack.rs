//! The whole system on one database: how it is migrated and how its two servers are started.
//! `dev` and the browser tests bring up the same thing.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::arguments::Ports;
use crate::board::Board;
use crate::cargo::api_server;
use crate::context::{Context, Stop};
use crate::http;
use crate::job;
use crate::node::npm;
use crate::secrets::Secrets;
use crate::service::{Heard, Service};

pub(crate) const WEB: &str = "web";
pub(crate) const API: &str = "api";

/// What the two servers need to know of each other and of their database.
pub(crate) struct Stack<'a> {
    pub(crate) context: &'a Context,
    /// The URL of a role that may create roles and schemas.
    pub(crate) admin_url: String,
    pub(crate) secrets: Secrets,
    pub(crate) ports: Ports,
}

/// How the web app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Web {
    /// Compiled page by page as it is looked at, and anew when a file changes.
    Development,
    /// As `npm run build` left it, for tests. They sign in more often than a person does, so Better Auth
    /// limits attempts only where a test is about that.
    Production { rate_limited: bool },
}

impl<'a> Stack<'a> {
    pub(crate) fn web_url(&self) -> String {
        format!("http://localhost:{}", self.ports.web)
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://localhost:{}", self.ports.api)
    }

    /// Better Auth's schema first: ours links to its users.
    pub(crate) fn migrate(&self, board: &Board) -> Result<(), Stop> {
        board.step("schema of Better Auth", |step| {
            let command = self.web(&["run", "migrate"])?;
            Ok((
                job::run_quietly(self.context, step, command)?,
                String::new(),
            ))
        })?;
        board.step("schema of the API", |step| {
            let mut command = self.api()?;
            command.args(["migrate", "--grant-login"]);
            Ok((
                job::run_quietly(self.context, step, command)?,
                String::new(),
            ))
        })
    }

    /// Starts both servers and waits until both answer; ends early when one of them ends, or the user
    /// wishes to. What was started is in `services` in any case. `heard` makes the ear for each.
    pub(crate) fn start(
        &self,
        web: Web,
        heard: impl Fn(&'static str) -> Heard,
        services: &mut Vec<Service<'a>>,
    ) -> Result<(), Stop> {
        // The web app first: the API then finds the issuer's keys at its first look.
        self.start_web(web, heard("web"), services)?;
        self.start_api(web, heard("api"), services)
    }

    pub(crate) fn start_web(
        &self,
        web: Web,
        heard: Heard,
        services: &mut Vec<Service<'a>>,
    ) -> Result<(), Stop> {
        let command = match web {
            Web::Development => self.web(&["run", "dev"])?,
            Web::Production { rate_limited } => {
                let mut command = self.web(&["start"])?;
                command.env("DANGER_AUTH_RATE_LIMIT_OFF", (!rate_limited).to_string());
                command
            }
        };
        services.push(Service::start(self.context, WEB, command, heard)?);
        self.wait_for(self.ports.web, "/", services)?;
        self.wait_for(self.ports.web, "/api/auth/jwks", services)
    }

    pub(crate) fn start_api(
        &self,
        web: Web,
        heard: Heard,
        services: &mut Vec<Service<'a>>,
    ) -> Result<(), Stop> {
        let mut command = self.api()?;
        command.arg("serve");
        if web != Web::Development {
            job::without_settings(&mut command);
        }
        services.push(Service::start(self.context, API, command, heard)?);
        self.wait_for(self.ports.api, "/health/live", services)?;
        self.wait_for(self.ports.api, "/health/ready", services)
    }

    fn wait_for(&self, port: u16, path: &str, services: &mut [Service<'_>]) -> Result<(), Stop> {
        // In development the web app compiles a page when it is first asked for it.
        let patience = Duration::from_secs(180);
        let deadline = Instant::now() + patience;
        loop {
            self.context.go_on()?;
            if let Some(end) = first_end(services) {
                return Err(Stop::failed(end));
            }
            let answer = match http::status(port, path, Duration::from_secs(5)) {
                Ok(status) if status < 500 => return Ok(()),
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
            if Instant::now() > deadline {
                let (url, seconds) = (format!("http://localhost:{port}{path}"), patience.as_secs());
                return Err(Stop::failed(format!(
                    "{url} does not answer after {seconds} s: {answer}"
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn web(&self, arguments: &[&str]) -> Result<Command, Stop> {
        let mut command = npm(&self.context.web(), arguments);
        self.context.terminal.pass_on(&mut command);
        command
            .env("PORT", self.ports.web.to_string())
            .env(
                "DATABASE_URL",
                self.url_as("better_auth", &self.secrets.better_auth_password)?,
            )
            .env("DATABASE_MIGRATION_URL", &self.admin_url)
            .env("BETTER_AUTH_SECRET", &self.secrets.better_auth_secret)
            .env("BETTER_AUTH_URL", self.web_url())
            .env("NEXT_PUBLIC_API_URL", self.api_url())
            .env("NEXT_TELEMETRY_DISABLED", "1");
        Ok(command)
    }

    fn api(&self) -> Result<Command, Stop> {
        let mut command = Command::new(api_server(self.context));
        command
            .current_dir(&self.context.root)
            .env(
                "DATABASE_URL",
                self.url_as("tasks_api", &self.secrets.tasks_api_password)?,
            )
            .env("DATABASE_MIGRATION_URL", &self.admin_url)
            .env("BETTER_AUTH_URL", self.web_url())
            .env("API__SERVER__PORT", self.ports.api.to_string())
            .env("API__CORS__ORIGINS", self.web_url())
            // A developer waits for the end; nothing in front of it needs to drain.
            .env("API__SERVER__SHUTDOWN_TIMEOUT", "3s");
        if std::env::var_os("API__LOG__FORMAT").is_none() {
            command.env("API__LOG__FORMAT", "pretty");
        }
        Ok(command)
    }

    fn url_as(&self, role: &str, password: &str) -> Result<String, Stop> {
        with_role(&self.admin_url, role, password).ok_or_else(|| {
            Stop::failed(
                "DATABASE_URL is not of the form postgres://user:password@host:port/database",
            )
        })
    }
}

/// Which of them has ended, and how.
pub(crate) fn first_end(services: &mut [Service<'_>]) -> Option<String> {
    services.iter_mut().find_map(|service| {
        service
            .ended()
            .map(|status| format!("{} has ended ({status})", service.name()))
    })
}

/// The same database, reached as another role.
pub(crate) fn with_role(url: &str, role: &str, password: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    // An `@` belongs to the user part only before the first slash or question mark.
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    (!host.is_empty()).then(|| format!("{scheme}://{role}:{password}@{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_role_reaches_the_same_database() {
        for (url, expected) in [
            (
                "postgres://me:secret@127.0.0.1:5432/db",
                "postgres://role:pw@127.0.0.1:5432/db",
            ),
            (
                "postgresql://host/db?sslmode=require",
                "postgresql://role:pw@host/db?sslmode=require",
            ),
            (
                "postgres://me@[::1]:5432/db?x=a@b",
                "postgres://role:pw@[::1]:5432/db?x=a@b",
            ),
            ("postgres://me:p%40ss@host", "postgres://role:pw@host"),
        ] {
            assert_eq!(with_role(url, "role", "pw").as_deref(), Some(expected));
        }
        for url in [
            "",
            "host=localhost user=me",
            "mysql://me@host/db",
            "postgres:///db",
        ] {
            assert_eq!(with_role(url, "role", "pw"), None, "{url}");
        }
    }
}
