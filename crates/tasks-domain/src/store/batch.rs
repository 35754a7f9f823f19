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
            Outcome::Changed(change_task_in(tx, *id, if_match, patch).await?)
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
