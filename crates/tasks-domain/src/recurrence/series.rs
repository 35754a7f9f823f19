//! The occurrences of a rule from a start.
//!
//! The calendar is walked in steps: every `INTERVAL`th day, week, month or year from the one that the start is in. The days of
//! a step that the rule matches are its candidates, BYSETPOS chooses among them, and the zone turns each into an instant.
//!
//! **What it costs.** The Gregorian calendar turns once in 400 years, and then every day has the same weekday again. So the
//! steps of a rule repeat after at most one turn of steps ([`Steps::turn`]), and each question is about one turn at most:
//! how far away the next day is, and how many there are between the start and a later day, which COUNT has to know. A turn is
//! at most 146,097 days to judge, whatever the frequency. The first occurrence costs two turns at the most and a period on either
//! side, every further one another turn, and the years -9999 to 9999 have no more than 50.

use std::ops::RangeInclusive;

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

use super::{
    Frequency,
    days::{Days, Marks},
    rule::{Rule, Until},
};

/// Days, weeks, months and years of 400 years.
const DAYS: i64 = 146_097;
const WEEKS: i64 = DAYS / 7;
const MONTHS: i64 = 4_800;
const YEARS: i64 = 400;

/// The candidates of a rule from its start on.
#[derive(Debug)]
struct Steps<'a> {
    rule: &'a Rule,
    interval: i64,
    start: Date,
    days: Days,
    positions: Option<Marks>,
}

impl<'a> Steps<'a> {
    fn new(rule: &'a Rule, interval: i64, start: Date) -> Self {
        Self {
            rule,
            interval,
            start,
            days: Days::new(rule, start),
            positions: Marks::of(&rule.positions),
        }
    }

    /// After how many steps they repeat.
    fn turn(&self) -> i64 {
        let turn = match self.rule.frequency {
            Frequency::Daily => DAYS,
            Frequency::Weekly => WEEKS,
            Frequency::Monthly => MONTHS,
            Frequency::Yearly => YEARS,
        };
        turn / greatest_common_divisor(turn, self.interval)
    }

    /// The days of a step that are none before the start, in order. `None` past the end of the calendar.
    fn dates(&self, step: i64) -> Option<Vec<Date>> {
        let mut dates: Vec<_> = self.matches(step)?.collect();
        if let Some(positions) = &self.positions {
            keep_positions(&mut dates, positions);
        }
        if step == 0 {
            dates.retain(|date| *date >= self.start);
        }
        Some(dates)
    }

    /// What BYSETPOS chooses from.
    fn matches(&self, step: i64) -> Option<impl Iterator<Item = Date>> {
        let (first, last) = self.period(step)?;
        let days = std::iter::successors(Some(first), |date| date.tomorrow().ok());
        Some(
            days.take_while(move |date| *date <= last)
                .filter(|date| self.days.has(*date)),
        )
    }

    /// First and last day of a step.
    fn period(&self, step: i64) -> Option<(Date, Date)> {
        let ahead = step.checked_mul(self.interval)?;
        match self.rule.frequency {
            Frequency::Daily => {
                let day = plus_days(self.start, ahead)?;
                Some((day, day))
            }
            Frequency::Weekly => {
                let into_week = self.days_into_week();
                let first = ahead.checked_mul(7)?.checked_sub(into_week)?;
                // Either end of the calendar may be in the middle of a week.
                let last = plus_days(self.start, first.checked_add(6)?).unwrap_or(Date::MAX);
                let first = match plus_days(self.start, first) {
                    None if step == 0 => Date::MIN,
                    first => first?,
                };
                Some((first, last))
            }
            Frequency::Monthly => {
                let month = month_number(self.start).checked_add(ahead)?;
                let year = i16::try_from(month.div_euclid(12)).ok()?;
                let month = i8::try_from(month.rem_euclid(12)).ok()? + 1;
                let first = Date::new(year, month, 1).ok()?;
                Some((first, first.last_of_month()))
            }
            Frequency::Yearly => {
                let year = i64::from(self.start.year()).checked_add(ahead)?;
                let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
                Some((first, first.last_of_year()))
            }
        }
    }

    /// The step that has this day, or the last one before it; the first where the day is before the start.
    fn step_at(&self, date: Date) -> i64 {
        let days = date.duration_since(self.start).as_hours() / 24;
        let ahead = match self.rule.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => (days + self.days_into_week()).div_euclid(7),
            Frequency::Monthly => month_number(date) - month_number(self.start),
            Frequency::Yearly => i64::from(date.year()) - i64::from(self.start.year()),
        };
        ahead.div_euclid(self.interval).max(0)
    }

    fn days_into_week(&self) -> i64 {
        self.start.weekday().since(self.rule.week_start).into()
    }

    /// How many days there are before this step; no more are counted once there are `most`.
    fn count_before(&self, step: i64, most: u64) -> u64 {
        if step == 0 {
            return 0;
        }
        // The start may be in the middle of the first step, so that one is not repeated.
        let (turn, whole) = (self.turn(), step - 1);
        let (turns, rest) = (whole / turn, whole % turn);
        let of_rest = self.count_of(1..=rest, most);
        let count = self.count_in(0) + of_rest;
        if turns == 0 || count >= most {
            return count;
        }
        let of_turn = of_rest + self.count_of(rest + 1..=turn, most);
        count + turns.unsigned_abs() * of_turn
    }

    fn count_of(&self, steps: RangeInclusive<i64>, most: u64) -> u64 {
        let mut count = 0;
        for step in steps {
            count += self.count_in(step);
            if count >= most {
                break;
            }
        }
        count
    }

    fn count_in(&self, step: i64) -> u64 {
        let count = if step > 0 && self.positions.is_none() {
            // Nothing is left out, so nothing need be kept: this runs for a whole turn.
            self.matches(step).map(Iterator::count)
        } else {
            self.dates(step).map(|dates| dates.len())
        };
        count.map_or(0, |count| count as u64)
    }
}

/// A rule, where and from when.
#[derive(Debug)]
pub(super) struct Series<'a> {
    steps: Steps<'a>,
    zone: &'a TimeZone,
    time: Time,
}

impl<'a> Series<'a> {
    pub fn new(rule: &'a Rule, zone: &'a TimeZone, start: Timestamp) -> Self {
        let start = zone.to_datetime(start);
        Self {
            steps: Steps::new(rule, rule.interval.into(), start.date()),
            zone,
            time: start.time(),
        }
    }

    /// Whether no series of this rule has any occurrence, whenever it starts.
    ///
    /// A rule that leaves its days to the start is judged by one that gives it every chance: the first of a month is in all of
    /// them. INTERVAL is left aside, since which periods it takes depends on the start too.
    pub fn never_occurs(rule: &Rule) -> bool {
        // What a rule sees of a year is its weekdays, its length and those of its neighbours. Any 28 years without a century
        // among them have every kind.
        const FIRST: Date = Date::constant(2001, 1, 1);
        const LAST: Date = Date::constant(2029, 12, 31);
        let steps = Steps::new(rule, 1, FIRST);
        (1..=steps.step_at(LAST)).all(|step| steps.dates(step).is_none_or(|dates| dates.is_empty()))
    }

    /// The occurrences after this instant.
    pub fn after(self, after: Timestamp) -> Occurrences<'a> {
        // In the step before there can be none: no zone has ever skipped or repeated more than a day.
        let day = self.zone.to_datetime(after).date();
        let step = self.steps.step_at(plus_days(day, -2).unwrap_or(Date::MIN));
        let left = self.steps.rule.count.map(|count| {
            let count = u64::from(count);
            count.saturating_sub(self.steps.count_before(step, count))
        });
        Occurrences {
            left,
            step,
            idle: 0,
            of_step: Vec::new().into_iter(),
            after,
            series: self,
        }
    }

    /// The instant of this day's occurrence. A time that the zone skips is read with the offset before (RFC 5545, 3.3.5), one
    /// that it has twice is the first. `None` once the series has ended.
    fn instant(&self, date: Date) -> Option<Timestamp> {
        let instant = self
            .zone
            .to_ambiguous_timestamp(date.to_datetime(self.time))
            .compatible()
            .ok()?;
        let over = match self.steps.rule.until {
            None => false,
            Some(Until::Day(last)) => date > last,
            Some(Until::Utc(last)) => utc_to_the_second(instant) > last,
        };
        (!over).then_some(instant)
    }
}

/// The occurrences of a series after an instant, each later than the one before: where a zone skipped a whole day, two days have
/// the same instant, and that is one occurrence.
#[derive(Debug)]
pub(super) struct Occurrences<'a> {
    series: Series<'a>,
    /// How many days COUNT still leaves.
    left: Option<u64>,
    step: i64,
    /// How many steps since the last that had a day.
    idle: i64,
    of_step: std::vec::IntoIter<Date>,
    after: Timestamp,
}

impl Occurrences<'_> {
    fn date(&mut self) -> Option<Date> {
        if self.left == Some(0) {
            return None;
        }
        loop {
            if let Some(date) = self.of_step.next() {
                self.left = self.left.map(|left| left - 1);
                return Some(date);
            }
            // The first step may lack the days before the start, so it does not count.
            if self.idle > self.series.steps.turn() {
                return None;
            }
            let dates = self.series.steps.dates(self.step)?;
            self.step += 1;
            self.idle = if dates.is_empty() { self.idle + 1 } else { 0 };
            self.of_step = dates.into_iter();
        }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        loop {
            let date = self.date()?;
            let instant = self.series.instant(date)?;
            if instant > self.after {
                self.after = instant;
                return Some(instant);
            }
        }
    }
}

/// Leaves the days at these positions, counted from 1 or from the end.
fn keep_positions(dates: &mut Vec<Date>, positions: &Marks) {
    let mut from_end = -(dates.len() as i16);
    let mut place = 0;
    dates.retain(|_| {
        place += 1;
        let kept = positions.has(place) || positions.has(from_end);
        from_end += 1;
        kept
    });
}

fn plus_days(date: Date, days: i64) -> Option<Date> {
    // As a span: a duration of more than eight thousand years is refused even where the day it leads to is in the calendar.
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn month_number(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}

/// UNTIL has no fractions of a second, so it has all of its second.
fn utc_to_the_second(instant: Timestamp) -> DateTime {
    let at = Offset::UTC.to_datetime(instant);
    at.date().at(at.hour(), at.minute(), at.second(), 0)
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}
