//! The layout of a channel's file.
//!
//! ```text
//!      0  superblock, participants
//! 17,408  posters' line:  lock (4) | - | head (8) | oldest (8) | take-overs (8)
//! 17,472  an eventcount (4), notified when a message was posted
//! parameter 1, a multiple of the page size: the messages, parameter 0 bytes, mapped twice in a row
//! ```
//! A message is `number (64) | length (32) | kind (8) | -` and its bytes, padded to a multiple of 8. Its number is
//! that of the messages posted before it. The word past the last message is already the number of the next one.

use shmkit_object::error::{Error, Result};
use shmkit_object::membership::body_at;
use shmkit_object::participants::SLOTS;

/// Bytes that are mapped once: everything except the messages.
pub(super) const HEAD_BYTES: u64 = (EVENT + 64).next_multiple_of(4096);
/// Offset of the posters' lock.
pub(super) const LOCK: u64 = body_at(SLOTS);
/// Offset of the position past the last message.
pub(super) const HEAD: u64 = LOCK + 8;
/// Offset of the position of the oldest message.
pub(super) const OLDEST: u64 = LOCK + 16;
/// Offset of the number of times that the lock was taken over from a dead poster.
pub(super) const TAKEN_OVER: u64 = LOCK + 24;
/// Offset of the eventcount that subscribers sleep on.
pub(super) const EVENT: u64 = LOCK + 64;

/// Bytes of a message's header.
pub(super) const HEADER_BYTES: u64 = 16;
/// Bytes of the number past the last message.
pub(super) const NUMBER_BYTES: u64 = 8;
/// The part of the ring that one message may take: one of this many.
const PARTS: u64 = 4;

/// Returns the bytes that a message of this length takes in the ring, its header included.
#[inline]
pub(super) fn record_bytes(length: usize) -> u64 {
    HEADER_BYTES + (length as u64).next_multiple_of(8)
}

/// Returns the second word of a header.
#[inline]
pub(super) fn form(length: usize, kind: u8) -> u64 {
    length as u64 & u64::from(u32::MAX) | u64::from(kind) << 32
}

/// Returns length and kind from the second word of a header.
#[inline]
pub(super) fn length_and_kind(form: u64) -> (usize, u8) {
    (form as u32 as usize, (form >> 32) as u8)
}

/// Arithmetic of the positions in a ring, which only grow: a position modulo the ring's bytes is an offset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Positions {
    /// Bytes of the ring.
    pub size: u64,
}

impl Positions {
    /// Returns the offset of a position in the ring.
    #[inline]
    pub(super) fn offset(self, position: u64) -> u64 {
        position % self.size
    }

    /// Returns the most bytes that a message may take, its header included.
    pub(super) fn longest_record(self) -> u64 {
        (self.size / PARTS).min(HEADER_BYTES + u64::from(u32::MAX - 7)) & !7
    }

    /// Returns the bytes from one position to a later one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for positions that no process stores.
    #[inline]
    pub(super) fn distance(self, from: u64, to: u64) -> Result<u64> {
        let bytes = to.wrapping_sub(from);
        let is_possible = (from | to).is_multiple_of(8) && from <= to && to < 1 << 63 && bytes <= self.size;
        if is_possible { Ok(bytes) } else { Err(damaged()) }
    }

    /// Fails unless the second position is not before the first one.
    ///
    /// # Errors
    /// [`Error::Corrupt`] for positions that no process stores.
    #[inline]
    pub(super) fn check_order(self, from: u64, to: u64) -> Result<()> {
        let is_possible = (from | to).is_multiple_of(8) && from <= to && to < 1 << 63;
        if is_possible { Ok(()) } else { Err(damaged()) }
    }

    /// Returns the bytes of a message with this header, of which `left` bytes are there.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it cannot be that long.
    #[inline]
    pub(super) fn record(self, form: u64, left: u64) -> Result<u64> {
        let record = record_bytes(length_and_kind(form).0);
        if record <= left && record <= self.longest_record() { Ok(record) } else { Err(damaged()) }
    }
}

pub(super) fn damaged() -> Error {
    Error::Corrupt("the channel holds no whole messages where it should".into())
}
