use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use crate::admitted::Admitted;
use crate::metadata::ProtectedResource;
use crate::meter::Meter;
use crate::problem::{Problem, RequestId};

/// How an application writes its errors.
///
/// There is one implementation here, [`ProblemJson`]. A function does as well:
///
/// ```
/// use actix_web::{HttpRequest, HttpResponse};
/// use auth_actix::{Face, Problem};
///
/// fn as_graphql_does(problem: &Problem, _: &HttpRequest) -> HttpResponse {
///     HttpResponse::build(problem.status()).json(serde_json::json!({
///         "errors": [{ "message": problem.parts().detail, "extensions": { "code": problem.code() } }],
///     }))
/// }
///
/// let face = Face::new().with_renderer(as_graphql_does);
/// ```
///
/// Whatever it leaves out of `WWW-Authenticate`, `Retry-After` and `Cache-Control: no-store` is
/// added to its response: a client has to find those, whoever writes the body.
pub trait Render: Send + Sync + 'static {
    /// The response that tells this problem to whoever sent this request.
    fn render(&self, problem: &Problem, request: &HttpRequest) -> HttpResponse;
}

impl<F> Render for F
where
    F: Fn(&Problem, &HttpRequest) -> HttpResponse + Send + Sync + 'static,
{
    fn render(&self, problem: &Problem, request: &HttpRequest) -> HttpResponse {
        self(problem, request)
    }
}

/// `application/problem+json` (RFC 9457), with the request's path and [`RequestId`] in it.
///
/// ```
/// use auth_actix::ProblemJson;
///
/// let plain = ProblemJson::new();
/// assert_eq!(plain.type_of("token_expired"), "urn:drawbridge:problem:token_expired");
///
/// let explained = ProblemJson::explained_at("https://docs.example/problems");
/// assert_eq!(explained.type_of("token_expired"), "https://docs.example/problems#token_expired");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemJson {
    /// The page that explains every code.
    page: Option<String>,
}

impl ProblemJson {
    /// The member `type` is a name and leads nowhere: `urn:drawbridge:problem:` and the code.
    #[must_use]
    pub const fn new() -> Self {
        Self { page: None }
    }

    /// The member `type` leads to the code's anchor on this page.
    #[must_use]
    pub fn explained_at(page: impl Into<String>) -> Self {
        Self {
            page: Some(page.into()),
        }
    }

    /// The member `type` of problems with this code.
    #[must_use]
    pub fn type_of(&self, code: &str) -> String {
        match &self.page {
            Some(page) => format!("{page}#{code}"),
            None => format!("urn:drawbridge:problem:{code}"),
        }
    }
}

impl Render for ProblemJson {
    fn render(&self, problem: &Problem, request: &HttpRequest) -> HttpResponse {
        let request_id = request.extensions().get::<RequestId>().cloned();
        problem.to_json(self, Some(request.path()), request_id.as_ref())
    }
}

/// What strangers see of an application when it turns them away: the realm of its challenges,
/// where it describes itself, and how it writes errors. Cloning is cheap.
///
/// A [`Guard`](crate::Guard) has one, and what fails behind that guard has the same. On routes
/// without a guard it is the one in the app's data: [`Drawbridge::configure`] puts it there, or
/// `App::app_data(face)`.
///
/// [`Drawbridge::configure`]: crate::Drawbridge::configure
#[derive(Clone)]
pub struct Face(Arc<Features>);

#[derive(Clone)]
struct Features {
    realm: Cow<'static, str>,
    resource_metadata: Option<String>,
    renderer: Arc<dyn Render>,
}

/// Left in the extensions of every response that [`Problem::respond_to`] made: it is finished,
/// and no middleware further out needs to make a problem of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rendered;

impl Face {
    /// Realm `drawbridge`, no resource, [`ProblemJson`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what the credentials are for, in every challenge (RFC 9110 §11.5). Printable ASCII
    /// without quote and backslash; other characters are left out.
    #[must_use]
    pub fn with_realm(self, realm: impl Into<Cow<'static, str>>) -> Self {
        self.with(|features| features.realm = realm.into())
    }

    /// Points to the resource's metadata in every challenge (RFC 9728 §5.1).
    #[must_use]
    pub fn with_resource(self, resource: &ProtectedResource) -> Self {
        self.with(|features| features.resource_metadata = Some(resource.metadata_url()))
    }

    /// Writes errors another way.
    #[must_use]
    pub fn with_renderer(self, renderer: impl Render) -> Self {
        self.with_shared_renderer(Arc::new(renderer))
    }

    pub(crate) fn with_shared_renderer(self, renderer: Arc<dyn Render>) -> Self {
        self.with(|features| features.renderer = renderer)
    }

    /// The face that whoever sent this request sees.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        static PLAIN: LazyLock<Face> = LazyLock::new(Face::default);
        // Not borrowed for longer: a renderer may want the extensions, too.
        let guard = request
            .extensions()
            .get::<Admitted>()
            .map(|admitted| Rc::clone(&admitted.guard));
        match guard {
            Some(guard) => guard.face().clone(),
            None => request.app_data().unwrap_or(&*PLAIN).clone(),
        }
    }

    pub(crate) fn respond(&self, problem: &Problem, request: &HttpRequest) -> HttpResponse {
        let Features {
            realm,
            resource_metadata,
            renderer,
        } = &*self.0;
        let problem = problem.clone().map_challenge(|challenge| {
            let challenge = challenge.in_realm(realm.clone());
            match resource_metadata {
                Some(url) => challenge.with_resource_metadata(url.clone()),
                None => challenge,
            }
        });
        let mut response = renderer.render(&problem, request);
        for (name, value) in problem.headers() {
            if !response.headers().contains_key(&name) {
                response.headers_mut().insert(name, value);
            }
        }
        response.extensions_mut().insert(Rendered);
        Meter::answered(problem.code());
        response
    }

    fn with(self, change: impl FnOnce(&mut Features)) -> Self {
        let mut features = Arc::unwrap_or_clone(self.0);
        change(&mut features);
        Self(Arc::new(features))
    }
}

impl Default for Face {
    fn default() -> Self {
        Self(Arc::new(Features {
            realm: Cow::Borrowed(crate::Challenge::DEFAULT_REALM),
            resource_metadata: None,
            renderer: Arc::new(ProblemJson::new()),
        }))
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Face")
            .field("realm", &self.0.realm)
            .field("resource_metadata", &self.0.resource_metadata)
            .finish_non_exhaustive()
    }
}
