//! What a refused system call says: which call, on what, and why.
//!
//! The numbers are errnos on Unix and Win32 error codes on Windows. Nobody outside this folder knows
//! them: they are asked about by the predicates of [`OsError`], and made from [`code`].

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
    /// The call that failed, or what it was for.
    pub call: &'static str,
    /// What it was called on, if that has a name.
    pub path: Option<PathBuf>,
}

/// The result of a system call.
pub type Result<T> = std::result::Result<T, OsError>;

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
        Self::new(call, error.raw_os_error().unwrap_or(code::IO))
    }

    /// The same error, about `path`.
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// There is nothing of that name.
    pub fn is_not_found(&self) -> bool {
        system::is_not_found(self.errno)
    }

    /// The name is taken.
    pub fn is_exists(&self) -> bool {
        system::is_exists(self.errno)
    }

    /// Permissions, a security module or a read-only file system forbid it.
    pub fn is_access(&self) -> bool {
        system::is_access(self.errno)
    }

    /// The file system, a quota or a limit of the process or its group leaves no room for it.
    pub fn is_no_space(&self) -> bool {
        system::is_no_space(self.errno)
    }

    /// A limit on memory or address space is reached.
    pub fn is_out_of_memory(&self) -> bool {
        system::is_out_of_memory(self.errno)
    }

    /// The number as libuv and so Node.js know it, negated there; `None` where they have numbers of their own.
    pub fn number(&self) -> Option<i32> {
        cfg!(unix).then_some(self.errno)
    }

    /// The name of the number in POSIX, which Node.js uses everywhere; `UNKNOWN` for a rare one.
    pub fn posix_name(&self) -> &'static str {
        system::posix_name(self.errno)
    }

    /// Which limit left no room, if it was another than the file system's size.
    pub fn reason(&self) -> Option<&'static str> {
        system::reason(self.errno)
    }

    /// The process or the system has too many files open.
    pub fn is_too_many_files(&self) -> bool {
        system::is_too_many_files(self.errno)
    }

    /// The path leads to a symbolic link, a folder, a socket or a device.
    pub fn is_wrong_kind(&self) -> bool {
        system::is_wrong_kind(self.errno)
    }

    /// The kernel or the file system does not have this call, or not for such files.
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
    fn an_error_names_the_call_the_path_and_the_reason() {
        let path = std::env::temp_dir().join("shmkit-has-no-such-file");
        let error = std::fs::File::open(&path).unwrap_err();
        let error = OsError::from_io("open", &error).at(&path);
        assert!(error.is_not_found() && !error.is_access());
        let (text, name) = (error.to_string(), errno_name(error.errno));
        assert!(text.starts_with(&format!("open {}: {name} (", path.display())), "{text}");
    }
}
