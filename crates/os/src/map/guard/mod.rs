//! Copies from and to mapped memory whose file may be shortened at any moment.
//!
//! The kernel sends SIGBUS for an access past the end of the file; Windows raises an exception if the file's storage
//! fails. The copy routine is a few
//! instructions of assembly at known addresses, so the handler recognises its faults by the program counter
//! alone, and makes the routine return the number of bytes not copied: this is how the kernel copies from user
//! space. The scheme needs no thread-local state and nothing to restore, and works in any thread.
//!
//! Every other SIGBUS or exception goes to the previously installed handler, or to the default action, which
//! ends the process. Rejected: `pread` and `process_vm_readv`, which cost a system call for each copy (measured in
//! docs/maps.md), and a jump out of the handler, which must not skip Rust frames.

#![allow(unsafe_code, reason = "copies in assembly, and handles the signal or exception of a fault")]

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod routine;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod routine;
#[cfg(unix)]
mod sigbus;
#[cfg(windows)]
mod vectored;

#[cfg(unix)]
use sigbus as handler;
#[cfg(windows)]
use vectored as handler;

use crate::error::Result;

/// Installs the handler, once per process. Before that, a fault in a copy ends the process.
///
/// # Errors
/// Any system error.
pub fn install() -> Result<()> {
    handler::install()
}

/// Copies `length` bytes between ranges that do not overlap, by loads and stores in no particular order.
/// Returns the number of bytes not copied: 0, or at least the bytes from the first fault on.
///
/// # Safety
/// `from` and `to` must point to `length` mapped bytes, those at `to` writable, that stay mapped during the call.
/// The file that they map may end earlier, and other threads and processes may change the bytes.
#[inline]
pub unsafe fn copy(from: *const u8, to: *mut u8, length: usize) -> usize {
    // SAFETY: the routine requires what the caller promises.
    unsafe { routine::copy(to, from, 0, length) }
}
