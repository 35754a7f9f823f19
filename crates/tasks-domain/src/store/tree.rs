//! Tasks and what is below them: into the trash, out of it, completed, and made again.

use super::*;
use crate::{
    position::Position,
    task::{MOST_COPIED, MOST_LEVELS, Move},
};

/// Whether the task can stand below that one. Wants the lock of the user's row.
pub async fn look_at_parent(tx: &UserTx<'_>, id: Uuid, parent: Uuid) -> Result<(), Refusal> {
    let looked = tx.query(sql::tree::LOOK_AT_PARENT, &[&id, &parent]).await?;
    let row = looked.first().ok_or(Refusal::NoSuchParent)?;
    if !read::<bool>(row, "there")? {
        Err(Refusal::NoSuchParent)
    } else if read(row, "cyclic")? {
        Err(Refusal::ParentBelow)
    } else if read::<i32>(row, "levels")? > MOST_LEVELS {
        Err(Refusal::TooDeep)
    } else {
        Ok(())
    }
}

/// Puts the task and all below it into the trash.
pub async fn delete_task(user: &UserScope, id: Uuid, if_match: &IfMatch) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let params: [Param<'_>; 2] = [&id, &versions];
    was_current(user.change_opt(sql::tree::DELETE_TASK, &params).await?)
}

/// [`delete_task`] as a part of a transaction that holds the user's other changes back.
pub async fn delete_task_in(tx: &UserTx<'_>, id: Uuid, if_match: &IfMatch) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let params: [Param<'_>; 2] = [&id, &versions];
    was_current(tx.query_opt(sql::tree::DELETE_TASK, &params).await?)
}

/// Deletes the task, in the trash or not, and all below it, for good.
pub async fn purge_task(user: &UserScope, id: Uuid, if_match: &IfMatch) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let params: [Param<'_>; 2] = [&id, &versions];
    was_current(user.change_opt(sql::tree::PURGE_TASK, &params).await?)
}

/// [`purge_task`] as a part of a transaction that holds the user's other changes back.
pub async fn purge_task_in(tx: &UserTx<'_>, id: Uuid, if_match: &IfMatch) -> Result<(), Refusal> {
    let versions = if_match.versions();
    let params: [Param<'_>; 2] = [&id, &versions];
    was_current(tx.query_opt(sql::tree::PURGE_TASK, &params).await?)
}

/// Deletes all that is in the trash, for good, and gives how many tasks that were.
pub async fn empty_trash(user: &UserScope) -> Result<i64, Refusal> {
    let row = user.change_opt(sql::tree::EMPTY_TRASH, &[]).await?;
    Ok(read(&row.ok_or(Refusal::UserGone)?, "purged")?)
}

/// Takes the task out of the trash, with what went there with it. One that is not there stays as it is.
pub async fn restore_task(user: &UserScope, id: Uuid, if_match: &IfMatch) -> Result<Task, Refusal> {
    user.transaction(async |tx| match tx.lock_user().await? {
        true => restore_task_in(tx, id, if_match).await,
        false => Err(Refusal::NoSuchTask),
    })
    .await
}

/// [`restore_task`] as a part of a transaction that holds the user's other changes back.
pub async fn restore_task_in(
    tx: &UserTx<'_>,
    id: Uuid,
    if_match: &IfMatch,
) -> Result<Task, Refusal> {
    let versions = if_match.versions();
    let params: [Param<'_>; 2] = [&id, &versions];
    was_current(tx.query_opt(sql::tree::RESTORE_TASK, &params).await?)?;
    let restored = tx.query_opt(sql::FIND_TASK, &[&id]).await?;
    Ok(read_task(&restored.ok_or(Refusal::NoSuchTask)?)?)
}

fn was_current(row: Option<Row>) -> Result<(), Refusal> {
    only_current(&row.ok_or(Refusal::NoSuchTask)?)
}

/// What has to happen when this task was just completed, in the same transaction: what is open below it is completed as well, and where
/// it recurs and nothing has taken its place yet, the next occurrence is made.
pub(super) async fn complete(tx: &UserTx<'_>, mut task: Task) -> Result<Changed, Refusal> {
    // Those below are copied as they are, so before or after does not matter; but the next occurrence has them open.
    tx.query(sql::tree::COMPLETE_SUBTASKS, &[&task.id]).await?;
    let next = match (&task.series, task.next_occurrence_id) {
        (Some(series), None) => next_due(&task, series)?,
        _ => None,
    };
    let Some((due, recurrence)) = next else {
        return Ok(Changed {
            task,
            next_occurrence: None,
        });
    };
    let next = make_next(tx, &task, due, &recurrence).await?;
    let follow: [Param<'_>; 2] = [&task.id, &next.id];
    tx.query(sql::tree::FOLLOW_TASK, &follow).await?;
    task.next_occurrence_id = Some(next.id);
    Ok(Changed {
        task,
        next_occurrence: Some(next),
    })
}

/// When the task is due again: after the date on which it was, and not in the past. `None` where the series has ended.
fn next_due(task: &Task, series: &Series) -> Result<Option<(Timestamp, Recurrence)>, Refusal> {
    let recurrence = read_rule(series)?;
    let now = task.completed_at.unwrap_or(task.updated_at);
    let after = task.schedule.due_date().map_or(now, |due| due.max(now));
    let due = recurrence.next(series.from, after);
    Ok(due.map(|due| (due, recurrence)))
}

/// Makes the next occurrence, with all that is below the task.
async fn make_next(
    tx: &UserTx<'_>,
    task: &Task,
    due: Timestamp,
    recurrence: &Recurrence,
) -> Result<Task, Refusal> {
    let later = due.duration_since(task.schedule.due_date().unwrap_or(due));
    // It keeps its distance; where that is out of reach there is none.
    let reminder = task.schedule.reminder_at();
    let reminder = reminder.and_then(|reminder| reminder.checked_add(later).ok());
    let tags: Vec<Uuid> = task.tags.iter().map(|tag| tag.id).collect();
    let id = Uuid::now_v7();
    // Who has given the task a place finds the next one there.
    let place = match &task.position {
        Some(_) => Some(order::find_room(tx, id, Move::After(task.id)).await?),
        None => None,
    };
    let values = TaskValues {
        id,
        title: task.title.as_str(),
        description: task.description.as_ref().map(Description::as_str),
        completed: false,
        priority: task.priority.rank(),
        due_date: Some(due),
        reminder_at: reminder,
        rrule: Some(recurrence.rrule()),
        time_zone: Some(recurrence.time_zone()),
        recurs_from: task.series.as_ref().map(|series| series.from),
        parent_id: task.parent_id,
        position: place.as_ref().map(Position::as_str),
    };
    let made = tx
        .query_opt(sql::CREATE_TASK, &values.params_and(&tags))
        .await?;
    let next = read_created(made, &TagChoices::default())?;
    copy_subtasks(tx, task.id, next.id, later.as_micros()).await?;
    Ok(next)
}

async fn copy_subtasks(tx: &UserTx<'_>, from: Uuid, to: Uuid, later: i128) -> Result<(), Refusal> {
    let rows = tx
        .query(sql::tree::LIST_SUBTREE, &[&from, &MOST_COPIED])
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut copies = HashMap::from([(from, to)]);
    let (mut old, mut new, mut below) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let (id, parent): (Uuid, Uuid) = (read(row, "id")?, read(row, "parent_id")?);
        let copy = Uuid::now_v7();
        copies.insert(id, copy);
        old.push(id);
        new.push(copy);
        // Those above come first.
        below.push(copies.get(&parent).copied().unwrap_or(to));
    }
    let later = i64::try_from(later).unwrap_or_default();
    tx.query(sql::tree::COPY_TASKS, &[&old, &new, &below, &later])
        .await?;
    Ok(())
}
