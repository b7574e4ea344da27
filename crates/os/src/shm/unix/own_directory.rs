//! The default directory: one of this user's own, which other users cannot enter.

use super::system::default_path;
use crate::error::{OsError, Result};
use crate::process::{effective_uid, is_unmapped_uid};
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PRIVATE: u32 = 0o700;

/// Returns the directory of shared-memory files that is used by default: one of this user's own, created if missing.
///
/// # Errors
/// Access denied if `own_directory` returns false; other system errors.
pub fn default_directory() -> Result<PathBuf> {
    let path = default_path()?;
    if own_directory(&path)? {
        return Ok(path);
    }
    Err(OsError::new("use a directory of another user", libc::EACCES).at(&path))
}

/// Creates a directory with mode 0700 if it is missing, and resets the mode of an existing one. Returns false if the
/// path leads to something else, or to a directory of another user, who may have chosen the name to deny it.
///
/// # Errors
/// Any system error.
pub fn own_directory(path: &Path) -> Result<bool> {
    let failed = |error: std::io::Error| OsError::from_io("create", &error).at(path);
    match DirBuilder::new().mode(PRIVATE).create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    // Does not follow links: another user may have created one with this name.
    let found = std::fs::symlink_metadata(path).map_err(failed)?;
    let uid = found.uid();
    if !found.is_dir() || uid != effective_uid() || is_unmapped_uid(uid) {
        return Ok(false);
    }
    if found.mode() & 0o777 != PRIVATE {
        std::fs::set_permissions(path, Permissions::from_mode(PRIVATE)).map_err(failed)?;
    }
    Ok(true)
}

#[cfg(test)]
#[path = "../../../tests/support/not_run.rs"]
#[expect(unreachable_pub, reason = "the integration tests include the same file")]
mod not_run;

#[cfg(test)]
mod tests {
    use super::not_run::not_run;
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::os::unix::fs::symlink;

    #[test]
    fn an_own_directory_is_created_and_kept_private() {
        let test = TestDirectory::new();
        let path = test.path().join("own");
        let mode = || std::fs::metadata(&path).unwrap().mode() & 0o7777;
        assert!(own_directory(&path).unwrap());
        assert_eq!(mode(), PRIVATE);
        std::fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        assert!(own_directory(&path).unwrap());
        assert_eq!(mode(), PRIVATE);
    }

    #[test]
    fn links_and_files_are_not_own_directories() {
        let test = TestDirectory::new();
        let (real, link, file) =
            (test.path().join("real"), test.path().join("link"), test.path().join("file"));
        std::fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        std::fs::write(&file, "").unwrap();
        assert!(!own_directory(&link).unwrap());
        assert!(!own_directory(&file).unwrap());
        assert!(own_directory(&test.path().join("none/own")).unwrap_err().is_not_found());
    }

    #[test]
    fn a_directory_of_another_user_is_not_an_own_one() {
        let test = TestDirectory::new();
        let path = test.path().join("own");
        std::fs::create_dir(&path).unwrap();
        if let Err(error) = std::os::unix::fs::chown(&path, Some(12345), None) {
            return not_run(&format!("needs root ({error})"));
        }
        assert!(!own_directory(&path).unwrap());
    }
}
