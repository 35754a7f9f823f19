//! How much there is to do.

use actix_web::{HttpRequest, web};
use domain_kit::{CurrentUser, QueryString, Reply, UserDb, now};

use super::Answer;
use crate::{
    store::stats,
    wire::{parameters, stats::StatsOut},
};

/// Count tasks
///
/// By state, priority and tag, and for each of the last days.
#[utoipa::path(
    get, path = "/tasks/stats", tag = "tasks", operation_id = "show_stats",
    params(
        ("timezone" = Option<String>, Query, description = "The IANA name of the time zone whose days are meant; `UTC`, unless said otherwise", example = "Europe/Berlin"),
        ("days" = Option<u32>, Query, description = "How many days up to today are counted; 30, unless said otherwise", minimum = 1, maximum = 366, example = 7),
    ),
    responses((status = 200, description = "The counts", body = StatsOut)),
)]
pub async fn show_stats(req: HttpRequest, user: CurrentUser, db: web::Data<UserDb>) -> Answer {
    let mut query = QueryString::parse(req.query_string())?;
    let zone = parameters::time_zone(&mut query)?;
    let days = parameters::days(&mut query)?;
    query.finish()?;
    let stats = stats::count(&db.as_user(&user), &zone, days, now()).await?;
    Ok(Reply::ok(&StatsOut::new(&stats, &zone))?.into_response())
}
