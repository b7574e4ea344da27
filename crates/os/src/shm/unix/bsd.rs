//! macOS and FreeBSD: every file has a name, by which it is opened again.

#![allow(unsafe_code, reason = "calls confstr")]

use super::directory::Directory;
use super::file::ShmFile;
#[cfg(target_os = "macos")]
use crate::error::OsError;
use crate::error::Result;
#[cfg(target_os = "freebsd")]
use crate::process::effective_uid;
use crate::shm::Access;
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// The flags that open a directory: for listing, as both systems have no weaker access in common.
pub(super) const DIRECTORY_FLAGS: libc::c_int = libc::O_RDONLY | libc::O_DIRECTORY;

/// Returns the path of the default directory: in the user's cache directory. The system deletes files in the temporary directory that no process
/// has read for three days.
#[cfg(target_os = "macos")]
pub fn default_path() -> Result<PathBuf> {
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

/// Returns the path of the default directory: in one that exists everywhere and is often in memory. The path must not depend on the
/// environment, or a daemon and a shell of the same user would see different objects.
#[cfg(target_os = "freebsd")]
pub fn default_path() -> Result<PathBuf> {
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
