//! How a task recurs: an RRULE of RFC 5545 in a time zone. Pure: no clock, no HTTP, no SQL.
//!
//! The due date of the task is the start of the series (DTSTART), read as wall-clock time in the zone. Every occurrence has that
//! time of day; a rule only chooses days.
//!
//! Where RFC 5545 leaves room this does what python-dateutil does, and the tests compare the two:
//! - A start that the rule does not match is no occurrence, and COUNT counts occurrences only.
//! - BYWEEKNO without BYDAY is all seven days of the week.
//! - A yearly rule judges the days of a calendar year, so days of week 1 may be the last of December.
//!
//! Where dateutil leaves the RFC this does not follow: BYDAY may mix `MO` with `1TU`, the set that BYSETPOS chooses from begins
//! with the week even where the task starts in the middle of it, and a week over New Year has one number.

mod days;
mod fault;
mod parse;
mod rule;
mod series;
#[cfg(test)]
mod tests;

pub use fault::RecurrenceFault;
pub use rule::{Frequency, Part};

use jiff::{Timestamp, tz::TimeZone};
use rule::{Rule, Until};
use series::Series;

/// Longest text of a rule, in bytes. It bounds what is stored and what is parsed.
pub const LONGEST_RULE: usize = 500;

/// How a task recurs. Right by having been made: every part is in its range, goes with the others, and some day matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    rule: Rule,
    rrule: String,
    zone: TimeZone,
    zone_name: String,
}

/// A recurrence that needs no rule to be told, or `Custom` for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    Daily,
    Weekly,
    Monthly,
    Custom,
}

impl Pattern {
    /// The pattern of a rule in canonical text, whenever it ends.
    pub fn of(rrule: &str) -> Self {
        let is_end = |part: &&str| part.starts_with("COUNT=") || part.starts_with("UNTIL=");
        let mut parts = rrule.split(';').filter(|part| !is_end(part));
        match (parts.next(), parts.next()) {
            (Some("FREQ=DAILY"), None) => Self::Daily,
            (Some("FREQ=WEEKLY"), None) => Self::Weekly,
            (Some("FREQ=MONTHLY"), None) => Self::Monthly,
            _ => Self::Custom,
        }
    }

    /// Its rule; `Custom` says too little to make one from.
    pub fn rrule(self) -> Option<&'static str> {
        match self {
            Self::Daily => Some("FREQ=DAILY"),
            Self::Weekly => Some("FREQ=WEEKLY"),
            Self::Monthly => Some("FREQ=MONTHLY"),
            Self::Custom => None,
        }
    }
}

impl Recurrence {
    /// Reads an RRULE, with or without `RRULE:` before it, in any case.
    pub fn parse(rrule: &str, time_zone: &str) -> Result<Self, RecurrenceFault> {
        let rule = parse::rule(rrule)?;
        if Series::never_occurs(&rule) {
            return Err(RecurrenceFault::NeverOccurs);
        }
        Self::new(rule, time_zone)
    }

    /// The same, with an end that is told apart from the rule, which then has none.
    pub fn parse_until(
        rrule: &str,
        time_zone: &str,
        end: Timestamp,
    ) -> Result<Self, RecurrenceFault> {
        let mut recurrence = Self::parse(rrule, time_zone)?;
        let rule = &mut recurrence.rule;
        match (rule.count, rule.until) {
            (None, None) => rule.until = Some(Until::at(end)),
            (Some(_), _) => return Err(RecurrenceFault::CountWithUntil),
            (None, Some(_)) => return Err(RecurrenceFault::Duplicate(Part::Until)),
        }
        recurrence.rrule = recurrence.rule.to_string();
        Ok(recurrence)
    }

    fn new(rule: Rule, time_zone: &str) -> Result<Self, RecurrenceFault> {
        let zone = zone(time_zone).ok_or(RecurrenceFault::UnknownTimeZone)?;
        let zone_name = zone
            .iana_name()
            .ok_or(RecurrenceFault::UnknownTimeZone)?
            .to_owned();
        Ok(Self {
            rrule: rule.to_string(),
            rule,
            zone,
            zone_name,
        })
    }

    /// The rule in its one canonical writing, without `RRULE:`. Never longer than what was read.
    pub fn rrule(&self) -> &str {
        &self.rrule
    }

    /// The zone's IANA name.
    pub fn time_zone(&self) -> &str {
        &self.zone_name
    }

    /// The first occurrence after `after`, of the series that starts at `start`. `None` where COUNT or UNTIL has ended the
    /// series, where no day of the calendar matches, and at the end of the year 9999.
    ///
    /// Judges the days of two turns of the calendar at most, 800 years of them, however far apart the two instants are.
    pub fn next(&self, start: Timestamp, after: Timestamp) -> Option<Timestamp> {
        self.series(start).after(after).next()
    }

    /// The first `n` occurrences after `after`; fewer where the series ends. Each of them may cost another turn of the calendar,
    /// so `n` is the caller's to bound.
    pub fn upcoming(&self, start: Timestamp, after: Timestamp, n: usize) -> Vec<Timestamp> {
        self.series(start).after(after).take(n).collect()
    }

    fn series(&self, start: Timestamp) -> Series<'_> {
        Series::new(&self.rule, &self.zone, start)
    }
}

/// A zone of the IANA database, whatever the case of its name.
fn zone(name: &str) -> Option<TimeZone> {
    /// Files beside the zones that are none: what they say depends on the machine, or on nothing.
    const NO_ZONES: [&str; 3] = ["localtime", "posixrules", "Factory"];
    const LONGEST_NAME: usize = 64;
    let refused = name.len() > LONGEST_NAME
        || NO_ZONES
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other));
    if refused {
        return None;
    }
    TimeZone::get(name).ok()
}
