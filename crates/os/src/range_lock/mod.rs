//! Locks on byte ranges of files, for users: against other processes, other handles of this one, and
//! other programs that lock bytes.
//!
//! On Linux and macOS they are open-file-description locks: two open file descriptions of a file exclude each other
//! even in one process, and closing another descriptor of the file does not release them. They conflict with the
//! classic locks of `fcntl` and `lockf`, but not with those of `flock`.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod ofd;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub use ofd::RangeLock;
#[cfg(windows)]
pub use windows::RangeLock;

pub use crate::lock_mode::LockMode;

/// A range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub offset: u64,
    /// The number of bytes; 0 means all bytes from `offset` on, however long the file becomes.
    pub length: u64,
}
