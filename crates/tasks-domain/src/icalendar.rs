//! Tasks as a calendar's to-dos (RFC 5545, section 3.6.2). Pure.

use std::{collections::BTreeSet, fmt::Write};

use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

use crate::task::{Description, Priority, Task};

pub const BEGIN: &str =
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Drawbridge//Tasks//EN\r\nCALSCALE:GREGORIAN\r\n";
pub const END: &str = "END:VCALENDAR\r\n";

/// A calendar that is being written. It tells of each time zone once, before the first task that is meant in it.
#[derive(Debug, Default)]
pub struct Calendar {
    zones: BTreeSet<String>,
}

impl Calendar {
    /// Adds a task.
    pub fn write(&mut self, to: &mut String, task: &Task) {
        let zone = task.series.as_ref().and_then(|series| {
            let zone = TimeZone::get(&series.time_zone).ok()?;
            (series.time_zone != "UTC").then(|| (series.time_zone.clone(), zone))
        });
        if let Some((name, zone)) = &zone
            && self.zones.insert(name.clone())
        {
            write_zone(
                to,
                name,
                zone,
                task.schedule.due_date().unwrap_or(task.created_at),
            );
        }
        line(to, "BEGIN:VTODO");
        line(to, &format!("UID:{}", task.id));
        line(to, &format!("DTSTAMP:{}", utc(task.updated_at)));
        line(to, &format!("CREATED:{}", utc(task.created_at)));
        line(to, &format!("LAST-MODIFIED:{}", utc(task.updated_at)));
        line(to, &format!("SEQUENCE:{}", task.version - 1));
        line(to, &format!("SUMMARY:{}", escaped(task.title.as_str())));
        if let Some(description) = task.description.as_ref().map(Description::as_str) {
            line(to, &format!("DESCRIPTION:{}", escaped(description)));
        }
        let priority = match task.priority {
            Priority::None => 0,
            Priority::Low => 9,
            Priority::Medium => 5,
            Priority::High => 1,
        };
        line(to, &format!("PRIORITY:{priority}"));
        match task.completed_at {
            Some(at) => {
                line(to, "STATUS:COMPLETED");
                line(to, &format!("COMPLETED:{}", utc(at)));
            }
            None => line(to, "STATUS:NEEDS-ACTION"),
        }
        if let Some(due) = task.schedule.due_date() {
            match (&task.series, &zone) {
                (Some(series), zone) => {
                    // What recurs is counted from its start, and a to-do is due after that.
                    let of = |at| in_zone(at, zone.as_ref());
                    let start = due.checked_sub(SignedDuration::from_mins(1)).unwrap_or(due);
                    line(to, &format!("DTSTART{}", of(start)));
                    line(to, &format!("DUE{}", of(due)));
                    line(to, &format!("RRULE:{}", series.rrule));
                }
                (None, _) => line(to, &format!("DUE:{}", utc(due))),
            }
        }
        if !task.tags.is_empty() {
            let names: Vec<String> = task.tags.iter().map(|tag| escaped(&tag.name)).collect();
            line(to, &format!("CATEGORIES:{}", names.join(",")));
        }
        if let Some(parent) = task.parent_id {
            line(to, &format!("RELATED-TO;RELTYPE=PARENT:{parent}"));
        }
        if let Some(reminder) = task.schedule.reminder_at() {
            line(to, "BEGIN:VALARM");
            line(to, "ACTION:DISPLAY");
            line(to, &format!("TRIGGER;VALUE=DATE-TIME:{}", utc(reminder)));
            line(to, &format!("DESCRIPTION:{}", escaped(task.title.as_str())));
            line(to, "END:VALARM");
        }
        line(to, "END:VTODO");
    }
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

fn local(at: &Zoned) -> String {
    at.strftime("%Y%m%dT%H%M%S").to_string()
}

/// A value in a time zone, with its parameter and colon.
fn in_zone(at: Timestamp, zone: Option<&(String, TimeZone)>) -> String {
    match zone {
        Some((name, zone)) => format!(";TZID={name}:{}", local(&at.to_zoned(zone.clone()))),
        None => format!(":{}", utc(at)),
    }
}

/// The zone's offsets around this time: those of ten years on, one observance for each change.
fn write_zone(to: &mut String, name: &str, zone: &TimeZone, around: Timestamp) {
    const CHANGES: usize = 22;
    line(to, "BEGIN:VTIMEZONE");
    line(to, &format!("TZID:{name}"));
    let first = zone.to_offset_info(around);
    let mut before = first.offset();
    observance(
        to,
        first.dst().is_dst(),
        before.seconds(),
        before.seconds(),
        "19700101T000000",
    );
    for change in zone.following(around).take(CHANGES) {
        let begins = change.timestamp().to_zoned(TimeZone::fixed(before));
        let offset = change.offset();
        observance(
            to,
            change.dst().is_dst(),
            before.seconds(),
            offset.seconds(),
            &local(&begins),
        );
        before = offset;
    }
    line(to, "END:VTIMEZONE");
}

fn observance(to: &mut String, summer: bool, before: i32, after: i32, begins: &str) {
    let kind = if summer { "DAYLIGHT" } else { "STANDARD" };
    line(to, &format!("BEGIN:{kind}"));
    line(to, &format!("DTSTART:{begins}"));
    line(to, &format!("TZOFFSETFROM:{}", offset(before)));
    line(to, &format!("TZOFFSETTO:{}", offset(after)));
    line(to, &format!("END:{kind}"));
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    let mut text = format!("{sign}{hours:02}{minutes:02}");
    if seconds % 60 != 0 {
        let _ = write!(text, "{:02}", seconds.abs() % 60);
    }
    text
}

/// A text as a value (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            // The other half of a line end, and what no calendar may have in it.
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Longest part of a folded line, in bytes (section 3.1).
const LONGEST_PART: usize = 75;

/// Adds a line, folded where it is long, between characters.
fn line(to: &mut String, text: &str) {
    let mut length = 0;
    for character in text.chars() {
        let bytes = character.len_utf8();
        if length + bytes > LONGEST_PART {
            to.push_str("\r\n ");
            length = 1;
        }
        to.push(character);
        length += bytes;
    }
    to.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters_and_texts_escaped() {
        let mut text = String::new();
        line(&mut text, &format!("SUMMARY:{}", escaped(&"é,".repeat(60))));
        assert!(text.lines().all(|line| line.len() <= 75));
        assert!(
            text.split("\r\n")
                .skip(1)
                .filter(|it| !it.is_empty())
                .all(|it| it.starts_with(' '))
        );
        assert_eq!(
            text.replace("\r\n ", ""),
            format!("SUMMARY:{}\r\n", "é\\,".repeat(60))
        );
        assert_eq!(escaped("a;b\\c\r\nd\u{0}e"), "a\\;b\\\\c\\nde");
    }

    #[test]
    fn a_zone_is_told_by_its_changes() {
        let mut text = String::new();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        write_zone(
            &mut text,
            "Europe/Berlin",
            &zone,
            "2026-01-01T00:00:00Z".parse().unwrap(),
        );
        let summer = "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n";
        let winter = "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n";
        assert!(text.contains(summer) && text.contains(winter), "{text}");
    }
}
