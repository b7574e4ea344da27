//! Waiting for a word in shared memory to change, across processes.
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller re-checks.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let limit =
        libc::timespec { tv_sec: timeout.as_secs() as libc::time_t, tv_nsec: timeout.subsec_nanos().into() };
    // SAFETY: `word` and `limit` outlive the call; FUTEX_WAIT without PRIVATE takes (addr, op, val, timespec).
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, &limit) };
}

/// Wakes at most `count` sleepers on `word`, in any process.
pub fn wake(word: &AtomicU32, count: u32) {
    // SAFETY: FUTEX_WAKE takes (addr, op, count) and only uses the address as a key.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, count) };
}
