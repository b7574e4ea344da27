//! Errors of system calls: the call, its object, and the reason.
//!
//! The numbers are errnos on Unix and Win32 error codes on Windows. Code outside this module does not interpret
//! them: it uses the predicates of [`OsError`], and makes errors from the constants in `code`.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::code;
pub use system::errno_name;
#[cfg(unix)]
pub(crate) use system::retry;

use std::fmt;
use std::path::{Path, PathBuf};

/// A failed system call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OsError {
    /// The system's error number.
    pub errno: i32,
    /// The call that failed, or its purpose.
    pub call: &'static str,
    /// The file that it was called on, if known.
    pub path: Option<PathBuf>,
}

/// The result of a system call.
pub type Result<T> = std::result::Result<T, OsError>;

impl OsError {
    /// Creates an error with the given number.
    pub(crate) fn new(call: &'static str, errno: i32) -> Self {
        OsError { errno, call, path: None }
    }

    /// Creates an error from the `errno` of the call that this thread has just made.
    pub(crate) fn last(call: &'static str) -> Self {
        Self::from_io(call, &std::io::Error::last_os_error())
    }

    /// Creates the error of a call that the system does not have.
    pub fn unsupported(call: &'static str) -> Self {
        Self::new(call, code::UNSUPPORTED)
    }

    /// Creates an error from one of the standard library.
    pub fn from_io(call: &'static str, error: &std::io::Error) -> Self {
        Self::new(call, error.raw_os_error().unwrap_or(code::IO))
    }

    /// Returns the error with its path set to `path`.
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// Returns whether nothing has that name.
    pub fn is_not_found(&self) -> bool {
        system::is_not_found(self.errno)
    }

    /// Returns whether the name is already taken.
    pub fn is_already_exists(&self) -> bool {
        system::is_already_exists(self.errno)
    }

    /// Returns whether permissions, a security module or a read-only file system deny access.
    pub fn is_access_denied(&self) -> bool {
        system::is_access_denied(self.errno)
    }

    /// Returns whether the file system, a quota, or a limit of the process or its control group leaves no space.
    pub fn is_no_space(&self) -> bool {
        system::is_no_space(self.errno)
    }

    /// Returns whether a limit on memory or address space is reached.
    pub fn is_out_of_memory(&self) -> bool {
        system::is_out_of_memory(self.errno)
    }

    /// Returns the error of a call that found no space left.
    pub fn no_space(call: &'static str) -> Self {
        OsError::new(call, system::NO_SPACE)
    }

    /// Returns the number that libuv and Node.js report for this error, which they negate; `None` on Windows, where
    /// they use numbers of their own.
    pub fn unix_errno(&self) -> Option<i32> {
        cfg!(unix).then_some(self.errno)
    }

    /// Returns the POSIX name of the number, which Node.js uses on all systems; `UNKNOWN` for a rare one.
    pub fn posix_name(&self) -> &'static str {
        system::posix_name(self.errno)
    }

    /// Describes the limit that left no space, unless it is the size of the file system.
    pub fn reason(&self) -> Option<&'static str> {
        system::reason(self.errno)
    }

    /// Returns whether the process or the system has too many files open.
    pub fn is_too_many_files(&self) -> bool {
        system::is_too_many_files(self.errno)
    }

    /// Returns whether the path leads to a symbolic link, a directory, a socket or a device.
    pub fn is_wrong_kind(&self) -> bool {
        system::is_wrong_kind(self.errno)
    }

    /// Returns whether another process holds a lease on the file, which delays opening it.
    pub fn is_leased(&self) -> bool {
        system::is_leased(self.call, self.errno)
    }

    /// Returns whether the kernel or the file system lacks this call, or lacks it for this kind of file.
    pub fn is_unsupported(&self) -> bool {
        system::is_unsupported(self.call, self.errno)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_text_names_the_call_the_path_and_the_reason() {
        let path = std::env::temp_dir().join("shmkit-has-no-such-file");
        let error = std::fs::File::open(&path).unwrap_err();
        let error = OsError::from_io("open", &error).at(&path);
        assert!(error.is_not_found() && !error.is_access_denied());
        let (text, name) = (error.to_string(), errno_name(error.errno));
        assert!(text.starts_with(&format!("open {}: {name} (", path.display())), "{text}");
    }
}
