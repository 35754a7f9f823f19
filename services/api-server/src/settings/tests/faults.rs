use super::*;

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_variable_and_what_was_expected() {
    for (variable, value, key, expected) in [
        (
            "API__SERVER__HOST",
            "localhost",
            "server.host",
            "an IP address",
        ),
        ("API__SERVER__PORT", "80000", "server.port", "a port number"),
        ("API__SERVER__PORT", "80.5", "server.port", "a port number"),
        (
            "API__SERVER__WORKERS",
            "0",
            "server.workers",
            "a number from 1 to 1024",
        ),
        (
            "API__SERVER__BODY_LIMIT",
            "lots",
            "server.body_limit",
            "a size",
        ),
        (
            "API__SERVER__BODY_LIMIT",
            "1MiB",
            "server.body_limit",
            "a size",
        ),
        (
            "API__SERVER__SHUTDOWN_TIMEOUT",
            "30",
            "server.shutdown_timeout",
            "with its unit",
        ),
        (
            "API__SERVER__SHUTDOWN_DELAY",
            "-1s",
            "server.shutdown_delay",
            "with its unit",
        ),
        (
            "BETTER_AUTH_URL",
            "app.example.com",
            "auth.better_auth_url",
            "http or https URL",
        ),
        (
            "BETTER_AUTH_URL",
            "ftp://app.example.com",
            "auth.better_auth_url",
            "http or https URL",
        ),
        (
            "API__AUTH__ISSUER",
            "https://a b",
            "auth.issuer",
            "without white space",
        ),
        (
            "API__AUTH__AUDIENCE",
            "one,,two",
            "auth.audience",
            "without white space",
        ),
        (
            "API__AUTH__JWKS_URL",
            "/api/auth/jwks",
            "auth.jwks_url",
            "http or https URL",
        ),
        (
            "API__AUTH__USER_CLAIM",
            "email",
            "auth.user_claim",
            "uuid or sub",
        ),
        (
            "API__AUTH__ALGORITHMS",
            "EdDSA,HS256",
            "auth.algorithms",
            "EdDSA, ES256",
        ),
        (
            "API__AUTH__ALGORITHMS",
            "eddsa",
            "auth.algorithms",
            "EdDSA, ES256",
        ),
        ("API__AUTH__LEEWAY", "121s", "auth.leeway", "at most 2m"),
        (
            "API__AUTH__LEEWAY",
            "a while",
            "auth.leeway",
            "with its unit",
        ),
        (
            "API__AUTH__DANGER_ALLOW_HTTP_ISSUER",
            "yes",
            "auth.danger_allow_http_issuer",
            "true or false",
        ),
        (
            "API__AUTH__JWKS__MAX_AGE",
            "999ms",
            "auth.jwks.max_age",
            "at least 1s",
        ),
        (
            "API__AUTH__JWKS__MAX_STALE",
            "1m",
            "auth.jwks.max_stale",
            "0s, or at least auth.jwks.max_age",
        ),
        (
            "API__AUTH__JWKS__BURST",
            "-1",
            "auth.jwks.burst",
            "from 0 to 100",
        ),
        (
            "API__AUTH__JWKS__FIRST_PAUSE",
            "99ms",
            "auth.jwks.first_pause",
            "at least 100ms",
        ),
        (
            "API__AUTH__JWKS__LONGEST_PAUSE",
            "1s",
            "auth.jwks.longest_pause",
            "at least auth.jwks.first_pause",
        ),
        (
            "API__AUTH__JWKS__WAIT",
            "0s",
            "auth.jwks.wait",
            "above zero",
        ),
        (
            "API__AUTH__MAX_TOKEN_LIFETIME",
            "never",
            "auth.max_token_lifetime",
            "15m or 24h, or off",
        ),
        (
            "API__AUTH__CACHE__MAX_BYTES",
            "32MB",
            "auth.cache.max_bytes",
            "such as 64MiB",
        ),
        (
            "API__AUTH__ACCOUNTS__SESSIONS",
            "on",
            "auth.accounts.sessions",
            "auto or off",
        ),
        (
            "API__AUTH__JWKS__COOLDOWN",
            "0s",
            "auth.jwks.cooldown",
            "above zero",
        ),
        (
            "API__AUTH__JWKS__TIMEOUT",
            "0s",
            "auth.jwks.timeout",
            "above zero",
        ),
        (
            "API__AUTH__ACCOUNTS__MODE",
            "on",
            "auth.accounts.mode",
            "auto or off",
        ),
        ("API__CORS__ORIGINS", "*", "cors.origins", "exact origin"),
        (
            "API__CORS__ORIGINS",
            "https://a.example/app",
            "cors.origins",
            "exact origin",
        ),
        (
            "API__DATABASE__MAX_CONNECTIONS",
            "0",
            "database.max_connections",
            "a number from 1",
        ),
        (
            "API__DATABASE__CONNECT_TIMEOUT",
            "0s",
            "database.connect_timeout",
            "above zero",
        ),
        (
            "API__DATABASE__WAIT_TIMEOUT",
            "3",
            "database.wait_timeout",
            "with its unit",
        ),
        (
            "API__DATABASE__STATEMENT_DEADLINE",
            "0s",
            "database.statement_deadline",
            "above zero",
        ),
        (
            "API__DATABASE__CONNECT_TIMEOUT",
            "11m",
            "database.connect_timeout",
            "at most 10m",
        ),
        (
            "API__DATABASE__WAIT_TIMEOUT",
            "11m",
            "database.wait_timeout",
            "at most 10m",
        ),
        (
            "API__DATABASE__STATEMENT_DEADLINE",
            "600h",
            "database.statement_deadline",
            "at most 10m",
        ),
        (
            "API__DATABASE__PREPARED_STATEMENTS",
            "1",
            "database.prepared_statements",
            "true or false",
        ),
        (
            "API__LOG__FORMAT",
            "xml",
            "log.format",
            "auto, json or pretty",
        ),
        ("RUST_LOG", "api_server=loud", "log.filter", "a filter"),
    ] {
        let line = fault(variable, value);
        assert!(line.starts_with(&format!("{key} ({variable}): ")), "{line}");
        assert!(line.contains(expected), "{line}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_in_a_file_is_named_with_the_file() {
    for (toml, key) in [
        ("server.port = -1", "server.port"),
        ("server.port = [1]", "server.port"),
        ("server.port = 80.5", "server.port"),
        ("server.shutdown_timeout = 30", "server.shutdown_timeout"),
        ("cors.origins = [[\"https://a.example\"]]", "cors.origins"),
        ("auth.audience = []", "auth.audience"),
        ("auth.algorithms = []", "auth.algorithms"),
        ("auth.jwks = \"https://a.example\"", "auth.jwks"),
        ("server = 8000", "server"),
        ("[server.port]\nnumber = 1", "server.port"),
        (
            "database.prepared_statements = 1979-05-27",
            "database.prepared_statements",
        ),
    ] {
        let faults = faults(load_file(toml));
        assert_eq!(faults.len(), 1, "{toml}: {faults:?}");
        assert!(
            faults[0].starts_with(&format!("{key} (")) && faults[0].contains(".toml)"),
            "{faults:?}"
        );
    }
}

#[test]
fn all_faults_are_reported_together() {
    let file =
        TomlFile::new("surprise = true\n[server]\nport = \"eighty\"\n[auth]\nleeway = \"1h\"");
    let outcome = Settings::load(&sources(
        Some(&file),
        &[
            ("DATABASE_URL", "mysql://root:hunter2@db/app"),
            ("API__SERVER__HOST", "nowhere"),
            ("API__CORS__ORIGINS", "*,https://fine.example,null"),
            ("API__TYPO", "1"),
            ("API__LOG__FORMAT", "xml"),
        ],
    ));
    let text = outcome.unwrap_err().to_string();
    assert!(text.starts_with("10 settings are wrong:\n  - "), "{text}");
    for part in [
        "surprise (",
        "server.port (",
        "auth.leeway (",
        "database.url (DATABASE_URL)",
        "server.host (API__SERVER__HOST)",
        "found \"*\"",
        "found \"null\"",
        "API__TYPO (environment)",
        "log.format (API__LOG__FORMAT)",
        "auth.better_auth_url is not set",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_file_that_cannot_be_used_is_one_clear_fault() {
    let missing = Settings::load(&Sources {
        file: Some("/no/such/file.toml".into()),
        environment: [DATABASE_URL, BETTER_AUTH_URL].into_iter().collect(),
    });
    let lines = faults(missing);
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("/no/such/file.toml: cannot be read: "),
        "{lines:?}"
    );

    for toml in ["[server", "server.port = 1\nserver.port = 2", "port: 1"] {
        let lines = faults(load_file(toml));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("line 1") || lines[0].contains("line 2"),
            "{lines:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_text_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let environment = [
        (
            OsStr::new("DATABASE_URL"),
            OsStr::from_bytes(b"postgres://\xff"),
        ),
        (
            OsStr::new("BETTER_AUTH_URL"),
            OsStr::new("https://a.example"),
        ),
    ];
    let lines = faults(Settings::load(&Sources {
        file: None,
        environment: environment.into_iter().collect(),
    }));
    assert!(
        lines[0].starts_with("database.url (DATABASE_URL): expected text"),
        "{lines:?}"
    );
}

#[test]
fn without_a_database_the_fault_says_what_to_do() {
    let lines = faults(Settings::load(&sources(None, &[BETTER_AUTH_URL])));
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with("database.url is not set: set DATABASE_URL="),
        "{lines:?}"
    );
    assert!(lines[0].contains("cargo xtask dev"), "{lines:?}");
}
