//! Imports: exports as others made them, in one's own words, with something wrong here and there.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{WORDS, act::Act};

/// An import, as it is sent and as it is meant.
#[derive(Debug)]
pub struct Import {
    pub lines: Vec<String>,
    /// Those that are right, each with its number.
    pub rows: Vec<(usize, Value)>,
    /// What is wrong with lines as they stand: pointers and codes.
    pub faults: Vec<String>,
    pub tags: usize,
    pub tasks: usize,
}

impl Import {
    /// Of the last line, or of one after it.
    fn fault(&mut self, after: usize, fault: &str) {
        self.faults
            .push(format!("/{}{fault}", self.lines.len() + after));
    }
}

impl Act<'_> {
    /// Lines of that export in one's own words: all, or some of the tasks and the tags that these name.
    pub fn any_import(&mut self, from: usize, export: &[Value]) -> Import {
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
}
