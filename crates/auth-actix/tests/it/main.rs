//! What strangers and users see of an app behind the drawbridge: one file for each thing there is.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

#[macro_use]
mod support;

mod cache;
mod claims;
mod cors;
mod drawbridge;
mod guard;
mod issuers;
mod limits;
mod meter;
mod optional;
mod probe;
mod refusals;
mod rendering;
mod require;
mod resource;
