use std::{collections::HashSet, time::Duration};

use auth_core::UnixTime;
use auth_testkit::{FakeIssuer, Flaw, SigningKey};
use serde_json::json;
use uuid::Uuid;

use super::patient::Patient;

/// One flaw for each code: `verify-token` is asked about all of them.
#[actix_web::test]
async fn what_is_wrong_with_a_token_is_one_failure_by_the_servers_own_code() {
    let patient = Patient::new().await;
    let mut codes = HashSet::new();
    for &flaw in Flaw::ALL {
        let token = patient.issuer.mint_bad(patient.user, flaw);
        // To give nothing is another matter.
        if !token.is_empty() && codes.insert(flaw.code()) {
            patient.examined_of(&token, &[]).fails(flaw.code(), &[]);
        }
    }
    assert!(codes.len() > 20, "{codes:?}");
}

/// Row "no authentication token available".
#[actix_web::test]
async fn a_session_token_is_no_jwt_and_what_is_one_is_said() {
    let patient = Patient::new().await;
    let opaque = "cqcEigmwYMoRaMTDUtainGYYNrtrhLGp";
    for token in [
        opaque.to_owned(),
        format!("{opaque}.c2lnbmF0dXJlIG9mIHRoZSBjb29raWUhIQ%3D"),
    ] {
        let found = patient.examined_of(&token, &[]);
        found.fails("session_token", &["authClient.token()", "/api/auth/token"]);
        found.skips(&["token.algorithm", "token.key", "token.user", "api.account"]);
    }
}

/// Row "token missing UUID".
#[actix_web::test]
async fn a_missing_claim_is_told_with_the_names_of_those_that_are_there() {
    let patient = Patient::new().await;
    let token = patient.issuer.mint(patient.user, |token| {
        token
            .without_claim("uuid")
            .claim("email", "ada@example.com")
    });
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "user_claim_missing",
        &["email", "sub", "definePayload", "async jwt()"],
    );
    let token = patient.issuer.mint(patient.user, |token| {
        token
            .without_claim("uuid")
            .subject(Uuid::new_v4().to_string())
    });
    patient
        .examined_of(&token, &[])
        .fails("user_claim_missing", &["API__AUTH__USER_CLAIM=sub"]);
    let token = patient
        .issuer
        .mint(patient.user, |token| token.claim("uuid", json!(null)));
    patient
        .examined_of(&token, &[])
        .fails("user_claim_null", &["`api-server migrate`"]);
}

#[actix_web::test]
async fn a_subject_that_is_no_uuid_wants_other_ids_or_another_claim() {
    let mut patient = Patient::new().await;
    patient.set("API__AUTH__USER_CLAIM", "sub");
    let token = patient.issuer.mint(patient.user, |token| {
        token.subject("w6PpZyLqTrNbXcVmKjHgFdSa")
    });
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "user_claim_invalid",
        &["generateId", "API__AUTH__USER_CLAIM=uuid"],
    );
}

/// Row "unable to find matching signing key".
#[actix_web::test]
async fn a_token_of_another_environment_and_one_of_a_withdrawn_key_are_told_apart() {
    let patient = Patient::new().await;
    let elsewhere = FakeIssuer::start();
    let foreign = elsewhere.token_for(patient.user);
    let found = patient.examined_of(&foreign, &[]);
    found.fails(
        "key_unknown",
        &[
            &elsewhere.url(),
            &patient.issuer.url(),
            "another environment",
            "1 key",
        ],
    );
    let token = patient.token();
    let old = patient.issuer.key_id();
    patient.issuer.rotate();
    patient.issuer.withdraw(&old);
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "key_unknown",
        &[
            &old,
            "gracePeriod",
            "no cache has to be cleared",
            "fresh token",
        ],
    );
}

/// Row "token has expired".
#[actix_web::test]
async fn an_expired_token_says_for_how_long_and_how_long_it_lived() {
    let patient = Patient::new().await;
    let token = patient.issuer.mint(patient.user, |token| {
        let four_minutes_ago = auth_now() - 240;
        token
            .minted_ago(Duration::from_secs(19 * 60))
            .expires_at(UnixTime::from_secs(four_minutes_ago))
    });
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "token_expired",
        &["4 min ago", "lived for 15 min", "@drawbridge/client"],
    );
}

fn auth_now() -> i64 {
    UnixTime::from(std::time::SystemTime::now()).as_secs()
}

/// Row "invalid token claims".
#[actix_web::test]
async fn issuer_and_audience_are_compared_with_how_they_differ() {
    let patient = Patient::new().await;
    let ours = patient.issuer.url();
    for (theirs, how) in [
        (format!("{ours}/"), "a trailing slash"),
        (ours.replace("http:", "https:"), "https"),
        (ours.replace("127.0.0.1", "localhost"), "two names"),
        ("https://prod.example".to_owned(), "another"),
    ] {
        let of = |token: auth_testkit::TokenBuilder| token.issuer(&*theirs);
        let found = patient.examined_of(&patient.issuer.mint(patient.user, of), &[]);
        found.fails("issuer_mismatch", &[&ours, &theirs, how, "BETTER_AUTH_URL"]);
        let to = |token: auth_testkit::TokenBuilder| token.audience(&*theirs);
        let found = patient.examined_of(&patient.issuer.mint(patient.user, to), &[]);
        found.fails(
            "audience_mismatch",
            &[&ours, &theirs, how, "API__AUTH__AUDIENCE"],
        );
    }
}

/// Row of the algorithm.
#[actix_web::test]
async fn a_shared_secret_is_refused_by_design() {
    let patient = Patient::new().await;
    let key = patient.issuer.signing_key();
    let token = patient
        .issuer
        .builder_for(patient.user)
        .header("alg", "HS256")
        .sign(&key);
    let found = patient.examined_of(&token, &[]);
    found.fails("algorithm_not_allowed", &["HS256", "by design", "EdDSA"]);
}

#[actix_web::test]
async fn a_forged_signature_is_told_as_one() {
    let patient = Patient::new().await;
    let stranger = SigningKey::generate(auth_core::Algorithm::EdDsa, patient.issuer.key_id());
    let token = patient.issuer.builder_for(patient.user).sign(&stranger);
    let found = patient.examined_of(&token, &[]);
    found.fails("signature_invalid", &["verify-jwks"]);
    found.skips(&["token.claims", "token.user"]);
}

/// Row "403 UUID mismatch".
#[actix_web::test]
async fn the_path_must_have_the_tokens_own_user() {
    let patient = Patient::new().await;
    let token = patient.issuer.mint(patient.user, |token| {
        token
            .session(&*patient.session)
            .subject("w6PpZyLqTrNbXcVmKjHgFdSa")
    });
    let user = patient.user.to_string();
    for (id, words) in [
        ("w6PpZyLqTrNbXcVmKjHgFdSa", "Better Auth's own id"),
        (&*Uuid::new_v4().to_string(), "another user's UUID"),
        (&*format!("{{{user}}}"), "not written as a plain UUID"),
        ("42", "no UUID"),
    ] {
        let found = patient.examined_of(&token, &["--user-id", id]);
        found.fails("user_mismatch", &[words, "`me`"]);
    }
    for id in ["me", &user] {
        patient.examined_of(&token, &["--user-id", id]).is_health();
    }
}

#[actix_web::test]
async fn a_cookie_is_traded_for_a_token_or_it_is_said_why_not() {
    let patient = Patient::new().await;
    let path = "/api/auth/token";
    let found = patient.examined_with(&["--cookie", "better-auth.session_token=abc.def"]);
    found.fails("token.fetch", &["404", "jwt() plugin"]);
    found.skips(&["token.form", "token.user"]);
    patient
        .issuer
        .serve(path, json!({ "token": patient.token() }).to_string());
    patient.examined_with(&["--cookie", "abc.def"]).is_health();
    patient.issuer.serve(path, "<!doctype html>");
    patient
        .examined_with(&["--cookie", "abc.def"])
        .fails("token.fetch", &["no token"]);
}

#[actix_web::test]
async fn whatever_is_given_as_a_token_there_is_a_finding() {
    let patient = Patient::new().await;
    for token in [
        "..",
        "a.b.c",
        "eyJhbGciOiJub25lIn0..",
        "Bearer Bearer x",
        "undefined",
        "[object Promise]",
        "{\"token\":null}",
        "\u{1b}[2J\u{1b}[31m",
        &"e".repeat(60_000),
        &"{".repeat(10_000),
    ] {
        let found = patient.examined_of(token, &[]);
        assert!(found.failures().len() == 1, "{found:?}");
    }
}

#[actix_web::test]
async fn what_stands_before_a_token_in_a_request_is_taken_off() {
    let patient = Patient::new().await;
    let token = patient.token();
    for copied in [
        format!("Bearer {token}\n"),
        format!("Authorization: Bearer {token}"),
        format!("  \"{token}\" \r\n"),
    ] {
        let (code, text) = patient.run(&["doctor", "--token", "-"], &copied);
        assert_eq!(code, 0, "{text}");
    }
}
