use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use super::{
    client::{Answer, Call, Connection, Cut},
    replicas::Person,
};

/// What a client does with its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// One for each request.
    Opens,
    /// One for all of them, and whatever ends it is a loss.
    Keeps,
    /// One for all of them. Sends again, once and with the same key, what was cut before a byte of an answer had come.
    KeepsAndSendsAgain,
}

/// Clients at work, each of them another user.
pub struct Load {
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Made>>,
}

/// What came of one client's work.
#[derive(Debug)]
pub struct Made {
    pub habit: Habit,
    /// Of tasks of which the server has said that they are made.
    pub titles: Vec<String>,
    /// Lists that were read.
    pub reads: usize,
    /// Requests without the answer that is due to them.
    pub lost: Vec<String>,
}

impl Load {
    pub fn start(port: u16, people: &[Person], habits: &[Habit]) -> Self {
        let over = Arc::<AtomicBool>::default();
        let clients = people.iter().zip(habits).map(|(person, &habit)| {
            let (token, over) = (person.token.clone(), Arc::clone(&over));
            thread::spawn(move || work(port, &token, habit, &over))
        });
        Self {
            clients: clients.collect(),
            over,
        }
    }

    pub fn stop(self) -> Vec<Made> {
        self.over.store(true, Ordering::SeqCst);
        let clients = self.clients.into_iter();
        clients.map(|client| client.join().unwrap()).collect()
    }
}

fn work(port: u16, token: &str, habit: Habit, over: &AtomicBool) -> Made {
    let mut made = Made {
        habit,
        titles: Vec::new(),
        reads: 0,
        lost: Vec::new(),
    };
    let mut connection = None;
    for turn in 0.. {
        if over.load(Ordering::SeqCst) || made.lost.len() > 20 {
            break;
        }
        let title = format!("task {turn}");
        let post = match habit {
            Habit::KeepsAndSendsAgain => Call::post(token, &title).with_key(&format!("key-{turn}")),
            Habit::Opens | Habit::Keeps => Call::post(token, &title),
        };
        match send(port, habit, &mut connection, post) {
            Ok(answer) if answer.status == 201 => made.titles.push(title.clone()),
            other => made.lost.push(format!("POST {title}: {other:?}")),
        }
        let get = Call::get(token, "/api/v1/me/tasks?limit=1", "");
        match send(port, habit, &mut connection, get) {
            Ok(answer) if answer.status == 200 => made.reads += 1,
            other => made.lost.push(format!("GET after {title}: {other:?}")),
        }
    }
    made
}

fn send(port: u16, habit: Habit, kept: &mut Option<Connection>, call: Call) -> Result<Answer, Cut> {
    let call = match habit {
        Habit::Opens => call.on_its_own_connection(),
        Habit::Keeps | Habit::KeepsAndSendsAgain => call,
    };
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => open(port)?,
    };
    let answer = match connection.call(&call) {
        Err(cut) if cut.before_answer && habit == Habit::KeepsAndSendsAgain => {
            connection = open(port)?;
            connection.call(&call)?
        }
        other => other?,
    };
    *kept = answer.goes_on.then_some(connection);
    Ok(answer)
}

fn open(port: u16) -> Result<Connection, Cut> {
    Connection::try_open(port).map_err(|why| Cut {
        before_answer: true,
        why,
    })
}
