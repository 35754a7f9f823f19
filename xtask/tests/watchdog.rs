//! What was started ends, even when whoever started it is killed.
#![cfg(unix)]

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use dev_postgres::process::{group_is_alive, own_group, wait_until};

#[test]
fn when_the_pipe_breaks_watched_groups_end_and_others_do_not() {
    let mut dog = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut dog = dog
        .arg("watch-groups")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut groups: Vec<_> = (0..3)
        .map(|_| {
            let mut command = Command::new("sh");
            // Its leader would leave the child behind, as npm does.
            command.args(["-c", "sleep 60 & wait"]);
            own_group(&mut command);
            command.spawn().unwrap()
        })
        .collect();
    let mut pipe = dog.stdin.take().unwrap();
    writeln!(
        pipe,
        "+{}\n+{}\n-{}",
        groups[0].id(),
        groups[1].id(),
        groups[1].id()
    )
    .unwrap();
    assert!(groups.iter().all(|group| group_is_alive(group.id())));

    drop(pipe);
    assert!(!groups[0].wait().unwrap().success());
    assert!(wait_until(Duration::from_secs(10), || !group_is_alive(
        groups[0].id()
    )));
    assert!(dog.wait().unwrap().success());
    for other in &mut groups[1..] {
        assert!(
            other.try_wait().unwrap().is_none(),
            "a group that is not watched was ended"
        );
        dev_postgres::process::send_to_group(other.id(), dev_postgres::process::Signal::Kill)
            .unwrap();
        other.wait().unwrap();
    }
}
