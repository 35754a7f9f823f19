//! Several changes in one transaction.

use super::*;
use crate::batch::Operation;

/// What an operation has left.
#[derive(Debug)]
pub enum Outcome {
    Made(Changed),
    Changed(Changed),
    Gone,
}

/// Does one operation, as a part of a transaction that holds the user's other changes back.
pub async fn operate(tx: &UserTx<'_>, operation: &Operation) -> Result<Outcome, Refusal> {
    let only = |task| Changed {
        task,
        next_occurrence: None,
    };
    Ok(match operation {
        Operation::Create(content) => {
            Outcome::Made(only(create_task_in(tx, Uuid::now_v7(), content).await?))
        }
        Operation::Change(id, if_match, patch) => {
            let mut changed = change_task_in(tx, *id, if_match, patch).await?;
            // As of a request of its own: also the one that was made before.
            if patch.completion == Some(Completion::Set(true))
                && changed.next_occurrence.is_none()
                && let Some(next) = changed.task.next_occurrence_id
            {
                let found = tx.query_opt(sql::FIND_TASK, &[&next]).await?;
                changed.next_occurrence = found.as_ref().map(read_task).transpose()?;
            }
            Outcome::Changed(changed)
        }
        Operation::Restore(id, if_match) => {
            Outcome::Changed(only(tree::restore_task_in(tx, *id, if_match).await?))
        }
        Operation::Delete(id, if_match) => {
            tree::delete_task_in(tx, *id, if_match).await?;
            Outcome::Gone
        }
        Operation::Purge(id, if_match) => {
            tree::purge_task_in(tx, *id, if_match).await?;
            Outcome::Gone
        }
    })
}
