//! For testing what stands behind Drawbridge's guard: tokens of every kind, identities, and an
//! issuer to take them from.
//!
//! ```
//! use auth_core::{KeyRing, UntrustedToken, Verifier};
//! use auth_testkit::FakeIssuer;
//! use std::time::SystemTime;
//! use uuid::Uuid;
//!
//! let alice = Uuid::from_u128(0xA11CE);
//! let issuer = FakeIssuer::start();
//!
//! // Point the server under test at issuer.jwks_url() and give it issuer.policy(). Then:
//! let good = issuer.token_for(alice);
//! let expired = issuer.mint(alice, |token| token.expired());
//! let for_another_server = issuer.mint(alice, |token| token.audience("https://other.example"));
//! # let keys = KeyRing::parse(issuer.jwks().to_string().as_bytes())?;
//! # let verifier = Verifier::new(issuer.policy());
//! # let code = |token: &str| {
//! #     let token = UntrustedToken::parse(token).unwrap();
//! #     verifier.verify(&token, &keys, SystemTime::now().into()).map_err(|denied| denied.code()).err()
//! # };
//! # assert_eq!(code(&good), None);
//! # assert_eq!(code(&expired), Some("token_expired"));
//! # assert_eq!(code(&for_another_server), Some("audience_mismatch"));
//!
//! issuer.rotate();                  // new tokens are signed with a new key
//! issuer.fail_with(500);            // the keys cannot be fetched
//! issuer.recover();
//! issuer.go_down();                 // connections are refused
//! issuer.come_back();
//! assert_eq!(issuer.fetches(), 0);  // nobody has fetched the keys
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`FakeIssuer`]: a Better Auth server as a resource server sees it, over real HTTP, with
//!   buttons to rotate and to break it.
//! - [`TokenBuilder`], [`SigningKey`], [`tampered`]: tokens without an issuer, good or bad.
//! - [`identity_of`], [`identity_from`]: the [`Identity`](auth_core::Identity) that a handler or a
//!   store is given, got by verifying a real token.
//!
//! This is for tests alone: it reads the clock, makes keys, and panics where a test should stop.

#![deny(missing_docs)]

mod accounts;
mod flaw;
mod garble;
mod identity;
mod issuer;
mod key;
mod token;

pub use accounts::FakeAccounts;
pub use flaw::Flaw;
pub use garble::Garble;
pub use identity::{identity_from, identity_of};
pub use issuer::FakeIssuer;
pub use key::SigningKey;
pub use token::{ACCESS_LIFETIME, AUDIENCE, ISSUER, LIFETIME, TokenBuilder, tampered};
