//! `cargo xtask bench flood`: how long good requests take while tokens with ever new keys rain down,
//! and how often the issuer is asked because of them.

use std::thread;
use std::time::{Duration, Instant};

use super::Plan;
use super::ground::Ground;
use super::table::{markdown, millis};
use super::wrk::{Load, Measured, Script};
use crate::context::Stop;
use crate::terminal::line;

/// How many unknown keys are named in each round.
const KEYS: u32 = 20_000;

pub(super) fn run(ground: &Ground<'_>, plan: &Plan) -> Result<(), Stop> {
    let (_api, url) = ground.api(&[])?;
    let lasting = Duration::from_secs(u64::from(plan.seconds));
    // Warm: connections, caches, the token.
    good(&url, ground, Duration::from_secs(2)).run(ground.context)?;

    let mut rounds = Vec::new();
    for round in 1..=plan.rounds {
        let idle = good(&url, ground, lasting).run(ground.context)?;
        let paced = under(ground, &url, lasting, Flood::paced_over(lasting))?;
        let full = under(ground, &url, lasting, Flood::AS_FAST_AS_IT_GOES)?;
        rounds.push(Round { idle, paced, full });
        line(&format!("round {round} of {} done", plan.rounds));
    }
    report(&rounds)
}

/// A few clients with a good token that ask now and then: what they wait for is the server, not
/// each other.
fn good<'g>(url: &str, ground: &'g Ground<'_>, at_most: Duration) -> Load<'g> {
    Load {
        url: format!("{url}/api/v1/me"),
        script: Script::Requests,
        tokens: Some(&ground.tokens),
        count: 100,
        connections: 4,
        pause: Duration::from_millis(4),
        at_most,
    }
}

#[derive(Debug, Clone, Copy)]
struct Flood {
    connections: u32,
    pause: Duration,
    keys: u32,
}

impl Flood {
    /// [`KEYS`] of them, spread over this time.
    fn paced_over(lasting: Duration) -> Flood {
        const CONNECTIONS: u32 = 4;
        Flood {
            connections: CONNECTIONS,
            pause: lasting * CONNECTIONS / KEYS,
            keys: KEYS,
        }
    }

    /// From a few clients that never wait, until time is up.
    const AS_FAST_AS_IT_GOES: Flood = Flood {
        connections: 4,
        pause: Duration::ZERO,
        keys: u32::MAX,
    };
}

/// Good requests during a flood.
#[derive(Debug, Clone, Copy)]
struct Under {
    good: Measured,
    flood: Measured,
    fetches: u64,
    /// How many fetches there may be in that time.
    allowed: u64,
}

fn under(ground: &Ground<'_>, url: &str, lasting: Duration, flood: Flood) -> Result<Under, Stop> {
    let load = Load {
        url: format!("{url}/api/v1/me"),
        script: Script::Flood,
        tokens: Some(&ground.tokens),
        count: flood.keys,
        connections: flood.connections,
        pause: flood.pause,
        // Longer than the good requests. Paced, it ends by itself a little later than planned.
        at_most: lasting * 3 / 2,
    };
    let (fetches_before, started) = (ground.fetches()?, Instant::now());
    let (good, flood) = thread::scope(|scope| {
        let context = ground.context;
        let raining = scope.spawn(|| load.run(context));
        let good = good(url, ground, lasting).run(context);
        (good, raining.join().unwrap_or(Err(Stop::Told)))
    });
    Ok(Under {
        good: good?,
        flood: flood?,
        fetches: ground.fetches()? - fetches_before,
        allowed: allowed_in(started.elapsed()),
    })
}

/// Two at once and one in each quarter of a minute, as the settings' defaults have it.
fn allowed_in(time: Duration) -> u64 {
    2 + time.as_secs().div_ceil(15)
}

struct Round {
    idle: Measured,
    paced: Under,
    full: Under,
}

impl Round {
    fn paced(&self) -> &Under {
        &self.paced
    }

    fn full(&self) -> &Under {
        &self.full
    }
}

fn report(rounds: &[Round]) -> Result<(), Stop> {
    // The best of the rounds: in it the machine did the least besides.
    let time = |of_round: &dyn Fn(&Round) -> Duration| {
        rounds.iter().map(of_round).min().unwrap_or_default()
    };
    let idle_p99 = time(&|round| round.idle.p99);
    let mut table = vec![vec![
        "none".to_owned(),
        String::new(),
        millis(time(&|round| round.idle.p50)),
        millis(idle_p99),
        "1.00".to_owned(),
        String::new(),
    ]];
    let mut wrong = Vec::new();
    for (name, of) in [
        (
            format!("{KEYS} unknown keys"),
            Round::paced as fn(&Round) -> &Under,
        ),
        ("as fast as it goes".to_owned(), Round::full),
    ] {
        let p99 = time(&|round| of(round).good.p99);
        let speeds = rounds.iter().map(|round| of(round).flood.per_second());
        let speed = speeds.fold(0.0, f64::max);
        let most = |of_under: fn(&Under) -> u64| {
            rounds
                .iter()
                .map(|round| of_under(of(round)))
                .max()
                .unwrap_or(0)
        };
        let fetches = rounds
            .iter()
            .map(|round| (of(round).fetches, of(round).allowed));
        let (fetched, allowed) = fetches.max().unwrap_or_default();
        table.push(vec![
            name.clone(),
            format!("{speed:.0}"),
            millis(time(&|round| of(round).good.p50)),
            millis(p99),
            format!("{:.2}", p99.as_secs_f64() / idle_p99.as_secs_f64()),
            format!("{fetched} of {allowed}"),
        ]);
        if fetched > allowed {
            wrong.push(format!(
                "{name}: {fetched} fetches where {allowed} are allowed"
            ));
        }
        for (what, count) in [
            ("good requests went wrong", most(|under| under.good.bad)),
            (
                "unknown keys were answered with 5xx",
                most(|under| under.flood.failed),
            ),
            (
                "unknown keys were not answered",
                most(|under| under.flood.bad),
            ),
            (
                "unknown keys were not refused with 401",
                most(|under| under.flood.requests - under.flood.refused),
            ),
        ] {
            if count > 0 {
                wrong.push(format!("{name}: {count} {what}"));
            }
        }
    }
    line("");
    line(&markdown(
        &[
            "flood",
            "keys/s",
            "p50 of good",
            "p99 of good",
            "of idle",
            "fetches",
        ],
        &table,
    ));
    line("");
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Stop::failed(wrong.join("\n"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_grows_with_time() {
        for (seconds, allowed) in [(0, 2), (1, 3), (15, 3), (16, 4), (60, 6)] {
            assert_eq!(allowed_in(Duration::from_secs(seconds)), allowed);
        }
    }

    #[test]
    fn a_paced_flood_is_spread_over_its_time() {
        let flood = Flood::paced_over(Duration::from_secs(10));
        assert_eq!(flood.pause, Duration::from_millis(2));
        assert_eq!(flood.keys, 20_000);
    }
}
