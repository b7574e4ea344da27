//! A stripe of statistics: one line of counters, which several handles may share.

use super::geometry::STRIPE_BYTES;

/// Counters in a stripe.
pub(crate) const STATISTICS: usize = STRIPE_BYTES as usize / 8;

/// A counter; its number is the word of the stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    /// Reads that found an entry.
    Hits = 0,
    /// Reads that found none.
    Misses = 1,
    /// Writes.
    Sets = 2,
    /// Deletions.
    Deletes = 3,
    /// Entries evicted to make space.
    Evictions = 4,
    /// Expired entries reclaimed.
    Expired = 5,
    /// Times a writer slept for a lock.
    LockWaits = 6,
    /// Times a dead writer's shard was recovered.
    Recoveries = 7,
}

/// Returns the counter's offset in a stripe.
pub(crate) const fn offset(statistic: Statistic) -> u64 {
    statistic as u64 * 8
}
