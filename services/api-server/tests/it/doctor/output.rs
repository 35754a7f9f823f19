use std::io::Read;

use super::patient::Patient;
use crate::support::program;

#[actix_web::test]
async fn people_read_a_line_for_each_check_and_below_it_why_and_what_to_do() {
    let patient = Patient::new().await;
    patient.issuer.go_down();
    let (code, text) = patient.run(&["doctor"], "");
    assert_eq!(code, 1);
    let lines: Vec<_> = text.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.starts_with("FAIL "))
        .unwrap();
    assert!(lines[at].starts_with("FAIL jwks.fetch — "), "{text}");
    assert!(lines[at + 1].starts_with("     why: "), "{text}");
    assert!(lines[at + 2].starts_with("     fix: "), "{text}");
    assert!(
        lines.contains(&"SKIP jwks.shape — jwks.fetch first"),
        "{text}"
    );
    assert!(lines.last().unwrap().contains("1 failed"), "{text}");
    // No terminal is there, so there are neither colours nor columns.
    assert!(!text.contains('\u{1b}') && !text.contains("  —"), "{text}");
}

#[actix_web::test]
async fn what_is_wrong_with_the_arguments_is_exit_code_64() {
    let patient = Patient::new().await;
    for arguments in [
        &["doctor", "--tokne", "x"][..],
        &["doctor", "--token"],
        &["doctor", "--token", "x", "--cookie", "y"],
        &["doctor", "--token", "-"],
        &["doctor", "--api", "localhost:8000"],
        &["doctor", "extra"],
        &["token"],
        &["token", "login"],
        &["token", "login", "--email", "ada@example.test"],
        &["token", "mint", "--cookie", ""],
        &["verify-jwks", "--url"],
        &["verify-jwks", "not a url"],
        &["verify-jwks", "ftp://127.0.0.1/jwks"],
        &["verify-token", "--jwks", "/no/such/file", "--token", "x"],
        &["verify-token", "--jwks", "/", "--token", "x"],
        &[
            "verify-token",
            "--jwks",
            "x",
            "--jwks-url",
            "http://localhost/",
        ],
    ] {
        let (code, text) = patient.run(arguments, "");
        assert_eq!(code, 64, "{arguments:?}: {text}");
        assert!(!text.is_empty());
    }
}

#[actix_web::test]
async fn input_that_is_no_text_or_too_long_is_refused_in_a_sentence() {
    let patient = Patient::new().await;
    let (code, text) = patient.run(&["doctor", "--token", "-"], &"x".repeat(70_000));
    assert_eq!(code, 64);
    assert!(text.contains("more than 64 KiB"), "{text}");
}

#[actix_web::test]
async fn a_reader_who_has_seen_enough_ends_nothing_with_a_complaint() {
    let patient = Patient::new().await;
    let url = patient.issuer.jwks_url();
    for arguments in [
        &["doctor", "--json", "--offline"][..],
        &["verify-jwks", &url],
    ] {
        let variables = [
            ("BETTER_AUTH_URL", "http://localhost:1"),
            ("DATABASE_URL", "postgres://u@localhost/d"),
        ];
        let mut child = program(arguments, &variables).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut stderr)
            .unwrap();
        assert_eq!(stderr, "", "{arguments:?}");
        child.wait().unwrap();
    }
}

#[test]
fn the_page_of_the_doctor_has_every_check_in_its_order() {
    let page = include_str!("../../../../../docs/troubleshooting.md");
    let (_, list) = page.split_once("| check | looks at |").unwrap();
    let (list, _) = list.split_once("### For programs").unwrap();
    let first_cells = list
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let named: Vec<_> = first_cells
        .flat_map(|cell| cell.split(", "))
        .map(|id| id.trim_matches('`'))
        .collect();
    let checks: Vec<_> = api_server::doctor::checks().map(|check| check.id).collect();
    assert_eq!(named, checks);
}
