//! `cargo xtask bench http`: the guard's price, in requests per second and in processor time.

use std::time::Duration;

use super::Plan;
use super::ground::{Ground, USERS};
use super::processor;
use super::program::Program;
use super::table::{markdown, millis};
use super::wrk::{Load, Measured, Script};
use crate::context::Stop;
use crate::terminal::line;

pub(super) fn run(ground: &Ground<'_>, plan: &Plan) -> Result<(), Stop> {
    let servers = Servers::start(ground)?;
    let rows = servers.rows();
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); rows.len()];
    // In turn, so that what slows the machine down slows all of them. The first round warms up.
    for round in 0..=plan.rounds {
        for (row, samples) in rows.iter().zip(&mut samples) {
            let seconds = Duration::from_secs(u64::from(plan.seconds));
            let sample = row.measure(ground, seconds)?;
            if round > 0 {
                samples.push(sample);
            }
        }
        line(&format!("round {round} of {} done", plan.rounds));
    }
    report(&rows, &samples);
    servers.report_memory();
    Ok(())
}

struct Servers<'a> {
    api: (Program<'a>, String),
    api_uncached: (Program<'a>, String),
    api_limited: (Program<'a>, String),
    api_metered: (Program<'a>, String),
    routes: (Program<'a>, String),
    routes_uncached: (Program<'a>, String),
}

impl<'a> Servers<'a> {
    fn start(ground: &Ground<'a>) -> Result<Servers<'a>, Stop> {
        Ok(Servers {
            api: ground.api(&[])?,
            api_uncached: ground.api(&[CACHE_OFF])?,
            api_limited: ground.api(LIMITS)?,
            api_metered: ground.api(&[METRICS])?,
            routes: ground.open_and_guarded(true)?,
            routes_uncached: ground.open_and_guarded(false)?,
        })
    }

    /// What it takes to remember [`USERS`] tokens: everything else in the two programs is alike.
    fn report_memory(&self) {
        let mebibytes = |server: &(Program<'a>, String)| {
            let bytes = server.0.memory()?;
            Some(bytes as f64 / f64::from(1 << 20))
        };
        if let (Some(with), Some(without)) =
            (mebibytes(&self.routes), mebibytes(&self.routes_uncached))
        {
            line(&format!(
                "memory of the two routes: {with:.0} MiB with {USERS} tokens remembered, \
                 {without:.0} MiB without a cache"
            ));
        }
    }

    fn rows(&self) -> Vec<Row<'_>> {
        let row = |what, server, path, tokens| Row {
            what,
            server,
            path,
            tokens,
        };
        let (api, api_uncached) = (&self.api, &self.api_uncached);
        let (limited, metered) = (&self.api_limited, &self.api_metered);
        let (routes, routes_uncached) = (&self.routes, &self.routes_uncached);
        vec![
            row("two routes: open, no token sent", routes, OPEN, 0),
            row("two routes: open, one token sent", routes, OPEN, 1),
            row("two routes: guarded, one token", routes, GUARDED, 1),
            row(
                "two routes: guarded, one token, no cache",
                routes_uncached,
                GUARDED,
                1,
            ),
            row("two routes: open, 10,000 tokens sent", routes, OPEN, USERS),
            row("two routes: guarded, 10,000 tokens", routes, GUARDED, USERS),
            row("API: `/health/live`, no token sent", api, LIVE, 0),
            row("API: `/health/live`, one token sent", api, LIVE, 1),
            row("API: `/api/v1/me`, one token", api, ME, 1),
            row(
                "API: `/api/v1/me`, one token, no cache",
                api_uncached,
                ME,
                1,
            ),
            row("API: `/api/v1/me`, one token, limits", limited, ME, 1),
            row("API: `/api/v1/me`, one token, metrics", metered, ME, 1),
            row("API: `/health/live`, 10,000 tokens sent", api, LIVE, USERS),
            row("API: `/api/v1/me`, 10,000 tokens", api, ME, USERS),
            row(
                "API: `/api/v1/me`, 10,000 tokens, limits",
                limited,
                ME,
                USERS,
            ),
        ]
    }
}

const CACHE_OFF: (&str, &str) = ("API__AUTH__CACHE__MAX_BYTES", "0");
/// So high that nobody meets them.
const LIMITS: &[(&str, &str)] = &[
    ("API__LIMITS__REQUESTS_PER_USER", "100000000/1m"),
    ("API__LIMITS__FAILURES_PER_ADDRESS", "300/1m"),
];
const METRICS: (&str, &str) = ("API__METRICS__ADDRESS", "127.0.0.1:0");
const OPEN: &str = "/open/me";
const GUARDED: &str = "/guarded/me";
const LIVE: &str = "/health/live";
const ME: &str = "/api/v1/me";

/// One kind of request to one server.
struct Row<'a> {
    what: &'static str,
    server: &'a (Program<'a>, String),
    path: &'static str,
    /// How many different tokens are sent in turn.
    tokens: u32,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    measured: Measured,
    /// Processor time of the server per request.
    cost: Option<Duration>,
    /// Which part of its core the server used.
    busy: Option<f64>,
}

impl Row<'_> {
    /// Who was not here for some seconds is asked for in the database, which is another thing than what is measured: has each of them
    /// come twice.
    fn make_known(&self, ground: &Ground<'_>, load: &Load<'_>) -> Result<(), Stop> {
        let wanted = 2 * u64::from(self.tokens);
        let load = Load {
            at_most: Duration::from_secs(5),
            ..load.clone()
        };
        let mut requests = 0;
        while requests < wanted {
            requests += load.run(ground.context)?.requests;
        }
        Ok(())
    }

    fn measure(&self, ground: &Ground<'_>, at_most: Duration) -> Result<Sample, Stop> {
        const CONNECTIONS: u32 = 32;
        let (program, url) = self.server;
        let load = Load {
            url: format!("{url}{}", self.path),
            script: Script::Requests,
            tokens: (self.tokens > 0).then_some(&ground.tokens),
            count: self.tokens,
            connections: CONNECTIONS,
            pause: Duration::ZERO,
            at_most,
        };
        if self.path == ME && self.tokens > 1 {
            self.make_known(ground, &load)?;
        }
        let before = program.processor_time();
        let measured = load.run(ground.context)?;
        let used = before.and_then(|before| Some(program.processor_time()?.saturating_sub(before)));
        if measured.bad > 0 {
            let (what, bad) = (self.what, measured.bad);
            return Err(Stop::failed(format!("{what}: {bad} requests went wrong")));
        }
        Ok(Sample {
            measured,
            cost: used.map(|used| used.div_f64(measured.requests as f64)),
            busy: used.map(|used| used.as_secs_f64() / measured.took.as_secs_f64()),
        })
    }
}

fn report(rows: &[Row<'_>], samples: &[Vec<Sample>]) {
    let figures: Vec<Figures> = samples.iter().map(|of_row| Figures::of(of_row)).collect();
    // Past the guard of the same program, without a token. Where the cache is off that is as fast.
    let open = |row: &Row<'_>| {
        let path = match row.path {
            GUARDED => OPEN,
            ME => LIVE,
            _ => return None,
        };
        let place = rows
            .iter()
            .position(|other| other.path == path && other.tokens == 0)?;
        figures.get(place)
    };
    let mut table = Vec::new();
    for (row, own) in rows.iter().zip(&figures) {
        let ratio = |of: fn(&Figures, &Figures) -> Option<f64>| {
            let ratio = open(row).and_then(|open| of(own, open));
            ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"))
        };
        table.push(vec![
            row.what.to_owned(),
            format!("{:.0}", own.speed),
            ratio(|own, open| Some(own.speed / open.speed)),
            own.cost.map_or(String::new(), |cost| {
                format!("{:.1}", cost.as_secs_f64() * 1e6)
            }),
            ratio(|own, open| Some(open.cost?.div_duration_f64(own.cost?))),
            millis(own.p50),
            millis(own.p99),
            own.busy
                .map_or(String::new(), |busy| format!("{:.0} %", 100.0 * busy)),
        ]);
    }
    let head = [
        "what",
        "requests/s",
        "of open",
        "server µs/request",
        "of open",
        "p50",
        "p99",
        "core busy",
    ];
    line("");
    line(&markdown(&head, &table));
    line("");
    if !processor::can_pin() {
        line("Server and load could not be kept on cores of their own: the ratios say little.");
    }
}

/// What is told of one row: its best round, in which the machine did the least besides.
#[derive(Default)]
struct Figures {
    speed: f64,
    p50: Duration,
    p99: Duration,
    cost: Option<Duration>,
    busy: Option<f64>,
}

impl Figures {
    fn of(samples: &[Sample]) -> Figures {
        let speed = |sample: &&Sample| sample.measured.per_second();
        let best = samples.iter().max_by(|a, b| speed(a).total_cmp(&speed(b)));
        best.map_or_else(Figures::default, |best| Figures {
            speed: speed(&best),
            p50: best.measured.p50,
            p99: best.measured.p99,
            cost: samples.iter().filter_map(|sample| sample.cost).min(),
            busy: best.busy,
        })
    }
}
