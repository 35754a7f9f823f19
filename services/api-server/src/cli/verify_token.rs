use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

use auth_actix::KeyProbe;
use auth_core::{
    KeyRing, MAX_KEY_SET_BYTES, Policy, TokenCheck, TokenKind, UntrustedToken, Verifier,
};
use clap::Args;
use serde_json::{Value, json};

use super::{Failure, Misused, output, print, secret, without_log};
use crate::{
    doctor::{Finding, Report, of_probe, passed, refused},
    settings::{Environment, Sources, TrustSettings},
    token_text::TokenText,
};

/// What is not given is taken from the settings: BETTER_AUTH_URL alone says it all. Exit codes: 0, the token is good; 1, it is
/// not; 2, with warnings; 64, wrong arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The token; - reads it from stdin
    #[arg(
        long,
        value_name = "TOKEN",
        default_value = "-",
        hide_default_value = true
    )]
    token: String,

    /// Where the issuer's keys are
    #[arg(long, value_name = "URL")]
    jwks_url: Option<String>,

    /// A file with the issuer's keys
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_url")]
    jwks: Option<PathBuf>,

    /// What `iss` must be
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,

    /// What `aud` must name; may be given several times
    #[arg(long, value_name = "AUDIENCE")]
    audience: Vec<String>,

    /// The claim that names the user: uuid or sub
    #[arg(long, value_name = "CLAIM")]
    user_claim: Option<String>,

    /// For programs: {version, exit_code, header, claims, checks}
    #[arg(long)]
    json: bool,
}

pub(super) fn run(sources: Sources, arguments: &Arguments) -> Result<u8, Failure> {
    let token = secret::token(&arguments.token)?;
    let environment = arguments.over(sources.environment);
    let sources = Sources {
        environment,
        ..sources
    };
    let trust = TrustSettings::load(&sources)?;
    let from_file = arguments.jwks.as_deref().map(read).transpose()?;
    without_log(async move {
        let mut report = Report::default();
        let ring = match from_file {
            Some(document) => ring_of(&document, &mut report),
            None => {
                let probe = KeyProbe::make(&trust.keys).await?;
                for (check, finding) in of_probe(&probe) {
                    report.add(check, finding);
                }
                probe.keys().and_then(Result::ok)
            }
        };
        let policy = policy_for(&trust, &token);
        judge(policy, &token, ring.as_ref(), &mut report);
        let said = TokenText::read(&token);
        if arguments.json {
            let mut value = report.json();
            value["header"] = pairs_json(said.shown_header());
            value["claims"] = pairs_json(said.shown_claims());
            return output::print_json(&report, &value);
        }
        let mut text = String::new();
        for (title, pairs) in [
            ("header", said.shown_header()),
            ("claims", said.shown_claims()),
        ] {
            if !pairs.is_empty() {
                text.push_str(&format!("{title} (not verified)\n"));
            }
            let rows: Vec<_> = pairs
                .into_iter()
                .map(|(name, value)| vec![format!("  {name}"), value])
                .collect();
            text.push_str(&output::columns(&rows));
        }
        text.push_str(&report.text(output::style(&sources.environment)));
        print(text.as_bytes())?;
        Ok(report.exit_code())
    })
}

impl Arguments {
    /// What is given wins over what is set, as the environment wins over a file: there is one way to read all of it.
    fn over(&self, environment: Environment) -> Environment {
        let audience = (!self.audience.is_empty()).then(|| self.audience.join(","));
        // Not asked where there is a file; something has to stand there.
        let unasked = self.jwks.as_ref().map(|_| "http://localhost/".to_owned());
        [
            ("API__AUTH__ISSUER", self.issuer.clone()),
            ("API__AUTH__AUDIENCE", audience),
            ("API__AUTH__USER_CLAIM", self.user_claim.clone()),
            ("API__AUTH__JWKS_URL", self.jwks_url.clone().or(unasked)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(environment, |environment, (name, value)| {
            environment.with(name, &value)
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let unusable = |what: String| Misused(format!("{}: {what}", file.display()));
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| {
        file.take(MAX_KEY_SET_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
    });
    read.map_err(|error| unusable(format!("cannot be read: {error}")))?;
    Ok(bytes)
}

fn ring_of(document: &[u8], report: &mut Report) -> Option<KeyRing> {
    match KeyRing::parse(document) {
        Ok(ring) => {
            report.add(
                "jwks.keys",
                Finding::pass(format!("{} of the file's keys can be used", ring.len())),
            );
            Some(ring)
        }
        Err(error) => {
            let finding = Finding::fail(error.to_string())
                .fix("save what Better Auth answers at /api/auth/jwks");
            report.add("jwks.keys", finding);
            None
        }
    }
}

fn policy_for<'a>(trust: &'a TrustSettings, token: &str) -> &'a Policy {
    let is_access_token =
        UntrustedToken::parse(token).is_ok_and(|token| token.kind() == TokenKind::Access);
    match &trust.access_tokens {
        Some(access_tokens) if is_access_token => &access_tokens.policy,
        _ => &trust.policy,
    }
}

/// A line for each check that the verifier makes, in its order.
fn judge(policy: &Policy, token: &str, ring: Option<&KeyRing>, report: &mut Report) {
    let verifier = Verifier::new(policy.clone());
    let examined = verifier.examine(token, ring, SystemTime::now().into());
    for (check, id) in TokenCheck::ALL.into_iter().zip(IDS) {
        let finding = match &examined.outcome {
            _ if examined.passed.contains(&check) => Finding::pass(passed(check, policy)),
            Some(Err(denied)) if examined.stopped_at() == Some(check) => {
                refused(denied, policy, token)
            }
            Some(Err(denied)) => Finding::skip(format!("{} first", denied.code())),
            _ => Finding::skip("there are no keys to judge it with"),
        };
        report.add(id, finding);
    }
}

/// As `doctor` has them.
const IDS: [&str; TokenCheck::ALL.len()] = [
    "token.form",
    "token.type",
    "token.algorithm",
    "token.key_id",
    "token.key",
    "token.signature",
    "token.claims",
    "token.kind",
    "token.issuer",
    "token.audience",
    "token.times",
    "token.user",
];

fn pairs_json(pairs: Vec<(String, String)>) -> Value {
    let pairs = pairs.into_iter().map(|(name, value)| (name, json!(value)));
    Value::Object(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_the_name_that_the_doctor_has_for_it() {
        for (check, id) in TokenCheck::ALL.into_iter().zip(IDS) {
            assert_eq!(id, format!("token.{check}"));
        }
    }
}
