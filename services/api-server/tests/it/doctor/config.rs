use super::patient::{PASSWORD, Patient};

#[actix_web::test]
async fn whoever_is_healthy_is_told_so_with_everything_looked_at() {
    let mut patient = Patient::new().await;
    patient.set("API__CORS__ORIGINS", "http://localhost:3000");
    let id = patient.user.to_string();
    let arguments = ["--origin", "http://localhost:3000", "--user-id", &id];
    let found = patient.examined_of(&patient.token(), &arguments);
    found.is_health();
    for id in [
        "jwks.fetch",
        "db.rls",
        "betterauth.uuid",
        "token.user",
        "path.user",
        "api.page",
        "cors.origin",
    ] {
        assert_eq!(found.status(id), "pass", "{id}");
    }
}

#[actix_web::test]
async fn wrong_settings_are_one_failure_with_all_their_names() {
    let mut patient = Patient::new().await;
    patient.set("API__SERVER__PORT", "http");
    patient.set("API__CORS__ORIGIN", "*");
    patient.set("BETTER_AUTH_URL", "");
    let found = patient.examined();
    let words = ["API__SERVER__PORT", "API__CORS__ORIGINS", "BETTER_AUTH_URL"];
    found.fails("config.settings", &words);
    found.skips(&[
        "config.http",
        "jwks.fetch",
        "db.connect",
        "token.given",
        "cors.origin",
    ]);
}

/// Row of the shared secret.
#[actix_web::test]
async fn better_auths_secret_does_not_belong_here_and_is_not_repeated() {
    let mut patient = Patient::new().await;
    patient.set("BETTER_AUTH_SECRET", PASSWORD);
    patient
        .examined()
        .warns("config.secret", &["BETTER_AUTH_SECRET", "unset"]);
}

#[actix_web::test]
async fn an_issuer_in_the_clear_is_a_warning_where_it_is_allowed_at_all() {
    let mut patient = Patient::new().await;
    patient.set("API__AUTH__ISSUER", "http://app.example");
    patient.set("API__AUTH__AUDIENCE", "http://app.example");
    patient.set("API__AUTH__JWKS_URL", "http://no-such-host.invalid/jwks");
    let refused = patient.examined();
    refused.fails(
        "config.settings",
        &[
            "auth.danger_allow_http_issuer",
            "API__AUTH__ISSUER",
            "https",
        ],
    );
    patient.set("API__AUTH__JWKS_URL", &patient.issuer.jwks_url());
    patient.set("API__AUTH__DANGER_ALLOW_HTTP_ISSUER", "true");
    patient.examined().warns("config.http", &["https"]);
}

#[actix_web::test]
async fn a_talkative_log_is_a_warning_where_others_can_reach_the_server() {
    let mut patient = Patient::new().await;
    patient.set("RUST_LOG", "debug");
    patient.set("API__SERVER__HOST", "127.0.0.1");
    patient.examined().is_health();
    patient.set("API__SERVER__HOST", "0.0.0.0");
    patient
        .examined()
        .warns("config.log", &["debug", "RUST_LOG=info"]);
}

#[actix_web::test]
async fn offline_nobody_is_asked() {
    let patient = Patient::new().await;
    let token = patient.token();
    let before = patient.issuer.connections();
    let found = patient.examined_of(&token, &["--offline"]);
    found.is_health();
    found.skips(&["jwks.fetch", "db.connect", "token.key", "api.account"]);
    assert_eq!(found.status("token.form"), "pass");
    assert_eq!(patient.issuer.connections(), before);
}
