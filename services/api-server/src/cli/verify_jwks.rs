use auth_actix::{KeyAnswer, KeyFeedError, KeyFeedSettings, KeyProbe};
use auth_core::{KeySetError, SkippedKey};
use clap::Args;
use serde_json::{Value, json};

use super::{Failure, output, print, without_log};
use crate::{
    doctor::{Finding, Report, of_probe, shown},
    settings::{Sources, TrustSettings},
};

/// Exit codes: 0, the keys can be used; 1, they cannot; 2, with warnings; 64, wrong arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where the keys are; without it, where the settings say
    url: Option<String>,

    /// For programs: {version, exit_code, url, answers, keys, checks}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(sources: Sources, arguments: Arguments) -> Result<u8, Failure> {
    let mut settings = match arguments.url {
        Some(url) => KeyFeedSettings::new(url),
        None => TrustSettings::load(&sources)?.keys,
    };
    let refused = match settings.check() {
        Err(error @ KeyFeedError::PlainHttp { .. }) => Some(error),
        Err(error) => return Err(super::Misused(error.to_string()).into()),
        Ok(()) => None,
    };
    // To look at public keys is no danger; to trust them would be.
    settings.danger_allow_http = true;
    without_log(async move {
        let probe = KeyProbe::make(&settings).await?;
        let keys = rows(&probe);
        let mut report = Report::default();
        if let Some(refused) = &refused {
            report.add("config.http", in_the_clear(refused));
        }
        for (check, finding) in of_probe(&probe) {
            report.add(check, finding);
        }
        if arguments.json {
            let mut value = report.json();
            value["url"] = json!(settings.jwks_url);
            value["took_ms"] = json!(probe.took.as_millis() as u64);
            value["answers"] = probe.answers.iter().map(answer_json).collect();
            value["keys"] = keys.iter().map(Row::json).collect();
            return output::print_json(&report, &value);
        }
        let mut text = String::new();
        for answer in &probe.answers {
            text.push_str(&format!("{}\n", answer_line(answer)));
        }
        if !keys.is_empty() {
            let head = ["KID", "KTY", "CRV", "ALG", "USABLE"].map(str::to_owned);
            let rows: Vec<_> = std::iter::once(head.to_vec())
                .chain(keys.iter().map(Row::cells))
                .collect();
            text.push_str(&output::columns(&rows));
        }
        text.push_str(&report.text(output::style(&sources.environment)));
        print(text.as_bytes())?;
        Ok(report.exit_code())
    })
}

fn in_the_clear(error: &KeyFeedError) -> Finding {
    Finding::warn(error.to_string())
        .because("anyone on the way could put in keys of their own, and be every user: the server refuses this address")
        .fix("use https; in a trusted network auth.danger_allow_http_issuer = true")
}

fn answer_line(answer: &KeyAnswer) -> String {
    let media = answer
        .content_type
        .as_deref()
        .map_or_else(|| "no type".to_owned(), shown);
    let kept = answer.max_age.map_or_else(
        || "kept as the settings say (auth.jwks.max_age)".to_owned(),
        |age| format!("told to keep it for {} s", age.as_secs()),
    );
    let to = answer
        .location
        .as_deref()
        .map(|to| format!(", to {}", shown(to)));
    format!(
        "{}: {} {media}, {kept}{}",
        answer.url,
        answer.status,
        to.unwrap_or_default()
    )
}

fn answer_json(answer: &KeyAnswer) -> Value {
    json!({
        "url": answer.url,
        "status": answer.status,
        "content_type": answer.content_type,
        "content_length": answer.content_length,
        "location": answer.location,
        "max_age": answer.max_age.map(|age| age.as_secs()),
        "clock_ahead": answer.clock_ahead,
    })
}

/// A member of the set: what it says of itself, and what the server makes of it.
struct Row {
    says: [Option<String>; 4],
    why_not: Option<String>,
}

const SAYS: [&str; 4] = ["kid", "kty", "crv", "alg"];

/// A set has no more that are shown than the server looks at.
const MOST: usize = 200;

fn rows(probe: &KeyProbe) -> Vec<Row> {
    let document = probe.document.as_deref().unwrap_or_default();
    let document: Value = serde_json::from_slice(document).unwrap_or_default();
    let skipped: Vec<SkippedKey> = match probe.keys() {
        Some(Ok(ring)) => ring.skipped().to_vec(),
        Some(Err(KeySetError::NoUsableKey { skipped })) => skipped,
        _ => return Vec::new(),
    };
    let members = document["keys"].as_array().into_iter().flatten().take(MOST);
    let row = |(index, member): (usize, &Value)| Row {
        says: SAYS.map(|name| Some(member.get(name)?.as_str()?.chars().take(128).collect())),
        why_not: (skipped.iter())
            .find(|key| key.index == index)
            .map(|key| key.reason.to_string()),
    };
    members.enumerate().map(row).collect()
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let says = self.says.iter().map(|text| match text.as_deref() {
            Some(text) => shown(text).trim_matches('"').to_owned(),
            None => "-".to_owned(),
        });
        let usable = match &self.why_not {
            None => "yes".to_owned(),
            Some(why) => format!("no: {why}"),
        };
        says.chain([usable]).collect()
    }

    fn json(&self) -> Value {
        let [kid, kty, crv, alg] = &self.says;
        json!({
            "kid": kid, "kty": kty, "crv": crv, "alg": alg,
            "usable": self.why_not.is_none(), "reason": self.why_not,
        })
    }
}
