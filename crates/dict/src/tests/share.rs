//! A share of the trials: under a sanitizer or in an emulator, where they are many times slower, a run covers one share
//! of several.

use super::hostile::random::Random;

/// One of several disjoint shares that together cover all trials.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    number: u64,
    /// Number of shares.
    pub of: u64,
}

impl Share {
    /// Returns the share that `SHMKIT_TEST_SHARE` names, such as `3/16` (counting from 0); without it, all trials.
    pub fn chosen() -> Share {
        let Ok(text) = std::env::var("SHMKIT_TEST_SHARE") else { return Share { number: 0, of: 1 } };
        let parts = text.split_once('/').expect("SHMKIT_TEST_SHARE is like 3/16");
        let [number, of] =
            [parts.0, parts.1].map(|part| part.parse().expect("SHMKIT_TEST_SHARE has numbers"));
        assert!(number < of, "SHMKIT_TEST_SHARE counts from 0");
        Share { number, of }
    }

    /// Returns whether a trial belongs to the share. Neighbours belong to different shares, so each share is
    /// representative.
    pub fn has(self, trial: u64) -> bool {
        Random(trial).next() % self.of == self.number
    }
}
