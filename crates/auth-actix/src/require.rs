use std::future::{Ready, ready};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::Error;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use auth_core::{Identity, TokenKind, UnixTime};
use futures_util::TryFutureExt;
use futures_util::future::{Either, LocalBoxFuture, MapOk};

use crate::admitted::Admitted;
use crate::extract::turn_away;
use crate::refusal::Refusal;

/// What a user needs beyond a good token: a role, a scope, a fresh token. Who lacks it reads 403
/// with the code that belongs to it.
///
/// It goes around a scope, a resource or a route below a [`Guard`](crate::Guard), or
/// [into the guard](crate::Guard::require). Above the guard there is no user yet: every request
/// would be a 500 `unguarded_route`.
///
/// ```
/// use std::time::Duration;
/// use actix_web::web;
/// use auth_actix::{CurrentUser, Guard, Require};
///
/// async fn work(user: CurrentUser) -> String {
///     format!("{} works", user.user_id())
/// }
///
/// fn configure(guard: Guard, cfg: &mut web::ServiceConfig) {
///     let admin = Require::role("admin").and(Require::fresh(Duration::from_secs(300)));
///     cfg.service(
///         web::scope("/api")
///             .wrap(guard)
///             .service(
///                 web::resource("/read")
///                     .wrap(Require::scope("tasks:read"))
///                     .route(web::get().to(work)),
///             )
///             .service(web::scope("/admin").wrap(admin).route("/work", web::post().to(work))),
///     );
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require(Vec<Demand>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Demand {
    /// One of these.
    Role(Vec<String>),
    Scope(String),
    /// The scope, of a token that was granted to a client.
    Granted(String),
    Fresh(Duration),
}

impl Require {
    /// This role, as the token has it (claim `role`), byte by byte. Code `role_missing`.
    ///
    /// A role that is taken away stays in a token until that expires.
    #[must_use]
    pub fn role(role: impl Into<String>) -> Self {
        Self::any_role([role])
    }

    /// One of these roles. Of none of them, nobody has one.
    #[must_use]
    pub fn any_role<R: Into<String>>(roles: impl IntoIterator<Item = R>) -> Self {
        Self::one(Demand::Role(roles.into_iter().map(Into::into).collect()))
    }

    /// This scope (claim `scope`, RFC 8693 §4.2), byte by byte. Code `scope_missing`, with the
    /// challenge `insufficient_scope` of RFC 6750 §3.1, which names all scopes that are needed.
    ///
    /// Plain JWTs are asked for it as well, and Better Auth's have none: see
    /// [`granted`](Self::granted).
    #[must_use]
    pub fn scope(scope: impl Into<String>) -> Self {
        Self::one(Demand::Scope(scope.into()))
    }

    /// This scope, of access tokens; the user's own plain JWTs do not need it. An OAuth client may
    /// do what it was granted, and the user's own app may do what the user may. Code
    /// `scope_missing`, as for [`scope`](Self::scope).
    ///
    /// A server that accepts access tokens and asks them for no scope gives every client that a
    /// user has let in, for whatever, all that the user has.
    ///
    /// ```
    /// # use auth_actix::{Guard, Require};
    /// # fn configure(guard: Guard) -> Guard {
    /// guard.require(Require::granted("tasks:write"))
    /// # }
    /// ```
    #[must_use]
    pub fn granted(scope: impl Into<String>) -> Self {
        Self::one(Demand::Granted(scope.into()))
    }

    /// A token that was minted (claim `iat`) this long ago at most, for what should not be done
    /// with a token that lay around. One that does not say when it was minted is not fresh. Code
    /// `token_not_fresh`.
    ///
    /// This is about the token: Better Auth mints a fresh one for a session of any age.
    #[must_use]
    pub fn fresh(max_age: Duration) -> Self {
        Self::one(Demand::Fresh(max_age))
    }

    /// Whether this user meets all of it at this time: for a handler that asks for itself, as where one method of a resource wants
    /// more than the others.
    ///
    /// # Errors
    /// The [`Refusal`] of the first demand that is not met.
    pub fn check(&self, who: &Identity, now: UnixTime) -> Result<(), Refusal> {
        Self::check_all([self], who, || now)
    }

    /// All that this needs, and all that the other needs.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The first demand that this user does not meet is the answer. If that is a scope, the answer
    /// names every scope that is needed: who asks the user for one after the other asks often.
    pub(crate) fn check_all<'a>(
        requires: impl IntoIterator<Item = &'a Self, IntoIter: Clone>,
        who: &Identity,
        now: impl Fn() -> UnixTime,
    ) -> Result<(), Refusal> {
        let demands = requires.into_iter().flat_map(|require| &require.0);
        demands.clone().try_for_each(|demand| {
            demand.check(who, &now).map_err(|refusal| match refusal {
                Refusal::ScopeMissing { .. } => {
                    let expected = all_scopes(demands.clone());
                    Refusal::ScopeMissing { expected }
                }
                refusal => refusal,
            })
        })
    }

    /// That an access token carries all of these scopes; nothing, if there are none.
    pub(crate) fn all_granted<'a>(scopes: impl IntoIterator<Item = &'a String>) -> Option<Self> {
        scopes.into_iter().map(Self::granted).reduce(Self::and)
    }

    fn one(demand: Demand) -> Self {
        Self(vec![demand])
    }
}

impl Demand {
    fn check(&self, who: &Identity, now: impl Fn() -> UnixTime) -> Result<(), Refusal> {
        match self {
            Self::Role(roles) if !roles.iter().any(|role| who.has_role(role)) => {
                let expected = roles.join(",");
                Err(Refusal::RoleMissing { expected })
            }
            Self::Scope(scope) if !who.has_scope(scope) => {
                let expected = scope.clone();
                Err(Refusal::ScopeMissing { expected })
            }
            // Whatever is no plain JWT of the user was given to somebody else.
            Self::Granted(scope) if who.kind() != TokenKind::Plain && !who.has_scope(scope) => {
                let expected = scope.clone();
                Err(Refusal::ScopeMissing { expected })
            }
            Self::Fresh(max_age) => {
                let (max_age, minted) = (*max_age, who.issued_at());
                match minted.map(|minted| now().duration_since(minted)) {
                    Some(age) if age <= max_age => Ok(()),
                    age => Err(Refusal::TokenNotFresh { age, max_age }),
                }
            }
            Self::Role(_) | Self::Scope(_) | Self::Granted(_) => Ok(()),
        }
    }
}

/// Each once, in the order in which they are asked for, separated by spaces (RFC 6749 §3.3).
fn all_scopes<'a>(demands: impl Iterator<Item = &'a Demand>) -> String {
    let mut scopes: Vec<&str> = Vec::new();
    for demand in demands {
        if let Demand::Scope(scope) | Demand::Granted(scope) = demand
            && !scopes.contains(&&**scope)
        {
            scopes.push(scope);
        }
    }
    scopes.join(" ")
}

impl<S, B> Transform<S, ServiceRequest> for Require
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Transform = Required<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let require = self.clone();
        ready(Ok(Required { require, service }))
    }
}

/// A service behind a [`Require`].
#[derive(Debug)]
pub struct Required<S> {
    require: Require,
    service: S,
}

impl<S, B> Service<ServiceRequest> for Required<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future =
        Either<Passing<S::Future, B>, LocalBoxFuture<'static, Result<Self::Response, Error>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let met = Admitted::of(request.request()).and_then(|admitted| {
            let guard = Rc::clone(&admitted.guard);
            Require::check_all([&self.require], &admitted.user()?, || guard.now())
        });
        match met {
            Ok(()) => {
                let passed: fn(_) -> _ = ServiceResponse::map_into_left_body;
                Either::Left(self.service.call(request).map_ok(passed))
            }
            // Told when it is polled, so that it happens within the request's span.
            Err(refusal) => Either::Right(Box::pin(async move {
                let (_, response) = turn_away(request.request(), &refusal);
                Ok(request.into_response(response).map_into_right_body())
            })),
        }
    }
}

/// The service's own future, its response given the type that a refusal has as well.
type Passing<F, B> = MapOk<F, fn(ServiceResponse<B>) -> ServiceResponse<EitherBody<B, BoxBody>>>;

#[cfg(test)]
mod tests;
