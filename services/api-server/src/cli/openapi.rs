use std::io::{self, Write};

use super::Failure;
use crate::{app, ops::Document};

/// Needs neither settings nor database: the document is part of the program.
pub(super) fn run() -> Result<(), Failure> {
    let domains = app::domains(&app::unconnected()?)?;
    let document = Document::new(&domains);
    match io::stdout().lock().write_all(document.as_bytes()) {
        // The reader has seen enough (`| head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
