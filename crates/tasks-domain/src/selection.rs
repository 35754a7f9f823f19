//! Which tasks a list shows, and in which order. Pure, like `task.rs`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::task::{Priority, TagName};

/// Filters and order of a list of tasks. Two selections that are equal list the same tasks in the same order, so its parts are
/// in one form: sorted, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskSelection {
    pub completed: Option<bool>,
    /// One of these; all, when there is none.
    pub priorities: Vec<Priority>,
    pub tags: TagFilter,
    pub due_before: Option<Timestamp>,
    pub due_after: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
    pub updated_after: Option<Timestamp>,
    /// Due before now and not completed; or not so.
    pub overdue: Option<bool>,
    /// As people write searches: words, "phrases", or, -without.
    pub search: Option<String>,
    /// Those right below one task, or below none.
    pub parent: Option<Option<Uuid>>,
    /// Those in the trash, instead of those that are not.
    pub deleted: bool,
    pub sort_by: SortBy,
    pub ascending: bool,
}

impl TaskSelection {
    /// Whether this is one of the few lists that nearly everybody asks for: newest first, all or by completion.
    pub fn is_common(&self) -> bool {
        let completed = self.completed;
        *self
            == Self {
                completed,
                ..Self::default()
            }
    }
}

/// Which tags a task must have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagFilter {
    pub named: Vec<TagName>,
    pub ids: Vec<Uuid>,
    /// All of them, instead of any.
    pub all: bool,
    /// No tag at all will do, too (or alone); or there has to be one.
    pub untagged: Option<bool>,
}

/// What a list is sorted by; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    #[default]
    CreatedAt,
    UpdatedAt,
    /// Those without one come last, in either direction.
    DueDate,
    /// By rank.
    Priority,
    /// Whatever its case.
    Title,
    /// In the order that the user has given.
    Position,
}

/// Where in a list a task stands: what the list is sorted by, and the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub key: SortKey,
    pub id: Uuid,
}

/// The value that a list is sorted by, of the kind that its [`SortBy`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortKey {
    Time(Timestamp),
    Due(Option<Timestamp>),
    Rank(i16),
    /// As PostgreSQL's lower() has it.
    Title(String),
    Position(String),
}

/// Which part of a list: what comes after a place, or so many entries after its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    Beginning,
    After(Place),
    /// For clients that count pages; the cost grows with it.
    Skip(u32),
}
