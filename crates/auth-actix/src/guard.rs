use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header;
use actix_web::{Error, HttpMessage};
use auth_core::Identity;
use uuid::Uuid;

use crate::bridge::{AuthBridge, Refusal};
use crate::extract::CurrentUser;
use crate::problem::Problem;

/// The middleware that lets a scope's requests in, or answers them.
///
/// Whoever gets past it is a [`CurrentUser`]. Everything below the scope is guarded, also paths
/// that do not exist: a stranger learns nothing about them.
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
    path: PathUser,
}

/// Whether the path has a say in who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PathUser {
    /// The segment `{user_id}` must name the token's user.
    Same,
    Ignored,
}

impl Guard {
    /// For a scope whose path has a segment `{user_id}`. It must be the token's user, as a
    /// hyphenated UUID in any case or as `me`; for every other text the answer is 403.
    #[must_use]
    pub const fn new(bridge: AuthBridge) -> Self {
        Self {
            bridge,
            path: PathUser::Same,
        }
    }

    /// For a scope without that segment: any user with a good token comes in.
    #[must_use]
    pub const fn any_user(bridge: AuthBridge) -> Self {
        Self {
            bridge,
            path: PathUser::Ignored,
        }
    }

    async fn check(&self, request: &ServiceRequest) -> Result<Identity, Refusal> {
        let mut headers = request.headers().get_all(header::AUTHORIZATION);
        let credentials = headers.next().ok_or(Refusal::TokenMissing)?;
        if headers.next().is_some() {
            return Err(Refusal::MultipleCredentials);
        }
        let identity = self
            .bridge
            .admit(bearer_token(credentials.as_bytes())?)
            .await?;
        // Before the path is judged: the log tells who knocked at another user's door.
        let user_id = tracing::field::display(identity.user_id());
        tracing::Span::current().record("user.id", user_id);

        if self.path == PathUser::Same {
            let named = request
                .match_info()
                .get("user_id")
                .ok_or(Refusal::Misplaced)?;
            if named != "me" && hyphenated(named) != Some(identity.user_id().as_uuid()) {
                return Err(Refusal::UserMismatch);
            }
        }
        Ok(identity)
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Guarded(Rc::new((self.clone(), service)))))
    }
}

/// A service behind its [`Guard`].
#[derive(Debug)]
pub struct Guarded<S>(Rc<(Guard, S)>);

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.1.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let this = Rc::clone(&self.0);
        Box::pin(async move {
            let (guard, service) = &*this;
            match guard.check(&request).await {
                Ok(identity) => {
                    request.extensions_mut().insert(CurrentUser::new(identity));
                    Ok(service.call(request).await?.map_into_left_body())
                }
                Err(refusal) => {
                    report(&refusal);
                    let response = Problem::from(&refusal).respond_to(request.request());
                    Ok(request.into_response(response).map_into_right_body())
                }
            }
        })
    }
}

/// The token behind `Bearer` in any case and one or more spaces (RFC 9110 §11.4); what it looks
/// like is not judged here. Another scheme is no bearer token, as if nothing had been sent.
fn bearer_token(credentials: &[u8]) -> Result<&str, Refusal> {
    let scheme_end = credentials
        .iter()
        .position(|&b| b == b' ')
        .unwrap_or(credentials.len());
    let (scheme, rest) = credentials.split_at(scheme_end);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(Refusal::TokenMissing);
    }
    let token = rest.trim_ascii();
    // Bytes that are no text are in no token. An empty one is malformed for the parser as well.
    Ok(std::str::from_utf8(token).unwrap_or_default())
}

/// The other ways to write a UUID (braces, `urn:`, without hyphens) are left out: one path, one
/// resource.
fn hyphenated(text: &str) -> Option<Uuid> {
    (text.len() == uuid::fmt::Hyphenated::LENGTH)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

fn report(refusal: &Refusal) {
    let code = refusal.code();
    tracing::Span::current().record("deny.code", code);
    match refusal {
        Refusal::Misplaced => tracing::error!(deny.code = code, "{refusal}"),
        Refusal::AccountsUnavailable(unavailable) => {
            let cause = std::error::Error::source(unavailable).map(tracing::field::display);
            tracing::warn!(deny.code = code, cause, "{refusal}");
        }
        _ => tracing::debug!(deny.code = code, "request refused: {refusal}"),
    }
}
