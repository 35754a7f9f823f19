use super::{Failure, print};
use crate::{app, ops::Document};

/// Needs neither settings nor database: the document is part of the program.
pub(super) fn run() -> Result<(), Failure> {
    let domains = app::domains(&app::unconnected()?)?;
    print(Document::new(&domains).as_bytes())
}
