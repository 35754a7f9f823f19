//! Decides whether a token of a [Better Auth](https://better-auth.com) server proves who a user is.
//!
//! The crate is pure: no clock, no randomness, no runtime, no HTTP, no database. What it needs
//! comes in as an argument, and the same arguments give the same answer. `auth-actix` builds a
//! guard for Actix servers from it.
//!
//! ```
//! use std::time::SystemTime;
//! use auth_core::{KeyRing, Policy, UntrustedToken, Verifier};
//!
//! # let recorded = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/EdDSA.json"));
//! # let recorded: serde_json::Value = serde_json::from_str(recorded)?;
//! # let jwks = recorded["jwks"].to_string();
//! # let bearer = recorded["token"].as_str().ok_or("token")?;
//! // Once: what is accepted, and the keys that the issuer publishes at /api/auth/jwks.
//! let verifier = Verifier::new(Policy::new("http://localhost:3101", "http://localhost:3101")?);
//! let keys = KeyRing::parse(jwks.as_bytes())?;
//!
//! // For every request: text, token, identity. Each step can only be reached through the last.
//! let token = UntrustedToken::parse(bearer)?;
//! let identity = verifier.verify(&token, &keys, SystemTime::now().into())?;
//! assert_eq!(identity.user_id().to_string(), "040a5b41-3d3e-4f0c-998a-f44e5dd83b65");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | file | holds |
//! |---|---|
//! | `verify` | [`Verifier`]: every check in order, on one screen |
//! | `token` | [`UntrustedToken`]: size, shape, header; what a stranger sent |
//! | `jwk`, `keys` | [`KeyRing`]: which published keys are used and why others are not; signatures |
//! | `keybook` | [`KeyBook`]: which ring counts now, and when to ask the issuer for a newer one |
//! | `claims` | what a signed token says, typed and checked |
//! | `identity` | [`Identity`], [`UserId`]: the proof, which nothing else can make |
//! | `policy` | [`Policy`], [`Algorithm`], [`UserClaim`]: what is accepted |
//! | `denied`, `excerpt` | [`Denied`]: one variant for each way to be refused, safe to log |
//! | `account` | [`Accounts`]: the question a verified user's account is asked |
//! | `json` | strict JSON objects: UTF-8, unique names |
//! | `time` | [`UnixTime`] |
//!
//! # What it relies on
//!
//! [josekit](https://docs.rs/josekit) and, beneath it, OpenSSL verify the signatures; `keys` is
//! the only file that names josekit. [curve25519-dalek](https://docs.rs/curve25519-dalek) tells
//! which Ed25519 keys are sound. Parsing and claims are done here. josekit's errors capture a backtrace
//! when `RUST_BACKTRACE` is set: with `RUST_LIB_BACKTRACE=0` beside it, refusing a forged token
//! costs nothing extra.

#![warn(missing_docs)]

mod account;
mod claims;
mod denied;
mod excerpt;
mod identity;
mod json;
mod jwk;
mod keybook;
mod keys;
mod policy;
mod time;
mod token;
mod verify;

pub use account::{Accounts, AccountsUnavailable, Standing};
pub use denied::Denied;
pub use excerpt::Excerpt;
pub use identity::{Identity, UserId};
pub use jwk::{SkipReason, SkippedKey};
pub use keybook::{FetchFailure, KeyBook, KeyBookSettings, KeyState, Lookup, Outcome};
pub use keys::{KeyRing, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use policy::{Algorithm, Policy, PolicyError, UnknownName, UserClaim};
pub use time::UnixTime;
pub use token::{MAX_KEY_ID_BYTES, MAX_TOKEN_BYTES, UntrustedToken};
pub use verify::Verifier;
