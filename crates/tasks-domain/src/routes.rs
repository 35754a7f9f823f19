//! One handler per operation: typed input, one store function, the answer.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web};
use domain_kit::{ApiError, KitProblem, OpenApi, Page, ProblemKind, StateDigest, answers_with};
use uuid::Uuid;

use crate::{
    problem::TaskProblem,
    wire::{parameters::Paging, parse_id},
};

mod assignments;
mod batch;
mod order;
mod recurrence;
mod stats;
mod tags;
mod tasks;
pub mod transfer;
mod trash;

pub fn mount(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::resource("/tasks")
            .route(web::get().to(tasks::list_tasks))
            .route(web::head().to(tasks::list_tasks))
            .route(web::post().to(tasks::create_task)),
    )
    // Before the ids, none of which it could be.
    .service(web::resource("/tasks/batch").route(web::post().to(batch::change_tasks)))
    .service(
        web::resource("/tasks/stats")
            .route(web::get().to(stats::show_stats))
            .route(web::head().to(stats::show_stats)),
    )
    .service(
        web::resource("/tasks/{task_id}")
            .route(web::get().to(tasks::find_task))
            .route(web::head().to(tasks::find_task))
            .route(web::put().to(tasks::replace_task))
            .route(web::patch().to(tasks::patch_task))
            .route(web::delete().to(tasks::delete_task)),
    )
    .service(
        web::resource("/tasks/{task_id}/completion").route(web::put().to(tasks::set_completion)),
    )
    .service(
        web::resource("/tasks/{task_id}/complete").route(web::patch().to(tasks::complete_task)),
    )
    .service(web::resource("/tasks/{task_id}/restore").route(web::post().to(trash::restore_task)))
    .service(web::resource("/tasks/{task_id}/position").route(web::put().to(order::move_task)))
    .service(
        web::resource("/tasks/{task_id}/occurrences")
            .route(web::get().to(recurrence::list_occurrences))
            .route(web::head().to(recurrence::list_occurrences)),
    )
    .service(
        web::resource("/recurrence")
            .route(web::get().to(recurrence::preview_recurrence))
            .route(web::head().to(recurrence::preview_recurrence)),
    )
    .service(web::resource("/export").route(web::get().to(transfer::export)))
    .service(web::resource("/import").route(web::post().to(transfer::import)))
    .service(web::resource("/trash").route(web::delete().to(trash::empty_trash)))
    .service(
        web::resource("/tasks/{task_id}/tags")
            .route(web::get().to(assignments::list_tags_of_task))
            .route(web::head().to(assignments::list_tags_of_task))
            .route(web::post().to(assignments::assign_tag))
            .route(web::put().to(assignments::replace_tags_of_task)),
    )
    .service(
        web::resource("/tasks/{task_id}/tags/{tag_id}")
            .route(web::delete().to(assignments::unassign_tag)),
    )
    .service(
        web::resource("/tags")
            .route(web::get().to(tags::list_tags))
            .route(web::head().to(tags::list_tags))
            .route(web::post().to(tags::create_tag)),
    )
    .service(
        web::resource("/tags/{tag_id}")
            .route(web::get().to(tags::find_tag))
            .route(web::head().to(tags::find_tag))
            .route(web::put().to(tags::replace_tag))
            .route(web::patch().to(tags::patch_tag))
            .route(web::delete().to(tags::delete_tag)),
    );
}

/// The operations as a document.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        tasks::list_tasks,
        tasks::create_task,
        tasks::find_task,
        tasks::replace_task,
        tasks::patch_task,
        tasks::delete_task,
        tasks::set_completion,
        tasks::complete_task,
        batch::change_tasks,
        stats::show_stats,
        transfer::export,
        transfer::import,
        trash::restore_task,
        trash::empty_trash,
        order::move_task,
        recurrence::list_occurrences,
        recurrence::preview_recurrence,
        assignments::list_tags_of_task,
        assignments::assign_tag,
        assignments::replace_tags_of_task,
        assignments::unassign_tag,
        tags::list_tags,
        tags::create_tag,
        tags::find_tag,
        tags::replace_tag,
        tags::patch_tag,
        tags::delete_tag,
    ),
    tags(
        (name = "tasks", description = "What there is to do"),
        (name = "tags", description = "Labels that tasks carry"),
        (name = "transfer", description = "Everything, out and in"),
    ),
)]
pub struct Fragment;

/// Adds to the document which problems each operation can be answered with, beside those that every operation can.
pub fn document_problems(fragment: &mut OpenApi) {
    use KitProblem::{IdempotencyConflict, InvalidCursor, InvalidHeader, PreconditionFailed};
    use TaskProblem::{
        BatchFailed, DoesNotRecur, DuplicateTagAssignment, ImportBusy, LineTooLong,
        TagNameConflict, TagNotAssigned, TagNotFound, TaskNotFound, TooManyTags,
    };
    let table: &[(&str, &[KitProblem], &[TaskProblem])] = &[
        ("list_tasks", &[InvalidCursor, InvalidHeader], &[]),
        ("create_task", &[InvalidHeader, IdempotencyConflict], &[]),
        ("find_task", &[InvalidHeader], &[TaskNotFound]),
        (
            "replace_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "patch_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "delete_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "set_completion",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "complete_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "restore_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "move_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "change_tasks",
            &[InvalidHeader, IdempotencyConflict],
            &[BatchFailed],
        ),
        ("import", &[], &[ImportBusy, LineTooLong]),
        ("list_occurrences", &[], &[TaskNotFound, DoesNotRecur]),
        ("list_tags_of_task", &[], &[TaskNotFound]),
        (
            "assign_tag",
            &[InvalidHeader, PreconditionFailed, IdempotencyConflict],
            &[
                TaskNotFound,
                TagNotFound,
                DuplicateTagAssignment,
                TooManyTags,
            ],
        ),
        (
            "replace_tags_of_task",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound],
        ),
        (
            "unassign_tag",
            &[InvalidHeader, PreconditionFailed],
            &[TaskNotFound, TagNotAssigned],
        ),
        ("list_tags", &[InvalidCursor, InvalidHeader], &[]),
        (
            "create_tag",
            &[InvalidHeader, IdempotencyConflict],
            &[TagNameConflict],
        ),
        ("find_tag", &[InvalidHeader], &[TagNotFound]),
        (
            "replace_tag",
            &[InvalidHeader, PreconditionFailed],
            &[TagNotFound, TagNameConflict],
        ),
        (
            "patch_tag",
            &[InvalidHeader, PreconditionFailed],
            &[TagNotFound, TagNameConflict],
        ),
        (
            "delete_tag",
            &[InvalidHeader, PreconditionFailed],
            &[TagNotFound],
        ),
    ];
    for (operation, kit, own) in table {
        let kit = kit.iter().map(|problem| problem.kind());
        let kinds: Vec<ProblemKind> = kit
            .chain(own.iter().map(|problem| problem.kind()))
            .collect();
        answers_with(fragment, operation, kinds);
    }
}

type Answer = Result<HttpResponse, ApiError>;

/// The task that the path names. An extractor, so that the path is judged before the body.
struct TaskId(Uuid);

impl FromRequest for TaskId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // What is no id is the id of nothing.
        let id = id_in_path(req, "task_id").map(Self);
        ready(id.ok_or_else(|| TaskProblem::TaskNotFound.into()))
    }
}

/// The tag that the path names.
struct TagId(Uuid);

impl FromRequest for TagId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = id_in_path(req, "tag_id").map(Self);
        ready(id.ok_or_else(|| TaskProblem::TagNotFound.into()))
    }
}

/// The tag of an assignment that the path names.
struct AssignedTagId(Uuid);

impl FromRequest for AssignedTagId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = id_in_path(req, "tag_id").map(Self);
        ready(id.ok_or_else(|| TaskProblem::TagNotAssigned.into()))
    }
}

fn id_in_path(req: &HttpRequest, name: &str) -> Option<Uuid> {
    parse_id(req.match_info().get(name).unwrap_or_default())
}

/// What a page says beside its entries, for its entity tag.
fn add_page<T>(shown: &mut StateDigest, page: &Page<T>, paging: &Paging) {
    shown.add(&paging.limit.to_le_bytes());
    shown.add(&[u8::from(page.has_more)]);
    shown.add(format!("{:?} {:?}", page.total, page.page).as_bytes());
}

/// The page with what was asked for beside its entries.
fn finish_page<T>(page: Page<T>, paging: &Paging, total: Option<i64>) -> Page<T> {
    let page = match total {
        Some(total) => page.with_total(total.unsigned_abs()),
        None => page,
    };
    match paging.page {
        Some(number) => page.numbered(u64::from(number)),
        None => page,
    }
}
