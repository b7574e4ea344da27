//! Linux: futexes without `FUTEX_PRIVATE_FLAG`, which would hide them from other processes.
//! (The futexes of std and of `atomic-wait` have that flag, so they cannot be used here.)

#![allow(unsafe_code, reason = "calls futex")]

use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller checks the word again.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let limit = libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // SAFETY: FUTEX_WAIT takes (address, operation, value, timespec); `word` and `limit` are valid for reads for the
    // whole call, and the kernel only reads the word.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, ptr::from_ref(&limit))
    };
}

/// Wakes at most `count` waiters on `word`, in any process.
pub fn wake(word: &AtomicU32, count: u32) {
    let count = count.min(i32::MAX as u32);
    // SAFETY: FUTEX_WAKE takes (address, operation, count) and uses the address only as a key.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, count) };
}
