//! Closes the gap of a replacement: a mapped file that the system cannot replace is renamed away first, and for a moment no
//! file has the name. The replacer holds a lock meanwhile, and a process that finds no file waits for it and looks again.

use super::directory::Directory;
use super::file::{open_or_create, open_path, rights};
use crate::range_lock::{LockMode, Range, RangeLock};
use crate::shm::Access;
use std::os::windows::io::AsHandle;
use std::ptr;
use std::time::{Duration, Instant};
use windows_sys::Win32::Storage::FileSystem::OPEN_EXISTING;

const FILE: &str = ".shmkit.replacing";
const ALL: Range = Range { offset: 0, length: 0 };
/// Two renames take under a millisecond; a process that was stopped between them does not stop the others for ever.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(1);

/// Locks out the others of the directory. Without the lock, which may be impossible to have, the gap stays open.
pub(super) fn begin(dir: &Directory) -> Option<RangeLock> {
    let file = open_or_create(&dir.path_of(FILE)).ok()?;
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        match RangeLock::try_acquire(file.as_handle(), LockMode::Exclusive, ALL) {
            Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
            outcome => return outcome.ok()?,
        }
    }
}

/// Waits for the end of a replacement in progress. Returns whether it is worth looking for a file once more, because there
/// was one, or may have been one.
pub(super) fn wait(dir: &Directory) -> bool {
    let path = dir.path_of(FILE);
    let Ok(file) = open_path(&path, rights(Access::ReadOnly), OPEN_EXISTING, 0, ptr::null()) else {
        return false;
    };
    let end = Instant::now() + LONGEST_WAIT;
    while matches!(RangeLock::try_acquire(file.as_handle(), LockMode::Shared, ALL), Ok(None)) {
        if Instant::now() > end {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    true
}
