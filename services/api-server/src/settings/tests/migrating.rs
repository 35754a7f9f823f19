use secrecy::ExposeSecret;

use super::*;

#[test]
fn migrating_needs_a_database_and_nothing_of_better_auth() {
    let settings = MigrationSettings::load(&sources(None, &[DATABASE_URL]), false).unwrap();
    assert_eq!(settings.url.expose_secret(), DATABASE_URL.1);
    assert_eq!(settings.link, LinkMode::Uuid);
    assert!(settings.login.is_none());

    let owner = (
        "DATABASE_MIGRATION_URL",
        "postgres://postgres@db.example/app",
    );
    let settings = MigrationSettings::load(
        &sources(
            None,
            &[owner, DATABASE_URL, ("API__AUTH__USER_CLAIM", "sub")],
        ),
        true,
    )
    .unwrap();
    assert_eq!(settings.url.expose_secret(), owner.1);
    assert_eq!(settings.link, LinkMode::Id);
    let (role, password) = settings.login.unwrap();
    assert_eq!(
        (role.as_str(), password.expose_secret()),
        ("tasks_api", "hunter2")
    );

    let off = [DATABASE_URL, ("API__AUTH__ACCOUNTS__MODE", "off")];
    assert_eq!(
        MigrationSettings::load(&sources(None, &off), false)
            .unwrap()
            .link,
        LinkMode::Off
    );

    assert_eq!(
        faults(MigrationSettings::load(&sources(None, &[]), false)).len(),
        1
    );
    assert_eq!(
        faults(MigrationSettings::load(
            &sources(None, &[DATABASE_URL, ("API__X", "1")]),
            false
        ))
        .len(),
        1
    );
}

#[test]
fn only_the_role_of_the_api_is_given_a_login() {
    for url in [
        "postgres://postgres:hunter2@db.example/app",
        "postgres://tasks_api@db.example/app",
    ] {
        let lines = faults(MigrationSettings::load(
            &sources(None, &[("DATABASE_URL", url)]),
            true,
        ));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].contains("user tasks_api") && !lines[0].contains("hunter2"),
            "{lines:?}"
        );
    }
}
