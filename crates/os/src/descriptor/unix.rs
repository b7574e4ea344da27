//! File descriptors that callers pass as numbers.

#![allow(unsafe_code, reason = "borrows descriptors that callers pass as numbers")]

use crate::error::{OsError, Result};
use std::os::fd::{BorrowedFd, RawFd};

/// Borrows an open descriptor.
///
/// # Errors
/// `EBADF` if the number is not an open descriptor.
///
/// # Safety
/// The descriptor must stay open for all of `'f`.
pub unsafe fn borrow<'f>(fd: RawFd) -> Result<BorrowedFd<'f>> {
    // SAFETY: F_GETFD takes any number and no pointer; it only reads the flags of the descriptor.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
        return Err(OsError::last("fcntl"));
    }
    // SAFETY: the call succeeded, so the descriptor is open and not -1; the caller keeps it open for `'f`.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borrow_fails_with_ebadf_when_the_number_is_not_open() {
        for fd in [-1, i32::MAX] {
            // SAFETY: the number is not open, so the call returns an error and borrows nothing.
            assert_eq!(unsafe { borrow(fd) }.unwrap_err().errno, libc::EBADF);
        }
    }
}
