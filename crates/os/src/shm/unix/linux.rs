//! Linux: unnamed files, /proc, `fallocate`.

use super::create::open_new;
use super::directory::Directory;
use super::file::{ShmFile, flag, open_path};
use crate::error::{OsError, Result, retry};
use crate::shm::Access;
use std::os::fd::{OwnedFd, RawFd};
use std::path::PathBuf;

/// How a folder is opened: who may not list it may still use it.
pub(super) const FOLDER: libc::c_int = libc::O_PATH | libc::O_DIRECTORY;

/// Where segments live unless told otherwise: memory that all users share.
///
/// # Errors
/// None.
pub fn default_directory() -> Result<PathBuf> {
    Ok(PathBuf::from("/dev/shm"))
}

/// Another opening of the same file.
pub(super) fn open_again(file: &ShmFile, access: Access) -> Result<OwnedFd> {
    match open_path(&path_of_unnamed(file), flag(access), file.path()) {
        Err(refused) if refused.is_not_found() || refused.is_access() => {
            // The path of a file without a name is its folder's, which says nothing about the file.
            let named = file.open_by_name(access);
            named.map_err(|error| if error.is_wrong_kind() { refused } else { error })
        }
        other => other,
    }
}

/// The magic link to a file's descriptor. Of the thread, because a process whose first thread has
/// ended shows no descriptors of its own.
pub(super) fn path_of_unnamed(file: &ShmFile) -> PathBuf {
    format!("/proc/thread-self/fd/{}", file.raw()).into()
}

/// True if the file can be reached through /proc.
fn is_in_proc(file: &ShmFile) -> bool {
    open_path(&path_of_unnamed(file), libc::O_PATH, file.path())
        .and_then(|fd| ShmFile::new(fd, Access::ReadOnly, file.path().to_owned()))
        .is_ok_and(|found| found.identity() == file.identity())
}

/// A file without a name; `None` if there are none here, or if they could not be given one later.
pub(super) fn open_unnamed(dir: &Directory) -> Result<Option<ShmFile>> {
    match open_new(dir, c".", libc::O_TMPFILE) {
        Ok(fd) => {
            let file = ShmFile::new(fd, Access::ReadWrite, dir.path().to_owned())?;
            // Without /proc an unnamed file could neither be opened again nor named.
            Ok(is_in_proc(&file).then_some(file))
        }
        Err(error) if lacks_unnamed_files(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What kernels and file systems without `O_TMPFILE` say: old kernels take it for a folder.
fn lacks_unnamed_files(error: &OsError) -> bool {
    error.is_unsupported() || matches!(error.errno, libc::EISDIR | libc::EINVAL | libc::ENOENT)
}

/// Reserves real space: 0, or an errno.
pub(super) fn allocate(fd: RawFd, from: u64, bytes: u64) -> libc::c_int {
    // SAFETY: fallocate takes a descriptor, which is open, and numbers; both fit (`reserve`).
    match unsafe { libc::fallocate(fd, 0, from as libc::off_t, bytes as libc::off_t) } {
        0 => 0,
        _ => OsError::last("fallocate").errno,
    }
}

/// Makes a range within the file zero and gives its whole pages back.
pub(super) fn punch(file: &ShmFile, from: u64, bytes: u64) -> Result<()> {
    let flags = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    let punch = || {
        // SAFETY: the call takes a descriptor, which is open, and numbers within the file.
        unsafe { libc::fallocate(file.raw(), flags, from as libc::off_t, bytes as libc::off_t) }
    };
    retry("fallocate", punch).map_err(|error| error.at(file.path())).map(drop)
}
