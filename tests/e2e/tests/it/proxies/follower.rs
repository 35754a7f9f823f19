use std::{
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use super::client::{Call, Connection};

/// Somebody who listens to their events through a proxy, and comes back with the last number whenever the stream ends.
pub struct Follower {
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    numbers: Vec<i64>,
    streams: usize,
    over: bool,
    /// Of the stream that is open.
    socket: Option<TcpStream>,
}

impl Follower {
    pub fn start(port: u16, token: &str) -> Self {
        let heard = Arc::<Mutex<Heard>>::default();
        let (hearing, token) = (Arc::clone(&heard), token.to_owned());
        // Ends when it is told to, or with the process.
        thread::spawn(move || {
            while !hearing.lock().unwrap().over {
                listen(port, &token, &hearing);
                // As clients do, so that a server that is away is not asked without pause.
                thread::sleep(Duration::from_millis(100));
            }
        });
        Self { heard }
    }

    /// The numbers of the events, as soon as there are so many or the time is over.
    pub fn seen_within(&self, events: i64, patience: Duration) -> Vec<i64> {
        let started = Instant::now();
        loop {
            let numbers = self.heard.lock().unwrap().numbers.clone();
            if numbers.len() as i64 >= events || started.elapsed() > patience {
                return numbers;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// How many streams there have been.
    pub fn streams(&self) -> usize {
        self.heard.lock().unwrap().streams
    }

    pub fn stop(&self) {
        let mut heard = self.heard.lock().unwrap();
        heard.over = true;
        if let Some(socket) = &heard.socket {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// One stream, to its end.
fn listen(port: u16, token: &str, heard: &Mutex<Heard>) {
    let last = heard.lock().unwrap().numbers.last().copied();
    let headers = format!(
        "Accept: text/event-stream\r\nLast-Event-ID: {}\r\n",
        last.unwrap_or(0)
    );
    let call = Call::get(token, "/api/v1/me/events", &headers);
    let Ok(mut connection) = Connection::try_open(port) else {
        return;
    };
    match connection.begin(&call) {
        Ok(head) if head.status == 200 => {}
        _ => return,
    }
    let mut lock = heard.lock().unwrap();
    lock.streams += 1;
    lock.socket = Some(connection.socket());
    drop(lock);
    let mut text = String::new();
    while let Ok(Some(piece)) = connection.chunk() {
        text += &String::from_utf8(piece).unwrap();
        while let Some((message, rest)) = text.split_once("\n\n") {
            if let Some(number) = number_of(message) {
                heard.lock().unwrap().numbers.push(number);
            }
            text = rest.to_owned();
        }
    }
}

/// The number of an event; `ready` repeats the one that it begins after.
fn number_of(message: &str) -> Option<i64> {
    let field = |name| message.lines().find_map(|line| line.strip_prefix(name));
    match field("event: ")? {
        "ready" => None,
        _ => field("id: ")?.parse().ok(),
    }
}
