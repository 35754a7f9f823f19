use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{act::Act, filters::Filter, person::Task};
use test_door::encoded;

/// A list with its filters and its order, as it is asked for and as it is meant.
#[derive(Debug, Clone)]
pub struct Query {
    pub path: &'static str,
    /// Everything but where it begins and how long it is.
    pub text: String,
    pub rows: Rows,
}

#[derive(Debug, Clone)]
pub enum Rows {
    Tasks(Box<Filter>, Sort),
    Tags { with_counts: bool },
}

#[derive(Debug, Clone, Copy)]
pub struct Sort {
    by: SortKey,
    ascending: bool,
}

#[derive(Debug, Clone, Copy)]
enum SortKey {
    Created,
    Updated,
    Due,
    Priority,
    Title,
    Position,
}

/// The place of a row in its list; a cursor means one, whether or not its row is still there.
#[derive(Debug, Clone)]
pub struct Position {
    /// Comes after all that have a key, in either order.
    keyless: bool,
    key: Key,
    /// Decides between tasks with the same key; tags have a name each.
    tie: Uuid,
    id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i128),
    Text(String),
}

impl Position {
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn compare(&self, other: &Self, ascending: bool) -> Ordering {
        let ordered = (&self.key, self.tie).cmp(&(&other.key, other.tie));
        let ordered = if ascending {
            ordered
        } else {
            ordered.reverse()
        };
        self.keyless.cmp(&other.keyless).then(ordered)
    }
}

impl Query {
    /// All tasks that are live, or in the trash; the newest first.
    pub fn of_all(in_trash: bool) -> Self {
        let filter = Filter::of_all(in_trash);
        let sort = Sort {
            by: SortKey::Created,
            ascending: false,
        };
        Self {
            path: "/tasks",
            text: if in_trash { "deleted=only" } else { "" }.to_owned(),
            rows: Rows::Tasks(Box::new(filter), sort),
        }
    }

    /// The same in the user's order.
    pub fn in_order(in_trash: bool) -> Self {
        let all = Self::of_all(in_trash);
        let Rows::Tasks(filter, _) = all.rows else {
            unreachable!("a list of tasks")
        };
        let sort = Sort {
            by: SortKey::Position,
            ascending: true,
        };
        let text = format!("{}&sort_by=position", all.text);
        Self {
            path: "/tasks",
            text: text.trim_start_matches('&').to_owned(),
            rows: Rows::Tasks(filter, sort),
        }
    }

    pub fn ascending(&self) -> bool {
        match &self.rows {
            Rows::Tasks(_, sort) => sort.ascending,
            Rows::Tags { .. } => true,
        }
    }
}

impl Act<'_> {
    pub fn any_tags_query(&mut self) -> Query {
        let (text, with_counts) = self.me.dice.pick(&[
            ("", false),
            ("with_counts=true", true),
            ("with_counts=false", false),
        ]);
        Query {
            path: "/tags",
            text: text.to_owned(),
            rows: Rows::Tags { with_counts },
        }
    }

    pub fn any_query(&mut self) -> Query {
        let mut filter = Filter::default();
        let mut parameters: Vec<(&'static str, String)> = Vec::new();
        for _ in 0..self.me.dice.below(4) {
            self.add_filter(&mut filter, &mut parameters);
        }
        let dice = &mut self.me.dice;
        let mut sort = Sort {
            by: SortKey::Created,
            ascending: false,
        };
        if dice.chance(70) {
            let (name, by) = dice.pick(&[
                ("created_at", SortKey::Created),
                ("created", SortKey::Created),
                ("updated_at", SortKey::Updated),
                ("updated", SortKey::Updated),
                ("due_date", SortKey::Due),
                ("due", SortKey::Due),
                ("priority", SortKey::Priority),
                ("title", SortKey::Title),
                ("title", SortKey::Title),
                ("position", SortKey::Position),
                ("position", SortKey::Position),
            ]);
            parameters.push(("sort_by", name.to_owned()));
            sort = Sort {
                by,
                ascending: matches!(by, SortKey::Position),
            };
        }
        if dice.chance(60) {
            sort.ascending = dice.chance(70);
            let order = if sort.ascending { "asc" } else { "desc" };
            parameters.push(("order", order.to_owned()));
        }
        // Their order is nothing that counts.
        for last in (1..parameters.len()).rev() {
            parameters.swap(last, dice.below(last + 1));
        }
        let pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        Query {
            path: "/tasks",
            text: pairs.join("&"),
            rows: Rows::Tasks(Box::new(filter), sort),
        }
    }

    /// Every row of the list, in its order.
    pub fn rows(&self, query: &Query) -> Vec<Position> {
        let mut rows: Vec<Position> = match &query.rows {
            Rows::Tasks(filter, sort) => {
                let tasks = self.me.tasks.iter();
                tasks
                    .filter(|(_, task)| self.fits(filter, task))
                    .map(|(id, task)| self.position(*sort, *id, task))
                    .collect()
            }
            Rows::Tags { .. } => {
                let tags = self.me.tags.iter();
                tags.map(|(id, tag)| Position {
                    keyless: false,
                    key: Key::Number(self.words.rank(&tag.name).into()),
                    tie: Uuid::nil(),
                    id: *id,
                })
                .collect()
            }
        };
        rows.sort_by(|one, other| one.compare(other, query.ascending()));
        rows
    }

    /// The items of a page with these rows.
    pub fn items(&self, query: &Query, rows: &[Position]) -> Vec<Value> {
        let show = |row: &Position| match query.rows {
            Rows::Tasks(..) => self.shown(row.id),
            Rows::Tags { with_counts } => {
                let count = with_counts.then(|| self.task_count(row.id));
                self.shown_tag(row.id, count)
            }
        };
        rows.iter().map(show).collect()
    }

    fn position(&self, sort: Sort, id: Uuid, task: &Task) -> Position {
        let of = |time: Timestamp| time.as_nanosecond();
        let key = match sort.by {
            SortKey::Created => Some(of(task.created_at)),
            SortKey::Updated => Some(of(task.updated_at)),
            SortKey::Due => task.due_date.map(of),
            SortKey::Priority => Some(i128::try_from(task.priority).unwrap()),
            SortKey::Title => Some(self.words.rank(&task.title).into()),
            SortKey::Position => None,
        };
        let key = match sort.by {
            SortKey::Position => Some(Key::Text(task.stands(id))),
            _ => key.map(Key::Number),
        };
        Position {
            keyless: key.is_none(),
            key: key.unwrap_or(Key::Number(0)),
            tie: id,
            id,
        }
    }
}
