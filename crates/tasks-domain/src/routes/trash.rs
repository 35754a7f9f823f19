//! Out of the trash: back, or for good.

use actix_web::web;
use domain_kit::{CurrentUser, IfMatch, NoQuery, Reply, UserDb};

use super::{Answer, TaskId, tasks::changed};
use crate::{
    store::tree,
    wire::{PurgedOut, TaskOut},
};

/// Restore a task
///
/// Out of the trash, with what went there together with it; below the task that it was below, unless that is in the trash itself. One
/// that is not in the trash stays as it is.
#[utoipa::path(
    post, path = "/tasks/{task_id}/restore", tag = "tasks", operation_id = "restore_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"2-YLZn5dPVtBdIIbFf\""),
    ),
    responses((status = 200, description = "The task as it is now", body = TaskOut, headers(("ETag" = String, description = "Names this state of the task")))),
)]
pub async fn restore_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let task = tree::restore_task(&db.as_user(&user), id, &if_match).await?;
    changed(&task)
}

/// Empty the trash
///
/// All that is in it is deleted for good.
#[utoipa::path(
    delete, path = "/trash", tag = "tasks", operation_id = "empty_trash",
    responses((status = 200, description = "How much that was", body = PurgedOut)),
)]
pub async fn empty_trash(user: CurrentUser, _: NoQuery, db: web::Data<UserDb>) -> Answer {
    let purged = tree::empty_trash(&db.as_user(&user)).await?;
    Ok(Reply::ok(&PurgedOut { purged })?.into_response())
}
