//! What a task is. Pure: no HTTP, no SQL. A value of these types is right by having been made.

use std::{borrow::Cow, sync::Arc};

use domain_kit::{FieldProblem, parse_text};
use jiff::Timestamp;
use uuid::Uuid;

use crate::recurrence::Recurrence;

/// Why text is not the value that was wanted: a stable code and the same in words.
pub type Refused = (&'static str, String);

domain_kit::field_problems! {
    /// What can be wrong with a member of a task or a tag, beside what can be with any member.
    pub enum TaskField {
        NotBeforeDue "not_before_due", "The reminder does not come before the due date, given now or before.";
        TagNotFound "tag_not_found", "There is no such tag of this user.";
        InvalidColor "invalid_color", "The text is no colour like #3B82F6 or #38F.";
        InvalidId "invalid_id", "The text is no id.";
        DuplicateId "duplicate_id", "Another line of the import has the same id.";
        Incomplete "incomplete", "Lines of the import are missing: it was cut off.";
        ParentNotFound "parent_not_found", "There is no such task of this user outside the trash.";
        NeighbourNotFound "neighbour_not_found", "There is no such task of this user outside the trash to stand beside.";
        ParentCycle "parent_cycle", "The task cannot be below itself, or below one of its own subtasks.";
        TooDeep "too_deep", "Tasks would stand on more than five levels.";
        NeedsDueDate "needs_due_date", "What recurs is counted from its due date, and there is none.";
        InvalidRecurrence "invalid_recurrence", "The text is no rule of RFC 5545 for tasks: the detail says which part of it, and why.";
        RecursTooOften "recurs_too_often", "The rule has a task recur more often than once a day.";
        NeverOccurs "never_occurs", "No day of the calendar is one of the rule.";
        UnknownTimeZone "unknown_time_zone", "There is no time zone of this name in the IANA database.";
    }
}

/// Most tags that one task can carry.
pub const MOST_TAGS: usize = 50;

/// Most levels on which tasks stand: a task, its subtasks, theirs, and so on.
pub const MOST_LEVELS: i32 = 5;

/// Most subtasks, of all levels, that a task which recurs takes along into its next occurrence.
pub const MOST_COPIED: i64 = 1_000;

/// A task's title: 1 to 255 characters, no white space around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    pub fn parse(text: &str) -> Result<Self, Refused> {
        parse_text(text, 1, 255).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A longer text: up to 10,000 characters, kept as written but for white space at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    pub fn parse(text: &str) -> Result<Self, Refused> {
        parse_text(text, 0, 10_000).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How much a task matters. Its rank orders and is what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    #[default]
    None,
    Low,
    Medium,
    High,
}

impl Priority {
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::Medium, Self::High];

    pub fn parse(text: &str) -> Result<Self, Refused> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.name() == text)
            .ok_or_else(|| {
                (
                    FieldProblem::UnknownValue.code(),
                    "Expected one of none, low, medium, high.".to_owned(),
                )
            })
    }

    pub fn from_rank(rank: i16) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.rank() == rank)
    }

    pub fn rank(self) -> i16 {
        self as i16
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// When a task is due and when its user wants to be reminded; the reminder comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Schedule {
    due_date: Option<Timestamp>,
    reminder_at: Option<Timestamp>,
}

impl Schedule {
    /// `None` when the reminder would not come before the due date.
    pub fn new(due_date: Option<Timestamp>, reminder_at: Option<Timestamp>) -> Option<Self> {
        match (due_date, reminder_at) {
            (Some(due), Some(reminder)) if reminder >= due => None,
            _ => Some(Self {
                due_date,
                reminder_at,
            }),
        }
    }

    pub fn due_date(&self) -> Option<Timestamp> {
        self.due_date
    }

    pub fn reminder_at(&self) -> Option<Timestamp> {
        self.reminder_at
    }
}

/// Everything about a task that its user decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskContent {
    pub title: Title,
    pub description: Option<Description>,
    pub completed: bool,
    pub priority: Priority,
    pub schedule: Schedule,
    /// Only beside a due date.
    pub recurrence: Option<Recurrence>,
    pub parent_id: Option<Uuid>,
    pub tags: TagChoices,
}

/// A change to some of it: `None` keeps what is there. Whether the reminder still comes before the due date is judged on the
/// task that comes out, so it does not matter which of the two the change names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskPatch {
    pub title: Option<Title>,
    pub description: Option<Option<Description>>,
    pub completion: Option<Completion>,
    pub priority: Option<Priority>,
    pub due_date: Option<Option<Timestamp>>,
    pub reminder_at: Option<Option<Timestamp>>,
    pub recurrence: Option<Option<Recurrence>>,
    pub parent_id: Option<Option<Uuid>>,
    pub tags: Option<TagChoices>,
}

impl TaskPatch {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The change that makes a task this one, whatever it was.
impl From<TaskContent> for TaskPatch {
    fn from(content: TaskContent) -> Self {
        Self {
            title: Some(content.title),
            description: Some(content.description),
            completion: Some(Completion::Set(content.completed)),
            priority: Some(content.priority),
            due_date: Some(content.schedule.due_date()),
            reminder_at: Some(content.schedule.reminder_at()),
            recurrence: Some(content.recurrence),
            parent_id: Some(content.parent_id),
            tags: Some(content.tags),
        }
    }
}

/// What becomes of a task's completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completion {
    Set(bool),
    /// The other of the two. Not idempotent, so for clients of old only.
    Toggle,
}

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: Uuid,
    pub user_id: Uuid,
    pub title: Title,
    pub description: Option<Description>,
    pub completed_at: Option<Timestamp>,
    pub priority: Priority,
    pub schedule: Schedule,
    pub series: Option<Series>,
    /// The task that took its place when it was completed.
    pub next_occurrence_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    /// Where it was moved to; it stands where its id does when it never was.
    pub position: Option<String>,
    /// In the order of their names.
    pub tags: Vec<Arc<TagRef>>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl Task {
    /// Where it stands in its user's order.
    pub fn position(&self) -> Cow<'_, str> {
        match &self.position {
            Some(position) => Cow::Borrowed(position),
            None => Cow::Owned(self.id.to_string()),
        }
    }
}

/// How a task recurs, as it is stored: read again only where the next occurrence is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub rrule: String,
    pub time_zone: String,
    /// The due date from which it is counted.
    pub from: Timestamp,
}

/// Where a task is to be moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    Before(Uuid),
    After(Uuid),
}

/// A tag as a task shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRef {
    pub id: Uuid,
    pub name: String,
    pub color: String,
}

/// A tag as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    pub id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub color: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// How many live tasks carry it, where that was asked.
    pub task_count: Option<i64>,
}

/// A change to a tag: `None` keeps what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagPatch {
    pub name: Option<TagName>,
    pub color: Option<Color>,
}

impl TagPatch {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The tags that a task is to carry, and no others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagChoices {
    pub choices: Vec<TagChoice>,
    /// Leave it to the user to make tags: a name that no tag has is a mistake.
    pub only_existing: bool,
}

/// How a client names a tag that a task is to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagChoice {
    /// One that is there.
    Id(Uuid),
    /// By name, whatever its case.
    Named(NewTag),
}

/// A tag to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTag {
    pub name: TagName,
    pub color: Color,
}

impl NewTag {
    pub fn new(name: TagName, color: Option<Color>) -> Self {
        let color = color.unwrap_or_else(|| Color::for_name(&name));
        Self { name, color }
    }
}

/// A tag's name: 1 to 50 characters, no white space around.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagName(String);

impl TagName {
    pub fn parse(text: &str) -> Result<Self, Refused> {
        parse_text(text, 1, 50).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A colour as `#RRGGBB`, upper case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(String);

impl Color {
    /// Reads `#RRGGBB` and the short `#RGB`, in either case.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let digits = text.strip_prefix('#').filter(|digits| {
            matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
        });
        let Some(digits) = digits else {
            return Err((
                TaskField::InvalidColor.code(),
                "Expected a colour like #3B82F6 or #38F.".to_owned(),
            ));
        };
        let widened: String = if digits.len() == 3 {
            digits.chars().flat_map(|digit| [digit, digit]).collect()
        } else {
            digits.to_owned()
        };
        Ok(Self(format!("#{}", widened.to_ascii_uppercase())))
    }

    /// The colour that a tag gets when nobody chose one: the same for the same name.
    pub fn for_name(name: &TagName) -> Self {
        const PALETTE: [&str; 8] = [
            "#3B82F6", "#EF4444", "#10B981", "#F59E0B", "#8B5CF6", "#EC4899", "#14B8A6", "#6B7280",
        ];
        // FNV-1a, because it must not change with the Rust version as `DefaultHasher` may.
        let hash = name
            .0
            .to_lowercase()
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            });
        Self(PALETTE[hash as usize % PALETTE.len()].to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_short_colour_is_widened_and_case_does_not_matter() {
        assert_eq!(Color::parse("#3bf").unwrap().as_str(), "#33BBFF");
        assert_eq!(Color::parse("#3b82f6").unwrap().as_str(), "#3B82F6");
        for text in [
            "", "#", "3B82F6", "#12345", "#12345G", "#1234567", "red", "#ééé",
        ] {
            assert_eq!(Color::parse(text).unwrap_err().0, "invalid_color", "{text}");
        }
    }

    #[test]
    fn a_tag_without_a_colour_gets_the_same_one_each_time() {
        let name = |text| TagName::parse(text).unwrap();
        assert_eq!(
            Color::for_name(&name("Work")),
            Color::for_name(&name("work"))
        );
    }

    #[test]
    fn a_reminder_comes_before_the_due_date() {
        let due = Some(at("2026-03-02T09:00:00Z"));
        assert!(Schedule::new(due, Some(at("2026-03-02T08:59:59Z"))).is_some());
        assert!(Schedule::new(due, due).is_none());
        assert!(Schedule::new(None, due).is_some());
    }

    #[test]
    fn a_replacement_leaves_nothing_as_it_was() {
        let content = TaskContent {
            title: Title::parse("Water the plants").unwrap(),
            description: None,
            completed: false,
            priority: Priority::None,
            schedule: Schedule::default(),
            recurrence: None,
            parent_id: None,
            tags: TagChoices::default(),
        };
        let TaskPatch {
            title,
            description,
            completion,
            priority,
            due_date,
            reminder_at,
            recurrence,
            parent_id,
            tags,
        } = content.into();
        assert!(title.is_some() && description == Some(None) && priority.is_some());
        assert!(due_date == Some(None) && reminder_at == Some(None) && tags.is_some());
        assert!(recurrence == Some(None) && parent_id == Some(None));
        assert_eq!(completion, Some(Completion::Set(false)));
        assert!(TaskPatch::default().is_empty());
    }

    #[test]
    fn a_priority_survives_its_rank_and_its_name() {
        for priority in Priority::ALL {
            assert_eq!(Priority::from_rank(priority.rank()), Some(priority));
            assert_eq!(Priority::parse(priority.name()), Ok(priority));
        }
        assert!(Priority::parse("urgent").is_err());
        assert!(Priority::High > Priority::Low);
    }
}
