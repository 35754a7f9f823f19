use super::*;

fn shown(overview: &Overview, key: &str) -> (String, String) {
    let setting = overview.settings.iter().find(|it| it.key == key).unwrap();
    (
        setting.value.clone().unwrap_or_default(),
        setting.origin.clone().unwrap_or_default(),
    )
}

#[test]
fn each_setting_is_shown_with_who_set_it() {
    let file = TomlFile::new("[server]\nport = 8080\nworkers = 3\n[log]\nfilter = \"debug\"");
    let path = file.0.display().to_string();
    let variables = [
        DATABASE_URL,
        BETTER_AUTH_URL,
        ("API__SERVER__PORT", "9090"),
        ("API__AUTH__ALGORITHMS", "EdDSA, ES256"),
        ("RUST_LOG", "info"),
    ];
    let overview = Overview::of(&sources(Some(&file), &variables));
    overview.outcome.as_ref().unwrap();
    for (key, value, origin) in [
        ("server.port", "9090", "API__SERVER__PORT"),
        ("server.workers", "3", path.as_str()),
        ("server.host", "127.0.0.1", "default"),
        ("auth.algorithms", "EdDSA, ES256", "API__AUTH__ALGORITHMS"),
        ("auth.issuer", BETTER_AUTH_URL.1, "derived"),
        (
            "auth.jwks_url",
            "https://app.example.com/api/auth/jwks",
            "derived",
        ),
        ("log.filter", "info", "RUST_LOG"),
        ("server.problems_url", "", ""),
        ("metrics.address", "", ""),
    ] {
        assert_eq!(
            shown(&overview, key),
            (value.to_owned(), origin.to_owned()),
            "{key}"
        );
    }
    assert_eq!(overview.settings.len(), keys::KEYS.len());
}

#[test]
fn secrets_are_not_shown_also_where_none_should_be() {
    let variables = [
        DATABASE_URL,
        ("DATABASE_MIGRATION_URL", "postgres://o:hunter2@db/app"),
        ("BETTER_AUTH_URL", "https://u:hunter2@app.example.com"),
        ("API__CORS__ORIGINS", "https://u:hunter2@app.example.com"),
        ("API__AUTH__JWKS_URL", "https://u:hunter2@app.example.com"),
    ];
    let overview = Overview::of(&sources(None, &variables));
    assert!(
        overview.outcome.is_err(),
        "what is wrong does not keep the rest from being shown"
    );
    assert!(!format!("{overview:?}").contains("hunter2"));
    let (value, origin) = shown(&overview, "database.url");
    assert_eq!(value, "(set, not shown)");
    assert_eq!(origin, "DATABASE_URL");
}
