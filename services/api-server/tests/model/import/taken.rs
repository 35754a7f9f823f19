//! What an import makes of what there is.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::lines::Import;
use crate::{
    act::Act,
    moment::UNKNOWN,
    person::{PRIORITIES, Person, Tag, Task},
    recurrence::{Rule, Series},
    shown::time,
};

const MOST_LEVELS: usize = 5;

/// What is wrong with an import beside what is there, and with which lines it may be told.
#[derive(Debug)]
pub struct Lost(pub Vec<usize>);

impl Act<'_> {
    /// What there is after the import; or why it cannot be.
    pub fn take(
        &mut self,
        import: &Import,
        replaces: bool,
        first_version: i64,
    ) -> Result<(), Lost> {
        self.me.moment = UNKNOWN;
        if replaces {
            self.me.tasks.clear();
            self.me.tags.clear();
            self.me.order.clear();
        }
        let mut tags = HashMap::new();
        let mut parents = Vec::new();
        for (line, row) in &import.rows {
            match row["type"].as_str() {
                Some("tag") => {
                    let (there, here) = self.take_tag(&row["tag"], first_version);
                    tags.insert(there, here);
                }
                Some("task") => {
                    let id = self.me.take_task(row, &tags, first_version);
                    self.share(id);
                    parents
                        .extend(id_of(&row["task"]["parent_id"]).map(|parent| (*line, id, parent)));
                }
                _ => {}
            }
        }
        for (line, id, parent) in &parents {
            let in_trash = self.me.tasks[id].deleted_at.is_some();
            let above = self.me.tasks.get(parent);
            if !above.is_some_and(|above| in_trash || above.deleted_at.is_none()) {
                return Err(Lost(vec![*line]));
            }
        }
        for (_, id, parent) in &parents {
            self.me.tasks.get_mut(id).unwrap().parent_id = Some(*parent);
        }
        if self.me.is_tangled() {
            return Err(Lost(parents.iter().map(|(line, ..)| *line).collect()));
        }
        let orphans: Vec<Uuid> = self
            .me
            .live()
            .filter(|(_, task)| {
                task.parent_id
                    .is_some_and(|parent| !self.me.is_live(parent))
            })
            .map(|(id, _)| *id)
            .collect();
        self.saw("tasks that lost what was above them", orphans.len());
        for id in orphans {
            let moment = self.me.moment;
            let task = self.me.tasks.get_mut(&id).unwrap();
            task.parent_id = None;
            task.touch(moment);
        }
        Ok(())
    }

    /// The id of the tag there and here: one with the same name is the same.
    fn take_tag(&mut self, shown: &Value, version: i64) -> (Uuid, Uuid) {
        let there = id_of(&shown["id"]).unwrap();
        let name = shown["name"].as_str().unwrap();
        if let Some(here) = self.tag_named(name) {
            return (there, here);
        }
        let taken = self.me.tags.contains_key(&there);
        let here = if taken { Uuid::now_v7() } else { there };
        let tag = Tag {
            name: name.to_owned(),
            color: shown["color"].as_str().unwrap().to_owned(),
            first_version: version,
            version,
            times: None,
        };
        self.me.tags.insert(here, tag);
        self.world.borrow_mut().shared[self.me.place]
            .tags
            .push(here);
        (there, here)
    }
}

impl Person {
    fn take_task(&mut self, line: &Value, tags: &HashMap<Uuid, Uuid>, version: i64) -> Uuid {
        let shown = &line["task"];
        let at = |value: &Value| (!value.is_null()).then(|| time(value));
        let text = |member: &str| shown[member].as_str().map(str::to_owned);
        let id = id_of(&shown["id"]).unwrap();
        let rank = PRIORITIES
            .iter()
            .position(|name| shown["priority"] == *name);
        let reminder_at = at(&shown["reminder_at"]);
        let named = shown["tags"].as_array().unwrap().iter();
        let named = named.map(|tag| tags[&id_of(&tag["id"]).unwrap()]);
        let mut task = Task {
            title: text("title").unwrap(),
            description: text("description"),
            completed_at: at(&shown["completed_at"]),
            priority: rank.unwrap(),
            due_date: at(&shown["due_date"]),
            reminder_at,
            // Nobody is told of what is past.
            reminded_at: reminder_at.filter(|time| *time <= jiff::Timestamp::now()),
            series: Rule::read(&shown["recurrence"]).map(|rule| Series {
                rule,
                from: time(&line["recurs_from"]),
            }),
            next_occurrence_id: id_of(&shown["next_occurrence_id"]),
            parent_id: None,
            position: text("position").filter(|position| *position != id.to_string()),
            tags: named.collect(),
            version,
            created_at: time(&shown["created_at"]),
            updated_at: self.moment,
            deleted_at: at(&shown["deleted_at"]),
            marks: HashMap::new(),
        };
        if let Some(was) = self.tasks.remove(&id) {
            task.version = was.version;
            task.updated_at = was.updated_at;
            task.created_at = was.created_at;
            task.marks = was.marks;
            task.touch(self.moment);
        }
        self.tasks.insert(id, task);
        id
    }

    /// Whether a task stands below itself, or too deep.
    fn is_tangled(&self) -> bool {
        self.tasks.keys().any(|id| {
            let above = |id: &Uuid| self.tasks.get(id).and_then(|task| task.parent_id);
            let line = std::iter::successors(Some(*id), above);
            line.take(MOST_LEVELS + 1).count() > MOST_LEVELS
        })
    }

    pub fn rename_tag(&mut self, old: Uuid, new: Uuid) {
        if old == new {
            return;
        }
        let tag = self.tags.remove(&old).unwrap();
        assert!(self.tags.insert(new, tag).is_none(), "another tag's id");
        for task in self.tasks.values_mut() {
            if task.tags.remove(&old) {
                task.tags.insert(new);
            }
        }
    }
}

fn id_of(value: &Value) -> Option<Uuid> {
    value.as_str().map(|text| text.parse().unwrap())
}
