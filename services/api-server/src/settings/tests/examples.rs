use auth_actix::TrustedProxies;

use super::*;
use crate::settings::{keys::KEYS, layers};

/// The example with the leading `# ` of its commented-out keys removed.
fn example() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/api-server.toml");
    let text = fs::read_to_string(path).unwrap();
    let uncommented = text.lines().map(|line| {
        let key = line.strip_prefix("#").filter(|rest| {
            rest.split_once(" = ").is_some_and(|(key, _)| {
                !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            })
        });
        key.unwrap_or(line).to_owned() + "\n"
    });
    uncommented.collect()
}

#[test]
fn the_example_file_has_every_key_and_is_accepted_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/api-server.toml");
    let as_it_is = Sources {
        file: Some(path.into()),
        environment: [DATABASE_URL, BETTER_AUTH_URL].into_iter().collect(),
    };
    let with = Settings::load(&as_it_is).unwrap();
    let without = load(&[]).unwrap();
    assert_eq!(format!("{with:?}"), format!("{without:?}"));

    let file = TomlFile::new(&example());
    let sources = sources(Some(&file), &[]);
    let mut faults = Vec::new();
    let config = layers::merge(sources.file.as_deref(), &sources.environment, &mut faults);
    assert_eq!(faults, []);
    for key in KEYS {
        let value = layers::value_at(&config, key.path)
            .unwrap_or_else(|| panic!("{} is missing", key.path));
        assert_eq!(
            value.origin(),
            Some(file.0.to_str().unwrap()),
            "{} is missing",
            key.path
        );
    }
}

#[test]
fn the_example_file_says_the_true_defaults() {
    let file = TomlFile::new(&example());
    let settings = Settings::load(&sources(Some(&file), &[])).unwrap();
    let plain = Settings::load(&sources(
        None,
        &[
            (
                "DATABASE_URL",
                "postgres://tasks_api:password@127.0.0.1:5432/drawbridge",
            ),
            ("BETTER_AUTH_URL", "https://app.example.com"),
        ],
    ))
    .unwrap();
    let ServerSettings { workers, .. } = settings.server.clone();
    assert_eq!(
        workers.map(NonZeroUsize::get),
        Some(4),
        "an example value, the default is one per core"
    );
    let resource = settings.resource.clone().unwrap();
    assert_eq!(resource.identifier, "https://api.example.com");
    assert_eq!(resource.scopes, ["tasks:read", "tasks:write"]);
    let access_tokens = settings.access_tokens.clone().unwrap();
    assert_eq!(
        access_tokens.policy.audiences(),
        ["https://api.example.com"]
    );
    assert_eq!(access_tokens.scopes, ["tasks:write"]);
    let mut same = Settings {
        server: ServerSettings {
            workers: None,
            ..settings.server
        },
        resource: None,
        access_tokens: None,
        ..settings
    };
    // Examples, too: there are no such files and no such page by default.
    assert!(same.server.problems_url.take().is_some());
    assert!(same.keys.seed_file.take().is_some());
    assert!(same.keys.snapshot_file.take().is_some());
    assert!(same.metrics.take().is_some());
    same.limits = same.limits.behind(TrustedProxies::default());
    assert_eq!(format!("{same:?}"), format!("{plain:?}"));
}

#[test]
fn the_example_environment_is_accepted_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example");
    let text = fs::read_to_string(path).unwrap();
    let variables: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once('=').unwrap())
        .collect();
    let sources = sources(None, &variables);
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.cors_origins, ["http://localhost:3000"]);
    MigrationSettings::load(&sources, true).unwrap();
    for key in KEYS.iter().filter_map(|key| key.alias) {
        assert!(
            variables.iter().any(|(name, _)| *name == key),
            "{key} is missing"
        );
    }
}
