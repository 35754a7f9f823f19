use std::time::Duration;

use auth_actix::KeyFeedSettings;
use url::Url;

use super::{parse, read::Reader};

/// Where the issuer's keys are and how they are kept, below `auth.jwks`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    url: Option<Url>,
    allow_http: bool,
    oauth_issuer: Option<&str>,
) -> Option<KeyFeedSettings> {
    let discovered_from = match reader.value("auth.jwks.discover", parse::flag) {
        true if reader.is_set("auth.jwks_url") => {
            reader.refuse_value("auth.jwks.discover", "false, as auth.jwks_url is set");
            None
        }
        true => oauth_issuer,
        false => None,
    };
    let max_age = reader.value("auth.jwks.max_age", |text| match parse::duration(text) {
        Ok(max_age) if max_age < Duration::from_secs(1) => Err("at least 1s".into()),
        max_age => max_age,
    });
    let cooldown = reader.value("auth.jwks.cooldown", parse::positive_duration);
    let burst = reader.value("auth.jwks.burst", parse::count(1..=100));
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
    let seed_file = reader.optional("auth.jwks.seed_file", parse::path);
    let snapshot_file = reader.optional("auth.jwks.snapshot_file", parse::path);

    let mut settings = match discovered_from {
        Some(issuer) => KeyFeedSettings::discover(issuer),
        None => KeyFeedSettings::new(url?.as_str()),
    };
    settings.max_age = max_age;
    settings.cooldown = cooldown;
    settings.burst = burst.get() as u32;
    settings.wait = wait;
    settings.timeout = timeout;
    settings.connect_timeout = connect_timeout.min(timeout);
    settings.max_stale = max_stale;
    settings.shortest_told_age = shortest_told_age;
    settings.longest_told_age = longest_told_age;
    settings.absent_for = absent_for;
    settings.seed_file = seed_file;
    settings.snapshot_file = snapshot_file;
    settings.danger_allow_http = allow_http;
    Some(settings)
}
