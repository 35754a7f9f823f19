//! What narrows a list of tasks down: how it is asked for, and which tasks fit.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    act::Act,
    draft::{moments, written},
    person::{PRIORITIES, Task},
    words::{self, SEARCHED},
};

#[derive(Debug, Clone, Default)]
pub struct Filter {
    completed: Option<bool>,
    priorities: Vec<usize>,
    tags: Vec<Carries>,
    untagged: Option<bool>,
    all_tags: bool,
    due_before: Option<Timestamp>,
    due_after: Option<Timestamp>,
    updated_before: Option<Timestamp>,
    updated_after: Option<Timestamp>,
    overdue: Option<bool>,
    /// Right below this one, or below none.
    parent: Option<Option<Uuid>>,
    /// One of these groups of words has to fit: each word there, or not there.
    search: Vec<Vec<(bool, String)>>,
    in_trash: bool,
}

#[derive(Debug, Clone)]
enum Carries {
    Id(Uuid),
    Name(String),
}

impl Filter {
    pub fn of_all(in_trash: bool) -> Self {
        Self {
            in_trash,
            ..Self::default()
        }
    }
}

impl Act<'_> {
    pub fn add_filter(&mut self, filter: &mut Filter, to: &mut Vec<(&'static str, String)>) {
        match self.me.dice.below(14) {
            0 | 1 if filter.completed.is_none() => {
                let (name, meant) = self.me.dice.pick(&[
                    ("complete", Some(true)),
                    ("completed", Some(true)),
                    ("incomplete", Some(false)),
                    ("active", Some(false)),
                ]);
                filter.completed = meant;
                to.push(("status", name.to_owned()));
            }
            2 | 3 => {
                let rank = self.me.dice.below(4);
                if !filter.priorities.contains(&rank) {
                    filter.priorities.push(rank);
                    to.push(("priority", PRIORITIES[rank].to_owned()));
                }
            }
            4..7 if filter.tags.is_empty() && filter.untagged.is_none() => {
                self.add_tags(filter, to);
            }
            7 if filter.due_before.or(filter.due_after).is_none() => {
                let dice = &mut self.me.dice;
                let moment = dice.pick(&moments());
                let text = written(dice, moment);
                if dice.chance(50) {
                    filter.due_before = Some(moment);
                    to.push(("due_before", text));
                } else {
                    filter.due_after = Some(moment);
                    to.push(("due_after", text));
                }
            }
            8 if filter.updated_before.or(filter.updated_after).is_none() => {
                let times = self.me.tasks.values().map(|task| task.updated_at);
                let Some(moment) = self.me.dice.any(times) else {
                    return;
                };
                if self.me.dice.chance(50) {
                    filter.updated_before = Some(moment);
                    to.push(("updated_before", moment.to_string()));
                } else {
                    filter.updated_after = Some(moment);
                    to.push(("updated_after", moment.to_string()));
                }
            }
            9 if filter.overdue.is_none() => {
                let overdue = self.me.dice.chance(60);
                filter.overdue = Some(overdue);
                to.push(("overdue", overdue.to_string()));
            }
            12 | 13 if filter.parent.is_none() => self.add_parent(filter, to),
            10 if filter.search.is_empty() => self.add_search(filter, to),
            11 if !filter.in_trash => {
                filter.in_trash = self.me.dice.chance(70);
                let deleted = if filter.in_trash { "only" } else { "false" };
                if to.iter().all(|(name, _)| *name != "deleted") {
                    to.push(("deleted", deleted.to_owned()));
                } else {
                    filter.in_trash = false;
                }
            }
            _ => {}
        }
    }

    fn add_parent(&mut self, filter: &mut Filter, to: &mut Vec<(&'static str, String)>) {
        let parents = self.me.tasks.values().filter_map(|task| task.parent_id);
        let parents: Vec<Uuid> = parents.collect();
        let parent = match self.me.dice.chance(50) {
            true => self.me.dice.any(parents),
            false => self.any_parent(),
        };
        filter.parent = Some(parent);
        to.push((
            "parent_id",
            parent.map_or("none".to_owned(), |id| id.to_string()),
        ));
    }

    fn add_tags(&mut self, filter: &mut Filter, to: &mut Vec<(&'static str, String)>) {
        for _ in 0..1 + self.me.dice.below(3) {
            let another = self.another();
            let theirs = self.theirs(another, |shared| &shared.tags);
            let dice = &mut self.me.dice;
            let own = dice.any(self.me.tags.keys().copied());
            if dice.chance(50) {
                let id = own.filter(|_| dice.chance(85)).unwrap_or(theirs);
                filter.tags.push(Carries::Id(id));
                to.push(("tag_id", id.to_string()));
            } else if dice.chance(10) {
                // The id of another user's tag as the name of one's own: there is no such name, and no hint.
                filter.tags.push(Carries::Name(theirs.to_string()));
                to.push(("tag", theirs.to_string()));
            } else {
                let name = dice.any(words::names(self.me.word)).unwrap();
                filter.tags.push(Carries::Name(name.clone()));
                to.push(("tag", name));
            }
        }
        match self.me.dice.below(7) {
            0 => {
                filter.all_tags = true;
                to.push(("tag_match", "all".to_owned()));
            }
            1 => to.push(("tag_match", "any".to_owned())),
            2 => {
                filter.untagged = Some(true);
                to.push(
                    self.me
                        .dice
                        .pick(&[("tag", "none".to_owned()), ("untagged", "true".to_owned())]),
                );
            }
            3 => {
                // Without any others.
                filter.tags.clear();
                to.retain(|(name, _)| !["tag", "tag_id"].contains(name));
                filter.untagged = Some(true);
                to.push(("untagged", "true".to_owned()));
            }
            4 => {
                // With one, whichever; or one of these, which says the same.
                filter.untagged = Some(false);
                to.push(("untagged", "false".to_owned()));
                if self.me.dice.chance(50) {
                    filter.tags.clear();
                    to.retain(|(name, _)| !["tag", "tag_id"].contains(name));
                }
            }
            _ => {}
        }
    }

    /// Words that all have to be there, or not to be there, or one such group or another.
    fn add_search(&mut self, filter: &mut Filter, to: &mut Vec<(&'static str, String)>) {
        let dice = &mut self.me.dice;
        let mut texts = Vec::new();
        for _ in 0..1 + usize::from(dice.chance(30)) {
            let (mut words, mut shown) = (Vec::new(), Vec::new());
            for _ in 0..1 + usize::from(dice.chance(40)) {
                let word = match dice.below(8) {
                    0 => dice.pick(&super::WORDS).to_owned(),
                    _ => dice.pick(&SEARCHED).to_owned(),
                };
                let wanted = dice.chance(85);
                let minus = if wanted { "" } else { "-" };
                let given = dice.pick(&[word.clone(), word.to_uppercase()]);
                shown.push(format!("{minus}{given}"));
                words.push((wanted, word));
            }
            filter.search.push(words);
            texts.push(shown.join(" "));
        }
        to.push(("search", texts.join(" or ")));
    }

    pub fn fits(&self, filter: &Filter, task: &Task) -> bool {
        let done = task.completed_at.is_some();
        let due = |fits: &dyn Fn(Timestamp) -> bool| task.due_date.is_some_and(fits);
        filter.in_trash == task.deleted_at.is_some()
            && filter.completed.is_none_or(|wanted| wanted == done)
            && (filter.priorities.is_empty() || filter.priorities.contains(&task.priority))
            && filter.parent.is_none_or(|wanted| wanted == task.parent_id)
            && self.carries(filter, task)
            && filter.due_before.is_none_or(|end| due(&|at| at < end))
            && filter.due_after.is_none_or(|begin| due(&|at| at > begin))
            && filter
                .updated_before
                .is_none_or(|end| task.updated_at < end)
            && filter
                .updated_after
                .is_none_or(|begin| task.updated_at > begin)
            && filter
                .overdue
                .is_none_or(|wanted| wanted == (!done && due(&|at| at < Timestamp::now())))
            && (filter.search.is_empty() || found(&filter.search, task))
    }

    fn carries(&self, filter: &Filter, task: &Task) -> bool {
        let carries = |wanted: &Carries| match wanted {
            Carries::Id(id) => task.tags.contains(id),
            Carries::Name(name) => task.tags.iter().any(|id| {
                let has = &self.me.tags[id].name;
                // An id is nobody's name here.
                self.words.knows(name) && self.words.same(has, name)
            }),
        };
        let untagged = task.tags.is_empty();
        match (filter.tags.as_slice(), filter.untagged) {
            ([], wanted) => wanted.is_none_or(|wanted| wanted == untagged),
            (wanted, _) if filter.all_tags => wanted.iter().all(carries),
            (wanted, also) => also == Some(true) && untagged || wanted.iter().any(carries),
        }
    }
}

fn found(search: &[Vec<(bool, String)>], task: &Task) -> bool {
    let description = task.description.as_deref().unwrap_or_default();
    let text = format!("{} {description}", task.title).to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let fits = |(wanted, word): &(bool, String)| words.contains(&word.as_str()) == *wanted;
    search.iter().any(|group| group.iter().all(fits))
}
