use super::{Failure, print};
use crate::{app, ops::Document};

/// Needs neither settings nor database: the document is part of the program.
pub(super) fn run() -> Result<(), Failure> {
    let domains = app::described_domains()?;
    print(Document::new(&domains).as_bytes())
}
