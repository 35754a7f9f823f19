//! Which task carries which tag.

use actix_web::{HttpRequest, HttpResponse, web};
use domain_kit::{ApiError, Body, CurrentUser, IfMatch, Keyed, NoQuery, Page, Reply, UserDb};

use super::{Answer, AssignedTagId, TaskId};
use crate::{
    problem::TaskProblem,
    store,
    task::{MOST_TAGS, Tag},
    wire::{
        TagAssignedOut, TagOut,
        bodies::{AssignTagBody, TagSetBody},
    },
};

/// List a task's tags
///
/// All of them, in the order of their names.
#[utoipa::path(
    get, path = "/tasks/{task_id}/tags", tag = "tags", operation_id = "list_tags_of_task",
    params(("task_id" = Uuid, Path, description = "The task's id")),
    responses((status = 200, description = "All its tags, as one page", body = Page<TagOut>)),
)]
pub async fn list_tags_of_task(
    user: CurrentUser,
    TaskId(task): TaskId,
    _: NoQuery,
    db: web::Data<UserDb>,
) -> Answer {
    let tags = store::tags::list_tags_of_task(&db.as_user(&user), task).await?;
    let tags = tags.ok_or(TaskProblem::TaskNotFound)?;
    Ok(all_tags(&tags)?.into_response())
}

/// Put a tag onto a task
///
/// A tag that is there already. One that the task carries is refused, so that a client learns of it.
#[utoipa::path(
    post, path = "/tasks/{task_id}/tags", tag = "tags", operation_id = "assign_tag",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
        ("Idempotency-Key" = Option<String>, Header, description = "Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours", max_length = 255, example = "5f0c7d0e"),
    ),
    request_body = AssignTagBody,
    responses((status = 201, description = "The task carries it now", body = TagAssignedOut, headers(
        ("Location" = String, description = "Where the assignment can be deleted"),
        ("Idempotency-Replayed" = String, description = "`true` where this is the answer to an earlier request with this key"),
    ))),
)]
pub async fn assign_tag(
    req: HttpRequest,
    user: CurrentUser,
    TaskId(task_id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Keyed<AssignTagBody>,
) -> Answer {
    let Keyed { body, key } = body;
    let tag_id = body.parse()?;
    let scope = db.as_user(&user);
    let assigned = || {
        Reply::created(
            format!("{}/{tag_id}", req.path()),
            &TagAssignedOut {
                task_id,
                tag_id,
                message: "The task carries this tag now.".into(),
            },
        )
    };
    match key {
        None => {
            store::assign_tag(&scope, task_id, &if_match, tag_id).await?;
            Ok(assigned()?.into_response())
        }
        Some(key) => {
            key.once(&scope, async |tx| {
                store::assign_tag_in(tx, task_id, &if_match, tag_id).await?;
                assigned()
            })
            .await
        }
    }
}

/// Replace a task's tags
///
/// It carries these from now on, and no others.
#[utoipa::path(
    put, path = "/tasks/{task_id}/tags", tag = "tags", operation_id = "replace_tags_of_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body(content = TagSetBody, example = json!({"tags": ["Home", {"name": "Garden", "color": "#10B981"}]})),
    responses((status = 200, description = "All its tags, as one page", body = Page<TagOut>)),
)]
pub async fn replace_tags_of_task(
    user: CurrentUser,
    TaskId(task): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<TagSetBody>,
) -> Answer {
    let tags = body.0.parse()?;
    let tags = store::replace_tags(&db.as_user(&user), task, &if_match, tags).await?;
    Ok(all_tags(&tags)?.into_response())
}

/// Take a tag off a task
///
/// The tag itself stays.
#[utoipa::path(
    delete, path = "/tasks/{task_id}/tags/{tag_id}", tag = "tags", operation_id = "unassign_tag",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("tag_id" = Uuid, Path, description = "The tag's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    responses((status = 204, description = "The task carries it no more")),
)]
pub async fn unassign_tag(
    user: CurrentUser,
    TaskId(task): TaskId,
    AssignedTagId(tag): AssignedTagId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
) -> Answer {
    store::unassign_tag(&db.as_user(&user), task, &if_match, tag).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// As many as a task can have fit onto one page.
fn all_tags(tags: &[Tag]) -> Result<Reply, ApiError> {
    let page = Page::from_one_too_many(tags.iter().collect(), MOST_TAGS as u32, |_| String::new());
    Reply::ok(&page.map(TagOut::from))
}
