//! macOS: the start time, from libproc; keeping this library loaded.

#![allow(unsafe_code, reason = "calls libproc and the dynamic loader")]

use crate::error::{OsError, Result, code};
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

/// Makes the system keep the library that contains this code until the process ends.
///
/// # Errors
/// `EIO` if the system does not find the library by its path, which does not happen to one that it has just loaded.
pub fn pin_library() -> Result<()> {
    let mut info = MaybeUninit::<libc::Dl_info>::zeroed();
    let here = pin_library as *const libc::c_void;
    // SAFETY: any address may be asked about; `info` is valid for writes of a `Dl_info`.
    if unsafe { libc::dladdr(here, info.as_mut_ptr()) } == 0 {
        return Err(OsError::new("dladdr", code::IO));
    }
    // SAFETY: `Dl_info` consists of pointers, so zeroed memory is a valid value, which the call has filled.
    let path = unsafe { info.assume_init() }.dli_fname;
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
    // SAFETY: `path` is the zero-terminated path of a loaded library, which it outlives. NOLOAD runs no code of it.
    // The handle is never closed, so it keeps the library loaded even if NODELETE is ignored.
    let handle = unsafe { libc::dlopen(path, flags) };
    if handle.is_null() { Err(OsError::new("dlopen", code::IO)) } else { Ok(()) }
}
