//! Values that every domain reads from JSON in the same way.

use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};

use crate::FieldProblem;

/// An instant from RFC 3339 text. The offset is required: a time without a zone is no instant, and guessing one is how tasks
/// become due on the wrong day. Rounded down to microseconds, which is what PostgreSQL keeps.
///
/// # Errors
/// `(code, detail)` for a 422: `missing_offset`, or `invalid_timestamp` for everything else.
pub fn parse_timestamp(text: &str) -> Result<Timestamp, (&'static str, &'static str)> {
    const INVALID: (&str, &str) = (
        FieldProblem::InvalidTimestamp.code(),
        "Expected an RFC 3339 date and time with offset, like 2026-03-01T09:00:00Z.",
    );
    // RFC 3339 is a small part of what the parser reads (week dates, bracketed zones, signed years).
    let rfc3339 = text.len() <= 40
        && text.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-:.+TtZz ".contains(&b));
    if !rfc3339 {
        return Err(INVALID);
    }
    let instant = text.parse::<Timestamp>().map_err(|_| {
        if text.parse::<jiff::civil::DateTime>().is_ok() {
            (
                FieldProblem::MissingOffset.code(),
                "The offset from UTC is missing: end with Z or, say, +02:00.",
            )
        } else {
            INVALID
        }
    })?;
    let limits = FIRST..=LAST;
    if !limits.contains(&instant) || !has_offset_of_rfc3339(text) {
        return Err(INVALID);
    }
    instant
        .round(
            TimestampRound::new()
                .smallest(Unit::Microsecond)
                .mode(jiff::RoundMode::Trunc),
        )
        .map_err(|_| INVALID)
}

/// `Z`, or `+hh:mm` below 24 hours; the parser takes other forms and longer ways around the earth.
fn has_offset_of_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes {
        [.., b'Z' | b'z'] => true,
        [.., b'+' | b'-', h1, h2, b':', m1, m2] => {
            let digits = [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit());
            digits && (*h1, *h2) <= (b'2', b'3') && *m1 <= b'5'
        }
        _ => false,
    }
}

/// Year 1 and the end of year 9999 in UTC, give or take the largest offset: RFC 3339 has four digits for the year.
const FIRST: Timestamp = Timestamp::constant(-62_135_596_800, 0);
const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// Now, in the precision that PostgreSQL keeps.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    now.round(
        TimestampRound::new()
            .smallest(Unit::Microsecond)
            .mode(jiff::RoundMode::Trunc),
    )
    .unwrap_or(now - SignedDuration::from_nanos(i64::from(now.subsec_nanosecond() % 1000)))
}

/// Text without surrounding white space, between `min` and `max` characters long.
///
/// # Errors
/// `(code, detail)` for a 422: `blank`, `too_long`, or `character_not_allowed` for NUL, which PostgreSQL cannot keep.
pub fn parse_text(text: &str, min: usize, max: usize) -> Result<String, (&'static str, String)> {
    let text = text.trim();
    if text.contains('\0') {
        return Err((
            FieldProblem::CharacterNotAllowed.code(),
            "The character U+0000 cannot be stored.".into(),
        ));
    }
    let length = text.chars().count();
    if length < min {
        return Err((
            FieldProblem::Blank.code(),
            "This text cannot be blank.".into(),
        ));
    }
    if length > max {
        return Err((
            FieldProblem::TooLong.code(),
            format!("At most {max} characters; this has {length}."),
        ));
    }
    Ok(text.to_owned())
}

/// [`parse_text`] with these bounds, to be handed to [`Members`](crate::Members) or [`Violations`](crate::Violations).
pub fn text(min: usize, max: usize) -> impl Fn(String) -> Result<String, (&'static str, String)> {
    move |text| parse_text(&text, min, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_its_offset() {
        assert_eq!(
            parse_timestamp("2026-03-01T09:00:00").unwrap_err().0,
            "missing_offset"
        );
        assert_eq!(
            parse_timestamp("2026-03-01").unwrap_err().0,
            "missing_offset"
        );
        assert_eq!(
            parse_timestamp("2026-03-01T10:30:00+01:30").unwrap(),
            parse_timestamp("2026-03-01T09:00:00Z").unwrap()
        );
    }

    #[test]
    fn what_is_not_rfc_3339_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-03-01T25:00:00Z",
            "2026-03-01T09:00:00+01:00[Europe/Berlin]",
            "-002026-03-01T09:00:00Z",
            "+012026-03-01T09:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-W01-1T00:00:00Z",
            "1772355600",
            "2026-03-01T09:00:00+24:00",
            "2026-03-01T09:00:00-25:59",
            "2026-03-01T09:00:00+01",
            "2026-03-01T09:00:00+0100",
            "2026-03-01T09:00:00+01:00:30",
            &"2".repeat(5000),
        ] {
            assert!(parse_timestamp(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_instant_is_kept_to_the_microsecond() {
        let parsed = parse_timestamp("2026-03-01T09:00:00.123456789Z").unwrap();
        assert_eq!(parsed.to_string(), "2026-03-01T09:00:00.123456Z");
        assert_eq!(now().subsec_nanosecond() % 1000, 0);
    }

    #[test]
    fn text_is_trimmed_before_it_is_measured() {
        assert_eq!(parse_text("  ab  ", 1, 2).unwrap(), "ab");
        assert_eq!(parse_text("   ", 1, 2).unwrap_err().0, "blank");
        assert_eq!(parse_text("abc", 1, 2).unwrap_err().0, "too_long");
        assert_eq!(
            parse_text("a\0", 1, 2).unwrap_err().0,
            "character_not_allowed"
        );
        assert_eq!(parse_text("ßß", 1, 2).unwrap(), "ßß");
    }
}
