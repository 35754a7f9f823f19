use std::sync::atomic::AtomicU32;

use super::*;
use crate::{AccountsSettings, PoolSettings, UserDb};

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn who_is_active_is_renewed_before_trust_ends_when_a_poll_takes_up_to_twice_as_long_as_the_one_before()
 {
    for took in (0..=250).map(millis) {
        let next = apart(took, true);
        assert!(
            next + 2 * took <= TRUSTED_FOR - MARGIN || took + REST == next,
            "{took:?}"
        );
        assert!(next + 2 * took < TRUSTED_FOR, "{took:?}");
    }
    // What is slower leaves no time to lose.
    for took in (300..1500).map(millis) {
        assert_eq!(apart(took, true), took + REST);
    }
}

#[test]
fn quick_polls_are_far_apart_and_slow_ones_closer() {
    let quick = [0, 10, 50, 100].map(|took| apart(millis(took), true));
    assert_eq!(quick, [POLL_EVERY; 4]);
    let slower = [110, 150, 200].map(|took| apart(millis(took), true));
    assert_eq!(slower, [millis(580), millis(500), millis(400)]);
}

#[test]
fn after_a_quick_failure_there_is_another_try_before_trust_ends() {
    for took in (0..100).map(millis) {
        let second_try = apart(millis(50), true) + apart(took, false);
        assert!(second_try + millis(100) < TRUSTED_FOR, "{took:?}");
    }
}

/// As time goes by: a poll's first batch may be the next one's last.
#[test]
fn no_trust_runs_out_between_polls_whose_times_go_up_and_down() {
    let (mut began, mut took) = (Duration::ZERO, millis(5));
    let mut up = true;
    for _ in 0..200 {
        let next_began = began + apart(took, true);
        let next_took = if up { 2 * took } else { took / 2 };
        let next_took = next_took.clamp(millis(3), millis(250));
        up = if next_took == millis(250) {
            false
        } else {
            up || next_took == millis(3)
        };
        assert!(next_began >= began + took, "they do not overlap");
        assert!(next_began + next_took < began + TRUSTED_FOR);
        (began, took) = (next_began, next_took);
    }
}

fn far_from_any_database() -> Arc<Register> {
    let settings = PoolSettings::new("postgres://nobody@127.0.0.1:1/none").unwrap();
    let db = UserDb::connect(&settings).unwrap();
    Arc::new(Register::new(db, AccountsSettings::default()))
}

#[tokio::test]
async fn a_panic_is_no_end_of_watching_and_can_be_seen() {
    let register = far_from_any_database();
    register.listening.store(true, Ordering::Relaxed);
    assert!(!register.status().poll_failing);
    let starts = &AtomicU32::new(0);
    kept_alive(&register, |register| async move {
        match starts.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => panic!("a defect, for the test"),
            _ => {
                let status = register.status();
                assert!(status.poll_failing && !status.listening);
            }
        }
    })
    .await;
    assert_eq!(starts.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn it_is_failing_until_a_poll_is_good_again_also_when_nobody_is_there_to_ask_for() {
    let register = far_from_any_database();
    let nobody = register.poll().await;
    assert!(note(&register, &nobody), "{nobody:?}");
    register.polls.failed();
    let nobody = register.poll().await;
    assert!(nobody.is_err(), "the database is still not there");
    assert!(!note(&register, &nobody));
    assert!(register.status().poll_failing);
    let part = Ok(Polled { asked: 1, left: 1 });
    assert!(!note(&register, &part));
    assert!(register.status().poll_failing);
    let all = Ok(Polled { asked: 2, left: 0 });
    assert!(note(&register, &all));
    assert!(!register.status().poll_failing);
}
