use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Failure, complain,
    output::{columns, style},
    print,
};
use crate::{
    doctor::Style,
    settings::{Effective, Overview, Sources, schema},
};

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
        false => print(table(&settings, style(&sources.environment)).as_bytes())?,
    }
    outcome?;
    Ok(())
}

fn table(settings: &[&Effective], style: Style) -> String {
    let rows = settings.iter().map(|setting| {
        let value = setting.value.as_deref().unwrap_or("-");
        let unset = || format!("unset; {}", setting.variable);
        let origin = setting.origin.clone().unwrap_or_else(unset);
        vec![
            setting.key.to_owned(),
            value.to_owned(),
            style.paint("2", &origin),
        ]
    });
    columns(&rows.collect::<Vec<_>>())
}

fn check(sources: &Sources) -> Result<(), Failure> {
    let settings = Overview::of(sources).outcome?;
    for warning in &settings.warnings {
        complain(&format!("warning: {warning}"));
    }
    print(b"the settings are good\n")
}
