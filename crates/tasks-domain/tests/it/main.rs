//! The Tasks API through its front door: real tokens, the real guard, a real PostgreSQL; two users wherever isolation could
//! fail. One program, because each of them is linked for itself.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

mod api;
mod at_once;
mod bad_input;
mod batch;
mod cancelled;
mod chores;
mod defects;
mod integration_rows;
mod living;
mod support;
mod transfer;
mod whole;
