//! Cargo commands, and whether OpenSSL has to be built along.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::context::Context;

/// `cargo` with these arguments at the root of the checkout.
pub(crate) fn cargo(context: &Context, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(&context.root);
    context.terminal.pass_on(&mut command);
    command
}

/// The same for commands that compile the server: with OpenSSL's sources where the machine has no
/// headers. That doubles the build, so it is never done without need.
pub(crate) fn cargo_with_openssl(context: &Context, arguments: &[&str]) -> Command {
    let mut command = cargo(context, arguments);
    if !openssl_is_installed() {
        command.args(["--features", "api-server/vendored-openssl"]);
    }
    command
}

/// The server's program, as `cargo build` leaves it.
pub(crate) fn api_server(context: &Context) -> PathBuf {
    built(context, "debug", "api-server")
}

/// An example of one of our packages, as `cargo build` leaves it.
pub(crate) fn example(context: &Context, name: &str) -> PathBuf {
    built(context, "debug/examples", name)
}

/// A program or `examples/` program, as `cargo build --release` leaves it.
pub(crate) fn release(context: &Context, program: &str) -> PathBuf {
    built(context, "release", program)
}

/// Where Cargo puts what it builds.
pub(crate) fn target(context: &Context) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(
        || context.root.join("target"),
        |folder| context.root.join(folder),
    )
}

fn built(context: &Context, profile: &str, program: &str) -> PathBuf {
    target(context)
        .join(profile)
        .join(format!("{program}{}", env::consts::EXE_SUFFIX))
}

/// Whether `name` is a program on PATH.
pub(crate) fn on_path(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

/// Looks where the build script of `openssl-sys` looks.
pub(crate) fn openssl_is_installed() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let succeeds = |program: &str, arguments: &[&str]| {
            Command::new(program)
                .args(arguments)
                .output()
                .is_ok_and(|out| out.status.success())
        };
        ["OPENSSL_DIR", "OPENSSL_LIB_DIR"]
            .iter()
            .any(|name| env::var_os(name).is_some())
            || succeeds("pkg-config", &["--exists", "openssl"])
            || cfg!(target_os = "macos")
                && succeeds("brew", &["--prefix", "--installed", "openssl@3"])
    })
}
