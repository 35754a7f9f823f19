//! What the Dockerfile puts into the image, without Docker: the same script lays it out, and the program runs with that for a root,
//! as a user who owns nothing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use dev_postgres::process;

use super::Deploy;
use crate::cargo::{api_server, cargo_with_openssl};
use crate::context::Stop;

/// Answers where the program is.
pub(super) fn try_out(step: &Deploy<'_>) -> Result<PathBuf, Stop> {
    let context = step.check.context;
    step.check.run(cargo_with_openssl(
        context,
        &["build", "--package=api-server"],
    ))?;
    let program = api_server(context);
    if !cfg!(target_os = "linux") {
        return Ok(program);
    }
    let root = step.scratch.join("image");
    let layout = Command::new(step.deploy.join("docker/rootfs.sh"));
    let (from, to) = (program.to_string_lossy(), root.to_string_lossy());
    step.run(layout, &[&from, &to])?;
    // Only root may change its root.
    if process::is_root() {
        let mut inside = Command::new("chroot");
        inside
            .args(["--userspec=65532:65532", &to])
            .args(["/usr/local/bin/api-server", "openapi"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let said = step.output(&mut inside)?;
        let document = fs::read_to_string(context.root.join("docs/openapi.json"));
        if document.map_err(Stop::failed)? != said {
            return Err(Stop::failed(
                "in the image's root the program says otherwise than outside",
            ));
        }
    }
    Ok(program)
}
