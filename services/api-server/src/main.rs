//! See the library: this file only lets it run.

use std::process::ExitCode;

fn main() -> ExitCode {
    api_server::cli::run(
        std::env::args_os(),
        api_server::settings::Environment::of_process(),
    )
}
