mod scenarios;
mod table;

use super::*;

const OLD: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"old",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const NEW: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","kid":"new",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// With this jitter a set is refreshed at 80 % of its age, and pauses are three quarters.
const MIDDLE: f64 = 0.5;

fn at(secs: f64) -> UnixTime {
    UnixTime::from_millis(1_700_000_000_000 + (secs * 1000.0) as i64)
}

fn answer(document: &str) -> Result<Answer<'_>, FetchFailure> {
    Ok(Answer {
        document: document.as_bytes(),
        max_age: None,
    })
}

/// Whether an attempt begins when number `wanted` is wanted for an unknown key.
fn starts(book: &mut KeyBook, wanted: u64, now: UnixTime) -> bool {
    let wanted = Wanted {
        unknown_key: wanted,
        manual: 0,
    };
    book.begin(wanted, now).is_some()
}

fn set(keys: &[&str]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

fn cold() -> KeyBook {
    KeyBook::new(KeyBookSettings::default())
}

/// A book that holds the key `old`, fetched at second 0.
fn warm() -> KeyBook {
    let mut book = cold();
    assert!(starts(&mut book, 0, at(0.0)));
    assert_eq!(
        book.finish(answer(&set(&[OLD])), at(0.0), MIDDLE),
        Outcome::Replaced
    );
    book
}

fn failed(mut book: KeyBook, secs: f64) -> KeyBook {
    let wanted = book.attempts() + 1;
    assert!(starts(&mut book, wanted, at(secs)));
    let down = FetchFailure::new(FetchFault::Connect, "connection refused");
    assert_eq!(
        book.finish(Err(down), at(secs), MIDDLE),
        Outcome::Failed(FetchFault::Connect)
    );
    book
}

/// Four attempts have failed, the last one at second 5.
fn down() -> KeyBook {
    [0.0, 1.0, 2.0, 5.0].into_iter().fold(cold(), failed)
}

fn begun(mut book: KeyBook, secs: f64) -> KeyBook {
    let wanted = book.attempts() + 1;
    assert!(starts(&mut book, wanted, at(secs)));
    book
}

/// The allowance used up by two good answers to requests for unknown keys.
fn spent(mut book: KeyBook, secs: f64) -> KeyBook {
    for _ in 0..2 {
        book = begun(book, secs);
        book.finish(answer(&set(&[OLD])), at(secs), MIDDLE);
    }
    book
}

fn says(book: &KeyBook, key_id: &str, secs: f64) -> String {
    said(book.look_up(Some(key_id), book.attempts(), at(secs)))
}

fn said(lookup: Lookup<'_>) -> String {
    match lookup {
        Lookup::Known(_) => "known".into(),
        Lookup::Absent(_) => "absent".into(),
        Lookup::CoolingDown(_) => "cooling down".into(),
        Lookup::Wait => "wait".into(),
        Lookup::Ask { attempt } => format!("ask {attempt}"),
        Lookup::Unavailable { retry_after } => {
            format!("retry in {}", retry_after.as_secs_f64())
        }
    }
}

#[test]
fn an_attempt_that_began_after_the_request_has_answered_it() {
    let mut book = warm();
    let arrived = book.attempts();
    assert!(starts(&mut book, arrived + 1, at(10.0)));
    book.finish(answer(&set(&[OLD])), at(10.1), MIDDLE);
    assert!(matches!(
        book.look_up(Some("stranger"), arrived, at(10.1)),
        Lookup::Absent(_)
    ));
    // One who came while it ran cannot be sure of its answer, and may ask once more.
    let later = book.look_up(Some("stranger"), arrived + 1, at(10.1));
    assert!(matches!(later, Lookup::Ask { attempt: 3 }));
}

#[test]
fn a_crowd_that_asks_for_one_attempt_gets_one() {
    let mut book = warm();
    assert!(starts(&mut book, 2, at(10.0)));
    assert!(!starts(&mut book, 2, at(10.0)), "it is running");
    book.finish(answer(&set(&[OLD])), at(10.1), MIDDLE);
    assert!(!starts(&mut book, 2, at(10.1)), "it has been made");
    assert_eq!(book.attempts(), 2);
}

#[test]
fn a_flood_of_unknown_keys_makes_no_more_attempts_than_allowed() {
    let mut book = warm();
    for tenth in 0..600 {
        let now = f64::from(tenth) / 10.0;
        if let Lookup::Ask { attempt } = book.look_up(Some("stranger"), book.attempts(), at(now)) {
            assert!(starts(&mut book, attempt, at(now)));
            book.finish(answer(&set(&[OLD])), at(now), MIDDLE);
        }
    }
    // In one minute: two at once, then one after each 15 s.
    assert_eq!(book.attempts(), 1 + 2 + 3);
}

#[test]
fn attempts_are_counted_whether_or_not_they_succeed() {
    let mut book = failed(warm(), 10.0);
    assert!(
        !starts(&mut book, 99, at(11.0)),
        "requests cannot hurry an issuer that fails"
    );
    book = begun(book, 14.0);
    book.finish(answer(&set(&[OLD])), at(14.0), MIDDLE);
    // Second 10 took one by request, 14 came by time and took none.
    assert_eq!(says(&book, "stranger", 14.0), "ask 4");
    book = begun(book, 14.0);
    book.finish(answer(&set(&[OLD])), at(14.0), MIDDLE);
    assert_eq!(says(&book, "stranger", 14.0), "cooling down");
}

#[test]
fn a_good_answer_replaces_the_whole_set() {
    let mut book = begun(warm(), 240.0);
    let document = set(&[NEW]);
    assert_eq!(
        book.finish(answer(&document), at(240.5), MIDDLE),
        Outcome::Replaced
    );
    assert_eq!(book.generation(), 2);
    assert_eq!(says(&book, "new", 241.0), "known");
    assert_eq!(
        says(&book, "old", 241.0),
        "ask 3",
        "a withdrawn key is gone at once"
    );
}

#[test]
fn the_same_document_again_keeps_the_generation_and_makes_it_young() {
    let mut book = begun(warm(), 240.0);
    let ring = Arc::clone(book.ring().unwrap());
    assert_eq!(
        book.finish(answer(&set(&[OLD])), at(240.5), MIDDLE),
        Outcome::Confirmed
    );
    assert_eq!(book.generation(), 1);
    assert!(Arc::ptr_eq(&ring, book.ring().unwrap()));
    assert_eq!(
        book.age(at(241.0)),
        Some(Duration::from_secs(1)),
        "counted from the question"
    );
}

#[test]
fn an_answer_without_a_usable_key_is_a_failure_and_keeps_the_old_set() {
    for useless in [
        r#"{"keys":[]}"#,
        "{}",
        "null",
        "",
        "<html>",
        r#"{"keys":[{"kty":"AKP"}]}"#,
    ] {
        let mut book = begun(warm(), 240.0);
        let outcome = book.finish(answer(useless), at(240.0), MIDDLE);
        assert!(matches!(outcome, Outcome::Failed(_)), "{useless}");
        assert_eq!(book.generation(), 1, "{useless}");
        assert_eq!(says(&book, "old", 241.0), "known", "{useless}");
        assert_eq!(says(&book, "new", 241.0), "retry in 2.75", "{useless}");
        assert!(
            book.last_failure().is_some_and(|reason| !reason.is_empty()),
            "{useless}"
        );
    }
}

#[test]
fn pauses_double_up_to_their_limit_and_end_with_success() {
    for (mut book, start, pauses) in [
        (cold(), 0.0, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]),
        (
            warm(),
            240.0,
            [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0],
        ),
    ] {
        let mut now = at(start);
        for pause in pauses {
            assert!(starts(&mut book, 0, now));
            book.finish(
                Err(FetchFailure::new(FetchFault::Connect, "down")),
                now,
                1.0,
            );
            assert_eq!(book.due_in(now).as_secs_f64(), pause);
            now = now + Duration::from_secs_f64(pause);
        }
        assert!(starts(&mut book, 0, now));
        book.finish(answer(&set(&[NEW])), now, MIDDLE);
        assert_eq!(book.last_failure(), None);
        assert_eq!(book.due_in(now), Duration::from_secs(240));
    }
}

#[test]
fn jitter_spreads_attempts_within_bounds() {
    for (jitter, refresh, pause) in [
        (0.0, 216.0, 0.25),
        (1.0, 264.0, 0.5),
        (f64::MAX, 264.0, 0.5),
    ] {
        let mut book = begun(cold(), 0.0);
        book.finish(
            Err(FetchFailure::new(FetchFault::Connect, "down")),
            at(0.0),
            jitter,
        );
        assert_eq!(book.due_in(at(0.0)).as_secs_f64(), pause);
        let mut book = begun(cold(), 0.0);
        book.finish(answer(&set(&[OLD])), at(0.0), jitter);
        assert_eq!(book.due_in(at(0.0)).as_secs_f64(), refresh);
    }
}

#[test]
fn the_issuers_wish_for_a_pause_is_honoured_within_reason() {
    for (wish, pause) in [(1, 3.75), (10, 10.0), (86_400, 300.0)] {
        let mut book = begun(warm(), 240.0);
        let retry_after = Some(Duration::from_secs(wish));
        let failure = FetchFailure {
            fault: FetchFault::Status,
            reason: "answered 429".into(),
            retry_after,
        };
        book.finish(Err(failure), at(240.0), MIDDLE);
        assert_eq!(book.due_in(at(240.0)).as_secs_f64(), pause);
    }
}

#[test]
fn the_sleep_ends_where_the_state_changes() {
    let book = warm();
    assert_eq!(book.sleeps(at(0.0)).as_secs(), 240, "next attempt");
    let mut book = begun(warm(), 290.0);
    let failure = FetchFailure {
        fault: FetchFault::Status,
        reason: "503".into(),
        retry_after: Some(KeyBookSettings::default().longest_wish),
    };
    book.finish(Err(failure), at(290.0), MIDDLE);
    assert_eq!(
        book.sleeps(at(290.0)).as_secs(),
        10,
        "turns stale before the next attempt"
    );
    assert_eq!(
        book.sleeps(at(300.0)).as_secs(),
        290,
        "then the attempt is next"
    );
}

#[test]
fn without_tolerance_for_stale_keys_the_outage_begins_with_max_age() {
    let mut book = KeyBook::new(KeyBookSettings {
        max_stale: Duration::ZERO,
        ..KeyBookSettings::default()
    });
    assert!(starts(&mut book, 0, at(0.0)));
    book.finish(answer(&set(&[OLD])), at(0.0), MIDDLE);
    assert_eq!(book.state(at(299.9)), KeyState::RefreshAhead);
    assert_eq!(book.state(at(300.0)), KeyState::Outage);
}

#[test]
fn a_burst_of_zero_never_asks_for_unknown_keys_and_no_cooldown_always_does() {
    let with = |burst, cooldown| {
        let settings = KeyBookSettings {
            burst,
            cooldown,
            ..KeyBookSettings::default()
        };
        KeyBook { settings, ..warm() }
    };
    let book = with(0, Duration::from_secs(15));
    assert_eq!(says(&book, "stranger", 100.0), "cooling down");
    let mut book = with(1, Duration::ZERO);
    for wanted in 2..50 {
        assert!(starts(&mut book, wanted, at(1.0)));
        book.finish(answer(&set(&[OLD])), at(1.0), MIDDLE);
    }
}

#[test]
fn a_clock_set_back_makes_an_attempt_due_and_does_not_lock_the_allowance() {
    let mut book = spent(warm(), 100.0);
    assert_eq!(book.due_in(at(-3600.0)), Duration::ZERO);
    assert_eq!(says(&book, "old", -3600.0), "known");
    book = begun(book, -3600.0);
    book.finish(answer(&set(&[OLD])), at(-3600.0), MIDDLE);
    assert_eq!(book.due_in(at(-3600.0)).as_secs(), 240);
    assert_eq!(says(&book, "stranger", -3600.0), "ask 5");

    let book = failed(warm(), 100.0);
    assert_eq!(book.due_in(at(-3600.0)), Duration::ZERO);
}

#[test]
fn debug_output_does_not_print_the_document() {
    let shown = format!("{:?}", warm());
    assert!(
        shown.contains("generation: 1") && shown.contains("keys: 1"),
        "{shown}"
    );
    assert!(shown.len() < 200, "{shown}");
}
