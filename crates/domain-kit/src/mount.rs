use std::{collections::BTreeMap, fmt, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use auth_actix::Guard;
use utoipa::openapi::OpenApi;

use crate::{ApiError, Domain, KitProblem, accept::acceptable, me, openapi};

/// Everything below this path belongs to one user and is guarded.
pub const MOUNT_PATH: &str = "/api/v1/{user_id}";

/// The domains of a service, each of which owns its paths.
///
/// ```no_run
/// # use domain_kit::{Domain, DomainSet, Guard, UserDb};
/// # fn compose(tasks: impl Domain + 'static, guard: Guard) -> Result<(), Box<dyn std::error::Error>> {
/// let domains = DomainSet::new().with(tasks)?;
/// let app = actix_web::App::new().configure(|cfg| domains.mount(&guard, cfg));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct DomainSet {
    domains: Vec<Arc<dyn Domain>>,
    /// Which domain owns which path.
    paths: BTreeMap<String, &'static str>,
}

impl DomainSet {
    /// No domain yet; `GET /api/v1/{user_id}` (who am I) is always there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a domain.
    ///
    /// # Errors
    /// [`PathTaken`] when a domain that was added before has one of its paths: the router would serve the first and silently
    /// drop the second.
    pub fn with(mut self, domain: impl Domain + 'static) -> Result<Self, PathTaken> {
        for path in domain.openapi().paths.paths.into_keys() {
            let shape = openapi::without_names(&path);
            if let Some(owner) = self.paths.insert(shape, domain.name()) {
                return Err(PathTaken {
                    path,
                    owner,
                    wanted_by: domain.name(),
                });
            }
        }
        self.domains.push(Arc::new(domain));
        Ok(self)
    }

    /// Mounts every domain below [`MOUNT_PATH`], behind `guard`. Call it in the closure of `App::configure`.
    pub fn mount(&self, guard: &Guard, cfg: &mut ServiceConfig) {
        let scope = web::scope(MOUNT_PATH)
            .service(
                web::resource("")
                    .route(web::get().to(me::show))
                    .route(web::head().to(me::show)),
            )
            .configure(|cfg| {
                for domain in &self.domains {
                    domain.routes(cfg);
                }
            })
            .default_service(web::to(no_such_path))
            .wrap(from_fn(acceptable))
            .wrap(guard.clone());
        cfg.service(scope);
    }

    /// The OpenAPI document of all that [`mount`](Self::mount) mounts.
    pub fn openapi(&self) -> OpenApi {
        openapi::merged(self.domains.iter().map(|domain| domain.openapi()))
    }

    /// The names of the domains, in the order they were added.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.domains.iter().map(|domain| domain.name())
    }
}

impl fmt::Debug for DomainSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// Two domains want the same path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTaken {
    path: String,
    owner: &'static str,
    wanted_by: &'static str,
}

impl fmt::Display for PathTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            owner,
            wanted_by,
        } = self;
        write!(
            f,
            "domain {wanted_by} wants path {path}, which domain {owner} has already"
        )
    }
}

impl std::error::Error for PathTaken {}

async fn no_such_path(req: HttpRequest) -> HttpResponse {
    ApiError::from(KitProblem::PathNotFound).respond_to(&req)
}
