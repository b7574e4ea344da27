//! Windows: the interrupt time, and the counter of boots.

use windows_sys::Win32::System::WindowsProgramming::{
    QueryInterruptTimePrecise, QueryUnbiasedInterruptTimePrecise,
};

/// The unit of both clocks.
const NS_PER_TICK: u64 = 100;
/// `KUSER_SHARED_DATA.BootId`, in the page that the kernel shows every process at this address (ntddk.h).
/// The counter goes up with every boot that starts the interrupt time anew.
const BOOT_ID: *const u32 = std::ptr::without_provenance(0x7FFE_0000 + 0x2C4);

/// Nanoseconds since boot, time spent suspended included.
pub fn boot_ns() -> u64 {
    let mut ticks = 0;
    // SAFETY: `ticks` is valid for writes.
    unsafe { QueryInterruptTimePrecise(&raw mut ticks) };
    ticks * NS_PER_TICK
}

/// Nanoseconds since some point in the past, time spent suspended left out: for waiting.
pub fn monotonic_ns() -> u64 {
    let mut ticks = 0;
    // SAFETY: `ticks` is valid for writes.
    unsafe { QueryUnbiasedInterruptTimePrecise(&raw mut ticks) };
    ticks * NS_PER_TICK
}

/// The number of this boot; all zeros if the system does not count.
pub fn boot_id() -> [u8; 16] {
    // SAFETY: every process has that page, readable; the kernel alone writes there.
    let count = unsafe { BOOT_ID.read_volatile() };
    let mut id = [0; 16];
    id[..4].copy_from_slice(&count.to_le_bytes());
    id
}

/// There are no time namespaces.
pub fn time_namespace() -> u64 {
    0
}
