//! Tasks and tags of one user: the reference domain. Every later domain has the same files.
//!
//! - `task.rs`: what a task is. Pure.
//! - `sql.rs`, `store.rs`: how it is kept.
//! - `wire.rs`: how it looks as JSON.
//! - `routes.rs`: one handler per operation.
//!
//! The arrows point one way: routes → wire, store → task.

use actix_web::web;
use domain_kit::{Domain, OpenApi, UserDb};

mod routes;
mod sql;
mod store;
mod task;
mod wire;

/// Tasks and tags, kept in the database that it is made with.
#[derive(Debug, Clone)]
pub struct TasksDomain {
    db: web::Data<UserDb>,
}

impl TasksDomain {
    /// The domain over `db`.
    pub fn new(db: UserDb) -> Self {
        Self {
            db: web::Data::new(db),
        }
    }
}

impl Domain for TasksDomain {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn routes(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(self.db.clone());
        routes::mount(cfg);
    }

    fn openapi(&self) -> OpenApi {
        let mut fragment = <routes::Fragment as utoipa::OpenApi>::openapi();
        wire::complete_schemas(&mut fragment);
        fragment
    }
}
