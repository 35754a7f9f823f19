//! Tasks and tags of one user: the reference domain. Every later domain has the same files.
//!
//! - `task.rs`, `recurrence.rs`, `position.rs`, `selection.rs`: what a task is, when it comes again, where it stands, and which of
//!   them a list means. Pure.
//! - `sql.rs`, `store.rs`: how they are kept.
//! - `wire.rs`: how they look as JSON.
//! - `problem.rs`: what can go wrong, and how it is told.
//! - `routes.rs`: one handler per operation.
//!
//! The arrows point one way: routes → wire, store → task.

use actix_web::web;
use domain_kit::{Domain, FieldKind, OpenApi, ProblemKind, UserDb};

mod batch;
mod position;
mod problem;
mod recurrence;
mod routes;
mod selection;
mod sql;
mod store;
mod task;
mod wire;

/// Tasks and tags, kept in the database that it is made with.
#[derive(Debug, Clone)]
pub struct TasksDomain {
    db: UserDb,
}

impl TasksDomain {
    /// The domain over `db`.
    pub fn new(db: UserDb) -> Self {
        Self { db }
    }
}

impl Domain for TasksDomain {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn routes(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.db.for_worker()));
        routes::mount(cfg);
    }

    fn openapi(&self) -> OpenApi {
        let mut fragment = <routes::Fragment as utoipa::OpenApi>::openapi();
        wire::bodies::complete_schemas(&mut fragment);
        routes::document_problems(&mut fragment);
        fragment
    }

    fn problems(&self) -> Vec<ProblemKind> {
        problem::TaskProblem::kinds()
    }

    fn field_problems(&self) -> Vec<FieldKind> {
        task::TaskField::kinds()
    }
}
