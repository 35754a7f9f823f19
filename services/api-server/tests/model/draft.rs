use jiff::{
    SignedDuration, Timestamp,
    tz::{Offset, TimeZone},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    faults::Fault,
    person::PRIORITIES,
    recurrence::{Rule, any_recurrence},
    words::{self, SEARCHED},
};
use test_door::Dice;

/// A body with a task, or with a part of one, and what it means.
#[derive(Debug)]
pub struct Draft {
    pub body: Map<String, Value>,
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub completed: Option<bool>,
    pub priority: Option<usize>,
    pub due_date: Option<Option<Timestamp>>,
    pub reminder_at: Option<Option<Timestamp>>,
    pub rule: Option<Option<Rule>>,
    pub parent: Option<Option<Uuid>>,
    pub tags: Option<Vec<Choice>>,
    /// A tag that is named and not there is a mistake.
    pub only_existing: bool,
    /// Seen in the body alone.
    pub fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    New,
    Whole,
    Part,
}

/// A tag that a body chooses.
#[derive(Debug, Clone)]
pub enum Choice {
    There(Uuid),
    /// Another user's.
    Theirs,
    Missing {
        name: String,
        color: Option<String>,
    },
}

impl Draft {
    fn empty() -> Self {
        Self {
            body: Map::new(),
            title: None,
            description: None,
            completed: None,
            priority: None,
            due_date: None,
            reminder_at: None,
            rule: None,
            parent: None,
            tags: None,
            only_existing: false,
            fault: None,
        }
    }

    pub fn completing(completed: bool) -> Self {
        let mut draft = Self::empty();
        draft.body.insert("completed".into(), json!(completed));
        Self {
            completed: Some(completed),
            ..draft
        }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.body.keys().all(|name| name == "create_missing_tags")
    }
}

impl Act<'_> {
    pub fn draft(&mut self, purpose: Purpose) -> Draft {
        let whole = purpose != Purpose::Part;
        let word = self.me.word;
        let mut draft = Draft::empty();
        let dice = &mut self.me.dice;
        if whole || dice.chance(30) {
            let title = dice.any(words::titles(word)).unwrap();
            let text = around(dice, &title);
            draft.body.insert("title".into(), json!(text));
            draft.title = Some(title);
        }
        if dice.chance(40) {
            let words = [dice.pick(&SEARCHED), dice.pick(&SEARCHED)];
            let text = format!("{}\n{} {word} 💡", words[0], words[1]);
            let description = dice.chance(70).then_some(text);
            draft.body.insert("description".into(), json!(description));
            draft.description = Some(description);
        }
        if dice.chance(30) {
            let completed = dice.chance(50);
            draft.body.insert("completed".into(), json!(completed));
            draft.completed = Some(completed);
        }
        if dice.chance(50) {
            let rank = dice.below(4);
            let name = if whole && rank == 0 && dice.chance(50) {
                Value::Null
            } else {
                json!(PRIORITIES[rank])
            };
            draft.body.insert("priority".into(), name);
            draft.priority = Some(rank);
        }
        draft.rule = any_recurrence(dice, &mut draft.body);
        let recurs = draft.rule.flatten().is_some();
        if dice.chance(if recurs { 90 } else { 45 }) {
            let (value, meant) = when(dice);
            draft.body.insert("due_date".into(), value);
            draft.due_date = Some(meant);
        }
        if dice.chance(30) {
            let (value, meant) = when(dice);
            draft.body.insert("reminder_at".into(), value);
            draft.reminder_at = Some(meant);
        }
        draft.fault = draft.fault_of_schedule(purpose);
        if self
            .me
            .dice
            .chance(if purpose == Purpose::New { 50 } else { 30 })
        {
            let parent = self.any_parent();
            draft.body.insert("parent_id".into(), json!(parent));
            draft.parent = Some(parent);
        }
        if self.me.dice.chance(40) {
            let (body, choices) = self.choices();
            draft.body.insert("tags".into(), json!(body));
            draft.tags = Some(choices);
            self.allow_missing(&mut draft);
        }
        if draft.fault.is_none() && self.me.dice.chance(10) {
            self.spoil(&mut draft, purpose);
        }
        draft
    }

    /// Up to four tags, in all the ways to name one, and what they mean.
    pub fn choices(&mut self) -> (Vec<Value>, Vec<Choice>) {
        let (mut body, mut choices) = (Vec::new(), Vec::new());
        for _ in 0..self.me.dice.below(5) {
            let own = self.me.dice.any(self.me.tags.keys().copied());
            match (self.me.dice.below(20), own) {
                (0, _) => {
                    let another = self.another();
                    let theirs = self.theirs(another, |shared| &shared.tags);
                    body.push(self.me.dice.pick(&[json!(theirs), json!({"id": theirs})]));
                    choices.push(Choice::Theirs);
                }
                (1..12, Some(own)) => {
                    let tag = &self.me.tags[&own];
                    let whole = json!({"id": own, "name": tag.name, "color": tag.color});
                    let ways = [json!(own), json!({"id": own}), whole];
                    body.push(self.me.dice.pick(&ways));
                    choices.push(Choice::There(own));
                }
                _ => {
                    let dice = &mut self.me.dice;
                    let name = dice.any(words::names(self.me.word)).unwrap();
                    let given = around(dice, &name);
                    let (sent, kept) = color(dice);
                    let (value, color) = match dice.below(4) {
                        0 => (json!({"name": given, "color": sent}), kept),
                        1 => (json!({"name": given}), None),
                        _ => (json!(given), None),
                    };
                    body.push(value);
                    choices.push(match self.tag_named(&name) {
                        Some(id) => Choice::There(id),
                        None => Choice::Missing { name, color },
                    });
                }
            }
        }
        (body, choices)
    }

    /// Says whether tags that are not there are to be made.
    fn allow_missing(&mut self, draft: &mut Draft) {
        if !self.me.dice.chance(30) {
            return;
        }
        let allowed = self.me.dice.chance(50);
        draft.only_existing = !allowed;
        draft
            .body
            .insert("create_missing_tags".into(), json!(allowed));
    }
}

/// White space around a text is not part of it.
pub fn around(dice: &mut Dice, text: &str) -> String {
    match dice.below(6) {
        0 => format!("  {text}"),
        1 => format!("{text}\n"),
        2 => format!("\t {text} "),
        _ => text.to_owned(),
    }
}

/// A colour as it is sent and as it is kept.
pub fn color(dice: &mut Dice) -> (Value, Option<String>) {
    let of = |sent: &str, kept: &str| (json!(sent), Some(kept.to_owned()));
    dice.pick(&[
        of("#abc", "#AABBCC"),
        of("#A1b2C3", "#A1B2C3"),
        of("#000000", "#000000"),
        of("#F0f", "#FF00FF"),
        (Value::Null, None),
    ])
}

/// Few enough that tasks meet at the same time, some long ago and some far away.
pub fn moments() -> Vec<Timestamp> {
    let base: Timestamp = "2021-06-30T22:15:00Z".parse().unwrap();
    let far: Timestamp = "2199-12-31T23:59:59.5Z".parse().unwrap();
    let hours = [-20_000, -3, 0, 0, 1, 26, 5_000];
    let moment = |base: Timestamp, n: usize| {
        base + SignedDuration::from_hours(hours[n])
            + SignedDuration::from_micros([0, 0, 1, 999_999, 120, 0, 500_000][n])
    };
    let n = 0..hours.len();
    n.clone()
        .map(|n| moment(base, n))
        .chain(n.map(|n| moment(far, n)))
        .collect()
}

/// A time in one of the ways in which RFC 3339 writes it, or none.
fn when(dice: &mut Dice) -> (Value, Option<Timestamp>) {
    if dice.chance(15) {
        return (Value::Null, None);
    }
    let moment = dice.pick(&moments());
    (json!(written(dice, moment)), Some(moment))
}

pub fn written(dice: &mut Dice, moment: Timestamp) -> String {
    match dice.below(6) {
        0 => moment.to_string().to_lowercase(),
        // What is finer than a microsecond is cut off.
        1 => {
            let (seconds, micros) = (moment.as_second(), moment.subsec_microsecond());
            let whole = Timestamp::from_second(seconds).unwrap().to_string();
            whole.replace('Z', &format!(".{micros:06}987Z"))
        }
        n @ (2 | 3) => {
            let minutes = [330, -480][n - 2];
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let local = moment.to_zoned(TimeZone::fixed(offset)).datetime();
            let sign = ["+05:30", "-08:00"][n - 2];
            format!("{local}{sign}")
        }
        _ => moment.to_string(),
    }
}
