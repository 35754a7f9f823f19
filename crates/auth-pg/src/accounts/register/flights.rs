use std::{
    collections::HashMap,
    sync::{Arc, Mutex as ShortMutex, PoisonError},
    time::Instant,
};

use auth_core::Standing;
use tokio::sync::Mutex;

use crate::{
    StoreError,
    accounts::memory::{Known, Principal, TRUSTED_FOR},
};

/// Who is being asked for. Of all requests that wait for the same answer one asks, and the others take its answer: else one token
/// that many requests carry at once could fill the pool.
#[derive(Default)]
pub(super) struct Flights {
    /// Touched only by who does not find the answer in memory.
    under_way: ShortMutex<HashMap<Arc<Known>, Arc<Flight>>>,
}

/// What the database has said, and when it was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) began: Instant,
    pub(super) standing: Standing,
}

impl Asked {
    /// Whether it may be acted on at `now`. A refusal may always: it was true when it was asked for, and is not remembered.
    pub(super) fn counts_at(&self, now: Instant) -> bool {
        self.standing != Standing::Good || now.saturating_duration_since(self.began) < TRUSTED_FOR
    }
}

/// An error for all who have waited for it.
pub(super) type Answer = Result<Asked, Arc<StoreError>>;

/// Held by who asks. When they go away in the middle, the next one asks.
type Flight = Mutex<Option<Answer>>;

impl Flights {
    /// The answer of whoever asks for `who` already, or else what `ask` answers, which is begun only then.
    pub(super) async fn answer(
        &self,
        who: &Principal<'_>,
        ask: impl Future<Output = Answer>,
    ) -> Answer {
        let seat = self.board(who);
        let mut landed = seat.flight.lock().await;
        match &*landed {
            Some(Ok(asked)) if !asked.counts_at(Instant::now()) => {}
            // An error that one has waited for is not tried anew by each of them in turn.
            Some(answer) => return answer.clone(),
            None => {}
        }
        let answer = ask.await;
        *landed = Some(answer.clone());
        // Who comes from now on looks into the memory, or asks anew.
        seat.close();
        answer
    }

    fn board(&self, who: &Principal<'_>) -> Seat<'_> {
        let key = Arc::new(Known::new(who, 0));
        let mut under_way = lock(&self.under_way);
        let flight = Arc::clone(under_way.entry(Arc::clone(&key)).or_default());
        Seat {
            flights: self,
            key,
            flight,
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.under_way).len()
    }
}

struct Seat<'a> {
    flights: &'a Flights,
    key: Arc<Known>,
    flight: Arc<Flight>,
}

impl Seat<'_> {
    fn close(&self) {
        let mut under_way = lock(&self.flights.under_way);
        let is_ours = under_way
            .get(&self.key)
            .is_some_and(|flight| Arc::ptr_eq(flight, &self.flight));
        if is_ours {
            under_way.remove(&self.key);
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        // Let go of it while the map is locked, so that of two who leave at once one is the last.
        let mut under_way = lock(&self.flights.under_way);
        let flight = std::mem::take(&mut self.flight);
        let is_last = under_way
            .get(&self.key)
            .is_some_and(|listed| Arc::ptr_eq(listed, &flight) && Arc::strong_count(listed) == 2);
        if is_last {
            under_way.remove(&self.key);
        }
        drop(flight);
    }
}

/// For what can never be half done.
pub(super) fn lock<T>(mutex: &ShortMutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    use futures_util::{FutureExt, future::join_all, join};
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;

    fn of(user: u128) -> Principal<'static> {
        Principal {
            user_id: Uuid::from_u128(user),
            session_id: Some("s"),
            token_id: None,
            issued_at: None,
        }
    }

    fn now(standing: Standing) -> Asked {
        Asked {
            began: Instant::now(),
            standing,
        }
    }

    fn down() -> Arc<StoreError> {
        Arc::new(StoreError::Unavailable("down".into()))
    }

    #[tokio::test]
    async fn many_who_wait_for_one_answer_ask_once_and_nobody_gets_anothers() {
        let (flights, asked, land) = (Flights::default(), AtomicU32::new(0), Notify::new());
        let (alice, bob) = (of(1), of(2));
        let ask = |who, standing| {
            let (flights, asked, land) = (&flights, &asked, &land);
            async move {
                let answer = flights.answer(who, async {
                    asked.fetch_add(1, Ordering::Relaxed);
                    land.notified().await;
                    Ok(now(standing))
                });
                answer.await.unwrap().standing
            }
        };
        let hers = join_all((0..50).map(|_| ask(&alice, Standing::Good)));
        let his = join_all((0..50).map(|_| ask(&bob, Standing::Banned)));
        let landing = async {
            tokio::task::yield_now().await;
            assert_eq!(flights.len(), 2);
            land.notify_waiters();
        };
        let (hers, his, ()) = join!(hers, his, landing);
        assert_eq!(hers, [Standing::Good; 50]);
        assert_eq!(his, [Standing::Banned; 50]);
        assert_eq!((asked.into_inner(), flights.len()), (2, 0));
    }

    #[tokio::test]
    async fn an_error_is_everybodys_who_has_waited_for_it_and_nobodys_after() {
        let (flights, asked) = (Flights::default(), AtomicU32::new(0));
        let who = of(1);
        let fail = || {
            flights.answer(&who, async {
                asked.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Err(down())
            })
        };
        let all = join_all((0..50).map(|_| fail())).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!((asked.load(Ordering::Relaxed), flights.len()), (1, 0));
        let good = flights.answer(&who, async { Ok(now(Standing::Good)) });
        assert!(good.await.is_ok());
    }

    #[tokio::test]
    async fn when_who_asks_goes_away_the_next_one_asks() {
        let flights = Flights::default();
        let who = of(1);
        let mut gone = Box::pin(flights.answer(&who, std::future::pending()));
        assert!(gone.as_mut().now_or_never().is_none());
        let mut next = Box::pin(flights.answer(&who, async { Ok(now(Standing::Good)) }));
        assert!(next.as_mut().now_or_never().is_none());
        drop(gone);
        assert!(next.await.is_ok());
        assert_eq!(flights.len(), 0);
        // Nor is anything left of those who all went away.
        let mut gone = Box::pin(flights.answer(&who, std::future::pending()));
        let mut too = Box::pin(flights.answer(&who, std::future::pending()));
        assert!(gone.as_mut().now_or_never().is_none());
        assert!(too.as_mut().now_or_never().is_none());
        drop((gone, too));
        assert_eq!(flights.len(), 0);
    }

    #[tokio::test]
    async fn an_answer_from_more_than_a_second_ago_is_not_passed_on() {
        let (flights, land) = (Flights::default(), Notify::new());
        let who = of(1);
        let late = flights.answer(&who, async {
            land.notified().await;
            let began = Instant::now().checked_sub(TRUSTED_FOR).unwrap();
            Ok(Asked {
                began,
                standing: Standing::Good,
            })
        });
        let next = flights.answer(&who, async { Ok(now(Standing::Banned)) });
        let landing = async {
            tokio::task::yield_now().await;
            land.notify_one();
        };
        let (_, next, ()) = join!(late, next, landing);
        assert_eq!(next.unwrap().standing, Standing::Banned);
    }

    #[test]
    fn a_good_answer_counts_until_a_second_after_it_was_asked_for_and_a_refusal_always() {
        let began = Instant::now();
        let good = Asked {
            began,
            standing: Standing::Good,
        };
        let micro = Duration::from_micros(1);
        assert!(good.counts_at(began) && good.counts_at(began + TRUSTED_FOR - micro));
        assert!(!good.counts_at(began + TRUSTED_FOR));
        let refusal = Asked {
            began,
            standing: Standing::Revoked,
        };
        assert!(refusal.counts_at(began + 2 * TRUSTED_FOR));
    }
}
