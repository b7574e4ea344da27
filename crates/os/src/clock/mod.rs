//! The clock that all processes of one boot share, and the identity of that boot.
//!
//! Deadlines cannot use the wall clock, which jumps, or most monotonic clocks, which stop while the machine is
//! suspended. On Linux only processes in the same time namespace see the same boot clock, so a shared-memory file
//! records the identity of its namespace; the other systems have one clock for all processes.
//!
//! | system | [`boot_ns`] | [`boot_id`] |
//! |---|---|---|
//! | Linux | `CLOCK_BOOTTIME` | `/proc/sys/kernel/random/boot_id` |
//! | macOS | `CLOCK_MONOTONIC_RAW`, which is `mach_continuous_time` | `kern.bootsessionuuid` |
//! | FreeBSD | `CLOCK_MONOTONIC`; FreeBSD has no clock that counts suspended time | a POSIX shared-memory object of this user |
//! | Windows | `QueryPerformanceCounter` | the boot counter in the page that the kernel maps into every process |

#[cfg(all(target_os = "linux", not(miri)))]
mod coarse;
#[cfg(target_os = "freebsd")]
mod freebsd;
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
pub use coarse::boot_ns_coarse;

/// Like [`boot_ns`], to within one kernel tick, and faster on systems that have a coarse clock. This one has none.
#[cfg(not(all(target_os = "linux", not(miri))))]
#[inline]
pub fn boot_ns_coarse() -> u64 {
    boot_ns()
}

/// Sleeps for about `time`.
pub fn sleep(time: std::time::Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_never_go_backwards() {
        for clock in [boot_ns, monotonic_ns] {
            let (first, second) = (clock(), clock());
            assert!(first > 0 && first <= second);
        }
    }

    #[test]
    fn clocks_count_nanoseconds() {
        for clock in [boot_ns, monotonic_ns] {
            let start = (clock(), std::time::Instant::now());
            sleep(std::time::Duration::from_millis(50));
            let (counted, passed) = (clock() - start.0, start.1.elapsed().as_nanos() as u64);
            // The two clocks are read one after the other, on a machine that may be busy.
            assert!((passed / 2..passed * 2).contains(&counted), "{counted} of {passed}");
        }
    }

    #[test]
    fn coarse_clock_is_within_a_tick_of_the_boot_clock_when_threads_read_it_concurrently() {
        // Ticks are late when the hypervisor runs other guests on the processor.
        const MAX_ERROR_NS: u64 = 100_000_000;
        let watch = || {
            let start = boot_ns();
            let mut before = start;
            while before < start + 60_000_000 {
                let coarse = boot_ns_coarse();
                let after = boot_ns();
                assert!(
                    before < coarse + MAX_ERROR_NS && coarse < after + MAX_ERROR_NS,
                    "{before} {coarse} {after}"
                );
                before = after;
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(watch))));
    }

    #[test]
    fn boot_id_and_time_namespace_are_constant() {
        assert_eq!(boot_id(), boot_id());
        assert_eq!(time_namespace(), time_namespace());
    }
}
