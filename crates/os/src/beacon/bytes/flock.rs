//! FreeBSD: one small file for each byte that is held, beside the segment, locked by `flock`.
//!
//! `.shmkit.lock.<device>.<inode>.<byte>`, empty. There are no byte-range locks of an open file there, and
//! those of a process would be lost with any other descriptor of the file.
//!
//! 1. A name is removed only by who holds its file exclusively. Whoever has locked a file looks whether
//!    the name still leads to it, or tries again. So a missing name means that nobody holds the byte.
//! 2. Asking is `F_GETLK`: it sees `flock` locks, and takes none that others might run into.
//! 3. A killed process leaves its file behind, unlocked. It is used again, or swept.
//! 4. A lock file of somebody else's is refused, unless he owns the segment too or is root: he could
//!    remove the name and make the living look dead.

use super::Hold;
use crate::error::{OsError, Result, code, retry};
use crate::process::{Parental, effective_uid};
use crate::shm::{Directory, ShmFile, c_string, open_path, owned, status_of};
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::path::{Path, PathBuf};

const PREFIX: &str = ".shmkit.lock.";
/// How often a name may be removed between opening and locking it.
const ATTEMPTS: u32 = 100;
const LOCK_FILE: libc::c_int = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;

/// A byte that an opening of the segment holds.
#[derive(Debug)]
pub(crate) struct Taken {
    byte: u64,
    /// Only `drop` takes it.
    file: Option<OwnedFd>,
    path: PathBuf,
    parental: Parental,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(file) = self.file.take() else { return };
        if !self.parental.is_ours() {
            // The child has closed its copy; the number may be another file's.
            let _ = file.into_raw_fd();
            return;
        }
        remove_if_alone(&file, &self.path);
        // Not left to `close`: a child that is being started has a copy for a moment.
        let _ = flock(&file, libc::LOCK_UN);
    }
}

fn folder_of(file: &ShmFile) -> &Path {
    file.path().parent().unwrap_or(Path::new("/"))
}

fn start_of_names(file: &ShmFile) -> String {
    let identity = file.identity();
    format!("{PREFIX}{:x}.{:x}.", identity.device, identity.inode)
}

fn path_of(file: &ShmFile, byte: u64) -> PathBuf {
    folder_of(file).join(format!("{}{byte:x}", start_of_names(file)))
}

/// False if another has it in a way that does not go with this one.
fn flock(file: &OwnedFd, operation: libc::c_int) -> Result<bool> {
    // SAFETY: flock takes a descriptor, which is open, and flags.
    match retry("flock", || unsafe { libc::flock(file.as_raw_fd(), operation) }) {
        Ok(_) => Ok(true),
        Err(error) if error.errno == libc::EWOULDBLOCK => Ok(false),
        Err(error) => Err(error),
    }
}

fn leads_to(path: &Path, file: &OwnedFd) -> Result<bool> {
    // SAFETY: the descriptor is open, the pointer is valid for a `stat`.
    let ours = status_of("fstat", |raw| unsafe { libc::fstat(file.as_raw_fd(), raw) })?;
    let raw_path = c_string(path)?;
    // SAFETY: the path is NUL-terminated, the pointer is valid for a `stat`.
    match status_of("lstat", |raw| unsafe { libc::lstat(raw_path.as_ptr(), raw) }) {
        Ok(found) => Ok(found.identity == ours.identity),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.at(path)),
    }
}

/// Removes the name of a lock file that nobody else holds.
fn remove_if_alone(file: &OwnedFd, path: &Path) {
    let is_alone = flock(file, libc::LOCK_EX | libc::LOCK_NB) == Ok(true);
    if is_alone && leads_to(path, file) == Ok(true) {
        // What cannot be removed is swept, or used again.
        let _ = std::fs::remove_file(path);
    }
}

/// # Errors
/// Access, for a lock file that somebody else could take away.
fn check_owner(lock: &OwnedFd, segment: &ShmFile, path: &Path) -> Result<()> {
    // SAFETY: the descriptor is open, the pointer is valid for a `stat`.
    let lock = status_of("fstat", |raw| unsafe { libc::fstat(lock.as_raw_fd(), raw) })?;
    if lock.uid == effective_uid() || lock.uid == 0 || lock.uid == segment.status()?.uid {
        return Ok(());
    }
    Err(OsError::new("use another user's lock file", libc::EPERM).at(path))
}

fn open_or_make(path: &Path) -> Result<OwnedFd> {
    let raw = c_string(path)?;
    // Others must be able to open it for asking and locking; there is nothing in it.
    let mode: libc::c_uint = 0o644;
    // SAFETY: the path is NUL-terminated and outlives the call; the mode is passed as the flags demand.
    let fd = retry("open", || unsafe { libc::open(raw.as_ptr(), LOCK_FILE | libc::O_CREAT, mode) });
    fd.map(owned).map_err(|error| error.at(path))
}

/// Locks one byte, without waiting; false if another opening of the file holds it.
pub(in crate::beacon) fn try_lock(file: &ShmFile, hold: Hold, byte: u64) -> Result<bool> {
    let path = path_of(file, byte);
    let operation = match hold {
        Hold::Shared => libc::LOCK_SH,
        Hold::Exclusive => libc::LOCK_EX,
    };
    for _ in 0..ATTEMPTS {
        let lock = open_or_make(&path)?;
        check_owner(&lock, file, &path)?;
        if !flock(&lock, operation | libc::LOCK_NB).map_err(|error| error.at(&path))? {
            return Ok(false);
        }
        if leads_to(&path, &lock)? {
            let parental = Parental::enter(lock.as_raw_fd());
            file.taken().push(Taken { byte, file: Some(lock), path, parental });
            return Ok(true);
        }
    }
    Err(OsError::new("lock a byte of", code::BUSY).at(file.path()))
}

/// Lets go of one byte.
pub(in crate::beacon) fn unlock(file: &ShmFile, byte: u64) {
    file.taken().retain(|taken| taken.byte != byte);
}

/// True if another opening of the file holds one of `bytes` bytes from `from`, in whatever way.
pub(in crate::beacon) fn is_locked(file: &ShmFile, from: u64, bytes: u64) -> Result<bool> {
    if bytes == 1 {
        return is_held(&path_of(file, from));
    }
    let start = start_of_names(file);
    let folder = folder_of(file);
    for name in names_of_locks(folder)? {
        let byte = name.strip_prefix(&start).and_then(|byte| u64::from_str_radix(byte, 16).ok());
        if byte.is_some_and(|byte| (from..from + bytes).contains(&byte)) && is_held(&folder.join(&name))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_held(path: &Path) -> Result<bool> {
    let lock = match open_path(path, LOCK_FILE, path) {
        Ok(lock) => lock,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(error),
    };
    // SAFETY: zeros are a valid `flock`; from the start to the end of the file, which is what `flock` locks.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = libc::F_WRLCK as libc::c_short;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    let fd = lock.as_raw_fd();
    // SAFETY: the descriptor is open; the command takes a pointer to a `flock`, which `request` is.
    retry("fcntl F_GETLK", || unsafe { libc::fcntl(fd, libc::F_GETLK, &raw mut request) })
        .map_err(|error| error.at(path))?;
    Ok(request.l_type != libc::F_UNLCK as libc::c_short)
}

fn names_of_locks(folder: &Path) -> Result<Vec<String>> {
    let failed = |error: std::io::Error| OsError::from_io("readdir", &error).at(folder);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().into_string();
        names.extend(name.ok().filter(|name| name.starts_with(PREFIX)));
    }
    Ok(names)
}

/// Removes the lock files that the dead left behind in a folder, as far as this user may.
pub(crate) fn sweep(dir: &Directory) {
    for name in names_of_locks(dir.path()).unwrap_or_default() {
        let path = dir.path().join(name);
        if let Ok(lock) = open_path(&path, LOCK_FILE, &path) {
            remove_if_alone(&lock, &path);
        }
    }
}
