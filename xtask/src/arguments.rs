//! The command line.

use crate::bench::{Plan, What};
use crate::steps::{STEPS, StepName};

pub(crate) const USAGE: &str = "\
usage: cargo xtask <command>

  dev [--web-port N] [--api-port N]   everything up: PostgreSQL, Better Auth and the web app on
                                      port 3000, the API on port 8000; Ctrl-C stops it
  test [--only STEP]...               everything tested; STEP is one of format, clippy, rust, rust-18,
                                      doctests, docs, book, openapi, schemathesis, client, web,
                                      web-build, e2e, proxies, deploy, deny
  bench http|flood [--rounds N] [--seconds N]
                                      measures what the guard costs, or what a flood of unknown keys
                                      does; wants wrk
  bench tasks [--sizes N,N...] [--rounds N] [--seconds N]
                                      measures lists and changes of tasks, where there are so many of
                                      them (10k, 1m, 5m; default 10k); wants wrk and psql

environment:
  DATABASE_URL          dev: a PostgreSQL that runs already, as a role that may create roles
  DRAWBRIDGE_POSTGRES   auto (default), system or npm: whose PostgreSQL is started
  PG_BIN_DIR            the folder that holds `postgres` and `initdb`
  NO_COLOR              no colours";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Help,
    Dev(Ports),
    /// The steps to run; none named means all.
    Test(Vec<StepName>),
    Bench(Plan),
}

/// Where the two servers listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) web: u16,
    pub(crate) api: u16,
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Verb, String> {
    // `--name=value` is `--name value`.
    let mut words = arguments.flat_map(|word| match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![word],
    });
    let verb = words.next().unwrap_or_else(|| "help".to_owned());
    match verb.as_str() {
        "help" | "--help" | "-h" => Ok(Verb::Help),
        "dev" => parse_dev(words),
        "test" => parse_test(words),
        "bench" => parse_bench(words),
        other => Err(format!("there is no command `{other}`")),
    }
}

fn parse_dev(mut words: impl Iterator<Item = String>) -> Result<Verb, String> {
    let mut ports = Ports {
        web: 3000,
        api: 8000,
    };
    while let Some(word) = words.next() {
        let port = match word.as_str() {
            "--web-port" => &mut ports.web,
            "--api-port" => &mut ports.api,
            "--help" | "-h" => return Ok(Verb::Help),
            other => return Err(format!("dev knows no `{other}`")),
        };
        let value = words.next().unwrap_or_default();
        *port = match value.parse() {
            Ok(number) if number > 0 => number,
            _ => {
                return Err(format!(
                    "{word} needs a port from 1 to 65535, not `{value}`"
                ));
            }
        };
    }
    if ports.web == ports.api {
        return Err(format!("web and API cannot share port {}", ports.web));
    }
    Ok(Verb::Dev(ports))
}

fn parse_test(mut words: impl Iterator<Item = String>) -> Result<Verb, String> {
    let mut only = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--only" => {
                let name = words.next().unwrap_or_default();
                let step = STEPS.iter().find(|step| step.name() == name);
                only.push(*step.ok_or(format!("there is no step `{name}`"))?);
            }
            "--help" | "-h" => return Ok(Verb::Help),
            other => return Err(format!("test knows no `{other}`")),
        }
    }
    Ok(Verb::Test(only))
}

fn parse_bench(mut words: impl Iterator<Item = String>) -> Result<Verb, String> {
    let mut plan = match words.next().as_deref() {
        Some("http") => Plan::of(What::Http),
        Some("flood") => Plan::of(What::Flood),
        Some("tasks") => Plan::of(What::Tasks),
        Some("--help" | "-h") => return Ok(Verb::Help),
        Some(other) => {
            return Err(format!(
                "bench knows no `{other}`, but http, flood and tasks"
            ));
        }
        None => return Err("bench needs http, flood or tasks".to_owned()),
    };
    while let Some(word) = words.next() {
        let number = match word.as_str() {
            "--rounds" => &mut plan.rounds,
            "--seconds" => &mut plan.seconds,
            "--sizes" if plan.what == What::Tasks => {
                plan.sizes = parse_sizes(&words.next().unwrap_or_default())?;
                continue;
            }
            "--help" | "-h" => return Ok(Verb::Help),
            other => return Err(format!("bench knows no `{other}`")),
        };
        let value = words.next().unwrap_or_default();
        *number = match value.parse() {
            Ok(count @ 1..=600) => count,
            _ => {
                return Err(format!(
                    "{word} needs a number from 1 to 600, not `{value}`"
                ));
            }
        };
    }
    Ok(Verb::Bench(plan))
}

/// `10k,1m`: numbers of tasks.
fn parse_sizes(text: &str) -> Result<Vec<u32>, String> {
    let size = |word: &str| {
        let (digits, unit) = match word.strip_suffix(['k', 'K']) {
            Some(digits) => (digits, 1_000),
            None => match word.strip_suffix(['m', 'M']) {
                Some(digits) => (digits, 1_000_000),
                None => (word, 1),
            },
        };
        let size = digits.parse::<u32>().ok()?.checked_mul(unit)?;
        (10_000..=10_000_000).contains(&size).then_some(size)
    };
    text.split(',')
        .map(|word| {
            size(word).ok_or(format!(
                "--sizes needs numbers from 10k to 10m, not `{word}`"
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Verb, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn ports_have_defaults_and_are_taken_in_both_spellings() {
        assert_eq!(
            parsed("dev"),
            Ok(Verb::Dev(Ports {
                web: 3000,
                api: 8000
            }))
        );
        assert_eq!(
            parsed("dev --web-port=3100 --api-port 8100"),
            Ok(Verb::Dev(Ports {
                web: 3100,
                api: 8100
            }))
        );
        for line in [
            "dev --web-port",
            "dev --web-port 0",
            "dev --api-port 70000",
            "dev --api-port x",
        ] {
            assert!(parsed(line).unwrap_err().contains("needs a port"), "{line}");
        }
        assert!(
            parsed("dev --web-port 8000")
                .unwrap_err()
                .contains("cannot share")
        );
    }

    #[test]
    fn steps_are_named_one_by_one_and_the_usage_names_them_all() {
        assert_eq!(parsed("test"), Ok(Verb::Test(Vec::new())));
        assert_eq!(
            parsed("test --only web --only format"),
            Ok(Verb::Test(vec![StepName::Web, StepName::Format]))
        );
        assert!(
            parsed("test --only nonsense")
                .unwrap_err()
                .contains("nonsense")
        );
        let words: Vec<&str> = USAGE.split([' ', ',', '\n']).collect();
        for step in STEPS {
            assert!(words.contains(&step.name()), "{}", step.name());
        }
    }

    #[test]
    fn a_measurement_is_named_and_can_be_made_longer() {
        assert_eq!(parsed("bench http"), Ok(Verb::Bench(Plan::of(What::Http))));
        assert_eq!(
            parsed("bench flood --seconds 20 --rounds=1"),
            Ok(Verb::Bench(Plan {
                rounds: 1,
                seconds: 20,
                ..Plan::of(What::Flood)
            }))
        );
        assert_eq!(
            parsed("bench tasks --sizes 10k,1M,250000 --rounds 2"),
            Ok(Verb::Bench(Plan {
                sizes: vec![10_000, 1_000_000, 250_000],
                rounds: 2,
                ..Plan::of(What::Tasks)
            }))
        );
        for line in [
            "bench",
            "bench disk",
            "bench http --rounds",
            "bench http --seconds 0",
            "bench http --users 3",
            "bench http --sizes 10k",
            "bench tasks --sizes",
            "bench tasks --sizes 10k,",
            "bench tasks --sizes 10g",
            "bench tasks --sizes 9999",
            "bench tasks --sizes 11m",
            "bench tasks --sizes 4295m",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn slips_are_refused_and_help_is_given() {
        for line in ["", "help", "--help", "dev --help", "test -h", "bench -h"] {
            assert_eq!(parsed(line), Ok(Verb::Help), "{line}");
        }
        for line in ["deploy", "dev now", "test fast"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
