//! Who runs the server: root cannot, an ordinary user can, and folders may be closed to others.
//! Only root can play all of these parts; as anybody else there is only one, which the other suites play.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Home, Program, name, server_pid, sources, sql};
use dev_postgres::{Binaries, Source};

#[test]
fn as_root_the_server_runs_as_another_user_or_in_a_namespace_and_data_moves_between_them() {
    if !is_root() {
        return;
    }
    for source in sources() {
        let parent = Home::below(&std::env::temp_dir());
        let home = Home::below(parent.path());
        let open = |mode| fs::set_permissions(parent.path(), Permissions::from_mode(mode)).unwrap();

        open(0o755);
        let server = home.start(source);
        sql(&server.url(), "CREATE TABLE kept AS SELECT 'hello' AS word").unwrap();
        let user = fs::metadata(server.data()).unwrap().uid();
        // npm's binaries have to be in reach as well, or be copied where they are.
        assert!(user != 0 || !nobody_reaches(source));
        assert_eq!(uid_of(server.pid()), user);
        server.stop().unwrap();

        open(0o700);
        let server = home.start(source);
        if !server.data().starts_with(home.path()) {
            // No namespaces here: a stand-in that another user reaches.
            assert_ne!(uid_of(server.pid()), 0);
            sql(&server.url(), "SELECT 1").unwrap();
            continue;
        }
        assert_eq!(fs::metadata(server.data()).unwrap().uid(), 0);
        assert_eq!(uid_of(server.pid()), 0);
        assert_eq!(
            sql(&server.url(), "SELECT word FROM kept").unwrap(),
            "hello"
        );
        sql(&server.url(), "INSERT INTO kept VALUES ('again')").unwrap();
        server.stop().unwrap();

        open(0o755);
        let server = home.start(source);
        assert_eq!(uid_of(server.pid()), user);
        assert_eq!(
            sql(&server.url(), "SELECT count(*) FROM kept").unwrap(),
            "2"
        );
    }
}

#[test]
fn an_ordinary_user_runs_the_server_as_itself() {
    if !is_root() {
        return;
    }
    for source in sources()
        .into_iter()
        .filter(|source| nobody_reaches(*source))
    {
        let folder = Home::below(&std::env::temp_dir());
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        // The target folder may be closed to others.
        let copy = folder.path().join("dev-postgres");
        fs::copy(common::PROGRAM, &copy).unwrap();
        let mut command = as_nobody(&copy);
        command.env("DRAWBRIDGE_POSTGRES", name(source));
        command
            .arg("--home")
            .arg(folder.path().join("home"))
            .args(["--port", "0"]);
        let program = Program::start(command);
        let data = PathBuf::from(sql(&program.url, "SHOW data_directory").unwrap());
        assert_eq!(uid_of(server_pid(&data)), NOBODY);
        assert_eq!(fs::metadata(&data).unwrap().uid(), NOBODY);
        assert!(program.interrupt().success());
    }
}

const NOBODY: u32 = 65534;

fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    command
}

/// npm's binaries lie in the checkout, which may be closed to others.
fn nobody_reaches(source: Source) -> bool {
    let postgres = Binaries::find(source, &mut |_| ())
        .unwrap()
        .folder()
        .join("postgres");
    as_nobody(&postgres)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The user id that the rest of the machine sees.
fn uid_of(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("Uid:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
