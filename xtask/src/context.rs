//! What every part needs: the terminal, the wish to stop, and where the checkout is.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dev_postgres::process::StopRequests;

use crate::terminal::Terminal;
use crate::watchdog::{Watchdog, Watched};

/// Handed to everything that runs.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) terminal: Terminal,
    pub(crate) root: PathBuf,
    /// Ends what we have started if we are killed.
    watchdog: Option<Arc<Watchdog>>,
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
    /// Without a watchdog.
    pub(crate) fn new() -> io::Result<Context> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Ok(Context {
            terminal: Terminal::new(),
            root: here.parent().unwrap_or(here).to_owned(),
            watchdog: None,
            stop: StopRequests::listen()?,
        })
    }

    /// With a watchdog beside us.
    pub(crate) fn watched(self) -> io::Result<Context> {
        Ok(Context {
            watchdog: Some(Arc::new(Watchdog::start()?)),
            ..self
        })
    }

    /// Sees to it that this process group ends with us.
    pub(crate) fn watch(&self, group: u32) -> Watched<'_> {
        Watched::new(self.watchdog.as_deref(), group)
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
