//! `verify-token`: every check of the server's, as a line.

use std::{fs, io::Write, path::PathBuf, process::Stdio};

use auth_core::TokenCheck;
use auth_testkit::{FakeIssuer, Flaw};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{program, run};

const USER: Uuid = Uuid::from_u128(0xA11CE);

/// Over stdin: exit code and all that is printed, in which there is nothing of the token but what is nobody's secret.
fn verified(token: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut child = program(&[&["verify-token"], arguments].concat(), variables)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(token.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    for secret in [&*USER.to_string(), "ada@example.com"] {
        assert!(!text.contains(secret), "says {secret}: {text}");
    }
    for part in token.split('.').filter(|part| part.len() > 40) {
        assert!(!text.contains(part), "repeats the token: {text}");
    }
    (output.status.code().unwrap(), text)
}

#[actix_web::test]
async fn a_good_token_passes_each_check_and_its_claims_are_shown_masked() {
    let issuer = FakeIssuer::start();
    let token = issuer.mint(USER, |token| token.claim("email", "ada@example.com"));
    let url = issuer.url();
    let (code, text) = verified(&token, &[], &[("BETTER_AUTH_URL", &url)]);
    assert_eq!(code, 0, "{text}");
    for check in TokenCheck::ALL {
        assert!(
            text.contains(&format!("PASS token.{check} — ")),
            "{check} in {text}"
        );
    }
    for part in [
        &*url,
        &issuer.key_id(),
        "EdDSA",
        "email",
        "(15 characters)",
        "(a UUID)",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[actix_web::test]
async fn every_flaw_fails_one_check_by_the_servers_code_and_the_rest_is_not_judged() {
    let issuer = FakeIssuer::start();
    let url = issuer.url();
    for &flaw in Flaw::ALL {
        let token = issuer.mint_bad(USER, flaw);
        if token.is_empty() {
            // To give nothing is another matter.
            continue;
        }
        let (code, text) = verified(&token, &["--json"], &[("BETTER_AUTH_URL", &url)]);
        let value: Value =
            serde_json::from_str(&text).unwrap_or_else(|_| panic!("{flaw:?}: {text}"));
        assert_eq!((code, &value["exit_code"]), (1, &json!(1)), "{flaw:?}");
        let checks = value["checks"].as_array().unwrap();
        let failed: Vec<_> = checks.iter().filter(|it| it["status"] == "fail").collect();
        assert_eq!(failed.len(), 1, "{flaw:?}: {value:#}");
        assert_eq!(failed[0]["id"], flaw.code(), "{value:#}");
        assert!(
            failed[0]["why"].is_string() && failed[0]["fix"].is_string(),
            "{value:#}"
        );
        let at = checks.iter().position(|it| it["status"] == "fail").unwrap();
        assert!(
            checks[at + 1..].iter().all(|it| it["status"] == "skip"),
            "{value:#}"
        );
    }
}

#[actix_web::test]
async fn all_that_is_needed_can_be_given_on_the_command_line() {
    let issuer = FakeIssuer::start();
    let (url, jwks) = (issuer.url(), issuer.jwks_url());
    let token = issuer.token_for(USER);
    let good = ["--issuer", &url, "--audience", &url, "--jwks-url", &jwks];
    assert_eq!(verified(&token, &good, &[]).0, 0);
    let (code, text) = verified(&token, &[&good[..], &["--user-claim", "sub"]].concat(), &[]);
    assert!(
        code == 1 && text.contains("FAIL user_claim_invalid"),
        "{text}"
    );
    let other = [
        "--issuer",
        &url,
        "--audience",
        "https://other.example",
        "--jwks-url",
        &jwks,
    ];
    let (code, text) = verified(&token, &other, &[]);
    assert!(
        code == 1 && text.contains("FAIL audience_mismatch"),
        "{text}"
    );
    // What is given wins over what is set.
    let set = [("API__AUTH__AUDIENCE", "https://other.example")];
    assert_eq!(verified(&token, &good, &set).0, 0);
}

#[actix_web::test]
async fn keys_in_a_file_need_nobody_who_answers() {
    let issuer = FakeIssuer::start();
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.json", Uuid::new_v4()));
    fs::write(&file, issuer.jwks().to_string()).unwrap();
    let (url, token) = (issuer.url(), issuer.token_for(USER));
    let before = issuer.connections();
    let arguments = [
        "--jwks",
        file.to_str().unwrap(),
        "--issuer",
        &url,
        "--audience",
        &url,
    ];
    let (code, text) = verified(&token, &arguments, &[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(issuer.connections(), before);
    fs::write(&file, "<html>").unwrap();
    let (code, text) = verified(&token, &arguments, &[]);
    assert!(code == 1 && text.contains("FAIL jwks.keys"), "{text}");
    assert!(text.contains("SKIP token.key"), "{text}");
    fs::remove_file(&file).unwrap();
}

#[actix_web::test]
async fn an_issuer_that_does_not_answer_leaves_the_signature_unjudged() {
    let issuer = FakeIssuer::start();
    let (url, token) = (issuer.url(), issuer.token_for(USER));
    issuer.go_down();
    let (code, text) = verified(&token, &[], &[("BETTER_AUTH_URL", &url)]);
    assert_eq!(code, 1);
    for line in [
        "FAIL jwks.fetch",
        "PASS token.algorithm",
        "SKIP token.key",
        "SKIP token.signature",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn without_a_token_or_an_issuer_it_is_exit_code_64() {
    let (code, _, stderr) = run(
        &["verify-token"],
        &[("BETTER_AUTH_URL", "http://localhost:1")],
    );
    assert_eq!(code, 64);
    assert!(stderr.contains("token is empty"), "{stderr}");
    let (code, _, stderr) = run(&["verify-token", "--token", "x"], &[]);
    assert_eq!(code, 64);
    assert!(stderr.contains("BETTER_AUTH_URL"), "{stderr}");
}
