//! The state machine as tables.

use super::*;

/// Everything that a state, an attempt and the allowance for unknown keys can be at once, and what
/// follows for a request with a known key, for one with an unknown key, and for an attempt that the
/// latter wants. The last attempt has failed a second ago, or not at all; another one runs, or not.
#[test]
fn every_state_attempt_and_allowance_decides_as_its_row_says() {
    use Allowed::{Empty, Full};
    use Attempt::{Fails, FailsAndRuns, None as Idle, Runs};
    use KeyState::{Cold, Fresh, Outage, RefreshAhead, Stale};
    #[rustfmt::skip]
    let rows = [
        // Without keys everybody waits for the attempt, but not for one that is far off.
        (Cold, Idle, Full, "wait", "wait", "cold"),
        (Cold, Idle, Empty, "wait", "wait", "cold"),
        (Cold, Runs, Full, "wait", "wait", "-"),
        (Cold, Runs, Empty, "wait", "wait", "-"),
        (Cold, Fails, Full, "retry in 2.75", "retry in 2.75", "-"),
        (Cold, Fails, Empty, "retry in 2.75", "retry in 2.75", "-"),
        (Cold, FailsAndRuns, Full, "wait", "wait", "-"),
        (Cold, FailsAndRuns, Empty, "wait", "wait", "-"),
        // An unknown key asks once if it may, joins an attempt that runs, and is refused if it may
        // not ask (the cooldown). If the issuer is failing, nobody can know.
        (Fresh, Idle, Full, "known", "ask", "unknown_kid"),
        (Fresh, Idle, Empty, "known", "cooling down", "-"),
        (Fresh, Runs, Full, "known", "wait", "-"),
        (Fresh, Runs, Empty, "known", "wait", "-"),
        (Fresh, Fails, Full, "known", "retry in 2.75", "-"),
        (Fresh, Fails, Empty, "known", "retry in 2.75", "-"),
        (Fresh, FailsAndRuns, Full, "known", "retry in 1", "-"),
        (Fresh, FailsAndRuns, Empty, "known", "retry in 1", "-"),
        // The same, and an attempt is due anyway: it takes nothing from the allowance.
        (RefreshAhead, Idle, Full, "known", "ask", "timer"),
        (RefreshAhead, Idle, Empty, "known", "ask", "timer"),
        (RefreshAhead, Runs, Full, "known", "wait", "-"),
        (RefreshAhead, Runs, Empty, "known", "wait", "-"),
        (RefreshAhead, Fails, Full, "known", "retry in 2.75", "-"),
        (RefreshAhead, Fails, Empty, "known", "retry in 2.75", "-"),
        (RefreshAhead, FailsAndRuns, Full, "known", "retry in 1", "-"),
        (RefreshAhead, FailsAndRuns, Empty, "known", "retry in 1", "-"),
        // Without a failure it is the process that was asleep, not the issuer.
        (Stale, Idle, Full, "known", "ask", "timer"),
        (Stale, Idle, Empty, "known", "ask", "timer"),
        (Stale, Runs, Full, "known", "wait", "-"),
        (Stale, Runs, Empty, "known", "wait", "-"),
        (Stale, Fails, Full, "known", "retry in 2.75", "-"),
        (Stale, Fails, Empty, "known", "retry in 2.75", "-"),
        (Stale, FailsAndRuns, Full, "known", "retry in 1", "-"),
        (Stale, FailsAndRuns, Empty, "known", "retry in 1", "-"),
        // Keys that are too old are as good as none.
        (Outage, Idle, Full, "wait", "wait", "timer"),
        (Outage, Idle, Empty, "wait", "wait", "timer"),
        (Outage, Runs, Full, "wait", "wait", "-"),
        (Outage, Runs, Empty, "wait", "wait", "-"),
        (Outage, Fails, Full, "retry in 2.75", "retry in 2.75", "-"),
        (Outage, Fails, Empty, "retry in 2.75", "retry in 2.75", "-"),
        (Outage, FailsAndRuns, Full, "wait", "wait", "-"),
        (Outage, FailsAndRuns, Empty, "wait", "wait", "-"),
    ];
    let mut seen = Vec::new();
    for (state, attempt, allowed, known, unknown, begins) in rows {
        let row = format!("{state}, {attempt:?}, {allowed:?}");
        let (mut book, now) = built(state, attempt, allowed);
        assert_eq!(book.state(now), state, "{row}");
        let said = |key_id| say(book.look_up(key_id, book.attempts(), now));
        assert_eq!(said(Some("old")), known, "{row}: known key");
        assert_eq!(said(None), known, "{row}: no key id");
        assert_eq!(said(Some("stranger")), unknown, "{row}: unknown key");
        let wanted = Wanted {
            unknown_key: book.attempts() + 1,
            manual: 0,
        };
        let begun = book.begin(wanted, now).map_or("-", Trigger::name);
        assert_eq!(begun, begins, "{row}: attempt");
        assert_eq!(book.state(now), state, "{row}: beginning changes no state");
        assert!(!seen.contains(&row), "{row}: twice");
        seen.push(row);
    }
    assert_eq!(seen.len(), KeyState::ALL.len() * 4 * 2, "no row is missing");
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Attempt {
    None,
    Runs,
    Fails,
    FailsAndRuns,
}

#[derive(Clone, Copy, Debug)]
enum Allowed {
    Full,
    Empty,
}

/// A book that got there by the ways that there are, and the moment at which it is there.
fn built(state: KeyState, attempt: Attempt, allowed: Allowed) -> (KeyBook, UnixTime) {
    let (mut book, now) = match state {
        KeyState::Cold => (cold(), 0.0),
        KeyState::Fresh => (warm(), 10.0),
        KeyState::RefreshAhead => (warm(), 250.0),
        KeyState::Stale => (warm(), 310.0),
        KeyState::Outage => (warm(), 24.0 * 3600.0),
    };
    if matches!(attempt, Attempt::Fails | Attempt::FailsAndRuns) {
        // As if the pause had been four seconds in every state: how long it is has its own test.
        let pause = Pauses {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(5),
        };
        (
            book.settings.pauses_with_keys,
            book.settings.pauses_without_keys,
        ) = (pause, pause);
        let before = if attempt == Attempt::Fails {
            now - 1.0
        } else {
            now - 4.0
        };
        book = failed(book, before);
    }
    if matches!(attempt, Attempt::Runs | Attempt::FailsAndRuns) {
        book = begun(book, now);
    }
    while let Allowed::Empty = allowed
        && book.allowance.take(&book.settings, at(now))
    {}
    (book, at(now))
}

fn say(lookup: Lookup<'_>) -> String {
    match lookup {
        Lookup::Ask { .. } => "ask".into(),
        lookup => said(lookup),
    }
}

/// The same machine along the time line.
#[test]
fn every_state_decides_as_its_row_says() {
    use KeyState::{Cold, Fresh, Outage, RefreshAhead, Stale};
    const DAY: f64 = 24.0 * 3600.0;
    // What happened, the book, at second, the state, a known key, an unknown key.
    #[rustfmt::skip]
    let rows = [
        ("nothing yet", cold(), 0.0, Cold, "wait", "wait"),
        ("first attempt runs", begun(cold(), 0.0), 0.9, Cold, "wait", "wait"),
        ("first attempt failed", failed(cold(), 0.0), 0.1, Cold, "wait", "wait"),
        ("cold, a long pause", down(), 5.0, Cold, "retry in 3", "retry in 3"),
        ("just fetched", warm(), 0.0, Fresh, "known", "ask 2"),
        ("almost 80 % of its age", warm(), 239.9, Fresh, "known", "ask 2"),
        ("attempt runs", begun(warm(), 10.0), 10.5, Fresh, "known", "wait"),
        ("allowance spent", spent(warm(), 10.0), 10.5, Fresh, "known", "cooling down"),
        ("almost refilled", spent(warm(), 10.0), 24.9, Fresh, "known", "cooling down"),
        ("one refill", spent(warm(), 10.0), 25.0, Fresh, "known", "ask 4"),
        ("fresh, issuer down", failed(warm(), 10.0), 11.0, Fresh, "known", "retry in 2.75"),
        ("80 % of its age", warm(), 240.0, RefreshAhead, "known", "ask 2"),
        ("renewal runs", begun(warm(), 240.0), 241.0, RefreshAhead, "known", "wait"),
        ("renewal failed", failed(warm(), 240.0), 241.0, RefreshAhead, "known", "retry in 2.75"),
        ("issuer down", failed(warm(), 299.0), 300.0, Stale, "known", "retry in 2.75"),
        ("attempt due", failed(warm(), 299.0), 310.0, Stale, "known", "retry in 1"),
        ("attempt runs", begun(failed(warm(), 299.0), 310.0), 311.0, Stale, "known", "retry in 1"),
        ("process was asleep", warm(), 4000.0, Stale, "known", "ask 2"),
        ("almost a day", failed(warm(), DAY - 1.0), DAY - 0.1, Stale, "known", "retry in 2.85"),
        ("a day old", failed(warm(), DAY - 1.0), DAY, Outage, "retry in 2.75", "retry in 2.75"),
        ("a day old, attempt runs", begun(warm(), DAY), DAY, Outage, "wait", "wait"),
    ];
    for (what, book, now, state, known, unknown) in rows {
        assert_eq!(book.state(at(now)), state, "{what}: state");
        assert_eq!(says(&book, "old", now), known, "{what}: known key");
        assert_eq!(says(&book, "stranger", now), unknown, "{what}: unknown key");
    }
}
