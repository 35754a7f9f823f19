//! Several changes in one body, and what became of each.

use domain_kit::{ApiError, Field, FieldProblem, IfMatch, Violations, schema};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    TaskOut,
    bodies::{NO_TASK_ID, NewTaskBody, PatchTaskBody, ReplaceTaskBody},
    parse_id,
};
use crate::{
    batch::{Batch, MOST_OPERATIONS, Operation},
    store::Changed,
    task::{Completion, Refused, TaskPatch},
};

/// Changes to be made one after the other.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Batch)]
#[serde(expecting = "a JSON object")]
pub struct BatchBody {
    /// At most 100.
    #[serde(default)]
    #[schema(value_type = Vec<OperationIn>, required = true, min_items = 1, max_items = 100)]
    operations: Field<Vec<Value>>,
    /// Whether all of them are made or none is; else each stands for itself.
    #[serde(default)]
    #[schema(value_type = bool, required = false, default = true)]
    atomic: Field<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    others: Map<String, Value>,
}

/// One change, as the operation of that name makes it.
#[derive(Debug, ToSchema)]
#[schema(as = BatchOperation)]
#[expect(
    dead_code,
    reason = "describes in the document what `read_operation` reads"
)]
pub struct OperationIn {
    op: OperationName,
    /// The task, of all but `create`.
    #[schema(nullable = false)]
    id: Option<Uuid>,
    /// An entity tag that the task must have; else 412.
    #[schema(nullable = false, example = "\"1-YLZn5dPVtBdIIbFf\"")]
    if_match: Option<String>,
    /// The body of `create`, `replace` and `patch`.
    #[schema(value_type = Object, nullable = false)]
    body: Option<Value>,
}

/// What is done with the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = BatchOperationName, rename_all = "lowercase")]
pub enum OperationName {
    Create,
    Replace,
    Patch,
    Complete,
    Reopen,
    /// Into the trash.
    Delete,
    Restore,
    /// For good.
    Purge,
}

/// What became of each change, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub struct BatchOut {
    #[schema(value_type = Vec<OutcomeOut>)]
    pub results: Vec<Value>,
}

/// What became of one: as if it had been a request of its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchOutcome)]
pub struct OutcomeOut<'a> {
    /// The HTTP status that it would have had.
    #[schema(minimum = 200, maximum = 599, example = 201)]
    status: u16,
    /// The task as it is after it, where there is one.
    #[schema(value_type = Option<TaskOut<'static>>, required = true)]
    task: Option<TaskOut<'a>>,
    /// The task that took its place, where it was completed and recurs.
    #[schema(value_type = Option<TaskOut<'static>>, required = true)]
    next_occurrence: Option<TaskOut<'a>>,
    /// Why it was not made.
    #[schema(value_type = Option<schema::Problem>, required = true)]
    problem: Option<Value>,
}

impl<'a> OutcomeOut<'a> {
    pub fn made(changed: &'a Changed) -> Self {
        Self {
            status: 201,
            ..Self::changed(changed)
        }
    }

    pub fn changed(changed: &'a Changed) -> Self {
        Self {
            status: 200,
            task: Some((&changed.task).into()),
            next_occurrence: changed.next_occurrence.as_ref().map(TaskOut::from),
            problem: None,
        }
    }

    pub fn gone() -> Self {
        Self {
            status: 204,
            task: None,
            next_occurrence: None,
            problem: None,
        }
    }

    /// As the service would have written it.
    pub fn refused(error: &ApiError, problem: Value) -> Self {
        Self {
            status: error.problem().status().as_u16(),
            task: None,
            next_occurrence: None,
            problem: Some(problem),
        }
    }
}

impl BatchBody {
    /// What is no operation is the body's fault. What is wrong with an operation's content is that one's, unless all are made or none.
    pub fn parse(self) -> Result<Batch, ApiError> {
        let mut violations = Violations::default();
        let v = &mut violations;
        v.unknown_members("", &self.others, &["operations", "atomic"]);
        let atomic = v.not_null("/atomic", self.atomic, Ok::<_, Refused>);
        let values = v.required("/operations", self.operations, |values| {
            match values.len() {
                0 => Err((
                    FieldProblem::Required.code(),
                    "Expected one or more.".to_owned(),
                )),
                1..=MOST_OPERATIONS => Ok(values),
                _ => Err((
                    FieldProblem::TooMany.code(),
                    format!("At most {MOST_OPERATIONS} operations."),
                )),
            }
        });
        let atomic = atomic.unwrap_or(true);
        let mut operations = Vec::new();
        for (place, value) in values.unwrap_or_default().into_iter().enumerate() {
            let error = match read_operation(value) {
                Ok(operation) => {
                    operations.push(Ok(operation));
                    continue;
                }
                Err(Wrong::Content(error)) if !atomic => {
                    operations.push(Err(error));
                    continue;
                }
                Err(Wrong::Shape(error) | Wrong::Content(error)) => error,
            };
            for fault in error.problem().parts().errors {
                let pointer = format!("/operations/{place}{}", fault.pointer);
                v.add(pointer, fault.code, fault.detail.as_str());
            }
        }
        violations.finish(Batch { atomic, operations })
    }
}

/// What keeps something from being an operation.
enum Wrong {
    /// It is none.
    Shape(ApiError),
    /// What it is to write.
    Content(ApiError),
}

fn read_operation(value: Value) -> Result<Operation, Wrong> {
    let mut violations = Violations::default();
    let v = &mut violations;
    let Value::Object(mut members) = value else {
        v.add("", FieldProblem::WrongType, "Expected an object.");
        return Err(Wrong::Shape(refused(violations)));
    };
    let mut text = |name: &str| match members.remove(name) {
        None => Field::Absent,
        Some(Value::Null) => Field::Null,
        Some(Value::String(text)) => Field::Given(text),
        Some(_) => Field::Wrong("Expected a string.".to_owned()),
    };
    let (op, id, if_match) = (text("op"), text("id"), text("if_match"));
    let body = members.remove("body");
    v.unknown_members("", &members, &["op", "id", "if_match", "body"]);
    let op = v.required("/op", op, |text| OperationName::parse(&text));
    let if_match = v.not_null("/if_match", if_match, |text| {
        IfMatch::parse(&text).ok_or((FieldProblem::UnknownValue.code(), "Expected entity tags."))
    });
    let Some(op) = op else {
        return Err(Wrong::Shape(refused(violations)));
    };
    let id = match op {
        OperationName::Create => {
            for (pointer, given) in [
                ("/id", id != Field::Absent),
                ("/if_match", if_match.is_some()),
            ] {
                if given {
                    v.add(
                        pointer,
                        FieldProblem::UnknownField,
                        "A new task has none yet.",
                    );
                }
            }
            None
        }
        _ => v.required("/id", id, |text| parse_id(&text).ok_or(NO_TASK_ID)),
    };
    if op.has_body() && body.is_none() {
        v.add("/body", FieldProblem::Required, "This member is required.");
    } else if !op.has_body() && body.is_some() {
        v.add(
            "/body",
            FieldProblem::UnknownField,
            "This operation has no body.",
        );
    }
    violations.finish(()).map_err(Wrong::Shape)?;
    let (id, if_match) = (id.unwrap_or_default(), if_match.unwrap_or_default());
    let body = body.unwrap_or_default();
    Ok(match op {
        OperationName::Create => Operation::Create(Box::new(parsed(body, NewTaskBody::parse)?)),
        OperationName::Replace => {
            let content = parsed(body, ReplaceTaskBody::parse)?;
            Operation::Change(id, if_match, Box::new(content.into()))
        }
        OperationName::Patch => {
            Operation::Change(id, if_match, Box::new(parsed(body, PatchTaskBody::parse)?))
        }
        OperationName::Complete => Operation::Change(id, if_match, completing(true)),
        OperationName::Reopen => Operation::Change(id, if_match, completing(false)),
        OperationName::Delete => Operation::Delete(id, if_match),
        OperationName::Restore => Operation::Restore(id, if_match),
        OperationName::Purge => Operation::Purge(id, if_match),
    })
}

fn completing(completed: bool) -> Box<TaskPatch> {
    Box::new(TaskPatch {
        completion: Some(Completion::Set(completed)),
        ..TaskPatch::default()
    })
}

fn parsed<B: DeserializeOwned, T>(
    body: Value,
    parse: impl FnOnce(B) -> Result<T, ApiError>,
) -> Result<T, Wrong> {
    let mut violations = Violations::default();
    match serde_json::from_value(body) {
        Ok(body) => parse(body).map_err(|error| Wrong::Content(error.below("/body"))),
        Err(_) => {
            violations.add("/body", FieldProblem::WrongType, "Expected an object.");
            Err(Wrong::Shape(refused(violations)))
        }
    }
}

fn refused(violations: Violations) -> ApiError {
    violations
        .finish(())
        .expect_err("a violation was just noted")
}

impl OperationName {
    const ALL: [(&'static str, Self); 8] = [
        ("create", Self::Create),
        ("replace", Self::Replace),
        ("patch", Self::Patch),
        ("complete", Self::Complete),
        ("reopen", Self::Reopen),
        ("delete", Self::Delete),
        ("restore", Self::Restore),
        ("purge", Self::Purge),
    ];

    fn parse(text: &str) -> Result<Self, Refused> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, op)| *op).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name).join(", ");
            let expected = format!("Expected one of {names}.");
            (FieldProblem::UnknownValue.code(), expected)
        })
    }

    fn has_body(self) -> bool {
        matches!(self, Self::Create | Self::Replace | Self::Patch)
    }
}
