//! macOS: the start time, from libproc.

#![allow(unsafe_code, reason = "calls libproc")]

use std::mem::MaybeUninit;

/// Returns when this process started, in microseconds of the wall clock; 0 if unknown. Together with the pid, which
/// is reused, it identifies a process in messages.
pub fn start_time() -> u64 {
    let mut info = MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = size_of::<libc::proc_bsdinfo>() as libc::c_int;
    let pid = std::process::id() as libc::c_int;
    // SAFETY: `info` is valid for writes of `size` bytes, the size that this flavour fills.
    let got = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size) };
    if got != size {
        return 0;
    }
    // SAFETY: `proc_bsdinfo` consists of integers, so zeroed memory is a valid value, which the call has filled.
    let info = unsafe { info.assume_init() };
    info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec
}
