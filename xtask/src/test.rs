//! `cargo xtask test`: every step, then a table, then what the test runners said at their end.

use std::thread;
use std::time::{Duration, Instant};

use crate::board::Board;
use crate::browser;
use crate::cargo::{cargo_with_openssl, on_path};
use crate::checks::{self, Bench};
use crate::context::{Context, Stop};
use crate::steps::{STEPS, StepName};
use crate::terminal::{self, Colour, line};
use crate::{job, node, summary};

pub(crate) fn run(context: &Context, only: &[StepName]) -> Result<(), Stop> {
    let started = Instant::now();
    let chosen = choose(only);
    let bench = set_up(context, &chosen)?;
    let mut reports: Vec<Report> = Vec::new();
    for step in &chosen {
        context.go_on()?;
        line("");
        line(&context.terminal.paint(
            Colour::Bold,
            &format!("── {} ── {}", step.name(), step.title()),
        ));
        let failed_before = |step| {
            reports
                .iter()
                .any(|report| report.step == step && report.outcome.is_failure())
        };
        let since = Instant::now();
        let transcript = checks::Transcript::default();
        let outcome = if *step == StepName::E2e && failed_before(StepName::WebBuild) {
            Outcome::Failed("the web app does not build".to_owned())
        } else {
            match checks::run(context, &bench, *step, &transcript) {
                Ok(outcome) => outcome,
                Err(Stop::Failed(reason)) => Outcome::Failed(reason),
                Err(stop) => return Err(stop),
            }
        };
        if let Outcome::Failed(reason) = &outcome {
            line(&format!(
                "{} {reason}",
                context.terminal.paint(Colour::Red, "✗")
            ));
        }
        let (took, said) = (since.elapsed(), summary::of(&transcript.lines()));
        reports.push(Report {
            step: *step,
            outcome,
            took,
            said,
        });
    }
    conclude(context, &reports, started.elapsed())
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Good; the text, if any, tells with what.
    Passed(String),
    /// Not good, and why in short.
    Failed(String),
    /// Not applicable here, and why. No failure.
    NotRun(String),
}

impl Outcome {
    fn is_failure(&self) -> bool {
        matches!(self, Outcome::Failed(_))
    }
}

struct Report {
    step: StepName,
    outcome: Outcome,
    took: Duration,
    /// The runners' own last words.
    said: Vec<String>,
}

/// All, or those named, in the usual order. The browser tests look at what `web-build` leaves.
fn choose(only: &[StepName]) -> Vec<StepName> {
    let wanted = |step: &StepName| {
        only.is_empty()
            || only.contains(step)
            || *step == StepName::WebBuild && only.contains(&StepName::E2e)
    };
    STEPS.iter().copied().filter(wanted).collect()
}

/// What the steps need, side by side: packages and a browser come over the network while the first
/// build keeps the processor busy.
fn set_up(context: &Context, chosen: &[StepName]) -> Result<Bench, Stop> {
    use StepName::{Clippy, E2e, Format, Rust};
    let needs = |step| chosen.contains(&step);
    if chosen.iter().any(|step| step.needs_packages()) {
        node::check()?;
    }
    Board::with(context.terminal, |board| {
        thread::scope(|scope| {
            let packages = scope.spawn(|| match chosen.iter().any(|step| step.needs_packages()) {
                true => node::install(context, board),
                false => Ok(()),
            });
            let browser = scope.spawn(|| match needs(E2e) {
                true => board
                    .step("browser", |step| browser::find_or_install(context, step))
                    .map(Some),
                false => Ok(None),
            });
            let program = scope.spawn(|| match needs(Rust) {
                true => first_build(context, board),
                false => Ok(()),
            });
            let components = scope.spawn(|| match needs(Format) || needs(Clippy) {
                true => add_components(context, board),
                false => Ok(()),
            });
            let panicked = |_| Stop::failed("a step broke off");
            let packages = packages.join().map_err(panicked)?;
            let browser = browser.join().map_err(panicked)?;
            program.join().map_err(panicked)??;
            components.join().map_err(panicked)??;
            context.go_on()?;
            packages?;
            // Without a browser everything else can still be tested.
            let browser = match browser {
                Err(Stop::Failed(reason)) => Err(reason),
                other => Ok(other?),
            };
            Ok(Bench { browser })
        })
    })
}

/// So that the wait for the network is not idle. What does not build is told by the step that needs it.
fn first_build(context: &Context, board: &Board) -> Result<(), Stop> {
    let result = board.step("first build", |step| {
        // As `rust` builds it.
        let arguments = ["test", "--workspace", checks::OPTIONAL, "--no-run"];
        let command = cargo_with_openssl(context, &arguments);
        Ok((job::run_quietly(context, step, command)?, String::new()))
    });
    match result {
        Err(Stop::Failed(_)) => Ok(()),
        other => other,
    }
}

/// A toolchain of the minimal profile lacks them.
fn add_components(context: &Context, board: &Board) -> Result<(), Stop> {
    let missing: Vec<&str> = [("rustfmt", "fmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(_, verb)| !checks::succeeds(context, &[verb, "--version"]))
        .map(|(component, _)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !on_path("rustup") {
        return Err(Stop::failed(format!(
            "this Rust has no {}; install it",
            missing.join(" and no ")
        )));
    }
    board.step("rustfmt and clippy", |step| {
        let mut command = std::process::Command::new("rustup");
        command
            .args(["component", "add"])
            .args(missing)
            .current_dir(&context.root);
        Ok((
            job::run_quietly(context, step, command)?,
            "rustup component add".to_owned(),
        ))
    })
}

fn conclude(context: &Context, reports: &[Report], took: Duration) -> Result<(), Stop> {
    let terminal = context.terminal;
    line("");
    for report in reports {
        let (sign, colour, note) = match &report.outcome {
            Outcome::Passed(note) => ("✓", Colour::Green, note.as_str()),
            Outcome::Failed(reason) => {
                ("✗", Colour::Red, reason.lines().next().unwrap_or_default())
            }
            Outcome::NotRun(reason) => ("–", Colour::Yellow, reason.as_str()),
        };
        line(&row(terminal, (sign, colour), report, note));
    }
    let failed: Vec<&str> = reports
        .iter()
        .filter(|report| report.outcome.is_failure())
        .map(|report| report.step.name())
        .collect();
    line("");
    let took = terminal::duration(took);
    line(&match failed.as_slice() {
        [] => terminal.paint(Colour::Green, &format!("  all is well, after {took}")),
        [one] => terminal.paint(
            Colour::Red,
            &format!("  failed after {took}: {one} (alone: cargo xtask test --only {one})"),
        ),
        many => terminal.paint(
            Colour::Red,
            &format!("  failed after {took}: {}", many.join(", ")),
        ),
    });
    for report in reports.iter().filter(|report| !report.said.is_empty()) {
        let on = match &report.outcome {
            Outcome::Passed(note) if !note.is_empty() => format!(" ({note})"),
            _ => String::new(),
        };
        line("");
        line(&format!("{}{on}", report.step.title()));
        report.said.iter().for_each(|said| line(said));
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Stop::Told)
    }
}

fn row(terminal: terminal::Terminal, sign: (&str, Colour), report: &Report, note: &str) -> String {
    let (title, took) = (report.step.title(), terminal::duration(report.took));
    let note = terminal.paint(Colour::Dim, &terminal::shorten(note, 60));
    let sign = terminal.paint(sign.1, sign.0);
    format!(
        "  {sign} {:<10} {title:<30} {took:>12}   {note}",
        report.step.name()
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_run_unless_some_are_named_and_browser_tests_bring_their_build() {
        assert_eq!(choose(&[]), STEPS);
        assert_eq!(
            choose(&[StepName::Web, StepName::Format]),
            [StepName::Format, StepName::Web]
        );
        assert_eq!(
            choose(&[StepName::E2e]),
            [StepName::WebBuild, StepName::E2e]
        );
    }

    #[test]
    fn rows_are_aligned_and_carry_a_short_note() {
        let report = |step, seconds| Report {
            step,
            outcome: Outcome::Passed(String::new()),
            took: Duration::from_secs(seconds),
            said: Vec::new(),
        };
        let terminal = terminal::Terminal {
            coloured: false,
            live: false,
        };
        let one = row(
            terminal,
            ("✓", Colour::Green),
            &report(StepName::Format, 1),
            "",
        );
        let two = row(
            terminal,
            ("✗", Colour::Red),
            &report(StepName::Rust18, 125),
            "3 tests failed",
        );
        assert_eq!(
            one.find("1.0 s").map(|at| at + "1.0 s".len()),
            two.find("05 s").map(|at| at + "05 s".len())
        );
        assert!(two.ends_with("   3 tests failed"));
    }
}
