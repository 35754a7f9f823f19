//! Steps that run side by side, each with its time. Where a person watches, one line at the bottom
//! tells what goes on; a file gets a line now and then.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::context::Stop;
use crate::terminal::{self, Colour, Terminal};

/// Shows steps while they run.
pub(crate) struct Board {
    terminal: Terminal,
    state: Mutex<State>,
}

/// A running step's handle: what it says is shown beside its name.
pub(crate) struct Step<'a> {
    board: &'a Board,
    number: usize,
}

#[derive(Default)]
struct State {
    next: usize,
    running: Vec<Running>,
    /// The line at the bottom, which has to go before another line is printed.
    drawn: String,
}

struct Running {
    number: usize,
    label: String,
    since: Instant,
    said: Instant,
    detail: String,
}

impl Board {
    /// Runs `work` with a board that goes when it is done.
    pub(crate) fn with<T>(terminal: Terminal, work: impl FnOnce(&Board) -> T) -> T {
        let board = Board {
            terminal,
            state: Mutex::default(),
        };
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    board.tick();
                    thread::sleep(Duration::from_millis(100));
                }
            });
            // The scope waits for the ticker, so it has to hear of a panic too.
            let _end = OnDrop(|| done.store(true, Ordering::SeqCst));
            work(&board)
        })
    }

    /// Runs one step; the text that comes with its result stands beside its time.
    pub(crate) fn step<T>(
        &self,
        label: &str,
        work: impl FnOnce(&Step<'_>) -> Result<(T, String), Stop>,
    ) -> Result<T, Stop> {
        let since = Instant::now();
        let number = self.with_state(|state| {
            let number = state.next;
            state.next += 1;
            let (label, detail) = (label.to_owned(), String::new());
            state.running.push(Running {
                number,
                label,
                since,
                said: since,
                detail,
            });
            number
        });
        let result = work(&Step {
            board: self,
            number,
        });
        let took = since.elapsed();
        self.with_state(|state| {
            state.running.retain(|running| running.number != number);
            self.erase(state);
            let (sign, colour, note) = match &result {
                Ok((_, note)) => ("✓", Colour::Green, note.as_str()),
                Err(_) => ("✗", Colour::Red, ""),
            };
            terminal::line(&self.finished(sign, colour, label, took, note));
        });
        result.map(|(value, _)| value)
    }

    fn finished(
        &self,
        sign: &str,
        colour: Colour,
        label: &str,
        took: Duration,
        note: &str,
    ) -> String {
        let sign = self.terminal.paint(colour, sign);
        let took = terminal::duration(took);
        let note = self.terminal.paint(Colour::Dim, note);
        format!("  {sign} {label:<LABEL$} {took:>12}   {note}")
            .trim_end()
            .to_owned()
    }

    fn tick(&self) {
        self.with_state(|state| match self.terminal.live {
            true => self.draw(state),
            false => {
                for running in &mut state.running {
                    if running.said.elapsed() >= SAY_EVERY {
                        running.said = Instant::now();
                        let took = terminal::duration(running.since.elapsed());
                        terminal::line(&format!(
                            "    {:<LABEL$} {took:>12}   {}",
                            running.label, running.detail
                        ));
                    }
                }
            }
        });
    }

    fn draw(&self, state: &mut State) {
        let all: Vec<String> = state.running.iter().map(Running::in_short).collect();
        // Without asking for the width: a line that wraps cannot be erased, so it stays below the usual one.
        let text = terminal::shorten(&all.join(" · "), 76);
        if text == state.drawn {
            return;
        }
        let painted = self.terminal.paint(Colour::Dim, &text);
        let _ = write!(io::stdout().lock(), "{ERASE}  {painted}");
        let _ = io::stdout().flush();
        state.drawn = text;
    }

    fn erase(&self, state: &mut State) {
        if !std::mem::take(&mut state.drawn).is_empty() {
            let _ = write!(io::stdout().lock(), "{ERASE}");
        }
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // What it guards is only what is shown: a panic elsewhere does not spoil it.
        act(&mut self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Running {
    fn in_short(&self) -> String {
        let Running { label, detail, .. } = self;
        let seconds = self.since.elapsed().as_secs();
        match detail.as_str() {
            "" => format!("{label} {seconds}s"),
            detail => format!("{label} {seconds}s ({})", terminal::shorten(detail, 30)),
        }
    }
}

impl Step<'_> {
    /// What the step is at now.
    pub(crate) fn detail(&self, text: &str) {
        let text = terminal::plain(text).trim().to_owned();
        if text.is_empty() {
            return;
        }
        self.board.with_state(|state| {
            if let Some(running) = state
                .running
                .iter_mut()
                .find(|one| one.number == self.number)
            {
                running.detail = text;
            }
        });
    }
}

const LABEL: usize = 26;
const ERASE: &str = "\r\x1b[2K";
const SAY_EVERY: Duration = Duration::from_secs(20);

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_side_by_side_give_their_results_and_failures() {
        let terminal = Terminal {
            coloured: false,
            live: false,
        };
        let (one, two) = Board::with(terminal, |board| {
            thread::scope(|scope| {
                let one = scope.spawn(|| board.step("one", |_| Ok((1, String::new()))));
                let two = scope.spawn(|| {
                    board.step("two", |step| {
                        step.detail("\x1b[32mworking\x1b[0m");
                        let detail = board.with_state(|state| {
                            let mine = state.running.iter().find(|running| running.label == "two");
                            mine.unwrap().detail.clone()
                        });
                        assert_eq!(detail, "working");
                        Err::<((), String), _>(Stop::failed("no"))
                    })
                });
                (one.join().unwrap(), two.join().unwrap())
            })
        });
        assert_eq!(one.unwrap(), 1);
        assert!(matches!(two, Err(Stop::Failed(text)) if text == "no"));
    }

    #[test]
    fn a_finished_step_is_one_aligned_line() {
        let board = Board {
            terminal: Terminal {
                coloured: false,
                live: false,
            },
            state: Mutex::default(),
        };
        let line = board.finished(
            "✓",
            Colour::Green,
            "web packages",
            Duration::from_secs(3),
            "npm ci",
        );
        assert_eq!(line, "  ✓ web packages                      3.0 s   npm ci");
        let line = board.finished(
            "✓",
            Colour::Green,
            "web packages",
            Duration::from_secs(3),
            "",
        );
        assert_eq!(line, "  ✓ web packages                      3.0 s");
    }
}
