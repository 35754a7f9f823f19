//! The server whose data is kept, through everything that happens to a developer's machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use common::{Home, Program, data_in, ends_within, is_running, server_pid, sources, sql};
use dev_postgres::process::{Signal, send, wait_until};
use dev_postgres::{DATABASE, Error, Postgres, Source};

#[test]
fn data_survives_a_restart() {
    for source in sources() {
        let home = Home::new();
        let first = home.start(source);
        let (url, pid) = (first.url(), first.pid());
        sql(
            &url,
            "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('hello')",
        )
        .unwrap();
        assert_eq!(sql(&url, "SELECT current_database()").unwrap(), DATABASE);
        assert_eq!(sql(&url, "SHOW fsync").unwrap(), "on");
        first.stop().unwrap();
        assert!(!is_running(pid));

        let second = home.start(source);
        assert_eq!(
            sql(&second.url(), "SELECT word FROM kept").unwrap(),
            "hello"
        );
        assert!(!second.is_guest());
    }
}

#[test]
fn only_who_knows_the_password_gets_in_and_debug_does_not_tell_it() {
    for source in sources() {
        let home = Home::new();
        let server = home.start(source);
        let url = server.url();
        let password = url.split([':', '@']).nth(2).unwrap();
        assert!(sql(&url.replace(password, "guessed"), "SELECT 1").is_err());
        assert!(!format!("{server:?}").contains(password));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = server.data().with_file_name("password");
            assert_eq!(
                fs::metadata(file).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }
}

#[test]
fn texts_sort_and_fold_alike_whatever_the_machine_speaks() {
    for source in sources() {
        let server = Postgres::throw_away_from(source, &mut |_| ()).unwrap();
        let answer = sql(&server.url(), "SELECT lower('ÄRGER') || ('B' < 'a')::text");
        assert_eq!(answer.unwrap(), "ärgertrue");
    }
}

#[test]
fn a_second_start_uses_the_running_server_and_does_not_end_it() {
    for source in sources() {
        let home = Home::new();
        let owner = home.start(source);
        let guest = home.start(source);
        assert!(guest.is_guest());
        assert_eq!((guest.pid(), guest.url()), (owner.pid(), owner.url()));
        sql(&guest.url(), "CREATE TABLE seen_by_both ()").unwrap();
        guest.stop().unwrap();
        assert_eq!(
            sql(&owner.url(), "SELECT count(*) FROM seen_by_both").unwrap(),
            "0"
        );

        let guest = home.start(source);
        owner.stop().unwrap();
        assert!(guest.ended().is_some());
    }
}

#[test]
fn two_that_start_at_once_share_one_server() {
    for source in sources() {
        let home = Home::new();
        let (one, two) = std::thread::scope(|scope| {
            let one = scope.spawn(|| home.start(source));
            let two = scope.spawn(|| home.start(source));
            (one.join().unwrap(), two.join().unwrap())
        });
        assert_eq!(one.pid(), two.pid());
        assert_ne!(one.is_guest(), two.is_guest());
    }
}

#[test]
fn a_taken_port_is_left_to_its_owner() {
    for source in sources() {
        let home = Home::new();
        let owner = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = owner.local_addr().unwrap().port();
        let mut options = home.options(source);
        options.port = taken;
        let server = Postgres::start(&options, &mut |_| ()).unwrap();
        assert_ne!(server.port(), taken);
        sql(&server.url(), "SELECT 1").unwrap();
        let noted = fs::read_to_string(server.data().with_file_name("port")).unwrap();
        assert_eq!(noted.trim(), server.port().to_string());
        server.stop().unwrap();

        drop(owner);
        let server = Postgres::start(&options, &mut |_| ()).unwrap();
        assert_eq!(server.port(), taken);
    }
}

#[test]
fn ctrl_c_ends_the_program_and_its_server() {
    for source in sources() {
        let home = Home::new();
        let program = Program::kept(&home, source);
        let server = server_pid(&data_in(&home));
        assert!(program.interrupt().success());
        assert!(!is_running(server));
        assert!(!data_in(&home).join("postmaster.pid").exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_ends_when_its_parent_is_killed_and_the_next_start_waits_for_it() {
    for source in sources() {
        let home = Home::new();
        let program = Program::kept(&home, source);
        sql(&program.url, "CREATE TABLE kept AS SELECT 'hello' AS word").unwrap();
        let old = server_pid(&data_in(&home));
        program.kill();
        // At once: the old server has only just been told to end.
        let server = home.start(source);
        assert!(!is_running(old));
        assert_ne!(server.pid(), old);
        assert_eq!(
            sql(&server.url(), "SELECT word FROM kept").unwrap(),
            "hello"
        );
    }
}

#[test]
fn a_server_that_was_killed_with_its_parent_is_recovered() {
    for source in sources() {
        let home = Home::new();
        let program = Program::kept(&home, source);
        sql(&program.url, "CREATE TABLE kept AS SELECT 'hello' AS word").unwrap();
        let old = server_pid(&data_in(&home));
        send(old, Signal::Kill).unwrap();
        program.kill();
        assert!(data_in(&home).join("postmaster.pid").exists());
        let server = home.start(source);
        assert_eq!(
            sql(&server.url(), "SELECT word FROM kept").unwrap(),
            "hello"
        );
    }
}

#[test]
fn a_server_that_dies_is_noticed() {
    for source in sources() {
        let home = Home::new();
        let server = home.start(source);
        assert_eq!(server.ended(), None);
        send(server.pid(), Signal::Kill).unwrap();
        assert!(wait_until(Duration::from_secs(5), || server
            .ended()
            .is_some()));
        assert!(server.ended().unwrap().contains("9"));
    }
}

#[cfg(unix)]
#[test]
fn a_pid_file_that_names_another_program_does_not_hinder() {
    for source in sources() {
        let home = Home::new();
        // A server of the same user as that process takes it for another server.
        home.close();
        let first = home.start(source);
        let data = first.data().to_owned();
        first.stop().unwrap();
        let mut other = Command::new("sleep").arg("60").spawn().unwrap();
        let stale = format!("{}\n{}\n1\n1\n\n\n\nready\n", other.id(), data.display());
        fs::write(data.join("postmaster.pid"), stale).unwrap();
        let server = home.start(source);
        sql(&server.url(), "SELECT 1").unwrap();
        assert!(
            other.try_wait().unwrap().is_none(),
            "the other program was ended"
        );
        other.kill().unwrap();
        other.wait().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_pid_file_that_names_a_zombie_does_not_hinder() {
    for source in sources() {
        let home = Home::new();
        // A server of the same user as that process takes it for another server.
        home.close();
        let first = home.start(source);
        let data = first.data().to_owned();
        first.stop().unwrap();
        let mut zombie = Command::new("true").spawn().unwrap();
        assert!(ends_within(zombie.id(), 5));
        let stale = format!("{}\n{}\n1\n1\n\n\n\nready\n", zombie.id(), data.display());
        fs::write(data.join("postmaster.pid"), stale).unwrap();
        let server = home.start(source);
        sql(&server.url(), "SELECT 1").unwrap();
        zombie.wait().unwrap();
    }
}

#[test]
fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    for source in sources() {
        let home = Home::new();
        home.start(source).stop().unwrap();
        let settings = data_in(&home).join("postgresql.conf");
        fs::write(&settings, "no_such_setting = 1\n").unwrap();
        let error = Postgres::start(&home.options(source), &mut |_| ()).unwrap_err();
        assert!(matches!(error, Error::NotReady { .. }), "{error}");
        assert!(error.to_string().contains("no_such_setting"), "{error}");
        // It let go of the data: the next start is not refused as a second one.
        fs::write(&settings, "").unwrap();
        home.start(source);
    }
}

#[test]
fn an_interrupted_first_start_is_made_good() {
    for source in sources() {
        let home = Home::new();
        home.start(source).stop().unwrap();
        let data = data_in(&home);
        fs::rename(&data, data.with_file_name("data.partial")).unwrap();
        let server = home.start(source);
        sql(&server.url(), "SELECT 1").unwrap();
        assert!(!data.with_file_name("data.partial").exists());
    }
}

#[test]
fn a_machine_without_postgresql_gets_npms() {
    let home = Home::new();
    let mut command = Command::new(common::PROGRAM);
    // A folder without binaries stands for a machine without them.
    command
        .env("PG_BIN_DIR", home.path())
        .env_remove("DRAWBRIDGE_POSTGRES");
    command.arg("--home").arg(home.path()).args(["--port", "0"]);
    let program = Program::start(command);
    let version = sql(&program.url, "SHOW server_version").unwrap();
    assert!(version.starts_with("18."), "{version}");
    assert!(program.interrupt().success());

    let mut command = Command::new(common::PROGRAM);
    command
        .env("PG_BIN_DIR", home.path())
        .env("DRAWBRIDGE_POSTGRES", "system");
    let output = command.arg("--home").arg(home.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("PG_BIN_DIR") && text.contains("DATABASE_URL"),
        "{text}"
    );
}

#[test]
fn two_majors_live_side_by_side() {
    let sources = sources();
    let home = Home::new();
    let servers: Vec<Postgres> = sources.iter().map(|source| home.start(*source)).collect();
    for (server, source) in servers.iter().zip(&sources) {
        let major = server.binaries().major().to_string();
        assert!(
            sql(&server.url(), "SHOW server_version")
                .unwrap()
                .starts_with(&major)
        );
        assert!(server.data().starts_with(home.path().join(major)));
        if *source == Source::Npm {
            assert_eq!(server.binaries().major(), 18);
        }
    }
}
