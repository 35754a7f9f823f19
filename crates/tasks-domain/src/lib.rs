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

use std::time::Duration;

use actix_web::web;
use domain_kit::{Chore, Domain, FieldKind, OpenApi, ProblemKind, UserDb};

use routes::transfer::Importing;

mod batch;
mod icalendar;
mod position;
mod problem;
mod recurrence;
mod routes;
mod selection;
mod sql;
mod store;
mod task;
mod transfer;
mod wire;

/// How long tasks stay in the trash, unless said otherwise.
const TRASH_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Tasks and tags, kept in the database that it is made with.
#[derive(Debug, Clone)]
pub struct TasksDomain {
    db: UserDb,
    trash_retention: Option<Duration>,
    importing: Importing,
}

impl TasksDomain {
    /// The domain over `db`.
    pub fn new(db: UserDb) -> Self {
        Self {
            db,
            trash_retention: Some(TRASH_RETENTION),
            importing: Importing::default(),
        }
    }

    /// How long tasks stay in the trash; `None` keeps them until their user empties it. Default: 30 days.
    #[must_use]
    pub fn with_trash_retention(mut self, keep: Option<Duration>) -> Self {
        self.trash_retention = keep;
        self
    }
}

impl Domain for TasksDomain {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn routes(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.db.for_worker()))
            .app_data(web::Data::new(self.importing.clone()));
        routes::mount(cfg);
    }

    fn openapi(&self) -> OpenApi {
        let mut fragment = <routes::Fragment as utoipa::OpenApi>::openapi();
        wire::bodies::complete_schemas(&mut fragment);
        routes::document_problems(&mut fragment);
        fragment
    }

    fn chores(&self) -> Vec<Chore> {
        let remind = Chore::new("remind", Duration::from_secs(1), sql::REMIND);
        let purge = self.trash_retention.map(|keep| {
            Chore::new("purge trash", Duration::from_secs(600), sql::PURGE_TRASH).seconds(keep)
        });
        [Some(remind), purge].into_iter().flatten().collect()
    }

    fn problems(&self) -> Vec<ProblemKind> {
        problem::TaskProblem::kinds()
    }

    fn field_problems(&self) -> Vec<FieldKind> {
        task::TaskField::kinds()
    }
}
