use actix_web::web::ServiceConfig;
use utoipa::openapi::OpenApi;

use crate::{Chore, FieldKind, ProblemKind};

/// A part of the API that a service is made of: tasks, notes, invoices.
///
/// A domain describes its routes relative to one user (`/tasks`, `/tasks/{task_id}`) and is mounted by a
/// [`DomainSet`](crate::DomainSet) below `/api/v1/{user_id}`, behind the guard. It never sees the root of the router, so it
/// has no way to mount a route that is not guarded; and it reaches the database through the [`UserDb`](crate::UserDb) that it
/// was built with, so it has no way to a row that is not the caller's.
pub trait Domain: Send + Sync {
    /// A short name for logs and start-up errors, for instance `tasks`.
    fn name(&self) -> &'static str;

    /// Adds the routes, and whatever state their handlers take as `web::Data`. Called once per worker.
    ///
    /// Register paths with [`web::resource`](actix_web::web::resource), which answers other methods with 405 and `Allow`;
    /// the attribute macros (`#[get(…)]`) would answer 404.
    fn routes(&self, cfg: &mut ServiceConfig);

    /// The OpenAPI fragment: paths as in [`routes`](Self::routes), component schemas. What every operation has in common (the
    /// path parameter `user_id`, the security requirement, the problems of any operation) is added by the set.
    fn openapi(&self) -> OpenApi;

    /// The problems that this domain's operations are answered with, beside those of the guard and of
    /// [`KitProblem`](crate::KitProblem): `NoteProblem::kinds()` of an enum that [`problems!`](crate::problems) makes. The list
    /// of problems that clients branch on is written from it. A domain that refuses nothing by itself has none.
    fn problems(&self) -> Vec<ProblemKind> {
        Vec::new()
    }

    /// What is to be done for this domain's users without a request of theirs, such as reminding them.
    fn chores(&self) -> Vec<Chore> {
        Vec::new()
    }

    /// What can be wrong with the members of this domain's bodies, beside [`FieldProblem`](crate::FieldProblem): `kinds()` of an
    /// enum that [`field_problems!`](crate::field_problems) makes.
    fn field_problems(&self) -> Vec<FieldKind> {
        Vec::new()
    }
}
