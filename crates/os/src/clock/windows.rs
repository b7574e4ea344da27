//! Windows: the performance counter, and the boot counter.

#![allow(unsafe_code, reason = "reads the performance counter and a page of the kernel")]

use std::sync::OnceLock;
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::WindowsProgramming::QueryUnbiasedInterruptTime;

const NS_PER_SECOND: u128 = 1_000_000_000;
/// Nanoseconds in a unit of the interrupt time.
const NS_PER_TICK: u64 = 100;
/// `KUSER_SHARED_DATA.BootId`, in the page that the kernel maps into every process at this address (ntddk.h).
/// Every boot that restarts the clocks increments it.
const BOOT_ID: *const u32 = std::ptr::without_provenance(0x7FFE_0000 + 0x2C4);

/// Returns the nanoseconds since boot, including time spent suspended, as the counter is specified. All processes
/// see the same counter, to within a microsecond.
pub fn boot_ns() -> u64 {
    static FREQUENCY: OnceLock<i64> = OnceLock::new();
    let frequency = *FREQUENCY.get_or_init(|| {
        let mut frequency = 0;
        // SAFETY: the pointer to `frequency` is valid for writes of a `i64` for the whole call.
        unsafe { QueryPerformanceFrequency(&raw mut frequency) };
        frequency.max(1)
    });
    let mut count = 0;
    // SAFETY: the pointer to `count` is valid for writes of a `i64` for the whole call.
    unsafe { QueryPerformanceCounter(&raw mut count) };
    (count as u128 * NS_PER_SECOND / frequency as u128) as u64
}

/// Returns the nanoseconds since some point in the past, without time spent suspended; for timeouts of waits. Advances
/// with every tick of the system timer, of 1 to 16 ms.
pub fn monotonic_ns() -> u64 {
    let mut ticks = 0;
    // SAFETY: the pointer to `ticks` is valid for writes of a `u64` for the whole call.
    unsafe { QueryUnbiasedInterruptTime(&raw mut ticks) };
    ticks * NS_PER_TICK
}

/// Returns the number of this boot; all zeros if the system does not count boots.
pub fn boot_id() -> [u8; 16] {
    // SAFETY: the kernel maps that page readable into every process, the address is aligned for a `u32`, and a
    // volatile read tolerates a write by the kernel.
    let count = unsafe { BOOT_ID.read_volatile() };
    let mut id = [0; 16];
    id[..4].copy_from_slice(&count.to_le_bytes());
    id
}

/// Returns 0: Windows has no time namespaces.
pub fn time_namespace() -> u64 {
    0
}
