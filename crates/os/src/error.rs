//! What a refused system call says: which call, on what, and why.

use std::fmt;
use std::path::{Path, PathBuf};

/// A failed system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OsError {
    /// The system's error number.
    pub errno: i32,
    /// The call that failed, or what it was for.
    pub call: &'static str,
    /// What it was called on, if that has a name.
    pub path: Option<PathBuf>,
}

/// The result of a system call.
pub type Result<T> = std::result::Result<T, OsError>;

macro_rules! errno_names {
    ($($name:ident)*) => {
        /// The symbolic name of an error number, `E?` for a rare one.
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

impl OsError {
    /// An error with a number of one's own choosing.
    pub fn new(call: &'static str, errno: i32) -> Self {
        OsError { errno, call, path: None }
    }

    /// What `errno` says about the call just made by this thread.
    pub fn last(call: &'static str) -> Self {
        Self::from_io(call, &std::io::Error::last_os_error())
    }

    /// From an error of the standard library.
    pub fn from_io(call: &'static str, error: &std::io::Error) -> Self {
        Self::new(call, error.raw_os_error().unwrap_or(libc::EIO))
    }

    /// The same error, about `path`.
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// There is nothing of that name.
    pub fn is_not_found(&self) -> bool {
        self.errno == libc::ENOENT
    }

    /// The name is taken.
    pub fn is_exists(&self) -> bool {
        self.errno == libc::EEXIST
    }

    /// Permissions, a security module or a read-only file system forbid it.
    pub fn is_access(&self) -> bool {
        matches!(self.errno, libc::EACCES | libc::EPERM | libc::EROFS)
    }

    /// The file system, a quota or a limit of the process or its group leaves no room for it.
    pub fn is_no_space(&self) -> bool {
        matches!(self.errno, libc::ENOSPC | libc::EDQUOT | libc::ENOMEM | libc::EFBIG)
    }

    /// A limit on memory or address space is reached.
    pub fn is_out_of_memory(&self) -> bool {
        self.errno == libc::ENOMEM
    }

    /// Which limit left no room, if it was another than the file system's size.
    pub fn reason(&self) -> Option<&'static str> {
        match self.errno {
            libc::EDQUOT => Some("the user's disk quota is used up"),
            libc::EFBIG => Some("the process may not make files this large (ulimit -f)"),
            libc::ENOMEM => Some("a limit on memory forbids it: the control group's, or ulimit -v"),
            _ => None,
        }
    }

    /// The process or the system has too many files open.
    pub fn is_too_many_files(&self) -> bool {
        matches!(self.errno, libc::EMFILE | libc::ENFILE)
    }

    /// The path leads to a symbolic link, a folder, a socket or a device.
    pub fn is_wrong_kind(&self) -> bool {
        matches!(self.errno, libc::ELOOP | libc::EISDIR | libc::ENOTDIR | libc::ENXIO | libc::ENODEV)
    }

    /// The kernel or the file system does not have this call.
    pub fn is_unsupported(&self) -> bool {
        matches!(self.errno, libc::EOPNOTSUPP | libc::ENOSYS)
    }
}

impl fmt::Display for OsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.call)?;
        if let Some(path) = &self.path {
            write!(f, " {}", path.display())?;
        }
        write!(f, ": {} ({})", errno_name(self.errno), std::io::Error::from_raw_os_error(self.errno))
    }
}

impl std::error::Error for OsError {}

/// Makes a call that reports failure as -1, again and again while signals interrupt it.
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
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_call_the_path_and_the_errno() {
        let text = OsError::new("open", libc::EACCES).at("/x/y").to_string();
        assert!(text.starts_with("open /x/y: EACCES (Permission denied"), "{text}");
    }

    #[test]
    fn a_call_is_repeated_while_signals_interrupt_it() {
        let mut calls = 0;
        let result = retry("test", || {
            calls += 1;
            // SAFETY: `__errno_location` returns this thread's errno, always valid.
            let errno = unsafe { libc::__errno_location() };
            // SAFETY: as above; nobody else accesses this thread's errno.
            unsafe { *errno = if calls < 3 { libc::EINTR } else { libc::EIO } };
            -1
        });
        assert_eq!((result.unwrap_err().errno, calls), (libc::EIO, 3));
    }
}
