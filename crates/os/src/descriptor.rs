//! File descriptors that come from outside, as numbers.

use crate::error::{OsError, Result};
use std::os::fd::{BorrowedFd, RawFd};

/// Borrows an open descriptor.
///
/// # Errors
/// `EBADF` if the number names none.
///
/// # Safety
/// Nobody closes it while `'f` lasts.
pub unsafe fn borrow<'f>(fd: RawFd) -> Result<BorrowedFd<'f>> {
    // SAFETY: this command only looks whether the number is in use.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
        return Err(OsError::last("fcntl"));
    }
    // SAFETY: it is open (so not -1), and stays so by the caller's promise.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_name_no_open_file_are_refused() {
        for fd in [-1, i32::MAX] {
            // SAFETY: it is not open, so nobody closes it.
            assert_eq!(unsafe { borrow(fd) }.unwrap_err().errno, libc::EBADF);
        }
    }
}
