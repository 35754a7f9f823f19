use std::io::{self, Write};

use auth_pg::{Check, Link, MigrateOptions, MigrateReport, MigrateStep, migrate};
use clap::Args;
use secrecy::ExposeSecret;

use super::{Failure, with_runtime};
use crate::{
    app,
    settings::{MigrationSettings, Sources},
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Also let the API's role log in with the password that DATABASE_URL has for it
    #[arg(long)]
    grant_login: bool,
}

pub(super) fn run(sources: &Sources, arguments: &Arguments) -> Result<(), Failure> {
    let MigrationSettings {
        url,
        link,
        login,
        log,
        warnings,
    } = MigrationSettings::load(sources, arguments.grant_login)?;
    with_runtime(&log, async move {
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        let mut options = MigrateOptions::default();
        options.link = link;
        options.grant_login = login;
        let granted = options.grant_login.as_ref().map(|(role, _)| role.clone());
        let report = migrate(url.expose_secret(), &app::migrations()?, &options, |step| {
            say(&match step {
                MigrateStep::Waiting => "waiting for another migration to finish …".to_owned(),
                MigrateStep::Running { name } => format!("{name} …"),
                MigrateStep::Ran { name, took } => format!("{name} done in {took:.1?}"),
                other => format!("{other:?}"),
            });
        })
        .await?;
        summarize(&report);
        if let Some(role) = granted {
            say(&format!("{role:?} may log in"));
        }
        Ok(())
    })
}

fn summarize(report: &MigrateReport) {
    say(&match (report.ran.len(), report.already) {
        (0, already) => format!("schema is current ({already} migrations)"),
        (ran, already) => format!("{ran} migrations run, {already} were there already"),
    });
    say(&match &report.link {
        Link::To { column, orphans: 0 } => format!("users are linked to {column}"),
        Link::To { column, orphans } => {
            format!(
                "users are linked to {column}; {orphans} of ours are not there, their rows were left alone"
            )
        }
        Link::NotFound => {
            "Better Auth's \"user\" table is not in this database (yet): users are not linked to it"
                .to_owned()
        }
        Link::IdIsNotUuid { table } => format!(
            "{table}.id is not of type uuid, so users are not linked to it; \
             set auth.user_claim = \"uuid\", or let Better Auth generate UUIDs"
        ),
        Link::Off => {
            "users are not linked to Better Auth's (auth.accounts.mode = \"off\")".to_owned()
        }
        other => format!("{other:?}"),
    });
    let checks = &report.checks;
    if matches!(report.link, Link::To { .. }) {
        for (check, what) in [
            (checks.users, "deleted users"),
            (checks.bans, "bans"),
            (checks.sessions, "ended sessions"),
        ] {
            match check {
                Check::Done => say(&format!("{what} are noticed within a second")),
                Check::NotPermitted => say(&format!(
                    "{what} cannot be seen by the API: grant this role what owns Better Auth's tables, and migrate again"
                )),
                Check::NotUnderstood => say(&format!(
                    "{what} are not noticed: the columns are not named or typed as Better Auth makes them"
                )),
                _ => {}
            }
        }
    }
    for said in &checks.trouble {
        say(&format!("not done, works without: {said}"));
    }
}

/// Progress for people. A closed stdout must not stop a migration half-way.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
