use auth_core::Algorithm;
use auth_testkit::{Garble, SigningKey};
use serde_json::json;

use super::{hostile::answering, patient::Patient};

/// What cannot be told without keys.
const JUDGED: [&str; 6] = [
    "jwks.keys",
    "jwks.algorithms",
    "token.key",
    "token.signature",
    "token.user",
    "api.account",
];

#[actix_web::test]
async fn whoever_does_not_run_refuses_the_connection() {
    let patient = Patient::new().await;
    let token = patient.token();
    patient.issuer.go_down();
    let found = patient.examined_of(&token, &[]);
    found.fails(
        "jwks.fetch",
        &[
            "refused",
            "keys_unavailable",
            "start Better Auth",
            "container",
        ],
    );
    found.skips(&JUDGED);
    // What does not hang on it is looked at all the same.
    assert_eq!(found.status("token.form"), "pass");
    assert_eq!(found.status("db.rls"), "pass");
}

#[actix_web::test]
async fn a_host_that_nobody_knows_is_named() {
    let mut patient = Patient::new().await;
    patient.set("API__AUTH__JWKS_URL", "https://no-such-host.invalid/jwks");
    let found = patient.examined();
    found.fails(
        "jwks.fetch",
        &["no-such-host.invalid", "host in BETTER_AUTH_URL"],
    );
}

#[actix_web::test]
async fn whoever_never_answers_is_given_up_on() {
    let patient = Patient::new().await;
    patient.issuer.hang();
    let found = patient.examined();
    found.fails("jwks.fetch", &["2s", "firewall"]);
}

#[actix_web::test]
async fn https_to_where_no_tls_is_spoken_is_told_as_that() {
    let mut patient = Patient::new().await;
    let url = patient.issuer.jwks_url().replace("http://", "https://");
    patient.set("API__AUTH__JWKS_URL", &url);
    patient
        .examined()
        .fails("jwks.fetch", &["TLS", "certificate", "http://"]);
}

#[actix_web::test]
async fn a_redirect_is_named_with_where_it_leads() {
    let patient = Patient::new().await;
    patient
        .issuer
        .redirect_to("http://localhost:3000/login?next=/api/auth/jwks");
    let found = patient.examined();
    found.fails(
        "jwks.fetch",
        &[
            "redirect",
            "http://localhost:3000/login",
            "API__AUTH__JWKS_URL",
        ],
    );
}

#[actix_web::test]
async fn each_status_has_its_own_advice() {
    let patient = Patient::new().await;
    for (status, words) in [
        (404, &["404", "jwt() plugin", "[...all]/route.ts"][..]),
        (429, &["429", "rate limit"]),
        (500, &["500", "log says why", "BETTER_AUTH_SECRET"]),
        (401, &["401", "log-in in front of"]),
    ] {
        patient.issuer.fail_with(status);
        patient.examined().fails("jwks.fetch", words);
    }
}

/// Row "relation jwks does not exist".
#[actix_web::test]
async fn a_broken_better_auth_without_its_table_of_keys_is_one_without_its_migration() {
    let patient = Patient::new().await;
    patient.sql("DROP TABLE auth.jwks").await;
    patient.issuer.fail_with(500);
    let found = patient.examined();
    found.fails(
        "jwks.table",
        &["500", "table jwks is missing in schema auth", "migration"],
    );
    found.skips(&JUDGED[..2]);
}

#[actix_web::test]
async fn a_page_where_keys_should_be_is_caught_by_the_router() {
    let patient = Patient::new().await;
    patient.issuer.garble(Garble::HtmlPage);
    patient
        .issuer
        .header("content-type", "text/html; charset=utf-8");
    let found = patient.examined_of(&patient.token(), &[]);
    found.fails("jwks.shape", &["text/html", "Next.js' routing", "route.ts"]);
    found.skips(&JUDGED);
}

#[actix_web::test]
async fn whatever_comes_instead_of_keys_is_one_failure_about_keys() {
    let patient = Patient::new().await;
    for &garble in Garble::ALL {
        patient.issuer.garble(garble);
        let found = patient.examined();
        let id = match garble {
            Garble::EmptySet | Garble::UnusableKeys | Garble::KeysOfNull => "jwks.keys",
            Garble::Endless | Garble::Huge | Garble::Dripping | Garble::BrokenOff => "jwks.fetch",
            _ => "jwks.shape",
        };
        found.fails(id, &[]);
    }
}

#[actix_web::test]
async fn an_empty_set_says_what_makes_better_auth_make_a_key() {
    let patient = Patient::new().await;
    patient.issuer.withdraw(&patient.issuer.key_id());
    patient.examined().fails(
        "jwks.keys",
        &["empty", "grace period", "fetch a token once"],
    );
}

#[actix_web::test]
async fn one_key_of_two_that_is_of_no_use_is_a_warning() {
    let patient = Patient::new().await;
    let secret = json!({"kty": "oct", "k": "c2VjcmV0", "kid": "shared", "alg": "HS256"});
    patient.issuer.publish_jwk(secret);
    let found = patient.examined_of(&patient.token(), &[]);
    found.warns("jwks.keys", &["shared", "1 key can be used"]);
}

#[actix_web::test]
async fn keys_of_an_algorithm_that_is_not_taken_are_the_one_cause() {
    let mut patient = Patient::new().await;
    patient.set("API__AUTH__ALGORITHMS", "ES256");
    let found = patient.examined_of(&patient.token(), &[]);
    found.fails(
        "algorithm_not_allowed",
        &["EdDSA", "ES256", "API__AUTH__ALGORITHMS"],
    );
    found.skips(&["token.algorithm", "token.key", "api.account"]);
    // Where only some are not taken, others work.
    let other = SigningKey::generate(Algorithm::Es256, "other");
    patient.issuer.publish(&other);
    patient
        .examined()
        .warns("jwks.algorithms", &["EdDSA", "keyPairConfig"]);
}

#[actix_web::test]
async fn a_clock_that_is_wrong_is_told_with_how_much() {
    let mut patient = Patient::new().await;
    let keys = patient.issuer.jwks().to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{keys}",
        keys.len()
    );
    patient.set("API__AUTH__JWKS_URL", &answering(answer.into_bytes()));
    patient
        .examined()
        .warns("clock.skew", &["behind ours", "days", "chrony"]);
}
