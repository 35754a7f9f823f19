use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use auth_core::{Identity, UnixTime};
use uuid::Uuid;

use crate::bridge::{AuthBridge, Pending};
use crate::credentials::bearer_token;
use crate::limits::{Quota, RateLimits};
use crate::meter::Meter;
use crate::refusal::Refusal;
use crate::render::Face;
use crate::require::Require;

/// The middleware that lets a scope's requests in, or answers them.
///
/// Whoever gets past it is a [`CurrentUser`](crate::CurrentUser). Everything below the scope is
/// guarded, also paths that do not exist: a stranger learns nothing about them.
///
/// A refusal is answered as `Ok(response)` and never as `Err`: an error that leaves a middleware
/// passes `actix-cors` without the headers that let a browser read it. For the same reason a
/// middleware *inside* the guard should answer with a response; what it returns as `Err` goes
/// through unchanged. (Handlers and extractors may fail as they like: Actix turns that into a
/// response before it reaches the guard.)
///
/// ```
/// use actix_web::web;
/// use auth_actix::{AuthBridge, CurrentUser, Guard};
///
/// async fn tasks(user: CurrentUser) -> String {
///     format!("the tasks of {}", user.user_id())
/// }
///
/// fn configure(bridge: AuthBridge, cfg: &mut web::ServiceConfig) {
///     cfg.service(
///         web::scope("/api/{user_id}")
///             .wrap(Guard::new(bridge))
///             .route("/tasks", web::get().to(tasks)),
///     );
/// }
/// ```
///
/// # CORS
///
/// `Cors` goes *outside* of the guard: what is wrapped later is met first. A preflight carries no
/// token, so the guard would refuse it; and a refusal needs the headers that let the page read it.
/// Two of its own headers a browser shows only if they are exposed: `WWW-Authenticate`, which says
/// what is wrong with the token, and `Retry-After`.
///
/// ```
/// use actix_cors::Cors;
/// use actix_web::http::header;
/// use actix_web::{App, web};
/// use auth_actix::Guard;
///
/// fn configure(guard: Guard, cfg: &mut web::ServiceConfig) {
///     let cors = Cors::default()
///         .allowed_origin("https://app.example")
///         .allowed_methods(["GET", "POST"])
///         .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
///         .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER]);
///     cfg.service(web::scope("/api").wrap(guard).wrap(cors));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    bridge: AuthBridge,
    face: Face,
    path: PathUser,
    strangers: Strangers,
    /// Of these alone; where there are none, of all that the bridge trusts.
    issuers: Vec<String>,
    require: Option<Require>,
    limits: RateLimits,
}

/// Whether the path has a say in who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PathUser {
    /// The segment `{user_id}` must name the token's user.
    Same,
    Ignored,
}

/// Whether a request without credentials may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strangers {
    Stay,
    ComeIn,
}

impl Guard {
    /// For a scope whose path has a segment `{user_id}`. It must be the token's user, as a
    /// hyphenated UUID in any case or as `me`; for every other text the answer is 403.
    ///
    /// It goes by ids alone. Where the bridge trusts issuers that are not under the same hands,
    /// each of them can name every user: see [`issued_by`](Self::issued_by).
    #[must_use]
    pub fn new(bridge: AuthBridge) -> Self {
        Self {
            path: PathUser::Same,
            ..Self::any_user(bridge)
        }
    }

    /// For a scope without that segment: any user with a good token comes in.
    #[must_use]
    pub fn any_user(bridge: AuthBridge) -> Self {
        Self {
            bridge,
            face: Face::default(),
            path: PathUser::Ignored,
            strangers: Strangers::Stay,
            issuers: Vec::new(),
            require: None,
            limits: RateLimits::new(),
        }
    }

    /// Also lets in whoever sends no `Authorization` header at all, as nobody:
    /// [`OptionalUser`](crate::OptionalUser) is then `None`. Whatever is sent must be good: a bad
    /// token is refused as ever, and while the keys cannot be had, nobody knows whether it is good.
    ///
    /// A guard that compares the path's user lets nobody in all the same: a path that names
    /// somebody belongs to them, and nobody is no `me`. The answer is 401 `token_missing`.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.strangers = Strangers::ComeIn;
        self
    }

    /// Lets in tokens of this issuer (`iss`, byte by byte) alone; said again, those of that issuer
    /// as well. For others the answer is 403 `issuer_not_allowed`.
    ///
    /// A user is their id, whoever says it. Where the bridge trusts several issuers, this is what
    /// keeps the users of one from what belongs to the users of another. Better Auth's OAuth access
    /// tokens have an issuer of their own: `/api/auth` at its base URL.
    ///
    /// ```
    /// # use auth_actix::Drawbridge;
    /// # use actix_web::web;
    /// # fn configure(drawbridge: &Drawbridge, cfg: &mut web::ServiceConfig) {
    /// let ours = drawbridge.user_guard().issued_by("https://app.example");
    /// let partners = drawbridge.guard().issued_by("https://partner.example");
    /// cfg.service(web::scope("/api/{user_id}").wrap(ours))
    ///     .service(web::scope("/partners").wrap(partners));
    /// # }
    /// ```
    #[must_use]
    pub fn issued_by(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Also asks for this of everybody, besides what it asked for before. Nobody without a token
    /// meets it, whether the guard is optional or not.
    #[must_use]
    pub fn require(mut self, require: Require) -> Self {
        self.require = Some(match self.require {
            Some(before) => before.and(require),
            None => require,
        });
        self
    }

    /// Counts requests and failures, and turns away whoever makes too many. Guards that are given clones of the same limits
    /// count together.
    #[must_use]
    pub fn with_limits(mut self, limits: RateLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Turns strangers away with this face.
    #[must_use]
    pub fn with_face(mut self, face: Face) -> Self {
        self.face = face;
        self
    }

    pub(crate) const fn face(&self) -> &Face {
        &self.face
    }

    /// How a user stands who is refused like this.
    pub(crate) fn quota_of(&self, refusal: &Refusal) -> Option<Quota> {
        match refusal {
            Refusal::RateLimited { .. } => self.limits.spent(),
            _ => None,
        }
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.bridge.now()
    }

    /// The answer, if nobody has to be waited for. Otherwise, what [`decide`](Self::decide) goes
    /// on with.
    pub(crate) fn decide_now(&self, request: &ServiceRequest) -> Result<Decision, Pending> {
        Ok(match self.token_of(request) {
            Err(refusal) => Err(refusal),
            Ok(None) => self.let_in(request, None),
            Ok(Some(token)) => match self.bridge.admit_now(token) {
                Ok(Ok(identity)) => self.let_in(request, Some(identity)),
                Ok(Err(refusal)) => Err(refusal),
                Err(Pending::Unverified) => match self.limits.address(request) {
                    Ok(()) => return Err(Pending::Unverified),
                    Err(refusal) => Err(refusal).inspect_err(count),
                },
                Err(pending) => return Err(pending),
            },
        })
    }

    pub(crate) async fn decide(&self, request: &ServiceRequest, pending: Pending) -> Decision {
        let identity = match self.token_of(request)? {
            Some(token) => {
                let admitted = self.bridge.admit_pending(token, pending).await;
                Some(admitted.inspect_err(|refusal| self.limits.failed(request, refusal))?)
            }
            None => None,
        };
        self.let_in(request, identity)
    }

    fn token_of<'r>(&self, request: &'r ServiceRequest) -> Result<Option<&'r str>, Refusal> {
        let headers = request.headers();
        if self.strangers == Strangers::ComeIn && !headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        bearer_token(headers).map(Some).inspect_err(count)
    }

    /// Whether whoever sent this token would still be let in.
    pub(crate) async fn admit_again(&self, token: &str) -> Result<(), Refusal> {
        let who = self.bridge.admit(token).await?;
        self.judge_issuer(Some(&who))
    }

    /// What is left to ask of somebody whose token is good.
    fn let_in(&self, request: &ServiceRequest, identity: Option<Identity>) -> Decision {
        if let Some(identity) = &identity {
            // Before the path is judged: the log tells who knocked at another user's door.
            let user_id = tracing::field::display(identity.user_id());
            tracing::Span::current().record("user.id", user_id);
        }
        let who = identity.as_ref();
        self.judge_issuer(who)
            .and_then(|()| self.judge_path(request, who))
            .and_then(|()| match (who, &self.require) {
                (Some(who), require) => {
                    let asked = self.bridge.granted().into_iter().chain(require);
                    Require::check_all(asked, who, || self.now())
                }
                (None, Some(_)) => Err(Refusal::TokenMissing),
                (None, None) => Ok(()),
            })
            .inspect_err(count)?;
        let quota = match who {
            Some(who) => self.limits.user(who.user_id()).inspect_err(count)?,
            None => None,
        };
        Ok(Entrant { identity, quota })
    }

    fn judge_issuer(&self, who: Option<&Identity>) -> Result<(), Refusal> {
        match who {
            Some(who) if !self.issuers.is_empty() => {
                let allowed = self.issuers.iter().any(|issuer| issuer == who.issuer());
                allowed.then_some(()).ok_or(Refusal::IssuerNotAllowed)
            }
            _ => Ok(()),
        }
    }

    fn judge_path(&self, request: &ServiceRequest, who: Option<&Identity>) -> Result<(), Refusal> {
        if self.path == PathUser::Ignored {
            return Ok(());
        }
        let named = request.match_info().get("user_id");
        let named = named.ok_or(Refusal::Misplaced)?;
        let who = who.ok_or(Refusal::TokenMissing)?;
        if named == "me" || hyphenated(named) == Some(who.user_id().as_uuid()) {
            Ok(())
        } else {
            Err(Refusal::UserMismatch)
        }
    }
}

/// Who comes in, or why they do not.
pub(crate) type Decision = Result<Entrant, Refusal>;

/// Who comes in.
pub(crate) struct Entrant {
    /// Nobody, where strangers may come.
    pub(crate) identity: Option<Identity>,
    /// How many more requests they have, where that is counted.
    pub(crate) quota: Option<Quota>,
}

/// Of the bridge's own refusals, the bridge keeps count.
fn count(refusal: &Refusal) {
    Meter::refused(refusal.code());
}

/// The other ways to write a UUID (braces, `urn:`, without hyphens) are left out: one path, one
/// resource.
fn hyphenated(text: &str) -> Option<Uuid> {
    (text.len() == uuid::fmt::Hyphenated::LENGTH)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}
