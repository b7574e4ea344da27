//! macOS: the Mach clocks by their POSIX names, and the kernel's UUID of the boot session.

#![allow(unsafe_code, reason = "calls sysctl")]

use super::unix::{parse_uuid, read};
use std::ptr;

/// Returns the nanoseconds since boot, including time spent asleep. Makes no system call.
pub fn boot_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC_RAW)
}

/// Returns the nanoseconds since some point in the past, without time spent asleep; for timeouts of waits.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_UPTIME_RAW)
}

/// Returns the random identity of this boot; all zeros if the kernel does not report it.
pub fn boot_id() -> [u8; 16] {
    // A UUID as text, with a terminating NUL.
    let mut text = [0u8; 64];
    let mut len = text.len();
    let name = c"kern.bootsessionuuid".as_ptr();
    // SAFETY: the name is NUL-terminated, `text` is valid for writes of `len` bytes, `len` for reads and writes, and a
    // null pointer of length 0 sets no new value.
    let got = unsafe { libc::sysctlbyname(name, text.as_mut_ptr().cast(), &raw mut len, ptr::null_mut(), 0) };
    if got != 0 {
        return [0; 16];
    }
    let text = text[..len.min(text.len())].split(|&byte| byte == 0).next().unwrap_or_default();
    std::str::from_utf8(text).ok().and_then(parse_uuid).unwrap_or_default()
}

/// Returns 0: macOS has no time namespaces.
pub fn time_namespace() -> u64 {
    0
}
