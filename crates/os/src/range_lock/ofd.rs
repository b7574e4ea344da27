//! Linux and macOS: open-file-description locks.

#![allow(unsafe_code, reason = "locks bytes of files")]

use super::{LockMode, Range};
use crate::error::{OsError, Result, retry};
use crate::liveness::ofd::{F_OFD_SETLK, kind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// A locked range, unlocked when this is dropped, and by the kernel when the process exits.
#[derive(Debug)]
pub struct RangeLock {
    fd: OwnedFd,
    range: Range,
}

impl RangeLock {
    /// Tries to lock a range, without waiting; returns `None` if another holder has a part of it locked. The lock
    /// belongs to the open file description of `file`, which should not be shared; the descriptor itself may be
    /// closed afterwards.
    ///
    /// # Errors
    /// `EBADF` if the file is not open for the access that the mode needs, `EINVAL` for ranges past 2^63 - 1,
    /// `EOPNOTSUPP` if the system has no such locks; other system errors.
    pub fn try_acquire(file: BorrowedFd<'_>, mode: LockMode, range: Range) -> Result<Option<RangeLock>> {
        let kind = match mode {
            LockMode::Shared => kind::SHARED,
            LockMode::Exclusive => kind::EXCLUSIVE,
        };
        match control(file, kind, range) {
            Ok(()) => {}
            // Both mean that another holder has it locked: POSIX allows either.
            Err(error) if matches!(error.errno, libc::EAGAIN | libc::EACCES) => return Ok(None),
            Err(error) => return Err(error),
        }
        // Duplicated only once the lock is held: waiters try often, and mostly fail.
        match file.try_clone_to_owned() {
            Ok(fd) => Ok(Some(RangeLock { fd, range })),
            Err(error) => {
                let _ = control(file, kind::UNLOCKED, range);
                Err(OsError::from_io("dup", &error))
            }
        }
    }
}

impl Drop for RangeLock {
    fn drop(&mut self) {
        // Closing would not do: a child that is being forked may have a copy of the descriptor.
        let _ = control(self.fd.as_fd(), kind::UNLOCKED, self.range);
    }
}

fn control(fd: BorrowedFd<'_>, kind: libc::c_short, range: Range) -> Result<()> {
    let to_off_t = |value| libc::off_t::try_from(value).map_err(|_| OsError::new("fcntl", libc::EINVAL));
    // SAFETY: `flock` consists of integers, so all zeros is a valid value; its fields are set below.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request.l_start = to_off_t(range.offset)?;
    request.l_len = to_off_t(range.length)?;
    let make = || {
        // SAFETY: `fd` borrows an open descriptor; the command takes a pointer to a `flock`, valid for reads and writes,
        // which `request` is for the whole call.
        unsafe { libc::fcntl(fd.as_raw_fd(), F_OFD_SETLK, &raw mut request) }
    };
    retry("fcntl", make).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::fs::File;

    const ALL: Range = Range { offset: 0, length: 0 };

    fn open(test: &TestDirectory) -> File {
        let path = test.path().join("a");
        File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    #[test]
    fn range_lock_excludes_another_open_file_description_in_the_same_process() {
        let test = TestDirectory::new();
        let (one, two) = (open(&test), open(&test));
        let held = RangeLock::try_acquire(one.as_fd(), LockMode::Exclusive, ALL).unwrap();
        assert!(held.is_some());
        assert!(RangeLock::try_acquire(two.as_fd(), LockMode::Shared, ALL).unwrap().is_none());
        drop(held);
        assert!(RangeLock::try_acquire(two.as_fd(), LockMode::Shared, ALL).unwrap().is_some());
    }

    #[test]
    fn drop_unlocks_the_range_when_copies_of_the_descriptor_are_open() {
        let test = TestDirectory::new();
        let (one, two) = (open(&test), open(&test));
        let range = Range { offset: 10, length: 5 };
        drop(RangeLock::try_acquire(one.as_fd(), LockMode::Exclusive, range).unwrap().unwrap());
        assert!(RangeLock::try_acquire(two.as_fd(), LockMode::Exclusive, range).unwrap().is_some());
        drop(one);
    }

    #[test]
    fn try_acquire_fails_when_the_file_is_not_open_for_the_mode() {
        let test = TestDirectory::new();
        drop(open(&test));
        let file = File::open(test.path().join("a")).unwrap();
        let error = RangeLock::try_acquire(file.as_fd(), LockMode::Exclusive, ALL).unwrap_err();
        assert_eq!(error.errno, libc::EBADF);
    }
}
