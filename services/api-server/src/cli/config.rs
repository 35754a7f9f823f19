use std::io::{self, IsTerminal};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, complain, print};
use crate::settings::{Effective, Overview, Sources, schema};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every setting, its value and who set it; secrets are not shown
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Only what somebody has set
        #[arg(long)]
        set: bool,
    },
    /// Whether the server would start with these settings, and what to know about them
    Check,
    /// The JSON schema of the file of --config
    Schema,
}

pub(super) fn run(sources: &Sources, arguments: &Arguments) -> Result<(), Failure> {
    match arguments.verb {
        Verb::Show { json, set } => show(sources, json, set),
        Verb::Check => check(sources),
        Verb::Schema => {
            let mut text = serde_json::to_string_pretty(&schema())?;
            text.push('\n');
            print(text.as_bytes())
        }
    }
}

/// Shows what can be read also where something is wrong: who looks for a fault needs that.
fn show(sources: &Sources, as_json: bool, only_set: bool) -> Result<(), Failure> {
    let Overview { settings, outcome } = Overview::of(sources);
    let wanted = |setting: &&Effective| {
        let by_somebody = |origin: &str| !matches!(origin, "default" | "derived");
        !only_set || setting.origin.as_deref().is_some_and(by_somebody)
    };
    let settings: Vec<&Effective> = settings.iter().filter(wanted).collect();
    match as_json {
        true => print(format!("{:#}\n", json!({ "settings": settings })).as_bytes())?,
        false => print(table(&settings, io::stdout().is_terminal()).as_bytes())?,
    }
    outcome?;
    Ok(())
}

fn table(settings: &[&Effective], coloured: bool) -> String {
    let width = |text: fn(&Effective) -> &str| {
        let widths = settings.iter().map(|setting| text(setting).chars().count());
        widths.max().unwrap_or_default()
    };
    let value = |setting: &Effective| -> String {
        let value = setting.value.as_deref().unwrap_or("-");
        value.to_owned()
    };
    let key_width = width(|setting| setting.key);
    let value_width = width(|setting| setting.value.as_deref().unwrap_or("-")).min(48);
    let dim = |text: &str| match coloured {
        true => format!("\u{1b}[2m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let lines = settings.iter().map(|setting| {
        let origin = setting.origin.clone();
        let origin = origin.unwrap_or_else(|| format!("unset; {}", setting.variable));
        let (key, value) = (setting.key, value(setting));
        format!("{key:key_width$}  {value:value_width$}  {}\n", dim(&origin))
    });
    lines.collect()
}

fn check(sources: &Sources) -> Result<(), Failure> {
    let settings = Overview::of(sources).outcome?;
    for warning in &settings.warnings {
        complain(&format!("warning: {warning}"));
    }
    print(b"the settings are good\n")
}
