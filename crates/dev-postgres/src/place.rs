//! Where a server lives: as a rule where it was meant to. A container often runs everything as root, in a
//! checkout that other users may not enter, and without user namespaces; then the server's folder and, if
//! need be, a copy of npm's binaries are below `/var/tmp`, which everybody may enter.

use std::path::{Path, PathBuf};

use crate::run_as::RunAs;
use crate::{Binaries, Error};

/// Who runs which binaries, and the folder for data, password and log.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) run_as: RunAs,
    pub(crate) binaries: Binaries,
    pub(crate) folder: PathBuf,
}

impl Place {
    /// `folder`, or its stand-in. The same answer every time, so that a second start finds the first.
    pub(crate) fn find(binaries: Binaries, folder: &Path) -> Result<Place, Error> {
        match RunAs::choose(&binaries, folder) {
            Ok(run_as) => Ok(Place {
                run_as,
                binaries,
                folder: folder.to_owned(),
            }),
            #[cfg(unix)]
            // The refusal names what the developer knows: where it was meant to be.
            Err(refused) => {
                let choose =
                    |binaries: &Binaries, folder: &Path| RunAs::choose(binaries, folder).ok();
                stand_in::find(&binaries, folder, Path::new("/var/tmp"), choose).ok_or(refused)
            }
            #[cfg(not(unix))]
            Err(refused) => Err(refused),
        }
    }
}

#[cfg(unix)]
mod stand_in {
    use std::fs::{self, DirBuilder, Permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::path::Path;

    use super::Place;
    use crate::lock::Lock;
    use crate::run_as::RunAs;
    use crate::{Binaries, cluster, process, workspace};

    /// Moves as little as it can: the folder, or the binaries, or both. `choose` tells who may run
    /// binaries in a folder.
    pub(super) fn find(
        binaries: &Binaries,
        folder: &Path,
        open: &Path,
        choose: impl Fn(&Binaries, &Path) -> Option<RunAs>,
    ) -> Option<Place> {
        let base = open.join(format!("drawbridge-{}", short_name(&workspace())));
        let stand_in = base.join(short_name(folder));
        make_own(&base).ok()?;
        let place = |binaries: &Binaries, folder: &Path| {
            let run_as = choose(binaries, folder)?;
            Some(Place {
                run_as,
                binaries: binaries.clone(),
                folder: folder.to_owned(),
            })
        };
        let in_stand_in = |binaries: &Binaries| {
            make_own(&stand_in).ok()?;
            // Not left behind where it is of no use.
            place(binaries, &stand_in).or_else(|| fs::remove_dir(&stand_in).err().and(None))
        };
        in_stand_in(binaries).or_else(|| {
            let copy = copy_of(binaries, &base)?;
            place(&copy, folder).or_else(|| in_stand_in(&copy))
        })
    }

    /// Only a bundle brings everything along that its programs look for.
    fn copy_of(binaries: &Binaries, base: &Path) -> Option<Binaries> {
        let bundle = binaries.bundle()?;
        let copy = base.join(format!("postgresql-{}", binaries.version()));
        let _lock = Lock::wait_for(&base.join("lock")).ok()?;
        if !copy.is_dir() {
            let partial = copy.with_extension("partial");
            cluster::remove(&partial).ok()?;
            cluster::copy_all(bundle, &partial)
                .and_then(|()| fs::rename(&partial, &copy))
                .ok()?;
        }
        Binaries::at(&copy.join("bin")).ok()
    }

    /// Others may write where this is: one that is there already has to be a folder of ours.
    fn make_own(folder: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o755).create(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        let found = fs::symlink_metadata(folder)?;
        if !found.is_dir() || found.uid() != process::effective_uid() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        fs::set_permissions(folder, Permissions::from_mode(0o755))
    }

    /// A name for a path: FNV-1a, which stays the same from release to release.
    fn short_name(path: &Path) -> String {
        let bytes = path.as_os_str().as_encoded_bytes();
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::testing::Scratch;
        use crate::{Source, npm};

        #[test]
        fn without_namespaces_root_moves_what_is_closed_and_nothing_else() {
            if !process::is_root() {
                return;
            }
            let scratch = Scratch::new("stand-in");
            let [open, closed] = ["open", "closed"].map(|name| scratch.path().join(name));
            for (folder, mode) in [(scratch.path(), 0o755), (&open, 0o755), (&closed, 0o700)] {
                fs::create_dir_all(folder).unwrap();
                fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
            }
            for file in ["package.json", "package-lock.json"] {
                fs::copy(npm::package().join(file), closed.join(file)).unwrap();
            }
            let closed_binaries = npm::binaries(&closed, &mut |_| ()).unwrap();
            let only_users = |binaries: &Binaries, folder: &Path| {
                let run_as = RunAs::choose(binaries, folder).ok()?;
                matches!(run_as, RunAs::User(_)).then_some(run_as)
            };
            let find = |binaries: &Binaries, folder: &Path| {
                find(binaries, folder, &open, only_users).unwrap()
            };

            let only_binaries = find(&closed_binaries, &open);
            assert_eq!(only_binaries.folder, open);
            assert_ne!(only_binaries.binaries.folder(), closed_binaries.folder());
            let open_binaries = only_binaries.binaries;

            let only_folder = find(&open_binaries, &closed);
            assert_eq!(only_folder.binaries, open_binaries);
            assert!(only_folder.folder.starts_with(&open));

            let both = find(&closed_binaries, &closed);
            assert_eq!(
                (both.folder, both.binaries),
                (only_folder.folder, open_binaries)
            );
        }

        #[test]
        fn a_folder_that_is_a_link_or_not_ours_is_not_used() {
            let scratch = Scratch::new("not-ours");
            let (folder, link) = (scratch.path().join("folder"), scratch.path().join("link"));
            make_own(&folder).unwrap();
            make_own(&folder).unwrap();
            std::os::unix::fs::symlink(&folder, &link).unwrap();
            assert!(make_own(&link).is_err());
            if process::is_root() {
                std::os::unix::fs::chown(&folder, Some(65534), None).unwrap();
                assert!(make_own(&folder).is_err());
            }
        }

        #[test]
        fn only_a_bundle_is_copied() {
            let scratch = Scratch::new("no-bundle");
            if let Ok(system) = Binaries::find(Source::System, &mut |_| ()) {
                assert_eq!(copy_of(&system, scratch.path()), None);
            }
        }
    }
}
