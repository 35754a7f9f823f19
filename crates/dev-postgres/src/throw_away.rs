//! Servers for tests: a copy of a data directory that was made once, started, and deleted with its server.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lock::Lock;
use crate::place::Place;
use crate::run_as::RunAs;
use crate::server::Launch;
use crate::{Binaries, Durability, Error, Postgres, cluster, left_behind, scratch, secret};

pub(crate) fn start(binaries: Binaries, progress: &mut dyn FnMut(&str)) -> Result<Postgres, Error> {
    let Place {
        run_as,
        binaries,
        folder: scratch,
    } = Place::find(binaries, &scratch()?)?;
    let template = scratch.join(format!("template-{}", binaries.version()));

    // One at a time may sweep, make the template, and claim a folder.
    let everybody = Lock::wait_for(&scratch.join("lock"))?;
    sweep(&scratch)?;
    let password = make_template(&template, &binaries, run_as, progress)?;
    let folder = scratch.join(format!("run-{}-{}", std::process::id(), next_number()));
    cluster::remove(&folder)?;
    fs::create_dir(&folder).map_err(Error::io(format!("creating {}", folder.display())))?;
    let lock = Lock::take(&folder.join("lock"))?;
    drop(everybody);

    let (data, log) = (folder.join("data"), folder.join("log"));
    let launch = Launch {
        binaries: &binaries,
        run_as,
        data: &data,
        log: &log,
        port: None,
        durability: Durability::None,
    };
    let started =
        cluster::copy(&template.join("data"), &data, run_as).and_then(|()| launch.start());
    match started {
        Ok((server, port)) => Ok(Postgres {
            server,
            _lock: lock,
            binaries,
            port,
            password,
            data,
            log,
            throw_away: Some(folder),
        }),
        Err(error) => {
            // The error carries the end of the log already.
            let _ = cluster::remove(&folder);
            Err(error)
        }
    }
}

/// Makes the directory that the others are copies of, if this version has none yet.
fn make_template(
    template: &Path,
    binaries: &Binaries,
    run_as: RunAs,
    progress: &mut dyn FnMut(&str),
) -> Result<String, Error> {
    fs::create_dir_all(template).map_err(Error::io(format!("creating {}", template.display())))?;
    let password = secret::kept_in(&template.join("password"))?;
    let data = template.join("data");
    if !data.is_dir() {
        progress(&format!(
            "making a PostgreSQL {} data directory for tests",
            binaries.major()
        ));
        cluster::create(binaries, run_as, &data, &password, Durability::None)?;
    }
    Ok(password)
}

/// Deletes what killed test runs left behind. A folder whose lock is free has no owner any more.
fn sweep(scratch: &Path) -> Result<(), Error> {
    let entries =
        fs::read_dir(scratch).map_err(Error::io(format!("reading {}", scratch.display())))?;
    for folder in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("run-") && Lock::take(&folder.join("lock"))?.is_some() {
            left_behind::end(&folder.join("data"));
            cluster::remove(&folder)?;
        }
    }
    Ok(())
}

fn next_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
