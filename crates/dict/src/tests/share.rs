//! A share of the trials: under a sanitizer or in an emulator, which makes them many times slower, a run takes one
//! of several.

use super::hostile::random::Random;

/// One of several disjoint shares, which together are all trials.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    number: u64,
    /// How many there are.
    pub of: u64,
}

impl Share {
    /// The one that `SHMKIT_TEST_SHARE` names, as `3/16` (from 0 on): all trials, if there is no such variable.
    pub fn chosen() -> Share {
        let Ok(text) = std::env::var("SHMKIT_TEST_SHARE") else { return Share { number: 0, of: 1 } };
        let parts = text.split_once('/').expect("SHMKIT_TEST_SHARE is like 3/16");
        let [number, of] =
            [parts.0, parts.1].map(|part| part.parse().expect("SHMKIT_TEST_SHARE has numbers"));
        assert!(number < of, "SHMKIT_TEST_SHARE counts from 0");
        Share { number, of }
    }

    /// Whether a trial is in it. Neighbours are in different ones, so that each share is like the whole.
    pub fn has(self, trial: u64) -> bool {
        Random(trial).next() % self.of == self.number
    }
}
