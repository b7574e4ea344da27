//! macOS: what libproc says about a process.

use std::mem::MaybeUninit;

/// When this process started, in microseconds of the wall clock; 0 if the system does not tell. With the
/// pid it names a process for messages: pids are used again.
pub fn start_time() -> u64 {
    let mut info = MaybeUninit::<libc::proc_bsdinfo>::zeroed();
    let size = size_of::<libc::proc_bsdinfo>() as libc::c_int;
    let pid = std::process::id() as libc::c_int;
    // SAFETY: `info` is valid for writes of `size` bytes, which this flavour fills.
    let got = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, info.as_mut_ptr().cast(), size) };
    if got != size {
        return 0;
    }
    // SAFETY: zeroed memory is a valid `proc_bsdinfo`, and the call has filled all of it.
    let info = unsafe { info.assume_init() };
    info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec
}
