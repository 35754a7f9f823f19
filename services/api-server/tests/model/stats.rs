//! Counts of tasks.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    person::{PRIORITIES, Task},
};
use test_door::Ask;

/// Most tags that are told of.
const MOST_TAGS: usize = 100;

impl Act<'_> {
    pub async fn count_tasks(&mut self) {
        let zone = self
            .me
            .dice
            .pick(&["UTC", "Europe/Berlin", "Pacific/Kiritimati"]);
        let parameter = match zone {
            "UTC" if self.me.dice.chance(50) => String::new(),
            zone => format!("&timezone={zone}"),
        };
        let time_zone = TimeZone::get(zone).unwrap();
        let today = || Timestamp::now().to_zoned(time_zone.clone()).date();
        let before = today();
        let ask = self.mine(Ask::get(format!("/tasks/stats?days=2{parameter}")));
        let answer = self.ask("count tasks", &ask).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let mut expected = self.counts(zone);
        if today() == before {
            expected["due_today"] = json!(self.due_on(before, &time_zone));
            let yesterday = before.checked_sub(1.day()).unwrap();
            let days = [yesterday, before].map(|day| self.day(day, &time_zone));
            expected["days"] = json!(days);
        } else {
            // Who knows on which side of midnight it was counted.
            for member in ["due_today", "days"] {
                expected[member] = answer.body[member].clone();
            }
        }
        assert_eq!(answer.body, expected);
    }

    fn counts(&self, zone: &str) -> Value {
        let live: Vec<&Task> = self.me.live().map(|(_, task)| task).collect();
        let open: Vec<&Task> = self.open().collect();
        let now = Timestamp::now();
        let of = |rank| open.iter().filter(|task| task.priority == rank).count();
        let priorities = PRIORITIES.iter().enumerate();
        let priorities: serde_json::Map<_, _> = priorities
            .map(|(rank, name)| ((*name).to_owned(), json!(of(rank))))
            .collect();
        let overdue = |task: &&&Task| task.due_date.is_some_and(|due| due < now);
        json!({
            "total": live.len(),
            "completed": live.len() - open.len(),
            "open": open.len(),
            "overdue": open.iter().filter(overdue).count(),
            "in_trash": self.me.tasks.len() - live.len(),
            "priorities": priorities,
            "tags": self.counts_by_tag(),
            "untagged": open.iter().filter(|task| task.tags.is_empty()).count(),
            "timezone": zone,
        })
    }

    /// Those that most open tasks carry come first.
    fn counts_by_tag(&self) -> Vec<Value> {
        let count = |tag: &Uuid| {
            let live = self.me.live().filter(|(_, task)| task.tags.contains(tag));
            let (open, completed): (Vec<_>, Vec<_>) =
                live.partition(|(_, task)| task.completed_at.is_none());
            (open.len(), completed.len())
        };
        let tags = self.me.tags.iter();
        let mut tags: Vec<_> = tags.map(|(id, tag)| (count(id), id, tag)).collect();
        tags.sort_by_key(|((open, _), _, tag)| (usize::MAX - open, self.words.rank(&tag.name)));
        tags.into_iter()
            .take(MOST_TAGS)
            .map(|((open, completed), id, tag)| {
                let tag = json!({"id": id, "name": tag.name, "color": tag.color});
                json!({"tag": tag, "open": open, "completed": completed})
            })
            .collect()
    }

    fn open(&self) -> impl Iterator<Item = &Task> {
        let live = self.me.live().map(|(_, task)| task);
        live.filter(|task| task.completed_at.is_none())
    }

    fn due_on(&self, day: Date, zone: &TimeZone) -> usize {
        let is_due = |task: &&Task| is_on(task.due_date, day, zone);
        self.open().filter(is_due).count()
    }

    fn day(&self, day: Date, zone: &TimeZone) -> Value {
        let count = |time: &dyn Fn(&Task) -> Option<Timestamp>| {
            let live = self.me.live();
            live.filter(|(_, task)| is_on(time(task), day, zone))
                .count()
        };
        json!({
            "date": day,
            "created": count(&|task| Some(task.created_at)),
            "completed": count(&|task| task.completed_at),
            "due": count(&|task| task.due_date),
        })
    }
}

fn is_on(time: Option<Timestamp>, day: Date, zone: &TimeZone) -> bool {
    time.is_some_and(|time| time.to_zoned(zone.clone()).date() == day)
}
