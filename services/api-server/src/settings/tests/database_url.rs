use super::*;

/// What a start with this `DATABASE_URL` warns of.
fn warnings(url: &str) -> Vec<String> {
    Settings::load(&sources(None, &[("DATABASE_URL", url), BETTER_AUTH_URL]))
        .unwrap()
        .warnings
}

#[test]
fn a_way_to_another_machine_that_nobody_verifies_is_warned_of() {
    for (url, danger) in [
        ("postgres://u:hunter2@db.example/app", "only if the server"),
        (
            "postgres://u:hunter2@db.example/app?sslmode=prefer",
            "only if the server",
        ),
        ("postgres://u:hunter2@10.0.0.5/app", "only if the server"),
        (
            "postgres://u:hunter2@localhost,db.example/app",
            "only if the server",
        ),
        (
            "postgres://u:hunter2@localhost/app?hostaddr=10.0.0.5",
            "only if the server",
        ),
        ("host=db.example password=hunter2", "only if the server"),
        (
            "postgres://u:hunter2@db.example/app?sslmode=disable",
            "never encrypted",
        ),
    ] {
        let warnings = warnings(url);
        assert_eq!(warnings.len(), 1, "{url}: {warnings:?}");
        let warning = &warnings[0];
        assert!(warning.starts_with("database.url: "), "{warning}");
        for part in [danger, "add ?sslmode=require", "SSL_CERT_FILE"] {
            assert!(warning.contains(part), "{part} in {warning}");
        }
        assert!(!warning.contains("hunter2"), "{warning}");
    }
}

#[test]
fn a_verified_way_and_one_inside_this_machine_are_not_warned_of() {
    for url in [
        "postgres://u@db.example/app?sslmode=require",
        "postgres://u@localhost/app",
        "postgres://u@127.0.0.1:5433/app?sslmode=disable",
        "postgres://u@[::1]/app",
        "postgres://u@%2Frun%2Fpostgresql/app",
        "postgres:///app?host=/run/postgresql",
        "postgres://u@db.example/app?hostaddr=127.0.0.1",
    ] {
        assert_eq!(warnings(url), [""; 0], "{url}");
    }
}

#[test]
fn migrating_warns_of_the_way_that_it_takes_itself() {
    let owner = (
        "DATABASE_MIGRATION_URL",
        "postgres://owner:hunter2@db.example/app",
    );
    for (variables, warned) in [
        (&[DATABASE_URL, owner][..], "database.migration_url: "),
        (&[("DATABASE_URL", owner.1)], "database.url: "),
    ] {
        let settings = MigrationSettings::load(&sources(None, variables), false).unwrap();
        assert_eq!(settings.warnings.len(), 1, "{:?}", settings.warnings);
        assert!(
            settings.warnings[0].starts_with(warned),
            "{:?}",
            settings.warnings
        );
    }
    let verified = MigrationSettings::load(&sources(None, &[DATABASE_URL]), false).unwrap();
    assert!(verified.warnings.is_empty());
    let served = load(&[owner]).unwrap();
    assert!(served.warnings.is_empty(), "serve does not go that way");
}

#[test]
fn a_parameter_of_other_drivers_is_named_and_what_to_use_instead() {
    let url = |query: &str| format!("postgres://u:hunter2@db.example/app?{query}");
    for (text, parts) in [
        (
            url("sslmode=verify-full"),
            &["sslmode to be disable, prefer or require"][..],
        ),
        (url("sslmode=verify-ca"), &["sslmode to be"]),
        (
            url("application_name=x&sslrootcert=/secret/ca.pem"),
            &["no sslrootcert: ", "SSL_CERT_FILE"],
        ),
        (
            url("sslmode=verify-full&sslrootcert=/secret/ca.pem"),
            &["sslmode to be", "; no sslrootcert: "],
        ),
        (
            url("sslmode=require&sslcert=/secret/c&sslkey=/secret/k"),
            &["no sslcert: ", "no sslkey: ", "log in with a password"],
        ),
        (
            url("pgbouncer=true"),
            &["no pgbouncer: set database.prepared_statements"],
        ),
        (
            url("gssencmode=disable"),
            &["no gssencmode: it is not supported"],
        ),
        (
            "host=db.example password=hunter2 sslmode=verify-full sslrootcert=/secret/ca.pem"
                .into(),
            &["sslmode to be", "no sslrootcert: "],
        ),
    ] {
        let serving = fault("API__DATABASE__MIGRATION_URL", &text);
        let mut all = faults(Settings::load(&sources(
            None,
            &[("DATABASE_URL", &text), BETTER_AUTH_URL],
        )));
        assert_eq!(all.len(), 1, "{all:?}");
        all.push(serving);
        all.extend(faults(MigrationSettings::load(
            &sources(None, &[("DATABASE_MIGRATION_URL", &text), DATABASE_URL]),
            false,
        )));
        assert_eq!(all.len(), 3, "{all:?}");
        for (line, origin) in all.iter().zip([
            "database.url (DATABASE_URL): expected ",
            "database.migration_url (API__DATABASE__MIGRATION_URL): expected ",
            "database.migration_url (DATABASE_MIGRATION_URL): expected ",
        ]) {
            assert!(line.starts_with(origin), "{line}");
            for part in parts {
                assert!(line.contains(part), "{part} in {line}");
            }
            for secret in ["hunter2", "secret", "db.example"] {
                assert!(!line.contains(secret), "{line}");
            }
        }
    }
}

#[test]
fn a_password_that_looks_like_a_parameter_and_an_unknown_name_are_not_repeated() {
    for text in [
        "postgres://u:a?sslrootcert=hunter2@db.example:port/app",
        "postgres://u@db.example/app?hunter2=x",
        "postgres://u@db.example/app?sslmode",
    ] {
        assert_eq!(
            faults(Settings::load(&sources(
                None,
                &[("DATABASE_URL", text), BETTER_AUTH_URL]
            ))),
            ["database.url (DATABASE_URL): expected postgres://user:password@host:port/database"],
            "{text}"
        );
    }
}
