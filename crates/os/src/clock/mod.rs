//! A clock that all processes of one boot agree on, and the identity of that boot.
//!
//! The wall clock jumps and most monotonic clocks stop while the machine is suspended; deadlines need
//! neither. On Linux only processes of the same time namespace see the same boot clock, so its
//! identity is part of a segment; the other systems have one clock for all.
//!
//! | system | [`boot_ns`] | [`boot_id`] |
//! |---|---|---|
//! | Linux | `CLOCK_BOOTTIME` | `/proc/sys/kernel/random/boot_id` |
//! | macOS | `CLOCK_MONOTONIC_RAW`, which is `mach_continuous_time` | `kern.bootsessionuuid` |
//! | FreeBSD | `CLOCK_MONOTONIC`; no clock there counts suspended time | a shared memory object of this user |
//! | Windows | `QueryPerformanceCounter` | the boot counter in the page that the kernel shares |

#[cfg(target_os = "freebsd")]
mod freebsd;
#[cfg(all(target_os = "linux", not(miri)))]
mod lately;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "freebsd")]
pub use freebsd::{boot_id, boot_ns, monotonic_ns, time_namespace};
#[cfg(target_os = "linux")]
pub use linux::{boot_id, boot_ns, monotonic_ns, time_namespace};
#[cfg(target_os = "macos")]
pub use macos::{boot_id, boot_ns, monotonic_ns, time_namespace};
#[cfg(windows)]
pub use windows::{boot_id, boot_ns, monotonic_ns, time_namespace};

#[cfg(all(target_os = "linux", not(miri)))]
pub use lately::boot_ns_lately;

/// As [`boot_ns`], to within a tick of the kernel, and faster where it can be.
#[cfg(not(all(target_os = "linux", not(miri))))]
#[inline]
pub fn boot_ns_lately() -> u64 {
    boot_ns()
}

/// Sleeps for about that long.
pub fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_never_go_backwards() {
        for clock in [boot_ns, monotonic_ns] {
            let (first, second) = (clock(), clock());
            assert!(first > 0 && first <= second);
        }
    }

    #[test]
    fn the_clocks_count_nanoseconds() {
        for clock in [boot_ns, monotonic_ns] {
            let start = (clock(), std::time::Instant::now());
            pause(std::time::Duration::from_millis(50));
            let (counted, passed) = (clock() - start.0, start.1.elapsed().as_nanos() as u64);
            // Both are read one after the other, on a machine that may be busy.
            assert!((passed / 2..passed * 2).contains(&counted), "{counted} of {passed}");
        }
    }

    #[test]
    fn the_quick_clock_is_a_tick_off_at_most_whoever_asks_it() {
        // Ticks are late where other guests have the processor.
        const MOST: u64 = 100_000_000;
        let watch = || {
            let start = boot_ns();
            let mut before = start;
            while before < start + 60_000_000 {
                let lately = boot_ns_lately();
                let after = boot_ns();
                assert!(before < lately + MOST && lately < after + MOST, "{before} {lately} {after}");
                before = after;
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(watch))));
    }

    #[test]
    fn a_boot_has_one_identity() {
        assert_eq!(boot_id(), boot_id());
        assert_eq!(time_namespace(), time_namespace());
    }
}
