use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use auth_core::{Denied, UserId};

use crate::refusal::Refusal;

mod buckets;
mod client_address;
mod failures;

use buckets::Buckets;
pub use client_address::{InvalidNetwork, TrustedProxies};
use failures::Failures;

/// So many in so long, all at once if they like: a bucket that holds `count` and fills up again
/// within `window`, drop by drop.
///
/// ```
/// use std::time::Duration;
/// use auth_actix::Rate;
///
/// let rate = Rate::new(600, Duration::from_secs(60)).expect("neither is nothing");
/// assert_eq!((rate.count(), rate.window()), (600, Duration::from_secs(60)));
/// assert!(Rate::new(0, Duration::from_secs(60)).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    window: Duration,
}

impl Rate {
    /// `None` where one of them is nothing, or where the window is too short to be told in
    /// nanoseconds for each of them.
    #[must_use]
    pub fn new(count: u32, window: Duration) -> Option<Self> {
        let count = NonZeroU32::new(count)?;
        let each = window.checked_div(count.get())?;
        (!each.is_zero()).then_some(Self { count, window })
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count.get()
    }

    /// In how long.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// The time in which one is given back.
    fn each(&self) -> Duration {
        self.window / self.count.get()
    }
}

/// How often a user may ask, and how often an address may fail to prove who it is. For one process;
/// clones count together. Give it to a guard with [`Guard::with_limits`](crate::Guard::with_limits).
///
/// Both are answered with 429 and `Retry-After`. Guarded answers tell how a user stands in `RateLimit` and
/// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): `"user";r=…;t=…`.
///
/// # What counts as a failure
///
/// A token that nobody good would send: malformed, forged, of another issuer or audience. A missing or expired token, an
/// ended session or another user's path does not count: pages that were left open make those. While an address has too many,
/// tokens that have to be verified are not looked at from there, so that a flood of forged ones costs next to nothing;
/// tokens that were verified before go on working.
///
/// ```
/// use std::time::Duration;
/// use auth_actix::{AuthBridge, Guard, Rate, RateLimits};
///
/// fn guard(bridge: AuthBridge) -> Guard {
///     let minute = Duration::from_secs(60);
///     let limits = RateLimits::new()
///         .per_user(Rate::new(600, minute).expect("neither is nothing"))
///         .failures_per_address(Rate::new(60, minute).expect("neither is nothing"));
///     Guard::new(bridge).with_limits(limits)
/// }
/// ```
#[derive(Clone, Default)]
pub struct RateLimits {
    users: Option<Arc<Buckets<UserId>>>,
    failures: Option<Arc<Failures>>,
    proxies: TrustedProxies,
}

impl RateLimits {
    /// No limit yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So many requests of each user.
    #[must_use]
    pub fn per_user(mut self, rate: Rate) -> Self {
        self.users = Some(Arc::new(Buckets::new(rate)));
        self
    }

    /// So many failures of each address; of IPv6, of each network of 64 bits.
    #[must_use]
    pub fn failures_per_address(mut self, rate: Rate) -> Self {
        self.failures = Some(Arc::new(Failures::new(rate)));
        self
    }

    /// Takes the client's address from `X-Forwarded-For` where these proxies have written it. Without them it is the address
    /// that the connection comes from, which behind a proxy is one for all: failures of a loopback or private address are not
    /// counted, as a stranger could otherwise shut everybody out who comes through a proxy that is not named here.
    #[must_use]
    pub fn behind(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Whether there is nothing to count.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.users.is_none() && self.failures.is_none()
    }

    /// Counts a request of this user.
    pub(crate) fn user(&self, user: UserId) -> Result<Option<Quota>, Refusal> {
        let Some(users) = &self.users else {
            return Ok(None);
        };
        match users.take(&user) {
            Ok(left) => Ok(Some(Quota {
                rate: users.rate(),
                left,
            })),
            Err(retry_after) => Err(Refusal::RateLimited { retry_after }),
        }
    }

    /// How a user stands who has asked too often.
    pub(crate) fn spent(&self) -> Option<Quota> {
        let rate = self.users.as_ref()?.rate();
        Some(Quota { rate, left: 0 })
    }

    /// Whether there have been too many failures from where this comes.
    pub(crate) fn address(&self, request: &ServiceRequest) -> Result<(), Refusal> {
        let Some((failures, address)) = self.failing(request) else {
            return Ok(());
        };
        match failures.shut_for(address) {
            Some(retry_after) => Err(Refusal::TooManyFailures { retry_after }),
            None => Ok(()),
        }
    }

    /// Counts a refusal, if it is one that counts.
    pub(crate) fn failed(&self, request: &ServiceRequest, refusal: &Refusal) {
        if let Refusal::Denied(denied) = refusal
            && counts(denied)
            && let Some((failures, address)) = self.failing(request)
        {
            failures.note(address);
        }
    }

    fn failing(&self, request: &ServiceRequest) -> Option<(&Failures, IpAddr)> {
        let failures = self.failures.as_ref()?;
        Some((failures, self.proxies.client(request)?))
    }
}

/// Whether nobody good would send such a token.
fn counts(denied: &Denied) -> bool {
    !matches!(
        denied,
        Denied::TokenExpired { .. }
            | Denied::TokenNotYetValid { .. }
            | Denied::IssuedInFuture { .. }
    )
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits")
            .field("users", &self.users.as_ref().map(|it| it.rate()))
            .field("failures", &self.failures.as_ref().map(|it| it.rate()))
            .field("proxies", &self.proxies)
            .finish()
    }
}

/// How a user stands after a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    rate: Rate,
    left: u32,
}

impl Quota {
    pub(crate) fn headers(&self) -> [(HeaderName, HeaderValue); 2] {
        let Self { rate, left } = *self;
        let full_again = rate.each() * (rate.count() - left.min(rate.count()));
        let seconds = full_again.as_secs() + u64::from(full_again.subsec_nanos() > 0);
        let window = rate.window().as_secs().max(1);
        let value =
            |text: String| HeaderValue::try_from(text).expect("digits and the letters around them");
        [
            (
                HeaderName::from_static("ratelimit"),
                value(format!("\"user\";r={left};t={seconds}")),
            ),
            (
                HeaderName::from_static("ratelimit-policy"),
                value(format!("\"user\";q={};w={window}", rate.count())),
            ),
        ]
    }
}
