//! What was found, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Finding, Verdict};

/// One check and what it found.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The check.
    pub check: &'static str,
    /// What it found.
    pub finding: Finding,
}

impl Examined {
    /// The name that the finding goes by.
    pub fn id(&self) -> &'static str {
        self.finding.id.unwrap_or(self.check)
    }
}

/// All that was found, in order.
#[derive(Debug, Clone, Default)]
pub struct Report(Vec<Examined>);

/// How a report looks to people.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// In columns.
    pub aligned: bool,
    /// With colours.
    pub coloured: bool,
}

impl Report {
    /// Adds what a check has found.
    pub fn add(&mut self, check: &'static str, finding: Finding) {
        self.0.push(Examined { check, finding });
    }

    /// All of it.
    pub fn iter(&self) -> impl Iterator<Item = &Examined> {
        self.0.iter()
    }

    /// Whether what builds on this check means anything.
    pub(super) fn allows(&self, check: &str) -> bool {
        let examined = self.0.iter().find(|it| it.check == check);
        examined.is_some_and(|it| matches!(it.finding.verdict, Verdict::Pass | Verdict::Warn))
    }

    /// What stands in the way where a check was not made or has failed: the failure that it comes from, if it is one.
    pub(super) fn cause_of(&self, check: &'static str) -> &'static str {
        let examined = self.0.iter().find(|it| it.check == check);
        match examined {
            Some(it) if it.finding.verdict == Verdict::Fail => it.id(),
            _ => check,
        }
    }

    /// 0: nothing to do; 1: something fails; 2: only warnings.
    pub fn exit_code(&self) -> u8 {
        let any = |verdict| self.0.iter().any(|it| it.finding.verdict == verdict);
        match (any(Verdict::Fail), any(Verdict::Warn)) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        }
    }

    fn count(&self, verdict: Verdict) -> usize {
        let all = self.0.iter();
        all.filter(|it| it.finding.verdict == verdict).count()
    }

    /// For programs. Members may be added to it; none changes its meaning while `version` stays the same.
    pub fn json(&self) -> Value {
        let checks = self.0.iter().map(|it| {
            json!({
                "id": it.id(),
                "check": it.check,
                "status": it.finding.verdict,
                "finding": it.finding.text,
                "why": it.finding.why,
                "fix": it.finding.fix,
            })
        });
        json!({
            "version": 1,
            "exit_code": self.exit_code(),
            "summary": {
                "pass": self.count(Verdict::Pass),
                "warn": self.count(Verdict::Warn),
                "fail": self.count(Verdict::Fail),
                "skip": self.count(Verdict::Skip),
            },
            "checks": checks.collect::<Vec<_>>(),
        })
    }

    /// For people: a line a check, and below it why and what to do.
    pub fn text(&self, style: Style) -> String {
        let widest = self.0.iter().map(|it| it.id().len()).max();
        let width = if style.aligned {
            widest.unwrap_or(0)
        } else {
            0
        };
        let mut text = String::new();
        for it in &self.0 {
            let (id, finding) = (it.id(), &it.finding);
            let word = style.paint(colour(finding.verdict), finding.verdict.word());
            line(&mut text, &format!("{word} {id:width$} — {}", finding.text));
            for (name, said) in [("why", &finding.why), ("fix", &finding.fix)] {
                if let Some(said) = said {
                    line(
                        &mut text,
                        &format!("     {}: {said}", style.paint(BOLD, name)),
                    );
                }
            }
        }
        line(&mut text, &self.summary());
        text
    }

    fn summary(&self) -> String {
        let [pass, warn, fail, skip] = [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Skip]
            .map(|verdict| self.count(verdict));
        format!("{pass} passed, {warn} warned, {fail} failed, {skip} skipped")
    }
}

impl Style {
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        match self.coloured {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }
}

fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "32",
        Verdict::Warn => "33",
        Verdict::Fail => "1;31",
        Verdict::Skip => "2",
    }
}

const BOLD: &str = "1";

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: &[Finding]) -> Report {
        let mut report = Report::default();
        for finding in findings {
            report.add("some.check", finding.clone());
        }
        report
    }

    #[test]
    fn a_failure_outweighs_a_warning_and_what_was_skipped_weighs_nothing() {
        let (pass, skip) = (Finding::pass("a"), Finding::skip("b"));
        let (warn, fail) = (Finding::warn("c"), Finding::fail("d"));
        assert_eq!(report(&[pass.clone(), skip]).exit_code(), 0);
        assert_eq!(report(&[pass, warn.clone()]).exit_code(), 2);
        assert_eq!(report(&[warn, fail]).exit_code(), 1);
    }

    #[test]
    fn a_line_has_the_findings_own_name_and_below_it_why_and_what_to_do() {
        let finding = Finding::fail("4 min ago").named("token_expired");
        let finding = finding.because("it was old").fix("fetch another");
        let text = report(&[finding]).text(Style::default());
        assert_eq!(
            text,
            "FAIL token_expired — 4 min ago\n     why: it was old\n     fix: fetch another\n\
             0 passed, 0 warned, 1 failed, 0 skipped\n"
        );
    }

    #[test]
    fn colours_are_there_only_where_they_are_wanted() {
        let report = report(&[Finding::pass("a")]);
        let plain = report.text(Style::default());
        assert!(!plain.contains('\u{1b}'));
        let style = Style {
            aligned: true,
            coloured: true,
        };
        assert!(
            report
                .text(style)
                .starts_with("\u{1b}[32mPASS\u{1b}[0m some.check")
        );
    }
}
