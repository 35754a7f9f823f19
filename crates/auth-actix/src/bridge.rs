use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use auth_core::{
    Accounts, Identity, Issuers, MAX_TOKEN_BYTES, Policy, PolicyError, Standing, TokenCache,
    UnixTime, UntrustedToken, Verifier,
};

use crate::asked::AskedAccounts;
use crate::feed::KeyFeed;
use crate::meter::Meter;
use crate::refusal::Refusal;
use crate::require::Require;

/// From a token to an [`Identity`]: the trusted issuers with their keys, the tokens that were
/// verified before and, where there are any, the accounts behind one question,
/// [`admit`](Self::admit).
///
/// Made once per process; a clone is another handle to the same bridge.
#[derive(Clone)]
pub struct AuthBridge(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    issuers: Issuers,
    /// Whose keys are whose: one for each of the issuers, in their order.
    feeds: Vec<KeyFeed>,
    cache: Option<Remembered>,
    accounts: Option<AskedAccounts>,
    /// What access tokens need, wherever they are sent.
    granted: Option<Require>,
    clock: Arc<dyn Fn() -> UnixTime + Send + Sync>,
    meter: Meter,
}

#[derive(Clone)]
struct Remembered {
    tokens: Arc<TokenCache>,
    max_bytes: usize,
}

impl Remembered {
    fn new(max_bytes: usize) -> Self {
        let tokens = Arc::new(TokenCache::new(max_bytes));
        Self { tokens, max_bytes }
    }
}

impl AuthBridge {
    /// A bridge that trusts every good token of one issuer, and remembers those it has verified in
    /// [`TokenCache::DEFAULT_BYTES`] at most.
    ///
    /// Counters and gauges go to the recorder of the `metrics` facade that is installed now.
    #[must_use]
    pub fn new(policy: Policy, feed: KeyFeed) -> Self {
        Self(Arc::new(Parts {
            issuers: Issuers::new([policy]).expect("one policy repeats no other"),
            feeds: vec![feed],
            cache: Some(Remembered::new(TokenCache::DEFAULT_BYTES)),
            accounts: None,
            granted: None,
            clock: Arc::new(|| SystemTime::now().into()),
            meter: Meter::new(),
        }))
    }

    /// Also trusts this issuer, with these keys. Keys are never pooled: what one issuer signs
    /// proves nothing about another, also when both use the same key ids. Two issuers may share a
    /// feed where they publish one key set, as Better Auth's plain JWTs and its OAuth access
    /// tokens do.
    ///
    /// **Dangerous**: whoever runs that issuer can be every user here. A user is their id, whoever
    /// says it: a guard for `/api/{user_id}` and an application's tables compare ids, not pairs of
    /// issuer and id, and nothing keeps one issuer from naming the users of another. Trust one
    /// that is not under the same hands only behind a guard of its own, by
    /// [`Guard::issued_by`](crate::Guard::issued_by).
    ///
    /// Where the policy is for access tokens, every OAuth client that gets one for this audience
    /// can do what its user can, unless guards ask for
    /// [`Require::granted`](crate::Require::granted).
    ///
    /// # Errors
    /// [`PolicyError::DuplicateIssuer`] when the same kind of token of the same issuer has a
    /// policy already.
    pub fn with_issuer(self, policy: Policy, feed: KeyFeed) -> Result<Self, PolicyError> {
        let policies = self.policies().cloned().chain([policy]);
        let issuers = Issuers::new(policies)?;
        Ok(self.with(|parts| {
            parts.issuers = issuers;
            parts.feeds.push(feed);
            // Issuers are known by number: a bridge with others must not share what it remembers.
            parts.cache = parts.cache.take().map(|it| Remembered::new(it.max_bytes));
        }))
    }

    /// Also asks, on every request, whether the token's user is still welcome.
    #[must_use]
    pub fn with_accounts(self, accounts: Arc<dyn Accounts>) -> Self {
        self.with(|parts| parts.accounts = Some(AskedAccounts::new(accounts)))
    }

    /// Asks for this of everybody, in every guard and here.
    pub(crate) fn with_granted(self, granted: Require) -> Self {
        self.with(|parts| parts.granted = Some(granted))
    }

    pub(crate) fn granted(&self) -> Option<&Require> {
        self.0.granted.as_ref()
    }

    /// Remembers verified tokens in so many bytes, or none at all: then every request pays for a
    /// signature.
    #[must_use]
    pub fn with_cache(self, max_bytes: Option<usize>) -> Self {
        self.with(|parts| parts.cache = max_bytes.map(Remembered::new))
    }

    /// Tells tokens the time by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.with(|parts| parts.clock = Arc::new(clock))
    }

    /// The feed of the first issuer's keys.
    #[must_use]
    pub fn feed(&self) -> &KeyFeed {
        self.0.feeds.first().expect("there is an issuer")
    }

    /// The trusted issuers, each with the feed of its keys.
    pub fn issuers(&self) -> impl Iterator<Item = (&Policy, &KeyFeed)> {
        self.policies().zip(&self.0.feeds)
    }

    /// What has been verified and is remembered, if anything is.
    #[must_use]
    pub fn cache(&self) -> Option<&TokenCache> {
        self.0.cache.as_ref().map(|cache| &*cache.tokens)
    }

    /// Admits whoever sends this token, or says why not.
    ///
    /// A token that could not be good whatever the keys are is refused before any key is looked
    /// for. A known key never waits; an unknown one waits for the issuer as long as the feed's
    /// `wait` says. A token that was verified before is not verified again, but time, keys and
    /// account are looked at every time: it dies when it expires, when its key is withdrawn, when
    /// the keys are too old to be relied on, and when its account is in good standing no more.
    ///
    /// What a [`Guard`](crate::Guard) is told to ask for besides is not asked for here, except for
    /// the scopes that [`DrawbridgeBuilder::oauth_access_tokens`] names.
    ///
    /// [`DrawbridgeBuilder::oauth_access_tokens`]: crate::DrawbridgeBuilder::oauth_access_tokens
    ///
    /// # Errors
    /// [`Refusal::Denied`], [`Refusal::KeysUnavailable`], [`Refusal::AccountsUnavailable`], and
    /// [`Refusal::UserNotFound`], [`Refusal::UserBanned`], [`Refusal::SignedOut`] or
    /// [`Refusal::TokenRevoked`] for an account that is not welcome; [`Refusal::ScopeMissing`] for
    /// an access token.
    pub async fn admit(&self, token: &str) -> Result<Identity, Refusal> {
        let identity = match self.admit_now(token) {
            Ok(admitted) => admitted?,
            Err(pending) => self.admit_pending(token, pending).await?,
        };
        let met = Require::check_all(self.granted(), &identity, || self.now());
        met.inspect_err(|refusal| Meter::refused(refusal.code()))?;
        Ok(identity)
    }

    /// Whether the token and its account are good, if that is known: the token was verified before,
    /// and its account need not be asked elsewhere. This is the hot path; it neither waits nor
    /// allocates. Otherwise, what [`admit_pending`](Self::admit_pending) goes on with.
    pub(crate) fn admit_now(&self, token: &str) -> Result<Result<Identity, Refusal>, Pending> {
        let recalled = self.recall(token).ok_or(Pending::Unverified)?;
        self.0.meter.hit();
        let admitted = match (recalled, &self.0.accounts) {
            (Ok(identity), Some(accounts)) => match accounts.standing_now(&identity) {
                Some(standing) => judge(standing, identity),
                None => return Err(Pending::Verified(identity)),
            },
            (recalled, _) => recalled,
        };
        Ok(self.count(admitted))
    }

    /// The rest, for the same token.
    pub(crate) async fn admit_pending(
        &self,
        token: &str,
        pending: Pending,
    ) -> Result<Identity, Refusal> {
        let accounts = self.0.accounts.as_ref();
        let admitted = async {
            let (identity, standing) = match pending {
                Pending::Verified(identity) => (identity, None),
                Pending::Unverified => {
                    if self.0.cache.is_some() {
                        self.0.meter.missed();
                    }
                    let identity = self.verify(token).await?;
                    let standing = accounts.and_then(|it| it.standing_now(&identity));
                    (identity, standing)
                }
            };
            match (standing, accounts) {
                (Some(standing), _) => judge(standing, identity),
                (None, Some(accounts)) => judge(accounts.standing(&identity).await?, identity),
                (None, None) => Ok(identity),
            }
        };
        self.count(admitted.await)
    }

    pub(crate) fn now(&self) -> UnixTime {
        (self.0.clock)()
    }

    /// The identity that this token proved before, if nothing has happened since.
    fn recall(&self, token: &str) -> Option<Result<Identity, Refusal>> {
        let feeds = &self.0.feeds;
        // One that is too large cannot be in there, and is not worth the look.
        let cache = self.cache().filter(|_| token.len() <= MAX_TOKEN_BYTES)?;
        let recalled = cache.get(token, self.now(), |issuer| feeds[issuer].epoch())?;
        Some(recalled.map_err(Refusal::Denied))
    }

    async fn verify(&self, text: &str) -> Result<Identity, Refusal> {
        let token = UntrustedToken::parse(text)?;
        let (issuer, verifier) = self.0.issuers.select(&token)?;
        verifier.screen(&token)?;
        let keys = self.0.feeds[issuer].ring_for(token.key_id()).await?;
        let identity = verifier.verify(&token, &keys.ring, self.now())?;
        if let Some(cache) = self.cache() {
            cache.insert(text, &identity, verifier, issuer, keys.epoch);
            self.0.meter.cache(cache);
        }
        Ok(identity)
    }

    fn count(&self, admitted: Result<Identity, Refusal>) -> Result<Identity, Refusal> {
        match &admitted {
            Ok(_) => self.0.meter.verified(),
            Err(refusal) => Meter::refused(refusal.code()),
        }
        admitted
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.0.issuers.verifiers().iter().map(Verifier::policy)
    }

    fn with(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }
}

/// What is not known of a token without waiting for somebody.
pub(crate) enum Pending {
    /// Whether it is good.
    Unverified,
    /// How the account is of whom it was proved to be.
    Verified(Identity),
}

fn judge(standing: Standing, identity: Identity) -> Result<Identity, Refusal> {
    Err(match standing {
        Standing::Good => return Ok(identity),
        Standing::Banned => Refusal::UserBanned,
        Standing::SignedOut => Refusal::SignedOut,
        Standing::Revoked => Refusal::TokenRevoked,
        // A standing that this crate does not know yet is not a good one.
        _ => Refusal::UserNotFound,
    })
}

impl fmt::Debug for AuthBridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthBridge")
            .field("issuers", &self.issuers().collect::<Vec<_>>())
            .field("cache", &self.cache())
            .field("accounts", &self.0.accounts)
            .finish_non_exhaustive()
    }
}
