use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth_core::{Accounts, Algorithm, Policy, TokenCache, UnixTime, UserClaim};

use crate::better_auth_url::BetterAuthUrl;
use crate::render::Face;
use crate::settings::KeyFeedSettings;

/// What a [`Drawbridge`](crate::Drawbridge) is to be like. Whatever is not said follows from the base URL.
///
/// | option | if it is not said |
/// |---|---|
/// | [`issuer`](Self::issuer), [`audience`](Self::audience) | the base URL's origin, as Better Auth writes them |
/// | [`jwks_url`](Self::jwks_url) | `/api/auth/jwks` there, or `/jwks` below the base URL's own path |
/// | [`user_claim`](Self::user_claim) | `uuid` |
/// | [`algorithms`](Self::algorithms) | all five that Better Auth can use |
/// | [`leeway`](Self::leeway), [`max_lifetime`](Self::max_lifetime) | 30 s, 24 h |
/// | [`accounts`](Self::accounts) | none: a good token is enough |
/// | [`cache_bytes`](Self::cache_bytes) | 32 MiB of verified tokens |
/// | [`oauth_access_tokens`](Self::oauth_access_tokens), [`also_trust`](Self::also_trust) | plain JWTs of this server alone |
/// | [`resource`](Self::resource) | no description is published |
/// | [`realm`](Self::realm), [`renderer`](Self::renderer) | `drawbridge`, `application/problem+json` |
#[must_use = "a builder does nothing until it starts"]
pub struct DrawbridgeBuilder {
    pub(super) base: Result<BetterAuthUrl, &'static str>,
    pub(super) issuer: Option<String>,
    pub(super) audiences: Vec<String>,
    pub(super) any_audience: bool,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) user_claim: UserClaim,
    pub(super) leeway: Duration,
    pub(super) max_lifetime: Option<Duration>,
    pub(super) key_id_optional: bool,
    pub(super) fully_specified_names: bool,
    pub(super) access_tokens: Vec<AccessTokens>,
    pub(super) access_token_scopes: Vec<String>,
    pub(super) keys: KeyFeedSettings,
    /// Whether all that was said of the keys was said for nothing, by what came after it.
    pub(super) keys_undone: bool,
    pub(super) others: Vec<(Policy, KeyFeedSettings)>,
    pub(super) accounts: Option<Arc<dyn Accounts>>,
    pub(super) cache: Option<usize>,
    pub(super) clock: Option<Arc<dyn Fn() -> UnixTime + Send + Sync>>,
    pub(super) resource: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) resource_name: Option<String>,
    pub(super) face: Face,
    pub(super) wait_for_keys: Duration,
    pub(super) require_keys: bool,
    pub(super) allow_http: bool,
}

/// Access tokens for one audience, and what each of them must carry.
pub(super) struct AccessTokens {
    pub(super) audience: String,
    pub(super) scopes: Vec<String>,
}

impl DrawbridgeBuilder {
    pub(super) fn new(base_url: &str) -> Self {
        let base = BetterAuthUrl::parse(base_url);
        Self {
            keys: keys_of(&base),
            keys_undone: false,
            base,
            issuer: None,
            audiences: Vec::new(),
            any_audience: false,
            algorithms: Algorithm::ALL.to_vec(),
            user_claim: UserClaim::Uuid,
            leeway: Policy::DEFAULT_LEEWAY,
            max_lifetime: Some(Policy::DEFAULT_MAX_LIFETIME),
            key_id_optional: false,
            fully_specified_names: false,
            access_tokens: Vec::new(),
            access_token_scopes: Vec::new(),
            others: Vec::new(),
            accounts: None,
            cache: Some(TokenCache::DEFAULT_BYTES),
            clock: None,
            resource: None,
            scopes: Vec::new(),
            resource_name: None,
            face: Face::default(),
            wait_for_keys: Duration::from_secs(5),
            require_keys: false,
            allow_http: false,
        }
    }

    /// Adds an audience: a plain JWT must name at least one of them (`aud`, byte by byte). Access
    /// tokens have [their own](Self::oauth_access_tokens).
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Accepts plain JWTs of this server for whatever audience, access tokens for theirs as ever.
    /// **Dangerous**: see [`Policy::danger_any_audience`].
    pub fn danger_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// The issuer (`iss`, byte by byte), where Better Auth is told another one than its origin.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Where the keys are, when this server reaches Better Auth by another address than browsers.
    /// The key set itself is there: it is not [discovered](KeyFeedSettings::discover) then.
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.keys.jwks_url = url.into();
        self.keys.discovery = None;
        self
    }

    /// Changes how the keys are kept.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use auth_actix::Drawbridge;
    /// Drawbridge::better_auth("https://app.example")
    ///     .key_feed(|keys| keys.max_age = Duration::from_secs(60))
    /// # ;
    /// ```
    pub fn key_feed(mut self, change: impl FnOnce(&mut KeyFeedSettings)) -> Self {
        change(&mut self.keys);
        self
    }

    /// Says how the keys are kept, address included. It comes before what changes that,
    /// [`jwks_url`](Self::jwks_url) and [`key_feed`](Self::key_feed): after them, it is a mistake.
    pub fn key_feed_settings(mut self, settings: KeyFeedSettings) -> Self {
        self.keys_undone |= self.keys != keys_of(&self.base) && self.keys != settings;
        self.keys = settings;
        self
    }

    /// The claim that names the user.
    pub fn user_claim(mut self, claim: UserClaim) -> Self {
        self.user_claim = claim;
        self
    }

    /// The algorithms that a token may be signed with.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// By how much the clocks of issuer and server may differ; at most [`Policy::MAX_LEEWAY`].
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How long a token may live; `None`: as long as it likes.
    pub fn max_lifetime(mut self, longest: Option<Duration>) -> Self {
        self.max_lifetime = longest;
        self
    }

    /// Also accepts tokens that name no key, while the issuer has exactly one.
    pub fn key_id_optional(mut self, optional: bool) -> Self {
        self.key_id_optional = optional;
        self
    }

    /// Also accepts `Ed25519` as the name of `EdDSA` (RFC 9864).
    pub fn fully_specified_names(mut self, accepted: bool) -> Self {
        self.fully_specified_names = accepted;
        self
    }

    /// Also accepts the access tokens of Better Auth's `oauth-provider` plugin (RFC 9068) for this
    /// audience: the `resource` that its clients ask for. They are signed with the same keys, by
    /// the issuer `/api/auth` at the base URL. The user is named by the same claim as in plain
    /// JWTs; `oauth-provider` puts `uuid` in by `customAccessTokenClaims`.
    ///
    /// Each access token must carry all of these scopes, and there must be at least one: otherwise
    /// every client that a user has let in, to sign them in for instance, could do here all that
    /// the user can. Who lacks one is 403 `scope_missing` at every guard. Said for several
    /// audiences, the scopes add up. A route that needs more asks for it with
    /// [`Require::granted`](crate::Require::granted).
    ///
    /// ```
    /// # use auth_actix::Drawbridge;
    /// Drawbridge::better_auth("https://app.example")
    ///     .oauth_access_tokens("https://api.example", ["tasks"])
    /// # ;
    /// ```
    pub fn oauth_access_tokens<S: Into<String>>(
        mut self,
        audience: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.access_tokens.push(AccessTokens {
            audience: audience.into(),
            scopes: scopes.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Adds scopes that every access token must carry, whoever issues it. It is for issuers that
    /// are [also trusted](Self::also_trust) with a policy for access tokens; those of this server
    /// say theirs with [`oauth_access_tokens`](Self::oauth_access_tokens).
    pub fn access_token_scopes<S: Into<String>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let scopes = scopes.into_iter().map(Into::into);
        self.access_token_scopes.extend(scopes);
        self
    }

    /// Also trusts another issuer, with keys of its own. Issuers with the same key set share one
    /// feed; keys are never pooled otherwise.
    ///
    /// **Dangerous**: whoever runs that issuer can be every user here. A user is their id, whoever
    /// says it: [`user_guard`](crate::Drawbridge::user_guard) and an application's tables compare
    /// ids, not pairs of issuer and id, and nothing keeps one issuer from naming the users of
    /// another. Trust one that is not under the same hands only behind a guard of its own, by
    /// [`Guard::issued_by`](crate::Guard::issued_by), with ids of its own in the tables.
    pub fn also_trust(mut self, policy: Policy, keys: KeyFeedSettings) -> Self {
        self.others.push((policy, keys));
        self
    }

    /// Asks these accounts, on every request, whether the token's user is still welcome.
    pub fn accounts(mut self, accounts: Arc<dyn Accounts>) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// Remembers verified tokens in so many bytes; zero is none at all.
    pub fn cache_bytes(mut self, max_bytes: usize) -> Self {
        self.cache = Some(max_bytes).filter(|bytes| *bytes > 0);
        self
    }

    /// Remembers no tokens: every request pays for a signature.
    pub fn without_cache(self) -> Self {
        self.cache_bytes(0)
    }

    /// Tells tokens the time by another clock than the system's.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// How long [`start`](Self::start) waits for the first keys. Default 5 s.
    pub fn wait_for_keys(mut self, limit: Duration) -> Self {
        self.wait_for_keys = limit;
        self
    }

    /// Does not start without keys. Otherwise it starts with a warning, answers 503 and heals when
    /// the issuer answers: API and Better Auth usually start together.
    pub fn require_keys_at_start(mut self, required: bool) -> Self {
        self.require_keys = required;
        self
    }

    /// Fetches keys over plain http from other machines. **Dangerous**: whoever is on the way can
    /// exchange the keys, and be anybody.
    pub fn danger_allow_http(mut self) -> Self {
        self.allow_http = true;
        self
    }
}

/// Where Better Auth has them, kept by default.
fn keys_of(base: &Result<BetterAuthUrl, &'static str>) -> KeyFeedSettings {
    let jwks_url = base.as_ref().map(BetterAuthUrl::jwks_url);
    KeyFeedSettings::new(jwks_url.unwrap_or_default())
}

impl fmt::Debug for DrawbridgeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrawbridgeBuilder")
            .field("base", &self.base)
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
