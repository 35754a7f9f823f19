//! One handler per operation: typed input, one store function, the answer.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header, web};
use domain_kit::{
    ApiError, Body, CurrentUser, NoQuery, Page, QueryString, StoreError, UserDb, cursor_after,
    read_cursor, schema,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    store::{self, Refusal, TaskQuery},
    task::Task,
    wire::{
        self, NewTagBody, NewTaskBody, PatchTaskBody, ReplaceTaskBody, TagOut, TaskOut, parse_id,
    },
};

pub fn mount(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/tasks")
            .route(web::get().to(list_tasks))
            .route(web::head().to(list_tasks))
            .route(web::post().to(create_task)),
    )
    .service(
        web::resource("/tasks/{task_id}")
            .route(web::get().to(get_task))
            .route(web::head().to(get_task))
            .route(web::put().to(replace_task))
            .route(web::patch().to(patch_task))
            .route(web::delete().to(delete_task)),
    )
    .service(
        web::resource("/tags")
            .route(web::get().to(list_tags))
            .route(web::head().to(list_tags))
            .route(web::post().to(create_tag)),
    );
}

/// The operations below, as a document.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        list_tasks, create_task, get_task, replace_task, patch_task, delete_task, list_tags, create_tag
    ),
    tags(
        (name = "tasks", description = "What there is to do"),
        (name = "tags", description = "Labels that tasks carry"),
    ),
)]
pub struct Fragment;

type Answer = Result<HttpResponse, ApiError>;

/// List tasks
///
/// The newest first, a page at a time; tasks in the trash are left out.
#[utoipa::path(
    get, path = "/tasks", tag = "tasks", operation_id = "list_tasks",
    params(
        ("status" = Option<String>, Query, description = "`complete` (or `completed`), `incomplete` (or `active`), or `all`, which is the default"),
        ("limit" = Option<u32>, Query, description = "Most tasks on the page", minimum = 1, maximum = 200, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before; good for the same `status` only"),
    ),
    responses(
        (status = 200, description = "A page of tasks", body = Page<TaskOut>),
        (status = 400, description = "A query parameter is unknown or not right (`unknown_parameter`, `invalid_parameter`, `invalid_cursor`)", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn list_tasks(req: HttpRequest, user: CurrentUser, db: web::Data<UserDb>) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let completed = query.take("status", parse_status)?.unwrap_or_default();
    let limit = query.take("limit", parse_limit)?.unwrap_or(DEFAULT_LIMIT);
    let cursor = query.take("cursor", |text| Ok(text.to_owned()))?;
    query.finish()?;

    let list = format!("tasks newest first, completed {completed:?}");
    let after = cursor
        .map(|text| read_cursor::<(Timestamp, Uuid)>(user.user_id(), &list, &text))
        .transpose()?;
    let wanted = TaskQuery {
        completed,
        after,
        limit: i64::from(limit) + 1,
    };
    let tasks = store::list_tasks(&db.as_user(&user), &wanted)
        .await
        .map_err(bad_cursor)?;
    let page = Page::from_one_too_many(tasks, limit, |last: &Task| {
        cursor_after(user.user_id(), &list, &(last.created_at, last.id))
    });
    Ok(HttpResponse::Ok().json(page.map(TaskOut::from)))
}

/// Create a task
///
/// With its tags, in one transaction.
#[utoipa::path(
    post, path = "/tasks", tag = "tasks", operation_id = "create_task",
    request_body = NewTaskBody,
    responses(
        (status = 201, description = "The task", body = TaskOut, headers(("Location" = String, description = "Where the task is from now on"))),
        (status = 413, description = "The body is larger than 256 KiB (`body_too_large`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON (`unsupported_media_type`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body is not valid (`validation_failed`); `errors` says what and where", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn create_task(
    req: HttpRequest,
    user: CurrentUser,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Body<NewTaskBody>,
) -> Answer {
    let content = body.0.parse()?;
    let task = store::create_task(&db.as_user(&user), Uuid::now_v7(), &content).await?;
    let location = format!("{}/{}", req.path(), task.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(TaskOut::from(task)))
}

/// Get a task
#[utoipa::path(
    get, path = "/tasks/{task_id}", tag = "tasks", operation_id = "get_task",
    params(("task_id" = String, Path, description = "The task's id")),
    responses(
        (status = 200, description = "The task", body = TaskOut),
        (status = 404, description = "No such task of yours (`task_not_found`)", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    db: web::Data<UserDb>,
) -> Answer {
    let found = store::find_task(&db.as_user(&user), id).await?;
    let task = found.ok_or_else(no_such_task)?;
    Ok(HttpResponse::Ok().json(TaskOut::from(task)))
}

/// Replace a task
///
/// What the body leaves out is emptied. A task as it was read is a legal body.
#[utoipa::path(
    put, path = "/tasks/{task_id}", tag = "tasks", operation_id = "replace_task",
    params(("task_id" = String, Path, description = "The task's id")),
    request_body = ReplaceTaskBody,
    responses(
        (status = 200, description = "The task as it is now", body = TaskOut),
        (status = 404, description = "No such task of yours (`task_not_found`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is larger than 256 KiB (`body_too_large`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON (`unsupported_media_type`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body is not valid (`validation_failed`); `errors` says what and where", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn replace_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Body<ReplaceTaskBody>,
) -> Answer {
    let content = body.0.parse()?;
    let task = store::replace_task(&db.as_user(&user), id, &content).await?;
    Ok(HttpResponse::Ok().json(TaskOut::from(task)))
}

/// Change a task
///
/// A JSON merge patch (RFC 7396): what is absent stays, `null` empties.
#[utoipa::path(
    patch, path = "/tasks/{task_id}", tag = "tasks", operation_id = "patch_task",
    params(("task_id" = String, Path, description = "The task's id")),
    request_body(content((PatchTaskBody = "application/json"), (PatchTaskBody = "application/merge-patch+json"))),
    responses(
        (status = 200, description = "The task as it is now", body = TaskOut),
        (status = 404, description = "No such task of yours (`task_not_found`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is larger than 256 KiB (`body_too_large`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON (`unsupported_media_type`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body is not valid (`validation_failed`); `errors` says what and where", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn patch_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Body<PatchTaskBody>,
) -> Answer {
    let patch = body.0.parse()?;
    let task = store::patch_task(&db.as_user(&user), id, patch).await?;
    Ok(HttpResponse::Ok().json(TaskOut::from(task)))
}

/// Delete a task
///
/// It goes into the trash and is not found any more.
#[utoipa::path(
    delete, path = "/tasks/{task_id}", tag = "tasks", operation_id = "delete_task",
    params(("task_id" = String, Path, description = "The task's id")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such task of yours (`task_not_found`)", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn delete_task(
    user: CurrentUser,
    TaskId(id): TaskId,
    _: NoQuery,
    db: web::Data<UserDb>,
) -> Answer {
    match store::delete_task(&db.as_user(&user), id).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(no_such_task()),
    }
}

/// List tags
///
/// In the order of their names, a page at a time.
#[utoipa::path(
    get, path = "/tags", tag = "tags", operation_id = "list_tags",
    params(
        ("limit" = Option<u32>, Query, description = "Most tags on the page", minimum = 1, maximum = 200, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page of tags", body = Page<TagOut>),
        (status = 400, description = "A query parameter is unknown or not right (`unknown_parameter`, `invalid_parameter`, `invalid_cursor`)", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn list_tags(req: HttpRequest, user: CurrentUser, db: web::Data<UserDb>) -> Answer {
    const LIST: &str = "tags by name";
    let mut query = QueryString::parse(req.query_string())?;
    let limit = query.take("limit", parse_limit)?.unwrap_or(DEFAULT_LIMIT);
    let cursor = query.take("cursor", |text| Ok(text.to_owned()))?;
    query.finish()?;

    let after = cursor
        .map(|text| read_cursor::<String>(user.user_id(), LIST, &text))
        .transpose()?;
    let tags = store::list_tags(&db.as_user(&user), after.as_deref(), i64::from(limit) + 1)
        .await
        .map_err(bad_cursor)?;
    let page = Page::from_one_too_many(tags, limit, |(name_key, _)| {
        cursor_after(user.user_id(), LIST, name_key)
    });
    Ok(HttpResponse::Ok().json(page.map(|(_, tag)| TagOut::from(tag))))
}

/// Create a tag
#[utoipa::path(
    post, path = "/tags", tag = "tags", operation_id = "create_tag",
    request_body = NewTagBody,
    responses(
        (status = 201, description = "The tag", body = TagOut),
        (status = 409, description = "There is a tag of this name (`tag_name_conflict`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is larger than 256 KiB (`body_too_large`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is not declared as JSON (`unsupported_media_type`)", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body is not valid (`validation_failed`); `errors` says what and where", body = schema::Problem, content_type = "application/problem+json"),
    ),
)]
async fn create_tag(
    user: CurrentUser,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Body<NewTagBody>,
) -> Answer {
    let tag = body.0.parse()?;
    let tag = store::create_tag(&db.as_user(&user), Uuid::now_v7(), &tag).await?;
    Ok(HttpResponse::Created().json(TagOut::from(tag)))
}

const DEFAULT_LIMIT: u32 = 50;

/// The task that the path names. An extractor, so that the path is judged before the body.
struct TaskId(Uuid);

impl FromRequest for TaskId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = req.match_info().get("task_id").unwrap_or_default();
        // What is no id is the id of nothing.
        ready(parse_id(text).map(Self).ok_or_else(no_such_task))
    }
}

fn parse_limit(text: &str) -> Result<u32, &'static str> {
    match text.parse() {
        Ok(limit @ 1..=200) => Ok(limit),
        _ => Err("a number from 1 to 200"),
    }
}

fn parse_status(text: &str) -> Result<Option<bool>, &'static str> {
    match text {
        "complete" | "completed" => Ok(Some(true)),
        "incomplete" | "active" => Ok(Some(false)),
        "all" => Ok(None),
        _ => Err("complete, incomplete or all"),
    }
}

/// Of a list's values only those in the cursor are the client's own.
fn bad_cursor(error: StoreError) -> ApiError {
    match error {
        StoreError::Value(_) => ApiError::invalid_cursor(),
        error => error.into(),
    }
}

fn no_such_task() -> ApiError {
    ApiError::not_found("task_not_found", "No such task")
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UserGone => Self::user_gone(),
            Refusal::NoSuchTask => no_such_task(),
            Refusal::NoSuchTag(place) => wire::tag_refused(place),
            Refusal::ReminderNotBeforeDue => wire::reminder_refused(),
            Refusal::TagNameTaken => Self::conflict(
                "tag_name_conflict",
                "There is a tag of this name",
                "You have a tag of this name already; case does not count.",
            ),
            Refusal::Store(error) => error.into(),
        }
    }
}
