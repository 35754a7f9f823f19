//! All of a user's data, out: as lines and as a calendar.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_door::{Answer, Ask};
use uuid::Uuid;

use super::{act::Act, person::Task};

/// How many exports are remembered.
const REMEMBERED: usize = 4;

impl Act<'_> {
    /// An export that goes around among the others.
    pub async fn export(&mut self) {
        let lines = self.is_exported().await;
        let exports = &mut self.world.borrow_mut().shared[self.me.place].exports;
        exports.truncate(REMEMBERED - 1);
        exports.insert(0, lines);
    }

    /// What is exported is what there is.
    pub async fn is_exported(&mut self) -> Vec<Value> {
        let lines = self.read_export().await;
        for line in &lines[1..lines.len() - 1] {
            self.look_at_line(line);
        }
        self.is_export(&lines);
        lines
    }

    pub async fn read_export(&mut self) -> Vec<Value> {
        let ask = self.me.dice.pick(&["/export", "/export?format=ndjson"]);
        let ask = self.mine(Ask::get(ask));
        let answer = self.ask("export", &ask).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        lines_of(&answer)
    }

    /// Takes over what only the server knew.
    fn look_at_line(&mut self, line: &Value) {
        let row = &line[line["type"].as_str().unwrap()];
        let id: Uuid = row["id"].as_str().unwrap().parse().unwrap();
        match line["type"].as_str() {
            Some("tag") => self.learn_times(id, row),
            _ => self.settle(id, row),
        }
    }

    /// Every line of it, and no other.
    pub fn is_export(&self, lines: &[Value]) {
        let mut expected = vec![json!({
            "type": "export", "version": 1, "user_id": self.me.id, "exported_at": lines[0]["exported_at"],
        })];
        let tags = self.me.tags.keys();
        expected.extend(tags.map(|id| json!({"type": "tag", "tag": self.shown_tag(*id, None)})));
        for (id, task) in &self.me.tasks {
            let mut line = json!({"type": "task", "task": self.shown(*id)});
            if let Some(series) = &task.series {
                line["recurs_from"] = json!(series.from);
            }
            expected.push(line);
        }
        let (tags, tasks) = (self.me.tags.len(), self.me.tasks.len());
        expected.push(json!({"type": "end", "tags": tags, "tasks": tasks}));
        for (line, expected) in lines.iter().zip(&expected) {
            assert_eq!(line, expected);
        }
        assert_eq!(lines.len(), expected.len());
    }

    /// Every task that is not in the trash is a to-do, and nothing else is.
    pub async fn calendar(&mut self) {
        let ask = Ask::get("/export?format=ics").header("accept", "text/calendar");
        let ask = self.mine(ask);
        let answer = self.ask("export a calendar", &ask).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = answer.text.replace("\r\n ", "");
        let mut todos = BTreeMap::new();
        for part in text.split("BEGIN:VTODO\r\n").skip(1) {
            let (todo, _) = part.split_once("END:VTODO\r\n").unwrap();
            let (todo, _) = todo.split_once("BEGIN:VALARM\r\n").unwrap_or((todo, ""));
            let fields: BTreeMap<&str, &str> = todo
                .lines()
                .map(|line| line.split_once(':').unwrap())
                .map(|(name, value)| (name.split(';').next().unwrap(), value))
                .collect();
            let id: Uuid = fields["UID"].parse().unwrap();
            assert!(todos.insert(id, fields).is_none(), "{id} is there twice");
        }
        let live: BTreeMap<&Uuid, &Task> = self.me.live().collect();
        assert!(todos.keys().eq(live.keys().copied()), "{text}");
        for (id, task) in live {
            let todo = &todos[id];
            let status = match task.completed_at {
                Some(_) => "COMPLETED",
                None => "NEEDS-ACTION",
            };
            assert_eq!(
                (todo["SUMMARY"], todo["STATUS"], todo["SEQUENCE"]),
                (&*task.title, status, &*(task.version - 1).to_string())
            );
            let rule = task.series.as_ref().map(|series| series.rule.shown());
            let rule = rule.as_ref().and_then(|rule| rule["rrule"].as_str());
            assert_eq!(todo.get("RRULE").copied(), rule);
            assert_eq!(todo.contains_key("DUE"), task.due_date.is_some());
            let parent = task.parent_id.map(|parent| parent.to_string());
            assert_eq!(todo.get("RELATED-TO").copied(), parent.as_deref());
            assert_eq!(todo.contains_key("CATEGORIES"), !task.tags.is_empty());
        }
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    }
}

pub fn lines_of(answer: &Answer) -> Vec<Value> {
    let lines = answer.text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
