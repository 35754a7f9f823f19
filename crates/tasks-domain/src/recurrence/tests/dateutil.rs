//! Recurrences beside python-dateutil, and whatever text may come.
//!
//! `recorded.tsv` has dateutil's answers to some rules. To ask it about others, name a Python that has it:
//! `RECURRENCE_PYTHON=python3 RECURRENCE_RULES=50000 cargo test --package tasks-domain --lib recurrence -- --nocapture`; `RECURRENCE_SEED=7` takes other
//! rules, and `RECURRENCE_RECORD=1` writes the record anew.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::rules::{Case, Dice, cases, instants, rule};
use crate::recurrence::{Recurrence, RecurrenceFault};
use jiff::Timestamp;

const RECORDED: usize = 1_500;

#[test]
fn the_recorded_rules_occur_when_dateutil_says() {
    let record = fs::read_to_string(folder().join("recorded.tsv")).unwrap();
    let cases: Vec<_> = record.lines().map(Case::read).collect();
    assert_eq!(cases.len(), RECORDED);
    compare(cases.iter().map(|(case, answer)| (case, *answer)));
}

/// Only where RECURRENCE_PYTHON is set; the recorded rules are always compared.
#[test]
fn rules_at_random_occur_when_dateutil_says() {
    let Ok(python) = env::var("RECURRENCE_PYTHON") else {
        println!("dateutil was not asked: RECURRENCE_PYTHON is not set");
        return;
    };
    let count = number("RECURRENCE_RULES", 2_000) as usize;
    let cases: Vec<_> = cases(number("RECURRENCE_SEED", 1)).take(count).collect();
    let answers = ask(&python, &cases);
    let answers: Vec<_> = answers.lines().collect();
    assert_eq!(answers.len(), cases.len());
    let answered = || cases.iter().zip(answers.iter().copied());
    if env::var_os("RECURRENCE_RECORD").is_some() {
        write_record(answered());
    }
    compare(answered());
    let occurring = answers.iter().filter(|answer| !answer.is_empty()).count();
    println!("{count} rules compared, {occurring} of them with occurrences");
}

#[test]
fn a_rule_in_canonical_text_is_the_same_rule() {
    let mut dice = Dice(2);
    for _ in 0..2_000 {
        let text = rule(&mut dice, 1_700_000_000);
        let Ok(read) = Recurrence::parse(&text, "europe/berlin") else {
            continue;
        };
        let again = Recurrence::parse(read.rrule(), read.time_zone()).unwrap();
        assert_eq!(again, read, "{text}");
        assert_eq!(again.rrule(), read.rrule());
        assert!(read.rrule().len() <= text.len(), "{text} {}", read.rrule());
    }
}

#[test]
fn no_text_and_no_instant_makes_it_panic() {
    const TURNS: usize = 1_000;
    let mut dice = Dice(number("RECURRENCE_SEED", 3));
    let mut read = 0;
    for _ in 0..TURNS * number("RECURRENCE_TIMES", 1) as usize {
        let text = mutated(&mut dice);
        let Ok(recurrence) = Recurrence::parse(&text, "America/Sao_Paulo") else {
            continue;
        };
        read += 1;
        let (start, after) = (instants(&mut dice), instants(&mut dice));
        let found = recurrence.upcoming(start, after, 2);
        assert!(found.iter().all(|found| *found > after), "{text}");
        assert!(found.is_sorted());
        assert_eq!(recurrence.next(start, after), found.first().copied());
    }
    assert!(read > TURNS / 20, "only {read} of the texts were rules");
}

#[test]
fn noise_is_no_rule_and_no_zone() {
    let mut dice = Dice(4);
    for _ in 0..5_000 {
        let length = dice.from(0, 40);
        let bytes: Vec<_> = (0..length).map(|_| dice.from(0, 255) as u8).collect();
        let text = String::from_utf8_lossy(&bytes);
        assert!(Recurrence::parse(&text, "UTC").is_err());
        assert_eq!(
            Recurrence::parse("FREQ=DAILY", &format!("{text}/")).unwrap_err(),
            RecurrenceFault::UnknownTimeZone
        );
    }
}

/// A rule with some of its characters turned into others that mean something, or with a part of another.
fn mutated(dice: &mut Dice) -> String {
    const CHARACTERS: &[u8] = b"0123456789+-,;=:TZMOTUWEFRSAYD \xc3\xa9";
    let mut text = rule(dice, 1_700_000_000).into_bytes();
    for _ in 0..dice.from(0, 3) {
        let at = dice.from(0, text.len() as i64 - 1) as usize;
        match dice.from(1, 3) {
            1 => text[at] = dice.one_of(CHARACTERS),
            2 => text.insert(at, dice.one_of(CHARACTERS)),
            _ => {
                let other = rule(dice, 1_700_000_000);
                text.truncate(at + 1);
                text.extend(other.bytes().skip(at));
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn compare<'a>(answered: impl Iterator<Item = (&'a Case, &'a str)>) {
    let different: Vec<_> = answered
        .map(|(case, theirs)| (case, case.answer(), theirs))
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(case, ours, theirs)| {
            format!(
                "{}\n  ours   {}\n  theirs {}",
                case.line(),
                told(&ours),
                told(theirs)
            )
        })
        .collect();
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different[..different.len().min(20)].join("\n")
    );
}

fn told(answer: &str) -> String {
    let instants = answer.split(',').filter_map(|second| second.parse().ok());
    let instants: Vec<_> = instants
        .map(|second| Timestamp::from_second(second).unwrap().to_string())
        .collect();
    instants.join(" ")
}

fn ask(python: &str, cases: &[Case]) -> String {
    let mut script = Command::new(python)
        .arg(folder().join("dateutil_reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<_> = cases.iter().map(Case::line).collect();
    // It reads to the end before it writes, so neither waits for the other.
    let mut to_script = script.stdin.take().unwrap();
    to_script.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(to_script);
    let output = script.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn write_record<'a>(answered: impl Iterator<Item = (&'a Case, &'a str)>) {
    let lines: Vec<_> = answered
        .filter(|(case, answer)| case.will_stand(answer))
        .take(RECORDED)
        .map(|(case, answer)| format!("{}\t{answer}\n", case.line()))
        .collect();
    assert_eq!(lines.len(), RECORDED, "ask for more rules");
    fs::write(folder().join("recorded.tsv"), lines.concat()).unwrap();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recurrence")
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().unwrap())
}
