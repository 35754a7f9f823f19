//! The key feed against an issuer over real HTTP, well and unwell.

#![expect(clippy::unwrap_used, reason = "a test may end with a panic")]

mod discovery;
mod fetching;
mod keeping;
mod keys;
mod metrics;
mod outage;
mod support;
