//! macOS and FreeBSD: every file has a name, by which it is opened again.

#![allow(unsafe_code, reason = "calls confstr")]

use super::directory::Directory;
use super::file::ShmFile;
use crate::error::{OsError, Result};
use crate::process::effective_uid;
use crate::shm::Access;
use std::fs::{DirBuilder, Permissions};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The flags that open a directory: for listing, as both systems have no weaker access in common.
pub(super) const DIRECTORY_FLAGS: libc::c_int = libc::O_RDONLY | libc::O_DIRECTORY;
const PRIVATE: u32 = 0o700;

/// Returns the directory of shared-memory files that is used by default: one of this user's own, created if missing.
///
/// # Errors
/// Access denied for a directory that another user created; other system errors.
pub fn default_directory() -> Result<PathBuf> {
    let path = default_path()?;
    let failed = |error: std::io::Error| OsError::from_io("create", &error).at(&path);
    match DirBuilder::new().mode(PRIVATE).create(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    // Does not follow links: another user may have created one with this name.
    let found = std::fs::symlink_metadata(&path).map_err(failed)?;
    if !found.is_dir() || found.uid() != effective_uid() {
        return Err(OsError::new("use a directory that another user created", libc::EACCES).at(&path));
    }
    if found.mode() & 0o777 != PRIVATE {
        std::fs::set_permissions(&path, Permissions::from_mode(PRIVATE)).map_err(failed)?;
    }
    Ok(path)
}

/// Returns a path in the user's cache directory. The system deletes files in the temporary directory that no process
/// has read for three days.
#[cfg(target_os = "macos")]
fn default_path() -> Result<PathBuf> {
    let mut text = [0u8; libc::PATH_MAX as usize];
    let at = text.as_mut_ptr().cast();
    // SAFETY: `text` is valid for writes of its length for the whole call.
    let len = unsafe { libc::confstr(libc::_CS_DARWIN_USER_CACHE_DIR, at, text.len()) };
    let path = text.get(..len).and_then(|text| std::ffi::CStr::from_bytes_until_nul(text).ok());
    match path.and_then(|path| path.to_str().ok()) {
        Some(path) if !path.is_empty() => Ok(Path::new(path).join("shmkit")),
        _ => Err(OsError::last("find this user's cache directory")),
    }
}

/// Returns a path in a directory that exists everywhere and is often in memory. The path must not depend on the
/// environment, or a daemon and a shell of the same user would see different objects.
#[cfg(target_os = "freebsd")]
fn default_path() -> Result<PathBuf> {
    Ok(Path::new("/tmp").join(format!("shmkit-{}", effective_uid())))
}

/// Opens the same file again.
pub(super) fn open_again(file: &ShmFile, access: Access) -> Result<OwnedFd> {
    file.open_by_name(access)
}

/// Returns `None`: these systems have no unnamed files.
pub(super) fn open_unnamed(_dir: &Directory) -> Result<Option<ShmFile>> {
    Ok(None)
}

/// Returns the path of the file: it is never unnamed.
pub(super) fn path_of_unnamed(file: &ShmFile) -> PathBuf {
    file.path().to_owned()
}

/// Returns `EOPNOTSUPP`, so that zeros are written: no call reserves space on all file systems of both systems.
pub(super) fn allocate(_fd: RawFd, _from: u64, _bytes: u64) -> libc::c_int {
    libc::EOPNOTSUPP
}

/// Zeroes a range of the file. Its space stays allocated.
pub(super) fn punch(file: &ShmFile, from: u64, bytes: u64) -> Result<()> {
    file.fill_with_zeros(from, from + bytes)
}
