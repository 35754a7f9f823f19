//! For testing what stands behind Drawbridge's guard: tokens of every kind, identities, and an
//! issuer to take them from.
//!
//! # A whole app under test
//!
//! One line starts the issuer. The app is the real one, and so are the tokens, the keys and the
//! HTTP between them; no Better Auth and no database is needed.
//!
//! ```
//! use actix_web::{App, http::StatusCode, test, web};
//! use auth_actix::{CurrentUser, Drawbridge};
//! use auth_testkit::{FakeAccounts, FakeIssuer, Flaw};
//! use std::sync::Arc;
//! use uuid::Uuid;
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("You are {}", user.user_id())
//! }
//!
//! # fn main() {
//! # actix_web::rt::System::new().block_on(async {
//! let issuer = FakeIssuer::start();
//! let accounts = FakeAccounts::new();
//!
//! // The app, told to trust this issuer.
//! let drawbridge = Drawbridge::better_auth(issuer.url()).accounts(Arc::new(accounts.clone()));
//! let drawbridge = drawbridge.start().await.unwrap();
//! let guarded = web::scope("/api").wrap(drawbridge.guard());
//! let app = App::new().service(guarded.route("/hello", web::get().to(hello)));
//! let app = test::init_service(app).await;
//! let status = async |token: &str| {
//!     let request = test::TestRequest::get().uri("/api/hello");
//!     let request = request.insert_header(("Authorization", format!("Bearer {token}")));
//!     test::call_service(&app, request.to_request()).await.status()
//! };
//!
//! // Who has a good token gets in.
//! let alice = Uuid::from_u128(0xA11CE);
//! assert_eq!(status(&issuer.token_for(alice)).await, StatusCode::OK);
//!
//! // Who has a bad one does not, whatever is wrong with it.
//! for &flaw in Flaw::ALL {
//!     let token = issuer.mint_bad(alice, flaw);
//!     assert_eq!(status(&token).await, StatusCode::UNAUTHORIZED, "{flaw:?}");
//! }
//!
//! // Nor does who has been banned since the token was minted.
//! accounts.ban(alice);
//! assert_eq!(status(&issuer.token_for(alice)).await, StatusCode::UNAUTHORIZED);
//! # });
//! # }
//! ```
//!
//! # An issuer with buttons
//!
//! ```
//! use auth_testkit::{FakeIssuer, Garble};
//! use uuid::Uuid;
//!
//! let alice = Uuid::from_u128(0xA11CE);
//! let issuer = FakeIssuer::start();
//!
//! let good = issuer.token_for(alice);
//! let for_another_server = issuer.mint(alice, |token| token.audience("https://other.example"));
//! let reader = issuer.access_token_for(alice, &["tasks:read"]);
//! # use auth_core::{KeyRing, UntrustedToken, Verifier};
//! # let keys = KeyRing::parse(issuer.jwks().to_string().as_bytes())?;
//! # let code = |policy, token: &str| {
//! #     let token = UntrustedToken::parse(token).unwrap();
//! #     let now = std::time::SystemTime::now().into();
//! #     Verifier::new(policy).verify(&token, &keys, now).map_err(|denied| denied.code()).err()
//! # };
//! # assert_eq!(code(issuer.policy(), &good), None);
//! # assert_eq!(code(issuer.policy(), &for_another_server), Some("audience_mismatch"));
//! # assert_eq!(code(issuer.oauth_policy(), &reader), None);
//!
//! issuer.rotate();                  // new tokens are signed with a new key
//! issuer.fail_with(500);            // the keys cannot be fetched
//! issuer.garble(Garble::HtmlPage);  // a proxy answers in its place
//! issuer.recover();
//! issuer.go_down();                 // connections are refused
//! issuer.come_back();
//! assert_eq!(issuer.fetches(), 0);  // nobody has fetched the keys
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//!
//! - [`FakeIssuer`]: a Better Auth server as a resource server sees it, over real HTTP, with
//!   buttons to rotate and to break it.
//! - [`Flaw`]: every kind of bad token by name, with the code that it must be refused with.
//! - [`Garble`]: every kind of answer that is no key set.
//! - [`TokenBuilder`], [`SigningKey`], [`tampered`]: tokens without an issuer, good or bad.
//! - [`FakeAccounts`]: accounts to ban, to delete and to sign out, in memory.
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
