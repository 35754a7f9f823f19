//! Finds out why something does not work, and says what to do about it.
//!
//! A [`Check`] is data: its name, what has to be right before it means anything, and a function that looks. They stand in the
//! order of their dependence, so one cause is one failure, and what follows from it is not looked at. Everything is asked
//! through the code that serves requests: settings, key feed, verifier, walls, routes.

use futures_util::future::LocalBoxFuture;

mod api;
mod config;
mod database;
mod finding;
mod frontend;
mod ground;
mod keys;
mod report;
mod text;
mod token;

pub use self::{
    finding::{Finding, Verdict},
    ground::{Ground, TokenFrom, Wanted},
    report::{Examined, Report, Style},
};
pub(crate) use self::{
    keys::of_probe,
    text::shown,
    token::{passed, refused},
};

/// One thing to look at.
pub struct Check {
    /// Its name, which never changes.
    pub id: &'static str,
    /// Checks that must have been made, and have found nothing that fails.
    pub needs: &'static [&'static str],
    /// Looks.
    pub look: for<'a> fn(&'a Ground) -> LocalBoxFuture<'a, Finding>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Check({})", self.id)
    }
}

/// All of them, in order.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    [
        config::CHECKS,
        keys::CHECKS,
        database::CHECKS,
        token::CHECKS,
        api::CHECKS,
        frontend::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Makes all checks.
pub async fn examine(ground: &Ground) -> Report {
    let mut report = Report::default();
    for check in checks() {
        let open = check.needs.iter().find(|needed| !report.allows(needed));
        let finding = match open {
            Some(needed) => Finding::skip(format!("{} first", report.cause_of(needed))),
            None => (check.look)(ground).await,
        };
        report.add(check.id, finding);
    }
    report
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_check_has_a_name_of_its_own_and_needs_only_what_comes_before() {
        let mut before = HashSet::new();
        for check in checks() {
            for needed in check.needs {
                assert!(before.contains(needed), "{} needs {needed}", check.id);
            }
            assert!(before.insert(check.id), "{} stands twice", check.id);
        }
        assert!(before.len() > 30, "{before:?}");
    }

    #[test]
    fn what_is_shown_of_a_strangers_text_is_short_and_printable() {
        let text = shown(&"\u{1b}[31mred\r\n".repeat(100));
        assert!(text.len() < 120 && text.chars().all(|c| !c.is_control()));
    }
}
