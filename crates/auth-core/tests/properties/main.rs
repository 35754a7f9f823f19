//! What must hold for every input, tried with inputs that nobody thought of.
//!
//! A failure is written beside the file of its test, as `*.regressions`, which belongs into the
//! repository: from then on that input is tried first.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

#[path = "../../fuzz/bodies.rs"]
mod bodies;
mod cache;
#[path = "../attacks/forge.rs"]
#[expect(dead_code, reason = "the attacks need more of it")]
mod forge;
mod given;
mod inputs;
#[path = "../../fuzz/keybook.rs"]
mod keybook;
mod signed;

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}
