//! The whole service through its front doors: HTTP in this process, the command line in child processes. PostgreSQL is real,
//! the issuer is auth-testkit's.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected is to stop there"
)]

mod api_document;
mod command_line;
mod configuration;
mod connections;
mod cross_origin;
mod doctor;
mod health;
mod limits;
mod link;
mod log;
mod metrics;
mod replicas;
mod requests;
mod shutdown;
mod support;
mod token;
#[cfg(feature = "otel")]
mod traces;
mod verify_jwks;
mod verify_token;
