use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Our packages as `cargo metadata` tells of them, and all others as `Cargo.lock` does: for every platform at once, and
/// without a network, which Cargo would want for packages that are not built on this one.
pub struct Workspace {
    ours: BTreeMap<String, Package>,
    /// Name to names. Versions do not matter: none of them may be known where the name may not.
    others: BTreeMap<String, BTreeSet<String>>,
}

struct Package {
    folder: PathBuf,
    /// Without those for tests alone.
    dependencies: BTreeSet<String>,
}

impl Workspace {
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([
                "metadata",
                "--format-version",
                "1",
                "--no-deps",
                "--offline",
            ])
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        Self {
            ours: packages.iter().map(Package::read).collect(),
            others: locked(&fs::read_to_string(root.join("Cargo.lock")).unwrap()),
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.ours.keys().map(String::as_str)
    }

    pub fn folder_of(&self, name: &str) -> &Path {
        &self.package(name).folder
    }

    /// Which of our packages this one depends on directly.
    pub fn ours_of(&self, name: &str) -> Vec<&str> {
        let dependencies = self.package(name).dependencies.iter().map(String::as_str);
        dependencies
            .filter(|name| self.ours.contains_key(*name))
            .collect()
    }

    /// Which of our packages depend on this one directly.
    pub fn who_knows(&self, name: &str) -> Vec<&str> {
        self.names()
            .filter(|other| self.ours_of(other).contains(&name))
            .collect()
    }

    /// Everything that this package is built with, however far away.
    pub fn known_to(&self, name: &str) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        let mut to_visit = vec![name.to_owned()];
        while let Some(name) = to_visit.pop() {
            let dependencies = match self.ours.get(&name) {
                Some(package) => &package.dependencies,
                None => &self.others[&name],
            };
            to_visit.extend(
                dependencies
                    .iter()
                    .filter(|it| known.insert((*it).clone()))
                    .cloned(),
            );
        }
        known
    }

    fn package(&self, name: &str) -> &Package {
        self.ours
            .get(name)
            .unwrap_or_else(|| panic!("there is no package {name}"))
    }
}

impl Package {
    fn read(package: &Value) -> (String, Self) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let this = Self {
            folder: Path::new(&text(&package["manifest_path"]))
                .parent()
                .unwrap()
                .to_owned(),
            dependencies: dependencies
                .filter(|it| it["kind"] != "dev")
                .map(|it| text(&it["name"]))
                .collect(),
        };
        (text(&package["name"]), this)
    }
}

/// The packages of a `Cargo.lock`: `name = "…"` and `dependencies = [ "name version", … ]`.
fn locked(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut packages = BTreeMap::<_, BTreeSet<_>>::new();
    for package in text.split("[[package]]").skip(1) {
        let name = package
            .lines()
            .find_map(|line| line.strip_prefix("name = "));
        let dependencies = package
            .split_once("dependencies = [")
            .map_or("", |(_, list)| list);
        let dependencies = dependencies
            .split(']')
            .next()
            .unwrap_or_default()
            .split('"')
            .skip(1);
        // What is quoted is every second piece.
        let names = dependencies
            .step_by(2)
            .filter_map(|it| it.split(' ').next());
        let name = name.unwrap().trim_matches('"').to_owned();
        packages
            .entry(name)
            .or_default()
            .extend(names.map(str::to_owned));
    }
    packages
}

#[test]
fn a_lock_file_is_read_with_and_without_versions() {
    let packages = locked(
        "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\n \"b 0.1.0\",\n \"c\",\n]\n\n\
         [[package]]\nname = \"b\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2\"\ndependencies = [\n \"c\",\n]\n",
    );
    let of = |name: &str| {
        packages[name]
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
    };
    assert_eq!((of("a"), of("b")), (vec!["b", "c"], vec!["c"]));
}
