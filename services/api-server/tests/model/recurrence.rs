//! How tasks recur, by a few rules only, of which the next day is found by trying one day after the other.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    moment::{SOMEWHERE, UNKNOWN},
    person::Task,
    shown::{new_id, refused},
    target::Target,
};
use test_door::{Ask, Dice};

/// A rule and its time zone, as they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    rrule: &'static str,
    zone: &'static str,
}

/// A rule, and the due date from which it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub rule: Rule,
    pub from: Timestamp,
}

const RULES: [&str; 5] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=DAILY;COUNT=2",
    "FREQ=WEEKLY;UNTIL=20210101T000000Z",
];

const ZONES: [&str; 2] = ["UTC", "Europe/Berlin"];

impl Rule {
    fn any(dice: &mut Dice) -> Self {
        Self {
            rrule: dice.pick(&RULES),
            zone: dice.pick(&ZONES),
        }
    }

    /// As it was shown.
    pub fn read(shown: &Value) -> Option<Self> {
        let named = |member: &str, of: &[&'static str]| {
            let text = shown[member].as_str()?;
            of.iter().copied().find(|known| *known == text)
        };
        Some(Self {
            rrule: named("rrule", &RULES)?,
            zone: named("timezone", &ZONES)?,
        })
    }

    pub fn shown(self) -> Value {
        json!({"rrule": self.rrule, "timezone": self.zone})
    }

    /// Whenever it ends.
    pub fn pattern(self) -> &'static str {
        match self.rrule {
            "FREQ=DAILY" | "FREQ=DAILY;COUNT=2" => "daily",
            "FREQ=WEEKLY" | "FREQ=WEEKLY;UNTIL=20210101T000000Z" => "weekly",
            _ => "custom",
        }
    }

    fn matches(self, start: Date, day: Date) -> bool {
        match self.rrule {
            "FREQ=DAILY" => true,
            // The start is the first of the two.
            "FREQ=DAILY;COUNT=2" => day <= start.tomorrow().unwrap(),
            "FREQ=MONTHLY;BYMONTHDAY=31" => day.day() == 31,
            _ => day.weekday() == start.weekday(),
        }
    }

    /// How many days there are at most from one occurrence to the next.
    fn longest(self) -> i64 {
        match self.rrule {
            "FREQ=MONTHLY;BYMONTHDAY=31" => 62,
            _ => 7,
        }
    }

    fn has_ended(self, at: Timestamp) -> bool {
        let last: Timestamp = "2021-01-01T00:00:00Z".parse().unwrap();
        self.rrule.contains("UNTIL=") && at > last
    }

    /// Puts it into a body, in one of the ways in which it can be said.
    fn say(self, dice: &mut Dice, body: &mut Map<String, Value>) {
        if self.rrule == "FREQ=WEEKLY" && dice.chance(20) {
            body.insert("recurrence_pattern".into(), json!("weekly"));
            let config = json!({"timezone": self.zone});
            body.insert("recurrence_config".into(), config);
            return;
        }
        let rrule = dice.pick(&[
            self.rrule.to_owned(),
            self.rrule.to_lowercase(),
            format!("RRULE:{}", self.rrule),
        ]);
        let rule = match self.zone {
            "UTC" if dice.chance(50) => json!({"rrule": rrule}),
            zone => {
                json!({"rrule": rrule, "timezone": dice.pick(&[zone.to_owned(), zone.to_lowercase()])})
            }
        };
        body.insert("recurrence".into(), rule);
    }
}

impl Series {
    /// The first occurrence after a time.
    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let zone = TimeZone::get(self.rule.zone).unwrap();
        let start = self.from.to_zoned(zone.clone()).datetime();
        let after_day = after.to_zoned(zone.clone()).date();
        let mut day = start.date().max(after_day.checked_sub(1.day()).unwrap());
        let days = self.rule.longest() + 3;
        for _ in 0..days {
            if self.rule.matches(start.date(), day) {
                // A time that a day does not have is that much later; of one that it has twice, the first counts.
                let at = day.to_datetime(start.time()).to_zoned(zone.clone());
                let at = at.unwrap().timestamp();
                if at > after {
                    return (!self.rule.has_ended(at)).then_some(at);
                }
            }
            day = day.tomorrow().unwrap();
        }
        None
    }
}

/// How a body says that a task recurs, or does not, sometimes.
pub fn any_recurrence(dice: &mut Dice, body: &mut Map<String, Value>) -> Option<Option<Rule>> {
    if !dice.chance(30) {
        return None;
    }
    if dice.chance(15) {
        let none = [
            ("recurrence", Value::Null),
            ("recurrence_pattern", Value::Null),
            ("recurrence_pattern", json!("none")),
        ];
        let (member, value) = dice.pick(&none);
        body.insert(member.into(), value);
        return Some(None);
    }
    let rule = Rule::any(dice);
    rule.say(dice, body);
    Some(Some(rule))
}

/// What a task that had this series has after a change: it is counted from the due date that the task got with the rule.
pub fn changed_series(
    before: &Task,
    rule: Option<Option<Rule>>,
    due_date: Option<Timestamp>,
) -> Option<Series> {
    let old = before.series.as_ref();
    let rule = rule.unwrap_or(old.map(|series| series.rule))?;
    let from = match old {
        Some(old) if old.rule == rule && before.due_date == due_date => old.from,
        _ => due_date?,
    };
    Some(Series { rule, from })
}

impl Act<'_> {
    /// The times at which a task is due again are told before it is.
    pub async fn list_occurrences(&mut self) {
        let target = self.task_to_complete();
        let limit = 1 + self.me.dice.below(4);
        let ask = Ask::get(format!(
            "/tasks/{}/occurrences?limit={limit}",
            target.text()
        ));
        let ask = self.mine(ask);
        let answer = self.ask("list occurrences", &ask).await;
        let Target::There(id) = target else {
            return refused(&answer, 404, "task_not_found", &[]);
        };
        let task = &self.me.tasks[&id];
        let Some(series) = &task.series else {
            return refused(&answer, 409, "does_not_recur", &[]);
        };
        let first = series.next(task.due_date.unwrap().max(Timestamp::now()));
        let times = std::iter::successors(first, |time| series.next(*time));
        let times: Vec<_> = times.take(limit + 1).collect();
        let shown = &times[..times.len().min(limit)];
        assert_eq!(
            answer.body,
            json!({"occurrences": shown, "ends": times.len() <= limit})
        );
    }

    /// Makes the task that takes the place of one that was just completed, once, with all that is below it.
    pub fn follow(
        &mut self,
        id: Uuid,
        told: Option<&Value>,
        events: &mut Vec<(&'static str, Uuid, i64)>,
    ) -> Option<Uuid> {
        let old = self.me.tasks[&id].clone();
        let series = old
            .series
            .as_ref()
            .filter(|_| old.next_occurrence_id.is_none())?;
        // Unknown only where this is not told, and nothing is kept of it.
        let done = old.completed_at.filter(|done| *done < UNKNOWN);
        let done = done.unwrap_or_else(Timestamp::now);
        let was_due = old.due_date.unwrap();
        let due = series.next(was_due.max(done))?;
        let later = due.duration_since(was_due);
        let next = match told {
            Some(shown) => new_id(&shown["next_occurrence_id"]),
            None => Uuid::now_v7(),
        };
        let mut copy = self.copy(&old, later);
        copy.parent_id = old.parent_id;
        // The series goes on, while a copy of a subtask begins its own as much later.
        copy.series.clone_from(&old.series);
        let place = self.me.order.iter().position(|other| *other == id).unwrap();
        if old.position.is_some() {
            copy.position = Some(SOMEWHERE.to_owned());
            let place = self.me.beside(false, place);
            self.me.order.insert(place, next);
        } else {
            self.me.order.push(next);
        }
        assert!(self.me.tasks.insert(next, copy).is_none(), "a new id");
        self.share(next);
        events.push(("task.created", next, 1));
        self.me.tasks.get_mut(&id).unwrap().next_occurrence_id = Some(next);
        self.copy_below(id, next, later, events);
        self.saw("next occurrences", 1);
        self.saw(
            "next occurrences after a moved task",
            usize::from(old.position.is_some()),
        );
        Some(next)
    }

    /// From the top down, and on each level in the user's order.
    fn copy_below(
        &mut self,
        from: Uuid,
        to: Uuid,
        later: SignedDuration,
        events: &mut Vec<(&'static str, Uuid, i64)>,
    ) {
        let mut copies = vec![(from, to)];
        for id in self.me.tree(from, |task| task.deleted_at.is_none()) {
            let Some(parent) = self.me.tasks[&id].parent_id.filter(|_| id != from) else {
                continue;
            };
            let below = copies.iter().find(|(old, _)| *old == parent).unwrap().1;
            let mut copy = self.copy(&self.me.tasks[&id], later);
            copy.parent_id = Some(below);
            let new = Uuid::now_v7();
            self.me.tasks.insert(new, copy);
            self.me.order.push(new);
            self.me.nameless.push(new);
            events.push(("task.created", new, 1));
            copies.push((id, new));
            self.saw("copied subtasks", 1);
        }
    }

    /// As new, open, and that much later.
    fn copy(&self, task: &Task, later: SignedDuration) -> Task {
        let moment = self.me.moment;
        Task {
            completed_at: None,
            due_date: task.due_date.map(|due| due + later),
            reminder_at: task.reminder_at.map(|reminder| reminder + later),
            series: task.series.as_ref().map(|series| Series {
                from: series.from + later,
                ..series.clone()
            }),
            reminded_at: None,
            next_occurrence_id: None,
            position: None,
            version: 1,
            created_at: moment,
            updated_at: moment,
            marks: Default::default(),
            ..task.clone()
        }
    }
}
