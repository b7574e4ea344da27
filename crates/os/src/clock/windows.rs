//! Windows: the performance counter, and the counter of boots.

use std::sync::OnceLock;
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

const NS_PER_SECOND: u128 = 1_000_000_000;
/// The unit of the interrupt time.
const NS_PER_TICK: u64 = 100;
/// `KUSER_SHARED_DATA.BootId`, in the page that the kernel shows every process at this address (ntddk.h).
/// The counter goes up with every boot that starts the clocks anew.
const BOOT_ID: *const u32 = std::ptr::without_provenance(0x7FFE_0000 + 0x2C4);

/// Nanoseconds since boot, time spent suspended included: so the counter is specified. All processes see
/// the same one, to a microsecond.
pub fn boot_ns() -> u64 {
    static FREQUENCY: OnceLock<i64> = OnceLock::new();
    let frequency = *FREQUENCY.get_or_init(|| {
        let mut frequency = 0;
        // SAFETY: `frequency` is valid for writes.
        unsafe { QueryPerformanceFrequency(&raw mut frequency) };
        frequency.max(1)
    });
    let mut count = 0;
    // SAFETY: `count` is valid for writes.
    unsafe { QueryPerformanceCounter(&raw mut count) };
    (count as u128 * NS_PER_SECOND / frequency as u128) as u64
}

/// Nanoseconds since some point in the past, time spent suspended left out: for waiting. It goes on with
/// every tick of the system's timer, of 1 to 16 ms.
pub fn monotonic_ns() -> u64 {
    let mut ticks = 0;
    // SAFETY: `ticks` is valid for writes.
    unsafe { QueryUnbiasedInterruptTime(&raw mut ticks) };
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
