//! Tasks and tags as JSON: what clients are answered. What they send is in `wire/`.

use std::borrow::Cow;

use domain_kit::{EntityTag, StateDigest};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    recurrence::Pattern,
    store::Changed,
    task::{Description, Priority, Tag, TagRef, Task},
};

pub mod batch;
pub mod bodies;
pub mod parameters;
pub mod stats;
pub mod transfer;

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
    /// How it recurs.
    #[schema(value_type = Option<RecurrenceOut<'static>>, required = true)]
    recurrence: Option<RecurrenceOut<'a>>,
    /// The same in a word, for who wants no more; `custom` where there is no other.
    #[schema(required = true)]
    recurrence_pattern: Option<PatternName>,
    /// The task that took its place when it was completed.
    #[schema(required = true)]
    next_occurrence_id: Option<Uuid>,
    /// The task that it is below.
    #[schema(required = true)]
    parent_id: Option<Uuid>,
    /// Where it stands in the order that the user gives (`sort_by=position`): compare byte by byte, within one answer.
    #[schema(value_type = String, example = "0193f5a0-4b7c-7cc3-98c4-dc0c0c07398f")]
    position: Cow<'a, str>,
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

/// How a task recurs. It is counted from the due date that the task had when it was given this, or another due date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurrence)]
pub struct RecurrenceOut<'a> {
    /// A rule of RFC 5545, section 3.3.10.
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    rrule: &'a str,
    /// The IANA name of the time zone in which it is meant.
    #[schema(example = "Europe/Berlin")]
    timezone: &'a str,
}

/// The next times of a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Occurrences)]
pub struct OccurrencesOut {
    pub occurrences: Vec<Timestamp>,
    /// Whether these are the last.
    pub ends: bool,
}

/// How many tasks were deleted for good.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Purged)]
pub struct PurgedOut {
    #[schema(minimum = 0)]
    pub purged: i64,
}

/// How often, in a word.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RecurrencePattern)]
pub enum PatternName {
    Daily,
    Weekly,
    Monthly,
    Custom,
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
    /// The task that takes its place, where it recurs; null where it does not, or that one is in the trash.
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
            recurrence: task.series.as_ref().map(|series| RecurrenceOut {
                rrule: &series.rrule,
                timezone: &series.time_zone,
            }),
            recurrence_pattern: task.series.as_ref().map(|series| pattern_of(&series.rrule)),
            next_occurrence_id: task.next_occurrence_id,
            parent_id: task.parent_id,
            position: task.position(),
            tags: task.tags.iter().map(|tag| (&**tag).into()).collect(),
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
        }
    }
}

impl<'a> From<&'a TagRef> for TagRefOut<'a> {
    fn from(tag: &'a TagRef) -> Self {
        Self {
            id: tag.id,
            name: &tag.name,
            color: &tag.color,
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

impl<'a> From<&'a Changed> for CompletedOut<'a> {
    fn from(changed: &'a Changed) -> Self {
        Self {
            task: (&changed.task).into(),
            next_occurrence: changed.next_occurrence.as_ref().map(TaskOut::from),
        }
    }
}

fn pattern_of(rrule: &str) -> PatternName {
    match Pattern::of(rrule) {
        Pattern::Daily => PatternName::Daily,
        Pattern::Weekly => PatternName::Weekly,
        Pattern::Monthly => PatternName::Monthly,
        Pattern::Custom => PatternName::Custom,
    }
}

/// A task's version, and what changes without it: the names and colours of the tags that it shows, and how its place is written.
pub fn entity_tag_of(task: &Task) -> EntityTag {
    let mut shown = StateDigest::default();
    add_place(&mut shown, task);
    task.tags.iter().for_each(|tag| add_tag(&mut shown, tag));
    EntityTag::of_version_and(task.version, shown)
}

/// Adds what a list shows of a task.
pub fn add_task(shown: &mut StateDigest, task: &Task) {
    shown.add(task.id.as_bytes());
    shown.add(&task.version.to_le_bytes());
    add_place(shown, task);
    task.tags.iter().for_each(|tag| add_tag(shown, tag));
}

fn add_place(shown: &mut StateDigest, task: &Task) {
    if let Some(position) = &task.position {
        shown.add(position.as_bytes());
    }
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
