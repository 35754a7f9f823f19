use actix_web::http::StatusCode;

use super::Problem;

/// What all problems of one code have in common: a row of the list of problems that a service can answer with.
///
/// ```
/// use actix_web::http::StatusCode;
/// use auth_actix::{Problem, ProblemKind};
///
/// const NO_SUCH_TASK: ProblemKind = ProblemKind {
///     code: "task_not_found",
///     status: StatusCode::NOT_FOUND,
///     title: "No such task",
///     meaning: "The path names a task that is not one of the user's.",
///     remedy: "It may have been deleted: read the list again.",
/// };
/// assert_eq!(Problem::of(&NO_SUCH_TASK).code(), "task_not_found");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemKind {
    /// Its name for programs, in `snake_case`; it never changes.
    pub code: &'static str,
    /// The HTTP status that it comes with.
    pub status: StatusCode,
    /// One sentence about it, without a stop.
    pub title: &'static str,
    /// When it comes, for the documentation.
    pub meaning: &'static str,
    /// What to do about it; the `detail` where there is no better one for the case.
    pub remedy: &'static str,
}

impl Problem {
    /// A problem of this kind, which tells what to do about it.
    #[must_use]
    pub fn of(kind: &ProblemKind) -> Self {
        Self::new(kind.status, kind.code, kind.title).detail(kind.remedy)
    }
}
