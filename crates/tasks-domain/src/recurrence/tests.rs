mod dateutil;
mod occurrences;
mod rules;
mod text;

use super::*;

fn berlin(rrule: &str) -> Recurrence {
    Recurrence::parse(rrule, "Europe/Berlin").unwrap()
}
