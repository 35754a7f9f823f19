//! Tasks and tags as JSON: what clients are answered. What they send is in `wire/`.

use std::borrow::Cow;

use domain_kit::{EntityTag, StateDigest};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::task::{Description, Priority, Tag, TagRef, Task};

pub mod bodies;
pub mod parameters;

/// A task. Every member is always there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskOut<'a> {
    /// A UUIDv7 in text form; treat it as an opaque string.
    id: Uuid,
    /// Whose task it is.
    user_id: Uuid,
    #[schema(example = "Water the plants")]
    title: &'a str,
    #[schema(required = true)]
    description: Option<&'a str>,
    completed: bool,
    /// When it was completed first.
    #[schema(required = true)]
    completed_at: Option<Timestamp>,
    priority: PriorityName,
    /// 0 for `none` to 3 for `high`: for sorting.
    #[schema(minimum = 0, maximum = 3)]
    priority_rank: i16,
    #[schema(required = true)]
    due_date: Option<Timestamp>,
    #[schema(required = true)]
    reminder_at: Option<Timestamp>,
    /// In the order of their names.
    tags: Vec<TagRefOut<'a>>,
    /// Counts the changes; the entity tag begins with it.
    #[schema(minimum = 1, example = 1)]
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When it was put into the trash.
    #[schema(required = true)]
    deleted_at: Option<Timestamp>,
}

/// A tag as a task shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TagRef)]
pub struct TagRefOut<'a> {
    id: Uuid,
    #[schema(example = "Home")]
    name: &'a str,
    /// As `#RRGGBB`.
    #[schema(example = "#10B981", pattern = "^#[0-9A-F]{6}$")]
    color: &'a str,
}

/// A tag. Every member is always there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagOut<'a> {
    id: Uuid,
    user_id: Uuid,
    #[schema(example = "Home")]
    name: &'a str,
    /// As `#RRGGBB`.
    #[schema(example = "#10B981", pattern = "^#[0-9A-F]{6}$")]
    color: &'a str,
    /// How many tasks carry it that are not in the trash; null unless `with_counts` was asked for.
    #[schema(required = true)]
    task_count: Option<i64>,
    /// Counts the changes; it is the entity tag.
    #[schema(minimum = 1, example = 1)]
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A task after its completion was set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completed)]
pub struct CompletedOut<'a> {
    task: TaskOut<'a>,
    /// The task that takes its place, where tasks recur; null until then.
    #[schema(value_type = Option<TaskOut<'static>>, required = true)]
    next_occurrence: Option<TaskOut<'a>>,
}

/// A tag that was put onto a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TagAssignment)]
pub struct TagAssignedOut {
    pub task_id: Uuid,
    pub tag_id: Uuid,
    /// The same in words.
    #[schema(value_type = String, example = "The task carries this tag now.")]
    pub message: Cow<'static, str>,
}

/// How much a task matters.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Priority)]
pub enum PriorityName {
    None,
    Low,
    Medium,
    High,
}

impl<'a> From<&'a Task> for TaskOut<'a> {
    fn from(task: &'a Task) -> Self {
        Self {
            id: task.id,
            user_id: task.user_id,
            title: task.title.as_str(),
            description: task.description.as_ref().map(Description::as_str),
            completed: task.completed_at.is_some(),
            completed_at: task.completed_at,
            priority: match task.priority {
                Priority::None => PriorityName::None,
                Priority::Low => PriorityName::Low,
                Priority::Medium => PriorityName::Medium,
                Priority::High => PriorityName::High,
            },
            priority_rank: task.priority.rank(),
            due_date: task.schedule.due_date(),
            reminder_at: task.schedule.reminder_at(),
            tags: task
                .tags
                .iter()
                .map(|tag| TagRefOut {
                    id: tag.id,
                    name: &tag.name,
                    color: &tag.color,
                })
                .collect(),
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
        }
    }
}

impl<'a> From<&'a Tag> for TagOut<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self {
            id: tag.id,
            user_id: tag.user_id,
            name: &tag.name,
            color: &tag.color,
            task_count: tag.task_count,
            version: tag.version,
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}

impl<'a> From<&'a Task> for CompletedOut<'a> {
    fn from(task: &'a Task) -> Self {
        Self {
            task: task.into(),
            next_occurrence: None,
        }
    }
}

/// A task's version and the tags that it shows, whose names and colours change without it.
pub fn entity_tag_of(task: &Task) -> EntityTag {
    let mut shown = StateDigest::default();
    task.tags.iter().for_each(|tag| add_tag(&mut shown, tag));
    EntityTag::of_version_and(task.version, shown)
}

/// Adds what a list shows of a task.
pub fn add_task(shown: &mut StateDigest, task: &Task) {
    shown.add(task.id.as_bytes());
    shown.add(&task.version.to_le_bytes());
    task.tags.iter().for_each(|tag| add_tag(shown, tag));
}

fn add_tag(shown: &mut StateDigest, tag: &TagRef) {
    shown.add(tag.id.as_bytes());
    shown.add(tag.name.as_bytes());
    shown.add(tag.color.as_bytes());
}

/// An id as this API writes it.
pub fn parse_id(text: &str) -> Option<Uuid> {
    // The parser alone would also take braces, "urn:uuid:" and the form without hyphens.
    if text.len() != 36 {
        None
    } else {
        text.parse().ok()
    }
}
