//! Rules at random, the same for the same seed, and what is asked of each.

use crate::recurrence::{Recurrence, RecurrenceFault};
use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

/// How far ahead of both instants an occurrence is looked for. The script has the same number.
pub const HORIZON: i64 = 45 * 366 * 86_400;

/// Zones by what is odd about them: none; half an hour of summer time; the month of Ramadan; whole days skipped; midnight
/// skipped; a quarter of an hour once.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Kathmandu",
];

/// A question to both.
#[derive(Debug)]
pub struct Case {
    pub rrule: String,
    pub zone: String,
    pub start: i64,
    pub after: i64,
    pub n: usize,
}

impl Case {
    pub fn line(&self) -> String {
        let Self {
            rrule,
            zone,
            start,
            after,
            n,
        } = self;
        format!("{rrule}\t{zone}\t{start}\t{after}\t{n}")
    }

    /// A question as written by [`Case::line`] and what follows it.
    pub fn read(line: &str) -> (Self, &str) {
        let fields: Vec<_> = line.split('\t').collect();
        let [rrule, zone, start, after, n, answer] = fields[..] else {
            panic!("six fields: {line}");
        };
        let case = Self {
            rrule: rrule.to_owned(),
            zone: zone.to_owned(),
            start: start.parse().unwrap(),
            after: after.parse().unwrap(),
            n: n.parse().unwrap(),
        };
        (case, answer)
    }

    /// Our answer, in the script's form. That a rule never occurs is an answer too.
    pub fn answer(&self) -> String {
        let recurrence = match Recurrence::parse(&self.rrule, &self.zone) {
            Ok(recurrence) => recurrence,
            Err(RecurrenceFault::NeverOccurs) => return String::new(),
            Err(fault) => panic!("{fault:?}: {}", self.rrule),
        };
        let instant = |second| Timestamp::from_second(second).unwrap();
        let found = recurrence.upcoming(instant(self.start), instant(self.after), self.n);
        let horizon = self.start.max(self.after) + HORIZON;
        let seconds: Vec<_> = found
            .iter()
            .map(|found| found.as_second())
            .take_while(|second| *second <= horizon)
            .map(|second| second.to_string())
            .collect();
        seconds.join(",")
    }

    /// Whether an answer hangs on no decision about a zone that is still to be made.
    pub fn will_stand(&self, answer: &str) -> bool {
        const SETTLED: i64 = 1_735_689_600; // 2025
        let last = answer.rsplit(',').next().and_then(|last| last.parse().ok());
        self.zone == "UTC" || last.is_none_or(|last: i64| last < SETTLED)
    }
}

/// Cases without end.
pub fn cases(seed: u64) -> impl Iterator<Item = Case> {
    let mut dice = Dice(seed);
    std::iter::from_fn(move || Some(case(&mut dice)))
}

/// SplitMix64.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn from(&mut self, low: i64, high: i64) -> i64 {
        low + (self.roll() % (high - low + 1) as u64) as i64
    }

    fn percent(&mut self, chance: i64) -> bool {
        self.from(1, 100) <= chance
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.from(0, choices.len() as i64 - 1) as usize]
    }

    /// From 1 to `most`, or the same from the end.
    fn either_end(&mut self, most: i64) -> i64 {
        self.from(1, most) * self.one_of(&[1, 1, -1])
    }
}

fn case(dice: &mut Dice) -> Case {
    let zone = dice.one_of(&ZONES);
    let start = start(dice, zone);
    let rrule = rule(dice, start);
    let after = after(dice, zone, start);
    Case {
        rrule,
        zone: zone.to_owned(),
        start,
        after,
        n: dice.from(1, 4) as usize,
    }
}

/// Some years on or a little before; often just before the zone changes its offset.
fn after(dice: &mut Dice, zone: &str, start: i64) -> i64 {
    let years = dice.one_of(&[1, 3, 15]);
    let after = start + dice.from(-400, 365 * years) * 86_400 + dice.from(-1, 1);
    let zone = TimeZone::get(zone).unwrap();
    let change = zone
        .following(Timestamp::from_second(after).unwrap())
        .next();
    match change {
        Some(change) if dice.percent(50) => {
            change.timestamp().as_second() - dice.from(0, 36) * 3_600
        }
        _ => after,
    }
}

/// By night, where zones change; long ago and far ahead only where they do not.
fn start(dice: &mut Dice, zone: &str) -> i64 {
    let years = if zone == "UTC" {
        (1583, 2390)
    } else {
        (1971, 2014)
    };
    let first = Date::new(dice.from(years.0, years.1) as i16, 1, 1).unwrap();
    let day = first
        .checked_add(jiff::Span::new().days(dice.from(0, 365)))
        .unwrap();
    let hour = if dice.percent(70) {
        dice.from(0, 3)
    } else {
        dice.from(0, 23)
    };
    let wall = day.at(hour as i8, dice.one_of(&[0, 15, 30, 59]), 0, 0);
    let zone = TimeZone::get(zone).unwrap();
    let at = zone.to_ambiguous_timestamp(wall);
    let at = if dice.percent(50) {
        at.earlier()
    } else {
        at.later()
    };
    at.unwrap().as_second()
}

pub fn rule(dice: &mut Dice, start: i64) -> String {
    let freq = dice.one_of(&["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let mut parts = vec![format!("FREQ={freq}")];
    if dice.percent(40) {
        let most = dice.one_of(&[3, 3, 7, 30, 400]);
        parts.push(format!("INTERVAL={}", dice.from(1, most)));
    }
    parts.extend(end(dice, start));
    parts.extend(by_parts(dice, freq));
    if dice.percent(35) {
        parts.push(format!("WKST={}", weekday(dice)));
    }
    parts.join(";")
}

fn end(dice: &mut Dice, start: i64) -> Option<String> {
    match dice.from(1, 4) {
        1 => Some(format!("COUNT={}", dice.from(1, 40))),
        2 => {
            let at = start + dice.from(0, 365 * 10) * 86_400 + dice.from(-2, 2) * 3_600;
            let at = Timestamp::from_second(at).unwrap();
            let form = dice.one_of(&["%Y%m%d", "%Y%m%dT%H%M%SZ"]);
            Some(format!("UNTIL={}", at.strftime(form)))
        }
        _ => None,
    }
}

fn by_parts(dice: &mut Dice, freq: &str) -> Vec<String> {
    let (monthly, yearly) = (freq == "MONTHLY", freq == "YEARLY");
    let mut parts = Vec::new();
    let by_month = dice.percent(30);
    let by_week = yearly && dice.percent(25);
    if by_month {
        parts.push(list("BYMONTH", dice, |dice| dice.from(1, 12).to_string()));
    }
    if by_week {
        let around_new_year = dice.percent(50);
        parts.push(list("BYWEEKNO", dice, |dice| {
            let number = if around_new_year {
                dice.one_of(&[1, 2, 51, 52, 53])
            } else {
                dice.from(1, 53)
            };
            (number * dice.one_of(&[1, -1])).to_string()
        }));
    }
    if yearly && dice.percent(20) {
        parts.push(list("BYYEARDAY", dice, |dice| {
            dice.either_end(366).to_string()
        }));
    }
    if freq != "WEEKLY" && dice.percent(30) {
        parts.push(list("BYMONTHDAY", dice, |dice| {
            dice.either_end(31).to_string()
        }));
    }
    if dice.percent(50) {
        let numbered = (monthly || yearly) && !by_week && dice.percent(60);
        let most = if monthly || by_month { 5 } else { 53 };
        parts.push(list("BYDAY", dice, |dice| {
            let weekday = weekday(dice);
            if numbered && dice.percent(80) {
                format!("{}{weekday}", dice.either_end(most))
            } else {
                weekday.to_owned()
            }
        }));
    }
    if !parts.is_empty() && dice.percent(25) {
        let most = dice.one_of(&[2, 4, 31]);
        parts.push(list("BYSETPOS", dice, |dice| {
            dice.either_end(most).to_string()
        }));
    }
    parts
}

fn list(name: &str, dice: &mut Dice, mut entry: impl FnMut(&mut Dice) -> String) -> String {
    let length = dice.one_of(&[1, 1, 2, 3, 6]);
    let entries: Vec<_> = (0..length).map(|_| entry(dice)).collect();
    format!("{name}={}", entries.join(","))
}

fn weekday(dice: &mut Dice) -> &'static str {
    dice.one_of(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
}

/// The first and the last instant there are.
pub const EVER: [Timestamp; 2] = [Timestamp::MIN, Timestamp::MAX];

/// Some instants that a series may be asked about, sane or not.
pub fn instants(dice: &mut Dice) -> Timestamp {
    match dice.from(1, 4) {
        1 => dice.one_of(&EVER),
        2 => date(2024, 2, 29)
            .at(2, 30, 0, 0)
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp(),
        _ => {
            let second = dice.from(EVER[0].as_second(), EVER[1].as_second());
            Timestamp::from_second(second).unwrap()
        }
    }
}
