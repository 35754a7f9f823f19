//! What is wrong with a body, and what is told of it.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    draft::{Choice, Draft, Purpose},
};

/// The one thing that is wrong with a body.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Pointer and code.
    pub error: String,
    /// Seen only beside what is stored.
    pub in_row: bool,
}

impl Fault {
    pub fn new(error: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            in_row: false,
        }
    }

    pub fn in_row(error: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            in_row: true,
        }
    }
}

const LATE: &str = "/reminder_at not_before_due";
const UNDUE: &str = "/recurrence needs_due_date";

fn late(due: Option<Timestamp>, reminder: Option<Timestamp>) -> bool {
    due.zip(reminder)
        .is_some_and(|(due, reminder)| reminder >= due)
}

impl Draft {
    /// The fault of the body alone, where the body is a part of another one.
    pub fn fault_below(&self, pointer: &str) -> Option<String> {
        let fault = self.fault.as_ref()?;
        Some(format!("{pointer}{}", fault.error))
    }

    /// Of two members that have to go together, where the body has both.
    pub fn fault_of_schedule(&self, purpose: Purpose) -> Option<Fault> {
        let due = self.due_date.unwrap_or_default();
        if late(due, self.reminder_at.flatten()) {
            return Some(Fault::new(LATE));
        }
        let undue = match purpose {
            Purpose::New | Purpose::Whole => due.is_none(),
            Purpose::Part => self.due_date == Some(None),
        };
        let recurs = self.rule.flatten().is_some();
        (recurs && undue).then(|| Fault::new(UNDUE))
    }
}

impl Act<'_> {
    /// What is told of it: what can be seen in the body alone, all else only when that is right.
    pub fn fault(&self, id: Option<Uuid>, draft: &Draft) -> Option<Fault> {
        draft.fault.clone().or_else(|| self.row_fault(id, draft))
    }

    /// The first thing that is wrong with it beside what is stored, for this task or a new one.
    pub fn row_fault(&self, id: Option<Uuid>, draft: &Draft) -> Option<Fault> {
        let tags = draft.tags.as_deref().unwrap_or_default();
        self.me
            .row_fault_of_parent(id, draft.parent.flatten())
            .or_else(|| self.fault_of_tags(tags, draft.only_existing))
            .or_else(|| self.fault_of_merged_schedule(id?, draft))
    }

    fn fault_of_merged_schedule(&self, id: Uuid, draft: &Draft) -> Option<Fault> {
        let task = &self.me.tasks[&id];
        let due = draft.due_date.unwrap_or(task.due_date);
        if late(due, draft.reminder_at.unwrap_or(task.reminder_at)) {
            return Some(Fault::in_row(LATE));
        }
        let recurs = match draft.rule {
            Some(rule) => rule.is_some(),
            None => task.series.is_some(),
        };
        (recurs && due.is_none()).then(|| Fault::in_row(UNDUE))
    }

    /// Ids that are nobody's here, then names that nothing has where none is to be made.
    pub fn fault_of_tags(&self, choices: &[Choice], only_existing: bool) -> Option<Fault> {
        let theirs = |choice: &Choice| matches!(choice, Choice::Theirs);
        let missing = |choice: &Choice| match choice {
            Choice::Missing { name, .. } => only_existing && self.tag_named(name).is_none(),
            _ => false,
        };
        let place = choices.iter().position(theirs);
        let place = place.or_else(|| choices.iter().position(missing))?;
        Some(Fault::in_row(format!("/tags/{place} tag_not_found")))
    }

    /// Makes one thing wrong.
    pub fn spoil(&mut self, draft: &mut Draft, purpose: Purpose) {
        let whole = json!("w".repeat(256));
        let mut faults = vec![
            ("title", json!(" \t "), "blank"),
            ("title", whole, "too_long"),
            ("title", Value::Null, "not_null"),
            ("title", json!(7), "wrong_type"),
            ("description", json!(["x"]), "wrong_type"),
            ("completed", Value::Null, "not_null"),
            ("priority", json!("urgent"), "unknown_value"),
            ("due_date", json!("2026-12-01T10:00:00"), "missing_offset"),
            ("due_date", json!("soon"), "invalid_timestamp"),
            (
                "reminder_at",
                json!("2026-02-30T00:00:00Z"),
                "invalid_timestamp",
            ),
            ("tagz", json!([]), "unknown_field"),
            ("tags", json!("Home"), "wrong_type"),
            ("parent_id", json!("x"), "invalid_id"),
            ("parent_id", json!(7), "wrong_type"),
            ("recurrence", json!("FREQ=DAILY"), "wrong_type"),
            (
                "recurrence",
                json!({"rrule": "FREQ=HOURLY"}),
                "/rrule recurs_too_often",
            ),
            (
                "recurrence",
                json!({"rrule": "FREQ=DAILY", "timezone": "Mars/Base"}),
                "/timezone unknown_time_zone",
            ),
        ];
        if purpose != Purpose::Whole {
            faults.push(("version", json!(1), "read_only"));
            faults.push(("position", json!("i"), "read_only"));
            faults.push(("user_id", json!(self.me.id), "read_only"));
        }
        let (member, value, code) = self.me.dice.pick(&faults);
        draft.body.insert(member.into(), value);
        draft.fault = Some(Fault::new(format!("/{member} {code}").replace(" /", "/")));
    }

    /// The body of a completion, which is wrong sometimes.
    pub fn completion(&mut self, completed: bool) -> (Value, Option<Fault>) {
        let fault = |error| Some(Fault::new(error));
        match self.me.dice.below(20) {
            0 => (json!({}), fault("/completed required")),
            1 => (json!({"completed": null}), fault("/completed not_null")),
            2 => (json!({"completed": "yes"}), fault("/completed wrong_type")),
            3 => (
                json!({"completed": completed, "done": 1}),
                fault("/done unknown_field"),
            ),
            _ => (json!({"completed": completed}), None),
        }
    }
}
