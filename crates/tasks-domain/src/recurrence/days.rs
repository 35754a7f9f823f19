//! Which days a rule matches, each judged by itself: what BYSETPOS chooses among them is [`super::series`]'s.

use jiff::civil::{Date, Weekday};

use super::{
    Frequency,
    rule::{Rule, weekday_index},
};

/// What the BY parts of a rule ask of a day. A part that the rule leaves out, and that the start of the series does not stand in
/// for, asks nothing.
///
/// Every question is answered from the day alone and in constant time, whatever the length of the lists: that is what makes the
/// cost of a series a number of days.
#[derive(Debug)]
pub(super) struct Days {
    months: Option<Marks>,
    month_days: Option<Marks>,
    year_days: Option<Marks>,
    weeks: Option<Marks>,
    /// For each day of the week which ones of the month or year.
    weekdays: Option<[Marks; 7]>,
    numbered_by: NumberedBy,
    week_start: Weekday,
}

/// What `2MO` is the second Monday of.
#[derive(Debug)]
enum NumberedBy {
    Month,
    Year,
}

impl Days {
    /// `start` stands in where the rule does not say which days of its period it means.
    pub fn new(rule: &Rule, start: Date) -> Self {
        let mut days = Self {
            months: Marks::of(&rule.months),
            month_days: Marks::of(&rule.month_days),
            year_days: Marks::of(&rule.year_days),
            weeks: Marks::of(&rule.weeks),
            weekdays: weekdays(rule),
            numbered_by: match rule.frequency {
                Frequency::Yearly if rule.months.is_empty() => NumberedBy::Year,
                _ => NumberedBy::Month,
            },
            week_start: rule.week_start,
        };
        if !rule.names_days() {
            days.take_from(start, rule.frequency);
        }
        days
    }

    fn take_from(&mut self, start: Date, frequency: Frequency) {
        match frequency {
            Frequency::Daily => {}
            Frequency::Weekly => {
                let mut weekdays = [Marks::NONE; 7];
                weekdays[weekday_index(start.weekday())] = Marks::ALL;
                self.weekdays = Some(weekdays);
            }
            Frequency::Monthly => self.month_days = Some(Marks::only(start.day().into())),
            Frequency::Yearly => {
                self.months.get_or_insert(Marks::only(start.month().into()));
                self.month_days = Some(Marks::only(start.day().into()));
            }
        }
    }

    pub fn has(&self, date: Date) -> bool {
        // The cheapest questions first: most days of most rules fall here.
        asks(self.months.as_ref(), date.month().into(), None)
            && self.has_month_day(date)
            && self.has_weekday(date)
            && self.has_year_day(date)
            && self.has_week(date)
    }

    fn has_month_day(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let from_end = day - i16::from(date.days_in_month()) - 1;
        asks(self.month_days.as_ref(), day, Some(from_end))
    }

    fn has_year_day(&self, date: Date) -> bool {
        self.year_days.as_ref().is_none_or(|marks| {
            let day = date.day_of_year();
            asks(Some(marks), day, Some(day - date.days_in_year() - 1))
        })
    }

    fn has_weekday(&self, date: Date) -> bool {
        let Some(weekdays) = &self.weekdays else {
            return true;
        };
        let (day, length) = match self.numbered_by {
            NumberedBy::Month => (i16::from(date.day()), i16::from(date.days_in_month())),
            NumberedBy::Year => (date.day_of_year(), date.days_in_year()),
        };
        let nth = (day - 1) / 7 + 1;
        let from_end = -((length - day) / 7 + 1);
        asks(
            Some(&weekdays[weekday_index(date.weekday())]),
            nth,
            Some(from_end),
        )
    }

    fn has_week(&self, date: Date) -> bool {
        self.weeks.as_ref().is_none_or(|marks| {
            let week = Week::of(date, self.week_start);
            asks(
                Some(marks),
                week.number,
                Some(week.number - week.of_weeks - 1),
            )
        })
    }
}

fn asks(marks: Option<&Marks>, number: i16, from_end: Option<i16>) -> bool {
    marks.is_none_or(|marks| marks.has(number) || from_end.is_some_and(|number| marks.has(number)))
}

fn weekdays(rule: &Rule) -> Option<[Marks; 7]> {
    if rule.days.is_empty() {
        return None;
    }
    let mut weekdays = [Marks::NONE; 7];
    for day in &rule.days {
        let marks = &mut weekdays[weekday_index(day.weekday)];
        match day.nth {
            Some(nth) => marks.mark(nth),
            None => *marks = Marks::ALL,
        }
    }
    Some(weekdays)
}

/// The week of a day, as ISO 8601 numbers it but from any day of the week: a week belongs to the year that has four of its days,
/// so the year of its fourth day.
#[derive(Debug, PartialEq, Eq)]
struct Week {
    number: i16,
    /// How many weeks its year has.
    of_weeks: i16,
}

impl Week {
    fn of(date: Date, start: Weekday) -> Self {
        let year = date.year();
        let fourth = date.day_of_year() - i16::from(date.weekday().since(start)) + 3;
        let (fourth, length) = if fourth < 1 {
            let length = days_in_year(year - 1);
            (fourth + length, length)
        } else if fourth > date.days_in_year() {
            (fourth - date.days_in_year(), days_in_year(year + 1))
        } else {
            (fourth, date.days_in_year())
        };
        let number = (fourth - 1) / 7 + 1;
        Self {
            number,
            of_weeks: number + (length - fourth) / 7,
        }
    }
}

fn days_in_year(year: i16) -> i16 {
    // The two years just outside the calendar, -10000 and 10000, are leap years.
    Date::new(year, 1, 1).map_or(366, Date::days_in_year)
}

/// A set of numbers from -366 to 366.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks([u64; 12]);

impl Marks {
    const NONE: Self = Self([0; 12]);
    const ALL: Self = Self([u64::MAX; 12]);

    /// `None` for an empty list, which asks nothing.
    pub fn of(numbers: &[i16]) -> Option<Self> {
        let mut marks = Self::NONE;
        for number in numbers {
            marks.mark(*number);
        }
        (!numbers.is_empty()).then_some(marks)
    }

    fn only(number: i16) -> Self {
        let mut marks = Self::NONE;
        marks.mark(number);
        marks
    }

    fn mark(&mut self, number: i16) {
        let (word, bit) = Self::place(number);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub fn has(&self, number: i16) -> bool {
        let (word, bit) = Self::place(number);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(number: i16) -> (usize, u64) {
        let place = usize::from((number + 366).unsigned_abs());
        (place / 64, 1 << (place % 64))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_week_from_monday_is_numbered_as_iso_8601_numbers_it() {
        let mut day = date(1899, 12, 20);
        while day < date(2301, 1, 20) {
            let iso = day.iso_week_date();
            let week = Week::of(day, Weekday::Monday);
            assert_eq!(
                (week.number, week.of_weeks),
                (iso.week().into(), iso.weeks_in_year().into()),
                "{day}"
            );
            day = day.tomorrow().unwrap();
        }
    }

    #[test]
    fn a_week_belongs_to_the_year_that_has_four_of_its_days() {
        // From Sunday, the week from 29 December 2024 has four days in 2025; from Monday the next one has three in 2023.
        let sunday = Week::of(date(2024, 12, 29), Weekday::Sunday);
        assert_eq!((sunday.number, sunday.of_weeks), (1, 53));
        let saturday = Week::of(date(2024, 12, 28), Weekday::Sunday);
        assert_eq!((saturday.number, saturday.of_weeks), (52, 52));
    }

    #[test]
    fn the_ends_of_the_calendar_have_weeks() {
        for day in [Date::MIN, Date::MAX] {
            assert!((1..=53).contains(&Week::of(day, Weekday::Thursday).number));
        }
    }
}
