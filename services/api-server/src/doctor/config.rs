//! What is set, and what should not be.

use tracing_subscriber::filter::LevelFilter;

use super::{Check, Finding, Ground};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "config.settings",
        needs: &[],
        look: |ground| Box::pin(async { settings(ground) }),
    },
    Check {
        id: "config.http",
        needs: &["config.settings"],
        look: |ground| Box::pin(async { in_the_clear(ground) }),
    },
    Check {
        id: "config.log",
        needs: &["config.settings"],
        look: |ground| Box::pin(async { log(ground) }),
    },
    Check {
        id: "config.secret",
        needs: &[],
        look: |ground| Box::pin(async { secret(ground) }),
    },
];

fn settings(ground: &Ground) -> Finding {
    match &ground.settings {
        Ok(settings) => Finding::pass(format!(
            "tokens of {} for {} are taken",
            settings.policy.issuer(),
            settings.policy.audiences().join(", "),
        )),
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Finding::fail(faults.join("; "))
                .because("the server does not start with these settings")
                .fix("set what is named here; deploy/api-server.toml explains every key")
        }
    }
}

fn in_the_clear(ground: &Ground) -> Finding {
    let warnings = &ground.settings().warnings;
    match warnings.is_empty() {
        true => Finding::pass("what is trusted comes over https, or from this machine"),
        false => Finding::warn(warnings.join("; "))
            .because("what a stranger can change on the way decides who is let in, or is read by them")
            .fix("use https and sslmode=require between machines, and unset what has danger in its name"),
    }
}

fn log(ground: &Ground) -> Finding {
    let settings = ground.settings();
    let level = settings.log.filter().max_level_hint();
    let is_talkative = level.is_none_or(|level| level > LevelFilter::INFO);
    match is_talkative && !settings.server.address.ip().is_loopback() {
        false => Finding::pass("the log says what happens, and not more"),
        true => Finding::warn(format!(
            "the log's level is {}, on a server that other machines can reach",
            level.map_or_else(|| "unlimited".to_owned(), |level| level.to_string())
        ))
        .because("it costs time for every request, and buries what matters")
        .fix("RUST_LOG=info,actix_http=off"),
    }
}

fn secret(ground: &Ground) -> Finding {
    match ground.has_auth_secret {
        false => Finding::pass("Better Auth's secret is not in this environment"),
        true => Finding::warn("BETTER_AUTH_SECRET is set in this service's environment")
            .because(
                "the API verifies with public keys and never needs it; whoever reads it here can decrypt the keys that sign \
                 every token",
            )
            .fix("unset BETTER_AUTH_SECRET for this service; only Better Auth needs it"),
    }
}
