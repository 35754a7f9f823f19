//! The issuer's keys: whether they can be had, whether they are keys, and whether they are of use.

mod advice;

use auth_actix::{FetchFailure, FetchFault, KeyFeedError, KeyProbe};
use auth_core::{Algorithm, KeyRing, KeySetError, Policy, SkipReason};
use auth_pg::Survey;

use self::advice::advice;
use super::{
    Check, Finding, Ground,
    text::{shown, span},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "jwks.fetch",
        needs: &["config.settings"],
        look: |ground| Box::pin(fetch(ground)),
    },
    Check {
        id: "jwks.shape",
        needs: &["jwks.fetch"],
        look: |ground| Box::pin(async { with_probe(ground, shape).await }),
    },
    Check {
        id: "jwks.keys",
        needs: &["jwks.shape"],
        look: |ground| Box::pin(async { with_probe(ground, keys).await }),
    },
    Check {
        id: "jwks.algorithms",
        needs: &["jwks.keys"],
        look: |ground| Box::pin(algorithms(ground)),
    },
    Check {
        id: "clock.skew",
        needs: &["jwks.fetch"],
        look: |ground| Box::pin(async { with_probe(ground, clock).await }),
    },
];

/// The checks that need no settings, for whoever has only an address.
pub(crate) fn of_probe(probe: &KeyProbe) -> Vec<(&'static str, Finding)> {
    let fetched = fetched(probe, None);
    let is_there = probe.document.is_ok();
    let mut findings = vec![("jwks.fetch", fetched)];
    if is_there {
        let shape = shape(probe);
        let is_set = shape.verdict != super::Verdict::Fail;
        findings.push(("jwks.shape", shape));
        if is_set {
            findings.push(("jwks.keys", keys(probe)));
        }
        findings.push(("clock.skew", clock(probe)));
    }
    findings
}

async fn fetch(ground: &Ground) -> Finding {
    match ground.probe().await {
        None => Finding::skip("nobody is asked (--offline)"),
        Some(Err(error)) => unusable_settings(error),
        Some(Ok(probe)) => {
            let survey = match is_broken(probe) {
                true => ground.survey().await,
                false => None,
            };
            match (survey, &probe.document) {
                (Some(Err(_)), Err(failure)) if failure.fault == FetchFault::Status => {
                    // Its database is most likely ours.
                    Finding::skip(format!("{}; database_unavailable first", failure.reason))
                }
                (survey, _) => fetched(probe, survey.and_then(|survey| survey.as_ref().ok())),
            }
        }
    }
}

/// Whether Better Auth fails, or does not run: it ends at its start where its tables are not as it needs them.
pub(super) fn is_broken(probe: &KeyProbe) -> bool {
    let answer = probe.answers.last();
    match &probe.document {
        Err(failure) if failure.fault == FetchFault::Connect => true,
        Err(_) => answer.is_some_and(|answer| answer.status >= 500),
        Ok(_) => false,
    }
}

fn unusable_settings(error: &KeyFeedError) -> Finding {
    Finding::fail(format!("the keys cannot be asked for: {error}"))
        .fix("set BETTER_AUTH_URL, or API__AUTH__JWKS_URL, to an https address")
}

fn fetched(probe: &KeyProbe, survey: Option<&Survey>) -> Finding {
    let failure = match &probe.document {
        Ok(document) => {
            let took = probe.took.as_millis();
            let from = probe
                .answers
                .last()
                .map_or(&probe.url, |answer| &answer.url);
            return Finding::pass(format!("{} bytes from {from} in {took} ms", document.len()));
        }
        Err(failure) => failure,
    };
    let answer = probe.answers.last();
    if let Some(survey) = survey
        && let Some(finding) = broken_tables(survey, failure)
    {
        return finding;
    }
    let finding = Finding::fail(format!("{}: {}", probe.url, failure.reason)).because(
        "without the issuer's keys no token can be judged: the API answers keys_unavailable",
    );
    finding.fix(advice(failure, answer))
}

/// Better Auth is broken, and its tables are in the database that we can look into.
fn broken_tables(survey: &Survey, failure: &FetchFailure) -> Option<Finding> {
    let without = survey.better_auth.iter().find(|tables| !tables.has_jwks);
    if let Some(tables) = without.filter(|tables| tables.missing.is_empty()) {
        return Some(
            Finding::fail(format!(
                "{}, and table jwks is missing in schema {}",
                failure.reason, tables.schema
            ))
            .named("jwks.table")
            .because("the jwt() plugin keeps its keys in a table, which Better Auth's migration makes once the plugin is there")
            .fix(MIGRATE),
        );
    }
    let is_older = |tables: &auth_pg::BetterAuthTables| {
        !tables.missing.is_empty() || !tables.missing_of_jwks.is_empty()
    };
    (survey.better_auth.iter().any(is_older))
        .then(|| Finding::skip(format!("{}; betterauth.schema says why", failure.reason)))
}

pub(super) const MIGRATE: &str = "run Better Auth's migration (getMigrations(options) and runMigrations() of \
                                  better-auth/db/migration, or `npx auth migrate`), then `api-server migrate`";

fn shape(probe: &KeyProbe) -> Finding {
    let Some(Err(error)) = probe.keys() else {
        return Finding::pass("it is a key set");
    };
    if let KeySetError::NoUsableKey { .. } = error {
        return Finding::pass("it is a key set");
    }
    let answer = probe.answers.last();
    let media = answer.and_then(|answer| answer.content_type.as_deref());
    let is_page = media.is_some_and(|media| media.starts_with("text/html"));
    let finding = Finding::fail(format!(
        "{error}; it is {}",
        media.map_or_else(|| "of no type".to_owned(), shown)
    ))
    .because(
        "the API goes on with the keys that it has, and answers keys_unavailable if it has none",
    );
    finding.fix(match is_page {
        true => {
            "a page is served there: the path is caught by Next.js' routing or a proxy; is app/api/auth/[...all]/route.ts there?"
        }
        false => "compare the address with Better Auth's own: {BETTER_AUTH_URL}/api/auth/jwks",
    })
}

fn keys(probe: &KeyProbe) -> Finding {
    match probe.keys() {
        Some(Ok(ring)) => usable(&ring),
        Some(Err(KeySetError::NoUsableKey { skipped })) if skipped.is_empty() => {
            Finding::fail("the key set is empty")
                .because(
                    "all keys are past their grace period, and Better Auth makes a new one only when somebody asks for a token",
                )
                .fix("sign in and fetch a token once (GET /api/auth/token), or delete expired rows of table jwks")
        }
        Some(Err(error)) => Finding::fail(error.to_string())
            .because("no token can be judged with these keys")
            .fix("let Better Auth sign with one of EdDSA, ES256, ES512, RS256, PS256 (jwks.keyPairConfig)"),
        None => Finding::skip("there is no document"),
    }
}

fn usable(ring: &KeyRing) -> Finding {
    let of = |algorithm: Algorithm| format!("{algorithm}");
    let kinds: std::collections::BTreeSet<_> =
        ring.keys().map(|(_, algorithm)| of(algorithm)).collect();
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(", ");
    let text = match ring.len() {
        1 => format!("1 key can be used: {kinds}"),
        n => format!("{n} keys can be used: {kinds}"),
    };
    let [first, others @ ..] = ring.skipped() else {
        return Finding::pass(text);
    };
    let more = match others.len() {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let finding = Finding::warn(format!("{text}; not used: {first}{more}"));
    let skipped = ring.skipped().iter();
    match skipped.map(|key| &key.reason).any(|it| matches!(it, SkipReason::Private(_))) {
        true => finding
            .because("whoever has seen the private numbers of a key can sign as every user")
            .fix("take that key out of use at once, and publish public members only"),
        false => finding
            .because("tokens that are signed with such a key are refused")
            .fix("nothing, if no token is signed with it; else let Better Auth sign with a key that can be used"),
    }
}

async fn algorithms(ground: &Ground) -> Finding {
    match ground.keys().await {
        Some(ring) => allowed(&ring, &ground.settings().policy),
        None => Finding::skip("there are no keys"),
    }
}

fn allowed(ring: &KeyRing, policy: &Policy) -> Finding {
    let names = |algorithms: &mut dyn Iterator<Item = Algorithm>| {
        let names: Vec<_> = algorithms.map(Algorithm::name).collect();
        names.join(", ")
    };
    let refused: std::collections::BTreeSet<_> = ring
        .keys()
        .map(|(_, algorithm)| algorithm)
        .filter(|algorithm| !policy.algorithms().contains(algorithm))
        .collect();
    if refused.is_empty() {
        return Finding::pass("their algorithms are among those that are taken");
    }
    let all_are = ring
        .keys()
        .all(|(_, algorithm)| refused.contains(&algorithm));
    let text = format!(
        "the issuer has keys for {}, and only {} may be used",
        names(&mut refused.into_iter()),
        names(&mut policy.algorithms().iter().copied()),
    );
    let finding = match all_are {
        true => Finding::fail(text).named("algorithm_not_allowed"),
        false => Finding::warn(text),
    };
    finding
        .because("what is signed with those keys is refused with algorithm_not_allowed")
        .fix("add the algorithm to API__AUTH__ALGORITHMS, or change keyPairConfig of Better Auth's jwt() plugin")
}

/// `true` where every token is refused for its algorithm, and the key set is the reason.
pub(super) async fn none_allowed(ground: &Ground) -> bool {
    let policy = &ground.settings().policy;
    let ring = ground.keys().await;
    ring.is_some_and(|ring| {
        let mut keys = ring.keys();
        keys.all(|(_, algorithm)| !policy.algorithms().contains(&algorithm))
    })
}

fn clock(probe: &KeyProbe) -> Finding {
    let ahead = probe.answers.last().and_then(|answer| answer.clock_ahead);
    match ahead {
        None => Finding::skip("the issuer does not say what time it is"),
        Some(-5..=5) => Finding::pass("the issuer's clock and ours agree"),
        Some(ahead) => {
            let where_to = if ahead > 0 { "ahead of" } else { "behind" };
            Finding::warn(format!("the issuer's clock is {} {where_to} ours", span(ahead)))
                .because(
                    "tokens then expire too early or too late, and are refused as issued_in_future beyond API__AUTH__LEEWAY",
                )
                .fix("let both machines keep time (chrony, systemd-timesyncd)")
        }
    }
}

async fn with_probe(ground: &Ground, look: fn(&KeyProbe) -> Finding) -> Finding {
    match ground.probe().await {
        Some(Ok(probe)) => look(probe),
        _ => Finding::skip("there is no answer"),
    }
}
