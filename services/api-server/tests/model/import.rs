//! Data come in: one's own of another day, or somebody else's, whole or a part, with wrong lines among them.

mod lines;
mod taken;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use test_door::{Answer, Ask};
use uuid::Uuid;

use self::{lines::Import, taken::Lost};
use super::{act::Act, transfer::lines_of};

impl Act<'_> {
    pub async fn import(&mut self) {
        let own = self.me.dice.chance(50);
        let from = if own { self.me.place } else { self.another() };
        let exports = self.world.borrow().shared[from].exports.clone();
        let Some(lines) = self.me.dice.any(exports) else {
            return self.export().await;
        };
        let import = self.any_import(from, &lines);
        // One has very many tags, which are to stay.
        let replaces = (own || self.me.place != 0) && self.me.dice.chance(30);
        let dry_run = self.me.dice.chance(20);
        self.send_import(&import, replaces, dry_run).await;
    }

    async fn send_import(&mut self, import: &Import, replaces: bool, dry_run: bool) {
        let mut query = Vec::new();
        if replaces || self.me.dice.chance(50) {
            query.push(if replaces {
                "mode=replace"
            } else {
                "mode=merge"
            });
        }
        if dry_run || self.me.dice.chance(20) {
            query.push(if dry_run {
                "dry_run=true"
            } else {
                "dry_run=false"
            });
        }
        let end = self.me.dice.pick(&["\n", "\r\n", "\n\n"]);
        let lines: String = import.lines.iter().flat_map(|line| [line, end]).collect();
        let ask = Ask::post(format!("/import?{}", query.join("&")).trim_end_matches('?'))
            .body("application/x-ndjson", lines);
        let told_on_the_way = self.me.dice.chance(20);
        let ask = match told_on_the_way {
            true => ask.header("accept", "application/x-ndjson"),
            false => ask,
        };
        let ask = self.mine(ask);
        let answer = self.ask("import", &ask).await;
        let (status, body) = outcome(&answer, told_on_the_way);
        // Two at a time, whoever they are of.
        if body["code"] == "import_busy" {
            return self.saw("imports that others were before", 1);
        }
        // Empty lines count.
        let step = if end == "\n\n" { 2 } else { 1 };
        let numbered = |line: usize| step * (line - 1) + 1;
        let told: BTreeSet<String> = errors(&body).into_iter().collect();
        if !import.faults.is_empty() {
            let faults = import
                .faults
                .iter()
                .map(|fault| renumbered(fault, numbered));
            assert_eq!((status, told), (422, faults.collect()), "{body}");
            self.saw("imports with wrong lines", 1);
            return self.is_untouched().await;
        }
        let before = self.me.before();
        let first_version = i64::try_from(self.me.last_seq()).unwrap() + 1;
        let taken = self.take(import, replaces, first_version);
        if let Err(Lost(lines)) = taken {
            let may_be =
                |line: &usize| format!("/{}/task/parent_id parent_not_found", numbered(*line));
            let may_be: BTreeSet<String> = lines.iter().map(may_be).collect();
            assert_eq!((status, told.len()), (422, 1), "{body}");
            assert!(told.is_subset(&may_be), "{told:?} is none of {may_be:?}");
            self.me.go_back(before);
            self.saw("imports with tasks below none", 1);
            return self.is_untouched().await;
        }
        let lines = step * import.lines.len();
        let report =
            json!({"lines": lines, "tags": import.tags, "tasks": import.tasks, "dry_run": dry_run});
        assert_eq!((status, &body), (200, &report));
        if dry_run {
            self.me.go_back(before);
            return self.is_untouched().await;
        }
        let me = self.me.id;
        self.me.happened([("import.done", me, 1)]);
        self.saw("tasks that came in", import.tasks);
        self.look_at_all().await;
    }

    /// Nothing half done.
    async fn is_untouched(&mut self) {
        self.is_exported().await;
    }

    /// Reads all that there is now: with which ids tags were made whose own were taken, and when that was.
    async fn look_at_all(&mut self) {
        for id in self.ids_brought() {
            self.world.borrow_mut().bring(id, self.me.place);
        }
        let lines = self.read_export().await;
        for line in &lines {
            let tag = &line["tag"];
            if let (Some(name), Some(id)) = (tag["name"].as_str(), tag["id"].as_str()) {
                let known = self.tag_named(name).expect("a tag of one's own");
                self.me.rename_tag(known, id.parse().unwrap());
            }
        }
        self.me.put_in_order();
        let exported: Vec<Uuid> = self.me.tasks.keys().copied().collect();
        for line in &lines {
            let task = &line["task"];
            let id = task["id"].as_str().map(|id| id.parse::<Uuid>().unwrap());
            if let Some(id) = id {
                assert!(exported.contains(&id), "{id} was not imported");
                self.is_shown(task, id);
            } else if let Some(id) = line["tag"]["id"].as_str() {
                self.learn_times(id.parse().unwrap(), &line["tag"]);
            }
        }
        self.is_export(&lines);
        self.is_in_order();
    }

    /// Ids that an import may have given to this user. Positions may look like some, too.
    fn ids_brought(&self) -> Vec<Uuid> {
        let tasks = self.me.tasks.iter().flat_map(|(id, task)| {
            let position = task.position.as_ref();
            let position = position.and_then(|position| position.parse().ok());
            [Some(*id), task.next_occurrence_id, position]
        });
        let tags = self.me.tags.keys().copied();
        tasks.flatten().chain(tags).collect()
    }
}

/// How it ended, which is the last thing that is told.
fn outcome(answer: &Answer, told_on_the_way: bool) -> (u16, Value) {
    if !told_on_the_way || answer.status != 200 {
        return (answer.status.as_u16(), answer.body.clone());
    }
    let mut last = lines_of(answer).pop().unwrap();
    match last["problem"].take() {
        Value::Null => (200, last["result"].take()),
        problem => {
            let status = problem["status"].as_u64().unwrap();
            (u16::try_from(status).unwrap(), problem)
        }
    }
}

fn errors(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value, member: &str| error[member].as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|error| format!("{} {}", text(error, "pointer"), text(error, "code")))
        .collect()
}

/// The same fault where each line has another number.
fn renumbered(fault: &str, numbered: impl Fn(usize) -> usize) -> String {
    let digits = fault[1..].find(['/', ' ']).unwrap() + 1;
    let line = fault[1..digits].parse().unwrap();
    format!("/{}{}", numbered(line), &fault[digits..])
}
