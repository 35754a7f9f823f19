use super::{Failure, print};
use crate::{app, problem_page::problem_page};

/// Needs neither settings nor database: the page is part of the program.
pub(super) fn run() -> Result<(), Failure> {
    let domains = app::described_domains()?;
    print(problem_page(&domains).as_bytes())
}
