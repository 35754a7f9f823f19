//! The service: composition root, settings, telemetry and command line.
//!
//! A test starts the whole of it in its own process, on a free port:
//!
//! ```no_run
//! use api_server::{app::Application, settings::{Environment, Settings, Sources}};
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::load(&Sources {
//!     file: None,
//!     environment: Environment::from_iter([
//!         ("DATABASE_URL", "postgres://tasks_api:secret@localhost/app"),
//!         ("BETTER_AUTH_URL", "http://localhost:3000"),
//!         ("API__SERVER__PORT", "0"),
//!     ]),
//! })?;
//! let application = Application::build(settings).await?;
//! let (port, stopper) = (application.port(), application.stopper());
//! let running = actix_web::rt::spawn(application.run_until_stopped());
//! // … requests to 127.0.0.1:port …
//! stopper.stop();
//! running.await??;
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

pub mod app;
mod better_auth;
mod body_limit;
pub mod cli;
pub mod doctor;
mod headers;
mod metrics;
pub mod ops;
mod panics;
mod problem_page;
mod request_id;
pub mod settings;
pub mod telemetry;
mod token_text;
