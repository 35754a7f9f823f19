//! Why a text is no recurrence.

use super::{Frequency, LONGEST_RULE, Part};

/// Why a text is no recurrence of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecurrenceFault {
    /// More than [`LONGEST_RULE`] bytes.
    TooLong,
    /// The part at this place, counted from 1, is not `NAME=VALUE`.
    Malformed { place: usize },
    /// The name of no part; cut, as it is told to whoever wrote it.
    UnknownPart { name: String },
    /// The part is there twice.
    Duplicate(Part),
    /// FREQ is not there.
    NoFrequency,
    /// More often than daily, by its FREQ or by BYHOUR, BYMINUTE, BYSECOND. A task has one due time a day.
    TooFrequent,
    /// The value is not of the part's form.
    Invalid(Part),
    /// A number outside the part's range.
    OutOfRange(Part),
    /// UNTIL as a time without zone. RFC 5545, 3.3.10 wants UTC here; reading it in the task's zone would be a guess, and off by
    /// hours for whoever meant UTC and forgot the Z.
    FloatingUntil,
    /// Both COUNT and UNTIL.
    CountWithUntil,
    /// A part that RFC 5545 does not allow with this FREQ.
    NotWithFrequency(Part, Frequency),
    /// BYDAY with a number, like `1MO`, where FREQ is neither MONTHLY nor YEARLY.
    NumberedDay(Frequency),
    /// BYDAY with a number together with BYWEEKNO.
    NumberedDayOfWeek,
    /// BYSETPOS without another BY part to choose from.
    PositionOfNothing,
    /// No day of the calendar matches, like 30 February.
    NeverOccurs,
    /// Not the name of a zone in the IANA database.
    UnknownTimeZone,
}

impl RecurrenceFault {
    /// Whether it is the time zone, and not the rule.
    pub const fn is_of_time_zone(&self) -> bool {
        matches!(self, Self::UnknownTimeZone)
    }

    /// What is wrong and what would be right, for the client.
    pub fn detail(&self) -> String {
        match self {
            Self::TooLong => format!("At most {LONGEST_RULE} bytes."),
            Self::Malformed { place } => {
                format!(
                    "Part {place} is not NAME=VALUE. Expected a rule like FREQ=WEEKLY;BYDAY=MO."
                )
            }
            Self::UnknownPart { name } => format!("There is no part {name} of a rule."),
            Self::Duplicate(part) => format!("{} is there twice.", part.name()),
            Self::NoFrequency => "FREQ is missing.".to_owned(),
            Self::TooFrequent => "A task recurs daily at most, at the time of its due date: \
                no SECONDLY, MINUTELY, HOURLY, BYSECOND, BYMINUTE or BYHOUR."
                .to_owned(),
            Self::Invalid(part) => format!("{}: expected {}.", part.name(), part.expected()),
            Self::OutOfRange(part) => {
                format!(
                    "{} is out of range: expected {}.",
                    part.name(),
                    part.expected()
                )
            }
            Self::FloatingUntil => "UNTIL does not say its zone: write UTC, like \
                20261231T225959Z, or a day, like 20261231."
                .to_owned(),
            Self::CountWithUntil => "COUNT and UNTIL exclude each other.".to_owned(),
            Self::NotWithFrequency(part, frequency) => {
                format!(
                    "{} does not go with FREQ={}.",
                    part.name(),
                    frequency.name()
                )
            }
            Self::NumberedDay(frequency) => format!(
                "BYDAY with a number, like 1MO, does not go with FREQ={}.",
                frequency.name()
            ),
            Self::NumberedDayOfWeek => {
                "BYDAY with a number, like 1MO, does not go with BYWEEKNO.".to_owned()
            }
            Self::PositionOfNothing => "BYSETPOS needs another BY part to choose from.".to_owned(),
            Self::NeverOccurs => "No day ever matches this rule.".to_owned(),
            Self::UnknownTimeZone => {
                "Expected the IANA name of a time zone, like Europe/Berlin.".to_owned()
            }
        }
    }
}
