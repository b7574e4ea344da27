//! Windows: byte-range locks of a handle (`LockFileEx`).

#![allow(unsafe_code, reason = "locks bytes of files")]

use super::{LockMode, Range};
use crate::error::{OsError, Result};
use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

/// A locked range, unlocked when this is dropped, and by the system when the process exits.
///
/// Unlike on other systems, ordinary calls through other handles cannot read or write the bytes while they are locked;
/// mappings are not affected.
#[derive(Debug)]
pub struct RangeLock {
    handle: OwnedHandle,
    range: Range,
}

impl RangeLock {
    /// Tries to lock a range, without waiting; returns `None` if another holder has a part of it locked. The lock
    /// belongs to the file object of `file`, which should not be shared; the handle itself may be closed afterwards.
    ///
    /// # Errors
    /// Access denied if the file is not open for the access that the mode needs; other system errors.
    pub fn try_acquire(file: BorrowedHandle<'_>, mode: LockMode, range: Range) -> Result<Option<RangeLock>> {
        let handle = file.try_clone_to_owned();
        let handle = handle.map_err(|error| OsError::from_io("DuplicateHandle", &error))?;
        let flags = match mode {
            LockMode::Shared => LOCKFILE_FAIL_IMMEDIATELY,
            LockMode::Exclusive => LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK,
        };
        let (low, high) = halves(length_of(range));
        let mut overlapped = overlapped_at(range.offset);
        // SAFETY: `handle` keeps the handle open; `overlapped` is valid for reads and writes until the call has
        // completed, which with LOCKFILE_FAIL_IMMEDIATELY is when it returns.
        if unsafe { LockFileEx(handle.as_raw_handle(), flags, 0, low, high, &raw mut overlapped) } != 0 {
            return Ok(Some(RangeLock { handle, range }));
        }
        let error = OsError::last("LockFileEx");
        match error.errno as u32 {
            ERROR_LOCK_VIOLATION | ERROR_IO_PENDING => Ok(None),
            _ => Err(error),
        }
    }
}

impl Drop for RangeLock {
    fn drop(&mut self) {
        let (low, high) = halves(length_of(self.range));
        let mut overlapped = overlapped_at(self.range.offset);
        // Closing the handle would release the lock only at some later time.
        // SAFETY: `handle` keeps the handle open; `overlapped` is valid for reads and writes until the call returns.
        unsafe { UnlockFileEx(self.handle.as_raw_handle(), 0, low, high, &raw mut overlapped) };
    }
}

/// Returns the length of a range; a range without end reaches the last byte that a file can have.
fn length_of(range: Range) -> u64 {
    if range.length == 0 { i64::MAX as u64 - range.offset } else { range.length }
}

fn halves(number: u64) -> (u32, u32) {
    (number as u32, (number >> 32) as u32)
}

fn overlapped_at(offset: u64) -> OVERLAPPED {
    let (low, high) = halves(offset);
    let position = OVERLAPPED_0_0 { Offset: low, OffsetHigh: high };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: position }, ..OVERLAPPED::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::fs::File;
    use std::os::windows::io::AsHandle;

    fn open(test: &TestDirectory) -> File {
        let path = test.path().join("a");
        File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    #[test]
    fn range_lock_excludes_another_handle_in_the_same_process() {
        let test = TestDirectory::new();
        let (one, two) = (open(&test), open(&test));
        let all = Range { offset: 0, length: 0 };
        let held = RangeLock::try_acquire(one.as_handle(), LockMode::Exclusive, all).unwrap();
        assert!(held.is_some());
        assert!(RangeLock::try_acquire(two.as_handle(), LockMode::Shared, all).unwrap().is_none());
        drop(held);
        assert!(RangeLock::try_acquire(two.as_handle(), LockMode::Shared, all).unwrap().is_some());
    }
}
