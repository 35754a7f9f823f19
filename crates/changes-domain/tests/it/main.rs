//! Who follows, over real HTTP: two servers over one database, two users, and a proxy-like client that reads streams as they come.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

mod list;
mod stream;
mod support;
mod webhooks;
