//! The boot clock as of the last kernel tick.
//!
//! `clock_gettime` of a precise clock reads the processor's counter, which waits until all earlier loads are
//! complete: more than the rest of a read costs. `CLOCK_MONOTONIC_COARSE` is a plain load, but it stops while the
//! machine is suspended, so it is no boot clock. The offset between the two changes only during suspension:
//!
//! ```text
//! coarse boot clock = coarse clock + offset        offset = boot clock - coarse clock, refreshed once a tick
//! ```

#![allow(clippy::disallowed_types, reason = "all threads of the process share one reading")]

use super::linux::boot_ns;
use super::unix::read;
use std::sync::atomic::{AtomicU64, Ordering};

/// The reading of a clock that a sandbox does not provide.
const UNKNOWN: u64 = 0;

/// The reading of the coarse clock for which `OFFSET` was computed.
static TICK: AtomicU64 = AtomicU64::new(UNKNOWN);
/// The boot clock minus the coarse clock, at `TICK`.
static OFFSET: AtomicU64 = AtomicU64::new(0);

/// Like `boot_ns`, to within one kernel tick: 1 to 10 ms, plus the delay of a tick that comes late because the
/// whole machine was paused. O(1), with at most one system call per tick.
#[inline]
pub fn boot_ns_coarse() -> u64 {
    let tick = read(libc::CLOCK_MONOTONIC_COARSE);
    // Acquire: pairs with the Release store of `TICK` in `refresh`, so that the offset is that of this tick or newer.
    if TICK.load(Ordering::Acquire) == tick && tick != UNKNOWN {
        return tick.wrapping_add(OFFSET.load(Ordering::Relaxed));
    }
    refresh(tick)
}

/// Recomputes the offset for `tick`, and returns the precise time.
///
/// A thread that is delayed between the two stores stores an old tick, after which the next reader refreshes again.
/// The offset that it stored is wrong only if the machine was suspended in between.
#[cold]
#[inline(never)]
fn refresh(tick: u64) -> u64 {
    let now = boot_ns();
    OFFSET.store(now.wrapping_sub(tick), Ordering::Relaxed);
    // Release: pairs with the Acquire load of `TICK` in `boot_ns_coarse`.
    TICK.store(tick, Ordering::Release);
    now
}
