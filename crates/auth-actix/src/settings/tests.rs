use super::*;

type Change = fn(&mut KeyFeedSettings);

const URL: &str = "https://app.example/api/auth/jwks";

fn refusal(change: impl FnOnce(&mut KeyFeedSettings)) -> String {
    let mut settings = KeyFeedSettings::new(URL);
    change(&mut settings);
    settings
        .checked()
        .err()
        .map_or("none".into(), |e| e.to_string())
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let documentation = include_str!("../../../../docs/jwks.md");
    let KeyFeedSettings {
        jwks_url: _,
        discovery,
        danger_allow_http,
        max_age,
        shortest_told_age,
        longest_told_age,
        max_stale,
        refresh_at_percent,
        jitter_percent,
        cooldown,
        burst,
        absent_keys,
        absent_for,
        wait,
        timeout,
        connect_timeout,
        max_body_bytes,
        pauses_without_keys,
        pauses_with_keys,
        longest_wish,
        rediscover_after,
        seed_file,
        snapshot_file,
    } = KeyFeedSettings::new(URL);
    assert_eq!((discovery, seed_file, snapshot_file), (None, None, None));
    let seconds = |it: Duration| it.as_secs_f64().to_string();
    let span = |it: Pauses| format!("{} to {}", seconds(it.first), seconds(it.longest));
    #[rustfmt::skip]
    let rows = [
        ("danger_allow_http", danger_allow_http.to_string(), "false", "no"),
        ("max_age", seconds(max_age), "300", "5 min"),
        ("shortest_told_age", seconds(shortest_told_age), "60", "1 min"),
        ("longest_told_age", seconds(longest_told_age), "3600", "1 h"),
        ("max_stale", seconds(max_stale), "86400", "24 h"),
        ("refresh_at_percent", refresh_at_percent.to_string(), "80", "80"),
        ("jitter_percent", jitter_percent.to_string(), "10", "10"),
        ("cooldown", seconds(cooldown), "15", "15 s"),
        ("burst", burst.to_string(), "2", "2"),
        ("absent_keys", absent_keys.to_string(), "1024", "1,024"),
        ("absent_for", seconds(absent_for), "30", "30 s"),
        ("wait", seconds(wait), "1", "1 s"),
        ("timeout", seconds(timeout), "5", "5 s"),
        ("connect_timeout", seconds(connect_timeout), "2", "2 s"),
        ("max_body_bytes", max_body_bytes.to_string(), "65536", "64 KiB"),
        ("pauses_without_keys", span(pauses_without_keys), "0.5 to 30", "0.5 s to 30 s"),
        ("pauses_with_keys", span(pauses_with_keys), "5 to 60", "5 s to 60 s"),
        ("longest_wish", seconds(longest_wish), "300", "5 min"),
        ("rediscover_after", seconds(rediscover_after), "3600", "1 h"),
    ];
    for (name, default, expected, documented) in rows {
        assert_eq!(default, expected, "{name}");
        let row = format!("| `{name}` | {documented} |");
        assert!(
            documentation.contains(&row),
            "the documentation has no {row}"
        );
    }
}

#[test]
fn an_unusable_address_is_refused_and_never_shown_with_its_password() {
    for url in ["", "/jwks", "file:///jwks", "https://me:hunter2@a/jwks"] {
        let refused = KeyFeedSettings::new(url).checked().err().unwrap();
        let refused = refused.to_string();
        assert!(
            refused.starts_with("jwks url is unusable"),
            "{url}: {refused}"
        );
        assert!(!refused.contains("hunter2"));
    }
}

#[test]
fn the_configuration_is_below_the_issuer_with_one_slash() {
    for (issuer, base) in [
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example/api/auth", "https://a.example/api/auth"),
        ("https://a.example/api/auth/", "https://a.example/api/auth"),
    ] {
        let settings = KeyFeedSettings::discover(issuer);
        let document = format!("{base}/.well-known/openid-configuration");
        assert_eq!(settings.jwks_url, document);
        assert_eq!(settings.discovery.as_deref(), Some(issuer));
    }
    for issuer in ["a.example", "", "file:///a"] {
        assert!(
            KeyFeedSettings::discover(issuer).checked().is_err(),
            "{issuer}"
        );
    }
}

#[test]
fn plain_http_from_another_machine_is_refused_unless_it_is_asked_for() {
    for mut settings in [
        KeyFeedSettings::new("http://web:3000/api/auth/jwks?key=hunter2"),
        KeyFeedSettings::discover("http://web:3000"),
    ] {
        let refused = settings.checked().err().unwrap().to_string();
        assert!(refused.contains("is not https"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
        settings.danger_allow_http = true;
        assert!(settings.checked().is_ok());
    }
    for url in ["http://localhost:3000/jwks", "http://[::1]/jwks", URL] {
        assert!(KeyFeedSettings::new(url).checked().is_ok(), "{url}");
    }
}

/// Negative and undefined times cannot be written as a `Duration`; endless ones can.
#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    #[rustfmt::skip]
    let rows: [(Change, &str); 16] = [
        (|_| {}, "none"),
        (|s| s.max_age = Duration::from_millis(999), "max_age must be at least a second"),
        (|s| s.shortest_told_age = Duration::ZERO, "shortest_told_age must be at least a second"),
        (|s| s.longest_told_age = SECOND, "shortest_told_age must not be longer than longest_told_age"),
        (|s| s.refresh_at_percent = 0, "refresh_at_percent must not be zero"),
        (|s| s.refresh_at_percent = 91, "refresh_at_percent with jitter_percent must stay below a hundred"),
        (|s| s.cooldown = Duration::ZERO, "cooldown must not be zero: unknown keys could make any number of attempts"),
        (|s| s.wait = Duration::MAX, "wait must be at most a minute"),
        (|s| s.timeout = Duration::ZERO, "timeout must not be zero"),
        (|s| s.timeout = Duration::MAX, "timeout must be at most a minute"),
        (|s| s.connect_timeout = Duration::ZERO, "connect_timeout must not be zero"),
        (|s| s.connect_timeout = Duration::MAX, "connect_timeout must be at most a minute"),
        (|s| s.max_body_bytes = 65_537, "max_body_bytes must be from 1 to 65536"),
        (|s| s.pauses_without_keys.first = Duration::ZERO, "the first pause must be at least 100 ms"),
        (|s| s.pauses_with_keys.longest = SECOND, "the first pause must not be longer than the longest"),
        (|s| (s.seed_file, s.snapshot_file) = (Some("a".into()), Some("a".into())), "snapshot_file must not be the seed_file"),
    ];
    for (change, expected) in rows {
        assert_eq!(refusal(change), expected);
    }
}

/// Nimbus refuses refresh-ahead + timeout > TTL. With a share of `max_age` as our
/// refresh-ahead it can only do harm to those who want no stale keys: a slow renewal would
/// turn into an outage.
#[test]
fn a_renewal_that_could_outlast_the_keys_is_refused_where_stale_keys_are_not_served() {
    let short = |s: &mut KeyFeedSettings| s.max_age = Duration::from_secs(10);
    assert_eq!(refusal(short), "none", "stale keys bridge the gap");
    let refused = refusal(|s| {
        short(s);
        s.max_stale = Duration::ZERO;
    });
    assert!(refused.starts_with("timeout must fit"), "{refused}");
    let long = refusal(|s| s.max_stale = Duration::ZERO);
    assert_eq!(long, "none", "12 % of five minutes are longer than 5 s");
}

#[test]
fn debug_shows_no_query_of_the_address() {
    let settings = KeyFeedSettings::new(format!("{URL}?key=hunter2"));
    let shown = format!("{settings:?}");
    assert!(shown.contains(URL) && !shown.contains("hunter2"), "{shown}");
}
