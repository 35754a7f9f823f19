//! A rule in parts, and its canonical text.

use std::{fmt, ops::RangeInclusive};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

/// How long the stretch of the calendar is that a rule chooses days from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    pub const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly];

    pub fn name(self) -> &'static str {
        match self {
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }
}

/// A part of a rule that a task can have, in the order of the canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Freq,
    Interval,
    Count,
    Until,
    ByMonth,
    ByWeekNo,
    ByYearDay,
    ByMonthDay,
    ByDay,
    BySetPos,
    Wkst,
}

impl Part {
    pub const ALL: [Self; 11] = [
        Self::Freq,
        Self::Interval,
        Self::Count,
        Self::Until,
        Self::ByMonth,
        Self::ByWeekNo,
        Self::ByYearDay,
        Self::ByMonthDay,
        Self::ByDay,
        Self::BySetPos,
        Self::Wkst,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Freq => "FREQ",
            Self::Interval => "INTERVAL",
            Self::Count => "COUNT",
            Self::Until => "UNTIL",
            Self::ByMonth => "BYMONTH",
            Self::ByWeekNo => "BYWEEKNO",
            Self::ByYearDay => "BYYEARDAY",
            Self::ByMonthDay => "BYMONTHDAY",
            Self::ByDay => "BYDAY",
            Self::BySetPos => "BYSETPOS",
            Self::Wkst => "WKST",
        }
    }

    /// What a value of this part is, in words that follow "expected".
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Freq => "DAILY, WEEKLY, MONTHLY or YEARLY",
            Self::Interval | Self::Count => "a number from 1 to 4294967295",
            Self::Until => "a time in UTC like 20261231T225959Z, or a day like 20261231",
            Self::ByMonth => "numbers from 1 to 12",
            Self::ByWeekNo => "numbers from 1 to 53 or -53 to -1",
            Self::ByYearDay | Self::BySetPos => "numbers from 1 to 366 or -366 to -1",
            Self::ByMonthDay => "numbers from 1 to 31 or -31 to -1",
            Self::ByDay => "days like MO, 2TU or -1FR, numbered to 53 or -53 at most",
            Self::Wkst => "one of MO, TU, WE, TH, FR, SA, SU",
        }
    }

    /// What the numbers of its list can be; none is 0.
    pub(super) fn range(self) -> RangeInclusive<i16> {
        match self {
            Self::ByMonth => 1..=12,
            Self::ByWeekNo | Self::ByDay => -53..=53,
            Self::ByMonthDay => -31..=31,
            Self::ByYearDay | Self::BySetPos => -366..=366,
            // No lists of numbers.
            Self::Freq | Self::Interval | Self::Count | Self::Until | Self::Wkst => 0..=0,
        }
    }
}

/// An entry of BYDAY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RuleDay {
    /// Which one of the month or year, from its end where negative; all of them where none.
    pub nth: Option<i16>,
    pub weekday: Weekday,
}

/// When the series ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// With this day on the wall's calendar. The RFC wants a time wherever the start has one; a day is what people write.
    Day(Date),
    /// At this time in UTC. No `Timestamp`: "for ever" is often written as the last second of the year 9999, which is none.
    Utc(DateTime),
}

impl Until {
    /// At this time, to the second.
    pub fn at(end: Timestamp) -> Self {
        let end = TimeZone::UTC.to_datetime(end);
        Self::Utc(end.with().subsec_nanosecond(0).build().unwrap_or(end))
    }
}

/// A rule whose parts are in their ranges and go together. Its lists are sorted and have nothing twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub frequency: Frequency,
    pub interval: u32,
    pub count: Option<u32>,
    pub until: Option<Until>,
    pub months: Vec<i16>,
    pub weeks: Vec<i16>,
    pub year_days: Vec<i16>,
    pub month_days: Vec<i16>,
    pub days: Vec<RuleDay>,
    pub positions: Vec<i16>,
    /// Monday, which is the default, wherever it makes no difference.
    pub week_start: Weekday,
}

impl Rule {
    /// Whether a part says which days of a period are meant; if none does, the start of the series does.
    pub fn names_days(&self) -> bool {
        !(self.weeks.is_empty()
            && self.year_days.is_empty()
            && self.month_days.is_empty()
            && self.days.is_empty())
    }

    /// Whether it matters on which day a week begins.
    pub fn depends_on_week_start(&self) -> bool {
        match self.frequency {
            Frequency::Weekly => self.interval > 1 || !self.positions.is_empty(),
            Frequency::Yearly => !self.weeks.is_empty(),
            Frequency::Daily | Frequency::Monthly => false,
        }
    }

    fn list(&self, part: Part) -> &[i16] {
        match part {
            Part::ByMonth => &self.months,
            Part::ByWeekNo => &self.weeks,
            Part::ByYearDay => &self.year_days,
            Part::ByMonthDay => &self.month_days,
            Part::BySetPos => &self.positions,
            Part::Freq | Part::Interval | Part::Count | Part::Until | Part::ByDay | Part::Wkst => {
                &[]
            }
        }
    }

    /// What the canonical text says of a part; `None` where it is left out.
    fn value(&self, part: Part) -> Option<String> {
        match part {
            Part::Freq => Some(self.frequency.name().to_owned()),
            Part::Interval => (self.interval > 1).then(|| self.interval.to_string()),
            Part::Count => self.count.map(|count| count.to_string()),
            Part::Until => self.until.map(|until| until.to_string()),
            Part::ByDay => joined(&self.days),
            Part::Wkst => (self.week_start != Weekday::Monday)
                .then(|| weekday_name(self.week_start).to_owned()),
            Part::ByMonth
            | Part::ByWeekNo
            | Part::ByYearDay
            | Part::ByMonthDay
            | Part::BySetPos => joined(self.list(part)),
        }
    }
}

/// The canonical text.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for part in Part::ALL {
            if let Some(value) = self.value(part) {
                write!(f, "{separator}{}={value}", part.name())?;
                separator = ";";
            }
        }
        Ok(())
    }
}

impl fmt::Display for RuleDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(weekday_name(self.weekday))
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => compact(*day, f),
            Self::Utc(at) => {
                compact(at.date(), f)?;
                write!(f, "T{:02}{:02}{:02}Z", at.hour(), at.minute(), at.second())
            }
        }
    }
}

fn compact(day: Date, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn joined(list: &[impl ToString]) -> Option<String> {
    let entries: Vec<_> = list.iter().map(ToString::to_string).collect();
    (!entries.is_empty()).then(|| entries.join(","))
}

/// The days of the week with their names in a rule, Monday first.
const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "MO"),
    (Weekday::Tuesday, "TU"),
    (Weekday::Wednesday, "WE"),
    (Weekday::Thursday, "TH"),
    (Weekday::Friday, "FR"),
    (Weekday::Saturday, "SA"),
    (Weekday::Sunday, "SU"),
];

pub(super) fn weekday(name: &str) -> Option<Weekday> {
    WEEKDAYS
        .into_iter()
        .find(|(_, other)| *other == name)
        .map(|(weekday, _)| weekday)
}

fn weekday_name(weekday: Weekday) -> &'static str {
    WEEKDAYS[weekday_index(weekday)].1
}

/// 0 for Monday to 6 for Sunday.
pub(super) fn weekday_index(weekday: Weekday) -> usize {
    usize::from(weekday.to_monday_zero_offset().unsigned_abs())
}
