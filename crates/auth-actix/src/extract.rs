use std::cell::Cell;
use std::fmt;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use auth_core::Identity;

use crate::admitted::Admitted;
use crate::credentials::bearer_token;
use crate::guard::Guard;
use crate::meter::Meter;
use crate::problem::Problem;
use crate::refusal::Refusal;

/// The user of this request, as a handler's argument.
///
/// Only a [`Guard`](crate::Guard) can leave one for the handler; there is no constructor. On a
/// route without a guard the request ends as a 500 `unguarded_route` and a line in the error log,
/// never with a made-up user. Behind an [optional](crate::Guard::optional) guard, a request without
/// a token ends as 401.
///
/// ```
/// use auth_actix::CurrentUser;
///
/// async fn whoami(user: CurrentUser) -> String {
///     format!("You are {}", user.user_id())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentUser(Identity);

impl CurrentUser {
    /// The proof itself, for what outlives the request.
    #[must_use]
    pub fn into_identity(self) -> Identity {
        self.0
    }
}

impl Deref for CurrentUser {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl FromRequest for CurrentUser {
    type Error = TurnedAway;
    type Future = Ready<Result<Self, TurnedAway>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = Admitted::of(request).and_then(Admitted::user);
        ready(user.map(Self).map_err(|it| TurnedAway::new(request, &it)))
    }
}

/// The user of a request whose answer goes on for long, such as a stream of events: who was let in may be signed out, banned or
/// revoked before it ends. Ask [`is_welcome`](Self::is_welcome) now and then, and end the answer when they are not.
///
/// Got like [`CurrentUser`], and only where that can be got.
///
/// ```
/// use auth_actix::LastingUser;
///
/// async fn next_event(user: &LastingUser) -> Option<String> {
///     user.is_welcome().await.ok()?;
///     Some("something happened".to_owned())
/// }
/// ```
#[derive(Clone)]
pub struct LastingUser {
    identity: Identity,
    guard: Rc<Guard>,
    token: Rc<str>,
}

impl LastingUser {
    /// Whether the same token would still be let in: its time, its key and its account are looked at as for a new request.
    ///
    /// # Errors
    /// Why it would not, as of [`AuthBridge::admit`](crate::AuthBridge::admit).
    pub async fn is_welcome(&self) -> Result<(), Refusal> {
        self.guard.admit_again(&self.token).await
    }
}

impl Deref for LastingUser {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl fmt::Debug for LastingUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LastingUser").field(&self.identity).finish()
    }
}

impl FromRequest for LastingUser {
    type Error = TurnedAway;
    type Future = Ready<Result<Self, TurnedAway>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            let admitted = Admitted::of(request)?;
            let guard = Rc::clone(&admitted.guard);
            let identity = admitted.user()?;
            let token = bearer_token(request.headers())?.into();
            Ok(Self {
                identity,
                guard,
                token,
            })
        };
        ready(read().map_err(|it: Refusal| TurnedAway::new(request, &it)))
    }
}

/// The user of this request, or nobody: for what is open to all and knows its users.
///
/// Behind [`Guard::optional`](crate::Guard::optional) it is nobody when the request has no
/// `Authorization` header. Behind any other guard there is always a user, and without a guard the
/// request ends as 500 `unguarded_route`.
///
/// ```
/// use auth_actix::OptionalUser;
///
/// async fn greet(user: OptionalUser) -> String {
///     match &*user {
///         Some(user) => format!("Hello, {}", user.user_id()),
///         None => "Hello, stranger".into(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OptionalUser(Option<CurrentUser>);

impl OptionalUser {
    /// The user, if there is one.
    #[must_use]
    pub fn into_user(self) -> Option<CurrentUser> {
        self.0
    }
}

impl Deref for OptionalUser {
    type Target = Option<CurrentUser>;

    fn deref(&self) -> &Option<CurrentUser> {
        &self.0
    }
}

impl FromRequest for OptionalUser {
    type Error = TurnedAway;
    type Future = Ready<Result<Self, TurnedAway>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = Admitted::of(request).map(|admitted| admitted.identity.map(CurrentUser));
        ready(user.map(Self).map_err(|it| TurnedAway::new(request, &it)))
    }
}

/// The error of the extractors: the refusal has been reported, and its response is written.
pub struct TurnedAway {
    problem: Problem,
    /// Actix asks for a response without giving the request, so it is made beforehand.
    response: Cell<Option<HttpResponse>>,
}

impl TurnedAway {
    pub(crate) fn new(request: &HttpRequest, refusal: &Refusal) -> Self {
        let (problem, response) = turn_away(request, refusal);
        Self {
            problem,
            response: Cell::new(Some(response)),
        }
    }

    /// Why.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// Answers a request that got past its guard, or never met one, and goes no further: counted,
/// reported and written in the application's way.
pub(crate) fn turn_away(request: &HttpRequest, refusal: &Refusal) -> (Problem, HttpResponse) {
    Meter::refused(refusal.code());
    refusal.report(request.match_pattern().as_deref());
    let problem = Problem::from(refusal);
    let response = problem.respond_to(request);
    (problem, response)
}

impl ResponseError for TurnedAway {
    fn status_code(&self) -> StatusCode {
        self.problem.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let written = self.response.take();
        written.unwrap_or_else(|| self.problem.error_response())
    }
}

impl From<TurnedAway> for Problem {
    fn from(turned_away: TurnedAway) -> Self {
        turned_away.problem
    }
}

impl fmt::Debug for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TurnedAway").field(&self.problem).finish()
    }
}

impl fmt::Display for TurnedAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for TurnedAway {}
