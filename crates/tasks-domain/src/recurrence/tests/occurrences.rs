use jiff::Timestamp;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn first(n: usize, recurrence: &Recurrence, start: &str) -> Vec<String> {
    let start = at(start);
    let just_before = start - jiff::SignedDuration::from_nanos(1);
    let found = recurrence.upcoming(start, just_before, n);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn a_due_time_on_the_wall_stays_when_clocks_change() {
    assert_eq!(
        first(3, &berlin("FREQ=DAILY"), "2026-03-28T08:00:00Z"),
        [
            "2026-03-28T08:00:00Z",
            "2026-03-29T07:00:00Z",
            "2026-03-30T07:00:00Z"
        ]
    );
    assert_eq!(
        first(2, &berlin("FREQ=DAILY"), "2026-10-24T07:00:00Z"),
        ["2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z"]
    );
}

#[test]
fn a_time_that_the_zone_skips_is_read_with_the_offset_before() {
    // 02:30 on 29 March is 03:30 of summer time.
    assert_eq!(
        first(3, &berlin("FREQ=DAILY"), "2026-03-28T01:30:00Z"),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:30:00Z",
            "2026-03-30T00:30:00Z"
        ]
    );
}

#[test]
fn a_time_that_the_zone_has_twice_is_the_first() {
    assert_eq!(
        first(3, &berlin("FREQ=DAILY"), "2026-10-24T00:30:00Z"),
        [
            "2026-10-24T00:30:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z"
        ]
    );
}

#[test]
fn a_day_that_the_zone_skipped_is_no_occurrence_of_its_own() {
    // Samoa had no 30 December 2011; its 10:00 and that of the 31st are one instant.
    let daily = Recurrence::parse("FREQ=DAILY;COUNT=3", "Pacific/Apia").unwrap();
    assert_eq!(
        first(9, &daily, "2011-12-29T20:00:00Z"),
        ["2011-12-29T20:00:00Z", "2011-12-30T20:00:00Z"]
    );
}

#[test]
fn a_month_without_a_31st_is_left_out() {
    assert_eq!(
        first(4, &berlin("FREQ=MONTHLY"), "2026-01-31T12:00:00Z"),
        [
            "2026-01-31T12:00:00Z",
            "2026-03-31T11:00:00Z",
            "2026-05-31T11:00:00Z",
            "2026-07-31T11:00:00Z"
        ]
    );
    assert_eq!(
        first(
            3,
            &berlin("FREQ=MONTHLY;BYMONTHDAY=-1"),
            "2028-01-31T12:00:00Z"
        ),
        [
            "2028-01-31T12:00:00Z",
            "2028-02-29T12:00:00Z",
            "2028-03-31T11:00:00Z"
        ]
    );
}

#[test]
fn a_leap_day_comes_in_leap_years_only() {
    assert_eq!(
        first(3, &berlin("FREQ=YEARLY"), "2092-02-29T12:00:00Z"),
        [
            "2092-02-29T12:00:00Z",
            "2096-02-29T12:00:00Z",
            "2104-02-29T12:00:00Z"
        ]
    );
}

#[test]
fn a_count_counts_what_the_rule_matches_and_not_the_start() {
    // A Wednesday.
    let start = at("2026-04-01T08:00:00Z");
    let mondays = berlin("FREQ=WEEKLY;BYDAY=MO;COUNT=2");
    assert_eq!(
        mondays.upcoming(start, start, 9),
        [at("2026-04-06T08:00:00Z"), at("2026-04-13T08:00:00Z")]
    );
    assert_eq!(mondays.next(start, at("2026-04-13T08:00:00Z")), None);
    let every_day = berlin("FREQ=DAILY;COUNT=2");
    assert_eq!(
        every_day.next(start, start),
        Some(at("2026-04-02T08:00:00Z"))
    );
    assert_eq!(every_day.next(start, at("2026-04-02T08:00:00Z")), None);
}

#[test]
fn an_until_in_utc_includes_its_second() {
    let start = at("2026-04-01T08:00:00.5Z");
    let to = |until| berlin(&format!("FREQ=DAILY;UNTIL={until}"));
    let tomorrow = Some(at("2026-04-02T08:00:00.5Z"));
    assert_eq!(to("20260402T080000Z").next(start, start), tomorrow);
    assert_eq!(to("20260402T075959Z").next(start, start), None);
    // Later than any instant there is.
    assert_eq!(to("99991231T235959Z").next(start, start), tomorrow);
}

#[test]
fn an_until_of_a_day_includes_that_day_in_the_zone() {
    // Half past midnight in Berlin, and still the day before in UTC.
    let start = at("2026-04-01T22:30:00Z");
    let to = |until| berlin(&format!("FREQ=DAILY;UNTIL={until}"));
    assert_eq!(
        to("20260403").next(start, start),
        Some(at("2026-04-02T22:30:00Z"))
    );
    assert_eq!(to("20260402").next(start, start), None);
}

#[test]
fn a_position_chooses_among_the_days_of_a_period() {
    let last_working_day = berlin("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1");
    let start = at("2026-01-01T09:00:00Z");
    assert_eq!(
        last_working_day.upcoming(start, start, 3),
        [
            at("2026-01-30T09:00:00Z"),
            at("2026-02-27T09:00:00Z"),
            at("2026-03-31T08:00:00Z")
        ]
    );
    // The first working day of the week of the start was before it.
    let first_of_week = berlin("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1");
    assert_eq!(
        first_of_week.next(start, start),
        Some(at("2026-01-05T09:00:00Z"))
    );
}

#[test]
fn numbered_and_plain_days_go_together() {
    let start = at("2026-06-01T09:00:00Z");
    let days = berlin("FREQ=MONTHLY;BYMONTH=6;BYDAY=1TU,MO");
    assert_eq!(
        days.upcoming(start, start, 2),
        [at("2026-06-02T09:00:00Z"), at("2026-06-08T09:00:00Z")]
    );
}

#[test]
fn a_fraction_of_a_second_stays() {
    let start = at("2026-06-01T09:00:00.123456Z");
    assert_eq!(
        berlin("FREQ=DAILY").next(start, start),
        Some(at("2026-06-02T09:00:00.123456Z"))
    );
}

#[test]
fn a_rule_that_only_this_start_never_meets_ends_at_once() {
    let start = at("2026-01-31T08:00:00Z");
    assert_eq!(berlin("FREQ=MONTHLY;BYMONTH=2").next(start, start), None);
    // A Saturday, and every seventh day from it.
    assert_eq!(
        berlin("FREQ=DAILY;INTERVAL=7;BYDAY=MO").next(start, start),
        None
    );
}

#[test]
fn a_series_reaches_from_one_end_of_the_calendar_to_the_other() {
    let (start, after) = (Timestamp::MIN, at("9990-01-01T00:00:00Z"));
    for text in [
        "FREQ=DAILY",
        "FREQ=DAILY;COUNT=4294967295",
        "FREQ=WEEKLY;WKST=TH;INTERVAL=2",
        "FREQ=MONTHLY;COUNT=240000",
        "FREQ=YEARLY",
    ] {
        let read = Recurrence::parse(text, "UTC").unwrap();
        assert!(read.next(start, after).is_some(), "{text}");
        assert_eq!(read.next(start, Timestamp::MAX), None);
        assert_eq!(read.next(Timestamp::MAX, Timestamp::MAX), None);
    }
}

/// Whole turns of the calendar are counted at once; here they are walked as well.
#[test]
fn a_far_occurrence_is_the_one_that_walking_there_finds() {
    let start = at("0007-05-31T10:00:00Z");
    for (text, count) in [
        ("FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU", 90_000),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYMONTH=2,3;BYDAY=TU,SU;WKST=SU",
            9_000,
        ),
        ("FREQ=MONTHLY;INTERVAL=7", 1_500),
        ("FREQ=MONTHLY;BYDAY=5FR,-1MO;BYSETPOS=-1", 25_000),
        ("FREQ=YEARLY;INTERVAL=5;BYMONTH=2;BYMONTHDAY=29", 200),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", 400),
    ] {
        let text = format!("{text};COUNT={count}");
        let read = Recurrence::parse(&text, "UTC").unwrap();
        let all = read.upcoming(start, Timestamp::MIN, usize::MAX);
        assert_eq!(all.len(), count, "{text}");
        for place in (count - 2..count).chain((0..count).step_by(count / 3)) {
            let next = read.next(start, all[place]);
            assert_eq!(next, all.get(place + 1).copied(), "{text} {place}");
        }
    }
}
