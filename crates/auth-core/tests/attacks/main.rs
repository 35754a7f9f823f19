//! What attackers and broken issuers send, in tables: each row is one of their ideas and the one
//! code it must be refused with.
//!
//! `tokens` are about everything up to the signature, `claims` about what is signed but wrong, and
//! `key_sets` about what an issuer publishes.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

mod claims;
mod cves;
mod forge;
mod issuers;
mod josekit_traps;
mod key_sets;
mod kinds;
mod limits;
mod order;
mod signatures;
mod tokens;
