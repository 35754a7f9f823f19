//! `deploy/`: each file is read by a tool that knows its kind, and what can be run here is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cargo::{on_path, target};
use crate::checks::Check;
use crate::context::Stop;
use crate::test::Outcome;
use crate::tools::{self, Tools};

mod dashboard;
mod image;
mod prometheus;

/// The worst exposure that `systemd-analyze security` may find, from 0 to 100.
const EXPOSURE: &str = "15";

pub(crate) fn run(check: &Check<'_>) -> Result<Outcome, Stop> {
    let tools = match tools::find_or_install(check.context)? {
        Ok(tools) => tools,
        Err(reason) => return Ok(Outcome::NotRun(reason)),
    };
    let step = Deploy {
        check,
        tools,
        deploy: check.context.root.join("deploy"),
        scratch: target(check.context).join("deploy"),
    };
    let _ = fs::remove_dir_all(&step.scratch);
    fs::create_dir_all(&step.scratch).map_err(Stop::failed)?;

    let program = image::try_out(&step)?;
    step.containers()?;
    let looked = [
        ("kustomize", step.kubernetes()?),
        ("systemd", step.systemd(&program)?),
        ("promtool", prometheus::look(&step)?),
    ];
    let missed: Vec<&str> = looked
        .into_iter()
        .filter_map(|(name, was_there)| (!was_there).then_some(name))
        .collect();
    Ok(Outcome::Passed(match missed.as_slice() {
        [] => String::new(),
        missed => format!("without {}", missed.join(", ")),
    }))
}

struct Deploy<'a> {
    check: &'a Check<'a>,
    tools: Tools,
    deploy: PathBuf,
    /// For what is made on the way.
    scratch: PathBuf,
}

impl Deploy<'_> {
    fn run(&self, mut command: Command, arguments: &[&str]) -> Result<(), Stop> {
        command
            .args(arguments)
            .current_dir(&self.check.context.root);
        self.check.run(command).map(drop)
    }

    /// What a command prints.
    fn output(&self, command: &mut Command) -> Result<String, Stop> {
        let name = crate::job::describe(command);
        let Output {
            status,
            stdout,
            stderr,
        } = command
            .current_dir(&self.check.context.root)
            .output()
            .map_err(|error| Stop::failed(format!("cannot run `{name}`: {error}")))?;
        match status.success() {
            true => Ok(String::from_utf8_lossy(&stdout).into_owned()),
            false => Err(Stop::failed(format!(
                "`{name}` failed ({status}):\n{}",
                String::from_utf8_lossy(&stderr)
            ))),
        }
    }

    fn containers(&self) -> Result<(), Stop> {
        let files = [
            "deploy/docker/api-server.Dockerfile",
            "deploy/docker/web.Dockerfile",
        ];
        self.run(self.tools.command("hadolint"), &files)?;
        let schema = ["--builtin-schema", "vendor.compose-spec"];
        let arguments = [&schema[..], &["deploy/compose.yaml"]].concat();
        self.run(self.tools.command("check-jsonschema"), &arguments)?;
        let arguments = ["--strict", "--config-file", ".yamllint.yaml", "deploy"];
        self.run(self.tools.command("yamllint"), &arguments)
    }

    /// As they are applied where kustomize is at hand, and otherwise file by file.
    fn kubernetes(&self) -> Result<bool, Stop> {
        let example = "deploy/kubernetes/example";
        let kustomize = if on_path("kustomize") {
            Some(("kustomize", ["build", example]))
        } else {
            on_path("kubectl").then_some(("kubectl", ["kustomize", example]))
        };
        let validate = |files: &[&str]| {
            let arguments = [&["--strict"], files].concat();
            self.run(self.tools.command("kubernetes-validate"), &arguments)
        };
        if let Some((program, arguments)) = kustomize {
            let built = self.output(Command::new(program).args(arguments))?;
            let file = self.scratch.join("kubernetes.yaml");
            fs::write(&file, built).map_err(Stop::failed)?;
            validate(&[&file.to_string_lossy()])?;
            return Ok(true);
        }
        let mut files = Vec::new();
        for folder in ["base", "example"] {
            let folder = self.deploy.join("kubernetes").join(folder);
            for entry in fs::read_dir(folder).map_err(Stop::failed)? {
                let path = entry.map_err(Stop::failed)?.path();
                if !path.ends_with("kustomization.yaml") {
                    files.push(path.to_string_lossy().into_owned());
                }
            }
        }
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        validate(&files)?;
        Ok(false)
    }

    /// With the program where it has been built: a unit whose program is not there is refused.
    fn systemd(&self, program: &Path) -> Result<bool, Stop> {
        if !on_path("systemd-analyze") {
            return Ok(false);
        }
        let unit = fs::read_to_string(self.deploy.join("systemd/api-server.service"))
            .map_err(Stop::failed)?;
        let here = unit.replace("/usr/local/bin/api-server", &program.to_string_lossy());
        let file = self.scratch.join("api-server.service");
        fs::write(&file, here).map_err(Stop::failed)?;
        let file = file.to_string_lossy();
        self.run(Command::new("systemd-analyze"), &["verify", &file])?;
        let threshold = format!("--threshold={EXPOSURE}");
        let arguments = ["security", "--offline=true", &threshold, &file];
        self.output(Command::new("systemd-analyze").args(arguments))?;
        Ok(true)
    }
}
