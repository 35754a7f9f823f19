use std::{
    iter::zip,
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

use super::{
    flights::{Answer, Asked, lock},
    poll::BATCH,
};
use crate::{StoreError, accounts::memory::Known};

/// Those who have to be asked for while others are being asked for already: they wait, and go together, in one statement. Where few
/// come, nobody waits.
pub(super) struct Gathering {
    waiting: Mutex<Vec<Waiting>>,
    /// Who asks holds one of these.
    turns: Semaphore,
}

/// So that one answer that is slow to come does not keep everybody waiting.
const TURNS: usize = 2;

/// Longer than it takes to ask for one, unless there is something to wait for.
const USUAL: Duration = Duration::from_millis(20);

struct Waiting {
    known: Arc<Known>,
    /// Dropped when who asks goes away in the middle.
    tell: oneshot::Sender<Answer>,
}

impl Gathering {
    /// The answer for `known`: that of `alone` when nobody else waits, and else of `together`, asked by whoever of them has a turn
    /// first. An error of `together` is everybody's.
    pub(super) async fn answer<F>(
        &self,
        known: Arc<Known>,
        alone: impl Future<Output = Answer>,
        together: impl Fn(Vec<Arc<Known>>) -> F,
    ) -> Answer
    where
        F: Future<Output = Result<Vec<Asked>, StoreError>>,
    {
        loop {
            let mut told = self.wait(&known);
            let answer = loop {
                // Who is being asked for needs no turn.
                if !self.is_waiting(&known) {
                    break (&mut told).await;
                }
                let turn = tokio::select! {
                    biased;
                    answer = &mut told => break answer,
                    turn = self.turns.acquire() => turn,
                };
                let batch = self.next_batch();
                match batch.as_slice() {
                    [] => {}
                    [only] if Arc::ptr_eq(&only.known, &known) => {
                        let mut alone = pin!(alone);
                        if let Ok(answer) = timeout(USUAL, &mut alone).await {
                            return answer;
                        }
                        // It waits for something of its own, which must keep nobody else waiting.
                        drop(turn);
                        return alone.await;
                    }
                    _ => {
                        let all = batch.iter().map(|one| Arc::clone(&one.known));
                        let answers = together(all.collect()).await;
                        tell(batch, answers);
                    }
                }
            };
            // Otherwise whoever was asking has gone away in the middle.
            if let Ok(answer) = answer {
                return answer;
            }
        }
    }

    fn is_waiting(&self, known: &Arc<Known>) -> bool {
        let waiting = lock(&self.waiting);
        waiting.iter().any(|one| Arc::ptr_eq(&one.known, known))
    }

    fn wait(&self, known: &Arc<Known>) -> oneshot::Receiver<Answer> {
        let (tell, told) = oneshot::channel();
        let known = Arc::clone(known);
        lock(&self.waiting).push(Waiting { known, tell });
        told
    }

    /// Those who have waited longest, without those who went away.
    fn next_batch(&self) -> Vec<Waiting> {
        let mut waiting = lock(&self.waiting);
        waiting.retain(|one| !one.tell.is_closed());
        let many = waiting.len().min(BATCH);
        waiting.drain(..many).collect()
    }
}

fn tell(batch: Vec<Waiting>, answers: Result<Vec<Asked>, StoreError>) {
    // Who went away meanwhile does not mind.
    match answers {
        Ok(answers) => {
            for (one, asked) in zip(batch, answers) {
                let _ = one.tell.send(Ok(asked));
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for one in batch {
                let _ = one.tell.send(Err(Arc::clone(&error)));
            }
        }
    }
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turns: Semaphore::new(TURNS),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use auth_core::Standing;
    use futures_util::{FutureExt, future::join_all, join};
    use tokio::sync::Notify;
    use uuid::Uuid;

    use super::*;
    use crate::accounts::memory::Principal;

    fn known(user: u128) -> Arc<Known> {
        let who = Principal {
            user_id: Uuid::from_u128(user),
            session_id: None,
            token_id: None,
            issued_at: None,
        };
        Arc::new(Known::new(&who, 0))
    }

    fn asked(standing: Standing) -> Asked {
        Asked {
            began: Instant::now(),
            standing,
        }
    }

    fn down() -> StoreError {
        StoreError::Unavailable("down".into())
    }

    /// A database that answers when it is let, and notes for how many it is asked at once. Odd users are banned.
    #[derive(Default)]
    struct Database {
        gathering: Gathering,
        asked_for: Mutex<Vec<usize>>,
        let_go: Notify,
        fails: bool,
    }

    impl Database {
        fn standing(known: &Known) -> Standing {
            match known.principal().user_id.as_u128() % 2 {
                0 => Standing::Good,
                _ => Standing::Banned,
            }
        }

        async fn query(&self, all: Vec<Arc<Known>>) -> Result<Vec<Asked>, StoreError> {
            lock(&self.asked_for).push(all.len());
            self.let_go.notified().await;
            match self.fails {
                true => Err(down()),
                false => Ok(all.iter().map(|one| asked(Self::standing(one))).collect()),
            }
        }

        async fn answer(&self, user: u128) -> Answer {
            let known = known(user);
            let itself = vec![Arc::clone(&known)];
            let alone = async {
                let answers = self.query(itself).await.map_err(Arc::new)?;
                Ok(answers[0])
            };
            let together = |all| self.query(all);
            self.gathering.answer(known, alone, together).await
        }

        /// Lets everything under way get on, until nothing is.
        async fn let_all_go(&self) {
            for _ in 0..20 {
                tokio::task::yield_now().await;
                self.let_go.notify_waiters();
            }
        }

        fn asked_for(&self) -> Vec<usize> {
            lock(&self.asked_for).clone()
        }
    }

    #[tokio::test]
    async fn who_comes_while_others_are_asked_for_goes_with_the_next_and_gets_their_own_answer() {
        let database = Database::default();
        let all = join_all((0..50).map(|user| database.answer(user)));
        let (answers, ()) = join!(all, database.let_all_go());
        for (user, answer) in (0..).zip(answers) {
            assert_eq!(
                answer.unwrap().standing,
                Database::standing(&known(user)),
                "{user}"
            );
        }
        // Two turns, and then all the others.
        assert_eq!(database.asked_for(), [1, 1, 48]);
    }

    #[tokio::test]
    async fn who_comes_after_the_others_are_answered_is_asked_for_alone() {
        let database = Database::default();
        for user in 0..3 {
            let (answer, ()) = join!(database.answer(user), database.let_all_go());
            assert!(answer.is_ok());
        }
        assert_eq!(database.asked_for(), [1, 1, 1]);
    }

    #[tokio::test]
    async fn no_statement_asks_for_more_than_a_thousand() {
        let database = Database::default();
        let all = join_all((0..2500).map(|user| database.answer(user)));
        let (answers, ()) = join!(all, database.let_all_go());
        assert!(answers.iter().all(Result::is_ok));
        let asked_for = database.asked_for();
        assert_eq!(asked_for.iter().sum::<usize>(), 2500, "{asked_for:?}");
        assert!(asked_for.iter().all(|many| *many <= 1000), "{asked_for:?}");
    }

    #[tokio::test]
    async fn an_error_is_everybodys_who_was_asked_for_together() {
        let database = Database {
            fails: true,
            ..Database::default()
        };
        let all = join_all((0..50).map(|user| database.answer(user)));
        let (answers, ()) = join!(all, database.let_all_go());
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(database.asked_for(), [1, 1, 48]);
    }

    #[tokio::test]
    async fn when_who_asks_goes_away_the_others_are_asked_for_all_the_same() {
        let database = Database::default();
        let mut first = Box::pin(database.answer(0));
        let mut second = Box::pin(database.answer(2));
        let mut third = Box::pin(database.answer(4));
        let mut fourth = Box::pin(database.answer(6));
        // The first two have the turns, and the others wait for one.
        for waits in [&mut first, &mut second, &mut third, &mut fourth] {
            assert!(waits.as_mut().now_or_never().is_none());
        }
        drop(first);
        // The third asks for itself and the fourth, and goes away.
        assert!(third.as_mut().now_or_never().is_none());
        assert_eq!(database.asked_for(), [1, 1, 2]);
        drop(third);
        let ((second, fourth), ()) = join!(async { join!(second, fourth) }, database.let_all_go());
        assert!(second.is_ok() && fourth.is_ok());
        assert_eq!(database.asked_for(), [1, 1, 2, 1]);
        assert!(lock(&database.gathering.waiting).is_empty());
    }

    #[tokio::test]
    async fn who_went_away_is_not_asked_for() {
        let database = Database::default();
        let mut stay: Vec<_> = (0..2).map(|user| Box::pin(database.answer(user))).collect();
        let mut go: Vec<_> = (2..9).map(|user| Box::pin(database.answer(user))).collect();
        for waits in stay.iter_mut().chain(&mut go) {
            assert!(waits.as_mut().now_or_never().is_none());
        }
        drop(go);
        let last = database.answer(9);
        let ((), (), last) = join!(
            async { drop(join_all(stay).await) },
            database.let_all_go(),
            last
        );
        assert!(last.is_ok());
        assert_eq!(database.asked_for(), [1, 1, 1]);
    }

    #[tokio::test]
    async fn who_waits_long_for_an_answer_keeps_nobody_else_waiting() {
        let database = Database::default();
        let mut stuck = join_all([0, 2].map(|user| database.answer(user)));
        assert!((&mut stuck).now_or_never().is_none());
        let together = async |all: Vec<_>| Ok(vec![asked(Standing::Good); all.len()]);
        let others = join_all((3..20).map(|user| {
            let alone = async { Ok(asked(Standing::Good)) };
            database.gathering.answer(known(user), alone, &together)
        }));
        tokio::select! {
            biased;
            answers = others => assert!(answers.iter().all(Result::is_ok)),
            _ = &mut stuck => panic!("nobody has let them go"),
        }
        let (answers, ()) = join!(stuck, database.let_all_go());
        assert!(answers.iter().all(Result::is_ok));
    }
}
