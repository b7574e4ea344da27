//! Locks on byte ranges of files, for users: against other processes, other handles of this one, and
//! other programs that lock bytes.
//!
//! They are the open-file-description locks of Linux and macOS: two openings of a file exclude each other even in one
//! process, and closing some other descriptor of the file loses nothing. They conflict with the classic
//! locks of `fcntl` and `lockf`; those of `flock` are of another kind and do not meet them.

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod ofd;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub use ofd::RangeLock;
#[cfg(windows)]
pub use windows::RangeLock;

/// How a range is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Beside others who hold it shared. The file must be open for reading.
    Shared,
    /// Alone. The file must be open for writing.
    Exclusive,
}

/// Which bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub offset: u64,
    /// How many; 0 means all that follow, however long the file becomes.
    pub length: u64,
}
