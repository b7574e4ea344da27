//! Linux, macOS, FreeBSD.

#![allow(unsafe_code, reason = "calls the system with addresses")]

use super::Advice;
use crate::error::{OsError, Result};

/// Writes changed pages back to their file.
///
/// # Safety
/// The range must start at a page and be mapped.
pub(crate) unsafe fn flush(start: *mut u8, length: usize, begin_only: bool) -> Result<()> {
    let flags = if begin_only { libc::MS_ASYNC } else { libc::MS_SYNC };
    // SAFETY: the caller promises that the pages are mapped; the call changes none of their bytes.
    check_call("msync", unsafe { libc::msync(start.cast(), length, flags) })
}

/// Advises the system about the expected use of shared pages. Never changes what they contain.
///
/// # Safety
/// The range must start at a page and be mapped; for [`Advice::DontNeed`], as shared memory of a file.
pub(crate) unsafe fn advise(start: *mut u8, length: usize, advice: Advice) -> Result<()> {
    let advice = match advice {
        Advice::Sequential => libc::MADV_SEQUENTIAL,
        Advice::Random => libc::MADV_RANDOM,
        Advice::WillNeed => libc::MADV_WILLNEED,
        Advice::DontNeed => libc::MADV_DONTNEED,
    };
    // SAFETY: the caller promises that the pages are mapped, and shared for MADV_DONTNEED, so that their contents are in
    // the file; the other kinds of advice change no contents.
    let advised = check_call("madvise", unsafe { libc::madvise(start.cast(), length, advice) });
    // Locked pages cannot be dropped. A hint that cannot be followed is no failure.
    advised.or_else(|error| if error.unix_errno() == Some(libc::EINVAL) { Ok(()) } else { Err(error) })
}

/// Keeps pages in memory until they are unmapped.
///
/// # Safety
/// The range must be mapped.
pub(crate) unsafe fn lock(start: *mut u8, length: usize) -> Result<()> {
    // SAFETY: the caller promises that the pages are mapped; the call changes no contents.
    check_call("mlock", unsafe { libc::mlock(start.cast(), length) })
}

/// Allows execution of pages.
///
/// # Safety
/// The range must start at a page, be mapped, and be writable if `is_writable`.
pub(crate) unsafe fn allow_execution(start: *mut u8, length: usize, is_writable: bool) -> Result<()> {
    let write = if is_writable { libc::PROT_WRITE } else { 0 };
    let allowed = libc::PROT_READ | libc::PROT_EXEC | write;
    // SAFETY: the caller promises that the pages are mapped; the access that they had stays allowed.
    check_call("mprotect", unsafe { libc::mprotect(start.cast(), length, allowed) })
}

/// Converts the result of a call that reports success as 0.
fn check_call(call: &'static str, result: libc::c_int) -> Result<()> {
    if result == 0 { Ok(()) } else { Err(OsError::last(call)) }
}
