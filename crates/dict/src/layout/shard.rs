//! Offsets within a shard's header.
//!
//! ```text
//!   0  lock word (4) | state (4) | sequence | live | next deadline | leaks (4) | hand (4) |
//!      swept epoch | settled sequence | leases (4) | watched (4)
//!  64  intent record, 8 words
//! 128  per class: page hint (4) | partial pages (4)
//! 896  leases, 32 bytes each: hash | owner | token | epoch and state
//! ```

use super::class::MAX_CLASSES;

/// The futex word: 0, or WAITERS | slot | generation (`lock::word`).
pub(crate) const LOCK: u64 = 0;
/// `STATE_OK`; `STATE_REBUILD` while the derived data cannot be trusted; `STATE_VACATE` while the reserve is in use.
pub(crate) const STATE: u64 = 4;
/// The last sequence number that was drawn.
pub(crate) const SEQUENCE: u64 = 8;
/// `{epoch, live}`: live entries, of that epoch only.
pub(crate) const LIVE: u64 = 16;
/// No entry of this shard expires before this boot-clock time.
pub(crate) const NEXT_DEADLINE: u64 = 24;
/// Upper bound of the excess in overflow counts after deaths (half word).
pub(crate) const LEAKS: u64 = 32;
/// The hand of CLOCK: an index position (half word, a hint).
pub(crate) const HAND: u64 = 36;
/// All entries of epochs before this one have been reclaimed.
pub(crate) const SWEPT_EPOCH: u64 = 40;
/// The sequence number at which the shard was last swept and compacted (a hint).
pub(crate) const SETTLED: u64 = 48;
/// Number of granted leases (half word).
pub(crate) const LEASES_HELD: u64 = 56;
/// Which waiters are to be told of changes of this shard (half word): see [`crate::wakeup`].
pub(crate) const WATCHED: u64 = 60;
/// The intent record.
pub(crate) const INTENT: u64 = 64;
/// Page hint and count of partial pages per class, two half words (hints).
pub(crate) const CLASS_HINTS: u64 = 128;
/// The lease table.
pub(crate) const LEASES: u64 = CLASS_HINTS + 8 * MAX_CLASSES as u64;

/// Returns the offset of a class's page hint; its count of partial pages follows 4 bytes later.
#[inline]
pub(crate) const fn class_hint(class: u8) -> u64 {
    debug_assert!((class as usize) < MAX_CLASSES);
    CLASS_HINTS + 8 * class as u64
}

/// Bytes of one lease.
pub(crate) const LEASE_BYTES: u64 = 32;

/// The derived data can be trusted.
pub(crate) const STATE_OK: u32 = 0;
/// The derived data must be rebuilt from the index first.
pub(crate) const STATE_REBUILD: u32 = 1;
/// An entry may be in the shard's reserve, and must be moved out of it.
pub(crate) const STATE_VACATE: u32 = 2;

/// Returns the bytes of a shard's header with `leases` leases.
pub(crate) const fn bytes(leases: u32) -> u64 {
    LEASES + leases as u64 * LEASE_BYTES
}

const _: () = assert!(LEASES.is_multiple_of(64));
