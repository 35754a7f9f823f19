//! What other libraries test about their key sets, jose's remote set and Nimbus's sources first,
//! and what the issuer may do to a set, each as one story.

use super::*;

/// What the issuer sends with `Cache-Control: max-age` of so many seconds.
fn told(document: &str, max_age: u64) -> Result<Answer<'_>, FetchFailure> {
    Ok(Answer {
        max_age: Some(Duration::from_secs(max_age)),
        ..answer(document)?
    })
}

fn with(change: impl FnOnce(&mut KeyBookSettings)) -> KeyBook {
    let mut settings = KeyBookSettings::default();
    change(&mut settings);
    KeyBook::new(settings)
}

fn fetched(mut book: KeyBook, document: &str, secs: f64) -> KeyBook {
    book = begun(book, secs);
    let outcome = book.finish(answer(document), at(secs), MIDDLE);
    assert!(matches!(outcome, Outcome::Replaced | Outcome::Confirmed));
    book
}

#[test]
fn a_set_counts_as_current_for_five_minutes_if_the_issuer_does_not_say() {
    assert_eq!(warm().state(at(299.9)), KeyState::RefreshAhead);
    assert_eq!(warm().state(at(300.0)), KeyState::Stale);
    let book = fetched(
        with(|s| s.max_age = Duration::from_secs(10)),
        &set(&[OLD]),
        0.0,
    );
    assert_eq!(book.state(at(10.0)), KeyState::Stale, "also below a minute");
}

#[test]
fn cache_control_is_honoured_between_a_minute_and_an_hour() {
    for (said, age) in [
        (0, 60_u32),
        (59, 60),
        (61, 61),
        (600, 600),
        (3600, 3600),
        (86_400, 3600),
    ] {
        let mut book = begun(cold(), 0.0);
        book.finish(told(&set(&[OLD]), said), at(0.0), MIDDLE);
        let (last, next) = (f64::from(age) - 0.1, f64::from(age));
        assert_eq!(book.state(at(last)), KeyState::RefreshAhead, "{said}");
        assert_eq!(book.state(at(next)), KeyState::Stale, "{said}");
        assert_eq!(
            book.due_in(at(0.0)).as_millis(),
            u128::from(age) * 800,
            "{said}"
        );
    }
    // What it says with one answer counts for that answer.
    let mut book = begun(cold(), 0.0);
    book.finish(told(&set(&[OLD]), 600), at(0.0), MIDDLE);
    book = fetched(book, &set(&[OLD]), 480.0);
    assert_eq!(book.due_in(at(480.0)).as_secs(), 240);
}

#[test]
fn the_bounds_of_cache_control_are_settings() {
    let mut book = begun(
        with(|s| {
            s.shortest_told_age = Duration::from_secs(5);
            s.longest_told_age = Duration::from_secs(7);
        }),
        0.0,
    );
    book.finish(told(&set(&[OLD]), 0), at(0.0), MIDDLE);
    assert_eq!(book.state(at(4.9)), KeyState::RefreshAhead);
    assert_eq!(book.state(at(5.0)), KeyState::Stale);
}

#[test]
fn jose_one_answer_serves_any_number_of_requests() {
    let book = warm();
    for tenth in 0..2400 {
        assert_eq!(says(&book, "old", f64::from(tenth) / 10.0), "known");
    }
    assert_eq!(book.attempts(), 1);
}

#[test]
fn jose_a_rotated_key_is_found_after_half_a_minute() {
    let mut book = warm();
    assert_eq!(says(&book, "new", 30.0), "ask 2");
    book = fetched(book, &set(&[OLD, NEW]), 30.0);
    assert_eq!(says(&book, "new", 30.0), "known");
    assert_eq!(says(&book, "old", 30.0), "known", "the grace period");
}

#[test]
fn jose_without_an_age_limit_nobody_asks_again() {
    let book = fetched(with(|s| s.max_age = Duration::MAX), &set(&[OLD]), 0.0);
    let years = 3600.0 * 24.0 * 365.0 * 100.0;
    assert_eq!(book.state(at(years)), KeyState::Fresh);
    assert_eq!(says(&book, "old", years), "known");
    assert!(book.due_in(at(years)) > Duration::from_secs(3600));
}

#[test]
fn jose_an_older_answer_cannot_arrive_after_a_newer_one() {
    let mut book = begun(warm(), 10.0);
    for wanted in [
        Wanted::default(),
        Wanted {
            unknown_key: 99,
            manual: 99,
        },
    ] {
        for secs in [10.0, 250.0, 4000.0, 1e6] {
            assert_eq!(book.begin(wanted, at(secs)), None, "one runs");
        }
    }
    book.finish(answer(&set(&[NEW])), at(11.0), MIDDLE);
    let late = book.finish(answer(&set(&[OLD])), at(12.0), MIDDLE);
    assert_eq!(late, Outcome::Unasked);
    assert_eq!(
        (book.generation(), book.age(at(12.0))),
        (2, Some(Duration::from_secs(2)))
    );
    assert_eq!(says(&book, "new", 12.0), "known");
}

#[test]
fn jose_a_reload_that_fails_leaves_the_set_and_nothing_running() {
    let book = failed(warm(), 240.0);
    assert!(!book.in_flight());
    assert_eq!(says(&book, "old", 241.0), "known");
    assert_eq!(book.last_fault(), Some(FetchFault::Connect));
}

#[test]
fn jose_a_preloaded_set_without_a_sensible_time_is_ignored() {
    let month = Duration::from_secs(30 * 24 * 3600);
    let now = at(0.0);
    for (then, why) in [
        (now + Duration::from_millis(1), PreloadError::FromTheFuture),
        (UnixTime::from_millis(i64::MAX), PreloadError::FromTheFuture),
        (now - Duration::from_secs(24 * 3600), PreloadError::TooOld),
        (now - month, PreloadError::TooOld),
        (UnixTime::from_secs(-1), PreloadError::TooOld),
        (UnixTime::from_millis(i64::MIN), PreloadError::TooOld),
    ] {
        let mut book = cold();
        let refused = book.preload(set(&[OLD]).as_bytes(), Some(then), now);
        assert_eq!(refused, Err(why), "{then}");
        assert_eq!(book.state(now), KeyState::Cold);
    }
    for useless in ["", "null", r#"{"keys":[null]}"#] {
        let mut book = cold();
        let refused = book.preload(useless.as_bytes(), Some(now), now);
        assert!(
            matches!(refused, Err(PreloadError::Unusable(_))),
            "{useless}"
        );
        assert_eq!(book.state(now), KeyState::Cold);
    }
}

#[test]
fn nimbus_a_crowd_with_known_keys_makes_no_attempt_however_old_the_set_is() {
    let mut book = begun(warm(), 310.0);
    for _ in 0..100 {
        assert_eq!(says(&book, "old", 310.0), "known");
        assert_eq!(book.begin(Wanted::default(), at(310.0)), None);
    }
    assert_eq!(book.attempts(), 2);
}

/// Nimbus has to refuse a limit on attempts that is longer than the age limit, as its renewals
/// are held up by it. Ours are not.
#[test]
fn nimbus_a_cooldown_longer_than_the_age_limit_holds_up_no_renewal() {
    let mut book = with(|s| {
        s.cooldown = Duration::from_secs(3600);
        s.burst = 1;
    });
    for round in 0..10 {
        let now = f64::from(round) * 240.0;
        assert!(book.begin(Wanted::default(), at(now)).is_some(), "{round}");
        book.finish(answer(&set(&[OLD])), at(now), MIDDLE);
        let wanted = Wanted {
            unknown_key: book.attempts() + 1,
            manual: 0,
        };
        let by_request = book.begin(wanted, at(now)).is_some();
        assert_eq!(by_request, round == 0, "one an hour, {round}");
        book.finish(answer(&set(&[OLD])), at(now), MIDDLE);
    }
}

#[test]
fn aws_a_key_that_the_issuer_denied_and_one_it_was_not_asked_for_are_told_apart() {
    let book = spent(warm(), 10.0);
    assert!(matches!(
        book.look_up(Some("stranger"), 1, at(11.0)),
        Lookup::Absent(_)
    ));
    assert!(matches!(
        book.look_up(Some("stranger"), 3, at(11.0)),
        Lookup::CoolingDown(_)
    ));
}

#[test]
fn an_epoch_ends_when_a_key_is_lost_and_not_when_one_comes() {
    let reused = NEW.replace("\"new\"", "\"old\"");
    let with_junk = r#"{"kty":"AKP","kid":"post-quantum"}"#;
    let book = warm();
    assert_eq!((cold().epoch(), book.epoch()), (0, 1));
    for (what, after, epoch) in [
        ("the same", set(&[OLD]), 1),
        ("one more", set(&[OLD, NEW]), 1),
        ("one more that nobody can use", set(&[OLD, with_junk]), 1),
        ("in another order", set(&[NEW, OLD]), 1),
        ("withdrawn", set(&[NEW]), 2),
        ("its id means another key", set(&[&reused]), 2),
        (
            "listed twice, so that none counts",
            set(&[OLD, OLD, NEW]),
            2,
        ),
    ] {
        let book = fetched(book.clone(), &after, 240.0);
        assert_eq!(book.epoch(), epoch, "{what}");
    }
    let book = failed(book, 240.0);
    assert_eq!(book.epoch(), 1, "a failure loses nothing");
}

#[test]
fn a_withdrawn_key_that_returns_does_not_bring_its_epoch_back() {
    let mut book = warm();
    for (round, keys) in [(1, set(&[NEW])), (2, set(&[OLD, NEW])), (3, set(&[NEW]))] {
        book = fetched(book, &keys, f64::from(round) * 240.0);
    }
    assert_eq!(book.epoch(), 3);
}

#[test]
fn a_seed_is_served_like_stale_keys_until_the_issuer_answers() {
    let mut book = cold();
    book.preload(set(&[OLD]).as_bytes(), None, at(0.0)).unwrap();
    assert_eq!(book.state(at(0.0)), KeyState::Stale);
    assert_eq!(book.fetched_at(), None, "nobody knows how old it is");
    assert_eq!(says(&book, "old", 0.0), "known");
    assert_eq!(says(&book, "stranger", 0.0), "ask 1");
    assert_eq!(
        book.begin(Wanted::default(), at(0.0)),
        Some(Trigger::Timer),
        "at once"
    );
    let down = FetchFailure::new(FetchFault::Dns, "no such host");
    book.finish(Err(down), at(0.0), MIDDLE);
    assert_eq!(says(&book, "old", 86_399.0), "known");
    assert_eq!(says(&book, "stranger", 0.5), "retry in 3.25");
    assert_eq!(book.state(at(86_400.0)), KeyState::Outage);

    book = fetched(book, &set(&[NEW]), 100.0);
    assert_eq!(book.state(at(100.0)), KeyState::Fresh);
    assert_eq!(
        says(&book, "old", 100.0),
        "ask 3",
        "gone with the first answer"
    );
}

#[test]
fn a_snapshot_has_its_true_age_and_is_renewed_at_once() {
    for (age, state) in [
        (0.0, KeyState::RefreshAhead),
        (299.0, KeyState::RefreshAhead),
        (300.0, KeyState::Stale),
        (86_399.0, KeyState::Stale),
    ] {
        let mut book = cold();
        book.preload(set(&[OLD]).as_bytes(), Some(at(-age)), at(0.0))
            .unwrap();
        assert_eq!(book.state(at(0.0)), state, "{age}");
        assert_eq!(book.state(at(86_400.0 - age)), KeyState::Outage, "{age}");
        assert_eq!(book.fetched_at(), Some(at(-age)));
        assert_eq!(says(&book, "old", 0.0), "known");
        assert_eq!(book.begin(Wanted::default(), at(0.0)), Some(Trigger::Timer));
        assert_eq!(
            book.finish(answer(&set(&[OLD])), at(0.0), MIDDLE),
            Outcome::Confirmed
        );
        assert_eq!((book.generation(), book.epoch()), (1, 1));
        assert_eq!(book.state(at(0.0)), KeyState::Fresh);
    }
}

#[test]
fn without_tolerance_for_stale_keys_nothing_is_preloaded_that_is_not_current() {
    let intolerant = || with(|s| s.max_stale = Duration::ZERO);
    let document = set(&[OLD]);
    let seed = intolerant().preload(document.as_bytes(), None, at(0.0));
    assert_eq!(seed, Err(PreloadError::TooOld));
    let old = intolerant().preload(document.as_bytes(), Some(at(-300.0)), at(0.0));
    assert_eq!(old, Err(PreloadError::TooOld));
    assert_eq!(
        intolerant().preload(document.as_bytes(), Some(at(-299.0)), at(0.0)),
        Ok(())
    );
}

#[test]
fn an_operators_attempt_waits_for_nothing_but_the_one_that_runs() {
    let manual = |attempt| Wanted {
        unknown_key: 0,
        manual: attempt,
    };
    for (what, mut book) in [
        ("fresh", warm()),
        ("allowance spent", spent(warm(), 9.0)),
        ("pause after a failure", failed(warm(), 9.0)),
    ] {
        let next = book.attempts() + 1;
        assert_eq!(
            book.begin(manual(next), at(10.0)),
            Some(Trigger::Manual),
            "{what}"
        );
        assert_eq!(
            book.begin(manual(next + 1), at(10.0)),
            None,
            "{what}: one runs"
        );
        book.finish(answer(&set(&[OLD])), at(10.0), MIDDLE);
        assert_eq!(
            book.begin(manual(next), at(10.0)),
            None,
            "{what}: it was made"
        );
        assert_eq!(
            book.begin(manual(next + 1), at(10.0)),
            Some(Trigger::Manual),
            "{what}"
        );
    }
    let mut book = begun(warm(), 10.0);
    book.finish(answer(&set(&[OLD])), at(10.0), MIDDLE);
    book.begin(manual(3), at(10.0)).unwrap();
    book.finish(answer(&set(&[OLD])), at(10.0), MIDDLE);
    assert_eq!(
        says(&book, "stranger", 10.0),
        "ask 4",
        "it takes nothing from the allowance"
    );
}

#[test]
fn every_failure_of_a_body_has_its_own_name() {
    let long = " ".repeat(crate::MAX_KEY_SET_BYTES + 1);
    for (body, fault) in [
        ("{", FetchFault::Malformed),
        ("null", FetchFault::Malformed),
        ("{}", FetchFault::Malformed),
        (r#"{"keys":null}"#, FetchFault::Malformed),
        (r#"{"keys":[null]}"#, FetchFault::NoUsableKey),
        (r#"{"keys":[]}"#, FetchFault::NoUsableKey),
        (&long, FetchFault::TooLarge),
    ] {
        let mut book = begun(warm(), 240.0);
        let outcome = book.finish(answer(body), at(240.0), MIDDLE);
        assert_eq!(outcome, Outcome::Failed(fault));
        assert_eq!(outcome.name(), fault.name());
        assert_eq!(book.last_fault(), Some(fault));
    }
}
