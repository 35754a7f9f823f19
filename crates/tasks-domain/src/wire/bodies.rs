//! What clients send, and what is wrong with it.

use domain_kit::{
    ApiError, Field, FieldProblem, OpenApi, Violations, parse_timestamp, refuse_unknown_members,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType},
};
use uuid::Uuid;

use super::{PatternName, PriorityName, parse_id};
use crate::{
    problem::{needs_due_date, not_before_due},
    recurrence::{Pattern, Recurrence, RecurrenceFault},
    task::{
        Color, Completion, Description, MOST_TAGS, Move, NewTag, Priority, Refused, Schedule,
        TagChoice, TagChoices, TagName, TagPatch, TaskContent, TaskField, TaskPatch, Title,
    },
};

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
    #[schema(value_type = Option<jiff::Timestamp>)]
    due_date: Field<String>,
    /// RFC 3339 with offset; before the due date, when there is one.
    #[serde(default)]
    #[schema(value_type = Option<jiff::Timestamp>)]
    reminder_at: Field<String>,
    /// How it recurs; only beside a due date, from which it is counted.
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceIn>)]
    recurrence: Field<Map<String, Value>>,
    /// The same in a word, in UTC, or in the time zone of `recurrence_config`; passed over beside `recurrence`.
    #[serde(default)]
    #[schema(value_type = Option<PatternName>, deprecated)]
    recurrence_pattern: Field<String>,
    /// `rrule` and `timezone`, and `end_date` for an end; passed over beside `recurrence`.
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceConfigIn>, deprecated)]
    recurrence_config: Field<Map<String, Value>>,
    /// The task to stand below, which makes it a subtask; at most five levels.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    parent_id: Field<String>,
    /// At most 50. A tag that is named and not there is made.
    #[serde(default)]
    #[schema(value_type = Option<Vec<TagChoiceIn>>, max_items = 50)]
    tags: Field<Vec<Value>>,
    /// Whether a tag that is named and not there is made; else that is 422.
    #[serde(default)]
    #[schema(value_type = bool, required = false, default = true)]
    create_missing_tags: Field<bool>,
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
    body: NewTaskBody,
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
    #[schema(value_type = Option<jiff::Timestamp>)]
    due_date: Field<String>,
    /// RFC 3339 with offset; before the due date, when there is one.
    #[serde(default)]
    #[schema(value_type = Option<jiff::Timestamp>)]
    reminder_at: Field<String>,
    /// How it recurs; only beside a due date, from which it is counted.
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceIn>)]
    recurrence: Field<Map<String, Value>>,
    /// The same in a word, in UTC, or in the time zone of `recurrence_config`; passed over beside `recurrence`.
    #[serde(default)]
    #[schema(value_type = Option<PatternName>, deprecated)]
    recurrence_pattern: Field<String>,
    /// `rrule` and `timezone`, and `end_date` for an end; passed over beside `recurrence`.
    #[serde(default)]
    #[schema(value_type = Option<RecurrenceConfigIn>, deprecated)]
    recurrence_config: Field<Map<String, Value>>,
    /// The task to stand below, which makes it a subtask; at most five levels.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    parent_id: Field<String>,
    /// The tags that the task has after it.
    #[serde(default)]
    #[schema(value_type = Option<Vec<TagChoiceIn>>, max_items = 50)]
    tags: Field<Vec<Value>>,
    /// Whether a tag that is named and not there is made; else that is 422.
    #[serde(default)]
    #[schema(value_type = bool, required = false, default = true)]
    create_missing_tags: Field<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A rule by which a task recurs.
#[derive(Debug, ToSchema)]
#[schema(as = RecurrenceRule)]
#[expect(
    dead_code,
    reason = "describes in the document what `read_recurrence` reads"
)]
pub struct RecurrenceIn {
    /// A rule of RFC 5545, section 3.3.10, at most once a day; at most 500 bytes.
    #[schema(max_length = 500, example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    rrule: String,
    /// The IANA name of the time zone in which it is meant.
    #[schema(default = "UTC", example = "Europe/Berlin", nullable = false)]
    timezone: Option<String>,
}

/// A rule by which a task recurs, as clients of old give it.
#[derive(Debug, ToSchema)]
#[schema(as = RecurrenceConfig)]
#[expect(
    dead_code,
    reason = "describes in the document what `read_recurrence` reads"
)]
pub struct RecurrenceConfigIn {
    /// A rule of RFC 5545, section 3.3.10; needed where the pattern is `custom`.
    #[schema(max_length = 500, example = "FREQ=DAILY;INTERVAL=2")]
    rrule: Option<String>,
    /// The IANA name of the time zone in which it is meant.
    #[schema(default = "UTC")]
    timezone: Option<String>,
    /// RFC 3339 with offset: none comes later.
    end_date: Option<jiff::Timestamp>,
    /// Not kept: has to be empty.
    #[schema(max_items = 0)]
    exceptions: Option<Vec<jiff::Timestamp>>,
}

/// Where to put a task: before another one, or after it; one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Move)]
#[serde(expecting = "a JSON object")]
pub struct MoveBody {
    /// The task that comes right after it from now on.
    #[serde(default)]
    #[schema(value_type = Uuid, required = false)]
    before: Field<String>,
    /// The task that comes right before it from now on.
    #[serde(default)]
    #[schema(value_type = Uuid, required = false)]
    after: Field<String>,
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

/// A change to a tag (JSON merge patch, RFC 7396): what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TagPatch)]
#[serde(expecting = "a JSON object")]
pub struct PatchTagBody {
    /// 1 to 50 characters; unique for its user, whatever its case.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 50, example = "Home")]
    name: Field<String>,
    /// `#RRGGBB` or `#RGB`.
    #[serde(default)]
    #[schema(value_type = String, required = false, example = "#10B981")]
    color: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// What a tag is to be from now on. A tag as it was read is a legal body: members that the server decides are passed over, and
/// what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TagReplacement)]
pub struct ReplaceTagBody {
    #[serde(flatten)]
    body: PatchTagBody,
}

/// Whether a task is completed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Completion)]
#[serde(expecting = "a JSON object")]
pub struct CompletionBody {
    #[serde(default)]
    #[schema(value_type = bool, required = true, example = true)]
    completed: Field<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// A tag to put onto a task.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTagAssignment)]
#[serde(expecting = "a JSON object")]
pub struct AssignTagBody {
    /// The id of one of the user's tags.
    #[serde(default)]
    #[schema(value_type = Uuid, required = true)]
    tag_id: Field<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// The tags that a task has from now on, and no others.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TagSet)]
#[serde(expecting = "a JSON object")]
pub struct TagSetBody {
    /// At most 50. A tag that is named and not there is made.
    #[serde(default)]
    #[schema(value_type = Vec<TagChoiceIn>, required = true, max_items = 50)]
    tags: Field<Vec<Value>>,
    /// Whether a tag that is named and not there is made; else that is 422.
    #[serde(default)]
    #[schema(value_type = bool, required = false, default = true)]
    create_missing_tags: Field<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// What the types above cannot say of their schemas: bodies have no members but the listed ones, and a replacement may also have
/// those that the server decides.
pub fn complete_schemas(fragment: &mut OpenApi) {
    refuse_unknown_members(
        fragment,
        &[
            "NewTask",
            "TaskPatch",
            "NewTag",
            "TagPatch",
            "Completion",
            "NewTagAssignment",
            "TagSet",
            "RecurrenceRule",
            "RecurrenceConfig",
            "Move",
            "Batch",
            "BatchOperation",
        ],
    );
    complete_replacement(fragment, "TaskReplacement", "NewTask", &READ_ONLY);
    complete_replacement(fragment, "TagReplacement", "TagPatch", &TAG_READ_ONLY);
}

/// Gives schema `name` the members of schema `like`, and those that are passed over.
fn complete_replacement(fragment: &mut OpenApi, name: &str, like: &str, read_only: &[&str]) {
    let Some(components) = &mut fragment.components else {
        return;
    };
    let description = match components.schemas.get(name) {
        Some(RefOr::T(Schema::AllOf(schema))) => schema.description.clone(),
        Some(RefOr::T(Schema::Object(schema))) => schema.description.clone(),
        _ => None,
    };
    let Some(RefOr::T(Schema::Object(like))) = components.schemas.get(like) else {
        return;
    };
    let mut replacement = like.clone();
    replacement.description = description;
    for member in read_only {
        let passed_over = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some("The server decides this; passed over."))
            .read_only(true);
        replacement
            .properties
            .insert((*member).to_owned(), RefOr::T(passed_over.build().into()));
    }
    components
        .schemas
        .insert(name.to_owned(), RefOr::T(replacement.into()));
}

const TASK_MEMBERS: [&str; 12] = [
    "title",
    "description",
    "completed",
    "priority",
    "due_date",
    "reminder_at",
    "recurrence",
    "recurrence_pattern",
    "recurrence_config",
    "parent_id",
    "tags",
    "create_missing_tags",
];
/// What the server decides about a task.
const READ_ONLY: [&str; 10] = [
    "id",
    "user_id",
    "completed_at",
    "priority_rank",
    "next_occurrence_id",
    "position",
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
];

/// The same about a tag.
const TAG_READ_ONLY: [&str; 6] = [
    "id",
    "user_id",
    "task_count",
    "version",
    "created_at",
    "updated_at",
];

impl NewTaskBody {
    pub fn parse(self) -> Result<TaskContent, ApiError> {
        self.read(Violations::default())
    }

    fn read(self, mut violations: Violations) -> Result<TaskContent, ApiError> {
        let v = &mut violations;
        refuse_others(v, &self.others, &TASK_MEMBERS, &READ_ONLY);
        let title = v.required("/title", self.title, |text| Title::parse(&text));
        let description = v.optional("/description", self.description, |text| {
            Description::parse(&text)
        });
        let completed = not_null(v, "/completed", self.completed);
        let priority = v.optional("/priority", self.priority, |text| Priority::parse(&text));
        let undue = matches!(self.due_date, Field::Absent | Field::Null);
        let due_date = v.optional("/due_date", self.due_date, |text| parse_timestamp(&text));
        let reminder_at = v.optional("/reminder_at", self.reminder_at, |text| {
            parse_timestamp(&text)
        });
        let recurrence = read_recurrence(
            v,
            self.recurrence,
            self.recurrence_pattern,
            self.recurrence_config,
        );
        let parent_id = read_parent(v, self.parent_id);
        let tags = read_tags(v, self.tags, self.create_missing_tags);
        let schedule = Schedule::new(due_date.flatten(), reminder_at.flatten());
        if schedule.is_none() {
            not_before_due(v);
        }
        let recurrence = recurrence.flatten();
        if recurrence.is_some() && undue {
            needs_due_date(v);
        }
        let content = title.zip(schedule).map(|(title, schedule)| TaskContent {
            title,
            description: description.flatten(),
            completed: completed.unwrap_or_default(),
            priority: priority.flatten().unwrap_or_default(),
            schedule,
            recurrence,
            parent_id: parent_id.flatten(),
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
        refuse_others(v, &self.others, &TASK_MEMBERS, &READ_ONLY);
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
            completion: not_null(v, "/completed", self.completed).map(Completion::Set),
            priority,
            due_date: v.optional("/due_date", self.due_date, |text| parse_timestamp(&text)),
            reminder_at: v.optional("/reminder_at", self.reminder_at, |text| {
                parse_timestamp(&text)
            }),
            recurrence: read_recurrence(
                v,
                self.recurrence,
                self.recurrence_pattern,
                self.recurrence_config,
            ),
            parent_id: read_parent(v, self.parent_id),
            tags: read_tags(v, self.tags, self.create_missing_tags),
        };
        if let (Some(due), Some(reminder)) = (patch.due_date, patch.reminder_at)
            && Schedule::new(due, reminder).is_none()
        {
            not_before_due(v);
        }
        if let (Some(None), Some(Some(_))) = (patch.due_date, &patch.recurrence) {
            needs_due_date(v);
        }
        violations.finish(patch)
    }
}

impl MoveBody {
    pub fn parse(self) -> Result<Move, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.unknown_members("", &self.others, &["before", "after"]);
        let mut read = |pointer: &str, field: Field<String>| match field {
            Field::Absent => None,
            given => v.required(pointer, given, |text| parse_id(&text).ok_or(NO_TASK_ID)),
        };
        let to = match (self.before, self.after) {
            (before, Field::Absent) if before != Field::Absent => {
                read("/before", before).map(Move::Before)
            }
            (Field::Absent, after) if after != Field::Absent => {
                read("/after", after).map(Move::After)
            }
            _ => {
                v.add(
                    "",
                    FieldProblem::Required,
                    "Give before or after, one of the two.",
                );
                None
            }
        };
        violations.finish_some(to)
    }
}

impl NewTagBody {
    pub fn parse(self) -> Result<NewTag, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        refuse_others(v, &self.others, &["name", "color"], &TAG_READ_ONLY);
        let name = v.required("/name", self.name, |text| TagName::parse(&text));
        let color = v.optional("/color", self.color, |text| Color::parse(&text));
        let tag = name.map(|name| NewTag::new(name, color.flatten()));
        violations
            .finish(tag)?
            .ok_or_else(|| ApiError::invalid_body(Vec::new()))
    }
}

impl PatchTagBody {
    pub fn parse(self) -> Result<TagPatch, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        refuse_others(v, &self.others, &["name", "color"], &TAG_READ_ONLY);
        let name = match self.name {
            Field::Absent => None,
            given => v.required("/name", given, |text| TagName::parse(&text)),
        };
        let color = match self.color {
            Field::Absent => None,
            given => v.required("/color", given, |text| Color::parse(&text)),
        };
        violations.finish(TagPatch { name, color })
    }
}

impl ReplaceTagBody {
    pub fn parse(mut self) -> Result<TagPatch, ApiError> {
        for name in TAG_READ_ONLY {
            self.body.others.remove(name);
        }
        self.body.parse()
    }
}

impl CompletionBody {
    pub fn parse(self) -> Result<Completion, ApiError> {
        let mut violations = Violations::default();
        violations.unknown_members("", &self.others, &["completed"]);
        let completed = violations.required("/completed", self.completed, Ok::<_, Refused>);
        violations.finish(Completion::Set(completed.unwrap_or_default()))
    }
}

impl AssignTagBody {
    pub fn parse(self) -> Result<Uuid, ApiError> {
        let mut violations = Violations::default();
        violations.unknown_members("", &self.others, &["tag_id"]);
        let tag = violations.required("/tag_id", self.tag_id, |text| {
            parse_id(&text).ok_or(NO_TAG_ID)
        });
        violations.finish(tag.unwrap_or_default())
    }
}

impl TagSetBody {
    pub fn parse(self) -> Result<TagChoices, ApiError> {
        let mut violations = Violations::default();
        let known = ["tags", "create_missing_tags"];
        violations.unknown_members("", &self.others, &known);
        if matches!(self.tags, Field::Absent | Field::Null) {
            violations.required("/tags", self.tags.clone(), Ok::<_, Refused>);
        }
        let tags = read_tags(&mut violations, self.tags, self.create_missing_tags);
        violations.finish(tags.unwrap_or_default())
    }
}

pub(super) const NO_TASK_ID: (&str, &str) =
    (TaskField::InvalidId.code(), "Expected the id of a task.");
const NO_TAG_ID: (&str, &str) = (TaskField::InvalidId.code(), "Expected the id of a tag.");

fn refuse_others(
    violations: &mut Violations,
    others: &Map<String, Value>,
    known: &[&str],
    read_only: &[&str],
) {
    let mut unknown = others.clone();
    for name in read_only {
        if unknown.remove(*name).is_some() {
            violations.add(
                format!("/{name}"),
                FieldProblem::ReadOnly,
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

fn read_parent(violations: &mut Violations, field: Field<String>) -> Option<Option<Uuid>> {
    violations.optional("/parent_id", field, |text| {
        parse_id(&text).ok_or(NO_TASK_ID)
    })
}

/// `None` when nothing is said of it; `Some(None)` when the task is not to recur. The two other members say the same for clients of
/// old, and nothing beside the first.
fn read_recurrence(
    violations: &mut Violations,
    recurrence: Field<Map<String, Value>>,
    pattern: Field<String>,
    config: Field<Map<String, Value>>,
) -> Option<Option<Recurrence>> {
    if recurrence != Field::Absent {
        let rule = violations.optional("/recurrence", recurrence, Ok::<_, Refused>)?;
        return match rule {
            Some(members) => read_rule(violations, "/recurrence", members, None).map(Some),
            None => Some(None),
        };
    }
    let config = violations.optional("/recurrence_config", config, Ok::<_, Refused>);
    let config = config.flatten();
    let pattern = match pattern {
        Field::Absent if config.is_some() => Some(Pattern::Custom),
        given => violations
            .optional("/recurrence_pattern", given, |text| read_pattern(&text))?
            .flatten(),
    };
    match pattern {
        Some(pattern) => {
            let config = config.unwrap_or_default();
            read_rule(violations, "/recurrence_config", config, Some(pattern)).map(Some)
        }
        None => Some(None),
    }
}

/// `None` is no recurrence, which some clients have a word for.
fn read_pattern(text: &str) -> Result<Option<Pattern>, Refused> {
    Ok(Some(match text {
        "none" => return Ok(None),
        "daily" => Pattern::Daily,
        "weekly" => Pattern::Weekly,
        "monthly" => Pattern::Monthly,
        "custom" => Pattern::Custom,
        _ => {
            let expected = "Expected one of daily, weekly, monthly, custom.";
            return Err((FieldProblem::UnknownValue.code(), expected.to_owned()));
        }
    }))
}

/// A rule from the members of an object; with a pattern, from those that clients of old have.
fn read_rule(
    violations: &mut Violations,
    pointer: &str,
    mut members: Map<String, Value>,
    pattern: Option<Pattern>,
) -> Option<Recurrence> {
    let mut text = |name: &str| match members.remove(name) {
        None => Field::Absent,
        Some(Value::Null) => Field::Null,
        Some(Value::String(text)) => Field::Given(text),
        Some(_) => Field::Wrong("Expected a string.".to_owned()),
    };
    let (rrule, zone) = (text("rrule"), text("timezone"));
    let at = |member: &str| format!("{pointer}/{member}");
    let (mut end, known) = (None, ["rrule", "timezone", "end_date", "exceptions"]);
    if pattern.is_some() {
        let field = text("end_date");
        let read = violations.optional(&at("end_date"), field, |text| parse_timestamp(&text));
        end = read.flatten();
        if members
            .remove("exceptions")
            .is_some_and(|dates| dates != Value::Null && dates != Value::Array(Vec::new()))
        {
            let not_kept = "Exceptions are not kept; delete the occurrence instead.";
            violations.add(at("exceptions"), TaskField::InvalidRecurrence, not_kept);
        }
        violations.unknown_members(pointer, &members, &known);
    } else {
        violations.unknown_members(pointer, &members, &known[..2]);
    }
    let zone = violations.optional(&at("timezone"), zone, Ok::<_, Refused>);
    let zone = zone.flatten().unwrap_or_else(|| "UTC".to_owned());
    let rule = match pattern.and_then(Pattern::rrule) {
        Some(rule) => rule.to_owned(),
        None => violations.required(&at("rrule"), rrule, Ok::<_, Refused>)?,
    };
    let read = match end {
        Some(end) => Recurrence::parse_until(&rule, &zone, end),
        None => Recurrence::parse(&rule, &zone),
    };
    match read {
        Ok(recurrence) => Some(recurrence),
        Err(fault) => {
            let member = match fault.is_of_time_zone() {
                true => "timezone",
                false => "rrule",
            };
            violations.add(at(member), code_of(&fault), fault.detail());
            None
        }
    }
}

/// What a client would mend in one way has one code.
fn code_of(fault: &RecurrenceFault) -> &'static str {
    match fault {
        RecurrenceFault::TooLong => FieldProblem::TooLong.code(),
        RecurrenceFault::TooFrequent => TaskField::RecursTooOften.code(),
        RecurrenceFault::NeverOccurs => TaskField::NeverOccurs.code(),
        RecurrenceFault::UnknownTimeZone => TaskField::UnknownTimeZone.code(),
        _ => TaskField::InvalidRecurrence.code(),
    }
}

/// `None` when the member is absent; null is no tags.
fn read_tags(
    violations: &mut Violations,
    field: Field<Vec<Value>>,
    create_missing: Field<bool>,
) -> Option<TagChoices> {
    let create_missing = not_null(violations, "/create_missing_tags", create_missing);
    let values = violations.optional("/tags", field, |values| {
        if values.len() > MOST_TAGS {
            return Err((
                FieldProblem::TooMany.code(),
                format!("At most {MOST_TAGS} tags."),
            ));
        }
        Ok(values)
    })?;
    let mut choices = Vec::new();
    for (place, value) in values.unwrap_or_default().into_iter().enumerate() {
        let pointer = format!("/tags/{place}");
        choices.extend(read_choice(violations, &pointer, value));
    }
    Some(TagChoices {
        choices,
        only_existing: create_missing == Some(false),
    })
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
                // The tag as it was read. It is found by its id, and the rest has still to be what it says.
                for (member, field) in [("name", &name), ("color", &color)] {
                    if matches!(field, Field::Null | Field::Wrong(_)) {
                        let pointer = format!("{pointer}/{member}");
                        violations.required(&pointer, field.clone(), Ok::<_, Refused>);
                    }
                }
                let id = violations.required(&format!("{pointer}/id"), id, |text| {
                    parse_id(&text).ok_or(NO_TAG_ID)
                })?;
                return Some(TagChoice::Id(id));
            }
            (name, color)
        }
        _ => {
            violations.add(
                pointer,
                FieldProblem::WrongType,
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
