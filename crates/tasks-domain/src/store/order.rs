//! The order that a user gives to tasks.

use super::*;
use crate::{position::Position, task::Move};

/// Puts the task before or after another one.
pub async fn move_task(
    user: &UserScope,
    id: Uuid,
    if_match: &IfMatch,
    to: Move,
) -> Result<Task, Refusal> {
    user.transaction(async |tx| match tx.lock_user().await? {
        true => move_task_in(tx, id, if_match, to).await,
        false => Err(Refusal::NoSuchTask),
    })
    .await
}

/// [`move_task`] as a part of a transaction that holds the user's other changes back.
pub async fn move_task_in(
    tx: &UserTx<'_>,
    id: Uuid,
    if_match: &IfMatch,
    to: Move,
) -> Result<Task, Refusal> {
    let found = tx.query_opt(sql::FIND_TASK, &[&id]).await?;
    let found = read_task(&found.ok_or(Refusal::NoSuchTask)?)?;
    if !if_match.allows(found.version) {
        return Err(Refusal::NotCurrent);
    }
    let place = find_room(tx, id, to).await?;
    put(tx, id, if_match, &place).await
}

/// A place for the task beside another one. Wants the lock of the user's row.
pub(super) async fn find_room(tx: &UserTx<'_>, id: Uuid, to: Move) -> Result<Position, Refusal> {
    let place = find_place(tx, id, to).await?;
    if !place.is_too_long() {
        return Ok(place);
    }
    tx.query(sql::order::NUMBER_ANEW, &[]).await?;
    find_place(tx, id, to).await
}

async fn put(
    tx: &UserTx<'_>,
    id: Uuid,
    if_match: &IfMatch,
    place: &Position,
) -> Result<Task, Refusal> {
    let versions = if_match.versions();
    let row = tx
        .query_opt(sql::order::MOVE_TASK, &[&id, &versions, &place.as_str()])
        .await?;
    only_current(&row.ok_or(Refusal::NoSuchTask)?)?;
    let moved = tx.query_opt(sql::FIND_TASK, &[&id]).await?;
    Ok(read_task(&moved.ok_or(Refusal::NoSuchTask)?)?)
}

async fn find_place(tx: &UserTx<'_>, id: Uuid, to: Move) -> Result<Position, Refusal> {
    let (beside, before) = match to {
        Move::Before(other) => (other, true),
        Move::After(other) => (other, false),
    };
    let row = tx
        .query_opt(sql::order::LOOK_AROUND, &[&id, &beside, &before])
        .await?;
    let row = row.ok_or(Refusal::NoSuchNeighbour)?;
    let anchor: &str = read(&row, "anchor")?;
    let neighbour: Option<&str> = read(&row, "neighbour")?;
    Ok(match (neighbour, before) {
        (Some(neighbour), true) => Position::between(neighbour, anchor),
        (Some(neighbour), false) => Position::between(anchor, neighbour),
        (None, true) => Position::before(anchor),
        (None, false) => Position::after(anchor),
    })
}
