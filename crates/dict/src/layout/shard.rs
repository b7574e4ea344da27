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
pub const LOCK: u64 = 0;
/// `STATE_OK`, or `STATE_REBUILD` while the derived data is not to be trusted.
pub const STATE: u64 = 4;
/// The number that the next version is drawn from.
pub const SEQUENCE: u64 = 8;
/// `{epoch, live}`: live entries, of that epoch only.
pub const LIVE: u64 = 16;
/// No entry of this shard expires before this boot-clock time.
pub const NEXT_DEADLINE: u64 = 24;
/// How many overflow counts may be too high, at most, after deaths (half word).
pub const LEAKS: u64 = 32;
/// CLOCK's hand: an index position (half word, a hint).
pub const HAND: u64 = 36;
/// Every entry of an earlier epoch than this was reclaimed.
pub const SWEPT_EPOCH: u64 = 40;
/// The sequence at which sweeping and compacting last found nothing to gain (a hint).
pub const SETTLED: u64 = 48;
/// How many leases are granted (half word).
pub const LEASES_HELD: u64 = 56;
/// Whether a participant watches the changes of this shard: for later versions (half word).
pub const WATCHED: u64 = 60;
/// The intent record.
pub const INTENT: u64 = 64;
/// Page hint and count of partial pages per class, two half words (hints).
pub const CLASS_HINTS: u64 = 128;
/// The lease table.
pub const LEASES: u64 = CLASS_HINTS + 8 * MAX_CLASSES as u64;
/// Page hint of a class; its count of partial pages is 4 bytes behind.
#[inline]
pub const fn class_hint(class: u8) -> u64 {
    debug_assert!((class as usize) < MAX_CLASSES);
    CLASS_HINTS + 8 * class as u64
}

/// Bytes of one lease.
pub const LEASE_BYTES: u64 = 32;

/// The derived data can be trusted.
pub const STATE_OK: u32 = 0;
/// It has to be rebuilt from the index first.
pub const STATE_REBUILD: u32 = 1;

/// Bytes of a shard's header with `leases` leases.
pub const fn bytes(leases: u32) -> u64 {
    LEASES + leases as u64 * LEASE_BYTES
}

const _: () = assert!(LEASES.is_multiple_of(64));
