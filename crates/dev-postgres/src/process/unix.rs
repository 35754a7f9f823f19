//! What [`super`] promises, by libc. The only `unsafe` of the workspace: each block is one call, or a few
//! that belong together, with its reason beside it.
#![expect(
    unsafe_code,
    reason = "kill, sigaction, prctl and unshare have no safe door in std"
)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Ids, ProcessState, Signal};

pub(super) fn own_group(command: &mut Command) {
    command.process_group(0);
}

pub(super) fn send(pid: u32, signal: Signal, group: bool) -> io::Result<()> {
    // Process 0 and negative ids mean "many processes" to kill(2): never let one through.
    let Some(pid) = libc::pid_t::try_from(pid).ok().filter(|pid| *pid > 1) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a process id",
        ));
    };
    // SAFETY: kill takes two integers and touches no memory of ours.
    let sent = unsafe { libc::kill(if group { -pid } else { pid }, number(signal)) };
    match io::Error::last_os_error() {
        _ if sent == 0 => Ok(()),
        gone if gone.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        error => Err(error),
    }
}

pub(super) fn group_is_alive(leader: u32) -> bool {
    let Some(leader) = libc::pid_t::try_from(leader).ok().filter(|pid| *pid > 1) else {
        return false;
    };
    // SAFETY: as in `send`; signal 0 only asks whether the group exists.
    let found = unsafe { libc::kill(-leader, 0) };
    found == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

pub(super) fn effective_uid() -> u32 {
    // SAFETY: geteuid cannot fail and takes no arguments.
    unsafe { libc::geteuid() }
}

static REQUESTS: AtomicUsize = AtomicUsize::new(0);

pub(super) fn requests() -> usize {
    REQUESTS.load(Ordering::SeqCst)
}

pub(super) fn listen() -> io::Result<()> {
    extern "C" fn count(_signal: libc::c_int) {
        REQUESTS.fetch_add(1, Ordering::SeqCst);
    }
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: `action` is fully initialised (zero is a valid empty mask and flag set) before
        // the call, and the handler only adds to an atomic, which is async-signal-safe.
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = count as extern "C" fn(libc::c_int) as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut())
        };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
pub(super) fn before_exec(command: &mut Command, ids: Option<Ids>, signal: Option<Signal>) {
    let parent = std::process::id();
    let signal = signal.map(number);
    // Written before the fork: the child may not allocate.
    let maps = ids.map(|ids| {
        [
            (c"/proc/self/setgroups", "deny".to_owned()),
            (
                c"/proc/self/uid_map",
                format!("{} {} 1", ids.uid, effective_uid()),
            ),
            (
                c"/proc/self/gid_map",
                format!("{} {} 1", ids.gid, effective_gid()),
            ),
        ]
    });
    let prepare = move || {
        if let Some(maps) = &maps {
            // SAFETY: unshare takes an integer; the child is single-threaded after fork.
            check(unsafe { libc::unshare(libc::CLONE_NEWUSER) })?;
            for (path, text) in maps {
                // SAFETY: open, write and close are async-signal-safe; path and text outlive
                // the calls and the length is the text's own.
                unsafe {
                    let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
                    check(file)?;
                    let written = libc::write(file, text.as_ptr().cast(), text.len());
                    let result = if written < 0 { check(-1) } else { Ok(()) };
                    libc::close(file);
                    result?;
                }
            }
        }
        if let Some(signal) = signal {
            // Last, because a change of user clears it.
            // SAFETY: prctl with PR_SET_PDEATHSIG takes one integer; getppid takes nothing.
            unsafe {
                check(libc::prctl(libc::PR_SET_PDEATHSIG, signal))?;
                // A parent that died before the line above sends nothing any more.
                if libc::getppid() as u32 != parent {
                    return Err(io::Error::from_raw_os_error(libc::ESRCH));
                }
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec `prepare` makes only async-signal-safe calls and does not
    // allocate: its texts were made above, its errors are plain numbers.
    unsafe { command.pre_exec(prepare) };
}

#[cfg(target_os = "linux")]
fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn effective_gid() -> u32 {
    // SAFETY: getegid cannot fail and takes no arguments.
    unsafe { libc::getegid() }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn before_exec(_: &mut Command, _: Option<Ids>, _: Option<Signal>) {}

#[cfg(target_os = "linux")]
pub(super) fn state(pid: u32) -> ProcessState {
    // `pid (name) state …`, where the name may itself hold spaces and brackets.
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return ProcessState::Gone;
    };
    let Some((name, rest)) = stat
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'))
    else {
        return ProcessState::Gone;
    };
    match rest.trim_start().chars().next() {
        Some('Z') => ProcessState::Zombie,
        Some('X' | 'x') | None => ProcessState::Gone,
        Some(_) => ProcessState::Running(name.to_owned()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn state(pid: u32) -> ProcessState {
    let listed = Command::new("ps")
        .args(["-o", "stat=,comm=", "-p", &pid.to_string()])
        .output();
    let text = listed.map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    match text
        .as_deref()
        .unwrap_or_default()
        .split_once(char::is_whitespace)
    {
        None => ProcessState::Gone,
        Some((state, _)) if state.starts_with('Z') => ProcessState::Zombie,
        Some((_, command)) => {
            let name = command.trim().rsplit('/').next().unwrap_or_default();
            ProcessState::Running(name.to_owned())
        }
    }
}

fn number(signal: Signal) -> libc::c_int {
    match signal {
        Signal::Interrupt => libc::SIGINT,
        Signal::Terminate => libc::SIGTERM,
        Signal::Quit => libc::SIGQUIT,
        Signal::Kill => libc::SIGKILL,
    }
}
