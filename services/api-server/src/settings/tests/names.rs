use super::*;

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
