//! Structures of records: the keys of objects, which all processes share. A structure's number means the same keys for as
//! long as the segment exists, so the table only grows: neither `clear` nor eviction touches it.
//!
//! ```text
//!  0  lock word
//!  8  commit word: count (16) | bytes (48)                                     alone in its cache line
//! 64  the structures, as the caller frames them; each append is padded to 8 bytes with zeros
//! ```
//! An append copies its bytes past the committed ones and then stores the commit word. A death before that store leaves
//! bytes that the next append overwrites; there is nothing to recover. Committed bytes never change, so readers take no lock.

use crate::segment::Segment;
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::Membership;
use std::time::Duration;

const LOCK: u64 = 0;
const COMMIT: u64 = 8;
const BYTES: u64 = 64;

/// The most structures of a segment.
pub const MOST_STRUCTURES: u64 = 1024;
/// The most bytes of a segment's table: those that the largest structures could take.
const MOST_BYTES: u64 = BYTES + (MOST_STRUCTURES << 12);
/// The fewest bytes of a table, in a segment that is not small.
const FEWEST_BYTES: u64 = 16 << 10;

/// Returns the bytes of the table in a new segment of `size` bytes: 1 %, at least 16 KiB, but no more than a 64th.
pub(crate) fn table_bytes(size: u64) -> u64 {
    (size / 100).clamp(FEWEST_BYTES, MOST_BYTES).min(size / 64) & !63
}

/// Returns whether a superblock may say that a table has this many bytes.
pub(crate) fn is_table_size(bytes: u64) -> bool {
    bytes == 0 || bytes.is_multiple_of(64) && (BYTES..=MOST_BYTES).contains(&bytes)
}

/// The outcome of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The structures are stored.
    Stored,
    /// Another process has appended: nothing is stored.
    Changed,
    /// There is no room, or no table: nothing is stored.
    Full,
}

/// The table of a segment.
struct Table<'a> {
    segment: &'a Segment,
    at: u64,
    room: u64,
}

impl Lockable for Table<'_> {
    fn membership(&self) -> &Membership {
        &self.segment.membership
    }

    fn lock_at(&self) -> u64 {
        self.at + LOCK
    }

    fn progress(&self) -> u64 {
        self.segment.region.load(self.at + COMMIT)
    }

    fn note_wait(&self) {
        self.segment.count_lock_wait();
    }

    fn note_taken_over(&self) {
        self.segment.count_recovery();
    }
}

impl Recover for Table<'_> {
    fn is_dirty(&self) -> bool {
        false
    }

    fn finish(&self) -> Result<()> {
        Ok(())
    }
}

impl<'a> Table<'a> {
    fn of(segment: &'a Segment) -> Option<Table<'a>> {
        let (at, bytes) = segment.geometry.structures()?;
        Some(Table { segment, at, room: bytes - BYTES })
    }

    /// Returns count and bytes of what is committed.
    fn committed(&self) -> Result<(u64, u64)> {
        // Acquire, which pairs with the store in `append`: the bytes are visible.
        let word = self.segment.region.load(self.at + COMMIT);
        let (count, bytes) = (word & 0xFFFF, word >> 16);
        if count > MOST_STRUCTURES || bytes > self.room || !bytes.is_multiple_of(8) {
            return Err(Error::Corrupt("the table of record structures claims more than it can hold".into()));
        }
        Ok((count, bytes))
    }

    fn append(&self, expected: u64, added: u64, bytes: &[u8]) -> Result<Appended> {
        let (count, used) = self.committed()?;
        if count != expected {
            return Ok(Appended::Changed);
        }
        let mut padded = bytes.to_vec();
        padded.resize(bytes.len().next_multiple_of(8), 0);
        if count + added > MOST_STRUCTURES || padded.len() as u64 > self.room - used {
            return Ok(Appended::Full);
        }
        self.segment.region.copy_in(self.at + BYTES + used, &padded);
        // Release, which pairs with the load in `committed`.
        self.segment.region.store(self.at + COMMIT, (count + added) | (used + padded.len() as u64) << 16);
        Ok(Appended::Stored)
    }
}

/// Appends the bytes of `added` structures if there are `expected` ones.
///
/// # Errors
/// `LockTimeout`, `ReadOnly`, `Corrupt`, and those of a retired segment.
pub(crate) fn append(
    segment: &Segment,
    expected: u64,
    added: u64,
    bytes: &[u8],
    timeout: Duration,
) -> Result<Appended> {
    segment.check_writable()?;
    let Some(table) = Table::of(segment) else { return Ok(Appended::Full) };
    let table = Guard::acquire(table, timeout)?;
    segment.live_epoch()?;
    table.append(expected, added, bytes)
}

/// Appends the committed bytes past the first `known` ones, a multiple of 8, to `out`. Returns the number of structures.
///
/// # Errors
/// `Corrupt`.
pub(crate) fn read(segment: &Segment, known: u64, out: &mut Vec<u8>) -> Result<u64> {
    let Some(table) = Table::of(segment) else { return Ok(0) };
    let (count, bytes) = table.committed()?;
    if let Some(more) = bytes.checked_sub(known)
        && known.is_multiple_of(8)
    {
        segment.region.append_bytes(table.at + BYTES + known, more as usize, out);
    }
    Ok(count)
}

/// Frees the lock if its word names an earlier owner of our slot.
pub(crate) fn recover_slot(segment: &Segment) {
    if let Some(table) = Table::of(segment) {
        // There is nothing to recover but the lock.
        let _: Result<_> = Guard::recover_previous_owner(table);
    }
}

/// Returns the offset of the lock word, if there is a table.
pub(crate) fn lock_word(segment: &Segment) -> Option<u64> {
    Table::of(segment).map(|table| table.lock_at())
}

/// Returns what is wrong with the table.
pub(crate) fn audit(segment: &Segment) -> Option<String> {
    Table::of(segment)?.committed().err().map(|error| error.to_string())
}
