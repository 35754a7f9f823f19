//! Several changes in one request: each of them is judged and done in the model as a request of its own would be.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    act::Act,
    draft::{Draft, Purpose},
    target::Target,
    trees::Events,
};
use test_door::{Answer, Ask};

/// One change, as it is asked for and as it is meant.
#[derive(Debug)]
struct Operation {
    json: Value,
    target: Option<Target>,
    /// The version that the task must have.
    wanted: Option<i64>,
    deed: Deed,
    /// What is wrong with it as it stands: pointer and code.
    fault: Option<String>,
}

#[derive(Debug)]
enum Deed {
    Create(Draft),
    Change(Draft),
    Delete,
    Restore,
    Purge,
}

/// Why a change is not made.
#[derive(Debug)]
struct Refused {
    status: u16,
    code: &'static str,
    /// Below the body.
    errors: Vec<String>,
}

impl Operation {
    fn completes(&self) -> bool {
        matches!(&self.deed, Deed::Change(draft) if draft.completed == Some(true))
    }
}

impl Refused {
    fn invalid(error: &str) -> Self {
        Self {
            status: 422,
            code: "validation_failed",
            errors: vec![error.to_owned()],
        }
    }

    fn is_told(&self, told: &Value) {
        let problem = &told["problem"];
        assert_eq!(
            (&told["status"], &problem["status"], &problem["code"]),
            (&json!(self.status), &json!(self.status), &json!(self.code)),
            "{told}"
        );
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, member: &str| error[member].as_str().unwrap().to_owned();
        let errors: Vec<String> = errors
            .iter()
            .map(|error| format!("{} {}", text(error, "pointer"), text(error, "code")))
            .collect();
        assert_eq!(errors, self.errors);
        assert_eq!(
            (&told["task"], &told["next_occurrence"]),
            (&Value::Null, &Value::Null)
        );
    }
}

impl Act<'_> {
    pub async fn change_several(&mut self) {
        let atomic = self.me.dice.chance(50);
        let operations = self.operations();
        let told: Vec<&Value> = operations.iter().map(|operation| &operation.json).collect();
        let mut body = json!({"operations": told});
        if !atomic || self.me.dice.chance(50) {
            body["atomic"] = json!(atomic);
        }
        let ask = self.mine(Ask::post("/tasks/batch").json(&body));
        let (ask, key) = self.key(ask);
        let answer = self.ask("change several", &ask).await;
        self.keep(key, &ask, &answer);
        match atomic {
            true => self.all_or_none(&operations, &answer),
            false => self.each_by_itself(&operations, &answer),
        }
        self.learn().await;
    }

    fn operations(&mut self) -> Vec<Operation> {
        // Tasks that were made by the same request and are gone for good with it are known by nobody.
        let completes = self.me.dice.chance(75);
        let many = 1 + self.me.dice.below(4);
        let mut operations: Vec<_> = (0..many).map(|_| self.operation(completes)).collect();
        if self.me.dice.chance(15) {
            let place = self.me.dice.below(many);
            self.spoil_operation(&mut operations[place]);
        }
        operations
    }

    fn operation(&mut self, completes: bool) -> Operation {
        let kind = self.me.dice.below(20);
        let target = match kind {
            0..5 => return self.creation(),
            5..9 => self.task(),
            9..14 => self.task_to_complete(),
            14..17 => self.task_or_parent(),
            _ => self.any_task(),
        };
        let (op, deed) = match kind {
            5..8 => ("patch", Deed::Change(self.draft(Purpose::Part))),
            8 => ("replace", Deed::Change(self.whole_draft(target))),
            9..12 => ("complete", Deed::Change(Draft::completing(true))),
            12 | 13 => ("reopen", Deed::Change(Draft::completing(false))),
            14..17 => ("delete", Deed::Delete),
            17 if !completes => ("purge", Deed::Purge),
            _ => ("restore", Deed::Restore),
        };
        let mut fault = None;
        let mut json = json!({"op": op, "id": target.text()});
        if matches!(target, Target::NoId(_)) {
            fault = Some("/id invalid_id".to_owned());
        }
        if let ("patch" | "replace", Deed::Change(draft)) = (op, &deed) {
            json["body"] = Value::Object(draft.body.clone());
            // The envelope comes first.
            fault = fault.or_else(|| draft.fault_below("/body"));
        }
        let wanted = self.wanted(target);
        if let Some(version) = wanted {
            let entity_tag = target.id().and_then(|id| {
                let current = self.me.tasks[&id].version == version;
                self.etag(id).filter(|_| current)
            });
            let plain = format!("\"{version}\"");
            let tags = [entity_tag.unwrap_or_else(|| plain.clone()), plain];
            json["if_match"] = json!(self.me.dice.pick(&tags));
        }
        let operation = Operation {
            json,
            target: Some(target),
            wanted,
            deed,
            fault,
        };
        match operation.completes() && !completes {
            true => self.creation(),
            false => operation,
        }
    }

    /// What is made is open, or was completed from the beginning: nothing comes of that.
    fn creation(&mut self) -> Operation {
        let draft = self.draft(Purpose::New);
        Operation {
            json: json!({"op": "create", "body": draft.body}),
            target: None,
            wanted: None,
            fault: draft.fault_below("/body"),
            deed: Deed::Create(draft),
        }
    }

    /// The version that the task has, sometimes, or had.
    fn wanted(&mut self, target: Target) -> Option<i64> {
        let version = target.id().map_or(1, |id| self.me.tasks[&id].version);
        match self.me.dice.below(10) {
            0..3 => Some(version),
            3 => Some(version - 1),
            _ => None,
        }
    }

    fn spoil_operation(&mut self, operation: &mut Operation) {
        if operation.fault.is_some() {
            return;
        }
        let faults = [
            ("op", Some(json!("fly")), "unknown_value"),
            ("op", None, "required"),
            ("if_match", Some(json!("1")), "unknown_value"),
            ("besides", Some(json!(1)), "unknown_field"),
            ("id", Some(json!(7)), "wrong_type"),
            ("id", None, "required"),
            ("body", Some(json!([])), "wrong_type"),
        ];
        let (member, value, mut code) = self.me.dice.pick(&faults);
        let members = operation.json.as_object_mut().unwrap();
        match (member, operation.target) {
            ("if_match" | "id", None) => return,
            ("body", _) if !members.contains_key("body") => code = "unknown_field",
            _ => {}
        }
        match value {
            Some(value) => members.insert(member.to_owned(), value),
            None => members.remove(member),
        };
        operation.fault = Some(format!("/{member} {code}"));
    }

    /// All that is wrong with any of them is told at once. Else they are done one after the other, up to the first that cannot be;
    /// then nothing is left of those before it.
    fn all_or_none(&mut self, operations: &[Operation], answer: &Answer) {
        let places = operations.iter().enumerate();
        let faults: Vec<String> = places
            .filter_map(|(place, operation)| {
                let fault = operation.fault.as_ref()?;
                Some(format!("/operations/{place}{fault}"))
            })
            .collect();
        if !faults.is_empty() {
            assert_eq!(answer.refusal(), (422, "validation_failed"));
            assert_eq!(answer.errors(), faults);
            return;
        }
        let before = self.me.before();
        for (place, operation) in operations.iter().enumerate() {
            if let Some(refused) = self.judge(operation) {
                assert_eq!(answer.refusal(), (409, "batch_failed"), "{refused:?}");
                let at = format!("/operations/{place}");
                let mut errors = vec![format!("{at} {}", refused.code)];
                errors.extend(
                    refused
                        .errors
                        .iter()
                        .map(|error| format!("{at}/body{error}")),
                );
                assert_eq!(answer.errors(), errors);
                self.saw("changes taken back with the batch", place);
                self.me.go_back(before);
                return;
            }
            // Of those before the one that fails, nothing is told.
            let told = (answer.status == 200).then(|| &answer.body["results"][place]);
            self.do_one(operation, told);
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            answer.body["results"].as_array().unwrap().len(),
            operations.len()
        );
    }

    /// What one cannot do is left out.
    fn each_by_itself(&mut self, operations: &[Operation], answer: &Answer) {
        // What is no operation at all is the whole body's fault.
        let places = operations.iter().enumerate();
        let shapes: Vec<String> = places
            .filter_map(|(place, operation)| {
                let fault = operation.fault.as_ref()?;
                (!fault.starts_with("/body/")).then(|| format!("/operations/{place}{fault}"))
            })
            .collect();
        if !shapes.is_empty() {
            assert_eq!(answer.refusal(), (422, "validation_failed"));
            assert_eq!(answer.errors(), shapes);
            return;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        let results = answer.body["results"].as_array().unwrap();
        assert_eq!(results.len(), operations.len());
        for (operation, told) in operations.iter().zip(results) {
            let refused = match &operation.fault {
                Some(fault) => Some(Refused::invalid(fault)),
                None => self.judge(operation).map(|mut refused| {
                    for error in &mut refused.errors {
                        error.insert_str(0, "/body");
                    }
                    refused
                }),
            };
            match refused {
                Some(refused) => refused.is_told(told),
                None => self.do_one(operation, Some(told)),
            }
        }
    }

    fn judge(&self, operation: &Operation) -> Option<Refused> {
        let refused = |status, code| {
            Some(Refused {
                status,
                code,
                errors: Vec::new(),
            })
        };
        let id = match operation.target {
            None => None,
            Some(target) => {
                // A change before this one may have brought it back.
                let id = target.any_id().filter(|id| match operation.deed {
                    Deed::Restore | Deed::Purge => self.me.tasks.contains_key(id),
                    _ => self.me.is_live(*id),
                });
                let Some(id) = id else {
                    return refused(404, "task_not_found");
                };
                if { operation.wanted }.is_some_and(|wanted| wanted != self.me.tasks[&id].version) {
                    return refused(412, "precondition_failed");
                }
                Some(id)
            }
        };
        match &operation.deed {
            Deed::Change(draft) if draft.is_empty() => None,
            Deed::Create(draft) | Deed::Change(draft) => {
                let fault = self.row_fault(id, draft)?;
                Some(Refused::invalid(&fault.error))
            }
            Deed::Delete | Deed::Restore | Deed::Purge => None,
        }
    }

    /// The task that took the place of one that is completed once more.
    fn made_before(&self, id: Uuid, draft: &Draft) -> Option<Uuid> {
        let next = self.me.tasks[&id].next_occurrence_id;
        next.filter(|next| draft.completed == Some(true) && self.me.is_live(*next))
    }

    /// Does what can be done, and holds what is told of it against that.
    fn do_one(&mut self, operation: &Operation, told: Option<&Value>) {
        let mut events = Events::new();
        let task = told.map(|told| &told["task"]);
        let id = operation.target.and_then(Target::any_id);
        let (status, id, next) = match (&operation.deed, id) {
            (Deed::Create(draft), _) => (201, Some(self.make(draft, task, &mut events)), None),
            (Deed::Change(draft), Some(id)) => {
                let next = self.change(id, draft, task, &mut events);
                let next = next.or_else(|| self.made_before(id, draft));
                (200, Some(id), next)
            }
            (Deed::Restore, Some(id)) => {
                self.me.restore(id, &mut events);
                (200, Some(id), None)
            }
            (Deed::Delete, Some(id)) => {
                self.me.trash(id, &mut events);
                (204, None, None)
            }
            (Deed::Purge, Some(id)) => {
                self.me.purge(id, &mut events);
                (204, None, None)
            }
            (_, None) => unreachable!("it was judged"),
        };
        self.me.happened(events);
        let Some(told) = told else { return };
        for (member, id) in [("task", id), ("next_occurrence", next)] {
            if let Some(id) = id {
                self.is_shown(&told[member], id);
            }
        }
        self.saw("changes made in batches", 1);
        let shown = |id: Option<Uuid>| id.map(|id| self.shown(id));
        let expected = json!({
            "status": status, "task": shown(id), "next_occurrence": shown(next), "problem": null,
        });
        assert_eq!(*told, expected);
    }
}
