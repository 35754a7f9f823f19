use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use auth_core::{Identity, UnixTime};
use uuid::Uuid;

use crate::bridge::AuthBridge;
use crate::credentials::bearer_token;
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
#[derive(Clone, Debug)]
pub struct Guard {
    bridge: AuthBridge,
    face: Face,
    path: PathUser,
    strangers: Strangers,
    require: Option<Require>,
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
            require: None,
        }
    }

    /// Also lets in whoever sends no `Authorization` header at all, as nobody:
    /// [`OptionalUser`](crate::OptionalUser) is then `None`. Whatever is sent must be good: a bad
    /// token is refused as ever, and while the keys cannot be had, nobody knows whether it is good.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.strangers = Strangers::ComeIn;
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

    /// Turns strangers away with this face.
    #[must_use]
    pub fn with_face(mut self, face: Face) -> Self {
        self.face = face;
        self
    }

    pub(crate) const fn face(&self) -> &Face {
        &self.face
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.bridge.now()
    }

    /// The answer, if nobody has to be waited for.
    pub(crate) fn decide_now(&self, request: &ServiceRequest) -> Option<Decision> {
        Some(match self.token_of(request) {
            Err(refusal) => Err(refusal),
            Ok(None) => self.let_in(request, None),
            Ok(Some(token)) => match self.bridge.admit_now(token)? {
                Ok(identity) => self.let_in(request, Some(identity)),
                Err(refusal) => Err(refusal),
            },
        })
    }

    pub(crate) async fn decide(&self, request: &ServiceRequest) -> Decision {
        let identity = match self.token_of(request)? {
            Some(token) => Some(self.bridge.admit(token).await?),
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

    /// What is left to ask of somebody whose token is good.
    fn let_in(&self, request: &ServiceRequest, identity: Option<Identity>) -> Decision {
        if let Some(identity) = &identity {
            // Before the path is judged: the log tells who knocked at another user's door.
            let user_id = tracing::field::display(identity.user_id());
            tracing::Span::current().record("user.id", user_id);
        }
        self.judge_path(request, identity.as_ref())
            .and_then(|()| match (&self.require, &identity) {
                (None, _) => Ok(()),
                (Some(require), Some(who)) => require.check(who, self.now()),
                (Some(_), None) => Err(Refusal::TokenMissing),
            })
            .inspect_err(count)?;
        Ok(identity)
    }

    fn judge_path(&self, request: &ServiceRequest, who: Option<&Identity>) -> Result<(), Refusal> {
        if self.path == PathUser::Ignored {
            return Ok(());
        }
        let named = request.match_info().get("user_id");
        let named = named.ok_or(Refusal::Misplaced)?;
        match who {
            Some(who) if named != "me" && hyphenated(named) != Some(who.user_id().as_uuid()) => {
                Err(Refusal::UserMismatch)
            }
            _ => Ok(()),
        }
    }
}

/// Who comes in, nobody included; or why not.
pub(crate) type Decision = Result<Option<Identity>, Refusal>;

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
