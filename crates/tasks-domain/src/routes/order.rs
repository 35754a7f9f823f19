//! The order that a user gives to tasks.

use actix_web::web;
use domain_kit::{Body, CurrentUser, IfMatch, NoQuery, UserDb};

use super::{Answer, TaskId, tasks::changed};
use crate::{
    store::order,
    wire::{TaskOut, bodies::MoveBody},
};

/// Move a task
///
/// To right before or right after another one, in the order that a list with `sort_by=position` has. No other task is changed.
#[utoipa::path(
    put, path = "/tasks/{task_id}/position", tag = "tasks", operation_id = "move_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body(content = MoveBody, example = json!({"before": "0193f5a0-4b7c-7cc3-98c4-dc0c0c07398f"})),
    responses((status = 200, description = "The task as it is now", body = TaskOut, headers(("ETag" = String, description = "Names this state of the task")))),
)]
pub async fn move_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<MoveBody>,
) -> Answer {
    let to = body.0.parse()?;
    let task = order::move_task(&db.as_user(&user), id, &if_match, to).await?;
    changed(&task)
}
