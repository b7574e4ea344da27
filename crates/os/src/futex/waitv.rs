//! Linux 5.16 and newer: `futex_waitv`, which sleeps on many words at once.

use crate::error::OsError;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// The same number on every architecture, as for all system calls since 424.
const SYS_FUTEX_WAITV: libc::c_long = 449;
/// Words of 32 bits; without the flag for private ones.
const FUTEX2_SIZE_U32: u32 = 2;

/// `struct futex_waitv` of the kernel's interface.
#[repr(C)]
struct Waiter {
    value: u64,
    address: u64,
    flags: u32,
    reserved: u32,
}

/// Sleeps while every word has the value given with it, for `timeout` at most; at most 128 words. False,
/// and at once, if this kernel or whatever stands in for it has no such call.
pub fn wait_any(words: &[(&AtomicU32, u32)], timeout: Duration) -> bool {
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
    // SAFETY: the call takes (waiters, how many, flags, an absolute timespec, its clock); both pointers are
    // valid for the call, and the kernel checks the addresses of the words.
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
