//! `verify-jwks`: an issuer's keys as the server would take them.

use auth_core::Algorithm;
use auth_testkit::{FakeIssuer, Garble, SigningKey};
use serde_json::{Value, json};

use crate::support::run;

fn verified(url: &str) -> (i32, String) {
    let (code, stdout, stderr) = run(&["verify-jwks", url], &[]);
    (code, stdout + &stderr)
}

fn verified_as_json(url: &str) -> Value {
    let (code, stdout, stderr) = run(&["verify-jwks", "--json", url], &[]);
    let value: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    assert_eq!(value["exit_code"], code);
    value
}

#[actix_web::test]
async fn each_key_is_a_row_with_what_it_is_and_whether_it_can_be_used() {
    let issuer = FakeIssuer::start();
    issuer.publish(&SigningKey::generate(Algorithm::Es256, "second"));
    issuer.header("cache-control", "max-age=60");
    let (code, text) = verified(&issuer.jwks_url());
    assert_eq!(code, 0, "{text}");
    for part in [
        "KID",
        "USABLE",
        &issuer.key_id(),
        "EdDSA",
        "Ed25519",
        "second",
        "P-256",
        "ES256",
        "yes",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        text.contains(&format!("{}: 200", issuer.jwks_url())),
        "{text}"
    );
    assert!(
        text.contains("60 s") && text.contains("2 keys can be used"),
        "{text}"
    );
}

#[actix_web::test]
async fn keys_that_cannot_be_used_say_why_and_no_private_part_is_shown() {
    let issuer = FakeIssuer::start();
    issuer.publish_jwk(json!({"kty": "oct", "k": "c2VjcmV0LW9mLWFsbA", "kid": "shared"}));
    issuer
        .publish_jwk(json!({"kty": "OKP", "crv": "X25519", "x": "AAAA", "kid": "for-encryption"}));
    issuer.publish_jwk(json!({"kty": "RSA", "kid": "\u{1b}[2J", "n": "AQAB", "e": "AQAB"}));
    let (code, text) = verified(&issuer.jwks_url());
    assert_eq!(code, 2, "{text}");
    assert_eq!(text.matches("no: ").count(), 3, "{text}");
    assert!(
        !text.contains('\u{1b}') && !text.contains("c2VjcmV0"),
        "{text}"
    );
    let value = verified_as_json(&issuer.jwks_url());
    let keys = value["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 4);
    assert_eq!(keys[0]["usable"], true);
    assert_eq!(keys[1]["usable"], false);
    assert!(keys[1]["reason"].is_string());
    assert_eq!(value["answers"][0]["status"], 200);
}

#[actix_web::test]
async fn whatever_comes_instead_of_keys_it_is_exit_code_1_and_no_table() {
    let issuer = FakeIssuer::start();
    for &garble in Garble::ALL {
        issuer.garble(garble);
        let value = verified_as_json(&issuer.jwks_url());
        assert_eq!(value["exit_code"], 1, "{garble:?}: {value:#}");
        assert_eq!(value["summary"]["fail"], 1, "{garble:?}: {value:#}");
    }
    issuer.hang();
    assert_eq!(verified(&issuer.jwks_url()).0, 1);
    issuer.redirect_to("http://localhost:3000/login");
    let (code, text) = verified(&issuer.jwks_url());
    assert!(
        code == 1 && text.contains("302") && text.contains("/login"),
        "{text}"
    );
    issuer.go_down();
    assert_eq!(verified(&issuer.jwks_url()).0, 1);
}

#[actix_web::test]
async fn without_an_address_it_is_the_one_of_the_settings() {
    let issuer = FakeIssuer::start();
    let (code, stdout, _) = run(&["verify-jwks"], &[("BETTER_AUTH_URL", &issuer.url())]);
    assert_eq!(code, 0);
    assert!(stdout.contains(&issuer.key_id()), "{stdout}");
    let (code, _, stderr) = run(&["verify-jwks"], &[]);
    assert_eq!(code, 64);
    assert!(stderr.contains("BETTER_AUTH_URL"), "{stderr}");
}
