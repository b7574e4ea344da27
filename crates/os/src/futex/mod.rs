//! Waits for a word in shared memory to change, and wakes the waiters, across processes.
//!
//! No call fails: a wait may end early for any reason, and its caller checks the word again. A
//! wait always ends at its timeout, so a missing wake-up costs time and nothing else.
//!
//! | system | how |
//! |---|---|
//! | Linux | futexes without the private flag |
//! | macOS 14.4 and newer | `os_sync_wait_on_address` with the shared flag, found at run time |
//! | FreeBSD | `_umtx_op` without the private flag |
//! | Windows | a table of sleeping threads beside the files, and a named event for each (`doorbell`) |
//! | older macOS | polling with short sleeps: at most 1 ms late |

#![allow(clippy::disallowed_types, reason = "callers wait on words of shared memory")]

#[cfg(windows)]
pub(crate) mod doorbell;
#[cfg(target_os = "freebsd")]
mod freebsd;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(target_os = "macos", windows, test))]
#[allow(unreachable_pub, reason = "public for its own tests")]
mod polling;
mod wait_any;
#[cfg(all(target_os = "linux", not(feature = "single-words")))]
mod waitv;

#[cfg(windows)]
pub use doorbell::{wait, wake};
#[cfg(target_os = "freebsd")]
pub use freebsd::{wait, wake};
#[cfg(target_os = "linux")]
pub use linux::{wait, wake};
#[cfg(target_os = "macos")]
pub use macos::{wait, wake};
pub use wait_any::{MAX_WORDS, wait_any, words_per_sleep};

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    #[test]
    fn wait_returns_at_once_when_the_word_has_another_value() {
        let start = Instant::now();
        wait(&AtomicU32::new(7), 8, Duration::from_secs(60));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn wait_ends_at_its_timeout() {
        let start = Instant::now();
        wait(&AtomicU32::new(7), 7, Duration::from_millis(2));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn wake_ends_a_wait() {
        let word = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                while word.load(Ordering::Acquire) == 0 {
                    wait(&word, 0, Duration::from_secs(60));
                }
            });
            word.store(1, Ordering::Release);
            while !sleeper.is_finished() {
                wake(&word, u32::MAX);
                std::thread::yield_now();
            }
        });
    }
}
