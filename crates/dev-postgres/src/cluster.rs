//! A data directory: made by `initdb`, with the project's database in it, or copied from one made before.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::Signal;
use crate::run_as::RunAs;
use crate::secret::write_private;
use crate::{Binaries, DATABASE, Durability, Error, SUPERUSER};

/// Makes a data directory at `data`, all or nothing: an interrupted attempt leaves no `data` behind.
pub(crate) fn create(
    binaries: &Binaries,
    run_as: RunAs,
    data: &Path,
    password: &str,
    durability: Durability,
) -> Result<(), Error> {
    let partial = data.with_extension("partial");
    remove(&partial)?;
    create_private(&partial)?;
    run_as.own(&partial)?;

    let password_file = data.with_extension("pwfile");
    write_private(&password_file, password)
        .map_err(Error::io(format!("writing {}", password_file.display())))?;
    run_as.own(&password_file)?;
    let mut initdb = run_as.command(&binaries.program("initdb"), Signal::Kill);
    initdb
        .arg(format!("--pgdata={}", partial.display()))
        .arg(format!("--username={SUPERUSER}"))
        .arg(format!("--pwfile={}", password_file.display()))
        .args([
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
        ])
        .args(locale(binaries.major()));
    if durability == Durability::None {
        initdb.arg("--no-sync");
    }
    let result = run(initdb, "initdb", "");
    fs::remove_file(&password_file)
        .map_err(Error::io(format!("removing {}", password_file.display())))?;
    result?;

    // One statement without a server, so no driver and no password is needed to get a database.
    let mut single = run_as.command(&binaries.program("postgres"), Signal::Kill);
    single
        .arg("--single")
        .arg("-D")
        .arg(&partial)
        .args(["-c", "exit_on_error=on"]);
    if durability == Durability::None {
        single.args(["-c", "fsync=off"]);
    }
    single.arg(SUPERUSER);
    run(
        single,
        "postgres --single",
        &format!("CREATE DATABASE {DATABASE}\n"),
    )?;

    fs::rename(&partial, data).map_err(Error::io(format!("renaming {}", partial.display())))
}

/// Copies a data directory whose server is not running.
pub(crate) fn copy(from: &Path, to: &Path, run_as: RunAs) -> Result<(), Error> {
    copy_all(from, to).map_err(Error::io(format!("copying {}", from.display())))?;
    run_as.own(to)
}

/// Removes a directory that may be absent.
pub(crate) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(format!("removing {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

/// The same order of texts and the same upper and lower case on every machine, whatever its own locale
/// is. From 17 on PostgreSQL brings that itself.
fn locale(major: u32) -> &'static [&'static str] {
    match major {
        17.. => &[
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        ],
        _ if cfg!(target_os = "linux") => &["--locale=C", "--lc-ctype=C.UTF-8"],
        _ => &["--locale=C"],
    }
}

fn run(mut command: Command, program: &'static str, input: &str) -> Result<(), Error> {
    let failed = |error| Error::io(format!("running {program}"))(error);
    let mut child = command
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    // The program may have failed before it read its input: its own words tell more than the broken pipe.
    let _ = child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(input.as_bytes());
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Error::Create {
        program,
        output: String::from_utf8_lossy(&text).trim().to_owned(),
    })
}

/// A folder that every user may be in: ours may be closed to the user whom the program runs as.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(if cfg!(windows) { "." } else { "/" })
}

fn create_private(folder: &Path) -> Result<(), Error> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "no mode to set"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(Error::io(format!("creating {}", folder.display())))
}

/// Copies a folder with everything in it; links stay links.
pub(crate) fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in from.read_dir()? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    fs::set_permissions(to, from.metadata()?.permissions())
}
