use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// A child process whose every line is heard; killed when dropped.
pub struct Program {
    name: &'static str,
    child: Child,
    lines: mpsc::Receiver<String>,
    log: Arc<Mutex<String>>,
    ears: Vec<JoinHandle<()>>,
    /// Closed with the process, for programs that end with their standard input.
    _stdin: ChildStdin,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Program {
    pub fn start(name: &'static str, mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {command:?}: {error}"));
        let (sender, lines) = mpsc::channel();
        let log = Arc::new(Mutex::new(String::new()));
        let ears = vec![
            hear(child.stdout.take().unwrap(), &sender, &log),
            hear(child.stderr.take().unwrap(), &sender, &log),
        ];
        let _stdin = child.stdin.take().unwrap();
        Self {
            name,
            child,
            lines,
            log,
            ears,
            _stdin,
        }
    }

    /// Runs it to its end, which must be a good one, and gives what it said.
    pub fn run(name: &'static str, command: Command) -> String {
        let mut program = Self::start(name, command);
        let code = program.ended();
        let log = program.log();
        assert_eq!(code, Some(0), "{name} failed:\n{log}");
        log
    }

    /// The next line that has `text` in it.
    pub fn line_with(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => panic!(
                    "{} never said {text:?} ({error}):\n{}",
                    self.name,
                    self.log()
                ),
            }
        }
    }

    /// Everything that it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    #[cfg(unix)]
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end, and until everything it said has been heard.
    pub fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{} does not end:\n{}",
                self.name,
                self.log()
            );
            thread::sleep(Duration::from_millis(20));
        };
        self.ears.drain(..).for_each(|ear| ear.join().unwrap());
        status.code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hear(
    stream: impl Read + Send + 'static,
    sender: &mpsc::Sender<String>,
    log: &Arc<Mutex<String>>,
) -> JoinHandle<()> {
    let (sender, log) = (sender.clone(), Arc::clone(log));
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
            drop(log);
            // Nobody has to listen.
            let _ = sender.send(line);
        }
    })
}
