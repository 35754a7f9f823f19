//! `cargo xtask bench tasks`: lists and changes of tasks, in requests per second and in processor time
//! of the server and of PostgreSQL; among few tasks and among millions.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::ground::{Ground, USERS, private_file};
use super::processor;
use super::program::Program;
use super::seed::Seed;
use super::table::{markdown, millis};
use super::wrk::{Load, Measured, Script};
use super::{Plan, on_ground};
use crate::context::{Context, Stop};
use crate::http;
use crate::terminal::line;

pub(super) fn run(context: &Context, plan: &Plan) -> Result<(), Stop> {
    let mut all = Vec::new();
    for tasks in &plan.sizes {
        let seed = Seed::of(*tasks);
        let figures = on_ground(context, |ground| measure(ground, seed, plan))?;
        line("");
        line(&format!(
            "{tasks} tasks, {} of them one user's:",
            seed.heavy()
        ));
        line("");
        line(&table(&figures));
        line("");
        all.push((*tasks, figures));
    }
    if let Some(((least, among_few), others)) = all.split_first() {
        for (tasks, figures) in others {
            line(&format!("{tasks} tasks beside {least}:"));
            line("");
            line(&beside(among_few, figures));
            line("");
        }
    }
    if !processor::can_pin() {
        line("Server and load could not be kept on cores of their own: the figures say little.");
    }
    Ok(())
}

fn measure(ground: &Ground<'_>, seed: Seed, plan: &Plan) -> Result<Vec<Figures>, Stop> {
    seed.plant(ground)?;
    let (api, url) = ground.api(&[])?;
    let rows = rows(ground, seed, &url)?;
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); rows.len()];
    // In turn, so that what slows the machine down slows all of them. The first round warms up.
    let measured = (0..=plan.rounds).try_for_each(|round| {
        for (row, samples) in rows.iter().zip(&mut samples) {
            let sample = row.measure(ground, &api, &url, plan)?;
            if row.changes {
                seed.mend(ground)?;
            }
            if round > 0 {
                samples.push(sample);
            }
        }
        line(&format!("round {round} of {} done", plan.rounds));
        Ok(())
    });
    for row in &rows {
        // They hold tokens. Beside the binaries, where an old one does no harm.
        let _ = fs::remove_file(&row.requests);
    }
    measured?;
    let figures = rows.iter().zip(&samples);
    Ok(figures
        .map(|(row, samples)| Figures::of(row.what, samples))
        .collect())
}

/// One kind of request.
struct Row {
    what: &'static str,
    /// A file of them, as [`Script::Listed`] reads it.
    requests: PathBuf,
    count: u32,
    /// Whether they leave something behind.
    changes: bool,
}

fn rows(ground: &Ground<'_>, seed: Seed, url: &str) -> Result<Vec<Row>, Stop> {
    const FIRST_PAGE: &str = "/api/v1/me/tasks?limit=20";
    let tokens = fs::read_to_string(&ground.tokens).map_err(Stop::failed)?;
    let tokens: Vec<&str> = tokens.lines().collect();
    let (heavy, others) = tokens
        .split_first()
        .ok_or_else(|| Stop::failed("there are no tokens"))?;
    let others = &others[..others.len().min(seed.others.min(ACTIVE) as usize)];
    let deep = format!(
        "{FIRST_PAGE}&cursor={}",
        cursor_at(url, heavy, u64::from(seed.heavy()) * 9 / 10)?
    );
    let each = |token: &&str, path: &str| get(path, token);
    let some_tasks = some_tasks(ground, others)?;
    let created = others.iter().map(|token| {
        let body = r#"{"title":"Made by the load","description":"With a few words of text.","priority":"high","due_date":"2026-12-31T12:00:00Z"}"#;
        format!("POST\t/api/v1/me/tasks\t{token}\t{body}")
    });
    let changed = some_tasks.iter().map(|(token, path)| {
        format!(
            "PATCH\t{path}\t{token}\t{}",
            r#"{"title":"Changed by the load","priority":"low"}"#
        )
    });
    let row = |what, name: &str, changes, requests: Vec<String>| -> Result<Row, Stop> {
        let file = private_file(ground.context, name)?;
        fs::write(&file, requests.join("\n")).map_err(Stop::failed)?;
        Ok(Row {
            what,
            requests: file,
            count: requests.len().try_into().unwrap_or(u32::MAX),
            changes,
        })
    };
    Ok(vec![
        row(
            "first page of 20",
            "first-pages",
            false,
            others.iter().map(|token| each(token, FIRST_PAGE)).collect(),
        )?,
        row(
            "first page of 20, of the user with many",
            "first-page",
            false,
            vec![each(heavy, FIRST_PAGE)],
        )?,
        row(
            "page of 20 at 90 %, of the user with many",
            "deep-page",
            false,
            vec![each(heavy, &deep)],
        )?,
        row(
            "one task",
            "single-tasks",
            false,
            some_tasks
                .iter()
                .map(|(token, path)| get(path, token))
                .collect(),
        )?,
        row("create", "new-tasks", true, created.collect())?,
        row("patch", "changed-tasks", true, changed.collect())?,
    ])
}

/// At most so many users ask at the same time.
const ACTIVE: u32 = 1_000;
const _: () = assert!(ACTIVE < USERS);

fn get(path: &str, token: &str) -> String {
    format!("GET\t{path}\t{token}\t")
}

/// The cursor of the page after the first so many tasks, as a client comes by it: from page to page.
fn cursor_at(url: &str, token: &str, tasks: u64) -> Result<String, Stop> {
    /// The most that there can be on a page.
    const AT_ONCE: u64 = 200;
    const PATIENCE: Duration = Duration::from_secs(10);
    let port = url
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok())
        .ok_or_else(|| Stop::failed(format!("{url} names no port")))?;
    let (mut path, mut passed) = (String::new(), 0);
    loop {
        let limit = AT_ONCE.min(tasks - passed);
        let page = format!("/api/v1/me/tasks?limit={limit}{path}");
        let (status, body) = http::get(port, &page, token, PATIENCE).map_err(Stop::failed)?;
        let cursor = text_member(&body, "next_cursor").filter(|_| status == 200);
        let cursor = cursor
            .ok_or_else(|| Stop::failed(format!("after {passed} tasks: {status} and no cursor")))?;
        passed += limit;
        if passed == tasks {
            return Ok(cursor.to_owned());
        }
        path = format!("&cursor={cursor}");
    }
}

/// A text without escapes in a JSON object that has one such member.
fn text_member<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = json.split_once(&format!("\"{name}\":\""))?;
    Some(after.split_once('"')?.0)
}

/// Five tasks of each user, with their owner's token: the paths of a first one each, then of a second.
fn some_tasks<'t>(ground: &Ground<'_>, others: &[&'t str]) -> Result<Vec<(&'t str, String)>, Stop> {
    let sql = format!(
        "SELECT user_id, id
           FROM (SELECT user_id, id, row_number() OVER (PARTITION BY user_id ORDER BY md5(id::text)) AS nth
                   FROM app.tasks
                  WHERE user_id BETWEEN lpad(to_hex(2), 32, '0')::uuid AND lpad(to_hex({}), 32, '0')::uuid) AS t
          WHERE nth <= 5 ORDER BY nth, user_id",
        others.len() + 1
    );
    let lines = ground.psql(&["--command", &sql])?;
    let read = |line: &String| {
        let (user, task) = line.split_once('|')?;
        let user = usize::from_str_radix(&user.replace('-', ""), 16).ok()?;
        Some((*others.get(user - 2)?, format!("/api/v1/me/tasks/{task}")))
    };
    let tasks: Vec<_> = lines.iter().filter_map(read).collect();
    match tasks.is_empty() {
        true => Err(Stop::failed("there are no tasks")),
        false => Ok(tasks),
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    measured: Measured,
    /// Processor time per request.
    server: Option<Duration>,
    postgres: Option<Duration>,
    /// Which part of its core the server used.
    busy: Option<f64>,
}

impl Row {
    fn measure(
        &self,
        ground: &Ground<'_>,
        api: &Program<'_>,
        url: &str,
        plan: &Plan,
    ) -> Result<Sample, Stop> {
        const CONNECTIONS: u32 = 32;
        let load = Load {
            url: url.to_owned(),
            script: Script::Listed,
            tokens: Some(&self.requests),
            count: self.count,
            connections: CONNECTIONS,
            pause: Duration::ZERO,
            at_most: Duration::from_secs(u64::from(plan.seconds)),
        };
        let (server, postgres) = (api.processor_time(), ground.postgres_times());
        let measured = load.run(ground.context)?;
        let server = server.and_then(|before| Some(api.processor_time()?.saturating_sub(before)));
        let postgres = postgres.and_then(|before| Some(ground.postgres_times()?.since(&before)));
        if measured.bad > 0 {
            let (what, bad) = (self.what, measured.bad);
            return Err(Stop::failed(format!("{what}: {bad} requests went wrong")));
        }
        let each = |used: Duration| used.div_f64(measured.requests as f64);
        Ok(Sample {
            measured,
            server: server.map(each),
            postgres: postgres.map(each),
            busy: server.map(|used| used.as_secs_f64() / measured.took.as_secs_f64()),
        })
    }
}

/// What is told of one row: its best round, in which the machine did the least besides.
#[derive(Debug, Clone)]
struct Figures {
    what: &'static str,
    speed: f64,
    p50: Duration,
    p99: Duration,
    server: Option<Duration>,
    postgres: Option<Duration>,
    busy: Option<f64>,
}

impl Figures {
    fn of(what: &'static str, samples: &[Sample]) -> Figures {
        let speed = |sample: &&Sample| sample.measured.per_second();
        let best = samples.iter().max_by(|a, b| speed(a).total_cmp(&speed(b)));
        let measured = best.map(|best| best.measured).unwrap_or_default();
        Figures {
            what,
            speed: best.map(|best| speed(&best)).unwrap_or_default(),
            p50: measured.p50,
            p99: measured.p99,
            server: samples.iter().filter_map(|sample| sample.server).min(),
            postgres: samples.iter().filter_map(|sample| sample.postgres).min(),
            busy: best.and_then(|best| best.busy),
        }
    }
}

fn table(figures: &[Figures]) -> String {
    let micros = |cost: Option<Duration>| {
        cost.map_or(String::new(), |cost| {
            format!("{:.1}", cost.as_secs_f64() * 1e6)
        })
    };
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|row| {
            vec![
                row.what.to_owned(),
                format!("{:.0}", row.speed),
                millis(row.p50),
                millis(row.p99),
                micros(row.server),
                micros(row.postgres),
                row.busy
                    .map_or(String::new(), |busy| format!("{:.0} %", 100.0 * busy)),
            ]
        })
        .collect();
    markdown(
        &[
            "what",
            "requests/s",
            "p50",
            "p99",
            "server µs/request",
            "PostgreSQL µs/request",
            "server's core",
        ],
        &rows,
    )
}

/// How many times as long, and as dear, the same is among more tasks.
fn beside(few: &[Figures], many: &[Figures]) -> String {
    let ratio = |few: Option<Duration>, many: Option<Duration>| {
        let ratio = few.zip(many).filter(|(few, _)| !few.is_zero());
        ratio.map_or(String::new(), |(few, many)| {
            format!("{:.2}", many.div_duration_f64(few))
        })
    };
    let rows: Vec<Vec<String>> = few
        .iter()
        .zip(many)
        .map(|(few, many)| {
            vec![
                few.what.to_owned(),
                ratio(Some(few.p50), Some(many.p50)),
                ratio(few.server, many.server),
                ratio(few.postgres, many.postgres),
            ]
        })
        .collect();
    markdown(&["what", "p50", "server", "PostgreSQL"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_and_null_is_none() {
        let page = r#"{"items":[{"title":"x"}],"limit":20,"next_cursor":"abc_-","has_more":true}"#;
        assert_eq!(text_member(page, "next_cursor"), Some("abc_-"));
        for json in [r#"{"next_cursor":null}"#, "", r#"{"next_cursor":"cut"#] {
            assert_eq!(text_member(json, "next_cursor"), None, "{json}");
        }
    }

    #[test]
    fn more_tasks_are_compared_with_few_row_by_row() {
        let figures = |p50, postgres| Figures {
            what: "first page",
            speed: 1.0,
            p50: Duration::from_millis(p50),
            p99: Duration::ZERO,
            server: None,
            postgres: Some(Duration::from_micros(postgres)),
            busy: None,
        };
        let text = beside(&[figures(4, 100)], &[figures(5, 130)]);
        let last = text.lines().last().unwrap();
        let cells: Vec<&str> = last.split('|').map(str::trim).collect();
        assert_eq!(cells, ["", "first page", "1.25", "", "1.30", ""]);
    }
}
