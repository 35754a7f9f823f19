//! When a task is due again, before it is.

use actix_web::{HttpRequest, web};
use domain_kit::{CurrentUser, QueryString, Reply, UserDb, now};
use jiff::Timestamp;

use super::{Answer, TaskId};
use crate::{
    recurrence::Recurrence,
    store,
    wire::{
        OccurrencesOut,
        parameters::{self, RuleQuery},
    },
};

/// List a task's next occurrences
///
/// The times at which it will be due again, if each is completed in time: those after its due date that are still to come.
#[utoipa::path(
    get, path = "/tasks/{task_id}/occurrences", tag = "tasks", operation_id = "list_occurrences",
    params(
        ("task_id" = Uuid, Path, description = "The task's id"),
        ("limit" = Option<u32>, Query, description = "Most times to give; 10, unless said otherwise", minimum = 1, maximum = 100, example = 5),
    ),
    responses((status = 200, description = "The next times", body = OccurrencesOut)),
)]
pub async fn list_occurrences(
    req: HttpRequest,
    user: CurrentUser,
    TaskId(id): TaskId,
    db: web::Data<UserDb>,
) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let limit = parameters::occurrences(&mut query)?;
    query.finish()?;
    let (recurrence, from, after) = store::find_series(&db.as_user(&user), id, now()).await?;
    answer(&recurrence, from, after, limit)
}

/// Preview a recurrence
///
/// The first times of a rule, before a task is given it.
#[utoipa::path(
    get, path = "/recurrence", tag = "tasks", operation_id = "preview_recurrence",
    params(
        ("rrule" = String, Query, description = "A rule of RFC 5545, section 3.3.10, at most once a day", max_length = 500, example = "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("timezone" = Option<String>, Query, description = "The IANA name of the time zone in which it is meant; `UTC`, unless said otherwise", example = "Europe/Berlin"),
        ("due_date" = String, Query, description = "The due date from which it is counted, as an RFC 3339 time with offset", example = "2026-03-02T09:00:00Z"),
        ("limit" = Option<u32>, Query, description = "Most times to give; 10, unless said otherwise", minimum = 1, maximum = 100, example = 5),
    ),
    responses((status = 200, description = "The times after the due date", body = OccurrencesOut)),
)]
pub async fn preview_recurrence(req: HttpRequest, _: CurrentUser) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let RuleQuery {
        recurrence,
        due_date,
    } = parameters::rule(&mut query)?;
    let limit = parameters::occurrences(&mut query)?;
    query.finish()?;
    answer(&recurrence, due_date, due_date, limit)
}

fn answer(recurrence: &Recurrence, from: Timestamp, after: Timestamp, limit: usize) -> Answer {
    let mut occurrences = recurrence.upcoming(from, after, limit + 1);
    let ends = occurrences.len() <= limit;
    occurrences.truncate(limit);
    Ok(Reply::ok(&OccurrencesOut { occurrences, ends })?.into_response())
}
