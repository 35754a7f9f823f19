//! Tasks on their way out and in. Pure, like `task.rs`.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::task::{NewTag, TagChoice, TaskContent};

/// Most tasks of one import.
pub const MOST_TASKS: usize = 250_000;

/// Longest line of an import, in bytes: a task with the longest texts, every character of which is escaped, has fewer.
pub const LONGEST_LINE: usize = 128 * 1024;

/// How what comes in goes together with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A task with the same id becomes the one that comes in; all others stay.
    Merge,
    /// Nothing of what was there stays.
    Replace,
}

/// One line of an import.
#[derive(Debug)]
pub enum Line {
    /// What the export says of itself.
    Head,
    Tag(IncomingTag),
    Task(Box<IncomingTask>),
    /// The last one, with how many of both there were.
    End {
        tags: usize,
        tasks: usize,
    },
}

/// A tag that comes in.
#[derive(Debug)]
pub struct IncomingTag {
    /// By which tasks of the same import name it.
    pub id: Uuid,
    pub tag: NewTag,
}

/// A task that comes in, with what only the server decides elsewhere.
#[derive(Debug)]
pub struct IncomingTask {
    /// In which line, counted from 1.
    pub line: usize,
    pub id: Uuid,
    pub content: TaskContent,
    pub completed_at: Option<Timestamp>,
    pub created_at: Option<Timestamp>,
    pub deleted_at: Option<Timestamp>,
    pub recurs_from: Option<Timestamp>,
    pub next_occurrence_id: Option<Uuid>,
    /// Where its user has moved it to.
    pub position: Option<String>,
}

/// Which tags tasks name, as they are called here: by the ids that they have in the import, or by their names.
#[derive(Debug, Default)]
pub struct KnownTags(HashMap<Uuid, Uuid>);

impl KnownTags {
    pub fn learn(&mut self, there: Uuid, here: Uuid) {
        self.0.insert(there, here);
    }

    /// The id here; `None` for one that no line before has told of.
    pub fn here(&self, there: Uuid) -> Option<Uuid> {
        self.0.get(&there).copied()
    }
}

impl IncomingTask {
    /// The tags that it names and nobody has told of.
    pub fn new_tags(&self) -> impl Iterator<Item = &NewTag> {
        let choices = self.content.tags.choices.iter();
        choices.filter_map(|choice| match choice {
            TagChoice::Named(tag) => Some(tag),
            TagChoice::Id(_) => None,
        })
    }
}

/// What an import has done, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    pub lines: usize,
    pub tags: usize,
    pub tasks: usize,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// Where in it, as a JSON pointer.
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
}

/// Most faults that are told.
pub const MOST_FAULTS: usize = 100;
