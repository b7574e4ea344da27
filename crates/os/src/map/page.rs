//! The page size.

#![allow(unsafe_code, reason = "queries the page size")]

use std::sync::OnceLock;

static SIZE: OnceLock<usize> = OnceLock::new();

/// Returns the bytes in a page of memory: a power of two.
pub fn page_size() -> usize {
    *SIZE.get_or_init(query)
}

/// Returns the unit of sizes and offsets of memory that is mapped several times in a row: the page size, but 64 KiB on
/// Windows. A power of two, and a multiple of the page size.
pub fn granularity() -> usize {
    #[cfg(unix)]
    return page_size();
    #[cfg(windows)]
    return system_info().dwAllocationGranularity as usize;
}

#[cfg(unix)]
fn query() -> usize {
    // SAFETY: sysconf takes a number and accesses no memory of ours.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(windows)]
fn query() -> usize {
    system_info().dwPageSize as usize
}

#[cfg(windows)]
fn system_info() -> windows_sys::Win32::System::SystemInformation::SYSTEM_INFO {
    use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer to `info` is valid for writes of a `SYSTEM_INFO` for the whole call.
    unsafe { GetSystemInfo(&raw mut info) };
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_size_and_granularity_are_powers_of_two() {
        assert!(page_size().is_power_of_two() && granularity().is_power_of_two());
        assert!(granularity() >= page_size());
    }
}
