use secrecy::ExposeSecret;

use super::*;

#[test]
fn no_message_and_no_debug_output_holds_a_secret() {
    let secret = "hunter2";
    for (variable, value) in [
        ("DATABASE_URL", "postgres://u:hunter2@db.example:port/app"),
        ("DATABASE_MIGRATION_URL", "hunter2"),
        ("BETTER_AUTH_URL", "https://u:hunter2@app.example.com"),
        ("API__AUTH__JWKS_URL", "https://u:hunter2@app.example.com"),
        ("API__SERVER__PORT", "postgres://u:hunter2@db.example/app"),
        ("API__CORS__ORIGINS", "https://u:hunter2@app.example.com"),
    ] {
        let line = Settings::load(&sources(
            None,
            &[
                ("DATABASE_URL", DATABASE_URL.1),
                BETTER_AUTH_URL,
                (variable, value),
            ],
        ))
        .unwrap_err();
        assert!(!format!("{line} {line:?}").contains(secret), "{line}");
    }
    for toml in [
        "[database]\nurl = \"postgres://u:hunter2@h/db",
        "database.url = hunter2",
        "database = { url = 'hunter2' url }",
    ] {
        let faults = load_file(toml).unwrap_err();
        assert!(!format!("{faults} {faults:?}").contains(secret), "{faults}");
    }
    let good = sources(None, &[DATABASE_URL, BETTER_AUTH_URL]);
    let migration = MigrationSettings::load(&good, true).unwrap();
    assert_eq!(migration.login.as_ref().unwrap().1.expose_secret(), secret);
    assert!(!format!("{good:?} {:?} {migration:?}", load(&[])).contains(secret));
}
