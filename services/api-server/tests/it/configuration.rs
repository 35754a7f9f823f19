//! `api-server config`, as somebody who looks for a mistake uses it.

use serde_json::Value;

use crate::support::run;

const GOOD: [(&str, &str); 2] = [
    (
        "DATABASE_URL",
        "postgres://tasks_api:hunter2@db.example/app?sslmode=require",
    ),
    ("BETTER_AUTH_URL", "https://app.example.com"),
];

#[test]
fn the_effective_settings_are_shown_with_their_origin_and_without_secrets() {
    let variables = [&GOOD[..], &[("API__SERVER__PORT", "9000")]].concat();
    let (code, stdout, stderr) = run(&["config", "show"], &variables);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let line = |key: &str| {
        let mut lines = stdout.lines().map(|line| {
            let words: Vec<_> = line.split("  ").map(str::trim).collect();
            words.into_iter().filter(|word| !word.is_empty()).collect()
        });
        lines.find(|words: &Vec<_>| words[0] == key).unwrap()
    };
    assert_eq!(
        line("server.port"),
        ["server.port", "9000", "API__SERVER__PORT"]
    );
    assert_eq!(line("server.host"), ["server.host", "127.0.0.1", "default"]);
    assert_eq!(
        line("database.url"),
        ["database.url", "(set, not shown)", "DATABASE_URL"]
    );
    assert_eq!(
        line("metrics.address"),
        ["metrics.address", "-", "unset; API__METRICS__ADDRESS"]
    );
    assert!(!stdout.contains("hunter2") && !stdout.contains('\u{1b}'));

    let (code, stdout, _) = run(&["config", "show", "--set", "--json"], &variables);
    assert_eq!(code, 0);
    let shown: Value = serde_json::from_str(&stdout).unwrap();
    let keys: Vec<_> = shown["settings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|setting| setting["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["server.port", "auth.better_auth_url", "database.url"]
    );
}

#[test]
fn settings_are_checked_without_a_database_or_an_issuer() {
    let (code, stdout, stderr) = run(&["config", "check"], &GOOD);
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (0, "the settings are good\n", "")
    );
    let risky = [
        &GOOD[..],
        &[("API__WEBHOOKS__DANGER_ALLOW_PRIVATE_TARGETS", "true")],
    ]
    .concat();
    let (code, _, stderr) = run(&["config", "check"], &risky);
    assert_eq!(code, 0);
    assert!(
        stderr.contains("warning: ") && stderr.contains("danger_allow_private_targets"),
        "{stderr}"
    );
    let in_production = [&risky[..], &[("API__SERVER__PROFILE", "production")]].concat();
    let (code, stdout, stderr) = run(&["config", "check"], &in_production);
    assert_eq!((code, stdout.as_str()), (64, ""));
    assert!(stderr.contains("danger_allow_private_targets"), "{stderr}");
}

#[test]
fn what_can_be_read_is_shown_also_where_something_is_wrong() {
    let wrong = [&GOOD[..], &[("API__SERVER__PORT", "http")]].concat();
    let (code, stdout, stderr) = run(&["config", "show"], &wrong);
    assert_eq!(code, 64);
    assert!(stdout.contains("auth.better_auth_url"), "{stdout}");
    assert!(stderr.contains("API__SERVER__PORT"), "{stderr}");
}

#[test]
fn the_committed_schema_is_what_the_program_prints() {
    let (code, stdout, _) = run(&["config", "schema"], &[]);
    assert_eq!(code, 0);
    assert!(
        stdout == include_str!("../../../../deploy/api-server.schema.json"),
        "deploy/api-server.schema.json is old; renew it: cargo run -p api-server -- config schema > deploy/api-server.schema.json"
    );
}
