//! The load generator, and what it says at its end.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use super::processor::{Core, command_on, patient_command_on};
use crate::context::{Context, Stop};
use crate::job::{self, End};

/// One run of it.
#[derive(Debug, Clone)]
pub(super) struct Load<'a> {
    pub(super) url: String,
    pub(super) script: Script,
    /// What the script reads its tokens or requests from; `None` for none.
    pub(super) tokens: Option<&'a Path>,
    /// How many of them; of [`Script::Flood`], how many requests.
    pub(super) count: u32,
    pub(super) connections: u32,
    /// How long each connection waits before a request.
    pub(super) pause: Duration,
    pub(super) at_most: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// GETs of one path, with many tokens.
    Requests,
    /// Requests of all kinds, as a file lists them.
    Listed,
    Flood,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Measured {
    pub(super) requests: u64,
    pub(super) took: Duration,
    pub(super) p50: Duration,
    pub(super) p99: Duration,
    /// Every answer above 399, and what was no answer at all. Of [`Script::Flood`]: the latter.
    pub(super) bad: u64,
    /// Of [`Script::Flood`]: answered with 401.
    pub(super) refused: u64,
    /// Of [`Script::Flood`]: answered with 500 or more.
    pub(super) failed: u64,
}

impl Measured {
    pub(super) fn per_second(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }
}

impl Load<'_> {
    /// Makes the load, to its end.
    pub(super) fn run(&self, context: &Context) -> Result<Measured, Stop> {
        let said = Mutex::new(Vec::new());
        let heard = |line: &str| {
            if let Ok(mut said) = said.lock() {
                said.push(line.to_owned());
            }
        };
        let end = job::run(
            context,
            self.command(context),
            2 * self.at_most + GRACE,
            &heard,
        )
        .map_err(|error| Stop::failed(format!("cannot run wrk: {error}")))?;
        let said = said.into_inner().unwrap_or_default();
        match end {
            End::Status(status) if status.success() => {}
            End::Interrupted => return Err(Stop::Interrupted),
            End::Status(_) | End::TimedOut => {
                return Err(Stop::failed(format!("wrk failed:\n{}", said.join("\n"))));
            }
        }
        let measured = said.iter().find_map(|line| parse(line));
        measured.ok_or_else(|| Stop::failed(format!("wrk said only:\n{}", said.join("\n"))))
    }

    fn command(&self, context: &Context) -> Command {
        let folder = context.root.join("xtask").join("src").join("bench");
        let script = folder.join(match self.script {
            Script::Requests => "requests.lua",
            Script::Listed => "listed.lua",
            Script::Flood => "flood.lua",
        });
        let mut command = match self.script {
            Script::Requests | Script::Listed => command_on(Core::Load, "wrk"),
            Script::Flood => patient_command_on(Core::Load, "wrk"),
        };
        command
            .arg("--threads=1")
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={}s", self.at_most.as_secs()))
            .args(["--timeout", "5s", "--script"])
            .args([script.as_os_str(), self.url.as_ref(), "--".as_ref()])
            .arg(self.tokens.unwrap_or(Path::new("-")))
            .args([self.count.to_string(), self.pause.as_millis().to_string()]);
        command
    }
}

const GRACE: Duration = Duration::from_secs(30);

/// Reads `MEASURED name=number …`.
fn parse(line: &str) -> Option<Measured> {
    let mut measured = Measured::default();
    for word in line.strip_prefix("MEASURED ")?.split_whitespace() {
        let (name, number) = word.split_once('=')?;
        let number: u64 = number.parse().ok()?;
        match name {
            "requests" => measured.requests = number,
            "microseconds" => measured.took = Duration::from_micros(number),
            "p50" => measured.p50 = Duration::from_micros(number),
            "p99" => measured.p99 = Duration::from_micros(number),
            "bad" => measured.bad = number,
            "refused" => measured.refused = number,
            "failed" => measured.failed = number,
            _ => return None,
        }
    }
    (!measured.took.is_zero()).then_some(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_says_is_read_and_nothing_else() {
        let measured =
            parse("MEASURED requests=300 microseconds=1500000 p50=90 p99=400 bad=1").unwrap();
        assert_eq!(measured.per_second(), 200.0);
        assert_eq!(measured.p99, Duration::from_micros(400));
        assert_eq!((measured.bad, measured.refused), (1, 0));
        for line in [
            "",
            "  2 threads and 10 connections",
            "MEASURED requests=x",
            "MEASURED requests=1 microseconds=0",
            "MEASURED surprise=1",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
