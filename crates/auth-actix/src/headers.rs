use std::time::{Duration, SystemTime};

use actix_web::http::header::{self, HeaderMap, HttpDate};

/// For how long the issuer says that its answer holds, by `Cache-Control` (RFC 9111 §5.2.2): zero
/// if it is not to be kept at all. `None` if it says nothing.
///
/// What an answer has already spent in a cache on its way (`Age`) is taken off.
pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let directives = headers
        .get_all(header::CACHE_CONTROL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let told = directives.filter_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match &*name.trim().to_ascii_lowercase() {
            "no-store" | "no-cache" => Some(Duration::ZERO),
            // RFC 9111 §4.2.1: what cannot be read counts as stale.
            "max-age" => Some(seconds(value.trim().trim_matches('"')).unwrap_or_default()),
            _ => None,
        }
    });
    let age = headers
        .get(header::AGE)
        .and_then(|value| seconds(value.to_str().ok()?.trim()));
    told.min()
        .map(|told| told.saturating_sub(age.unwrap_or_default()))
}

/// How long the issuer asks to be left alone: seconds or a date (RFC 9110 §10.2.3), in the
/// standard header or in the one that Better Auth's rate limit sends.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    ["retry-after", "x-retry-after"]
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find_map(|value| {
            let value = value.trim();
            seconds(value).or_else(|| {
                let date: SystemTime = value.parse::<HttpDate>().ok()?.into();
                Some(date.duration_since(now).unwrap_or_default())
            })
        })
}

/// How many bytes of a body are announced.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<usize> {
    let value = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    value.trim().parse().ok()
}

/// `delta-seconds` of RFC 9111 §1.2.2: digits, and as good as forever if there are too many.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use std::time::UNIX_EPOCH;

    use super::*;

    /// Headers, and what is read from them.
    type Row<'a> = (&'a [(&'static str, &'static str)], Option<u64>);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers
    }

    #[test]
    fn cache_control_says_how_long_an_answer_holds() {
        #[rustfmt::skip]
        let rows: [Row<'_>; 16] = [
            (&[], None),
            (&[("cache-control", "")], None),
            (&[("cache-control", "public, immutable")], None),
            (&[("cache-control", "s-maxage=600")], None), // for shared caches, which this is not
            (&[("cache-control", "max-age=600")], Some(600)),
            (&[("cache-control", "public , Max-Age = 600")], Some(600)),
            (&[("cache-control", "max-age=\"600\"")], Some(600)),
            (&[("cache-control", "max-age=0")], Some(0)),
            (&[("cache-control", "no-store")], Some(0)),
            (&[("cache-control", "max-age=600, no-cache")], Some(0)),
            (&[("cache-control", "max-age=600, max-age=60")], Some(60)),
            (&[("cache-control", "public"), ("cache-control", "max-age=600")], Some(600)),
            (&[("cache-control", "max-age=soon")], Some(0)),
            (&[("cache-control", "max-age=-1")], Some(0)),
            (&[("cache-control", "max-age=99999999999999999999")], Some(u32::MAX.into())),
            (&[("cache-control", "max-age=600"), ("age", "500")], Some(100)),
        ];
        for (pairs, told) in rows {
            let read = max_age(&headers(pairs)).map(|age| age.as_secs());
            assert_eq!(read, told, "{pairs:?}");
        }
        let spent = headers(&[("cache-control", "max-age=60"), ("age", "500")]);
        assert_eq!(max_age(&spent), Some(Duration::ZERO));
    }

    #[test]
    fn the_wish_for_a_pause_is_seconds_or_a_date_in_either_header() {
        // 2026-10-21 07:28:00 UTC
        let now = UNIX_EPOCH + Duration::from_secs(1_792_567_680);
        #[rustfmt::skip]
        let rows: [Row<'_>; 15] = [
            (&[], None),
            (&[("retry-after", "7")], Some(7)),
            (&[("retry-after", "0")], Some(0)),
            (&[("x-retry-after", " 10 ")], Some(10)),
            (&[("x-retry-after", "10"), ("retry-after", "7")], Some(7)),
            (&[("x-retry-after", "10"), ("retry-after", "soon")], Some(10)),
            (&[("retry-after", "Wed, 21 Oct 2026 07:29:00 GMT")], Some(60)),
            (&[("retry-after", "Wednesday, 21-Oct-26 07:29:00 GMT")], Some(60)),
            (&[("retry-after", "Wed, 21 Oct 2026 07:00:00 GMT")], Some(0)),
            (&[("retry-after", "99999999999999999999")], Some(u32::MAX.into())),
            (&[("retry-after", "")], None),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "1e9")], None),
            (&[("retry-after", "+5")], None),
        ];
        for (pairs, wish) in rows {
            let read = retry_after(&headers(pairs), now).map(|wish| wish.as_secs());
            assert_eq!(read, wish, "{pairs:?}");
        }
    }
}
