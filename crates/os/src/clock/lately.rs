//! The boot clock as it was a moment ago, from what the kernel notes down at each of its ticks.
//!
//! `clock_gettime` of an exact clock reads the processor's counter, and waits until all loads before it are
//! done: on the path of a read that takes longer than the rest. `CLOCK_MONOTONIC_COARSE` is a load, but stands
//! still while the machine is suspended, and is no boot clock. What lies between the two changes only there:
//!
//! ```text
//! lately = coarse + offset            offset = boot clock - coarse, anew in every tick
//! ```

use super::linux::boot_ns;
use super::unix::read;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is read of a clock that a sandbox does not have.
const UNKNOWN: u64 = 0;

/// The tick in which the offset was looked up.
static TICK: AtomicU64 = AtomicU64::new(UNKNOWN);
/// The boot clock's lead over the ticks.
static OFFSET: AtomicU64 = AtomicU64::new(0);

/// As `boot_ns`, to within a tick of the kernel: 1 to 10 ms, and as much more as a tick is late because the
/// machine as a whole stood still. O(1); a system call a tick at most.
#[inline]
pub fn boot_ns_lately() -> u64 {
    let tick = read(libc::CLOCK_MONOTONIC_COARSE);
    // Acquire: pairs with the Release in `look`, so that the offset is that of this tick, or newer.
    if TICK.load(Ordering::Acquire) == tick && tick != UNKNOWN {
        return tick.wrapping_add(OFFSET.load(Ordering::Relaxed));
    }
    look(tick)
}

// Who is held up between the two stores stores an old tick, after which the next one looks again; its offset
// is wrong only if the machine was suspended meanwhile.
#[cold]
#[inline(never)]
fn look(tick: u64) -> u64 {
    let now = boot_ns();
    OFFSET.store(now.wrapping_sub(tick), Ordering::Relaxed);
    // Release: pairs with the Acquire in `boot_ns_lately`.
    TICK.store(tick, Ordering::Release);
    now
}
