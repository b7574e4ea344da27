//! The three operations that beacons and turnstiles are made of: taking a byte of a file, letting go of it,
//! asking whether another opening of the file has it.
//!
//! | system | a byte is |
//! |---|---|
//! | Linux, macOS | a byte-range lock of the open file description |
//! | FreeBSD, which has no such locks | `flock` on a file of its own beside the segment |
//! | Windows | a byte-range lock of the handle |
//!
//! Everywhere the lock belongs to the opening of the file that took it: another opening in the same process
//! sees it, and closing other openings does not lose it, as it would with the POSIX locks of a process.

#[cfg(target_os = "freebsd")]
mod flock;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod ofd;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "freebsd")]
pub(crate) use flock::{Taken, sweep};
#[cfg(target_os = "freebsd")]
pub(super) use flock::{is_locked, try_lock, unlock};
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) use ofd::{is_locked, try_lock, unlock};
#[cfg(windows)]
pub(super) use windows::{is_locked, try_lock, unlock};

/// How a byte is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Beside others who hold it shared. Works on files opened for reading only.
    Shared,
    /// Alone. The file must be open for writing.
    Exclusive,
}
