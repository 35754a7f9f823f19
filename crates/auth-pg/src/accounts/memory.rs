use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use auth_core::{Identity, Standing, UnixTime};
use quick_cache::{Equivalent, sync::Cache};
use uuid::Uuid;

/// How long a good standing counts, from the moment its check began: the longest that a token is served after it should not be.
///
/// By [`Instant`], which stands still on Linux while a virtual machine is suspended: one that is resumed serves what it held for
/// good before, for what was left of that second. (A clock that goes on meanwhile is one that can be set, or not in `std`.)
pub(super) const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long a bad one counts, so that a flood of refused tokens is no flood of queries.
const REFUSED_FOR: Duration = Duration::from_millis(400);

/// Who was seen within this time is asked for by the poll, so that somebody who comes every few seconds never waits for the
/// database. A principal in the batch costs PostgreSQL some 10 µs; one that asks for itself, ten times that and a connection.
const ACTIVE_FOR: Duration = Duration::from_secs(5);

/// So long after somebody's anchor was seen it is taken to be there still. Who comes back within that time is asked for without a look
/// at it, as the poll does with who is active, and therefore together with others.
const ANCHORED_FOR: Duration = Duration::from_secs(60);

/// Most principals that are remembered.
const REMEMBERED: usize = 65_536;

/// A principal with longer ids is not remembered: what is remembered has to stay small whatever an issuer writes.
const LONGEST_IDS: usize = 512;

/// A verified token as far as revocation can name it. Tokens that it cannot tell apart have one standing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Principal<'a> {
    pub(super) user_id: Uuid,
    pub(super) session_id: Option<&'a str>,
    pub(super) token_id: Option<&'a str>,
    pub(super) issued_at: Option<UnixTime>,
}

impl<'a> From<&'a Identity> for Principal<'a> {
    fn from(identity: &'a Identity) -> Self {
        Self {
            user_id: identity.user_id().as_uuid(),
            session_id: identity.session_id(),
            token_id: identity.token_id(),
            issued_at: identity.issued_at(),
        }
    }
}

/// What was found about principals in the last moments. Bounded, shared by all threads, and without a clock of its own.
///
/// `quick_cache`, because its locks are sharded and held for a look only, its eviction keeps who comes often when a crowd
/// passes by once, and it finds a key by parts that are borrowed from the token: an answer allocates nothing.
pub(super) struct Memory {
    known: Cache<Arc<Known>, Arc<Known>>,
    /// Where the times in [`Known`] start.
    start: Instant,
}

impl Memory {
    pub(super) fn new(start: Instant) -> Self {
        Self::with_room_for(REMEMBERED, start)
    }

    fn with_room_for(principals: usize, start: Instant) -> Self {
        Self {
            known: Cache::new(principals),
            start,
        }
    }

    /// The standing as far as it may still be believed at `now`. Whoever is asked about counts as active.
    pub(super) fn standing(&self, who: &Principal<'_>, now: Instant) -> Option<Standing> {
        let known = self.known.get(who)?;
        let now = self.micros(now);
        known.touch(now);
        known.standing(now)
    }

    /// Notes what a check that began at `began` has found. What a check that began later has found stays.
    pub(super) fn learn(&self, who: &Principal<'_>, began: Instant, found: Standing) {
        let ids = [who.session_id, who.token_id];
        if ids.iter().flatten().map(|id| id.len()).sum::<usize>() > LONGEST_IDS {
            return;
        }
        let began = self.micros(began);
        if let Some(known) = self.known.get(who) {
            known.learn(began, found);
            return;
        }
        let known = Arc::new(Known::new(who, began));
        known.learn(began, found);
        self.known.insert(Arc::clone(&known), known);
    }

    /// Notes that a check that began at `began` has found the principal's anchor, or made it.
    pub(super) fn anchored(&self, who: &Principal<'_>, began: Instant) {
        if let Some(known) = self.known.get(who) {
            let began = self.micros(began);
            known.anchored.fetch_max(began + 1, Ordering::Relaxed);
        }
    }

    /// Somebody whose anchor was there lately.
    pub(super) fn anchored_lately(&self, who: &Principal<'_>, now: Instant) -> Option<Arc<Known>> {
        let known = self.known.get(who)?;
        let anchored = known.anchored.load(Ordering::Relaxed).checked_sub(1)?;
        within(anchored, self.micros(now), ANCHORED_FOR).then_some(known)
    }

    /// The same as [`learn`](Self::learn), for one of [`active`](Self::active) or one that was
    /// [anchored lately](Self::anchored_lately).
    pub(super) fn learn_of(&self, known: &Known, began: Instant, found: Standing) {
        known.learn(self.micros(began), found);
    }

    /// Who is in good standing as far as is known, and was asked about lately. Whose trust ends first comes first: where the
    /// time is too short for all, it is not always the same ones that it is too short for.
    pub(super) fn active(&self, now: Instant) -> Vec<Arc<Known>> {
        let now = self.micros(now);
        let all = self.known.iter().map(|(known, _)| known);
        let mut active: Vec<_> = all.filter(|known| known.is_active(now)).collect();
        active.sort_by_cached_key(|known| known.found.load(Ordering::Relaxed));
        active
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.start);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX >> CODE_BITS)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("principals", &self.len())
            .finish_non_exhaustive()
    }
}

/// A principal and what was found about it last.
pub(super) struct Known {
    user_id: Uuid,
    session_id: Option<Box<str>>,
    token_id: Option<Box<str>>,
    issued_at: Option<UnixTime>,
    /// When the check began, in microseconds, above what it found: of two findings the greater number is the later one, and of
    /// two of the same moment the refusal.
    found: AtomicU64,
    /// When it was last asked about, in microseconds, give or take [`TOUCH`].
    used: AtomicU64,
    /// One microsecond after the anchor was seen last; 0 before that.
    anchored: AtomicU64,
}

const CODE_BITS: u32 = 3;

/// Writing a time that all threads read costs more than reading it, so it is not written for every request.
const TOUCH: Duration = Duration::from_millis(100);

impl Known {
    pub(super) fn new(who: &Principal<'_>, now: u64) -> Self {
        Self {
            user_id: who.user_id,
            session_id: who.session_id.map(Box::from),
            token_id: who.token_id.map(Box::from),
            issued_at: who.issued_at,
            found: AtomicU64::new(0),
            used: AtomicU64::new(now),
            anchored: AtomicU64::new(0),
        }
    }

    pub(super) fn principal(&self) -> Principal<'_> {
        Principal {
            user_id: self.user_id,
            session_id: self.session_id.as_deref(),
            token_id: self.token_id.as_deref(),
            issued_at: self.issued_at,
        }
    }

    fn standing(&self, now: u64) -> Option<Standing> {
        let (began, found) = self.found()?;
        let counts_for = match found {
            Standing::Good => TRUSTED_FOR,
            _ => REFUSED_FOR,
        };
        within(began, now, counts_for).then_some(found)
    }

    fn learn(&self, began: u64, found: Standing) {
        // A standing that has no code is not remembered.
        if let Some(code) = (1..)
            .zip(STANDINGS)
            .find(|(_, standing)| *standing == found)
        {
            let found = began << CODE_BITS | code.0;
            self.found.fetch_max(found, Ordering::Relaxed);
        }
    }

    fn found(&self) -> Option<(u64, Standing)> {
        let found = self.found.load(Ordering::Relaxed);
        let code = usize::try_from(found & ((1 << CODE_BITS) - 1)).ok()?;
        let standing = STANDINGS.get(code.checked_sub(1)?)?;
        Some((found >> CODE_BITS, *standing))
    }

    fn touch(&self, now: u64) {
        if !within(self.used.load(Ordering::Relaxed), now, TOUCH) {
            self.used.store(now, Ordering::Relaxed);
        }
    }

    fn is_active(&self, now: u64) -> bool {
        let is_good = matches!(self.found(), Some((_, Standing::Good)));
        is_good && within(self.used.load(Ordering::Relaxed), now, ACTIVE_FOR)
    }
}

/// By their codes, which start at 1: 0 is nothing found yet. The good one first, so that at the same moment a refusal wins.
const STANDINGS: [Standing; 5] = [
    Standing::Good,
    Standing::Unknown,
    Standing::Banned,
    Standing::SignedOut,
    Standing::Revoked,
];

/// Whether `now` is less than `limit` after `at`.
fn within(at: u64, now: u64, limit: Duration) -> bool {
    u128::from(now.saturating_sub(at)) < limit.as_micros()
}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.principal().hash(state);
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.principal() == other.principal()
    }
}

impl Eq for Known {}

impl Equivalent<Arc<Known>> for Principal<'_> {
    fn equivalent(&self, known: &Arc<Known>) -> bool {
        *self == known.principal()
    }
}

#[cfg(test)]
mod tests;
