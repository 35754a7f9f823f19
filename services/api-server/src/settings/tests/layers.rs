use auth_core::Algorithm;

use super::*;

#[test]
fn two_variables_are_enough() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.server.address, "127.0.0.1:8000".parse().unwrap());
    assert_eq!(settings.server.workers, None);
    assert_eq!(settings.server.body_limit, 262_144);
    assert_eq!(settings.server.shutdown_delay, Duration::ZERO);
    assert_eq!(settings.server.shutdown_timeout, Duration::from_secs(30));
    assert_eq!(settings.server.problems_url, None);
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
    assert_eq!(settings.log.filter().to_string(), "actix_http=off,info");
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
        ("API__SERVER__PROBLEMS_URL", "https://docs.example/problems"),
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
    let page = settings.server.problems_url.unwrap();
    assert_eq!(page.as_str(), "https://docs.example/problems");
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
