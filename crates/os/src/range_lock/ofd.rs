//! Linux and macOS: open-file-description locks.

use super::{Mode, Range};
use crate::beacon::ofd::{F_OFD_SETLK, kind};
use crate::error::{OsError, Result, retry};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// A held range. Released when it is dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct RangeLock {
    fd: OwnedFd,
    range: Range,
}

impl RangeLock {
    /// Takes a range without waiting; `None` if others hold a part of it. The lock belongs to the opening
    /// behind `file`, so that should be nobody else's; the number itself may be closed afterwards.
    ///
    /// # Errors
    /// `EBADF` if the file is not open for what the mode needs, `EINVAL` for ranges beyond 2^63 - 1,
    /// `EOPNOTSUPP` where there are no such locks; the system's own.
    pub fn try_take(file: BorrowedFd<'_>, mode: Mode, range: Range) -> Result<Option<RangeLock>> {
        let fd = file.try_clone_to_owned().map_err(|error| OsError::from_io("dup", &error))?;
        let kind = match mode {
            Mode::Shared => kind::SHARED,
            Mode::Exclusive => kind::EXCLUSIVE,
        };
        match control(&fd, kind, range) {
            Ok(()) => Ok(Some(RangeLock { fd, range })),
            // Both mean "held by another": the manual allows either.
            Err(error) if matches!(error.errno, libc::EAGAIN | libc::EACCES) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for RangeLock {
    fn drop(&mut self) {
        // Not left to closing: a child that was forked this moment has a copy of the descriptor.
        let _ = control(&self.fd, kind::UNLOCKED, self.range);
    }
}

fn control(fd: &OwnedFd, kind: libc::c_short, range: Range) -> Result<()> {
    let number = |value| libc::off_t::try_from(value).map_err(|_| OsError::new("fcntl", libc::EINVAL));
    // SAFETY: zeros are a valid `flock`; its fields are set below.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind;
    request.l_whence = libc::SEEK_SET as libc::c_short;
    request.l_start = number(range.offset)?;
    request.l_len = number(range.length)?;
    let make = || {
        // SAFETY: the descriptor is open; the command takes a pointer to a `flock`, which `request` is.
        unsafe { libc::fcntl(fd.as_raw_fd(), F_OFD_SETLK, &raw mut request) }
    };
    retry("fcntl", make).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shm::testing::TestDirectory;
    use std::fs::File;
    use std::os::fd::AsFd;

    const ALL: Range = Range { offset: 0, length: 0 };

    fn open(test: &TestDirectory) -> File {
        let path = test.path().join("a");
        File::options().read(true).write(true).create(true).truncate(false).open(path).unwrap()
    }

    #[test]
    fn two_openings_in_one_process_exclude_each_other() {
        let test = TestDirectory::new();
        let (one, two) = (open(&test), open(&test));
        let held = RangeLock::try_take(one.as_fd(), Mode::Exclusive, ALL).unwrap();
        assert!(held.is_some());
        assert!(RangeLock::try_take(two.as_fd(), Mode::Shared, ALL).unwrap().is_none());
        drop(held);
        assert!(RangeLock::try_take(two.as_fd(), Mode::Shared, ALL).unwrap().is_some());
    }

    #[test]
    fn a_released_lock_is_free_though_copies_of_its_descriptor_are_open() {
        let test = TestDirectory::new();
        let (one, two) = (open(&test), open(&test));
        let range = Range { offset: 10, length: 5 };
        drop(RangeLock::try_take(one.as_fd(), Mode::Exclusive, range).unwrap().unwrap());
        assert!(RangeLock::try_take(two.as_fd(), Mode::Exclusive, range).unwrap().is_some());
        drop(one);
    }

    #[test]
    fn the_file_must_be_open_for_what_the_mode_needs() {
        let test = TestDirectory::new();
        drop(open(&test));
        let file = File::open(test.path().join("a")).unwrap();
        let error = RangeLock::try_take(file.as_fd(), Mode::Exclusive, ALL).unwrap_err();
        assert_eq!(error.errno, libc::EBADF);
    }
}
