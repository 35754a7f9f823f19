//! See the library: this file only lets it run.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request makes and drops some hundred small things on the thread that it stays on, which is what this one is fast at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    api_server::cli::run(
        std::env::args_os(),
        api_server::settings::Environment::of_process(),
    )
}
