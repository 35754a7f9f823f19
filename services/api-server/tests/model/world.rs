use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt::Write,
    time::Duration,
};

use serde_json::Value;
use uuid::Uuid;

use super::WORDS;
use test_door::{Answer, Ask};

/// What all of them together know: whose is what, to be tried by others and to be shown to nobody else.
#[derive(Debug)]
pub struct World {
    seed: u64,
    people: Vec<Uuid>,
    owners: HashMap<Uuid, Vec<usize>>,
    /// For each of them, what others may try.
    pub shared: Vec<Shared>,
    secrets: Vec<String>,
    counts: BTreeMap<(&'static str, u16), usize>,
    /// What came of requests that is not to be seen in their status.
    seen: BTreeMap<String, usize>,
    /// The last requests and what came back, for when something is wrong.
    last: VecDeque<String>,
}

/// What somebody has, and others come to know in spite of it.
#[derive(Debug, Default)]
pub struct Shared {
    pub tasks: Vec<Uuid>,
    pub tags: Vec<Uuid>,
    /// The query of a list, and a cursor of it.
    pub cursors: Vec<(String, String)>,
    pub keys: Vec<String>,
    pub webhooks: Vec<Uuid>,
    /// Some exports, as they were.
    pub exports: Vec<Vec<Value>>,
}

impl World {
    pub fn new(seed: u64, people: usize) -> Self {
        Self {
            seed,
            people: Vec::new(),
            owners: HashMap::new(),
            shared: (0..people).map(|_| Shared::default()).collect(),
            secrets: Vec::new(),
            counts: BTreeMap::new(),
            seen: BTreeMap::new(),
            last: VecDeque::new(),
        }
    }

    pub fn enter(&mut self, person: Uuid) {
        self.claim(person, self.people.len());
        self.people.push(person);
    }

    pub fn id_of(&self, place: usize) -> Uuid {
        self.people[place]
    }

    /// Who is shown an id first owns it from then on, and so does who has brought it in from elsewhere.
    fn claim(&mut self, id: Uuid, place: usize) {
        let owners = self.owners.entry(id).or_insert_with(|| vec![place]);
        assert!(
            owners.contains(&place),
            "{id} of user {owners:?} was shown to user {place}"
        );
    }

    /// Somebody has brought this id in: it names something of theirs from now on, too.
    pub fn bring(&mut self, id: Uuid, place: usize) {
        let owners = self.owners.entry(id).or_default();
        if !owners.contains(&place) {
            owners.push(place);
        }
    }

    /// What was shown once and must never be again.
    pub fn keep_secret(&mut self, secret: String) {
        self.secrets.push(secret);
    }

    pub fn operations(&self) -> usize {
        self.counts.values().sum()
    }

    pub fn count(&mut self, kind: &'static str, status: u16) {
        *self.counts.entry((kind, status)).or_default() += 1;
    }

    pub fn saw(&mut self, what: &str, times: usize) {
        *self.seen.entry(what.to_owned()).or_default() += times;
    }

    /// Notes the answer and looks for what is somebody else's in it. What the request itself named may come back.
    pub fn note(&mut self, place: usize, ask: &Ask, answer: &Answer) {
        let asked = shown(ask);
        let mut came = answer.text.clone();
        for (name, value) in &answer.headers {
            write!(
                came,
                "\n{name}: {}",
                String::from_utf8_lossy(value.as_bytes())
            )
            .unwrap();
        }
        if self.last.len() == 30 {
            self.last.pop_front();
        }
        self.last.push_back(format!(
            "user {place}: {asked}\n  -> {} {came}",
            answer.status
        ));

        for error in answer.errors() {
            let (_, code) = error.rsplit_once(' ').unwrap();
            self.saw(&format!("told {code}"), 1);
        }
        for id in ids_in(&came) {
            if !asked.contains(&id.to_string()) {
                self.claim(id, place);
            }
        }
        for secret in &self.secrets {
            assert!(!came.contains(secret), "a secret was shown again");
        }
        let (asked, came) = (asked.to_lowercase(), came.to_lowercase());
        for (other, word) in WORDS.iter().enumerate() {
            assert!(
                other == place || asked.contains(word) || !came.contains(word),
                "a word of user {other} was shown to user {place}"
            );
        }
    }

    pub fn summary(&self, took: Duration) -> String {
        let mut text = format!(
            "seed {}: {} operations in {:.1} s",
            self.seed,
            self.operations(),
            took.as_secs_f64()
        );
        for ((kind, status), count) in &self.counts {
            write!(text, "\n{count:>8} {status} {kind}").unwrap();
        }
        for (what, count) in &self.seen {
            write!(text, "\n{count:>8} {what}").unwrap();
        }
        text
    }
}

impl Drop for World {
    #[expect(clippy::print_stdout, reason = "for who looks at a test that failed")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in &self.last {
                println!("{line}");
            }
            println!(
                "MODEL_SEED={} after {} operations",
                self.seed,
                self.operations()
            );
        }
    }
}

fn shown(ask: &Ask) -> String {
    let mut text = format!("{} {}", ask.method, ask.uri());
    for (name, value) in &ask.headers {
        write!(text, " {name}: {}", String::from_utf8_lossy(value)).unwrap();
    }
    write!(text, " {}", String::from_utf8_lossy(&ask.body)).unwrap();
    text
}

fn ids_in(text: &str) -> impl Iterator<Item = Uuid> {
    text.split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .filter(|word| word.len() == 36)
        .filter_map(|word| word.parse().ok())
}
