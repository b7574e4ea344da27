//! Linux 5.16 and newer: `futex_waitv`, which waits on several words at once.

#![allow(unsafe_code, reason = "calls futex_waitv")]

use crate::error::OsError;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// The same number on every architecture, like all system calls since 424.
const SYS_FUTEX_WAITV: libc::c_long = 449;
/// Words of 32 bits, without the private flag.
const FUTEX2_SIZE_U32: u32 = 2;

/// `struct futex_waitv` of the kernel interface.
#[repr(C)]
struct Waiter {
    value: u64,
    address: u64,
    flags: u32,
    reserved: u32,
}

/// Sleeps while every word has its expected value, at most `timeout`; at most 128 words. Returns false, at once, if
/// the kernel, or a sandbox in its place, lacks the call.
pub(super) fn wait_any(words: &[(&AtomicU32, u32)], timeout: Duration) -> bool {
    let waiters: Vec<Waiter> = words
        .iter()
        .map(|(word, value)| Waiter {
            value: u64::from(*value),
            address: word.as_ptr().addr() as u64,
            flags: FUTEX2_SIZE_U32,
            reserved: 0,
        })
        .collect();
    let end = u128::from(crate::clock::monotonic_ns()) + timeout.as_nanos();
    let limit = libc::timespec {
        tv_sec: libc::time_t::try_from(end / 1_000_000_000).unwrap_or(libc::time_t::MAX),
        tv_nsec: (end % 1_000_000_000) as libc::c_long,
    };
    // SAFETY: the call takes (waiters, count, flags, absolute timespec, clock). `waiters` is valid for reads of that
    // many elements and `limit` for reads of a timespec, both for the whole call; the words outlive it by their
    // borrow, and the kernel only reads them.
    let woken = unsafe {
        libc::syscall(
            SYS_FUTEX_WAITV,
            waiters.as_ptr(),
            waiters.len(),
            0,
            &raw const limit,
            libc::CLOCK_MONOTONIC,
        )
    };
    let woken_by = || OsError::last("futex_waitv").errno;
    woken >= 0 || matches!(woken_by(), libc::EAGAIN | libc::ETIMEDOUT | libc::EINTR)
}

/// Returns whether the kernel has the call, and no sandbox forbids it.
pub(super) fn is_supported() -> bool {
    // SAFETY: without waiters the kernel reads neither of the pointers, and the call fails at once.
    unsafe {
        libc::syscall(
            SYS_FUTEX_WAITV,
            std::ptr::null::<Waiter>(),
            0,
            0,
            std::ptr::null::<libc::timespec>(),
            libc::CLOCK_MONOTONIC,
        )
    };
    OsError::last("futex_waitv").errno == libc::EINVAL
}
