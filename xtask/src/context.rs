//! What every part needs: the terminal, the wish to stop, and where the checkout is.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use dev_postgres::process::StopRequests;

use crate::terminal::Terminal;

/// Handed to everything that runs.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) terminal: Terminal,
    pub(crate) root: PathBuf,
    stop: StopRequests,
}

/// Why a command ends before it is done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Ctrl-C or a request to terminate.
    Interrupted,
    /// With this to tell.
    Failed(String),
    /// What failed has been told already.
    Told,
}

impl Stop {
    pub(crate) fn failed(text: impl Display) -> Stop {
        Stop::Failed(text.to_string())
    }
}

impl Context {
    pub(crate) fn new() -> io::Result<Context> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Ok(Context {
            terminal: Terminal::new(),
            root: here.parent().unwrap_or(here).to_owned(),
            stop: StopRequests::listen()?,
        })
    }

    /// How often the user has asked to stop.
    pub(crate) fn stop_requests(&self) -> usize {
        self.stop.count()
    }

    /// An error once the user has asked to stop.
    pub(crate) fn go_on(&self) -> Result<(), Stop> {
        if self.stop.count() == 0 {
            Ok(())
        } else {
            Err(Stop::Interrupted)
        }
    }

    /// The web app's folder.
    pub(crate) fn web(&self) -> PathBuf {
        self.root.join("services").join("web")
    }

    /// The TypeScript client's folder.
    pub(crate) fn client(&self) -> PathBuf {
        self.root.join("clients").join("typescript")
    }
}
