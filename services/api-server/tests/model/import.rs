//! Data come in: one's own of another day, or somebody else's, whole or a part, with wrong lines among them.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use test_door::{Answer, Ask};
use uuid::Uuid;

use super::{
    WORDS,
    act::Act,
    moment::UNKNOWN,
    person::{PRIORITIES, Person, Tag, Task},
    recurrence::{Rule, Series},
    shown::time,
    transfer::lines_of,
};

const MOST_LEVELS: usize = 5;

/// An import, as it is sent and as it is meant.
#[derive(Debug)]
struct Import {
    lines: Vec<String>,
    /// Those that are right, each with its number.
    rows: Vec<(usize, Value)>,
    /// What is wrong with lines as they stand: pointers and codes.
    faults: Vec<String>,
    tags: usize,
    tasks: usize,
}

/// What is wrong with an import beside what is there, and with which lines it may be told.
#[derive(Debug)]
struct Lost(Vec<usize>);

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

    /// Lines of that export in one's own words: all, or some of the tasks and the tags that these name.
    fn any_import(&mut self, from: usize, export: &[Value]) -> Import {
        let (theirs, mine) = (WORDS[from], self.me.word);
        let mut tasks: Vec<Value> = Vec::new();
        let share = self.me.dice.pick(&[5, 20, 20, 50, 100]);
        let mut tags: Vec<Value> = Vec::new();
        for line in export {
            let line: Value =
                serde_json::from_str(&line.to_string().replace(theirs, mine)).unwrap();
            match line["type"].as_str() {
                Some("task") if self.me.dice.chance(share) => tasks.push(line),
                Some("tag") => tags.push(line),
                _ => {}
            }
        }
        let named: BTreeSet<String> = tasks
            .iter()
            .flat_map(|line| line["task"]["tags"].as_array().unwrap())
            .map(|tag| tag["id"].as_str().unwrap().to_owned())
            .collect();
        tags.retain(|line| share == 100 || named.contains(line["tag"]["id"].as_str().unwrap()));
        let mut lines = Vec::new();
        if self.me.dice.chance(80) {
            lines.push(export[0].clone());
        }
        lines.extend(tags);
        lines.extend(tasks);
        self.spoil_import(&lines)
    }

    /// Makes some lines wrong, sometimes, and adds the last one.
    fn spoil_import(&mut self, rows: &[Value]) -> Import {
        let mut import = Import {
            lines: Vec::new(),
            rows: Vec::new(),
            faults: Vec::new(),
            tags: 0,
            tasks: 0,
        };
        let spoils = self.me.dice.chance(25);
        for row in rows {
            if spoils && self.me.dice.chance(10) {
                self.add_garbage(&mut import);
            }
            let mut row = row.clone();
            if spoils && row["type"] == "task" && self.me.dice.chance(10) {
                self.spoil_line(&mut row, &mut import);
                continue;
            }
            import.lines.push(row.to_string());
            match row["type"].as_str() {
                Some("tag") => import.tags += 1,
                Some("task") => import.tasks += 1,
                _ => {}
            }
            import.rows.push((import.lines.len(), row));
        }
        // There may be one more than were counted, or none at all.
        let fault = if spoils { self.me.dice.below(5) } else { 5 };
        let (tags, tasks) = (import.tags, import.tasks + usize::from(fault == 0));
        if fault != 1 {
            let end = json!({"type": "end", "tags": tags, "tasks": tasks});
            import.lines.push(end.to_string());
        }
        match fault {
            0 => import.fault(0, " incomplete"),
            // One is told of the line that is not there, unless another is wrong already.
            1 if import.faults.is_empty() => import.fault(1, " incomplete"),
            2 => {
                import
                    .lines
                    .push(json!({"type": "end", "tags": tags, "tasks": tasks}).to_string());
                import.fault(0, "/type unknown_value");
            }
            _ => {}
        }
        import
    }

    fn add_garbage(&mut self, import: &mut Import) {
        let (line, fault) = self.me.dice.pick(&[
            ("{\"type\": \"task\", ", " malformed_json"),
            ("[]", " wrong_type"),
            ("{\"type\": \"note\"}", "/type unknown_value"),
            (
                "{\"type\": \"export\", \"version\": 2}",
                "/version unknown_value",
            ),
            (
                "{\"type\": \"tag\", \"tag\": {\"name\": \" \"}}",
                "/tag/name blank",
            ),
            ("{\"type\": \"tag\", \"tag\": []}", "/tag wrong_type"),
        ]);
        import.lines.push(line.to_owned());
        import.fault(0, fault);
    }

    fn spoil_line(&mut self, row: &mut Value, import: &mut Import) {
        let tags = row["task"]["tags"].as_array().unwrap().len();
        // What can be read as a task is counted as one.
        match self.me.dice.below(4) {
            0 => {
                row["task"]["title"] = json!("\t");
                import.lines.push(row.to_string());
                import.fault(0, "/task/title blank");
            }
            1 => {
                row["task"]["id"] = json!("7");
                import.lines.push(row.to_string());
                import.fault(0, "/task/id invalid_id");
            }
            2 => {
                let lost = json!({"id": Uuid::now_v7()});
                row["task"]["tags"].as_array_mut().unwrap().push(lost);
                import.lines.push(row.to_string());
                import.tasks += 1;
                import.fault(0, &format!("/task/tags/{tags} tag_not_found"));
            }
            _ => {
                import.lines.push(row.to_string());
                import.rows.push((import.lines.len(), row.clone()));
                import.lines.push(row.to_string());
                import.tasks += 2;
                import.fault(0, "/task/id duplicate_id");
            }
        }
    }

    /// What there is after the import; or why it cannot be.
    fn take(&mut self, import: &Import, replaces: bool, first_version: i64) -> Result<(), Lost> {
        self.me.moment = UNKNOWN;
        if replaces {
            self.me.tasks.clear();
            self.me.tags.clear();
            self.me.order.clear();
        }
        let mut tags = HashMap::new();
        let mut parents = Vec::new();
        for (line, row) in &import.rows {
            match row["type"].as_str() {
                Some("tag") => {
                    let (there, here) = self.take_tag(&row["tag"], first_version);
                    tags.insert(there, here);
                }
                Some("task") => {
                    let id = self.me.take_task(row, &tags, first_version);
                    self.share(id);
                    parents
                        .extend(id_of(&row["task"]["parent_id"]).map(|parent| (*line, id, parent)));
                }
                _ => {}
            }
        }
        for (line, id, parent) in &parents {
            let in_trash = self.me.tasks[id].deleted_at.is_some();
            let above = self.me.tasks.get(parent);
            if !above.is_some_and(|above| in_trash || above.deleted_at.is_none()) {
                return Err(Lost(vec![*line]));
            }
        }
        for (_, id, parent) in &parents {
            self.me.tasks.get_mut(id).unwrap().parent_id = Some(*parent);
        }
        if self.me.is_tangled() {
            return Err(Lost(parents.iter().map(|(line, ..)| *line).collect()));
        }
        let orphans: Vec<Uuid> = self
            .me
            .live()
            .filter(|(_, task)| {
                task.parent_id
                    .is_some_and(|parent| !self.me.is_live(parent))
            })
            .map(|(id, _)| *id)
            .collect();
        self.saw("tasks that lost what was above them", orphans.len());
        for id in orphans {
            let moment = self.me.moment;
            let task = self.me.tasks.get_mut(&id).unwrap();
            task.parent_id = None;
            task.touch(moment);
        }
        Ok(())
    }

    /// The id of the tag there and here: one with the same name is the same.
    fn take_tag(&mut self, shown: &Value, version: i64) -> (Uuid, Uuid) {
        let there = id_of(&shown["id"]).unwrap();
        let name = shown["name"].as_str().unwrap();
        if let Some(here) = self.tag_named(name) {
            return (there, here);
        }
        let taken = self.me.tags.contains_key(&there);
        let here = if taken { Uuid::now_v7() } else { there };
        let tag = Tag {
            name: name.to_owned(),
            color: shown["color"].as_str().unwrap().to_owned(),
            first_version: version,
            version,
            times: None,
        };
        self.me.tags.insert(here, tag);
        self.world.borrow_mut().shared[self.me.place]
            .tags
            .push(here);
        (there, here)
    }
}

impl Import {
    /// Of the last line, or of one after it.
    fn fault(&mut self, after: usize, fault: &str) {
        self.faults
            .push(format!("/{}{fault}", self.lines.len() + after));
    }
}

impl Person {
    fn take_task(&mut self, line: &Value, tags: &HashMap<Uuid, Uuid>, version: i64) -> Uuid {
        let shown = &line["task"];
        let at = |value: &Value| (!value.is_null()).then(|| time(value));
        let text = |member: &str| shown[member].as_str().map(str::to_owned);
        let id = id_of(&shown["id"]).unwrap();
        let rank = PRIORITIES
            .iter()
            .position(|name| shown["priority"] == *name);
        let reminder_at = at(&shown["reminder_at"]);
        let named = shown["tags"].as_array().unwrap().iter();
        let named = named.map(|tag| tags[&id_of(&tag["id"]).unwrap()]);
        let mut task = Task {
            title: text("title").unwrap(),
            description: text("description"),
            completed_at: at(&shown["completed_at"]),
            priority: rank.unwrap(),
            due_date: at(&shown["due_date"]),
            reminder_at,
            // Nobody is told of what is past.
            reminded_at: reminder_at.filter(|time| *time <= jiff::Timestamp::now()),
            series: Rule::read(&shown["recurrence"]).map(|rule| Series {
                rule,
                from: time(&line["recurs_from"]),
            }),
            next_occurrence_id: id_of(&shown["next_occurrence_id"]),
            parent_id: None,
            position: text("position").filter(|position| *position != id.to_string()),
            tags: named.collect(),
            version,
            created_at: time(&shown["created_at"]),
            updated_at: self.moment,
            deleted_at: at(&shown["deleted_at"]),
            marks: HashMap::new(),
        };
        if let Some(was) = self.tasks.remove(&id) {
            task.version = was.version;
            task.updated_at = was.updated_at;
            task.created_at = was.created_at;
            task.marks = was.marks;
            task.touch(self.moment);
        }
        self.tasks.insert(id, task);
        id
    }

    /// Whether a task stands below itself, or too deep.
    fn is_tangled(&self) -> bool {
        self.tasks.keys().any(|id| {
            let above = |id: &Uuid| self.tasks.get(id).and_then(|task| task.parent_id);
            let line = std::iter::successors(Some(*id), above);
            line.take(MOST_LEVELS + 1).count() > MOST_LEVELS
        })
    }

    fn rename_tag(&mut self, old: Uuid, new: Uuid) {
        if old == new {
            return;
        }
        let tag = self.tags.remove(&old).unwrap();
        assert!(self.tags.insert(new, tag).is_none(), "another tag's id");
        for task in self.tasks.values_mut() {
            if task.tags.remove(&old) {
                task.tags.insert(new);
            }
        }
    }
}

fn id_of(value: &Value) -> Option<Uuid> {
    value.as_str().map(|text| text.parse().unwrap())
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
