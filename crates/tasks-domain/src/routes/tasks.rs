use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web,
};
use domain_kit::{
    Body, CurrentUser, Cursors, EntityTag, IfMatch, IfNoneMatch, Keyed, MaybeBody, NoQuery, Page,
    QueryString, Reply, StateDigest, UserDb, read_response,
};
use uuid::Uuid;

use super::{Answer, TaskId, add_page, finish_page};
use crate::{
    problem::TaskProblem,
    selection::Start,
    store,
    task::{Completion, Task, TaskPatch},
    wire::{
        CompletedOut, TaskOut, add_task,
        bodies::{CompletionBody, NewTaskBody, PatchTaskBody, ReplaceTaskBody},
        entity_tag_of,
        parameters::{Paging, flag, id_taken_for_name, names_like_ids, read_selection},
    },
};

/// List tasks
///
/// The newest first unless asked otherwise, a page at a time. Filters narrow each other down; several values of one are
/// alternatives. Tasks in the trash are left out unless `deleted=only`.
#[utoipa::path(
    get, path = "/tasks", tag = "tasks", operation_id = "list_tasks",
    params(
        ("status" = Option<String>, Query, description = "`complete` (or `completed`), `incomplete` (or `active`), or `all`, which is the default", example = "incomplete"),
        ("priority" = Option<Vec<String>>, Query, description = "`none`, `low`, `medium` or `high`; may be repeated", explode, example = json!(["high"])),
        ("tag" = Option<Vec<String>>, Query, description = "The name of a tag, whatever its case; may be repeated. `none` is the same as `untagged=true`", explode, example = json!(["Home"])),
        ("tag_id" = Option<Vec<String>>, Query, description = "The id of a tag; may be repeated", explode),
        ("untagged" = Option<bool>, Query, description = "`true`: tasks without a tag (together with `tag` or `tag_id`: those, too); `false`: tasks with one"),
        ("tag_match" = Option<String>, Query, description = "`any` (the default) or `all` of the tags that are named", example = "any"),
        ("due_before" = Option<String>, Query, description = "Due before this RFC 3339 time with offset", example = "2026-03-01T09:00:00Z"),
        ("due_after" = Option<String>, Query, description = "Due after this RFC 3339 time with offset", example = "2026-02-01T09:00:00Z"),
        ("updated_before" = Option<String>, Query, description = "Changed last before this RFC 3339 time with offset", example = "2026-03-01T09:00:00Z"),
        ("updated_after" = Option<String>, Query, description = "Changed last after this RFC 3339 time with offset", example = "2026-02-01T09:00:00Z"),
        ("overdue" = Option<bool>, Query, description = "`true`: due before now and not completed; `false`: all others"),
        ("search" = Option<String>, Query, description = "Words in title and description, as PostgreSQL's `websearch_to_tsquery` reads them in English: `\"a phrase\"`, `or`, `-without`", max_length = 255, example = "plants"),
        ("parent_id" = Option<String>, Query, description = "The id of a task: those right below it; `none`: those below no task", example = "none"),
        ("deleted" = Option<String>, Query, description = "`only`: tasks in the trash instead; `false` is the default", example = "false"),
        ("sort_by" = Option<String>, Query, description = "`created_at` (the default), `updated_at`, `due_date` (tasks without one last), `priority` (by rank), `title` (whatever its case) or `position` (in the user's own order)", example = "due_date"),
        ("order" = Option<String>, Query, description = "`asc` or `desc`, which is the default unless sorted by `position`", example = "asc"),
        ("limit" = Option<u32>, Query, description = "Most tasks on the page; 50, unless said otherwise", minimum = 1, maximum = 200, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before; good for the same user, filters and order only"),
        ("total" = Option<String>, Query, description = "`exact` counts the tasks on all pages; `none` is the default", example = "exact"),
        ("page" = Option<u32>, Query, description = "The number of the page, for clients that count pages; counts them, too. At most 10,000 tasks are skipped", minimum = 1),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags of pages that the client has"),
    ),
    responses(
        (status = 200, description = "A page of tasks", body = Page<TaskOut>, headers(("ETag" = String, description = "Names this state of the page"))),
        (status = 304, description = "The client has this page already"),
    ),
)]
pub async fn list_tasks(
    req: HttpRequest,
    user: CurrentUser,
    known: IfNoneMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let selection = read_selection(&mut query)?;
    let paging = Paging::read(&mut query)?;
    query.finish()?;

    let scope = db.as_user(&user);
    let list = format!("tasks {selection:?}");
    let cursors = Cursors::of(&db, user.user_id(), &list).await?;
    let start = match (&paging.cursor, paging.skip()) {
        (Some(cursor), _) => Start::After(cursors.read(cursor)?),
        (None, Some(rows)) if rows > 0 => Start::Skip(rows),
        (None, _) => Start::Beginning,
    };
    let like_ids = names_like_ids(&selection.tags);
    if !like_ids.is_empty()
        && let Some(id) = store::ids_taken_for_names(&scope, &like_ids).await?
    {
        return Err(id_taken_for_name(id));
    }

    let limit = paging.limit;
    let listed =
        store::list_tasks(&scope, &selection, &start, limit + 1, paging.with_total).await?;
    let shown = listed.tasks.len().min(limit as usize);
    let next = shown
        .checked_sub(1)
        .and_then(|last| listed.place(&selection, last));
    let page = Page::from_one_too_many(listed.tasks, limit, |_| {
        next.map(|place| cursors.after(&place)).unwrap_or_default()
    });
    let page = finish_page(page, &paging, listed.total);
    let mut state = StateDigest::default();
    add_page(&mut state, &page, &paging);
    for task in &page.items {
        add_task(&mut state, task);
    }
    read_response(&known, &EntityTag::of_state(state), || {
        Ok(page.as_ref().map(TaskOut::from))
    })
}

/// Create a task
///
/// With its tags, in one transaction. Sent again with the same `Idempotency-Key` it is created once.
#[utoipa::path(
    post, path = "/tasks", tag = "tasks", operation_id = "create_task",
    params(("Idempotency-Key" = Option<String>, Header, description = "Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours", max_length = 255, example = "5f0c7d0e")),
    request_body(content = NewTaskBody, example = json!({"title": "Water the plants", "priority": "high", "due_date": "2026-03-01T09:00:00+01:00", "tags": ["Home"]})),
    responses(
        (status = 201, description = "The task", body = TaskOut, headers(
            ("Location" = String, description = "Where the task is from now on"),
            ("ETag" = String, description = "Names this state of the task"),
            ("Idempotency-Replayed" = String, description = "`true` where this is the answer to an earlier request with this key"),
        )),
    ),
)]
pub async fn create_task(
    req: HttpRequest,
    user: CurrentUser,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Keyed<NewTaskBody>,
) -> Answer {
    let Keyed { body, key } = body;
    let content = body.parse()?;
    let scope = db.as_user(&user);
    let id = Uuid::now_v7();
    let reply = |task: &Task| {
        let location = format!("{}/{}", req.path(), task.id);
        let reply = Reply::created(location, &TaskOut::from(task))?;
        Ok(reply.entity_tag(&entity_tag_of(task)))
    };
    match key {
        None => {
            let task = store::create_task(&scope, id, &content).await?;
            Ok(reply(&task)?.into_response())
        }
        Some(key) => {
            key.once(&scope, async |tx| {
                reply(&store::create_task_in(tx, id, &content).await?)
            })
            .await
        }
    }
}

/// Get a task
///
/// One in the trash is not there.
#[utoipa::path(
    get, path = "/tasks/{task_id}", tag = "tasks", operation_id = "find_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-None-Match" = Option<String>, Header, description = "Entity tags of states that the client has"),
    ),
    responses(
        (status = 200, description = "The task", body = TaskOut, headers(("ETag" = String, description = "Names this state of the task"))),
        (status = 304, description = "The client has this state already"),
    ),
)]
pub async fn find_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    known: IfNoneMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let found = store::find_task(&db.as_user(&user), id).await?;
    let task = found.ok_or(TaskProblem::TaskNotFound)?;
    read_response(&known, &entity_tag_of(&task), || Ok(TaskOut::from(&task)))
}

/// Replace a task
///
/// What the body leaves out is emptied. A task as it was read is a legal body.
#[utoipa::path(
    put, path = "/tasks/{task_id}", tag = "tasks", operation_id = "replace_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body(content = ReplaceTaskBody, example = json!({"title": "Water the plants", "completed": true, "tags": ["Home"]})),
    responses((status = 200, description = "The task as it is now", body = TaskOut, headers(("ETag" = String, description = "Names this state of the task")))),
)]
pub async fn replace_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<ReplaceTaskBody>,
) -> Answer {
    let patch = body.0.parse()?.into();
    let task = store::change_task(&db.as_user(&user), id, &if_match, &patch).await?;
    changed(&task)
}

/// Change a task
///
/// A JSON merge patch (RFC 7396): what is absent stays, `null` empties.
#[utoipa::path(
    patch, path = "/tasks/{task_id}", tag = "tasks", operation_id = "patch_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body(content((PatchTaskBody = "application/json", example = json!({"due_date": null})), (PatchTaskBody = "application/merge-patch+json", example = json!({"due_date": null})))),
    responses((status = 200, description = "The task as it is now", body = TaskOut, headers(("ETag" = String, description = "Names this state of the task")))),
)]
pub async fn patch_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<PatchTaskBody>,
) -> Answer {
    let patch = body.0.parse()?;
    let task = store::change_task(&db.as_user(&user), id, &if_match, &patch).await?;
    changed(&task)
}

/// Delete a task
///
/// It goes into the trash with all that is below it; a list with `deleted=only` shows it there. With `permanent=true` it is deleted for
/// good, in the trash or not.
#[utoipa::path(
    delete, path = "/tasks/{task_id}", tag = "tasks", operation_id = "delete_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("permanent" = Option<bool>, Query, description = "Whether it is deleted for good", example = false),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    responses((status = 204, description = "Deleted")),
)]
pub async fn delete_task(
    req: HttpRequest,
    user: CurrentUser,
    TaskId(id): TaskId,
    if_match: IfMatch,
    db: web::Data<UserDb>,
) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let permanent = query.take("permanent", flag)?;
    query.finish()?;
    let scope = db.as_user(&user);
    match permanent {
        Some(true) => store::tree::purge_task(&scope, id, &if_match).await?,
        Some(false) | None => store::tree::delete_task(&scope, id, &if_match).await?,
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Set a task's completion
///
/// Doing it twice is doing it once, so a request that may have been lost can be sent again. What is open below a task is completed
/// with it. A task that recurs is followed by its next occurrence: due after both its due date and now, with its tags, and with
/// what is below it, open again.
#[utoipa::path(
    put, path = "/tasks/{task_id}/completion", tag = "tasks", operation_id = "set_completion",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body = CompletionBody,
    responses((status = 200, description = "The task as it is now", body = CompletedOut, headers(("ETag" = String, description = "Names this state of the task")))),
)]
pub async fn set_completion(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: Body<CompletionBody>,
) -> Answer {
    let completion = body.0.parse()?;
    let changed = store::set_completion(&db.as_user(&user), id, &if_match, completion).await?;
    let reply = Reply::ok(&CompletedOut::from(&changed))?;
    Ok(reply
        .entity_tag(&entity_tag_of(&changed.task))
        .into_response())
}

/// Complete a task, or toggle
///
/// For clients of old. Without a body the completion is toggled, and a request that is sent twice undoes itself: take
/// `PUT /tasks/{task_id}/completion` instead.
#[utoipa::path(
    patch, path = "/tasks/{task_id}/complete", tag = "tasks", operation_id = "complete_task",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("If-Match" = Option<String>, Header, description = "Entity tags of which the task must have one; else 412", example = "\"1-YLZn5dPVtBdIIbFf\""),
    ),
    request_body = Option<CompletionBody>,
    responses((status = 200, description = "The task as it is now", body = TaskOut, headers(
        ("ETag" = String, description = "Names this state of the task"),
        ("Deprecation" = String, description = "Since when toggling is deprecated (RFC 9745), where there was no body"),
    ))),
)]
pub async fn complete_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    if_match: IfMatch,
    db: web::Data<UserDb>,
    body: MaybeBody<CompletionBody>,
) -> Answer {
    let completion = body.0.map(CompletionBody::parse).transpose()?;
    let patch = completing(completion.unwrap_or(Completion::Toggle));
    let task = store::change_task(&db.as_user(&user), id, &if_match, &patch).await?;
    let mut response = changed(&task)?;
    if completion.is_none() {
        response.headers_mut().insert(DEPRECATION, TOGGLING_SINCE);
    }
    Ok(response)
}

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
/// The first of December 2026, as RFC 9745 writes a date.
const TOGGLING_SINCE: HeaderValue = HeaderValue::from_static("@1796083200");

fn completing(completion: Completion) -> TaskPatch {
    TaskPatch {
        completion: Some(completion),
        ..TaskPatch::default()
    }
}

pub(super) fn changed(task: &Task) -> Answer {
    let reply = Reply::ok(&TaskOut::from(task))?;
    Ok(reply.entity_tag(&entity_tag_of(task)).into_response())
}
