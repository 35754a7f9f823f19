//! How things look: aligned, coloured where a person watches, plain where a file does.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// What standard output can show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Colours are welcome.
    pub(crate) coloured: bool,
    /// A line can be drawn anew.
    pub(crate) live: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Magenta,
    Cyan,
}

impl Terminal {
    pub(crate) fn new() -> Terminal {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let live =
            io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        Terminal {
            live,
            coloured: live && !is_set("NO_COLOR"),
        }
    }

    pub(crate) fn paint(self, colour: Colour, text: &str) -> String {
        if !self.coloured || text.is_empty() {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Bold => 1,
            Colour::Dim => 2,
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Magenta => 35,
            Colour::Cyan => 36,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Asks the programs that we run for colours, or for none, as we do ourselves: they see a pipe.
    pub(crate) fn pass_on(self, command: &mut std::process::Command) {
        if self.coloured {
            command.envs([("CARGO_TERM_COLOR", "always"), ("FORCE_COLOR", "1")]);
        } else {
            command.envs([("CARGO_TERM_COLOR", "never"), ("NO_COLOR", "1")]);
            command.env_remove("FORCE_COLOR");
        }
    }
}

/// One whole line on standard output. A reader that went away is not our fault.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// An error, on standard error.
pub(crate) fn error(text: &str) {
    let live = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let head = if live {
        "\x1b[1;31merror\x1b[0m"
    } else {
        "error"
    };
    let _ = writeln!(io::stderr().lock(), "{head}: {text}");
}

/// `0.4 s`, `12.3 s`, `2 min 05 s`.
pub(crate) fn duration(took: Duration) -> String {
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// The text without colours, as it would look in a file.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        // Parameters, then one letter.
        rest = after
            .find(|c: char| ('@'..='~').contains(&c))
            .map_or("", |end| &after[end + 1..]);
    }
    plain.push_str(rest);
    plain
}

/// At most `width` characters, the last one a sign that there was more.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_a_person_says_them() {
        for (millis, text) in [
            (0, "0.0 s"),
            (12_340, "12.3 s"),
            (60_000, "1 min 00 s"),
            (125_900, "2 min 05 s"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn colours_come_off_and_broken_ones_take_nothing_else_with_them() {
        assert_eq!(plain("\x1b[1;32mok\x1b[0m done"), "ok done");
        assert_eq!(plain("no colour"), "no colour");
        assert_eq!(plain("cut \x1b["), "cut ");
        assert_eq!(plain("\x1b[2K\x1b[38;5;9mred"), "red");
    }

    #[test]
    fn without_a_terminal_nothing_is_painted() {
        let plain = Terminal {
            coloured: false,
            live: false,
        };
        assert_eq!(plain.paint(Colour::Red, "text"), "text");
        let coloured = Terminal {
            coloured: true,
            live: true,
        };
        assert_eq!(super::plain(&coloured.paint(Colour::Red, "text")), "text");
        assert_ne!(coloured.paint(Colour::Red, "text"), "text");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shorten("größe", 5), "größe");
        assert_eq!(shorten("größer", 4), "grö…");
    }
}
