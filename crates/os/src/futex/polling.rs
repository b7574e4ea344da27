//! Systems without a cross-process wait: polls the word, with sleeps that grow to a bound.
//!
//! No wake-up is needed: a waiter sees a change within [`MAX_SLEEP`], or the system's rounding of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// About as long as a lock is held.
const FIRST_SLEEP: Duration = Duration::from_micros(50);
/// A thousand polls per second cost well under 1 % of a core.
const MAX_SLEEP: Duration = Duration::from_millis(1);

/// Sleeps while `*word == expected`, at most about `timeout`.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let start = Instant::now();
    let mut sleep = FIRST_SLEEP;
    // Relaxed: the caller loads the word again, with the ordering that it needs.
    while word.load(Ordering::Relaxed) == expected {
        let left = timeout.saturating_sub(start.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(sleep.min(left));
        sleep = (sleep * 2).min(MAX_SLEEP);
    }
}

/// Does nothing: waiters poll.
#[cfg(test)]
pub fn wake(_word: &AtomicU32, _count: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_ends_without_a_wake_up_when_the_word_changes() {
        let word = AtomicU32::new(0);
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| wait(&word, 0, Duration::from_secs(60)));
            word.store(1, Ordering::Release);
            wake(&word, u32::MAX);
            sleeper.join().unwrap();
        });
    }

    #[test]
    fn wait_lasts_its_whole_timeout_when_the_word_does_not_change() {
        let (start, timeout) = (Instant::now(), Duration::from_millis(5));
        wait(&AtomicU32::new(7), 7, timeout);
        assert!(start.elapsed() >= timeout);
    }
}
