//! macOS: the Mach clocks by their POSIX names, and the kernel's name for the boot session.

use super::unix::{parse_uuid, read};
use std::ptr;

/// Nanoseconds since boot, time spent asleep included. Read without a system call.
pub fn boot_ns() -> u64 {
    read(libc::CLOCK_MONOTONIC_RAW)
}

/// Nanoseconds since some point in the past, time spent asleep left out: for waiting.
pub fn monotonic_ns() -> u64 {
    read(libc::CLOCK_UPTIME_RAW)
}

/// The random identity of this boot; all zeros if the kernel does not tell.
pub fn boot_id() -> [u8; 16] {
    // A UUID as text, with a NUL behind it.
    let mut text = [0u8; 64];
    let mut len = text.len();
    let name = c"kern.bootsessionuuid".as_ptr();
    // SAFETY: the name is NUL-terminated, `text` is valid for writes of `len` bytes, nothing is set.
    let got = unsafe { libc::sysctlbyname(name, text.as_mut_ptr().cast(), &raw mut len, ptr::null_mut(), 0) };
    if got != 0 {
        return [0; 16];
    }
    let text = text[..len.min(text.len())].split(|&byte| byte == 0).next().unwrap_or_default();
    std::str::from_utf8(text).ok().and_then(parse_uuid).unwrap_or_default()
}

/// There are no time namespaces.
pub fn time_namespace() -> u64 {
    0
}
