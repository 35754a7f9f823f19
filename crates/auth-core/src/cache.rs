use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter};

use crate::{Denied, Identity, UnixTime, Verifier};

/// Tokens that have been verified, so that the next request with the same token costs a look-up
/// instead of a signature.
///
/// One per process, bounded by bytes; when it is full, tokens that are not used make room. It
/// relies on nothing but equality: a token is found if every byte of it is the same, and what is
/// found is the [`Identity`] that verifying it gave. Only tokens that passed every check get in, so
/// a stranger can neither fill it nor find out what is in it.
///
/// What can change after that is looked at on every hit: the time, and the `epoch` of the issuer's
/// keys (see [`KeyBook::epoch`](crate::KeyBook::epoch)), which changes when a key is withdrawn. The account
/// behind the token is not the cache's business: whoever asks it asks the
/// [`Accounts`](crate::Accounts) next, hit or miss.
///
/// ```
/// # use std::time::SystemTime;
/// # use auth_core::{KeyRing, Policy, TokenCache, UnixTime, UntrustedToken, Verifier};
/// # let recorded = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/EdDSA.json"));
/// # let recorded: serde_json::Value = serde_json::from_str(recorded)?;
/// # let verifier = Verifier::new(Policy::new("http://localhost:3101", "http://localhost:3101")?.with_max_lifetime(None));
/// # let keys = KeyRing::parse(recorded["jwks"].to_string().as_bytes())?;
/// # let bearer = recorded["token"].as_str().ok_or("token")?;
/// # let now = UnixTime::from(SystemTime::now());
/// let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
/// let (issuer, epoch) = (0, 1);
/// assert!(cache.get(bearer, now, |_| Some(epoch)).is_none());
///
/// let token = UntrustedToken::parse(bearer)?;
/// let identity = verifier.verify(&token, &keys, now)?;
/// cache.insert(bearer, &identity, &verifier, issuer, epoch);
///
/// assert_eq!(cache.get(bearer, now, |_| Some(epoch)), Some(Ok(identity)));
/// assert!(cache.get(bearer, now, |_| Some(2)).is_none(), "a key has been withdrawn");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TokenCache {
    entries: Cache<Box<str>, Entry, Bytes, DefaultHashBuilder, Evictions>,
    evictions: Evictions,
}

#[derive(Clone)]
struct Entry {
    identity: Identity,
    validity: Range<UnixTime>,
    issuer: usize,
    epoch: u64,
    weight: u64,
}

impl TokenCache {
    /// Room for about 15,000 of Better Auth's usual tokens: 32 MiB.
    pub const DEFAULT_BYTES: usize = 32 * 1024 * 1024;

    /// A token of Better Auth's usual size takes about as much.
    const USUAL_ENTRY_BYTES: usize = 2048;

    /// An empty cache that grows to `max_bytes`, tokens and claims together, and no further.
    #[must_use]
    pub fn new(max_bytes: usize) -> Self {
        let evictions = Evictions::default();
        let entries = Cache::with(
            max_bytes / Self::USUAL_ENTRY_BYTES,
            max_bytes as u64,
            Bytes,
            DefaultHashBuilder::default(),
            evictions.clone(),
        );
        Self { entries, evictions }
    }

    /// The identity that this very token proved, if it is remembered and still good.
    ///
    /// `epoch` answers what the epoch of an issuer's keys is now, by the issuer's index; `None`
    /// while they are not in force. A hit allocates nothing.
    ///
    /// `Some(Err(..))` is a token that was good and has expired since: it need not be verified
    /// again to be refused. `None` says nothing about the token.
    pub fn get(
        &self,
        token: &str,
        now: UnixTime,
        epoch: impl FnOnce(usize) -> Option<u64>,
    ) -> Option<Result<Identity, Denied>> {
        let Entry {
            identity,
            validity,
            issuer,
            epoch: verified_in,
            ..
        } = self.entries.get(token)?;
        if epoch(issuer) != Some(verified_in) || now < validity.start {
            return None;
        }
        if now >= validity.end {
            return Some(Err(Denied::TokenExpired {
                expired_at: identity.expires_at(),
                now,
            }));
        }
        Some(Ok(identity))
    }

    /// Remembers that `verifier` gave this identity for this token, with the keys that the issuer
    /// of index `issuer` had in `epoch`: the epoch must have been read together with the keys.
    pub fn insert(
        &self,
        token: &str,
        identity: &Identity,
        verifier: &Verifier,
        issuer: usize,
        epoch: u64,
    ) {
        let entry = Entry {
            validity: verifier.validity(identity),
            issuer,
            epoch,
            weight: (token.len() + identity.size() + ENTRY_OVERHEAD) as u64,
            identity: identity.clone(),
        };
        self.entries.insert(token.into(), entry);
    }

    /// How many tokens are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no token is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many bytes they take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.weight()
    }

    /// How many tokens have had to make room for others.
    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.evictions.0.load(Ordering::Relaxed)
    }
}

/// Shows how full it is, and no token.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("tokens", &self.len())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// What an entry takes beside its texts: itself, its slot in the table, and what the allocator adds.
const ENTRY_OVERHEAD: usize = size_of::<(Box<str>, Entry)>() + 96;

#[derive(Clone)]
struct Bytes;

impl Weighter<Box<str>, Entry> for Bytes {
    fn weight(&self, _: &Box<str>, entry: &Entry) -> u64 {
        entry.weight
    }
}

#[derive(Clone, Default)]
struct Evictions(Arc<AtomicU64>);

impl Lifecycle<Box<str>, Entry> for Evictions {
    /// What was evicted, dropped when the cache's lock is free again.
    type RequestState = Vec<(Box<str>, Entry)>;

    fn on_evict(&self, state: &mut Self::RequestState, token: Box<str>, entry: Entry) {
        self.0.fetch_add(1, Ordering::Relaxed);
        state.push((token, entry));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::identity::Proven;
    use crate::{Policy, TokenKind};

    const NOW: UnixTime = UnixTime::from_secs(1_795_224_220);

    fn verifier() -> Verifier {
        Verifier::new(Policy::new("https://app.example", "api").unwrap())
    }

    fn identity(user: u128) -> Identity {
        Identity::new(Proven {
            user_id: Uuid::from_u128(user),
            subject: "subject".into(),
            issuer: "https://app.example".into(),
            session_id: None,
            token_id: None,
            client_id: None,
            kind: TokenKind::Plain,
            scope: None,
            roles: Vec::new(),
            issued_at: Some(NOW),
            not_before: None,
            expires_at: NOW + Duration::from_secs(900),
            payload: vec![b' '; 500].into(),
        })
    }

    /// As long as a real token, and different in one place only.
    fn token(user: u128) -> String {
        format!("{}{user:032}{}", "a".repeat(500), "b".repeat(400))
    }

    #[test]
    fn a_hit_is_checked_against_the_time_with_the_leeway_of_a_miss() {
        let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
        cache.insert(&token(1), &identity(1), &verifier(), 0, 7);
        let at = |secs: i64| {
            let now = UnixTime::from_millis(NOW.as_millis() + secs * 1000);
            let found = cache.get(&token(1), now, |_| Some(7));
            found.map(|found| found.map(|_| "good").unwrap_or_else(|denied| denied.code()))
        };
        assert_eq!(at(0), Some("good"));
        assert_eq!(at(929), Some("good"));
        assert_eq!(at(930), Some("token_expired"));
        assert_eq!(at(-30), Some("good"));
        // The clock was set back: the full verification says what is wrong.
        assert_eq!(at(-31), None);
    }

    #[test]
    fn a_hit_needs_the_epoch_in_which_the_token_was_verified_and_keys_in_force() {
        let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
        cache.insert(&token(1), &identity(1), &verifier(), 3, 7);
        let found = |epoch| cache.get(&token(1), NOW, |issuer| (issuer == 3).then_some(epoch)?);
        assert_eq!(found(Some(7)), Some(Ok(identity(1))));
        assert_eq!(found(Some(8)), None);
        assert_eq!(found(None), None);
        cache.insert(&token(1), &identity(1), &verifier(), 3, 8);
        assert_eq!(found(Some(8)), Some(Ok(identity(1))));
    }

    #[test]
    fn a_hundred_thousand_tokens_of_as_many_users_never_mix_and_stay_within_the_bound() {
        const BYTES: usize = 8 * 1024 * 1024;
        let cache = TokenCache::new(BYTES);
        let verifier = verifier();
        let mut hits = 0;
        for user in 0..100_000 {
            cache.insert(&token(user), &identity(user), &verifier, 0, 1);
            // One just inserted, one of a moment ago, one long gone.
            for asked in [user, user.saturating_sub(7), user / 2] {
                if let Some(found) = cache.get(&token(asked), NOW, |_| Some(1)) {
                    assert_eq!(found, Ok(identity(asked)));
                    hits += 1;
                }
            }
            assert!(
                cache
                    .get(&token(user + 1_000_000), NOW, |_| Some(1))
                    .is_none()
            );
        }
        assert!(hits > 100_000, "{hits} hits");
        assert!(cache.bytes() <= BYTES as u64);
        assert!(
            cache.len() > 1000 && cache.len() < BYTES / 1400,
            "{}",
            cache.len()
        );
        assert_eq!(cache.evictions(), 100_000 - cache.len() as u64);
    }

    #[test]
    fn a_token_that_is_larger_than_the_cache_is_not_kept() {
        let cache = TokenCache::new(1000);
        cache.insert(&token(1), &identity(1), &verifier(), 0, 1);
        assert!(cache.is_empty() && cache.bytes() == 0);
    }

    #[test]
    fn debug_shows_no_token() {
        let cache = TokenCache::new(TokenCache::DEFAULT_BYTES);
        cache.insert("header.payload.signature", &identity(1), &verifier(), 0, 1);
        let shown = format!("{cache:?}");
        assert!(
            shown.starts_with("TokenCache { tokens: 1, bytes: "),
            "{shown}"
        );
        assert!(!shown.contains("payload"));
    }
}
