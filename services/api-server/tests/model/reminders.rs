//! Reminders whose time has come: what several servers do at once, and nobody has asked for.

use std::cell::RefCell;

use futures_util::future::join_all;
use jiff::Timestamp;
use test_kit::Client;

use super::{person::Person, world::World};

impl Person {
    /// The tasks whose user is to be told of them.
    fn is_reminded(&mut self) -> usize {
        let now = Timestamp::now();
        let due = self.tasks.iter_mut().filter(|(_, task)| {
            task.deleted_at.is_none()
                && task.completed_at.is_none()
                && task.reminder_at.is_some_and(|time| time <= now)
                && task.reminded_at != task.reminder_at
        });
        let mut events = Vec::new();
        for (id, task) in due {
            task.reminded_at = task.reminder_at;
            events.push(("task.reminder", *id, task.version));
        }
        let many = events.len();
        self.happened(events);
        many
    }
}

/// Each connection is a server's.
pub async fn remind(servers: &[Client], world: &RefCell<World>, people: &mut [Person]) {
    let sql = "SELECT changed_user FROM app.remind(100000)";
    let at_once = join_all(servers.iter().map(|server| server.query(sql, &[]))).await;
    let told: usize = at_once
        .iter()
        .map(|rows| rows.as_ref().unwrap().len())
        .sum();
    let due: Vec<usize> = people.iter_mut().map(Person::is_reminded).collect();
    let whose = due.iter().filter(|many| **many > 0).count();
    assert_eq!(told, whose, "each user's are found by one of the servers");
    let mut world = world.borrow_mut();
    world.count("remind at several servers", 200);
    world.saw("reminders", due.iter().sum());
}
