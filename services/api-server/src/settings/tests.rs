use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use auth_core::Algorithm;
use secrecy::ExposeSecret;

use super::{keys::KEYS, *};

const DATABASE_URL: (&str, &str) = (
    "DATABASE_URL",
    "postgres://tasks_api:hunter2@db.example/app",
);
const BETTER_AUTH_URL: (&str, &str) = ("BETTER_AUTH_URL", "https://app.example.com");

/// A file of settings that is gone at the end of the test.
struct TomlFile(PathBuf);

impl TomlFile {
    fn new(text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("settings-{}-{n}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TomlFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn sources(toml: Option<&TomlFile>, variables: &[(&str, &str)]) -> Sources {
    Sources {
        file: toml.map(|file| file.0.clone()),
        environment: variables.iter().copied().collect(),
    }
}

/// Settings of a good environment and these variables.
fn load(variables: &[(&str, &str)]) -> Result<Settings, Faults> {
    Settings::load(&sources(
        None,
        &[&[DATABASE_URL, BETTER_AUTH_URL], variables].concat(),
    ))
}

/// Settings of a good environment and this file.
fn load_file(toml: &str) -> Result<Settings, Faults> {
    Settings::load(&sources(
        Some(&TomlFile::new(toml)),
        &[DATABASE_URL, BETTER_AUTH_URL],
    ))
}

/// The faults, one per line, without the file's path.
fn faults<T: fmt::Debug>(outcome: Result<T, Faults>) -> Vec<String> {
    outcome
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn fault(variable: &str, value: &str) -> String {
    let faults = faults(load(&[(variable, value)]));
    assert_eq!(faults.len(), 1, "{variable}={value}: {faults:?}");
    faults.into_iter().next().unwrap()
}

#[test]
fn two_variables_are_enough() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.server.address, "127.0.0.1:8000".parse().unwrap());
    assert_eq!(settings.server.workers, None);
    assert_eq!(settings.server.body_limit, 262_144);
    assert_eq!(settings.server.shutdown_delay, Duration::ZERO);
    assert_eq!(settings.server.shutdown_timeout, Duration::from_secs(30));
    assert_eq!(settings.policy.issuer(), "https://app.example.com");
    assert_eq!(settings.policy.audiences(), ["https://app.example.com"]);
    assert_eq!(settings.policy.algorithms(), Algorithm::ALL);
    assert_eq!(settings.policy.user_claim(), UserClaim::Uuid);
    assert_eq!(settings.policy.leeway(), Duration::from_secs(30));
    assert_eq!(
        settings.keys,
        KeyFeedSettings::new("https://app.example.com/api/auth/jwks")
    );
    assert_eq!(settings.cors_origins, ["https://app.example.com"]);
    let defaults = PoolSettings::new(DATABASE_URL.1).unwrap();
    assert_eq!(format!("{:?}", settings.database), format!("{defaults:?}"));
    assert_eq!(settings.log.format, LogFormat::Auto);
    assert_eq!(settings.log.filter().to_string(), "info");
    assert!(settings.warnings.is_empty());
}

#[test]
fn every_key_can_be_set_in_the_environment() {
    let settings = load(&[
        ("API__SERVER__HOST", "::1"),
        ("API__SERVER__PORT", "0"),
        ("API__SERVER__WORKERS", "3"),
        ("API__SERVER__BODY_LIMIT", "1KiB"),
        ("API__SERVER__SHUTDOWN_DELAY", "5s"),
        ("API__SERVER__SHUTDOWN_TIMEOUT", "1m"),
        ("API__AUTH__ISSUER", "https://issuer.example"),
        ("API__AUTH__AUDIENCE", "one, two"),
        ("API__AUTH__JWKS_URL", "https://keys.example/jwks"),
        ("API__AUTH__USER_CLAIM", "sub"),
        ("API__AUTH__ALGORITHMS", "EdDSA,ES256"),
        ("API__AUTH__LEEWAY", "5s"),
        ("API__AUTH__JWKS__MAX_AGE", "1m"),
        ("API__AUTH__JWKS__COOLDOWN", "2s"),
        ("API__AUTH__JWKS__TIMEOUT", "1s"),
        ("API__AUTH__JWKS__MAX_STALE", "1h30m"),
        (
            "API__CORS__ORIGINS",
            "https://a.example,http://localhost:3000",
        ),
        ("API__DATABASE__MAX_CONNECTIONS", "7"),
        ("API__DATABASE__CONNECT_TIMEOUT", "900ms"),
        ("API__DATABASE__WAIT_TIMEOUT", "1s"),
        ("API__DATABASE__STATEMENT_DEADLINE", "10s"),
        ("API__DATABASE__PREPARED_STATEMENTS", "false"),
        ("API__LOG__FORMAT", "json"),
        ("RUST_LOG", "warn,api_server=debug"),
    ])
    .unwrap();
    assert_eq!(settings.server.address, "[::1]:0".parse().unwrap());
    assert_eq!(settings.server.workers.unwrap().get(), 3);
    assert_eq!(settings.server.body_limit, 1024);
    assert_eq!(settings.server.shutdown_delay, Duration::from_secs(5));
    assert_eq!(settings.server.shutdown_timeout, Duration::from_secs(60));
    assert_eq!(settings.policy.issuer(), "https://issuer.example");
    assert_eq!(settings.policy.audiences(), ["one", "two"]);
    assert_eq!(settings.policy.user_claim(), UserClaim::Sub);
    assert_eq!(
        settings.policy.algorithms(),
        [Algorithm::EdDsa, Algorithm::Es256]
    );
    assert_eq!(settings.policy.leeway(), Duration::from_secs(5));
    assert_eq!(settings.keys.jwks_url, "https://keys.example/jwks");
    assert_eq!(settings.keys.max_age, Duration::from_secs(60));
    assert_eq!(settings.keys.cooldown, Duration::from_secs(2));
    assert_eq!(settings.keys.timeout, Duration::from_secs(1));
    assert!(settings.keys.connect_timeout <= settings.keys.timeout);
    assert_eq!(settings.keys.max_stale, Duration::from_secs(5400));
    assert_eq!(
        settings.cors_origins,
        ["https://a.example", "http://localhost:3000"]
    );
    assert_eq!(settings.database.max_connections, 7);
    assert_eq!(
        settings.database.connect_timeout,
        Duration::from_millis(900)
    );
    assert_eq!(settings.database.wait_timeout, Duration::from_secs(1));
    assert_eq!(
        settings.database.statement_deadline,
        Duration::from_secs(10)
    );
    assert!(!settings.database.prepared_statements);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.log.filter().to_string(), "api_server=debug,warn");
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = TomlFile::new(
        "[server]\nport = 9000\nworkers = 2\n\
         [auth]\nalgorithms = [\"ES512\"]\n[auth.jwks]\nmax_age = \"2m\"\n\
         [log]\nfilter = \"debug\"\n[database]\nprepared_statements = false",
    );
    let variables = [
        DATABASE_URL,
        BETTER_AUTH_URL,
        ("API__SERVER__PORT", "9001"),
        ("RUST_LOG", "warn"),
    ];
    let settings = Settings::load(&sources(Some(&file), &variables)).unwrap();
    assert_eq!(settings.server.address.port(), 9001);
    assert_eq!(settings.server.workers.unwrap().get(), 2);
    assert_eq!(settings.policy.algorithms(), [Algorithm::Es512]);
    assert_eq!(settings.keys.max_age, Duration::from_secs(120));
    assert_eq!(settings.keys.cooldown, Duration::from_secs(15));
    assert!(!settings.database.prepared_statements);
    assert_eq!(settings.log.filter().to_string(), "warn");
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let settings = load(&[("API__SERVER__PORT", ""), ("RUST_LOG", "")]).unwrap();
    assert_eq!(settings.server.address.port(), 8000);
    assert_eq!(
        faults(Settings::load(&sources(
            None,
            &[("DATABASE_URL", ""), BETTER_AUTH_URL]
        )))
        .len(),
        1
    );
}

#[test]
fn issuer_audience_keys_and_origins_follow_from_the_base_url() {
    for (base, origin, jwks) in [
        (
            "http://localhost:3000",
            "http://localhost:3000",
            "http://localhost:3000/api/auth/jwks",
        ),
        (
            "http://localhost:3000/",
            "http://localhost:3000",
            "http://localhost:3000/api/auth/jwks",
        ),
        (
            "https://App.Example.com:443/api/auth/",
            "https://app.example.com",
            "https://app.example.com/api/auth/jwks",
        ),
        (
            "https://a.example/login",
            "https://a.example",
            "https://a.example/login/jwks",
        ),
    ] {
        let settings =
            Settings::load(&sources(None, &[DATABASE_URL, ("BETTER_AUTH_URL", base)])).unwrap();
        assert_eq!(settings.policy.issuer(), origin, "{base}");
        assert_eq!(settings.policy.audiences(), [origin], "{base}");
        assert_eq!(settings.cors_origins, [origin], "{base}");
        assert_eq!(settings.keys.jwks_url, jwks, "{base}");
    }
}

#[test]
fn without_base_url_issuer_audience_and_keys_must_be_set() {
    let all = faults(Settings::load(&sources(None, &[DATABASE_URL])));
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("BETTER_AUTH_URL"), "{all:?}");

    let one = faults(Settings::load(&sources(
        None,
        &[
            DATABASE_URL,
            ("API__AUTH__ISSUER", "https://a.example"),
            ("API__AUTH__AUDIENCE", "tasks"),
        ],
    )));
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(one[0].starts_with("auth.jwks_url is not set"), "{one:?}");

    let settings = Settings::load(&sources(
        None,
        &[
            DATABASE_URL,
            ("API__AUTH__ISSUER", "our-issuer"),
            ("API__AUTH__AUDIENCE", "tasks"),
            ("API__AUTH__JWKS_URL", "https://a.example/jwks"),
        ],
    ))
    .unwrap();
    assert_eq!(settings.policy.issuer(), "our-issuer");
    assert!(settings.cors_origins.is_empty());
}

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
            "at least auth.jwks.max_age",
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
fn lists_in_a_file_may_be_lists_or_one_text() {
    for toml in [
        "cors.origins = [\"https://a.example\", \"https://b.example\"]",
        "cors.origins = \"https://a.example, https://b.example\"",
    ] {
        assert_eq!(
            load_file(toml).unwrap().cors_origins,
            ["https://a.example", "https://b.example"]
        );
    }
    assert!(
        load_file("cors.origins = []")
            .unwrap()
            .cors_origins
            .is_empty()
    );
}

#[test]
fn an_unknown_name_is_refused_and_the_likely_one_is_said() {
    for (variable, meant) in [
        ("API__SERVER__PROT", Some("API__SERVER__PORT")),
        ("API__AUTH__JWKS__MAXAGE", Some("API__AUTH__JWKS__MAX_AGE")),
        ("API__AUTH__LEWAY", Some("API__AUTH__LEEWAY")),
        ("API_SERVER_PORT", Some("API__SERVER__PORT")),
        ("api__server__port", Some("API__SERVER__PORT")),
        ("API__METRICS__PORT", None),
        ("API__", None),
    ] {
        let line = fault(variable, "1");
        assert!(
            line.starts_with(&format!("{variable} (environment): there is no such")),
            "{line}"
        );
        if let Some(meant) = meant {
            assert!(line.ends_with(&format!("did you mean {meant}?")), "{line}");
        }
    }
    let lines = faults(load_file(
        "prot = 1\n[server]\nprot = 1\n[servers]\nport = 1\n[auth.jwks]\nmax-age = \"1m\"",
    ));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("server.prot (") && line.ends_with("server.port?"))
    );
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with("did you mean auth.jwks.max_age?"))
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    load(&[
        ("PATH", "/bin"),
        ("API_KEY", "x"),
        ("APIPORT", "1"),
        ("PORT", "1"),
        ("RUST_LOG_STYLE", "never"),
    ])
    .unwrap();
}

#[test]
fn one_setting_under_two_names_with_two_values_is_refused() {
    let line = fault("API__DATABASE__URL", "postgres://other@db.example/app");
    assert_eq!(
        line,
        "database.url: DATABASE_URL and API__DATABASE__URL are both set, and differ; unset one"
    );
    load(&[("API__DATABASE__URL", DATABASE_URL.1)]).unwrap();
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
fn no_message_and_no_debug_output_holds_a_secret() {
    let secret = "hunter2";
    for (variable, value) in [
        ("DATABASE_URL", "postgres://u:hunter2@db.example:port/app"),
        ("DATABASE_MIGRATION_URL", "hunter2"),
        ("BETTER_AUTH_URL", "https://u:hunter2@app.example.com"),
        ("API__AUTH__JWKS_URL", "https://u:hunter2@app.example.com"),
        ("API__SERVER__PORT", "postgres://u:hunter2@db.example/app"),
        ("API__CORS__ORIGINS", "https://u:hunter2@app.example.com"),
    ] {
        let line = Settings::load(&sources(
            None,
            &[
                ("DATABASE_URL", DATABASE_URL.1),
                BETTER_AUTH_URL,
                (variable, value),
            ],
        ))
        .unwrap_err();
        assert!(!format!("{line} {line:?}").contains(secret), "{line}");
    }
    for toml in [
        "[database]\nurl = \"postgres://u:hunter2@h/db",
        "database.url = hunter2",
        "database = { url = 'hunter2' url }",
    ] {
        let faults = load_file(toml).unwrap_err();
        assert!(!format!("{faults} {faults:?}").contains(secret), "{faults}");
    }
    let good = sources(None, &[DATABASE_URL, BETTER_AUTH_URL]);
    let migration = MigrationSettings::load(&good, true).unwrap();
    assert_eq!(migration.login.as_ref().unwrap().1.expose_secret(), secret);
    assert!(!format!("{good:?} {:?} {migration:?}", load(&[])).contains(secret));
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
fn plain_http_beyond_this_machine_needs_a_dangerous_setting() {
    let line = fault_for_base("http://app.example.com");
    assert!(
        line.starts_with("auth.better_auth_url (BETTER_AUTH_URL): "),
        "{line}"
    );
    assert!(line.contains("danger_allow_http_issuer"), "{line}");
    let line = fault("API__AUTH__JWKS_URL", "http://10.0.0.5/jwks");
    assert!(
        line.starts_with("auth.jwks_url (API__AUTH__JWKS_URL): "),
        "{line}"
    );
    let line = fault("API__AUTH__ISSUER", "http://app.example.com");
    assert!(
        line.starts_with("auth.issuer (API__AUTH__ISSUER): "),
        "{line}"
    );

    let settings = load(&[
        ("API__AUTH__JWKS_URL", "http://web:3000/api/auth/jwks"),
        ("API__AUTH__DANGER_ALLOW_HTTP_ISSUER", "true"),
    ])
    .unwrap();
    assert_eq!(settings.warnings.len(), 1);
    assert!(settings.warnings[0].contains("http://web:3000/api/auth/jwks"));
}

fn fault_for_base(url: &str) -> String {
    let mut faults = faults(Settings::load(&sources(
        None,
        &[DATABASE_URL, ("BETTER_AUTH_URL", url)],
    )));
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
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

#[test]
fn migrating_needs_a_database_and_nothing_of_better_auth() {
    let settings = MigrationSettings::load(&sources(None, &[DATABASE_URL]), false).unwrap();
    assert_eq!(settings.url.expose_secret(), DATABASE_URL.1);
    assert_eq!(settings.link, LinkMode::Uuid);
    assert!(settings.login.is_none());

    let owner = (
        "DATABASE_MIGRATION_URL",
        "postgres://postgres@db.example/app",
    );
    let settings = MigrationSettings::load(
        &sources(
            None,
            &[owner, DATABASE_URL, ("API__AUTH__USER_CLAIM", "sub")],
        ),
        true,
    )
    .unwrap();
    assert_eq!(settings.url.expose_secret(), owner.1);
    assert_eq!(settings.link, LinkMode::Id);
    let (role, password) = settings.login.unwrap();
    assert_eq!(
        (role.as_str(), password.expose_secret()),
        ("tasks_api", "hunter2")
    );

    let off = [DATABASE_URL, ("API__AUTH__ACCOUNTS__MODE", "off")];
    assert_eq!(
        MigrationSettings::load(&sources(None, &off), false)
            .unwrap()
            .link,
        LinkMode::Off
    );

    assert_eq!(
        faults(MigrationSettings::load(&sources(None, &[]), false)).len(),
        1
    );
    assert_eq!(
        faults(MigrationSettings::load(
            &sources(None, &[DATABASE_URL, ("API__X", "1")]),
            false
        ))
        .len(),
        1
    );
}

#[test]
fn only_the_role_of_the_api_is_given_a_login() {
    for url in [
        "postgres://postgres:hunter2@db.example/app",
        "postgres://tasks_api@db.example/app",
    ] {
        let lines = faults(MigrationSettings::load(
            &sources(None, &[("DATABASE_URL", url)]),
            true,
        ));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("user tasks_api") && !lines[0].contains("hunter2"),
            "{lines:?}"
        );
    }
}

/// The example with the leading `# ` of its commented-out keys removed.
fn example() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/api-server.toml");
    let text = fs::read_to_string(path).unwrap();
    let uncommented = text.lines().map(|line| {
        let key = line.strip_prefix("#").filter(|rest| {
            rest.split_once(" = ").is_some_and(|(key, _)| {
                !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            })
        });
        key.unwrap_or(line).to_owned() + "\n"
    });
    uncommented.collect()
}

#[test]
fn the_example_file_has_every_key_and_is_accepted_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/api-server.toml");
    let as_it_is = Sources {
        file: Some(path.into()),
        environment: [DATABASE_URL, BETTER_AUTH_URL].into_iter().collect(),
    };
    let with = Settings::load(&as_it_is).unwrap();
    let without = load(&[]).unwrap();
    assert_eq!(format!("{with:?}"), format!("{without:?}"));

    let file = TomlFile::new(&example());
    let sources = sources(Some(&file), &[]);
    let mut faults = Vec::new();
    let config = layers::merge(sources.file.as_deref(), &sources.environment, &mut faults);
    assert_eq!(faults, []);
    for key in KEYS {
        let value = layers::value_at(&config, key.path)
            .unwrap_or_else(|| panic!("{} is missing", key.path));
        assert_eq!(
            value.origin(),
            Some(file.0.to_str().unwrap()),
            "{} is missing",
            key.path
        );
    }
}

#[test]
fn the_example_file_says_the_true_defaults() {
    let file = TomlFile::new(&example());
    let settings = Settings::load(&sources(Some(&file), &[])).unwrap();
    let plain = Settings::load(&sources(
        None,
        &[
            (
                "DATABASE_URL",
                "postgres://tasks_api:password@127.0.0.1:5432/drawbridge",
            ),
            ("BETTER_AUTH_URL", "https://app.example.com"),
        ],
    ))
    .unwrap();
    let ServerSettings { workers, .. } = settings.server.clone();
    assert_eq!(
        workers.map(NonZeroUsize::get),
        Some(4),
        "an example value, the default is one per core"
    );
    let same = Settings {
        server: ServerSettings {
            workers: None,
            ..settings.server
        },
        ..settings
    };
    assert_eq!(format!("{same:?}"), format!("{plain:?}"));
}
