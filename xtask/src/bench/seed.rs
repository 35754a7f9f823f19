//! Tasks for a measurement: how many, whose, and how they come into the database.

use super::ground::Ground;
use crate::board::Board;
use crate::context::Stop;

/// So many tasks. The first user has a tenth of them, or [`HEAVY`]; the others have a hundred each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) tasks: u32,
    /// Each so-manieth task is the first user's.
    heavy_every: u32,
    /// How many others there are: the second to the one after so many.
    pub(super) others: u32,
}

/// The most tasks that one user has.
const HEAVY: u32 = 100_000;

impl Seed {
    pub(super) fn of(tasks: u32) -> Seed {
        let heavy_every = (tasks / HEAVY).max(10);
        let others = (tasks - tasks / heavy_every) / 100;
        Seed {
            tasks,
            heavy_every,
            others: others.max(1),
        }
    }

    /// How many tasks the first user has.
    pub(super) fn heavy(&self) -> u32 {
        self.tasks / self.heavy_every
    }

    /// Fills the empty database of `ground`.
    pub(super) fn plant(&self, ground: &Ground<'_>) -> Result<(), Stop> {
        /// As much as a person waits for a sign of life.
        const AT_ONCE: usize = 50_000;
        let Seed {
            tasks,
            heavy_every,
            others,
        } = self;
        let file = ground.context.root.join("tests/load/seed.sql");
        let file = file.to_string_lossy();
        Board::with(ground.context.terminal, |board| {
            board.step("tasks", |step| {
                for from in (1..=*tasks).step_by(AT_ONCE) {
                    let to = tasks.min(&(from - 1 + AT_ONCE as u32)).to_owned();
                    let variables = [
                        ("from", from),
                        ("to", to),
                        ("tasks", *tasks),
                        ("heavy_every", *heavy_every),
                        ("users", *others),
                    ];
                    let variables =
                        variables.map(|(name, value)| format!("--variable={name}={value}"));
                    let mut arguments: Vec<&str> = variables.iter().map(String::as_str).collect();
                    arguments.extend(["--file", &file]);
                    ground.psql(&arguments)?;
                    step.detail(&format!("{to} of {tasks}"));
                }
                Ok(((), format!("{tasks}, of {} users", others + 1)))
            })?;
            board.step("statistics", |_| {
                ground.psql(&["--command=VACUUM (ANALYZE)", "--command=CHECKPOINT"])?;
                Ok(((), String::new()))
            })
        })
    }

    /// Takes away what requests have made, and the room that changed rows left behind.
    pub(super) fn mend(&self, ground: &Ground<'_>) -> Result<(), Stop> {
        ground.psql(&[
            "--command=DELETE FROM app.tasks WHERE created_at > '2026-01-02'",
            "--command=TRUNCATE app.events",
            "--command=VACUUM app.users, app.tasks",
            "--command=CHECKPOINT",
        ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_has_much_and_the_others_have_a_hundred_each() {
        for (tasks, heavy, others) in [
            (10_000, 1_000, 90),
            (1_000_000, 100_000, 9_000),
            (5_000_000, 100_000, 49_000),
        ] {
            let seed = Seed::of(tasks);
            assert_eq!((seed.heavy(), seed.others), (heavy, others), "{tasks}");
        }
    }
}
