use super::*;

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
