//! macOS and FreeBSD: every file has a name, and is opened again by it.

use super::directory::Directory;
use super::file::ShmFile;
use crate::error::{OsError, Result};
use crate::process::effective_uid;
use crate::shm::Access;
use std::fs::{DirBuilder, Permissions};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How a folder is opened: for listing, as there is no weaker way that both systems have.
pub(super) const FOLDER: libc::c_int = libc::O_RDONLY | libc::O_DIRECTORY;
const PRIVATE: u32 = 0o700;

/// Where segments live unless told otherwise: a folder of this user, made if it is missing.
///
/// # Errors
/// The system's own; access denied for a folder that others made or may write to.
pub fn default_directory() -> Result<PathBuf> {
    let path = parent_of_default()?;
    let failed = |error: std::io::Error| OsError::from_io("make", &error).at(&path);
    match DirBuilder::new().mode(PRIVATE).create(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    // Links are not followed: somebody may have put one here first.
    let found = std::fs::symlink_metadata(&path).map_err(failed)?;
    if !found.is_dir() || found.uid() != effective_uid() {
        return Err(OsError::new("use a folder that another user made", libc::EACCES).at(&path));
    }
    if found.mode() & 0o777 != PRIVATE {
        std::fs::set_permissions(&path, Permissions::from_mode(PRIVATE)).map_err(failed)?;
    }
    Ok(path)
}

/// The user's own cache folder: the one for temporary files is emptied of what nobody read for three days.
#[cfg(target_os = "macos")]
fn parent_of_default() -> Result<PathBuf> {
    let mut text = [0u8; libc::PATH_MAX as usize];
    let at = text.as_mut_ptr().cast();
    // SAFETY: `text` is valid for writes of its length.
    let len = unsafe { libc::confstr(libc::_CS_DARWIN_USER_CACHE_DIR, at, text.len()) };
    let path = text.get(..len).and_then(|text| std::ffi::CStr::from_bytes_until_nul(text).ok());
    match path.and_then(|path| path.to_str().ok()) {
        Some(path) if !path.is_empty() => Ok(Path::new(path).join("shmkit")),
        _ => Err(OsError::last("find the folder of this user's caches")),
    }
}

/// In a folder that is often in memory and that all have. Which one it is must not depend on the
/// environment, or a daemon and a shell of the same user would see different dictionaries.
#[cfg(target_os = "freebsd")]
fn parent_of_default() -> Result<PathBuf> {
    Ok(Path::new("/tmp").join(format!("shmkit-{}", effective_uid())))
}

/// Another opening of the same file.
pub(super) fn open_again(file: &ShmFile, access: Access) -> Result<OwnedFd> {
    file.open_by_name(access)
}

/// A file without a name: there are none.
pub(super) fn open_unnamed(_dir: &Directory) -> Result<Option<ShmFile>> {
    Ok(None)
}

/// What leads to an unnamed file, of which there are none.
pub(super) fn path_of_unnamed(file: &ShmFile) -> PathBuf {
    file.path().to_owned()
}

/// Nothing that makes a file's bytes real at once is found on all file systems of both: they are written.
pub(super) fn allocate(_fd: RawFd, _from: u64, _bytes: u64) -> libc::c_int {
    libc::EOPNOTSUPP
}

/// Makes a range within the file zero. Its space stays taken.
pub(super) fn punch(file: &ShmFile, from: u64, bytes: u64) -> Result<()> {
    file.fill_with_zeros(from, from + bytes)
}
