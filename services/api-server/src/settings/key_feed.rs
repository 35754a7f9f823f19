use std::time::Duration;

use auth_actix::KeyFeedSettings;
use auth_core::{MAX_KEY_SET_BYTES, Pauses};
use url::Url;

use super::{parse, read::Reader};

/// Where the issuer's keys are and how they are kept, below `auth.jwks`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    url: Option<Url>,
    allow_http: bool,
    discovered_from: Option<&str>,
) -> Option<KeyFeedSettings> {
    if discovered_from.is_some() && reader.is_set("auth.jwks_url") {
        reader.refuse_value("auth.jwks.discover", "false, as auth.jwks_url is set");
    }
    let max_age = reader.value("auth.jwks.max_age", |text| match parse::duration(text) {
        Ok(max_age) if max_age < Duration::from_secs(1) => Err("at least 1s".into()),
        max_age => max_age,
    });
    let cooldown = reader.value("auth.jwks.cooldown", parse::positive_duration);
    let burst = reader.value("auth.jwks.burst", parse::number(0..=100));
    let wait = reader.value("auth.jwks.wait", parse::positive_duration);
    let timeout = reader.value("auth.jwks.timeout", parse::positive_duration);
    let connect_timeout = reader.value("auth.jwks.connect_timeout", parse::positive_duration);
    let max_stale = reader.value("auth.jwks.max_stale", parse::duration);
    if !max_stale.is_zero() && max_stale < max_age {
        reader.refuse_value("auth.jwks.max_stale", "0s, or at least auth.jwks.max_age");
    }
    let told_age = |text: &str| match parse::duration(text) {
        Ok(age) if age < Duration::from_secs(1) => Err("at least 1s".into()),
        age => age,
    };
    let shortest_told_age = reader.value("auth.jwks.shortest_told_age", told_age);
    let longest_told_age = reader.value("auth.jwks.longest_told_age", told_age);
    if longest_told_age < shortest_told_age {
        reader.refuse_value(
            "auth.jwks.longest_told_age",
            "at least auth.jwks.shortest_told_age",
        );
    }
    let absent_for = reader.value("auth.jwks.absent_for", parse::duration);
    let absent_keys = reader.value("auth.jwks.absent_keys", parse::number(0..=1_000_000));
    let refresh_at_percent = reader.value("auth.jwks.refresh_at_percent", parse::number(1..=99));
    let jitter_percent = reader.value("auth.jwks.jitter_percent", parse::number(0..=99));
    let max_body = reader.value("auth.jwks.max_body", parse::byte_size(MAX_KEY_SET_BYTES));
    let pauses_without_keys = pauses(
        reader,
        "auth.jwks.first_pause_without_keys",
        "auth.jwks.longest_pause_without_keys",
    );
    let pauses_with_keys = pauses(reader, "auth.jwks.first_pause", "auth.jwks.longest_pause");
    let longest_wish = reader.value("auth.jwks.longest_wish", parse::duration);
    let rediscover_after = reader.value("auth.jwks.rediscover_after", told_age);
    let seed_file = reader.optional("auth.jwks.seed_file", parse::path);
    let snapshot_file = reader.optional("auth.jwks.snapshot_file", parse::path);

    let mut settings = match discovered_from {
        Some(issuer) => KeyFeedSettings::discover(issuer),
        None => KeyFeedSettings::new(url?.as_str()),
    };
    settings.max_age = max_age;
    settings.cooldown = cooldown;
    settings.burst = burst;
    settings.wait = wait;
    settings.timeout = timeout;
    settings.connect_timeout = connect_timeout.min(timeout);
    settings.max_stale = max_stale;
    settings.shortest_told_age = shortest_told_age;
    settings.longest_told_age = longest_told_age;
    settings.absent_for = absent_for;
    settings.absent_keys = absent_keys;
    settings.refresh_at_percent = refresh_at_percent;
    settings.jitter_percent = jitter_percent;
    settings.max_body_bytes = max_body;
    settings.pauses_without_keys = pauses_without_keys;
    settings.pauses_with_keys = pauses_with_keys;
    settings.longest_wish = longest_wish;
    settings.rediscover_after = rediscover_after;
    settings.seed_file = seed_file;
    settings.snapshot_file = snapshot_file;
    settings.danger_allow_http = allow_http;
    Some(settings)
}

/// The first and the longest pause after failures.
fn pauses(reader: &mut Reader<'_>, first: &'static str, longest: &'static str) -> Pauses {
    let at_least_100_ms = |text: &str| match parse::duration(text) {
        Ok(pause) if pause < Duration::from_millis(100) => Err("at least 100ms".into()),
        pause => pause,
    };
    let pauses = Pauses {
        first: reader.value(first, at_least_100_ms),
        longest: reader.value(longest, at_least_100_ms),
    };
    if pauses.longest < pauses.first {
        reader.refuse_value(longest, format!("at least {first}"));
    }
    pauses
}
