//! FreeBSD: `_umtx_op` without the private flag. The kernel then identifies the word of a `MAP_SHARED` mapping by
//! its memory object instead of its address, so waiters and wakers in different processes meet.

#![allow(unsafe_code, reason = "calls _umtx_op")]

use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Sleeps while `*word == expected`, at most `timeout`. May return early; the caller checks the word again.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let mut limit = libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    // The fourth argument is the size of the object that the fifth points to: a bare timespec is a relative timeout.
    let size = ptr::without_provenance_mut(size_of::<libc::timespec>());
    let at = word.as_ptr().cast();
    // SAFETY: the call takes (address, operation, value, size, timespec); `word` and `limit` are valid for reads for
    // the whole call, and the kernel only reads the word.
    unsafe { libc::_umtx_op(at, libc::UMTX_OP_WAIT_UINT, expected.into(), size, (&raw mut limit).cast()) };
}

/// Wakes at most `count` waiters on `word`, in any process.
pub fn wake(word: &AtomicU32, count: u32) {
    let count = count.min(i32::MAX as u32);
    let at = word.as_ptr().cast();
    // SAFETY: UMTX_OP_WAKE uses the address only as a key; it takes a count and ignores the two null pointers.
    unsafe { libc::_umtx_op(at, libc::UMTX_OP_WAKE, count.into(), ptr::null_mut(), ptr::null_mut()) };
}
