use super::*;

const ALICE: Principal<'static> = Principal {
    user_id: Uuid::from_u128(0xA),
    session_id: Some("s"),
    token_id: None,
    issued_at: Some(UnixTime::from_secs(1)),
};
const BOB: Principal<'static> = Principal {
    user_id: Uuid::from_u128(0xB),
    ..ALICE
};

fn at(start: Instant, millis: u64) -> Instant {
    start + Duration::from_millis(millis)
}

#[test]
fn a_good_standing_counts_for_less_than_a_second_from_when_its_check_began() {
    let start = Instant::now();
    let memory = Memory::new(start);
    memory.learn(&ALICE, at(start, 500), Standing::Good);
    assert_eq!(
        memory.standing(&ALICE, at(start, 1499)),
        Some(Standing::Good)
    );
    assert_eq!(memory.standing(&ALICE, at(start, 1500)), None);
    assert_eq!(memory.standing(&BOB, at(start, 500)), None);
}

#[test]
fn a_refusal_counts_for_less_than_a_poll() {
    let start = Instant::now();
    for found in STANDINGS.into_iter().skip(1) {
        let memory = Memory::new(start);
        memory.learn(&ALICE, at(start, 500), found);
        assert_eq!(memory.standing(&ALICE, at(start, 899)), Some(found));
        assert_eq!(memory.standing(&ALICE, at(start, 900)), None);
    }
}

#[test]
fn of_two_checks_the_one_that_began_later_counts_whichever_ends_first() {
    let start = Instant::now();
    let memory = Memory::new(start);
    memory.learn(&ALICE, at(start, 20), Standing::Banned);
    memory.learn(&ALICE, at(start, 10), Standing::Good);
    assert_eq!(
        memory.standing(&ALICE, at(start, 30)),
        Some(Standing::Banned)
    );
    memory.learn(&ALICE, at(start, 20), Standing::Good);
    assert_eq!(
        memory.standing(&ALICE, at(start, 30)),
        Some(Standing::Banned),
        "at the same moment the refusal wins"
    );
    memory.learn(&ALICE, at(start, 21), Standing::Good);
    assert_eq!(memory.standing(&ALICE, at(start, 30)), Some(Standing::Good));
}

#[test]
fn principals_that_differ_in_one_part_are_told_apart() {
    let start = Instant::now();
    let memory = Memory::new(start);
    let all = [
        ALICE,
        BOB,
        Principal {
            session_id: None,
            ..ALICE
        },
        Principal {
            session_id: Some("t"),
            ..ALICE
        },
        Principal {
            token_id: Some("s"),
            ..ALICE
        },
        Principal {
            session_id: None,
            token_id: Some("s"),
            ..ALICE
        },
        Principal {
            issued_at: None,
            ..ALICE
        },
        Principal {
            issued_at: Some(UnixTime::from_millis(1001)),
            ..ALICE
        },
    ];
    for (one, who) in all.iter().enumerate() {
        memory.learn(who, at(start, one as u64), Standing::Revoked);
        for other in &all[one + 1..] {
            assert_eq!(memory.standing(other, at(start, 10)), None);
        }
    }
    assert_eq!(memory.len(), all.len());
}

#[test]
fn the_poll_asks_for_who_is_good_and_was_here_lately() {
    let start = Instant::now();
    let memory = Memory::new(start);
    memory.learn(&ALICE, at(start, 0), Standing::Good);
    memory.learn(&BOB, at(start, 0), Standing::Revoked);
    let active = |now| {
        let users: Vec<_> = memory.active(now).iter().map(|k| k.user_id).collect();
        users
    };
    assert_eq!(active(at(start, 4999)), [ALICE.user_id]);
    assert!(active(at(start, 5000)).is_empty());
    // Whether she is believed or not: that she was asked about is what counts.
    assert_eq!(memory.standing(&ALICE, at(start, 6000)), None);
    assert_eq!(active(at(start, 10_999)), [ALICE.user_id]);
}

#[test]
fn whose_trust_ends_first_is_asked_for_first() {
    let start = Instant::now();
    let memory = Memory::new(start);
    let users: Vec<_> = (0..100).map(Uuid::from_u128).collect();
    // 0, 37, 74, 11, ...: no order that a table would give by itself.
    for (place, user_id) in (0..100).map(|n| (n * 37 % 100, users[n as usize])) {
        let who = Principal { user_id, ..ALICE };
        memory.learn(&who, at(start, place), Standing::Good);
    }
    let order = |now| -> Vec<_> {
        let active = memory.active(now);
        active
            .iter()
            .map(|known| known.found().unwrap().0)
            .collect()
    };
    let expected: Vec<u64> = (0..100).map(|place| place * 1000).collect();
    assert_eq!(order(at(start, 200)), expected);
    // Who is renewed goes to the end.
    for known in memory.active(at(start, 200)).iter().take(50) {
        memory.learn_of(known, at(start, 300), Standing::Good);
    }
    let order = order(at(start, 400));
    assert_eq!(order[..50], expected[50..]);
    assert_eq!(order[50..], [300_000; 50]);
}

#[test]
fn a_crowd_that_passes_by_does_not_grow_the_memory() {
    let start = Instant::now();
    let memory = Memory::with_room_for(1000, start);
    for n in 0..100_000 {
        let user_id = Uuid::from_u128(n);
        let who = Principal { user_id, ..ALICE };
        memory.learn(&who, start, Standing::Good);
    }
    assert!((1..=1000).contains(&memory.len()), "{}", memory.len());

    let long = "x".repeat(LONGEST_IDS + 1);
    let who = Principal {
        session_id: Some(&long),
        ..ALICE
    };
    memory.learn(&who, start, Standing::Good);
    assert_eq!(memory.standing(&who, start), None);
}

#[test]
fn an_anchor_is_taken_to_be_there_for_a_minute_after_it_was_seen() {
    let start = Instant::now();
    let memory = Memory::new(start);
    memory.anchored(&ALICE, start);
    assert!(memory.anchored_lately(&ALICE, start).is_none(), "unknown");
    memory.learn(&ALICE, start, Standing::Good);
    memory.learn(&BOB, start, Standing::Good);
    assert!(memory.anchored_lately(&ALICE, start).is_none(), "not seen");
    memory.anchored(&ALICE, start);
    let lately = |who, millis| memory.anchored_lately(who, at(start, millis)).is_some();
    assert!(lately(&ALICE, 0) && lately(&ALICE, 59_999));
    assert!(!lately(&ALICE, 60_000));
    assert!(!lately(&BOB, 0));
    memory.anchored(&ALICE, at(start, 30_000));
    memory.anchored(&ALICE, at(start, 10_000));
    assert!(lately(&ALICE, 89_999), "the latest counts");
}
