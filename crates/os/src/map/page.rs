//! The page size.

#![allow(unsafe_code, reason = "queries the page size")]

use std::sync::OnceLock;

static SIZE: OnceLock<usize> = OnceLock::new();

/// Returns the bytes in a page of memory: a power of two.
pub fn page_size() -> usize {
    *SIZE.get_or_init(query)
}

#[cfg(unix)]
fn query() -> usize {
    // SAFETY: sysconf takes a number and accesses no memory of ours.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(windows)]
fn query() -> usize {
    use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer to `info` is valid for writes of a `SYSTEM_INFO` for the whole call.
    unsafe { GetSystemInfo(&raw mut info) };
    info.dwPageSize as usize
}

#[cfg(test)]
mod tests {
    #[test]
    fn page_size_is_a_power_of_two() {
        assert!(super::page_size().is_power_of_two());
    }
}
