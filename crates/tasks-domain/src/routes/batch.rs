//! Several changes in one request.

use actix_web::{HttpRequest, web};
use domain_kit::{
    ApiError, CurrentUser, FieldError, Keyed, NoQuery, Problem, Reply, UserDb, UserTx, at_most_once,
};
use serde_json::Value;

use super::Answer;
use crate::{
    batch::{Batch, Operation},
    problem::TaskProblem,
    store::batch::{Outcome, operate},
    wire::batch::{BatchBody, BatchOut, OutcomeOut},
};

/// Change several tasks
///
/// In the order given, in one transaction: each sees what those before it did. All of them are made, or none is; with
/// `atomic: false` each stands for itself, and what became of it is told as if it had been a request of its own.
#[utoipa::path(
    post, path = "/tasks/batch", tag = "tasks", operation_id = "change_tasks",
    params(("Idempotency-Key" = Option<String>, Header, description = "Of the client's choice, 1 to 255 visible ASCII characters; the first answer is given again for 24 hours", max_length = 255, example = "5f0c7d0e")),
    request_body(content = BatchBody, example = json!({"operations": [{"op": "create", "body": {"title": "Water the plants"}}, {"op": "create", "body": {"title": "Feed the cat"}}]})),
    responses((status = 200, description = "What became of each", body = BatchOut, headers(
        ("Idempotency-Replayed" = String, description = "`true` where this is the answer to an earlier request with this key"),
    ))),
)]
pub async fn change_tasks(
    req: HttpRequest,
    user: CurrentUser,
    _: NoQuery,
    db: web::Data<UserDb>,
    body: Keyed<BatchBody>,
) -> Answer {
    let Keyed { body, key } = body;
    let Batch { atomic, operations } = body.parse()?;
    let scope = db.as_user(&user);
    at_most_once(key.as_ref(), &scope, async |tx| {
        let mut results = Vec::with_capacity(operations.len());
        for (place, operation) in operations.iter().enumerate() {
            results.push(match atomic {
                true => together(tx, place, operation).await?,
                false => apart(&req, tx, operation).await?,
            });
        }
        Reply::ok(&BatchOut { results })
    })
    .await
}

/// What one cannot do, none does.
async fn together(
    tx: &UserTx<'_>,
    place: usize,
    operation: &Result<Operation, ApiError>,
) -> Result<Value, ApiError> {
    // The body was refused as a whole where one of them is wrong.
    let operation = operation
        .as_ref()
        .map_err(|error| ApiError::from(error.problem().clone()))?;
    let outcome = operate(tx, operation).await.map_err(ApiError::from);
    let outcome = outcome.map_err(|error| match error.problem().status().is_client_error() {
        true => failed_at(place, &error),
        false => error,
    })?;
    told(&outcome)
}

fn failed_at(place: usize, error: &ApiError) -> ApiError {
    let problem = error.problem().parts();
    let at = format!("/operations/{place}");
    let mut errors = vec![FieldError {
        pointer: at.clone(),
        code: problem.code,
        detail: problem.detail.to_owned(),
    }];
    errors.extend(problem.errors.iter().map(|fault| FieldError {
        pointer: format!("{at}/body{}", fault.pointer),
        ..fault.clone()
    }));
    Problem::of(&TaskProblem::BatchFailed.kind())
        .detail(format!("Operation {place}: {}", problem.detail))
        .errors(errors)
        .into()
}

/// What one cannot do is left out.
async fn apart(
    req: &HttpRequest,
    tx: &UserTx<'_>,
    operation: &Result<Operation, ApiError>,
) -> Result<Value, ApiError> {
    let told_of = |error: &ApiError| {
        let refused = OutcomeOut::refused(error, error.rendered_for(req));
        serde_json::to_value(refused).map_err(ApiError::broken)
    };
    let operation = match operation {
        Ok(operation) => operation,
        Err(error) => return told_of(error),
    };
    let outcome = tx
        .part(async |tx| {
            // What is seen beside the row is told as what is seen in the body.
            let done = operate(tx, operation).await.map_err(ApiError::from);
            done.map_err(|error| error.below("/body"))
        })
        .await;
    match outcome {
        Ok(outcome) => told(&outcome),
        Err(error) if error.problem().status().is_client_error() => told_of(&error),
        // Of no use to go on, or to say that the others were done.
        Err(error) => Err(error),
    }
}

fn told(outcome: &Outcome) -> Result<Value, ApiError> {
    let told = match outcome {
        Outcome::Made(changed) => OutcomeOut::made(changed),
        Outcome::Changed(changed) => OutcomeOut::changed(changed),
        Outcome::Gone => OutcomeOut::gone(),
    };
    serde_json::to_value(told).map_err(ApiError::broken)
}
