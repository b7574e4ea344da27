//! FreeBSD: `_umtx_op` without the private flag. The kernel then asks the mapping whether it is shared,
//! and keys the sleepers by the memory object if it is, as in `MAP_SHARED` mappings.

use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller re-checks.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let mut limit = libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // The fourth argument is the size of what the fifth points at: a bare timespec is a time to wait.
    let size = ptr::without_provenance_mut(size_of::<libc::timespec>());
    let at = word.as_ptr().cast();
    // SAFETY: `word` and `limit` outlive the call, which takes (address, operation, value, size, timespec).
    unsafe { libc::_umtx_op(at, libc::UMTX_OP_WAIT_UINT, expected.into(), size, (&raw mut limit).cast()) };
}

/// Wakes at most `count` sleepers on `word`, in any process.
pub fn wake(word: &AtomicU32, count: u32) {
    let count = count.min(i32::MAX as u32);
    let at = word.as_ptr().cast();
    // SAFETY: the address is a key only; UMTX_OP_WAKE takes a count and nothing else.
    unsafe { libc::_umtx_op(at, libc::UMTX_OP_WAKE, count.into(), ptr::null_mut(), ptr::null_mut()) };
}
