//! What test runners say at their end, found again among everything else they say.

use crate::terminal::plain;

/// The lines with which the runners in `lines` sum up, in their own words.
///
/// nextest ends with one `Summary` and the tests that failed, vitest with `Test Files` and `Tests`.
/// `cargo test` sums up each of its many programs; these are added up to one line of the same form.
pub(crate) fn of(lines: &[impl AsRef<str>]) -> Vec<String> {
    let lines: Vec<String> = lines.iter().map(|line| plain(line.as_ref())).collect();
    if let Some(start) = lines.iter().rposition(|line| is_nextest(line.trim())) {
        // What stands before it may be the output of a test that failed, and sum up other things.
        let end = lines[start..]
            .iter()
            .position(|line| line.starts_with("error"));
        let end = end.map_or(lines.len(), |length| start + length);
        return lines[start..end]
            .iter()
            .map(|line| line.trim_end().to_owned())
            .collect();
    }
    let mut found = Vec::new();
    let mut cargo: Option<CargoTest> = None;
    for line in &lines {
        if let Some(result) = CargoTest::parse(line.trim()) {
            match &mut cargo {
                Some(sum) => sum.add(&result),
                None => cargo = Some(result),
            }
        } else if is_vitest(line.trim()) {
            found.push(line.trim_end().to_owned());
        }
    }
    found.extend(cargo.map(|sum| sum.to_string()));
    found
}

/// `Summary [  36.544s] 40 tests run: 40 passed, 0 skipped`
fn is_nextest(text: &str) -> bool {
    text.starts_with("Summary [") && text.contains("run:")
}

/// `Test Files  2 passed (2)` and `Tests  1 failed | 11 passed (12)`
fn is_vitest(text: &str) -> bool {
    ["Test Files ", "Tests "].iter().any(|head| {
        text.strip_prefix(head).is_some_and(|rest| {
            rest.ends_with(')')
                && ["passed", "failed", "skipped"]
                    .iter()
                    .any(|w| rest.contains(w))
        })
    })
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
#[derive(Debug, Default, PartialEq, Eq)]
struct CargoTest {
    programs: usize,
    passed: usize,
    failed: usize,
    ignored: usize,
}

impl CargoTest {
    fn parse(text: &str) -> Option<CargoTest> {
        let (_, counts) = text.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |name: &str| {
            let part = counts
                .split(';')
                .map(str::trim)
                .find(|part| part.ends_with(name))?;
            part.split(' ').next()?.parse().ok()
        };
        Some(CargoTest {
            programs: 1,
            passed: count("passed")?,
            failed: count("failed")?,
            ignored: count("ignored")?,
        })
    }

    fn add(&mut self, other: &CargoTest) {
        self.programs += other.programs;
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl std::fmt::Display for CargoTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let CargoTest {
            programs,
            passed,
            failed,
            ignored,
        } = self;
        let verdict = if *failed == 0 { "ok" } else { "FAILED" };
        write!(
            f,
            "test result: {verdict}. {passed} passed; {failed} failed; {ignored} ignored"
        )?;
        if *programs > 1 {
            write!(f, " (in {programs} programs)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_sums_up_in_one_line() {
        let said = [
            "    Starting 40 tests across 5 binaries",
            "        PASS [   0.004s] demo Summary [ of nothing",
            "────────────",
            "\x1b[32;1m     Summary\x1b[0m [  36.544s] \x1b[1m40\x1b[0m tests run: 40 passed, 0 skipped",
        ];
        assert_eq!(
            of(&said),
            ["     Summary [  36.544s] 40 tests run: 40 passed, 0 skipped"]
        );
    }

    #[test]
    fn nextest_names_what_failed_and_the_failed_tests_own_words_do_not_count() {
        let said = [
            "        FAIL [   3.996s] (328/388) demo a_test",
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 1 filtered out; finished in 3.98s",
            "     Summary [ 107.041s] 388 tests run: 387 passed, 1 failed, 0 skipped",
            "        FAIL [   3.996s] (328/388) demo a_test",
            "error: test run failed",
        ];
        assert_eq!(of(&said), said[2..4]);
    }

    #[test]
    fn vitest_sums_up_in_two() {
        let said = [
            " ✓ test/client.test.ts (12 tests) 34ms",
            " Test Files  1 failed | 1 passed (2)",
            "      Tests  1 failed | 11 passed (12)",
            "   Start at  04:00:00",
            " Tests that should not be taken for it",
        ];
        assert_eq!(
            of(&said),
            [
                " Test Files  1 failed | 1 passed (2)",
                "      Tests  1 failed | 11 passed (12)"
            ]
        );
    }

    #[test]
    fn the_programs_of_cargo_test_are_added_up() {
        let said = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s",
        ];
        assert_eq!(
            of(&said),
            ["test result: FAILED. 5 passed; 1 failed; 1 ignored (in 2 programs)"]
        );
        assert_eq!(
            of(&said[..1]),
            ["test result: ok. 3 passed; 0 failed; 1 ignored"]
        );
    }

    #[test]
    fn silence_has_no_summary() {
        assert_eq!(of(&[""; 0]), [""; 0]);
        assert_eq!(of(&["test result: strange"]), [""; 0]);
    }
}
