//! Unix: errnos.

use super::{OsError, Result};

/// Numbers of errors that this crate reports itself.
pub(crate) mod code {
    pub(crate) const BUSY: i32 = libc::EBUSY;
    pub(crate) const INVALID: i32 = libc::EINVAL;
    pub(crate) const IO: i32 = libc::EIO;
    pub(crate) const STALE: i32 = libc::ESTALE;
    pub(crate) const UNSUPPORTED: i32 = libc::EOPNOTSUPP;
}

macro_rules! errno_names {
    ($($name:ident)*) => {
        /// Returns the symbolic name of an error number, `E?` for a rare one.
        pub fn errno_name(errno: i32) -> &'static str {
            match errno {
                $(libc::$name => stringify!($name),)*
                _ => "E?",
            }
        }
    };
}

errno_names! {
    EPERM ENOENT EINTR EIO ENXIO EBADF EAGAIN ENOMEM EACCES EFAULT EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR
    EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE ENAMETOOLONG ENOLCK ENOSYS
    ENOTEMPTY ELOOP EOVERFLOW EOPNOTSUPP ESTALE EDQUOT ETIMEDOUT EDEADLK
}

pub(super) fn posix_name(errno: i32) -> &'static str {
    match errno_name(errno) {
        "E?" => "UNKNOWN",
        name => name,
    }
}

/// The number of the error that no space is left.
pub(super) const NO_SPACE: i32 = libc::ENOSPC;

pub(super) fn is_not_found(errno: i32) -> bool {
    errno == libc::ENOENT
}

pub(super) fn is_already_exists(errno: i32) -> bool {
    errno == libc::EEXIST
}

pub(super) fn is_access_denied(errno: i32) -> bool {
    matches!(errno, libc::EACCES | libc::EPERM | libc::EROFS)
}

pub(super) fn is_no_space(errno: i32) -> bool {
    matches!(errno, libc::ENOSPC | libc::EDQUOT | libc::ENOMEM | libc::EFBIG)
}

pub(super) fn is_out_of_memory(errno: i32) -> bool {
    errno == libc::ENOMEM
}

pub(super) fn reason(errno: i32) -> Option<&'static str> {
    match errno {
        libc::EDQUOT => Some("the user's disk quota is used up"),
        libc::EFBIG => Some("the process may not make files this large (ulimit -f)"),
        libc::ENOMEM => Some("a limit on memory forbids it: the control group's, or ulimit -v"),
        _ => None,
    }
}

pub(super) fn is_too_many_files(errno: i32) -> bool {
    matches!(errno, libc::EMFILE | libc::ENFILE)
}

pub(super) fn is_leased(call: &str, errno: i32) -> bool {
    call == "open" && errno == libc::EWOULDBLOCK
}

pub(super) fn is_wrong_kind(errno: i32) -> bool {
    matches!(errno, libc::ELOOP | libc::EISDIR | libc::ENOTDIR | libc::ENXIO | libc::ENODEV)
}

pub(super) fn is_unsupported(call: &str, errno: i32) -> bool {
    // EOPNOTSUPP and ENOTSUP are one number on Linux and two on macOS. A file system without mmap reports ENODEV.
    errno == libc::EOPNOTSUPP
        || errno == libc::ENOTSUP
        || errno == libc::ENOSYS
        || call == "mmap" && errno == libc::ENODEV
}

/// Makes a call that reports failure as -1, and repeats it while signals interrupt it.
pub(crate) fn retry(call: &'static str, mut make: impl FnMut() -> libc::c_int) -> Result<libc::c_int> {
    loop {
        let result = make();
        if result != -1 {
            return Ok(result);
        }
        let error = OsError::last(call);
        if error.errno != libc::EINTR {
            return Err(error);
        }
    }
}

#[cfg(test)]
#[expect(unsafe_code, reason = "a test sets errno")]
mod tests {
    use super::*;
    #[cfg(target_os = "linux")]
    use libc::__errno_location as errno_location;
    #[cfg(any(target_os = "freebsd", target_os = "macos"))]
    use libc::__error as errno_location;

    #[test]
    fn error_text_has_the_symbolic_name_of_the_number() {
        let text = OsError::new("open", libc::EACCES).at("/x/y").to_string();
        assert!(text.starts_with("open /x/y: EACCES (Permission denied"), "{text}");
        assert_eq!(errno_name(-1), "E?");
    }

    #[test]
    fn retry_repeats_the_call_while_signals_interrupt_it() {
        let mut calls = 0;
        let result = retry("test", || {
            calls += 1;
            // SAFETY: takes no arguments and returns a valid pointer to this thread's errno.
            let errno = unsafe { errno_location() };
            // SAFETY: the pointer is valid, and no other thread accesses this thread's errno.
            unsafe { *errno = if calls < 3 { libc::EINTR } else { libc::EIO } };
            -1
        });
        assert_eq!((result.unwrap_err().errno, calls), (libc::EIO, 3));
    }
}
