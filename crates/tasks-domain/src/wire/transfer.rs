//! Lines of exports and imports.

use domain_kit::{
    ApiError, Field, FieldProblem, KitProblem, QueryString, Violations, parse_timestamp,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    TagOut, TaskOut,
    bodies::{NO_TASK_ID, NewTagBody, ReplaceTaskBody},
    parameters::flag,
    parse_id,
};
use crate::{
    position::LONGEST,
    task::TaskField,
    transfer::{Fault, IncomingTag, IncomingTask, Line, Mode, Report},
};

/// One line of an export.
#[derive(Debug, Serialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "written at once, one after the other, and nearly all are tasks"
)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LineOut<'a> {
    Export {
        /// Of this form.
        version: u32,
        user_id: Uuid,
        exported_at: Timestamp,
    },
    Tag {
        tag: TagOut<'a>,
    },
    Task {
        task: TaskOut<'a>,
        /// From when its recurrence is counted.
        #[serde(skip_serializing_if = "Option::is_none")]
        recurs_from: Option<Timestamp>,
    },
    End {
        tags: usize,
        tasks: usize,
    },
}

/// The form that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// What an import has done, or would do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub struct ReportOut {
    /// Lines that were read.
    #[schema(minimum = 0)]
    lines: usize,
    /// Tags among them.
    #[schema(minimum = 0)]
    tags: usize,
    /// Tasks among them.
    #[schema(minimum = 0)]
    tasks: usize,
    /// Whether nothing was changed.
    dry_run: bool,
}

impl ReportOut {
    pub fn new(report: Report, dry_run: bool) -> Self {
        let Report { lines, tags, tasks } = report;
        Self {
            lines,
            tags,
            tasks,
            dry_run,
        }
    }
}

/// What a client wants of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportQuery {
    pub mode: Mode,
    pub dry_run: bool,
}

impl ImportQuery {
    pub fn read(query: &mut QueryString) -> Result<Self, ApiError> {
        let mode = query.take("mode", |text| match text {
            "merge" => Ok(Mode::Merge),
            "replace" => Ok(Mode::Replace),
            _ => Err("merge or replace"),
        })?;
        let dry_run = query.take("dry_run", flag)?;
        Ok(Self {
            mode: mode.unwrap_or(Mode::Merge),
            dry_run: dry_run.unwrap_or_default(),
        })
    }
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Icalendar,
}

impl Format {
    pub fn read(query: &mut QueryString) -> Result<Self, ApiError> {
        let format = query.take("format", |text| match text {
            "ndjson" => Ok(Self::Ndjson),
            "ics" => Ok(Self::Icalendar),
            _ => Err("ndjson or ics"),
        })?;
        Ok(format.unwrap_or(Self::Ndjson))
    }
}

/// 422 with what is wrong, by lines: `pointer` begins with the line's number.
pub fn refused(faults: &[Fault]) -> ApiError {
    let mut violations = Violations::default();
    for fault in faults {
        let pointer = format!("/{}{}", fault.line, fault.pointer);
        violations.add(pointer, fault.code, fault.detail.clone());
    }
    violations
        .finish(())
        .err()
        .unwrap_or_else(|| KitProblem::ValidationFailed.into())
}

/// Reads a line; what is wrong with it is an error of a body.
pub fn read_line(text: &str) -> Result<Line, ApiError> {
    let mut violations = Violations::default();
    let v = &mut violations;
    let mut members = match serde_json::from_str(text) {
        Ok(Value::Object(members)) => members,
        Ok(_) => {
            v.add("", FieldProblem::WrongType, "Expected an object.");
            Map::new()
        }
        Err(_) => {
            v.add("", FieldProblem::MalformedJson, "This line is not JSON.");
            Map::new()
        }
    };
    if !v.is_empty() {
        return Err(failed(violations));
    }
    match members.remove("type").as_ref().and_then(Value::as_str) {
        Some("export") => {
            if members.get("version").and_then(Value::as_u64) != Some(VERSION.into()) {
                v.add(
                    "/version",
                    FieldProblem::UnknownValue,
                    "Expected version 1.",
                );
                return Err(failed(violations));
            }
            Ok(Line::Head)
        }
        Some("tag") => read_tag(members.remove("tag").unwrap_or_default()),
        Some("task") => read_task(
            members.remove("task").unwrap_or_default(),
            members.get("recurs_from"),
        ),
        Some("end") => {
            let count = |name| {
                members
                    .get(name)
                    .and_then(Value::as_u64)
                    .unwrap_or(u64::MAX)
            };
            let (tags, tasks) = (count("tags"), count("tasks"));
            Ok(Line::End {
                tags: usize::try_from(tags).unwrap_or(usize::MAX),
                tasks: usize::try_from(tasks).unwrap_or(usize::MAX),
            })
        }
        _ => {
            let expected = "Expected one of export, tag, task, end.";
            v.add("/type", FieldProblem::UnknownValue, expected);
            Err(failed(violations))
        }
    }
}

fn read_tag(value: Value) -> Result<Line, ApiError> {
    let mut violations = Violations::default();
    let Value::Object(mut members) = value else {
        violations.add("/tag", FieldProblem::WrongType, "Expected an object.");
        return Err(failed(violations));
    };
    let id = read_id(&mut violations, "/tag/id", members.get("id"));
    for name in [
        "id",
        "user_id",
        "task_count",
        "version",
        "created_at",
        "updated_at",
    ] {
        members.remove(name);
    }
    violations.finish(())?;
    let body: Result<NewTagBody, _> = serde_json::from_value(Value::Object(members));
    let body = body.map_err(ApiError::broken)?;
    let tag = body.parse().map_err(|error| error.below("/tag"))?;
    let id = id.unwrap_or_else(Uuid::now_v7);
    Ok(Line::Tag(IncomingTag { id, tag }))
}

fn read_task(value: Value, recurs_from: Option<&Value>) -> Result<Line, ApiError> {
    let mut violations = Violations::default();
    let v = &mut violations;
    let Value::Object(members) = value else {
        v.add("/task", FieldProblem::WrongType, "Expected an object.");
        return Err(failed(violations));
    };
    let id = read_id(v, "/task/id", members.get("id"));
    let next = members.get("next_occurrence_id");
    let next_occurrence_id = read_id(v, "/task/next_occurrence_id", next);
    let mut time = |pointer: &str, value: Option<&Value>| {
        let field = text_of(value);
        v.optional(pointer, field, |text| parse_timestamp(&text))
            .flatten()
    };
    let completed_at = time("/task/completed_at", members.get("completed_at"));
    let created_at = time("/task/created_at", members.get("created_at"));
    let deleted_at = time("/task/deleted_at", members.get("deleted_at"));
    let recurs_from = time("/recurs_from", recurs_from);
    let position = v.optional("/task/position", text_of(members.get("position")), |text| {
        let digits = text
            .bytes()
            .all(|b| matches!(b, b'-' | b'0'..=b'9' | b'a'..=b'z'));
        match digits && (1..=LONGEST).contains(&text.len()) && !text.ends_with('-') {
            true => Ok(text),
            false => Err((
                TaskField::InvalidId.code(),
                "Expected a position as it was read.",
            )),
        }
    });
    let mut errors = violations;
    let body: Result<ReplaceTaskBody, _> = serde_json::from_value(Value::Object(members));
    let content = body.map_err(ApiError::broken)?.parse();
    let content = match content {
        Ok(content) => Some(content),
        Err(error) => {
            for fault in error.problem().parts().errors {
                let pointer = format!("/task{}", fault.pointer);
                errors.add(pointer, fault.code, fault.detail.as_str());
            }
            None
        }
    };
    let content = errors.finish_some(content)?;
    let id = id.unwrap_or_else(Uuid::now_v7);
    let position = position
        .flatten()
        .filter(|position| *position != id.to_string());
    let recurs_from = content
        .recurrence
        .as_ref()
        .and(recurs_from.or(content.schedule.due_date()));
    let completed_at = match content.completed {
        true => Some(completed_at.unwrap_or_else(domain_kit::now)),
        false => None,
    };
    Ok(Line::Task(Box::new(IncomingTask {
        line: 0,
        id,
        content,
        completed_at,
        created_at,
        deleted_at,
        recurs_from,
        next_occurrence_id,
        position,
    })))
}

/// An id of its own where there is none.
fn read_id(violations: &mut Violations, pointer: &str, value: Option<&Value>) -> Option<Uuid> {
    let read = violations.optional(pointer, text_of(value), |text| {
        parse_id(&text).ok_or(NO_TASK_ID)
    });
    read.flatten()
}

fn text_of(value: Option<&Value>) -> Field<String> {
    match value {
        None => Field::Absent,
        Some(Value::Null) => Field::Null,
        Some(Value::String(text)) => Field::Given(text.clone()),
        Some(_) => Field::Wrong("Expected a string.".to_owned()),
    }
}

fn failed(violations: Violations) -> ApiError {
    violations
        .finish(())
        .expect_err("a violation was just noted")
}
