//! The system is broken on purpose, one thing at a time, and the doctor has to find just that.
//!
//! | file | breaks |
//! |---|---|
//! | `config` | settings |
//! | `keys` | what the issuer answers |
//! | `database` | PostgreSQL, our schema and Better Auth's |
//! | `token` | tokens, and paths of other users |
//! | `api` | what pages and clients see |
//! | `frontend` | sources of a frontend, and its client |
//! | `hostile` | nothing, and answers with whatever there is to waste time with |
//! | `output` | nothing: how it is told |

mod api;
mod config;
mod database;
mod frontend;
mod hostile;
mod keys;
mod output;
mod patient;
mod token;
