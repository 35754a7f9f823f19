//! From the text of one setting to its value. Each function's error completes the sentence "expected …".

use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use auth_actix::{BetterAuthUrl, Rate};
use auth_core::is_scope;
use jiff::SignedDuration;
use url::{Host, Url};

use super::read::Expected;

pub(super) fn ip_address(text: &str) -> Result<IpAddr, Expected> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .map_err(|_| "an IP address to listen on, such as 127.0.0.1, 0.0.0.0 or ::".into())
}

pub(super) fn port(text: &str) -> Result<u16, Expected> {
    text.parse()
        .map_err(|_| "a port number from 0 (any free port) to 65535".into())
}

/// An address with a port, such as `127.0.0.1:9100`.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, Expected> {
    text.parse()
        .map_err(|_| "an IP address with a port, such as 127.0.0.1:9100 or [::]:9100".into())
}

/// So many in so long, such as `600/1m`, or `off` for no limit.
pub(super) fn rate(text: &str) -> Result<Option<Rate>, Expected> {
    const EXPECTED: &str = "a number and a length of time, such as 600/1m or 10/1s, or off";
    if text == "off" {
        return Ok(None);
    }
    let read = text.split_once('/').and_then(|(count, window)| {
        let window = positive_duration(window.trim()).ok()?;
        Rate::new(count.trim().parse().ok()?, window)
    });
    read.map(Some).ok_or_else(|| EXPECTED.into())
}

/// A whole number within `range`.
pub(super) fn number<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, Expected>
where
    T: FromStr + PartialOrd + Display,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("a number from {} to {}", range.start(), range.end()).into())
    }
}

pub(super) fn flag(text: &str) -> Result<bool, Expected> {
    text.parse().map_err(|_| "true or false".into())
}

/// A length of time, with its unit. Zero is allowed; see [`positive_duration`].
pub(super) fn duration(text: &str) -> Result<Duration, Expected> {
    let parsed = text.parse::<SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| "a length of time with its unit, such as 500ms, 3s, 10m or 1h30m".into())
}

/// Nothing here is meant to last longer, and sums with instants stay far from overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A length of time of at least a millisecond.
pub(super) fn positive_duration(text: &str) -> Result<Duration, Expected> {
    duration(text).and_then(|duration| match duration {
        duration if duration >= Duration::from_millis(1) => Ok(duration),
        _ => Err("a length of time above zero, such as 500ms, 3s or 10m".into()),
    })
}

/// How long to wait for the database: at least a millisecond, at most [`LONGEST_WAIT`].
pub(super) fn database_wait(text: &str) -> Result<Duration, Expected> {
    positive_duration(text).and_then(|wait| match wait {
        wait if wait <= LONGEST_WAIT => Ok(wait),
        _ => Err("at most 10m".into()),
    })
}

/// No caller of an API waits longer. PostgreSQL, which is told the statement's deadline too, takes 2³¹ - 1 ms at most.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);

/// How long something is kept, or `off` for good.
pub(super) fn retention(text: &str) -> Result<Option<Duration>, Expected> {
    const EXPECTED: &str = "a number of days such as 30d, a duration such as 12h, or off";
    let read = match text.strip_suffix('d') {
        _ if text == "off" => return Ok(None),
        Some(days) => days
            .trim()
            .parse::<u64>()
            .ok()
            .filter(|days| (1..=36_500).contains(days)),
        None => None,
    };
    match read {
        Some(days) => Ok(Some(Duration::from_secs(days * 24 * 60 * 60))),
        None => positive_duration(text)
            .map(Some)
            .map_err(|_| EXPECTED.into()),
    }
}

/// A size in bytes: `65536`, `64KiB`. At most `limit`, which is some KiB.
pub(super) fn byte_size(limit: usize) -> impl Fn(&str) -> Result<usize, Expected> {
    move |text| {
        size(text)
            .filter(|size| (1..=limit).contains(size))
            .ok_or_else(|| {
                let kib = limit >> 10;
                format!("a size up to {kib} KiB, such as 65536 or 64KiB").into()
            })
    }
}

/// So much memory: `32MiB`, `0`. At most 4 GiB.
pub(super) fn memory_size(text: &str) -> Result<usize, Expected> {
    size(text)
        .filter(|size| *size <= 4 << 30)
        .ok_or_else(|| "a size up to 4GiB, such as 64MiB, or 0".into())
}

fn size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(factor)
}

/// A length of time above zero, or `off` for no limit.
pub(super) fn limit(text: &str) -> Result<Option<Duration>, Expected> {
    match text {
        "off" => Ok(None),
        text => positive_duration(text)
            .map(Some)
            .map_err(|_| "a length of time such as 15m or 24h, or off".into()),
    }
}

/// A path of a file.
pub(super) fn path(text: &str) -> Result<PathBuf, Expected> {
    Ok(PathBuf::from(text))
}

/// A scope of OAuth (RFC 6749 §3.3).
pub(super) fn scope_token(text: &str) -> Result<String, Expected> {
    match is_scope(text) {
        true => Ok(text.to_owned()),
        false => Err("a scope: printable ASCII without space, quote and backslash".into()),
    }
}

/// An `http` or `https` URL without credentials, query and fragment.
pub(super) fn http_url(text: &str) -> Result<Url, Expected> {
    let expected =
        "an http or https URL without user, query and fragment, such as https://app.example.com";
    let url = Url::parse(text).map_err(|_| expected)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(url) } else { Err(expected.into()) }
}

/// The base URL of a Better Auth server.
pub(super) fn better_auth_url(text: &str) -> Result<BetterAuthUrl, Expected> {
    http_url(text)?;
    BetterAuthUrl::parse(text).map_err(Into::into)
}

/// The origin of a web page as browsers send it.
pub(super) fn origin(text: &str) -> Result<String, Expected> {
    let expected = "an exact origin without path, such as https://app.example.com (wildcards are not accepted)";
    match http_url(text) {
        Ok(url) if url.path() == "/" && !text.contains('*') => {
            Ok(url.origin().ascii_serialization())
        }
        _ => Err(expected.into()),
    }
}

/// Text without white space, for names that are compared byte by byte.
pub(super) fn name(text: &str) -> Result<String, Expected> {
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("text without white space".into());
    }
    Ok(text.to_owned())
}

/// Whether what is sent to `url` could be read or changed on the way: plain http that leaves the machine.
pub(super) fn travels_in_the_clear(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => is_loopback(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !loopback
}

/// Whether `host`, a name or an address without brackets, is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use domain_kit::BODY_LIMIT;

    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [
            ("3s", 3_000),
            ("10m", 600_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("500ms", 500),
            ("24h", 86_400_000),
            ("2 minutes", 120_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn durations_without_unit_or_sense_are_refused() {
        for text in [
            "",
            "30",
            "-3s",
            "3s ago",
            "3 parsecs",
            "s",
            "1e400h",
            "99999999h",
            "NaNs",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        for text in ["0s", "999us", "-1s"] {
            assert!(positive_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_database_is_waited_for_ten_minutes_at_most() {
        for (text, millis) in [("1ms", 1), ("5s", 5_000), ("10m", 600_000)] {
            assert_eq!(database_wait(text), Ok(Duration::from_millis(millis)));
        }
        // 597 hours are more milliseconds than PostgreSQL takes.
        for text in ["0s", "10m 1ms", "597h", "366d"] {
            assert!(database_wait(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_kept_for_days_or_for_good() {
        let days = |days: u64| Ok(Some(Duration::from_secs(days * 86_400)));
        assert_eq!(retention("30d"), days(30));
        assert_eq!(retention("1 d"), days(1));
        assert_eq!(retention("24h"), days(1));
        assert_eq!(retention("off"), Ok(None));
        for text in ["", "0d", "-1d", "40000d", "forever", "30"] {
            assert!(retention(text).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_counted_in_binary_units_and_may_be_none() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("64KiB", 64 << 10),
            ("32MiB", 32 << 20),
            ("4 GiB", 4 << 30),
        ] {
            assert_eq!(memory_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MiB",
            "-1",
            "1.5MiB",
            "32MB",
            "5GiB",
            "99999999999999999999GiB",
        ] {
            assert!(memory_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_limit_is_a_length_of_time_or_off() {
        assert_eq!(limit("off"), Ok(None));
        assert_eq!(limit("15m"), Ok(Some(Duration::from_secs(900))));
        for text in ["", "0s", "OFF", "none", "15"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_scope_has_the_characters_that_oauth_allows() {
        assert_eq!(scope_token("tasks:read").as_deref(), Ok("tasks:read"));
        for text in ["", "a b", "a\"b", "a\\b", "\u{e9}", "a\nb"] {
            assert!(scope_token(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_have_binary_units_and_a_ceiling() {
        assert_eq!(byte_size(BODY_LIMIT)("262144"), Ok(262_144));
        assert_eq!(byte_size(BODY_LIMIT)("256KiB"), Ok(262_144));
        assert_eq!(byte_size(BODY_LIMIT)("1 KiB"), Ok(1024));
        assert_eq!(byte_size(BODY_LIMIT)("1B"), Ok(1));
        for text in [
            "",
            "0",
            "KiB",
            "1kb",
            "1GiB",
            "257KiB",
            "-1",
            "1.5KiB",
            "99999999999999999999KiB",
            "1é",
        ] {
            assert!(byte_size(BODY_LIMIT)(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_normalised_as_browsers_write_it() {
        for (text, origin_) in [
            ("https://App.Example.com", "https://app.example.com"),
            ("https://app.example.com:443/", "https://app.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(origin_), "{text}");
        }
    }

    #[test]
    fn an_origin_is_exact_or_refused() {
        for text in [
            "*",
            "null",
            "",
            "https://*.example.com",
            "app.example.com",
            "ftp://app.example.com",
            "https://app.example.com/path",
            "https://app.example.com?x",
            "https://user@app.example.com",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_plain_http_beyond_this_machine_travels_in_the_clear() {
        for (text, clear) in [
            ("https://app.example.com", false),
            ("http://app.example.com", true),
            ("http://10.0.0.1", true),
            ("http://localhost:3000", false),
            ("http://web.localhost", false),
            ("http://127.0.0.2", false),
            ("http://[::1]", false),
            ("http://localhost.example.com", true),
        ] {
            assert_eq!(
                travels_in_the_clear(&http_url(text).unwrap()),
                clear,
                "{text}"
            );
        }
    }

    #[test]
    fn an_address_may_wear_brackets() {
        assert_eq!(ip_address("[::1]").unwrap(), ip_address("::1").unwrap());
        for text in ["localhost", "", "127.0.0.1:80", "[::1"] {
            assert!(ip_address(text).is_err(), "{text}");
        }
    }
}
