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
//! let policy = Policy::new("http://localhost:3101", "http://localhost:3101")?;
//! # let policy = policy.with_max_lifetime(None); // The recorded token is good for ten years.
//! let verifier = Verifier::new(policy);
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
//! | `examine` | [`Examination`]: the same checks, each of them told of, for tools that explain |
//! | `token` | [`UntrustedToken`]: size, shape, header; what a stranger sent |
//! | `jwk`, `keys` | [`KeyRing`]: which published keys are used and why others are not |
//! | `signature` | verifying signatures: the one file that names the libraries for it |
//! | `keybook` | [`KeyBook`]: which ring counts now, and when to ask the issuer for a newer one |
//! | `issuers` | [`Issuers`]: several of them, whose keys are never pooled |
//! | `claims` | what a signed token says, typed and checked |
//! | `identity` | [`Identity`], [`UserId`]: the proof, which nothing else can make |
//! | `cache` | [`TokenCache`]: proofs that are still good |
//! | `policy` | [`Policy`], [`Algorithm`], [`UserClaim`]: what is accepted |
//! | `denied`, `excerpt` | [`Denied`]: one variant for each way to be refused, safe to log |
//! | `account` | [`Accounts`]: the question a verified user's account is asked |
//! | `json` | strict JSON objects: UTF-8, unique names |
//! | `time` | [`UnixTime`] |
//!
//! # What it relies on
//!
//! A published key is judged here, number by number, and must also be taken by
//! [josekit](https://docs.rs/josekit) as a JWK; `keys` is the only file that names it. Signatures
//! are verified by [ed25519-dalek](https://docs.rs/ed25519-dalek) and, for the other algorithms,
//! [aws-lc-rs](https://docs.rs/aws-lc-rs): the fastest sound implementations, on every hot path
//! without allocation. dalek has AVX-512 code that is chosen at run time, if the binary was built
//! with `--cfg curve25519_dalek_backend="avx512"` in its `RUSTFLAGS` (x86-64 only). Parsing and
//! claims are done here.

#![deny(missing_docs)]

mod account;
mod cache;
mod claims;
mod denied;
mod examine;
mod excerpt;
mod identity;
mod issuers;
mod json;
mod jwk;
mod keybook;
mod keys;
mod policy;
mod signature;
mod time;
mod token;
mod verify;

pub use account::{Accounts, AccountsUnavailable, Standing};
pub use cache::TokenCache;
pub use denied::{Denied, DeniedKind};
pub use examine::{Examination, TokenCheck};
pub use excerpt::Excerpt;
pub use identity::{ClaimsMismatch, Identity, UserId};
pub use issuers::Issuers;
pub use jwk::{SkipReason, SkippedKey};
pub use keybook::{
    AbsentKeys, Answer, FetchFailure, FetchFault, KeyBook, KeyBookSettings, KeyState, Lookup,
    Outcome, Pauses, PreloadError, Trigger, Wanted,
};
pub use keys::{KeyRing, KeySetError, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use policy::{Algorithm, Policy, PolicyError, TokenKind, UnknownName, UserClaim, is_scope};
pub use time::UnixTime;
pub use token::{MAX_KEY_ID_BYTES, MAX_TOKEN_BYTES, UntrustedToken};
pub use verify::Verifier;
