//! From text to a rule.

use jiff::civil::{Date, DateTime, Weekday};

use super::{
    Frequency, LONGEST_RULE, Part, RecurrenceFault,
    rule::{Rule, RuleDay, Until, weekday, weekday_index},
};

/// Reads a rule and checks every part, and the parts together, but not whether any day matches.
pub(super) fn rule(text: &str) -> Result<Rule, RecurrenceFault> {
    if text.len() > LONGEST_RULE {
        return Err(RecurrenceFault::TooLong);
    }
    let text = text.to_ascii_uppercase();
    let parts = Parts::split(text.strip_prefix("RRULE:").unwrap_or(&text))?;
    let mut rule = Rule {
        frequency: parts.frequency()?,
        interval: parts.number(Part::Interval)?.unwrap_or(1),
        count: parts.number(Part::Count)?,
        until: parts.value(Part::Until).map(until).transpose()?,
        months: parts.numbers(Part::ByMonth)?,
        weeks: parts.numbers(Part::ByWeekNo)?,
        year_days: parts.numbers(Part::ByYearDay)?,
        month_days: parts.numbers(Part::ByMonthDay)?,
        days: parts.days()?,
        positions: parts.numbers(Part::BySetPos)?,
        week_start: parts.week_start()?,
    };
    parts_go_together(&rule)?;
    if !rule.depends_on_week_start() {
        rule.week_start = Weekday::Monday;
    }
    Ok(rule)
}

/// The values as written, one for each part.
struct Parts<'a>([Option<&'a str>; Part::ALL.len()]);

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, RecurrenceFault> {
        let mut parts = Self([None; Part::ALL.len()]);
        for (index, written) in text.split(';').enumerate() {
            let (name, value) = written
                .split_once('=')
                .ok_or(RecurrenceFault::Malformed { place: index + 1 })?;
            let part = part(name)?;
            if parts.0[part as usize].replace(value).is_some() {
                return Err(RecurrenceFault::Duplicate(part));
            }
        }
        Ok(parts)
    }

    fn value(&self, part: Part) -> Option<&'a str> {
        self.0[part as usize]
    }

    fn frequency(&self) -> Result<Frequency, RecurrenceFault> {
        let name = self.value(Part::Freq).ok_or(RecurrenceFault::NoFrequency)?;
        if matches!(name, "SECONDLY" | "MINUTELY" | "HOURLY") {
            return Err(RecurrenceFault::TooFrequent);
        }
        Frequency::ALL
            .into_iter()
            .find(|frequency| frequency.name() == name)
            .ok_or(RecurrenceFault::Invalid(Part::Freq))
    }

    /// A number from 1.
    fn number(&self, part: Part) -> Result<Option<u32>, RecurrenceFault> {
        let Some(digits) = self.value(part) else {
            return Ok(None);
        };
        if !only_digits(digits) {
            return Err(RecurrenceFault::Invalid(part));
        }
        match digits.parse() {
            Ok(0) | Err(_) => Err(RecurrenceFault::OutOfRange(part)),
            Ok(number) => Ok(Some(number)),
        }
    }

    /// A list of numbers within the part's range: those from the start, then those from the end, each as the calendar has them.
    fn numbers(&self, part: Part) -> Result<Vec<i16>, RecurrenceFault> {
        let mut numbers = Vec::new();
        for entry in self.entries(part) {
            numbers.push(signed(part, entry)?);
        }
        numbers.sort_unstable_by_key(|number| (*number < 0, *number));
        numbers.dedup();
        Ok(numbers)
    }

    fn days(&self) -> Result<Vec<RuleDay>, RecurrenceFault> {
        let mut days = Vec::new();
        for entry in self.entries(Part::ByDay) {
            days.push(day(entry)?);
        }
        days.sort_unstable_by_key(|day| {
            let from_end = day.nth.is_some_and(|nth| nth < 0);
            (from_end, day.nth, weekday_index(day.weekday))
        });
        days.dedup();
        Ok(days)
    }

    fn week_start(&self) -> Result<Weekday, RecurrenceFault> {
        self.value(Part::Wkst).map_or(Ok(Weekday::Monday), |name| {
            weekday(name).ok_or(RecurrenceFault::Invalid(Part::Wkst))
        })
    }

    fn entries(&self, part: Part) -> impl Iterator<Item = &'a str> {
        self.value(part)
            .into_iter()
            .flat_map(|value| value.split(','))
    }
}

fn part(name: &str) -> Result<Part, RecurrenceFault> {
    const LONGEST_TOLD: usize = 20;
    if matches!(name, "BYHOUR" | "BYMINUTE" | "BYSECOND") {
        return Err(RecurrenceFault::TooFrequent);
    }
    Part::ALL
        .into_iter()
        .find(|part| part.name() == name)
        .ok_or_else(|| RecurrenceFault::UnknownPart {
            name: name.chars().take(LONGEST_TOLD).collect(),
        })
}

fn only_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn signed(part: Part, text: &str) -> Result<i16, RecurrenceFault> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !only_digits(digits) {
        return Err(RecurrenceFault::Invalid(part));
    }
    text.parse()
        .ok()
        .filter(|number| *number != 0 && part.range().contains(number))
        .ok_or(RecurrenceFault::OutOfRange(part))
}

/// `MO`, `2TU`, `-1FR`.
fn day(text: &str) -> Result<RuleDay, RecurrenceFault> {
    const INVALID: RecurrenceFault = RecurrenceFault::Invalid(Part::ByDay);
    let name_at = text.len().checked_sub(2).ok_or(INVALID)?;
    let (number, name) = text.split_at_checked(name_at).ok_or(INVALID)?;
    Ok(RuleDay {
        weekday: weekday(name).ok_or(INVALID)?,
        nth: match number {
            "" => None,
            number => Some(signed(Part::ByDay, number)?),
        },
    })
}

/// `20261231` or `20261231T225959Z`.
fn until(text: &str) -> Result<Until, RecurrenceFault> {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let [century, year, month, day] = pairs(day)?;
    let date = Date::new(i16::from(century) * 100 + i16::from(year), month, day)
        .map_err(|_| RecurrenceFault::OutOfRange(Part::Until))?;
    let Some(time) = time else {
        return Ok(Until::Day(date));
    };
    let [hour, minute, second] = pairs(time.strip_suffix('Z').unwrap_or(time))?;
    // Who keeps no leap seconds takes one for the second before it (RFC 5545, 3.3.12).
    let second = if second == 60 { 59 } else { second };
    let at = DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        hour,
        minute,
        second,
        0,
    )
    .map_err(|_| RecurrenceFault::OutOfRange(Part::Until))?;
    if time.ends_with('Z') {
        Ok(Until::Utc(at))
    } else {
        Err(RecurrenceFault::FloatingUntil)
    }
}

/// `N` numbers of two digits each, and nothing else.
fn pairs<const N: usize>(digits: &str) -> Result<[i8; N], RecurrenceFault> {
    if digits.len() != 2 * N || !only_digits(digits) {
        return Err(RecurrenceFault::Invalid(Part::Until));
    }
    let mut numbers = [0; N];
    for (number, pair) in numbers.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *number = pair
            .iter()
            .fold(0, |number, digit| number * 10 + (digit - b'0') as i8);
    }
    Ok(numbers)
}

/// RFC 5545, 3.3.10: which parts go with which.
fn parts_go_together(rule: &Rule) -> Result<(), RecurrenceFault> {
    let frequency = rule.frequency;
    let yearly = frequency == Frequency::Yearly;
    if rule.count.is_some() && rule.until.is_some() {
        return Err(RecurrenceFault::CountWithUntil);
    }
    for (part, misplaced) in [
        (Part::ByWeekNo, !yearly && !rule.weeks.is_empty()),
        (Part::ByYearDay, !yearly && !rule.year_days.is_empty()),
        (
            Part::ByMonthDay,
            frequency == Frequency::Weekly && !rule.month_days.is_empty(),
        ),
    ] {
        if misplaced {
            return Err(RecurrenceFault::NotWithFrequency(part, frequency));
        }
    }
    if rule.days.iter().any(|day| day.nth.is_some()) {
        if matches!(frequency, Frequency::Daily | Frequency::Weekly) {
            return Err(RecurrenceFault::NumberedDay(frequency));
        }
        if !rule.weeks.is_empty() {
            return Err(RecurrenceFault::NumberedDayOfWeek);
        }
    }
    if !rule.positions.is_empty() && rule.months.is_empty() && !rule.names_days() {
        return Err(RecurrenceFault::PositionOfNothing);
    }
    Ok(())
}
