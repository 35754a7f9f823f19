//! Replays the committed corpus of the fuzz targets, so that what a fuzzer once found, and the
//! targets themselves, are tested without a fuzzer. `fuzz/README.md` says how to run one.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[path = "../fuzz/bodies.rs"]
mod bodies;

#[path = "../fuzz/keybook.rs"]
mod keybook;

#[test]
fn the_corpus_of_tokens_holds() {
    replay("token", bodies::token);
}

#[test]
fn the_corpus_of_key_sets_holds() {
    replay("jwks", bodies::jwks);
}

#[test]
fn the_corpus_of_claims_holds() {
    replay("claims", |data| {
        bodies::claims(data);
    });
}

#[test]
fn the_corpus_of_key_lives_holds() {
    replay("keybook", keybook::keybook);
}

/// A corpus that only ever reaches the first refusal tests nothing.
#[test]
fn the_corpus_reaches_what_lies_deep() {
    let codes = |target: &str, code: fn(&[u8]) -> String| {
        let mut codes: Vec<String> = inputs(target).iter().map(|(_, data)| code(data)).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    let of_token =
        |data: &[u8]| match auth_core::UntrustedToken::parse(&String::from_utf8_lossy(data)) {
            Ok(_) => "parsed".into(),
            Err(denied) => denied.code().into(),
        };
    assert_eq!(
        codes("token", of_token),
        [
            "algorithm_not_allowed",
            "header_not_allowed",
            "parsed",
            "session_token",
            "token_malformed",
            "token_too_large",
            "type_not_allowed",
        ]
    );
    let of_jwks = |data: &[u8]| match auth_core::KeyRing::parse(data) {
        Ok(_) => "a ring".into(),
        Err(error) => error
            .to_string()
            .split([' ', ';'])
            .take(4)
            .collect::<Vec<_>>()
            .join(" "),
    };
    assert_eq!(
        codes("jwks", of_jwks),
        ["a ring", "key set has no", "key set is not"]
    );
    assert_eq!(
        codes("claims", |data| bodies::claims(data).into()),
        [
            "admitted",
            "audience_mismatch",
            "claims_malformed",
            "id_token",
            "issued_in_future",
            "issuer_mismatch",
            "logout_token",
            "subject_missing",
            "token_bound",
            "token_expired",
            "token_lifetime",
            "token_malformed",
            "token_not_yet_valid",
            "user_claim_invalid",
            "user_claim_missing",
            "user_claim_null",
        ]
    );
}

fn replay(target: &str, body: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(inputs.len() >= 20, "{} inputs", inputs.len());
    for (name, data) in inputs {
        let outcome = catch_unwind(AssertUnwindSafe(|| body(&data)));
        assert!(outcome.is_ok(), "corpus/{target}/{name} does not hold");
    }
}

fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut inputs: Vec<_> = fs::read_dir(corpus)
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            (
                file.file_name().into_string().unwrap(),
                fs::read(file.path()).unwrap(),
            )
        })
        .collect();
    inputs.sort();
    inputs
}
