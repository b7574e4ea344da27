//! FreeBSD: the start time, from the kernel's process table.

#![allow(unsafe_code, reason = "calls sysctl")]

use std::mem::MaybeUninit;
use std::ptr;

/// Returns when this process started, in microseconds of the wall clock; 0 if unknown. Together with the pid, which
/// is reused, it identifies a process in messages.
pub fn start_time() -> u64 {
    let pid = std::process::id() as libc::c_int;
    let name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid];
    let mut info = MaybeUninit::<libc::kinfo_proc>::zeroed();
    let mut len = size_of::<libc::kinfo_proc>();
    // SAFETY: `name` has `name.len()` numbers, `info` is valid for writes of `len` bytes, `len` for reads and writes,
    // and a null pointer of length 0 sets no new value.
    let got = unsafe {
        libc::sysctl(name.as_ptr(), name.len() as u32, info.as_mut_ptr().cast(), &raw mut len, ptr::null(), 0)
    };
    if got != 0 || len != size_of::<libc::kinfo_proc>() {
        return 0;
    }
    // SAFETY: `kinfo_proc` consists of integers and raw pointers, so zeroed memory is a valid value, which the call has
    // filled.
    let start = unsafe { info.assume_init_ref() }.ki_start;
    start.tv_sec as u64 * 1_000_000 + start.tv_usec as u64
}
