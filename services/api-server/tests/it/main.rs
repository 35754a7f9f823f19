//! The whole service through its front doors: HTTP in this process, the command line in child processes. PostgreSQL is real,
//! the issuer is auth-testkit's.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected is to stop there"
)]

mod api_document;
mod command_line;
mod cross_origin;
mod doctor;
mod health;
mod link;
mod log;
mod requests;
mod shutdown;
mod support;
mod token;
mod verify_jwks;
mod verify_token;
