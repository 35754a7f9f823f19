use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use auth_core::UserClaim;

use super::*;

mod better_auth;
mod database_url;
mod examples;
mod faults;
mod layers;
mod migrating;
mod names;
mod oauth;
mod overview;
mod production;
mod secrets;

const DATABASE_URL: (&str, &str) = (
    "DATABASE_URL",
    "postgres://tasks_api:hunter2@db.example/app?sslmode=require",
);
const BETTER_AUTH_URL: (&str, &str) = ("BETTER_AUTH_URL", "https://app.example.com");

/// A file of settings that is gone at the end of the test.
struct TomlFile(PathBuf);

impl TomlFile {
    fn new(text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("settings-{}-{n}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TomlFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn sources(toml: Option<&TomlFile>, variables: &[(&str, &str)]) -> Sources {
    Sources {
        file: toml.map(|file| file.0.clone()),
        environment: variables.iter().copied().collect(),
    }
}

/// Settings of a good environment and these variables.
fn load(variables: &[(&str, &str)]) -> Result<Settings, Faults> {
    Settings::load(&sources(
        None,
        &[&[DATABASE_URL, BETTER_AUTH_URL], variables].concat(),
    ))
}

/// Settings of a good environment and this file.
fn load_file(toml: &str) -> Result<Settings, Faults> {
    Settings::load(&sources(
        Some(&TomlFile::new(toml)),
        &[DATABASE_URL, BETTER_AUTH_URL],
    ))
}

/// The faults, one per line, without the file's path.
fn faults<T: fmt::Debug>(outcome: Result<T, Faults>) -> Vec<String> {
    outcome
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn fault(variable: &str, value: &str) -> String {
    let faults = faults(load(&[(variable, value)]));
    assert_eq!(faults.len(), 1, "{variable}={value}: {faults:?}");
    faults.into_iter().next().unwrap()
}
