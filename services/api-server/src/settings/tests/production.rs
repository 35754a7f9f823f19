use super::*;

const PRODUCTION: (&str, &str) = ("API__SERVER__PROFILE", "production");

#[test]
fn a_server_in_production_takes_safe_settings() {
    let origins = ("API__CORS__ORIGINS", "https://app.example.com");
    let settings = load(&[PRODUCTION, origins]).unwrap();
    assert_eq!(settings.warnings, [""; 0]);
    assert!(settings.database.bound_login);
    assert!(!load(&[origins]).unwrap().database.bound_login);
}

#[test]
fn what_is_only_warned_of_in_development_stops_a_server_in_production() {
    for (variable, value) in [
        (
            "DATABASE_URL",
            "postgres://tasks_api@db.example/app?sslmode=disable",
        ),
        ("API__WEBHOOKS__DANGER_ALLOW_PRIVATE_TARGETS", "true"),
        ("API__AUTH__MAX_TOKEN_LIFETIME", "off"),
    ] {
        let with = |more: &[(&str, &str)]| {
            let needed = match variable {
                "DATABASE_URL" => vec![BETTER_AUTH_URL],
                _ => vec![DATABASE_URL, BETTER_AUTH_URL],
            };
            let variables = [&needed[..], &[(variable, value)], more].concat();
            Settings::load(&sources(None, &variables))
        };
        let warnings = with(&[]).unwrap().warnings;
        assert_eq!(warnings.len(), 1, "{variable}: {warnings:?}");
        let faults = faults(with(&[PRODUCTION]));
        assert_eq!(faults.len(), 1, "{variable}: {faults:?}");
        assert!(faults[0].contains(&warnings[0]), "{faults:?}");
        assert!(faults[0].contains("production"), "{faults:?}");
    }
}

#[test]
fn people_sign_in_and_pages_call_over_https_in_production() {
    let plain = [DATABASE_URL, ("BETTER_AUTH_URL", "http://localhost:3000")];
    let lines = faults(Settings::load(&sources(
        None,
        &[&plain[..], &[PRODUCTION]].concat(),
    )));
    assert!(
        lines
            .iter()
            .any(|line| line.contains("the issuer is http://localhost:3000")),
        "{lines:?}"
    );
    let origin = ("API__CORS__ORIGINS", "http://localhost:3000");
    let lines = faults(load(&[PRODUCTION, origin]));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("http://localhost:3000"), "{lines:?}");
    load(&[origin]).unwrap();
}

#[test]
fn no_origin_stands_for_all_of_them_in_any_profile() {
    assert!(fault("API__CORS__ORIGINS", "*").contains("cors.origins"));
}

#[test]
fn a_profile_is_one_of_two() {
    assert!(fault("API__SERVER__PROFILE", "prod").contains("development or production"));
}
