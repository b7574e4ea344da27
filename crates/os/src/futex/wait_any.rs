//! Waits for any of several words to change.

#[cfg(all(target_os = "linux", not(feature = "single-words")))]
use super::waitv;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// The most words that one call can wait on.
pub const MAX_WORDS: usize = 128;
/// The longest sleep on systems that cannot wait on several words, where only the first word can end it early.
#[cfg(any(not(windows), test))]
const MAX_FIRST_WORD_SLEEP: Duration = Duration::from_millis(1);

/// Sleeps while every word has its expected value, at most `timeout`, which the caller keeps short (a slice of the
/// whole wait). May return early; the caller checks the words again. On systems that cannot wait on several words,
/// only a wake-up on the first word ends the sleep, which then lasts at most a millisecond.
///
/// # Panics
/// Panics if there are no words, or more than [`MAX_WORDS`].
pub fn wait_any(words: &[(&AtomicU32, u32)], timeout: Duration) {
    assert!((1..=MAX_WORDS).contains(&words.len()), "from 1 to {MAX_WORDS} words");
    #[cfg(all(target_os = "linux", not(feature = "single-words")))]
    if waitv::wait_any(words, timeout) {
        return;
    }
    #[cfg(windows)]
    super::doorbell::wait_any(words, timeout);
    #[cfg(not(windows))]
    wait_on_first(words, timeout);
}

/// Returns on how many words one sleep ends at a wake-up on this system: [`MAX_WORDS`], or 1; 0 where waiters only look at
/// words from time to time.
pub fn words_per_sleep() -> usize {
    #[cfg(windows)]
    return MAX_WORDS;
    #[cfg(all(target_os = "linux", not(feature = "single-words")))]
    return if waitv::is_supported() { MAX_WORDS } else { 1 };
    #[cfg(any(target_os = "freebsd", all(target_os = "linux", feature = "single-words")))]
    return 1;
    #[cfg(target_os = "macos")]
    return usize::from(super::macos::can_wait());
}

#[cfg(any(not(windows), test))]
fn wait_on_first(words: &[(&AtomicU32, u32)], timeout: Duration) {
    let (first, value) = words[0];
    let longest = if words.len() > 1 { MAX_FIRST_WORD_SLEEP } else { timeout };
    super::wait(first, value, timeout.min(longest));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;
    use std::time::Instant;

    #[test]
    fn wait_any_ends_when_any_of_its_words_changes() {
        let words: Vec<AtomicU32> = (0..MAX_WORDS as u32).map(AtomicU32::new).collect();
        for wait in [wait_any, wait_on_first] {
            for changed in [0, 1, MAX_WORDS - 1] {
                words[changed].store(changed as u32, Ordering::Release);
                let seen: Vec<_> = words.iter().zip(0..).collect();
                std::thread::scope(|scope| {
                    let sleeper = scope.spawn(|| {
                        while words[changed].load(Ordering::Acquire) == changed as u32 {
                            wait(&seen, Duration::from_secs(60));
                        }
                    });
                    words[changed].store(1000, Ordering::Release);
                    while !sleeper.is_finished() {
                        crate::futex::wake(&words[changed], u32::MAX);
                        std::thread::yield_now();
                    }
                });
                words[changed].store(changed as u32, Ordering::Release);
            }
        }
    }

    #[test]
    fn wait_any_ends_at_its_timeout() {
        let (one, two) = (AtomicU32::new(1), AtomicU32::new(2));
        let start = Instant::now();
        wait_any(&[(&one, 1), (&two, 2)], Duration::from_millis(2));
        assert!(start.elapsed() < Duration::from_secs(30));
        wait_any(&[(&one, 7), (&two, 2)], Duration::from_secs(60));
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
