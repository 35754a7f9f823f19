use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use auth_core::Identity;

use crate::bridge::Refusal;
use crate::problem::Problem;

/// The user of this request, as a handler's argument.
///
/// Only a [`Guard`](crate::Guard) can leave one for the handler; there is no constructor. On a
/// route without a guard the request ends as a 500 `unguarded_route` and a line in the error log,
/// never with a made-up user.
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
    pub(crate) const fn new(identity: Identity) -> Self {
        Self(identity)
    }

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
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get::<Self>().cloned();
        ready(user.ok_or_else(|| {
            let route = request.match_pattern();
            tracing::error!(
                route,
                "a handler asks for the current user on a route without a guard"
            );
            Problem::from(&Refusal::Unguarded)
        }))
    }
}
