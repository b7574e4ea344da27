//! Linux: unnamed files, /proc, `fallocate`.

#![allow(unsafe_code, reason = "calls fallocate")]

use super::create::open_new;
use super::directory::Directory;
use super::file::{ShmFile, open_flag, open_path};
use crate::error::{OsError, Result, retry};
use crate::process::effective_uid;
use crate::shm::Access;
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// The flags that open a directory. A user needs no permission to list it.
pub(super) const DIRECTORY_FLAGS: libc::c_int = libc::O_PATH | libc::O_DIRECTORY;

/// Returns the path of the default directory. It must not depend on the environment, or a daemon and a shell of the
/// same user would see different objects.
///
/// # Errors
/// Never fails.
pub fn default_path() -> Result<PathBuf> {
    Ok(Path::new("/dev/shm").join(format!("shmkit-{}", effective_uid())))
}

/// Opens the same file again.
pub(super) fn open_again(file: &ShmFile, access: Access) -> Result<OwnedFd> {
    match open_path(&path_of_unnamed(file), open_flag(access), file.path()) {
        Err(refused) if refused.is_not_found() || refused.is_access_denied() => {
            // The path of an unnamed file is its directory's, so that error says nothing about the file.
            let named = file.open_by_name(access);
            named.map_err(|error| if error.is_wrong_kind() { refused } else { error })
        }
        other => other,
    }
}

/// Returns the magic link to a file's descriptor: that of the thread, because /proc shows no descriptors for a process
/// whose main thread has exited.
pub(super) fn path_of_unnamed(file: &ShmFile) -> PathBuf {
    format!("/proc/thread-self/fd/{}", file.raw()).into()
}

/// Returns whether the file can be opened through /proc.
fn is_in_proc(file: &ShmFile) -> bool {
    open_path(&path_of_unnamed(file), libc::O_PATH, file.path())
        .and_then(|fd| ShmFile::new(fd, Access::ReadOnly, file.path().to_owned()))
        .is_ok_and(|found| found.identity() == file.identity())
}

/// Creates an unnamed file; returns `None` if the file system has none, or if it could not be linked to a name later.
pub(super) fn open_unnamed(dir: &Directory) -> Result<Option<ShmFile>> {
    match open_new(dir, c".", libc::O_TMPFILE) {
        Ok(fd) => {
            let file = ShmFile::new(fd, Access::ReadWrite, dir.path().to_owned())?;
            // Without /proc an unnamed file could neither be opened again nor linked to a name.
            Ok(is_in_proc(&file).then_some(file))
        }
        Err(error) if lacks_unnamed_files(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether the kernel or file system lacks `O_TMPFILE`: old kernels try to open the directory instead.
fn lacks_unnamed_files(error: &OsError) -> bool {
    error.is_unsupported() || matches!(error.errno, libc::EISDIR | libc::EINVAL | libc::ENOENT)
}

/// Reserves space; returns 0 or an errno.
pub(super) fn allocate(fd: RawFd, from: u64, bytes: u64) -> libc::c_int {
    // SAFETY: fallocate takes a descriptor and numbers; `reserve_range` has checked that both fit into an `off_t`.
    match unsafe { libc::fallocate(fd, 0, from as libc::off_t, bytes as libc::off_t) } {
        0 => 0,
        _ => OsError::last("fallocate").errno,
    }
}

/// Zeroes a range of the file and frees its whole pages.
pub(super) fn punch(file: &ShmFile, from: u64, bytes: u64) -> Result<()> {
    let flags = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    let punch = || {
        // SAFETY: fallocate takes a descriptor, which `file` keeps open, and numbers, which are within the file.
        unsafe { libc::fallocate(file.raw(), flags, from as libc::off_t, bytes as libc::off_t) }
    };
    retry("fallocate", punch).map_err(|error| error.at(file.path())).map(drop)
}
