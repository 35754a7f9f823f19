use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web::{self, ServiceConfig},
};
use auth_actix::{CurrentUser, Guard, ProblemKind, Refusal};
use auth_pg::{ChangeFeed, Chore, UserDb};
use utoipa::openapi::OpenApi;

use crate::{
    ApiError, Domain, FieldKind, FieldProblem, KitProblem,
    accept::{OtherMedia, acceptable},
    me, openapi,
};

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
    feed: Option<ChangeFeed>,
    forgetting: Option<UserDb>,
    other_media: OtherMedia,
}

impl DomainSet {
    /// No domain yet; `GET /api/v1/{user_id}` (who am I) is always there.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a domain.
    ///
    /// # Errors
    /// [`Clash`] when a domain that was added before has one of its paths: the router would serve the first and silently drop
    /// the second. Also when one of its codes has another meaning already: a client could not tell what it was told.
    pub fn with(mut self, domain: impl Domain + 'static) -> Result<Self, Clash> {
        let fragment = domain.openapi();
        self.other_media.add(MOUNT_PATH, &fragment);
        for path in fragment.paths.paths.into_keys() {
            let shape = openapi::without_names(&path);
            if let Some(owner) = self.paths.insert(shape, domain.name()) {
                return Err(Clash::Path {
                    path,
                    owner,
                    wanted_by: domain.name(),
                });
            }
        }
        let wanted_by = domain.name();
        self.domains.push(Arc::new(domain));
        let code = shared_by_two(&self.problems(), |kind| kind.code)
            .or_else(|| shared_by_two(&self.field_problems(), |kind| kind.code));
        match code {
            Some(code) => Err(Clash::Code { code, wanted_by }),
            None => Ok(self),
        }
    }

    /// Tells `feed` of every user whose data a request has changed, whichever domain it was. Give it to who waits for that.
    #[must_use]
    pub fn telling(mut self, feed: ChangeFeed) -> Self {
        self.feed = Some(feed);
        self
    }

    /// Lets users have everything of theirs in `db` deleted: `DELETE` on their own path, with a fresh token.
    #[must_use]
    pub fn forgetting(mut self, db: UserDb) -> Self {
        self.forgetting = Some(db);
        self
    }

    /// Mounts every domain below [`MOUNT_PATH`], behind `guard`. Call it in the closure of `App::configure`.
    pub fn mount(&self, guard: &Guard, cfg: &mut ServiceConfig) {
        let mut me = web::resource("")
            .route(web::get().to(me::show))
            .route(web::head().to(me::show));
        if let Some(db) = &self.forgetting {
            me = me
                .app_data(me::Forgetting(db.for_worker()))
                .route(web::delete().to(me::forget));
        }
        let scope = web::scope(MOUNT_PATH)
            .service(me)
            .configure(|cfg| {
                for domain in &self.domains {
                    domain.routes(cfg);
                }
            })
            .default_service(web::to(no_such_path))
            .app_data(Telling(self.feed.clone()))
            .app_data(self.other_media.clone())
            .wrap(from_fn(tell_of_changes))
            .wrap(from_fn(acceptable))
            .wrap(guard.clone());
        cfg.service(scope);
    }

    /// The OpenAPI document of all that [`mount`](Self::mount) mounts.
    pub fn openapi(&self) -> OpenApi {
        let mut document = openapi::merged(self.domains.iter().map(|domain| domain.openapi()));
        if self.forgetting.is_some() {
            // The one path with operations from two places.
            let mut forgetting = openapi::merged([me::forgetting()].into_iter());
            let own = document.paths.paths.get_mut(MOUNT_PATH);
            let more = forgetting.paths.paths.get_mut(MOUNT_PATH);
            if let (Some(own), Some(more)) = (own, more) {
                own.delete = more.delete.take();
            }
        }
        document
    }

    /// Every problem that a request can be answered with: the refusals of the guard, what any operation has, and what each
    /// domain has.
    pub fn problems(&self) -> Vec<ProblemKind> {
        let everywhere = Refusal::kinds().into_iter().chain(KitProblem::kinds());
        each_once(everywhere.chain(self.domains.iter().flat_map(|domain| domain.problems())))
    }

    /// Everything that can be wrong with a member of a body: what every domain knows, and what each has of its own.
    pub fn field_problems(&self) -> Vec<FieldKind> {
        let domains = self.domains.iter();
        let own = domains.flat_map(|domain| domain.field_problems());
        each_once(FieldProblem::kinds().into_iter().chain(own))
    }

    /// What all domains want to be done without a request.
    pub fn chores(&self) -> Vec<Chore> {
        let domains = self.domains.iter();
        domains.flat_map(|domain| domain.chores()).collect()
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

/// Two domains are in each other's way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clash {
    /// They want the same path.
    Path {
        /// The path, as the second has it.
        path: String,
        /// The domain that has it already.
        owner: &'static str,
        /// The domain that wants it, too.
        wanted_by: &'static str,
    },
    /// They have one code for two problems.
    Code {
        /// The code.
        code: &'static str,
        /// The domain that gives it another meaning.
        wanted_by: &'static str,
    },
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path {
                path,
                owner,
                wanted_by,
            } => write!(
                f,
                "domain {wanted_by} wants path {path}, which domain {owner} has already"
            ),
            Self::Code { code, wanted_by } => write!(
                f,
                "domain {wanted_by} gives the code {code} another meaning than it has already"
            ),
        }
    }
}

impl std::error::Error for Clash {}

/// Without repetitions: two domains may mean the same by one code.
fn each_once<T: PartialEq>(kinds: impl Iterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for kind in kinds {
        if !once.contains(&kind) {
            once.push(kind);
        }
    }
    once
}

/// A code that two of these kinds have, no two of which are equal.
fn shared_by_two<T>(kinds: &[T], code: impl Fn(&T) -> &'static str) -> Option<&'static str> {
    let mut seen = BTreeSet::new();
    kinds.iter().map(code).find(|code| !seen.insert(*code))
}

/// Who is told of changes, if anybody.
#[derive(Debug, Clone)]
struct Telling(Option<ChangeFeed>);

/// Middleware that says whose data may have changed, once that is committed: a method that is not safe has succeeded. One place for
/// all handlers, as none of them would be missed by a test if it forgot.
async fn tell_of_changes<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if req.method().is_safe() {
        return next.call(req).await;
    }
    let response = next.call(req).await?;
    let request = response.request();
    if response.status().is_success()
        && let Some(Telling(Some(feed))) = request.app_data::<Telling>()
        && let Ok(user) = CurrentUser::extract(request).await
    {
        feed.touch(user.user_id());
    }
    Ok(response)
}

async fn no_such_path(req: HttpRequest) -> HttpResponse {
    ApiError::from(KitProblem::PathNotFound).respond_to(&req)
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;

    use super::*;

    struct Shelf {
        problems: Vec<ProblemKind>,
        fields: Vec<FieldKind>,
    }

    impl Domain for Shelf {
        fn name(&self) -> &'static str {
            "shelf"
        }

        fn routes(&self, _: &mut ServiceConfig) {}

        fn openapi(&self) -> OpenApi {
            OpenApi::default()
        }

        fn problems(&self) -> Vec<ProblemKind> {
            self.problems.clone()
        }

        fn field_problems(&self) -> Vec<FieldKind> {
            self.fields.clone()
        }
    }

    const NO_BOOK: ProblemKind = ProblemKind {
        code: "book_not_found",
        status: StatusCode::NOT_FOUND,
        title: "No such book",
        meaning: "The path names a book that is not one of the user's.",
        remedy: "Read the list again.",
    };

    fn shelf(problems: Vec<ProblemKind>) -> Shelf {
        let fields = vec![FieldKind {
            code: "invalid_isbn",
            meaning: "The text is no ISBN.",
        }];
        Shelf { problems, fields }
    }

    #[test]
    fn without_a_domain_no_two_problems_have_one_code() {
        let set = DomainSet::new();
        assert_eq!(shared_by_two(&set.problems(), |kind| kind.code), None);
        assert_eq!(shared_by_two(&set.field_problems(), |kind| kind.code), None);
        let all = Refusal::kinds().len() + KitProblem::ALL.len();
        assert_eq!(set.problems().len(), all);
    }

    #[test]
    fn two_domains_may_share_a_code_only_if_they_mean_the_same_by_it() {
        let once = DomainSet::new().with(shelf(vec![NO_BOOK])).unwrap();
        let twice = once.clone().with(shelf(vec![NO_BOOK])).unwrap();
        assert_eq!(twice.problems(), once.problems());
        assert!(once.problems().contains(&NO_BOOK));
        assert_eq!(twice.field_problems(), once.field_problems());

        let lent = ProblemKind {
            meaning: "The book is lent to somebody.",
            ..NO_BOOK
        };
        for (set, code) in [
            (once, lent.code),
            // The guard's and the kit's are taken as well.
            (DomainSet::new(), "token_expired"),
            (DomainSet::new(), "validation_failed"),
        ] {
            let error = set.with(shelf(vec![ProblemKind { code, ..lent }]));
            let wanted_by = "shelf";
            assert_eq!(error.unwrap_err(), Clash::Code { code, wanted_by });
        }
    }

    #[test]
    fn the_code_of_a_member_has_one_meaning_as_well() {
        let fields = vec![FieldKind {
            code: "required",
            meaning: "Something else.",
        }];
        let problems = Vec::new();
        let error = DomainSet::new().with(Shelf { problems, fields });
        assert_eq!(
            error.unwrap_err().to_string(),
            "domain shelf gives the code required another meaning than it has already"
        );
    }
}
