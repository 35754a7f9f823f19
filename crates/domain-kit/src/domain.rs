use actix_web::web::ServiceConfig;
use utoipa::openapi::OpenApi;

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
    /// path parameter `user_id`, the security requirement, 401, 403, 503) is added by the set.
    fn openapi(&self) -> OpenApi;
}
