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

#[test]
fn the_cache_of_tokens_has_a_size_and_may_be_switched_off() {
    assert_eq!(load(&[]).unwrap().cache_bytes, 32 << 20);
    let off = load(&[("API__AUTH__CACHE__MAX_BYTES", "0")]);
    assert_eq!(off.unwrap().cache_bytes, 0);
}

#[test]
fn the_key_set_can_be_discovered_instead_of_named() {
    let discover = ("API__AUTH__JWKS__DISCOVER", "true");
    let keys = load(&[discover]).unwrap().keys;
    assert_eq!(
        keys.discovery.as_deref(),
        Some("https://app.example.com/api/auth")
    );
    assert_eq!(
        keys.jwks_url,
        "https://app.example.com/api/auth/.well-known/openid-configuration"
    );
    let jwks_url = ("API__AUTH__JWKS_URL", "https://app.example.com/jwks");
    let both = faults(load(&[discover, jwks_url]));
    assert_eq!(both.len(), 1, "{both:?}");
    assert!(
        both[0].contains("false, as auth.jwks_url is set"),
        "{both:?}"
    );
}

#[test]
fn every_constant_of_the_keys_reaches_the_feed() {
    let keys = load(&[
        ("API__AUTH__JWKS__MAX_AGE", "2m"),
        ("API__AUTH__JWKS__SHORTEST_TOLD_AGE", "30s"),
        ("API__AUTH__JWKS__LONGEST_TOLD_AGE", "10m"),
        ("API__AUTH__JWKS__MAX_STALE", "0s"),
        ("API__AUTH__JWKS__COOLDOWN", "7s"),
        ("API__AUTH__JWKS__BURST", "3"),
        ("API__AUTH__JWKS__ABSENT_FOR", "11s"),
        ("API__AUTH__JWKS__ABSENT_KEYS", "12"),
        ("API__AUTH__JWKS__REFRESH_AT_PERCENT", "70"),
        ("API__AUTH__JWKS__JITTER_PERCENT", "5"),
        ("API__AUTH__JWKS__MAX_BODY", "32KiB"),
        ("API__AUTH__JWKS__FIRST_PAUSE", "1s"),
        ("API__AUTH__JWKS__LONGEST_PAUSE", "2s"),
        ("API__AUTH__JWKS__FIRST_PAUSE_WITHOUT_KEYS", "300ms"),
        ("API__AUTH__JWKS__LONGEST_PAUSE_WITHOUT_KEYS", "3s"),
        ("API__AUTH__JWKS__LONGEST_WISH", "1m"),
        ("API__AUTH__JWKS__REDISCOVER_AFTER", "2h"),
        ("API__AUTH__JWKS__WAIT", "400ms"),
        ("API__AUTH__JWKS__TIMEOUT", "4s"),
        ("API__AUTH__JWKS__CONNECT_TIMEOUT", "1s"),
        ("API__AUTH__JWKS__SEED_FILE", "/seed"),
        ("API__AUTH__JWKS__SNAPSHOT_FILE", "/snapshot"),
        ("API__AUTH__DANGER_ALLOW_HTTP_ISSUER", "true"),
    ])
    .unwrap()
    .keys;
    let mut expected = KeyFeedSettings::new("https://app.example.com/api/auth/jwks");
    expected.max_age = Duration::from_secs(120);
    expected.shortest_told_age = Duration::from_secs(30);
    expected.longest_told_age = Duration::from_secs(600);
    expected.max_stale = Duration::ZERO;
    expected.cooldown = Duration::from_secs(7);
    expected.burst = 3;
    expected.absent_for = Duration::from_secs(11);
    expected.absent_keys = 12;
    expected.refresh_at_percent = 70;
    expected.jitter_percent = 5;
    expected.max_body_bytes = 32 << 10;
    expected.pauses_with_keys.first = Duration::from_secs(1);
    expected.pauses_with_keys.longest = Duration::from_secs(2);
    expected.pauses_without_keys.first = Duration::from_millis(300);
    expected.pauses_without_keys.longest = Duration::from_secs(3);
    expected.longest_wish = Duration::from_secs(60);
    expected.rediscover_after = Duration::from_secs(7200);
    expected.wait = Duration::from_millis(400);
    expected.timeout = Duration::from_secs(4);
    expected.connect_timeout = Duration::from_secs(1);
    expected.seed_file = Some("/seed".into());
    expected.snapshot_file = Some("/snapshot".into());
    expected.danger_allow_http = true;
    assert_eq!(keys, expected);
    // What nobody set is what the library has.
    let defaults = load(&[]).unwrap().keys;
    assert_eq!(defaults, KeyFeedSettings::new(defaults.jwks_url.clone()));
}

#[test]
fn what_is_discovered_need_not_be_named() {
    let settings = Settings::load(&sources(
        None,
        &[
            DATABASE_URL,
            ("API__AUTH__ISSUER", "https://app.example.com"),
            ("API__AUTH__AUDIENCE", "tasks"),
            (
                "API__AUTH__OAUTH__ISSUER",
                "https://app.example.com/api/auth",
            ),
            ("API__AUTH__JWKS__DISCOVER", "true"),
        ],
    ))
    .unwrap();
    assert!(settings.keys.discovery.is_some());
    assert_eq!(settings.access_tokens, None);
}
