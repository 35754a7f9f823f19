//! All of a user's tasks and tags, out and in.

use std::collections::{HashMap, HashSet};

use super::*;
use crate::{
    task::MOST_LEVELS,
    transfer::{IncomingTag, IncomingTask, KnownTags, Mode},
};

/// Rows of one statement: enough that a round trip is little beside them.
pub const AT_ONCE: usize = 500;

/// The next tags after this id.
pub async fn export_tags(user: &UserScope, after: Uuid) -> Result<Vec<Tag>, StoreError> {
    let rows = user
        .query(sql::transfer::EXPORT_TAGS, &[&after, &(AT_ONCE as i64)])
        .await?;
    rows.iter().map(tags::read_tag).collect()
}

/// The next tasks after this id, in the trash or not.
pub async fn export_tasks(user: &UserScope, after: Uuid) -> Result<Vec<Task>, StoreError> {
    let rows = user
        .query(sql::transfer::EXPORT_TASKS, &[&after, &(AT_ONCE as i64)])
        .await?;
    rows.iter().map(read_task).collect()
}

/// An import under way, in a transaction that holds the user's other changes back.
#[derive(Debug, Default)]
pub struct Import {
    tags: KnownTags,
    /// Tasks that came in and have a parent: which, and in which line that was said.
    parents: Vec<(Uuid, Uuid, usize)>,
    /// Tasks that came in and are in the trash.
    in_trash: Vec<Uuid>,
    seen: HashSet<Uuid>,
}

/// Why a task of an import cannot be taken.
#[derive(Debug)]
pub enum Unfit {
    /// There was one with its id before.
    Twice,
    /// No line before has told of the tag at this place.
    NoSuchTag(usize),
}

impl Import {
    pub async fn begin(tx: &UserTx<'_>, mode: Mode) -> Result<Self, Refusal> {
        if !tx.lock_user().await? {
            return Err(Refusal::UserGone);
        }
        if mode == Mode::Replace {
            tx.query(sql::transfer::DELETE_ALL, &[]).await?;
        }
        Ok(Self::default())
    }

    /// Whether the task can be taken with those that came before.
    pub fn look_at(&mut self, task: &IncomingTask) -> Result<(), Unfit> {
        if !self.seen.insert(task.id) {
            return Err(Unfit::Twice);
        }
        let choices = task.content.tags.choices.iter();
        for (place, choice) in choices.enumerate() {
            if let TagChoice::Id(id) = choice
                && self.tags.here(*id).is_none()
            {
                return Err(Unfit::NoSuchTag(place));
            }
        }
        Ok(())
    }

    pub async fn take_tags(
        &mut self,
        tx: &UserTx<'_>,
        incoming: &[IncomingTag],
    ) -> Result<(), Refusal> {
        let ids: Vec<Uuid> = incoming.iter().map(|it| it.id).collect();
        let names: Vec<&str> = incoming.iter().map(|it| it.tag.name.as_str()).collect();
        let colors: Vec<&str> = incoming.iter().map(|it| it.tag.color.as_str()).collect();
        let rows = tx
            .query(sql::transfer::IMPORT_TAGS, &[&ids, &names, &colors])
            .await?;
        for (there, row) in ids.iter().zip(&rows) {
            self.tags.learn(*there, read(row, "id")?);
        }
        Ok(())
    }

    pub async fn take_tasks(
        &mut self,
        tx: &UserTx<'_>,
        incoming: &[IncomingTask],
    ) -> Result<(), Refusal> {
        let named = self.named_tags(tx, incoming).await?;
        let columns = Columns::of(incoming);
        tx.query(sql::transfer::IMPORT_TASKS, &columns.params())
            .await?;
        tx.query(sql::transfer::UNLINK_TASKS, &[&columns.ids])
            .await?;
        let (mut tasks, mut tags) = (Vec::new(), Vec::new());
        for task in incoming {
            for choice in &task.content.tags.choices {
                let tag = match choice {
                    TagChoice::Id(id) => self.tags.here(*id),
                    TagChoice::Named(tag) => named.get(tag.name.as_str()).copied(),
                };
                if let Some(tag) = tag {
                    tasks.push(task.id);
                    tags.push(tag);
                }
            }
            self.parents.extend(
                task.content
                    .parent_id
                    .map(|parent| (task.id, parent, task.line)),
            );
            self.in_trash.extend(task.deleted_at.map(|_| task.id));
        }
        if !tasks.is_empty() {
            tx.query(sql::transfer::LINK_TASKS, &[&tasks, &tags])
                .await?;
        }
        Ok(())
    }

    /// The tags that are called by name, made where they are missing.
    async fn named_tags<'a>(
        &self,
        tx: &UserTx<'_>,
        incoming: &'a [IncomingTask],
    ) -> Result<HashMap<&'a str, Uuid>, Refusal> {
        let new: Vec<&NewTag> = incoming.iter().flat_map(IncomingTask::new_tags).collect();
        if new.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = new.iter().map(|_| Uuid::now_v7()).collect();
        let names: Vec<&str> = new.iter().map(|tag| tag.name.as_str()).collect();
        let colors: Vec<&str> = new.iter().map(|tag| tag.color.as_str()).collect();
        let rows = tx
            .query(sql::transfer::IMPORT_TAGS, &[&ids, &names, &colors])
            .await?;
        let mut named = HashMap::new();
        for (name, row) in names.into_iter().zip(&rows) {
            named.insert(name, read(row, "id")?);
        }
        Ok(named)
    }

    /// Puts tasks below their parents, and gives the line of one that cannot be put there. What was there before does not stay live
    /// below a task that is in the trash now: it would be deleted for good with that one.
    pub async fn finish(self, tx: &UserTx<'_>) -> Result<Option<usize>, Refusal> {
        let line_of = |id: Uuid| {
            let said = self.parents.iter().find(|(task, ..)| *task == id);
            said.map_or(0, |(.., line)| *line)
        };
        for parents in self.parents.chunks(5_000) {
            let (tasks, parents): (Vec<Uuid>, Vec<Uuid>) = parents
                .iter()
                .map(|(task, parent, _)| (*task, *parent))
                .unzip();
            let lost = tx
                .query_opt(sql::transfer::IMPORT_PARENTS, &[&tasks, &parents])
                .await?;
            if let Some(row) = lost {
                return Ok(Some(line_of(read(&row, "id")?)));
            }
        }
        if !self.parents.is_empty() {
            let tangled = tx
                .query(sql::transfer::FIND_TANGLED, &[&MOST_LEVELS])
                .await?;
            let tangled = tangled.iter().map(|row| read(row, "id"));
            let tangled = tangled.collect::<Result<HashSet<Uuid>, _>>()?;
            if !tangled.is_empty() {
                // The first line that has a part in it.
                let mut lines = self.parents.iter();
                let first = lines.find(|(task, ..)| tangled.contains(task));
                return Ok(Some(first.map_or(0, |(.., line)| *line)));
            }
        }
        for tasks in self.in_trash.chunks(5_000) {
            tx.query(sql::transfer::LIFT_TASKS, &[&tasks]).await?;
        }
        tx.query(sql::transfer::NOTE_IMPORT, &[]).await?;
        Ok(None)
    }
}

/// Tasks as arrays, one for each of their columns.
struct Columns<'a> {
    ids: Vec<Uuid>,
    titles: Vec<&'a str>,
    descriptions: Vec<Option<&'a str>>,
    completed: Vec<Option<Timestamp>>,
    priorities: Vec<i16>,
    due: Vec<Option<Timestamp>>,
    reminders: Vec<Option<Timestamp>>,
    rules: Vec<Option<&'a str>>,
    zones: Vec<Option<&'a str>>,
    recurs_from: Vec<Option<Timestamp>>,
    positions: Vec<Option<&'a str>>,
    created: Vec<Option<Timestamp>>,
    deleted: Vec<Option<Timestamp>>,
    next: Vec<Option<Uuid>>,
}

impl<'a> Columns<'a> {
    fn of(tasks: &'a [IncomingTask]) -> Self {
        fn each<'a, T>(tasks: &'a [IncomingTask], of: impl Fn(&'a IncomingTask) -> T) -> Vec<T> {
            tasks.iter().map(of).collect()
        }
        let recurrence = |it: &'a IncomingTask| it.content.recurrence.as_ref();
        Self {
            ids: each(tasks, |it| it.id),
            titles: each(tasks, |it| it.content.title.as_str()),
            descriptions: each(tasks, |it| {
                it.content.description.as_ref().map(Description::as_str)
            }),
            completed: each(tasks, |it| it.completed_at),
            priorities: each(tasks, |it| it.content.priority.rank()),
            due: each(tasks, |it| it.content.schedule.due_date()),
            reminders: each(tasks, |it| it.content.schedule.reminder_at()),
            rules: each(tasks, |it| recurrence(it).map(Recurrence::rrule)),
            zones: each(tasks, |it| recurrence(it).map(Recurrence::time_zone)),
            recurs_from: each(tasks, |it| it.recurs_from),
            positions: each(tasks, |it| it.position.as_deref()),
            created: each(tasks, |it| it.created_at),
            deleted: each(tasks, |it| it.deleted_at),
            next: each(tasks, |it| it.next_occurrence_id),
        }
    }

    fn params(&self) -> [Param<'_>; 14] {
        [
            &self.ids,
            &self.titles,
            &self.descriptions,
            &self.completed,
            &self.priorities,
            &self.due,
            &self.reminders,
            &self.rules,
            &self.zones,
            &self.recurs_from,
            &self.positions,
            &self.created,
            &self.deleted,
            &self.next,
        ]
    }
}
