//! Tasks and tags as JSON: what clients send, what they are answered.

use domain_kit::{ApiError, Field, OpenApi, Violations, parse_timestamp, refuse_unknown_members};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType},
};
use uuid::Uuid;

use crate::task::{
    Color, Description, MOST_TAGS, NewTag, Priority, Refused, Schedule, Tag, TagChoice, TagName,
    TagRef, Task, TaskContent, TaskPatch, Title,
};

/// A task. Every member is always there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskOut {
    /// A UUIDv7 in text form; treat it as an opaque string.
    id: Uuid,
    /// Whose task it is.
    user_id: Uuid,
    #[schema(example = "Water the plants")]
    title: String,
    #[schema(required = true)]
    description: Option<String>,
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
    tags: Vec<TagRefOut>,
    /// Counts the changes.
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
pub struct TagRefOut {
    id: Uuid,
    #[schema(example = "Home")]
    name: String,
    /// As `#RRGGBB`.
    #[schema(example = "#10B981")]
    color: String,
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagOut {
    id: Uuid,
    user_id: Uuid,
    #[schema(example = "Home")]
    name: String,
    /// As `#RRGGBB`.
    #[schema(example = "#10B981")]
    color: String,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
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

/// A task to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTask)]
#[serde(expecting = "a JSON object")]
pub struct NewTaskBody {
    /// 1 to 255 characters; white space around it is taken off.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 255, example = "Water the plants")]
    title: Field<String>,
    /// Up to 10,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10000)]
    description: Field<String>,
    #[serde(default)]
    #[schema(value_type = bool, required = false, default = false)]
    completed: Field<bool>,
    /// `null` is `none`.
    #[serde(default)]
    #[schema(value_type = Option<PriorityName>)]
    priority: Field<String>,
    /// RFC 3339 with offset.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    due_date: Field<String>,
    /// RFC 3339 with offset; before the due date, when there is one.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    reminder_at: Field<String>,
    /// At most 50. A tag that is named and not there is made.
    #[serde(default)]
    #[schema(value_type = Option<Vec<TagChoiceIn>>, max_items = 50)]
    tags: Field<Vec<Value>>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A whole task to put in the place of one. What is left out is emptied. A task as it was read is a legal body: members that
/// the server decides are passed over.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TaskReplacement)]
pub struct ReplaceTaskBody {
    #[serde(flatten)]
    pub(crate) body: NewTaskBody,
}

/// A change to a task (JSON merge patch, RFC 7396): what is absent stays, `null` empties.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TaskPatch)]
#[serde(expecting = "a JSON object")]
pub struct PatchTaskBody {
    /// 1 to 255 characters.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 255)]
    title: Field<String>,
    /// Up to 10,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10000)]
    description: Field<String>,
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    completed: Field<bool>,
    #[serde(default)]
    #[schema(value_type = PriorityName, required = false)]
    priority: Field<String>,
    /// RFC 3339 with offset.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    due_date: Field<String>,
    /// RFC 3339 with offset; before the due date, when there is one.
    #[serde(default)]
    #[schema(value_type = Option<Timestamp>)]
    reminder_at: Field<String>,
    /// The tags that the task has after it.
    #[serde(default)]
    #[schema(value_type = Option<Vec<TagChoiceIn>>, max_items = 50)]
    tags: Field<Vec<Value>>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A tag for a task: by id, by name, or as an object with either.
#[derive(Debug, ToSchema)]
#[schema(as = TagChoice)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes in the document what `read_choice` reads"
)]
pub enum TagChoiceIn {
    /// The id of a tag, or the name of one (made if there is none).
    #[schema(example = "Home")]
    IdOrName(String),
    /// A tag as it was read.
    ById {
        id: Uuid,
        #[schema(nullable = false)]
        name: Option<String>,
        #[schema(nullable = false)]
        color: Option<String>,
    },
    /// By name; made with this colour if there is none.
    ByName { name: String, color: Option<String> },
}

/// A tag to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTag)]
#[serde(expecting = "a JSON object")]
pub struct NewTagBody {
    /// 1 to 50 characters; unique for its user, whatever its case.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 1, max_length = 50, example = "Home")]
    name: Field<String>,
    /// `#RRGGBB` or `#RGB`; left out, one is chosen by the name.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "#10B981")]
    color: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// What the types above cannot say of their schemas: bodies have no members but the listed ones, and a replacement may also have
/// those that the server decides.
pub fn complete_schemas(fragment: &mut OpenApi) {
    refuse_unknown_members(fragment, &["NewTask", "TaskPatch", "NewTag"]);
    let Some(components) = &mut fragment.components else {
        return;
    };
    let Some(RefOr::T(Schema::Object(new_task))) = components.schemas.get("NewTask") else {
        return;
    };
    let mut replacement = new_task.clone();
    replacement.description = Some(
        "A whole task to put in the place of one. What is left out is emptied. A task as it was read is a legal body: \
         members that the server decides are passed over."
            .to_owned(),
    );
    for name in READ_ONLY {
        let passed_over = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .read_only(true);
        replacement
            .properties
            .insert(name.to_owned(), RefOr::T(passed_over.build().into()));
    }
    components
        .schemas
        .insert("TaskReplacement".to_owned(), RefOr::T(replacement.into()));
}

const TASK_MEMBERS: [&str; 7] = [
    "title",
    "description",
    "completed",
    "priority",
    "due_date",
    "reminder_at",
    "tags",
];
/// What the server decides about a task.
const READ_ONLY: [&str; 8] = [
    "id",
    "user_id",
    "completed_at",
    "priority_rank",
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
];

impl NewTaskBody {
    pub fn parse(self) -> Result<TaskContent, ApiError> {
        self.read(Violations::default())
    }

    fn read(self, mut violations: Violations) -> Result<TaskContent, ApiError> {
        let v = &mut violations;
        refuse_others(v, &self.others, &TASK_MEMBERS);
        let title = v.required("/title", self.title, |text| Title::parse(&text));
        let description = v.optional("/description", self.description, |text| {
            Description::parse(&text)
        });
        let completed = not_null(v, "/completed", self.completed);
        let priority = v.optional("/priority", self.priority, |text| Priority::parse(&text));
        let due_date = v.optional("/due_date", self.due_date, |text| parse_timestamp(&text));
        let reminder_at = v.optional("/reminder_at", self.reminder_at, |text| {
            parse_timestamp(&text)
        });
        let tags = read_tags(v, self.tags);
        let schedule = Schedule::new(due_date.flatten(), reminder_at.flatten());
        if schedule.is_none() {
            reminder_not_before_due(v);
        }
        let content = title.zip(schedule).map(|(title, schedule)| TaskContent {
            title,
            description: description.flatten(),
            completed: completed.unwrap_or_default(),
            priority: priority.flatten().unwrap_or_default(),
            schedule,
            tags: tags.unwrap_or_default(),
        });
        // Without a title or a schedule a violation was noted, and `finish` does not let the `None` out.
        violations
            .finish(content)?
            .ok_or_else(|| ApiError::invalid_body(Vec::new()))
    }
}

impl ReplaceTaskBody {
    pub fn parse(mut self) -> Result<TaskContent, ApiError> {
        for name in READ_ONLY {
            self.body.others.remove(name);
        }
        self.body.parse()
    }
}

impl PatchTaskBody {
    pub fn parse(self) -> Result<TaskPatch, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        refuse_others(v, &self.others, &TASK_MEMBERS);
        let title = match self.title {
            Field::Absent => None,
            given => v.required("/title", given, |text| Title::parse(&text)),
        };
        let priority = match self.priority {
            Field::Absent => None,
            given => v.required("/priority", given, |text| Priority::parse(&text)),
        };
        let patch = TaskPatch {
            title,
            description: v.optional("/description", self.description, |text| {
                Description::parse(&text)
            }),
            completed: not_null(v, "/completed", self.completed),
            priority,
            due_date: v.optional("/due_date", self.due_date, |text| parse_timestamp(&text)),
            reminder_at: v.optional("/reminder_at", self.reminder_at, |text| {
                parse_timestamp(&text)
            }),
            tags: read_tags(v, self.tags),
        };
        if let (Some(due), Some(reminder)) = (patch.due_date, patch.reminder_at)
            && Schedule::new(due, reminder).is_none()
        {
            reminder_not_before_due(v);
        }
        violations.finish(patch)
    }
}

impl NewTagBody {
    pub fn parse(self) -> Result<NewTag, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.unknown_members("", &self.others, &["name", "color"]);
        let name = v.required("/name", self.name, |text| TagName::parse(&text));
        let color = v.optional("/color", self.color, |text| Color::parse(&text));
        let tag = name.map(|name| NewTag::new(name, color.flatten()));
        violations
            .finish(tag)?
            .ok_or_else(|| ApiError::invalid_body(Vec::new()))
    }
}

/// The 422 for a reminder that the stored due date does not allow.
pub fn reminder_refused() -> ApiError {
    let mut violations = Violations::default();
    reminder_not_before_due(&mut violations);
    violations
        .finish(())
        .expect_err("a violation was just noted")
}

/// The 422 for a tag id that is not one of the user's.
pub fn tag_refused(place: usize) -> ApiError {
    let mut violations = Violations::default();
    violations.add(
        format!("/tags/{place}"),
        "tag_not_found",
        "You have no tag with this id.",
    );
    violations
        .finish(())
        .expect_err("a violation was just noted")
}

fn reminder_not_before_due(violations: &mut Violations) {
    violations.add(
        "/reminder_at",
        "not_before_due",
        "The reminder must come before the due date.",
    );
}

fn refuse_others(violations: &mut Violations, others: &Map<String, Value>, known: &[&str]) {
    let mut unknown = others.clone();
    for name in READ_ONLY {
        if unknown.remove(name).is_some() {
            violations.add(
                format!("/{name}"),
                "read_only",
                "The server decides this; leave it out.",
            );
        }
    }
    violations.unknown_members("", &unknown, known);
}

/// A member that may be absent but not null.
fn not_null<T>(violations: &mut Violations, pointer: &str, field: Field<T>) -> Option<T> {
    match field {
        Field::Absent => None,
        given => violations.required(pointer, given, Ok::<_, Refused>),
    }
}

/// `None` when the member is absent; null is no tags.
fn read_tags(violations: &mut Violations, field: Field<Vec<Value>>) -> Option<Vec<TagChoice>> {
    let values = violations.optional("/tags", field, |values| {
        if values.len() > MOST_TAGS {
            return Err(("too_many", format!("At most {MOST_TAGS} tags.")));
        }
        Ok(values)
    })?;
    let mut choices = Vec::new();
    for (place, value) in values.unwrap_or_default().into_iter().enumerate() {
        let pointer = format!("/tags/{place}");
        choices.extend(read_choice(violations, &pointer, value));
    }
    Some(choices)
}

fn read_choice(violations: &mut Violations, pointer: &str, value: Value) -> Option<TagChoice> {
    let parse_name = |text: String| TagName::parse(&text);
    let (name, color) = match value {
        // A name that looks like a UUID has to be given as an object.
        Value::String(text) => match parse_id(&text) {
            Some(id) => return Some(TagChoice::Id(id)),
            None => {
                let name = violations.required(pointer, Field::Given(text), parse_name)?;
                return Some(TagChoice::Named(NewTag::new(name, None)));
            }
        },
        Value::Object(mut members) => {
            let mut text = |name: &str| match members.remove(name) {
                None => Field::Absent,
                Some(Value::Null) => Field::Null,
                Some(Value::String(text)) => Field::Given(text),
                Some(_) => Field::Wrong("Expected a string.".to_owned()),
            };
            let (id, name, color) = (text("id"), text("name"), text("color"));
            violations.unknown_members(pointer, &members, &["id", "name", "color"]);
            if id != Field::Absent {
                let refused = ("invalid_id", "Expected the id of a tag.");
                let id = violations.required(&format!("{pointer}/id"), id, |text| {
                    parse_id(&text).ok_or(refused)
                })?;
                return Some(TagChoice::Id(id));
            }
            (name, color)
        }
        _ => {
            violations.add(
                pointer,
                "wrong_type",
                "Expected an id, a name, or an object with either.",
            );
            return None;
        }
    };
    let name = violations.required(&format!("{pointer}/name"), name, parse_name);
    let color = violations.optional(&format!("{pointer}/color"), color, |text| {
        Color::parse(&text)
    });
    Some(TagChoice::Named(NewTag::new(name?, color.flatten())))
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

impl From<Task> for TaskOut {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            user_id: task.user_id,
            title: task.title.as_str().to_owned(),
            description: task.description.map(|text| text.as_str().to_owned()),
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
            tags: task.tags.into_iter().map(TagRefOut::from).collect(),
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
            deleted_at: task.deleted_at,
        }
    }
}

impl From<TagRef> for TagRefOut {
    fn from(tag: TagRef) -> Self {
        Self {
            id: tag.id,
            name: tag.name,
            color: tag.color,
        }
    }
}

impl From<Tag> for TagOut {
    fn from(tag: Tag) -> Self {
        Self {
            id: tag.id,
            user_id: tag.user_id,
            name: tag.name,
            color: tag.color,
            version: tag.version,
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}
