//! Several changes in one request. Pure, like `task.rs`.

use domain_kit::{ApiError, IfMatch};
use uuid::Uuid;

use crate::task::{TaskContent, TaskPatch};

/// Most changes of one request.
pub const MOST_OPERATIONS: usize = 100;

/// What a client wants to be done.
#[derive(Debug)]
pub struct Batch {
    /// All of it or nothing, instead of each for itself.
    pub atomic: bool,
    /// In this order. What is wrong with one is known before the first is done.
    pub operations: Vec<Result<Operation, ApiError>>,
}

/// One change.
#[derive(Debug)]
pub enum Operation {
    Create(Box<TaskContent>),
    /// Also the replacement of a task, and its completion.
    Change(Uuid, IfMatch, Box<TaskPatch>),
    Delete(Uuid, IfMatch),
    Restore(Uuid, IfMatch),
    Purge(Uuid, IfMatch),
}
