//! FreeBSD: what the kernel's process table says.

use std::mem::MaybeUninit;
use std::ptr;

/// When this process started, in microseconds of the wall clock; 0 if the system does not tell. With the
/// pid it names a process for messages: pids are used again.
pub fn start_time() -> u64 {
    let pid = std::process::id() as libc::c_int;
    let name = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, pid];
    let mut info = MaybeUninit::<libc::kinfo_proc>::zeroed();
    let mut len = size_of::<libc::kinfo_proc>();
    // SAFETY: `name` holds the four numbers it says, `info` is valid for writes of `len` bytes, nothing is
    // set.
    let got = unsafe {
        libc::sysctl(name.as_ptr(), name.len() as u32, info.as_mut_ptr().cast(), &raw mut len, ptr::null(), 0)
    };
    if got != 0 || len != size_of::<libc::kinfo_proc>() {
        return 0;
    }
    // SAFETY: zeroed memory is a valid `kinfo_proc`, and the call has filled all of it.
    let start = unsafe { info.assume_init_ref() }.ki_start;
    start.tv_sec as u64 * 1_000_000 + start.tv_usec as u64
}
