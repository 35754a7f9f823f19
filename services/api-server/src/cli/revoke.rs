use std::{
    io::{self, Write},
    time::Duration,
};

use auth_pg::{Revocation, Revoked, Revoker};
use clap::{ArgGroup, Args};
use jiff::{Span, SpanRelativeTo, Timestamp};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, with_runtime};
use crate::settings::{MigrationSettings, Sources};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["user", "session", "token", "prune"])))]
pub(super) struct Arguments {
    /// All tokens of this user that were minted before now; who has a session gets new ones
    #[arg(long, value_name = "UUID")]
    user: Option<Uuid>,

    /// With --user: before this moment (RFC 3339) instead of now
    #[arg(long, value_name = "TIME", conflicts_with_all = ["session", "token", "prune"])]
    not_before: Option<Timestamp>,

    /// All tokens of this session (claim `sid`), those that are still to be minted included
    #[arg(long, value_name = "SID", value_parser = id)]
    session: Option<String>,

    /// This token (claim `jti`)
    #[arg(long, value_name = "JTI", value_parser = id)]
    token: Option<String>,

    /// Delete the entries whose time is over
    #[arg(long)]
    prune: bool,

    /// What it is for; kept beside the entry
    #[arg(long, value_name = "TEXT", conflicts_with = "prune", value_parser = reason)]
    reason: Option<String>,

    /// How long the entry counts: longer than a token lives. Without it a session is refused for good, all else for 30d
    #[arg(long, value_name = "TIME", conflicts_with = "prune", value_parser = keep)]
    keep: Option<Duration>,

    /// Say what was done as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(sources: &Sources, arguments: &Arguments) -> Result<(), Failure> {
    let MigrationSettings { url, log, .. } = MigrationSettings::load(sources, false)?;
    with_runtime(&log, async move {
        let revoker = Revoker::connect(url.expose_secret()).await?;
        let done = match arguments.what() {
            Some(what) => {
                let reason = arguments.reason.as_deref();
                let entry = revoker.add(&what, reason, arguments.keep).await?;
                Done::Revoked(what, entry)
            }
            None => Done::Pruned(revoker.prune().await?),
        };
        let line = match arguments.json {
            true => done.json().to_string(),
            false => done.text(),
        };
        // What was done is done, whether or not somebody is left to be told.
        let _ = writeln!(io::stdout(), "{line}");
        Ok(())
    })
}

impl Arguments {
    /// `None` is `--prune`: the group lets exactly one of them through.
    fn what(&self) -> Option<Revocation> {
        let user = self.user.map(|user_id| Revocation::User {
            user_id,
            not_before: self.not_before,
        });
        let session = self.session.clone();
        let session = session.map(|session_id| Revocation::Session { session_id });
        let token = self.token.clone();
        let token = token.map(|token_id| Revocation::Token { token_id });
        user.or(session).or(token)
    }
}

enum Done {
    Revoked(Revocation, Revoked),
    Pruned(u64),
}

impl Done {
    fn text(&self) -> String {
        let (what, entry) = match self {
            Self::Pruned(1) => return "1 entry deleted".to_owned(),
            Self::Pruned(entries) => return format!("{entries} entries deleted"),
            Self::Revoked(what, entry) => (what, entry),
        };
        let what = match (what, entry.not_before) {
            (Revocation::User { user_id, .. }, Some(not_before)) => {
                format!("tokens of user {user_id} minted before {not_before}")
            }
            (Revocation::Session { session_id }, _) => format!("tokens of session {session_id}"),
            (Revocation::Token { token_id }, _) => format!("token {token_id}"),
            (other, _) => format!("{other:?}"),
        };
        match entry.keep_until {
            Some(end) => format!("{what}: refused until {end}"),
            None => format!("{what}: refused for good"),
        }
    }

    fn json(&self) -> Value {
        let (what, entry) = match self {
            Self::Pruned(entries) => return json!({ "pruned": entries }),
            Self::Revoked(what, entry) => (what, entry),
        };
        let mut said =
            json!({ "id": entry.id, "keep_until": entry.keep_until.map(|end| end.to_string()) });
        match what {
            Revocation::User { user_id, .. } => {
                said["user_id"] = json!(user_id);
                said["not_before"] = json!(entry.not_before.map(|at| at.to_string()));
            }
            Revocation::Session { session_id } => said["session_id"] = json!(session_id),
            Revocation::Token { token_id } => said["token_id"] = json!(token_id),
            _ => {}
        }
        said
    }
}

fn id(text: &str) -> Result<String, &'static str> {
    match text.len() {
        1..=1024 => Ok(text.to_owned()),
        _ => Err("1 to 1024 bytes"),
    }
}

fn reason(text: &str) -> Result<String, &'static str> {
    match text.chars().count() {
        1..=500 => Ok(text.to_owned()),
        _ => Err("1 to 500 characters"),
    }
}

/// Days are what people think in here, so they count, as 24 hours each.
fn keep(text: &str) -> Result<Duration, &'static str> {
    let days = SpanRelativeTo::days_are_24_hours();
    let keep = text.parse::<Span>().and_then(|span| span.to_duration(days));
    keep.ok()
        .and_then(|keep| Duration::try_from(keep).ok())
        .filter(|keep| (Duration::from_secs(1)..=LONGEST).contains(keep))
        .ok_or("a length of time with its unit, such as 12h or 30d, of at most ten years")
}

const LONGEST: Duration = Duration::from_secs(3653 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        revoke: Arguments,
    }

    const USER: &str = "0190a3c4-0000-7000-8000-00000000000a";

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        let line = Line::try_parse_from([&["revoke"], arguments].concat());
        line.map(|line| line.revoke)
    }

    #[test]
    fn exactly_one_thing_is_revoked() {
        let what = |arguments| parse(arguments).unwrap().what();
        assert_eq!(
            what(&["--user", USER, "--not-before", "2026-11-21T07:00:00+01:00"]),
            Some(Revocation::User {
                user_id: USER.parse().unwrap(),
                not_before: Some("2026-11-21T06:00:00Z".parse().unwrap()),
            })
        );
        assert_eq!(
            what(&["--session", "s", "--keep", "12h", "--reason", "a loss"]),
            Some(Revocation::Session {
                session_id: "s".into()
            })
        );
        assert_eq!(
            what(&["--token", "t"]),
            Some(Revocation::Token {
                token_id: "t".into()
            })
        );
        assert_eq!(what(&["--prune"]), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_is_done() {
        let long = "x".repeat(1025);
        for arguments in [
            &[][..],
            &["--session", "s", "--token", "t"],
            &["--prune", "--session", "s"],
            &["--prune", "--keep", "1d"],
            &["--session", "s", "--not-before", "2026-11-21T07:00:00Z"],
            &["--user", "alice"],
            &["--user", USER, "--not-before", "2026-11-21 07:00"],
            &["--user", USER, "--not-before", "yesterday"],
            &["--session", ""],
            &["--session", &long],
            &["--session", "s", "--reason", ""],
            &["--session", "s", "--keep", "30"],
            &["--session", "s", "--keep", "0s"],
            &["--session", "s", "--keep", "-1d"],
            &["--session", "s", "--keep", "11y"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn an_entry_is_kept_for_as_long_as_people_write() {
        let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
        assert_eq!(parse(&["--session", "s"]).unwrap().keep, None);
        assert_eq!(keep("30d").unwrap(), Revoker::KEEP);
        assert_eq!(keep("12h").unwrap(), hours(12));
        assert_eq!(keep("1w 1d").unwrap(), hours(8 * 24));
    }
}
