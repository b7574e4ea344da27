//! Locks on single bytes of a file: lock, unlock, and query.
//!
//! | system | a byte lock is |
//! |---|---|
//! | Linux, macOS | a byte-range lock of the open file description |
//! | FreeBSD, which has no such locks | an `flock` on a separate lock file next to the shared-memory file |
//! | Windows | a byte-range lock of the handle |
//!
//! On every system the lock belongs to the open file description that acquired it. Another one in the same process
//! sees the lock, and closing another one does not release it, unlike the POSIX locks of a process.

#[cfg(target_os = "freebsd")]
mod flock;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) mod ofd;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "freebsd")]
pub(crate) use flock::{HeldByte, sweep_lock_files};
#[cfg(target_os = "freebsd")]
pub(super) use flock::{has_conflict, try_lock, unlock};
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) use ofd::{has_conflict, try_lock, unlock};
#[cfg(windows)]
pub(super) use windows::{has_conflict, try_lock, unlock};
