//! Copying from and to mapped memory whose file may get shorter at any moment.
//!
//! The kernel answers a touch beyond the end of the file with SIGBUS. The copying routine is a few
//! instructions of assembly whose addresses are known, so the handler can tell its faults from all
//! others by the program counter alone, and lets the routine return the number of bytes not copied:
//! the way the kernel copies from user space. No thread-local state, nothing to restore, any thread.
//!
//! Every other SIGBUS goes on as before: to the handler that was there first, or to the default, which
//! ends the process. Rejected: `pread` and `process_vm_readv`, a system call for each copy (measured in
//! docs/maps.md), and a jump out of the handler, which must not pass frames of Rust.

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod routine;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod routine;
mod trap;

use crate::error::Result;

/// Installs the handler, once a process. What is copied before dies of a fault as it always did.
///
/// # Errors
/// The system's own.
pub fn install() -> Result<()> {
    trap::install()
}

/// Copies `length` bytes, which must not overlap, in no particular order of single loads and stores.
/// How many were not copied: 0, or at least those from the first fault on.
///
/// # Safety
/// `from` and `to` are the starts of `length` mapped bytes, `to` of writable ones, that stay mapped
/// while this runs. They may be memory of a file that ends earlier, and others may change them.
#[inline]
pub unsafe fn copy(from: *const u8, to: *mut u8, length: usize) -> usize {
    // SAFETY: the caller's promises are those of the routine.
    unsafe { routine::copy(to, from, 0, length) }
}
