//! FreeBSD: one lock file for each locked byte, next to the shared-memory file, locked by `flock`.
//!
//! The lock file `.shmkit.lock.<device>.<inode>.<byte>` is empty. FreeBSD has no open-file-description locks, and
//! the locks of a process would be lost when any other descriptor of the file is closed.
//!
//! 1. Only an exclusive holder of a lock file removes its name. A process that has locked a lock file checks that
//!    the name still leads to it, and otherwise tries again. So a missing name means that the byte is not locked.
//! 2. A query uses `F_GETLK`, which sees `flock` locks without acquiring one that could block other processes.
//! 3. A killed process leaves its lock file, unlocked. The file is reused, or removed by a sweep.
//! 4. A lock file of another user is refused unless that user owns the shared-memory file too or is root: its owner
//!    could remove the name and make a live participant look dead.

#![allow(unsafe_code, reason = "locks files")]

use crate::error::{OsError, Result, code, retry};
use crate::lock_mode::LockMode;
use crate::process::{CloseOnFork, effective_uid};
use crate::shm::{Directory, ShmFile, c_string, open_path, owned, status_of};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::path::{Path, PathBuf};

const PREFIX: &str = ".shmkit.lock.";
/// How many times a lock file may lose its name between opening and locking it.
const ATTEMPTS: u32 = 100;
const OPEN_FLAGS: libc::c_int = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;

/// A byte that an open shared-memory file has locked.
#[derive(Debug)]
pub(crate) struct HeldByte {
    byte: u64,
    /// `None` only during `drop`.
    file: Option<OwnedFd>,
    path: PathBuf,
    registration: CloseOnFork,
}

impl Drop for HeldByte {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        if !self.registration.is_ours() {
            // This is a forked child, which has closed its copy: the number may be another file's by now.
            let _ = file.into_raw_fd();
            return;
        }
        remove_if_unlocked(&file, &self.path);
        // Closing would not do: a child that is being started has a copy for a moment.
        let _ = flock(&file, libc::LOCK_UN);
    }
}

fn directory_of(file: &ShmFile) -> &Path {
    file.path().parent().unwrap_or(Path::new("/"))
}

fn name_prefix(file: &ShmFile) -> String {
    let identity = file.identity();
    format!("{PREFIX}{:x}.{:x}.", identity.device, identity.inode)
}

fn path_of(file: &ShmFile, byte: u64) -> PathBuf {
    directory_of(file).join(format!("{}{byte:x}", name_prefix(file)))
}

/// Returns false if another open file description holds a conflicting lock.
fn flock(file: &OwnedFd, operation: libc::c_int) -> Result<bool> {
    // SAFETY: flock takes a descriptor, which `file` keeps open, and flags; no pointers.
    match retry("flock", || unsafe { libc::flock(file.as_raw_fd(), operation) }) {
        Ok(_) => Ok(true),
        Err(error) if error.errno == libc::EWOULDBLOCK => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns whether `path` still names this file.
fn is_named(path: &Path, file: &OwnedFd) -> Result<bool> {
    // SAFETY: `file` keeps the descriptor open; `status_of` passes a pointer that is valid for a `stat`.
    let ours = status_of("fstat", |raw| unsafe { libc::fstat(file.as_raw_fd(), raw) })?;
    let raw_path = c_string(path)?;
    // SAFETY: `raw_path` is NUL-terminated and outlives the call; `status_of` passes a pointer that is valid for a
    // `stat`.
    match status_of("lstat", |raw| unsafe { libc::lstat(raw_path.as_ptr(), raw) }) {
        Ok(found) => Ok(found.identity == ours.identity),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.at(path)),
    }
}

/// Removes the name of a lock file that no other process has locked.
fn remove_if_unlocked(file: &OwnedFd, path: &Path) {
    let is_locked_alone = flock(file, libc::LOCK_EX | libc::LOCK_NB) == Ok(true);
    if is_locked_alone && is_named(path, file) == Ok(true) {
        // A lock file that cannot be removed is reused, or removed by a later sweep.
        let _ = std::fs::remove_file(path);
    }
}

/// Checks that no other user could remove the lock file.
///
/// # Errors
/// Access denied, for a lock file of another user.
fn check_owner(lock: &OwnedFd, segment: &ShmFile, path: &Path) -> Result<()> {
    // SAFETY: `lock` keeps the descriptor open; `status_of` passes a pointer that is valid for a `stat`.
    let lock = status_of("fstat", |raw| unsafe { libc::fstat(lock.as_raw_fd(), raw) })?;
    if lock.uid == effective_uid() || lock.uid == 0 || lock.uid == segment.status()?.uid {
        return Ok(());
    }
    Err(OsError::new("use another user's lock file", libc::EPERM).at(path))
}

fn open_or_create(path: &Path) -> Result<OwnedFd> {
    let raw = c_string(path)?;
    // Other users must be able to open the file to query and lock it; it has no contents.
    let mode: libc::c_uint = 0o644;
    // SAFETY: the path is NUL-terminated and outlives the call; O_CREAT requires a mode, which is passed.
    let fd = retry("open", || unsafe { libc::open(raw.as_ptr(), OPEN_FLAGS | libc::O_CREAT, mode) });
    fd.map(owned).map_err(|error| error.at(path))
}

/// Tries to lock one byte, without waiting; returns false if another open file description has it locked.
pub(in crate::liveness) fn try_lock(file: &ShmFile, mode: LockMode, byte: u64) -> Result<bool> {
    let path = path_of(file, byte);
    let operation = match mode {
        LockMode::Shared => libc::LOCK_SH,
        LockMode::Exclusive => libc::LOCK_EX,
    };
    for _ in 0..ATTEMPTS {
        let lock = open_or_create(&path)?;
        check_owner(&lock, file, &path)?;
        if !flock(&lock, operation | libc::LOCK_NB).map_err(|error| error.at(&path))? {
            return Ok(false);
        }
        if is_named(&path, &lock)? {
            let registration = CloseOnFork::register(lock.as_raw_fd());
            file.held_bytes().push(HeldByte { byte, file: Some(lock), path, registration });
            return Ok(true);
        }
    }
    Err(OsError::new("lock a byte of", code::BUSY).at(file.path()))
}

/// Unlocks one byte.
pub(in crate::liveness) fn unlock(file: &ShmFile, byte: u64) {
    file.held_bytes().retain(|held| held.byte != byte);
}

/// Returns whether another open file description has any of the `bytes` bytes at `from` locked so that `mode` conflicts.
pub(in crate::liveness) fn has_conflict(
    file: &ShmFile,
    mode: LockMode,
    from: u64,
    bytes: u64,
) -> Result<bool> {
    let kind = match mode {
        LockMode::Shared => libc::F_RDLCK,
        LockMode::Exclusive => libc::F_WRLCK,
    };
    if bytes == 1 {
        return is_held(&path_of(file, from), kind as libc::c_short);
    }
    let prefix = name_prefix(file);
    let directory = directory_of(file);
    for name in lock_file_names(directory)? {
        let byte = name.strip_prefix(&prefix).and_then(|byte| u64::from_str_radix(byte, 16).ok());
        if byte.is_some_and(|byte| (from..from + bytes).contains(&byte))
            && is_held(&directory.join(&name), kind as libc::c_short)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_held(path: &Path, kind: libc::c_short) -> Result<bool> {
    let lock = match open_path(path, OPEN_FLAGS, path) {
        Ok(lock) => lock,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(error),
    };
    // SAFETY: `flock` consists of integers, so all zeros is a valid value; it means the whole file, which is what
    // `flock` locks.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    let fd = lock.as_raw_fd();
    // SAFETY: `lock` keeps the descriptor open; the command takes a pointer to a `flock`, valid for reads and
    // writes, which `request` is for the whole call.
    retry("fcntl F_GETLK", || unsafe { libc::fcntl(fd, libc::F_GETLK, &raw mut request) })
        .map_err(|error| error.at(path))?;
    Ok(request.l_type != libc::F_UNLCK as libc::c_short)
}

fn lock_file_names(directory: &Path) -> Result<Vec<String>> {
    let failed = |error: std::io::Error| OsError::from_io("readdir", &error).at(directory);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().into_string();
        names.extend(name.ok().filter(|name| name.starts_with(PREFIX)));
    }
    Ok(names)
}

/// Removes the lock files that dead processes left in a directory, as far as this user may.
pub(crate) fn sweep_lock_files(dir: &Directory) {
    for name in lock_file_names(dir.path()).unwrap_or_default() {
        let path = dir.path().join(name);
        if let Ok(lock) = open_path(&path, OPEN_FLAGS, &path) {
            remove_if_unlocked(&lock, &path);
        }
    }
}
