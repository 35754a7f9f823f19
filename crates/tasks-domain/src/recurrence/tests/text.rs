use super::*;

fn fault(rrule: &str) -> RecurrenceFault {
    Recurrence::parse(rrule, "UTC").unwrap_err()
}

#[test]
fn text_becomes_canonical() {
    for (text, canonical) in [
        ("rrule:freq=daily;interval=1", "FREQ=DAILY"),
        (
            "BYDAY=FR,MO,FR;WKST=MO;INTERVAL=002;FREQ=WEEKLY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
        ),
        ("FREQ=WEEKLY;WKST=SU", "FREQ=WEEKLY"),
        (
            "FREQ=WEEKLY;WKST=SU;INTERVAL=2",
            "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1,+15,-31,1;COUNT=3",
            "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=1,15,-31,-1",
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR,2TU,MO,+1SU,1MO",
            "FREQ=MONTHLY;BYDAY=MO,1MO,1SU,2TU,-1FR",
        ),
        (
            "FREQ=DAILY;UNTIL=20161231T235960Z",
            "FREQ=DAILY;UNTIL=20161231T235959Z",
        ),
        ("FREQ=DAILY;UNTIL=02000101", "FREQ=DAILY;UNTIL=02000101"),
    ] {
        let read = berlin(text);
        assert_eq!(read.rrule(), canonical);
        assert_eq!(berlin(canonical), read);
    }
}

#[test]
fn each_fault_has_its_name() {
    use RecurrenceFault as Fault;
    for (text, expected) in [
        ("", Fault::Malformed { place: 1 }),
        ("FREQ=DAILY;", Fault::Malformed { place: 2 }),
        ("FREQ=DAILY;COUNT", Fault::Malformed { place: 2 }),
        (
            "FREQ=DAILY;BYEASTER=0",
            Fault::UnknownPart {
                name: "BYEASTER".to_owned(),
            },
        ),
        ("FREQ=DAILY;COUNT=1;COUNT=1", Fault::Duplicate(Part::Count)),
        ("COUNT=1", Fault::NoFrequency),
        ("FREQ=HOURLY", Fault::TooFrequent),
        ("FREQ=DAILY;BYHOUR=9", Fault::TooFrequent),
        ("FREQ=FORTNIGHTLY", Fault::Invalid(Part::Freq)),
        ("FREQ=DAILY;COUNT=-1", Fault::Invalid(Part::Count)),
        ("FREQ=DAILY;COUNT=0", Fault::OutOfRange(Part::Count)),
        (
            "FREQ=DAILY;INTERVAL=4294967296",
            Fault::OutOfRange(Part::Interval),
        ),
        ("FREQ=DAILY;BYMONTH=13", Fault::OutOfRange(Part::ByMonth)),
        ("FREQ=DAILY;BYMONTH=-1", Fault::OutOfRange(Part::ByMonth)),
        ("FREQ=DAILY;BYMONTH=1,", Fault::Invalid(Part::ByMonth)),
        (
            "FREQ=MONTHLY;BYMONTHDAY=0",
            Fault::OutOfRange(Part::ByMonthDay),
        ),
        (
            "FREQ=YEARLY;BYYEARDAY=367",
            Fault::OutOfRange(Part::ByYearDay),
        ),
        (
            "FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO",
            Fault::OutOfRange(Part::ByWeekNo),
        ),
        ("FREQ=MONTHLY;BYDAY=54MO", Fault::OutOfRange(Part::ByDay)),
        ("FREQ=MONTHLY;BYDAY=XX", Fault::Invalid(Part::ByDay)),
        ("FREQ=MONTHLY;BYDAY=é", Fault::Invalid(Part::ByDay)),
        ("FREQ=WEEKLY;WKST=1MO", Fault::Invalid(Part::Wkst)),
        ("FREQ=DAILY;UNTIL=20260230", Fault::OutOfRange(Part::Until)),
        ("FREQ=DAILY;UNTIL=2026-02-03", Fault::Invalid(Part::Until)),
        ("FREQ=DAILY;UNTIL=20260203T090000", Fault::FloatingUntil),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260203", Fault::CountWithUntil),
        (
            "FREQ=MONTHLY;BYWEEKNO=1",
            Fault::NotWithFrequency(Part::ByWeekNo, Frequency::Monthly),
        ),
        (
            "FREQ=DAILY;BYYEARDAY=1",
            Fault::NotWithFrequency(Part::ByYearDay, Frequency::Daily),
        ),
        (
            "FREQ=WEEKLY;BYMONTHDAY=1",
            Fault::NotWithFrequency(Part::ByMonthDay, Frequency::Weekly),
        ),
        (
            "FREQ=WEEKLY;BYDAY=1MO",
            Fault::NumberedDay(Frequency::Weekly),
        ),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", Fault::NumberedDayOfWeek),
        ("FREQ=DAILY;BYSETPOS=1", Fault::PositionOfNothing),
    ] {
        let fault = fault(text);
        assert_eq!(fault, expected, "{text}");
        assert!(fault.detail().ends_with('.'));
    }
}

#[test]
fn a_rule_that_never_occurs_is_refused() {
    for text in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYMONTHDAY=8;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTH=1;BYSETPOS=2",
        "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1",
        "FREQ=YEARLY;BYMONTHDAY=1;BYSETPOS=13",
    ] {
        assert_eq!(fault(text), RecurrenceFault::NeverOccurs, "{text}");
    }
}

#[test]
fn a_text_is_measured_before_it_is_read() {
    let listed = |n| format!("FREQ=DAILY;BYMONTH={}", vec!["1"; n].join(","));
    assert!(Recurrence::parse(&listed(241), "UTC").is_ok());
    assert_eq!(listed(241).len(), LONGEST_RULE);
    assert_eq!(
        fault(&format!("{};", listed(241))),
        RecurrenceFault::TooLong
    );
}

#[test]
fn a_zone_is_known_by_its_name_in_any_case() {
    let zone = |name| Recurrence::parse("FREQ=DAILY", name).map(|read| read.time_zone().to_owned());
    assert_eq!(zone("america/new_york").unwrap(), "America/New_York");
    assert_eq!(zone("utc").unwrap(), "UTC");
    for name in [
        "",
        "Mars/Olympus",
        "localtime",
        "Factory",
        "Etc/Unknown",
        "+02:00",
        "../Europe/Berlin",
        "right/Europe/Berlin",
    ] {
        assert_eq!(zone(name), Err(RecurrenceFault::UnknownTimeZone), "{name}");
    }
}

#[test]
fn a_pattern_is_a_rule_with_nothing_but_an_end() {
    for pattern in [Pattern::Daily, Pattern::Weekly, Pattern::Monthly] {
        let made = berlin(pattern.rrule().unwrap());
        assert_eq!(Pattern::of(made.rrule()), pattern);
    }
    for (rrule, pattern) in [
        ("FREQ=WEEKLY;COUNT=3;WKST=SU", Pattern::Weekly),
        ("UNTIL=20300101;FREQ=DAILY", Pattern::Daily),
        ("FREQ=WEEKLY;BYDAY=MO", Pattern::Custom),
        ("FREQ=DAILY;INTERVAL=2", Pattern::Custom),
        ("FREQ=YEARLY", Pattern::Custom),
    ] {
        assert_eq!(Pattern::of(berlin(rrule).rrule()), pattern, "{rrule}");
    }
}

#[test]
fn an_end_can_be_told_apart_from_the_rule_that_has_none() {
    let end = "2030-01-01T08:00:00.5+01:00".parse().unwrap();
    let until = |rrule| Recurrence::parse_until(rrule, "UTC", end);
    assert_eq!(
        until("FREQ=DAILY").unwrap().rrule(),
        "FREQ=DAILY;UNTIL=20300101T070000Z"
    );
    assert_eq!(
        until("FREQ=DAILY;COUNT=2"),
        Err(RecurrenceFault::CountWithUntil)
    );
    assert_eq!(
        until("FREQ=DAILY;UNTIL=20290101"),
        Err(RecurrenceFault::Duplicate(Part::Until))
    );
}
