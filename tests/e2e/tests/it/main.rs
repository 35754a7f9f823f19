//! The whole of it, with nothing faked: a real Better Auth in its own process, a real PostgreSQL, our server in this process or
//! in its own. Beside that: what the parts must not know of each other, and that the document says what is served.
//!
//! The tests want the packages of the web app: `npm ci --prefix services/web`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected is to stop there"
)]

mod accounts;
mod architecture;
mod doctor;
mod document;
mod flood;
mod issuers;
mod keys;
#[cfg(all(unix, feature = "proxies"))]
mod proxies;
mod refusals;
mod revocation;
mod story;
mod support;
mod vectors;
