//! Systems without a shared wait: looking at the word, with sleeps in between that grow to a bound.
//!
//! Nobody needs to be woken: a change is seen within [`LONGEST_SLEEP`], or what the system makes of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// About what a lock is held for.
const FIRST_SLEEP: Duration = Duration::from_micros(50);
/// A thousand looks a second cost well under 1 % of a core.
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

/// Sleeps while `*word == expected`, at most about `timeout`.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let start = Instant::now();
    let mut sleep = FIRST_SLEEP;
    // Relaxed: the caller looks again, with the ordering that it needs.
    while word.load(Ordering::Relaxed) == expected {
        let left = timeout.saturating_sub(start.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(sleep.min(left));
        sleep = (sleep * 2).min(LONGEST_SLEEP);
    }
}

/// Nothing: sleepers wake up by themselves.
#[cfg(any(windows, test))]
pub fn wake(_word: &AtomicU32, _count: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_without_a_wake_up() {
        let word = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| wait(&word, 0, Duration::from_secs(60)));
            word.store(1, Ordering::Release);
            wake(&word, u32::MAX);
            sleeper.join().unwrap();
        });
    }

    #[test]
    fn a_wait_lasts_its_timeout_if_nothing_changes() {
        let (start, timeout) = (Instant::now(), Duration::from_millis(5));
        wait(&AtomicU32::new(7), 7, timeout);
        assert!(start.elapsed() >= timeout);
    }
}
