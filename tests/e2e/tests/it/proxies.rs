//! nginx and HAProxy, as `deploy/` has them, in front of two servers that are restarted one after the other while many clients
//! go on: no request is lost, none is done twice, and streams miss nothing.
//!
//! Wants the programs `nginx` and `haproxy`, so it is built with the feature `proxies` alone: `cargo xtask test --only proxies`.

mod client;
mod follower;
mod haproxy;
mod load;
mod nginx;
mod replicas;

use std::time::Duration;

use actix_web::rt::task::spawn_blocking;

use self::{
    client::{Call, Connection},
    follower::Follower,
    haproxy::HaProxy,
    load::{Habit, Load},
    nginx::Nginx,
    replicas::{Person, Replicas},
};

/// Two that open a connection for each request, and two that keep theirs.
const HABITS: [Habit; 4] = [Habit::Opens, Habit::Opens, Habit::Keeps, Habit::Keeps];

#[actix_web::test]
async fn a_rolling_restart_behind_haproxy_loses_no_request_and_no_event() {
    let mut replicas = Replicas::start().await;
    let haproxy = HaProxy::start(replicas.ports());
    let people = replicas.people(HABITS.len());
    let follower = Follower::start(haproxy.port(), &people[0].token);
    let load = Load::start(haproxy.port(), &people, &HABITS);

    // HAProxy asks their readiness. A person waits until the first one is back before turning to the second.
    for place in 0..2 {
        replicas.restart(place).await;
        haproxy.wait_until_up(place);
    }
    std::thread::sleep(Duration::from_secs(1));

    let made = load.stop();
    let people = judge(&replicas, people, made, haproxy.port(), &follower).await;
    a_problem_of_the_server_passes(haproxy.port(), &people[0]).await;
}

#[actix_web::test]
async fn a_rolling_restart_behind_nginx_loses_no_request_and_no_event() {
    let mut replicas = Replicas::start().await;
    let nginx = Nginx::start(replicas.ports());
    let people = replicas.people(HABITS.len());
    let follower = Follower::start(nginx.port(), &people[0].token);
    // A reload closes connections on which nothing is going on, and a client may send on one in that moment. Who keeps connections
    // has to be ready for that (RFC 9112, section 9.5), with a key that makes it safe.
    let habits = HABITS.map(|habit| match habit {
        Habit::Keeps => Habit::KeepsAndSendsAgain,
        other => other,
    });
    let load = Load::start(nginx.port(), &people, &habits);

    for place in 0..2 {
        nginx.upstream("down", place);
        replicas.restart(place).await;
        nginx.upstream("up", place);
    }
    std::thread::sleep(Duration::from_secs(1));

    let made = load.stop();
    let people = judge(&replicas, people, made, nginx.port(), &follower).await;
    a_problem_of_the_server_passes(nginx.port(), &people[0]).await;
    nginx.refuses_to_take_the_last_one_out();
}

/// Whoever was told that a task was made has it once, nobody has another, and the first one's events came in order without a gap.
async fn judge(
    replicas: &Replicas,
    people: Vec<Person>,
    made: Vec<load::Made>,
    port: u16,
    follower: &Follower,
) -> Vec<Person> {
    for (person, made) in people.iter().zip(&made) {
        assert!(made.lost.is_empty(), "{:?}: {:#?}", made.habit, made.lost);
        // Neither the clock nor the machine may decide that nothing was tried.
        assert!(made.titles.len() > 10 && made.reads > 10, "{made:?}");
        let mut titles = made.titles.clone();
        titles.sort();
        assert_eq!(replicas.titles_of(person).await, titles);
    }
    let events = made[0].titles.len() as i64;
    let seen = follower.seen_within(events, Duration::from_secs(10));
    assert_eq!(seen, (1..=events).collect::<Vec<_>>());
    assert!(follower.streams() >= 2, "no stream was ever cut");

    // An open stream tells at once, and not when some buffer is full.
    let token = people[0].token.clone();
    let one_more = spawn_blocking(move || Connection::open(port).call(&Call::post(&token, "late")));
    assert_eq!(one_more.await.unwrap().unwrap().status, 201);
    let seen = follower.seen_within(events + 1, Duration::from_secs(2));
    assert_eq!(seen.last(), Some(&(events + 1)));
    follower.stop();
    people
}

/// What is too large for the server is refused in the server's words, not in the proxy's.
async fn a_problem_of_the_server_passes(port: u16, person: &Person) {
    let call = Call::post(&person.token, &"x".repeat(300_000));
    let answer = spawn_blocking(move || Connection::open(port).call(&call)).await;
    let answer = answer.unwrap().unwrap();
    assert_eq!(answer.status, 413, "{answer:?}");
    let code = r#""code":"body_too_large""#;
    assert!(answer.body.contains(code), "{answer:?}");
}
