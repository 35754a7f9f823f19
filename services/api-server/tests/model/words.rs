use std::collections::HashMap;

use test_kit::TestDatabase;

/// What titles and names of tags are made of, and how the database orders them.
#[derive(Debug)]
pub struct Words {
    /// Of a title or name: its place among all of them without case. Equal where only the case differs.
    ranks: HashMap<String, i64>,
}

/// Each is one word of English and its own stem: whoever looks for it finds it, and none of the others.
pub const SEARCHED: [&str; 8] = [
    "milk", "lamp", "door", "brick", "cloud", "paint", "garden", "plum",
];

const TITLES: [&str; 30] = [
    "milk",
    "Milk",
    "MILK",
    "lamp",
    "Lamp door",
    "lamp Door",
    "door",
    "brick cloud",
    "Cloud",
    "cloud",
    "paint",
    "PAINT garden",
    "garden",
    "plum",
    "Zebra",
    "zebra",
    "_milk",
    "10 lamp",
    "2 lamp",
    "Öl",
    "öl",
    "Äpfel",
    "äpfel",
    "ÄPFEL",
    "Éclair",
    "éclair",
    "ünder",
    "😀 milk",
    "🚀",
    "Straße",
];

const NAMES: [&str; 16] = [
    "Home", "home", "HOME", "Work", "work", "Wörk", "WÖRK", "garden", "Garden", "Éclair", "éclair",
    "🚀", "zoo", "Zoo", "a b", "10 a",
];

impl Words {
    /// Asks the database, whose collation and idea of lower case are its operator's choice.
    pub async fn ranked_by(database: &TestDatabase, people: &[&str]) -> Self {
        let all: Vec<String> = people
            .iter()
            .flat_map(|person| {
                titles(person)
                    .chain(names(person))
                    .chain(many_names(person))
            })
            .collect();
        let sql =
            "SELECT word, dense_rank() OVER (ORDER BY lower(word)) FROM unnest($1::text[]) AS word";
        let rows = database.admin().await.query(sql, &[&all]).await.unwrap();
        let ranks = rows.iter().map(|row| (row.get(0), row.get(1)));
        Self {
            ranks: ranks.collect(),
        }
    }

    pub fn rank(&self, text: &str) -> i64 {
        self.ranks[text]
    }

    pub fn knows(&self, text: &str) -> bool {
        self.ranks.contains_key(text)
    }

    /// Whether only the case differs.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.rank(one) == self.rank(other)
    }
}

pub fn titles(person: &str) -> impl Iterator<Item = String> {
    TITLES.iter().map(move |title| format!("{title} {person}"))
}

pub fn names(person: &str) -> impl Iterator<Item = String> {
    NAMES.iter().map(move |name| format!("{name} {person}"))
}

/// More than come along with a page of tasks.
pub fn many_names(person: &str) -> impl Iterator<Item = String> {
    (0..130).map(move |number| format!("{number} {person}"))
}
