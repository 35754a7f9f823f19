//! Which core runs what, how long, and in how much memory.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use std::{fs, thread};

use crate::cargo::on_path;

/// Of a measurement's two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Core {
    /// Where the load is made.
    Load = 0,
    /// Where the server is, alone.
    Server = 1,
}

/// `program`, on this core where that can be had.
pub(super) fn command_on(core: Core, program: impl AsRef<OsStr>) -> Command {
    match can_pin() {
        false => Command::new(program),
        true => {
            let mut command = Command::new("taskset");
            command.args(["-c", &(core as usize).to_string()]);
            command.arg(program);
            command
        }
    }
}

/// The same, but only while nobody else has work for that core: a load that is not to be in the way of another one, as if it
/// came from another machine.
pub(super) fn patient_command_on(core: Core, program: impl AsRef<OsStr>) -> Command {
    match on_path("chrt") {
        false => command_on(core, program),
        true => {
            let mut command = command_on(core, "chrt");
            command.args(["--idle", "0"]).arg(program);
            command
        }
    }
}

/// Puts this process, and with it what it starts by itself, on this core where that can be had.
pub(super) fn move_to(core: Core) {
    if can_pin() {
        let process = std::process::id().to_string();
        let mut command = Command::new("taskset");
        command.args(["--all-tasks", "--cpu-list", "--pid"]);
        // Left where it is, it only adds noise.
        let _ = command
            .args([&(core as usize).to_string(), &process])
            .stdout(Stdio::null())
            .status();
    }
}

/// Whether the two sides can be kept apart.
pub(super) fn can_pin() -> bool {
    // Asked once: after the move we may use one core ourselves.
    static CAN_PIN: OnceLock<bool> = OnceLock::new();
    *CAN_PIN.get_or_init(|| {
        on_path("taskset") && thread::available_parallelism().is_ok_and(|cores| cores.get() > 1)
    })
}

/// The processor time of all threads of a process, where Linux tells.
pub(super) fn time_of(process: u32) -> Option<Duration> {
    let threads = fs::read_dir(Path::new("/proc").join(process.to_string()).join("task")).ok()?;
    let nanoseconds: Vec<u64> = threads
        .filter_map(|thread| {
            let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse().ok()
        })
        .collect();
    (!nanoseconds.is_empty()).then(|| Duration::from_nanos(nanoseconds.iter().sum()))
}

/// The processor time of a process and of each of its children that lives.
#[derive(Debug, Clone)]
pub(super) struct FamilyTimes(HashMap<u32, Duration>);

impl FamilyTimes {
    /// So far, where Linux tells.
    pub(super) fn of(process: u32) -> Option<FamilyTimes> {
        let name = process.to_string();
        let children = Path::new("/proc").join(&name).join("task").join(&name);
        let children = fs::read_to_string(children.join("children")).ok()?;
        let family = children.split_whitespace().filter_map(|id| id.parse().ok());
        let times = family
            .chain([process])
            // Some have ended meanwhile.
            .filter_map(|member| Some((member, time_of(member)?)));
        Some(FamilyTimes(times.collect()))
    }

    /// What they have used since `before`. What those used that have ended in between is not known.
    pub(super) fn since(&self, before: &FamilyTimes) -> Duration {
        let used = self.0.iter().map(|(member, now)| {
            let then = before.0.get(member).copied().unwrap_or_default();
            now.saturating_sub(then)
        });
        used.sum()
    }
}

/// The memory that a process has of the machine, in bytes, where Linux tells.
pub(super) fn memory_of(process: u32) -> Option<u64> {
    let path = Path::new("/proc").join(process.to_string()).join("status");
    let text = fs::read_to_string(path).ok()?;
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use dev_postgres::process;

    use super::*;
    use crate::job;

    #[cfg(target_os = "linux")]
    #[test]
    fn work_takes_processor_time() {
        let Some(before) = time_of(std::process::id()) else {
            // A kernel without scheduler statistics.
            return;
        };
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(200) {
            std::hint::black_box(started.elapsed());
        }
        let used = time_of(std::process::id()).unwrap() - before;
        assert!(used > Duration::from_millis(20), "{used:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_childs_work_counts_for_its_family() {
        let mut command = Command::new("sh");
        command.args(["-c", "while :; do :; done & wait"]);
        process::own_group(&mut command);
        let mut parent = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(100));
        let before = FamilyTimes::of(parent.id());
        thread::sleep(Duration::from_millis(400));
        let after = FamilyTimes::of(parent.id());
        job::end_group(&mut parent, Duration::from_secs(5), || false).unwrap();
        // A kernel that does not list children tells nothing.
        if let (Some(before), Some(after)) = (before, after) {
            let used = after.since(&before);
            assert!(used > Duration::from_millis(20), "{used:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_kept_takes_memory() {
        let before = memory_of(std::process::id()).unwrap();
        let kept = std::hint::black_box(vec![1_u8; 32 << 20]);
        let after = memory_of(std::process::id()).unwrap();
        assert!(after >= before + (16 << 20), "{before} {after}");
        drop(kept);
    }

    #[test]
    fn nobody_has_used_nothing() {
        assert_eq!(time_of(u32::MAX), None);
        assert_eq!(memory_of(u32::MAX), None);
        assert!(FamilyTimes::of(u32::MAX).is_none());
    }
}
