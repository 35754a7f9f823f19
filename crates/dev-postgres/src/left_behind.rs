//! What a killed process leaves: a server on its way out, one that stays, or only a pid file.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{self, ProcessState, Signal};
use crate::server::Server;
use crate::{Binaries, Error, accepting, pid_file};

/// Looks for a server, or what is left of one, that still uses `data` although nobody holds its lock.
///
/// One that was killed together with its parent needs a moment to go; one that stays and accepts
/// connections is taken over, with its port. Once nobody is left, a pid file that names a process of
/// another program, or one that nobody collects, is removed: PostgreSQL would take it for a server.
pub(crate) fn find(data: &Path, binaries: &Binaries) -> Result<Option<(Server, u16)>, Error> {
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut accepting_since = None;
    loop {
        let Some(occupant) = occupants(data).first().copied() else {
            remove_misleading_pid_file(data)?;
            return Ok(None);
        };
        match accepting(data) {
            // Not at once: it may have been told to end and not yet have listened.
            Some((pid, port)) => {
                let since = *accepting_since.get_or_insert_with(Instant::now);
                if since.elapsed() > Duration::from_secs(2) {
                    return Ok(Some((Server::inherited(pid, binaries), port)));
                }
            }
            None => accepting_since = None,
        }
        if Instant::now() > deadline {
            return Err(Error::HeldBy {
                pid: occupant,
                data: data.to_owned(),
            });
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Ends whatever server is left on the data of a throw-away whose owner has died.
pub(crate) fn end(data: &Path) {
    for pid in occupants(data) {
        let _ = process::send(pid, Signal::Quit);
    }
    process::wait_until(Duration::from_secs(5), || occupants(data).is_empty());
}

/// The PostgreSQL processes that use `data`, the first one its postmaster if that is alive.
///
/// Every one of them works inside the data directory, which Linux tells. A backend that outlives its
/// killed server is found that way too. Elsewhere the pid file has to do.
fn occupants(data: &Path) -> Vec<u32> {
    let is_postgres = |pid: &u32| match ProcessState::of(*pid) {
        ProcessState::Running(name) => name.starts_with("postgres"),
        ProcessState::Zombie | ProcessState::Gone => false,
    };
    let named = pid_file::read(data).map(|file| file.pid);
    if !cfg!(target_os = "linux") {
        return named.into_iter().filter(is_postgres).collect();
    }
    let works_here = |pid: &u32| match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == data,
        // Another user's process: the pid file's word is all there is.
        Err(_) => named == Some(*pid),
    };
    let mut found: Vec<u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(works_here)
        .filter(is_postgres)
        .collect();
    found.sort_by_key(|pid| (named != Some(*pid), *pid));
    found
}

/// One that names nobody is removed by PostgreSQL itself.
fn remove_misleading_pid_file(data: &Path) -> Result<(), Error> {
    match pid_file::read(data) {
        Some(file) if ProcessState::of(file.pid) != ProcessState::Gone => {
            let path = data.join(pid_file::NAME);
            fs::remove_file(&path).map_err(Error::io(format!("removing {}", path.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::run_as::RunAs;
    use crate::server::Launch;
    use crate::testing::Scratch;
    use crate::{Durability, Source, cluster};

    #[test]
    fn a_server_that_its_dead_parent_left_running_is_taken_over_and_ended() {
        let scratch = Scratch::new("left-behind");
        let binaries = Binaries::find(Source::from_env().unwrap(), &mut |_| ()).unwrap();
        let run_as = RunAs::choose(&binaries, scratch.path()).unwrap();
        let data = scratch.path().join("data");
        cluster::create(&binaries, run_as, &data, "secret", Durability::None).unwrap();
        let launch = Launch {
            binaries: &binaries,
            run_as,
            data: &data,
            log: &scratch.path().join("log"),
            port: None,
            durability: Durability::None,
        };
        let (server, port) = launch.start().unwrap();
        let pid = server.pid();
        // Its keeper goes on to collect it, as init does for orphans.
        std::mem::forget(server);

        let (mut found, its_port) = find(&data, &binaries).unwrap().unwrap();
        assert_eq!((found.pid(), its_port), (pid, port));
        assert!(!found.belongs_to_another());
        assert_eq!(found.ended(), None);
        found.stop(Signal::Interrupt).unwrap();
        assert!(found.ended().is_some());
        assert!(find(&data, &binaries).unwrap().is_none());
    }
}
