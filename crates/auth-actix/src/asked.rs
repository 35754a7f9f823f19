use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use auth_core::{Accounts, AccountsUnavailable, Identity, Standing};

/// The accounts that a bridge asks, and whether they answered the last time: the log is told when
/// that changes, and not of every request meanwhile.
///
/// A clone asks the same accounts and knows the same of them.
#[derive(Clone)]
pub(crate) struct AskedAccounts {
    accounts: Arc<dyn Accounts>,
    condition: Arc<Condition>,
}

struct Condition {
    began: Instant,
    /// When an answer was missed last: milliseconds since the beginning, and one. Zero while they
    /// answer.
    missed_at: AtomicU64,
}

/// Accounts count as answering again when no answer has been missed for so long. Until then, what
/// they say may be what they remember; and where every other question fails, the log is not told
/// of every other one.
const QUIET: Duration = Duration::from_secs(1);

impl AskedAccounts {
    pub(crate) fn new(accounts: Arc<dyn Accounts>) -> Self {
        let condition = Arc::new(Condition {
            began: Instant::now(),
            missed_at: AtomicU64::new(0),
        });
        Self {
            accounts,
            condition,
        }
    }

    pub(crate) fn standing_now(&self, who: &Identity) -> Option<Standing> {
        let standing = self.accounts.standing_now(who)?;
        self.condition.answered();
        Some(standing)
    }

    pub(crate) async fn standing(&self, who: &Identity) -> Result<Standing, AccountsUnavailable> {
        let standing = self.accounts.standing(who).await;
        match &standing {
            Ok(_) => self.condition.answered(),
            Err(unavailable) => self.condition.missed(unavailable),
        }
        standing
    }
}

impl Condition {
    /// On the way of every request: while all is well, it reads one number.
    fn answered(&self) {
        let missed_at = self.missed_at.load(Ordering::Relaxed);
        if missed_at == 0 || self.now() < missed_at.saturating_add(millis(QUIET)) {
            return;
        }
        // Whoever is the first to see it tells.
        let ended =
            self.missed_at
                .compare_exchange(missed_at, 0, Ordering::Relaxed, Ordering::Relaxed);
        if ended.is_ok() {
            tracing::info!("the accounts answer again");
        }
    }

    fn missed(&self, unavailable: &AccountsUnavailable) {
        if self.missed_at.swap(self.now(), Ordering::Relaxed) == 0 {
            let cause = std::error::Error::source(unavailable).map(tracing::field::display);
            tracing::warn!(cause, "the accounts cannot be asked");
        }
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed()).saturating_add(1)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for AskedAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.accounts.fmt(f)
    }
}
