//! The ids of jobs: a text of the user's, or the job's number in decimal.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};
use shmkit_object::error::{Error, Result};

/// Bytes of the longest id: 255 code units of two bytes.
const MAX_BYTES: usize = 510;

/// The id of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobId {
    /// Its text, one or two bytes for each code unit.
    pub bytes: Vec<u8>,
    /// Whether there are two bytes for each.
    pub wide: bool,
}

impl JobId {
    /// Returns an id of the user's.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for an empty or a longer text.
    pub fn new(bytes: &[u8], wide: bool) -> Result<Self> {
        let units = if wide { bytes.len() / 2 } else { bytes.len() };
        if !(1..=255).contains(&units) || bytes.len() > MAX_BYTES {
            return Err(Error::OutOfRange(format!("an id has 1 to 255 code units, not {units}")));
        }
        Ok(JobId { bytes: bytes.to_vec(), wide })
    }

    /// Returns the id of a job that got none.
    pub(super) fn of_number(number: u64) -> Self {
        JobId { bytes: number.to_string().into_bytes(), wide: false }
    }

    /// Returns its hash, with a secret so that no user can choose ids that collide.
    pub(super) fn hash(&self, secret: &Secret) -> u64 {
        rapidhash_v3_micro_inline::<true, true>(&self.bytes, &secret.0)
    }
}

/// A queue's secret, expanded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secret(RapidSecrets);

impl Secret {
    /// Expands the random bytes in the superblock.
    pub(super) fn new(bytes: &[u8; 16]) -> Self {
        let both = u128::from_le_bytes(*bytes);
        let (multipliers, seed) = (RapidSecrets::seed(both as u64), RapidSecrets::seed((both >> 64) as u64));
        Secret(RapidSecrets { seed: seed.seed, ..multipliers })
    }
}
