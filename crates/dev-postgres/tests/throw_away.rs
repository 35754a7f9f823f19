//! Servers for tests: empty, fast, and gone afterwards, however their owner ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::{Home, Program, ends_within, is_running, name, sources, sql};
use dev_postgres::{Postgres, Source};

#[test]
fn each_is_empty_and_leaves_nothing_behind() {
    for source in sources() {
        let one = throw_away(source);
        let two = throw_away(source);
        sql(&one.url(), "CREATE TABLE mine ()").unwrap();
        assert_eq!(
            sql(&two.url(), "SELECT to_regclass('mine') IS NULL").unwrap(),
            "t"
        );
        assert_eq!(sql(&two.url(), "SHOW fsync").unwrap(), "off");
        let (pid, folder) = (one.pid(), one.data().parent().unwrap().to_owned());
        assert!(folder.is_dir());
        drop(one);
        assert!(!is_running(pid));
        assert!(!folder.exists());
        sql(&two.url(), "SELECT 1").unwrap();
        two.stop().unwrap();
    }
}

#[test]
fn it_outlives_the_thread_that_asked_for_it() {
    for source in sources() {
        let server = std::thread::spawn(move || throw_away(source))
            .join()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        sql(&server.url(), "SELECT 1").unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_killed_test_run_left_is_swept_by_the_next_one() {
    for source in sources() {
        // A target folder of its own: other tests start servers meanwhile, and would sweep it first.
        let target = Home::new();
        let throw_away = || {
            let mut command = Command::new(common::PROGRAM);
            command
                .env("DRAWBRIDGE_POSTGRES", name(source))
                .env("CARGO_TARGET_DIR", target.path())
                .arg("--throw-away");
            Program::start(command)
        };
        let program = throw_away();
        let data = PathBuf::from(sql(&program.url, "SHOW data_directory").unwrap());
        assert!(data.starts_with(target.path()));
        let pid = common::server_pid(&data);
        program.kill();
        assert!(ends_within(pid, 5));
        assert!(data.exists());
        let next = throw_away();
        assert!(!data.exists());
        sql(&next.url, "SELECT 1").unwrap();
        assert!(next.interrupt().success());
    }
}

fn throw_away(source: Source) -> Postgres {
    Postgres::throw_away_from(source, &mut |_| ()).unwrap()
}
