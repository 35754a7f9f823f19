//! Several users do at random whatever the API lets them do, and try what it does not, each beside a model of their own that
//! is nothing but maps. Every answer has to be the one that the model gives, and none may show anything of anybody else.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it should be"
)]

mod act;
mod assignments;
mod batch;
mod changes;
mod completion;
mod draft;
mod erasure;
mod faults;
mod filters;
mod house;
mod import;
mod keys;
mod lists;
mod moment;
mod order;
mod person;
mod recurrence;
mod reminders;
mod shown;
mod stats;
mod tags;
mod target;
mod tasks;
mod transfer;
mod trees;
mod walk;
mod webhooks;
mod words;
mod world;

use std::{cell::RefCell, env, time::Instant};

use futures_util::future::join_all;

use test_door::{Dice, Door};

use act::Act;
use house::House;
use person::Person;
use reminders::remind;
use words::Words;
use world::World;

/// Each writes a word that nobody else does. None of them is a stem of another, or changed by stemming.
const WORDS: [&str; 5] = ["zorvak", "mirlop", "quendt", "brafsk", "teflun"];

/// How many requests, and in which order. A failure prints both; `MODEL_OPERATIONS=100000` makes it a long one.
struct Run {
    seed: u64,
    operations: usize,
}

impl Run {
    fn of_environment() -> Self {
        let number = |name| env::var(name).ok().map(|text| text.parse().unwrap());
        Self {
            seed: number("MODEL_SEED").unwrap_or(20_260_301),
            operations: usize::try_from(number("MODEL_OPERATIONS").unwrap_or(3_000)).unwrap(),
        }
    }
}

#[actix_web::test]
async fn whatever_users_do_each_is_answered_as_if_they_were_alone() {
    let run = Run::of_environment();
    let house = House::new().await;
    let door = house.door().await;
    let servers = join_all((0..3).map(|_| house.database.admin())).await;
    let words = Words::ranked_by(&house.database, &WORDS).await;
    let world = RefCell::new(World::new(run.seed, WORDS.len()));
    let mut dice = Dice::new(run.seed);
    let mut people: Vec<_> = (0..WORDS.len())
        .map(|place| Person::new(place, &house, dice.fork()))
        .collect();
    for person in &people {
        world.borrow_mut().enter(person.id);
    }

    let began = Instant::now();
    Act::new(&door, &house, &words, &world, &mut people[0])
        .create_very_many_tags()
        .await;
    while world.borrow().operations() < run.operations {
        if dice.chance(1) {
            // Tokens do not last for as long as this may.
            for person in &mut people {
                person.user = house.user(person.id);
            }
            remind(&servers, &world, &mut people).await;
        } else if dice.chance(15) {
            together(&door, &house, &words, &world, &mut people).await;
        } else {
            let person = dice.below(people.len());
            act(&door, &house, &words, &world, &mut people[person]).await;
        }
    }
    let took = began.elapsed();

    for person in &mut people {
        let mut act = Act::new(&door, &house, &words, &world, person);
        act.look_at_everything().await;
        act.list_webhooks().await;
        act.events_are().await;
    }
    println!("{}", world.borrow().summary(took));
}

/// Everybody at once, each one thing after another: what one connection of the pool left behind would show in the next.
async fn together(
    door: &Door,
    house: &House,
    words: &Words,
    world: &RefCell<World>,
    people: &mut [Person],
) {
    let each = people.iter_mut().map(async |person| {
        for _ in 0..3 {
            act(door, house, words, world, person).await;
        }
    });
    join_all(each).await;
}

async fn act(
    door: &Door,
    house: &House,
    words: &Words,
    world: &RefCell<World>,
    person: &mut Person,
) {
    Act::new(door, house, words, world, person).anything().await;
}
