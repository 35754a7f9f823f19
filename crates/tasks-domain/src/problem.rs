//! What can go wrong with tasks and tags, and how it is told.

use domain_kit::{ApiError, KitProblem, Violations};

use crate::{store::Refusal, task::TaskField};

domain_kit::problems! {
    /// What operations on tasks and tags can be answered with, beside what every operation can.
    pub enum TaskProblem {
        TaskNotFound = NOT_FOUND "task_not_found",
            "No such task",
            "The path names no task of this user that is not in the trash. Whether another user has one of this id is not told.",
            "Nothing of yours has this id. It may have been deleted.";
        TagNotFound = NOT_FOUND "tag_not_found",
            "No such tag",
            "The path, or `tag_id`, names no tag of this user.",
            "Nothing of yours has this id. It may have been deleted.";
        TagNotAssigned = NOT_FOUND "tag_not_assigned",
            "The task does not carry this tag",
            "A tag was to be taken off a task that does not carry it.",
            "There is nothing left to do if that is what you wanted.";
        TagNameConflict = CONFLICT "tag_name_conflict",
            "There is a tag of this name",
            "A tag was to get a name that another tag of this user has; case does not count.",
            "You have a tag of this name already; case does not count.";
        DuplicateTagAssignment = CONFLICT "duplicate_tag_assignment",
            "The task carries this tag already",
            "A tag was to be put onto a task that carries it.",
            "There is nothing left to do if that is what you wanted.";
        BatchFailed = CONFLICT "batch_failed",
            "One of the changes cannot be made, so none was",
            "A batch with `atomic` has a change that cannot be made. `errors` says which, and why.",
            "Mend the change that errors points to, or send the batch with atomic: false.";
        ImportBusy = TOO_MANY_REQUESTS "import_busy",
            "Too many imports at once",
            "The server is at as many imports as it does at once.",
            "Try again when another one has ended.";
        LineTooLong = PAYLOAD_TOO_LARGE "line_too_long",
            "A line is too long",
            "A line of an import is longer than any that an export has: 128 KiB.",
            "Send one JSON object a line, each line ended by a line feed.";
        DoesNotRecur = CONFLICT "does_not_recur",
            "The task does not recur",
            "The next occurrences were asked for of a task that has no recurrence.",
            "Give the task a recurrence first.";
        TooManyTags = CONFLICT "too_many_tags",
            "The task cannot carry more tags",
            "The task carries 50 tags, which is the most.",
            "Take a tag off the task first.";
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UserGone => Self::user_gone(),
            Refusal::NoSuchTask => TaskProblem::TaskNotFound.into(),
            Refusal::NoSuchTag => TaskProblem::TagNotFound.into(),
            Refusal::NoSuchTagAt(place) => invalid(
                format!("/tags/{place}"),
                TaskField::TagNotFound,
                "You have no such tag.",
            ),
            Refusal::TagNotAssigned => TaskProblem::TagNotAssigned.into(),
            Refusal::TagAssigned => TaskProblem::DuplicateTagAssignment.into(),
            Refusal::TooManyTags => TaskProblem::TooManyTags.into(),
            Refusal::NotCurrent => KitProblem::PreconditionFailed.into(),
            Refusal::ReminderNotBeforeDue => {
                let mut violations = Violations::default();
                not_before_due(&mut violations);
                refused(violations)
            }
            Refusal::RecursWithoutDue => {
                let mut violations = Violations::default();
                needs_due_date(&mut violations);
                refused(violations)
            }
            Refusal::NoSuchParent => invalid(
                "/parent_id".to_owned(),
                TaskField::ParentNotFound,
                "You have no such task outside the trash.",
            ),
            Refusal::ParentBelow => invalid(
                "/parent_id".to_owned(),
                TaskField::ParentCycle,
                "The task cannot be below itself.",
            ),
            Refusal::TooDeep => invalid(
                "/parent_id".to_owned(),
                TaskField::TooDeep,
                "Tasks stand on five levels at most.",
            ),
            Refusal::NoSuchNeighbour => invalid(
                String::new(),
                TaskField::NeighbourNotFound,
                "You have no such task outside the trash to put this one beside.",
            ),
            Refusal::DoesNotRecur => TaskProblem::DoesNotRecur.into(),
            Refusal::TagNameTaken => TaskProblem::TagNameConflict.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// The one rule that two members have together.
pub fn not_before_due(violations: &mut Violations) {
    violations.add(
        "/reminder_at",
        TaskField::NotBeforeDue,
        "The reminder must come before the due date.",
    );
}

/// The other one.
pub fn needs_due_date(violations: &mut Violations) {
    violations.add(
        "/recurrence",
        TaskField::NeedsDueDate,
        "A task that recurs needs a due date.",
    );
}

fn invalid(pointer: String, problem: TaskField, detail: &str) -> ApiError {
    let mut violations = Violations::default();
    violations.add(pointer, problem, detail);
    refused(violations)
}

fn refused(violations: Violations) -> ApiError {
    violations
        .finish(())
        .expect_err("a violation was just noted")
}
