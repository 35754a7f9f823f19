use uuid::Uuid;

use super::{act::Act, faults::Fault, shown::refused};
use test_door::{Answer, Ask};

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A task (or tag) of the user.
    There(Uuid),
    /// One that is in the trash, one of another user, one of nobody.
    Gone(Uuid),
    /// No id at all.
    NoId(&'static str),
}

impl Target {
    pub fn text(self) -> String {
        match self {
            Self::There(id) | Self::Gone(id) => id.to_string(),
            Self::NoId(text) => text.to_owned(),
        }
    }

    /// Whatever has it, if anything does.
    pub fn any_id(self) -> Option<Uuid> {
        match self {
            Self::There(id) | Self::Gone(id) => Some(id),
            Self::NoId(_) => None,
        }
    }

    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::There(id) => Some(id),
            _ => None,
        }
    }
}

/// Whether the header `If-Match` lets a change through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    None,
    Holds,
    Fails,
    Garbage,
}

impl Act<'_> {
    /// Most often a task of one's own.
    pub fn task(&mut self) -> Target {
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tasks);
        let (live, trashed): (Vec<_>, Vec<_>) = {
            let ids = self.me.tasks.iter();
            ids.partition(|(_, task)| task.deleted_at.is_none())
        };
        let own = self.me.dice.any(live).map(|(id, _)| *id);
        let trashed = self.me.dice.any(trashed).map(|(id, _)| *id);
        self.target(own, trashed, theirs)
    }

    /// One with another one below it, often.
    pub fn task_or_parent(&mut self) -> Target {
        let parents = self.me.live().filter_map(|(_, task)| task.parent_id);
        let parents: Vec<Uuid> = parents.collect();
        match self.me.dice.any(parents) {
            Some(parent) if self.me.dice.chance(50) => Target::There(parent),
            _ => self.task(),
        }
    }

    /// One that recurs and is open, often, or one with another one below it.
    pub fn task_to_complete(&mut self) -> Target {
        let recurs = self
            .me
            .live()
            .filter(|(_, task)| task.series.is_some() && task.completed_at.is_none());
        let recurs: Vec<Uuid> = recurs.map(|(id, _)| *id).collect();
        match self.me.dice.any(recurs) {
            Some(id) if self.me.dice.chance(40) => Target::There(id),
            _ => self.task_or_parent(),
        }
    }

    /// One of one's own, in the trash or not.
    pub fn any_task(&mut self) -> Target {
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tasks);
        let (live, trashed): (Vec<_>, Vec<_>) = {
            let ids = self.me.tasks.iter();
            ids.partition(|(_, task)| task.deleted_at.is_none())
        };
        let dice = &mut self.me.dice;
        let live = dice.any(live).map(|(id, _)| *id);
        let trashed = dice.any(trashed).map(|(id, _)| *id);
        let own = match dice.chance(70) {
            true => trashed.or(live),
            false => live.or(trashed),
        };
        self.target(own, None, theirs)
    }

    pub fn tag(&mut self) -> Target {
        let another = self.another();
        let theirs = self.theirs(another, |shared| &shared.tags);
        let own = self.me.dice.any(self.me.tags.keys().copied());
        self.target(own, None, theirs)
    }

    fn target(&mut self, own: Option<Uuid>, gone: Option<Uuid>, theirs: Uuid) -> Target {
        match (self.me.dice.below(20), own) {
            (0..16, Some(own)) => Target::There(own),
            (16, _) => Target::Gone(Uuid::now_v7()),
            (17, _) => Target::Gone(gone.unwrap_or(theirs)),
            (18, _) => Target::NoId(self.me.dice.pick(&["x", "1", "%00", "none"])),
            _ => Target::Gone(theirs),
        }
    }

    /// With an `If-Match` sometimes.
    pub fn precondition(&mut self, ask: Ask, target: Target) -> (Ask, Precondition) {
        if !self.me.dice.chance(40) {
            return (ask, Precondition::None);
        }
        let version = match target {
            Target::There(id) => match self.me.tasks.get(&id) {
                Some(task) => task.version,
                None => self.me.tags[&id].version,
            },
            _ => 1,
        };
        let full = match target {
            Target::There(id) if self.me.tasks.contains_key(&id) => self.etag(id),
            _ => None,
        };
        let (value, precondition) = match self.me.dice.below(20) {
            0..3 => ("*".to_owned(), Precondition::Holds),
            3..6 => (format!("\"{version}\""), Precondition::Holds),
            6..9 => (
                full.unwrap_or_else(|| format!("\"{version}\"")),
                Precondition::Holds,
            ),
            9 => (format!("\"x\", \"{version}\""), Precondition::Holds),
            10 => (
                format!("W/\"0\",\"{version}\" , \"y!z\""),
                Precondition::Holds,
            ),
            11..13 => (format!("\"{}\"", version + 1), Precondition::Fails),
            13..15 => (format!("\"{}\"", version - 1), Precondition::Fails),
            15 => (format!("W/\"{version}\""), Precondition::Fails),
            16 => ("\"nonsense\"".to_owned(), Precondition::Fails),
            17 => (version.to_string(), Precondition::Garbage),
            18 => (format!("\"{version}"), Precondition::Garbage),
            _ => (format!("\"{version}\" \"x\""), Precondition::Garbage),
        };
        (ask.header("if-match", value), precondition)
    }

    /// The id of what the request may change, once nothing that was wrong with it is left; or the refusal was the right one.
    pub fn admitted(
        &self,
        answer: &Answer,
        target: Target,
        precondition: &Precondition,
        fault: Option<&Fault>,
        absent: &str,
    ) -> Option<Uuid> {
        let invalid = |fault: &Fault| refused(answer, 422, "validation_failed", &[&*fault.error]);
        match (target, precondition, fault) {
            (Target::NoId(_), _, _) => refused(answer, 404, absent, &[]),
            (_, Precondition::Garbage, _) => refused(answer, 400, "invalid_header", &[]),
            (_, _, Some(fault)) if !fault.in_row => invalid(fault),
            (Target::Gone(_), _, _) => refused(answer, 404, absent, &[]),
            (_, Precondition::Fails, _) => refused(answer, 412, "precondition_failed", &[]),
            (_, _, Some(fault)) => invalid(fault),
            (Target::There(id), _, None) => return Some(id),
        }
        None
    }
}
