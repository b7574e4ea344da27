//! The layout of a ring's file.
//!
//! ```text
//!      0  superblock, participants
//! 17,408  senders' line:    lock (4) | - | tail (8) | messages ever sent (8) | take-overs (8)
//! 17,472  receivers' line:  lock (4) | - | head (8) | messages ever received (8) | take-overs (8) | wiped (8)
//! 17,536  readable (4): an eventcount, notified when messages were sent
//! 17,600  writable (4): an eventcount, notified when messages were received
//! parameter 1, a multiple of the page size: the messages, parameter 0 bytes, mapped twice in a row
//! ```
//! A message is a header, `length (32) | number (32)`, and its bytes, padded to a multiple of 8.

use shmkit_object::membership::body_at;
use shmkit_object::participants::SLOTS;

/// Bytes that are mapped once: everything except the messages.
pub(super) const HEAD_BYTES: u64 = (WRITABLE + 64).next_multiple_of(4096);
/// Offset of the senders' lock.
pub(super) const SEND_LOCK: u64 = body_at(SLOTS);
/// Offset of the position at which the next message is written.
pub(super) const TAIL: u64 = SEND_LOCK + 8;
/// Offset of the number of messages ever sent.
pub(super) const SENT: u64 = SEND_LOCK + 16;
/// Offset of the number of times the senders' lock was taken over from a dead sender.
pub(super) const SENDERS_TAKEN_OVER: u64 = SEND_LOCK + 24;
/// Offset of the receivers' lock.
pub(super) const RECEIVE_LOCK: u64 = SEND_LOCK + 64;
/// Offset of the position at which the next message is read.
pub(super) const HEAD: u64 = RECEIVE_LOCK + 8;
/// Offset of the number of messages ever received.
pub(super) const RECEIVED: u64 = RECEIVE_LOCK + 16;
/// Offset of the number of times the receivers' lock was taken over from a dead receiver.
pub(super) const RECEIVERS_TAKEN_OVER: u64 = RECEIVE_LOCK + 24;
/// Offset of the position up to which received messages were overwritten, in a ring that does that.
pub(super) const WIPED: u64 = RECEIVE_LOCK + 32;
/// Offset of the eventcount that receivers sleep on.
pub(super) const READABLE: u64 = SEND_LOCK + 128;
/// Offset of the eventcount that senders sleep on.
pub(super) const WRITABLE: u64 = SEND_LOCK + 192;

/// Bytes of a message's header.
pub(super) const HEADER_BYTES: u64 = 8;

/// Returns the bytes that a message of this length takes in the ring, its header included.
#[inline]
pub(super) fn record_bytes(length: usize) -> u64 {
    HEADER_BYTES + (length as u64).next_multiple_of(8)
}

/// The word before a message's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageHeader(pub u64);

impl MessageHeader {
    /// Returns the header of message `number`, counted from 0.
    #[inline]
    pub(super) fn new(length: usize, number: u64) -> Self {
        MessageHeader(length as u64 | number << 32)
    }

    /// Returns the bytes of the message.
    #[inline]
    pub(super) fn length(self) -> usize {
        self.0 as u32 as usize
    }

    /// Returns the lower half of the message's number.
    #[inline]
    pub(super) fn number(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// Arithmetic of the positions in a ring. Positions only grow, up to a bound that is a multiple of the
/// ring's size, where they restart at 0: a position modulo the size is an offset, and the difference of two
/// positions is a number of bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    /// Bytes of the ring.
    pub size: u64,
    bound: u64,
}

impl Cursor {
    /// Creates the arithmetic of a ring of `size` bytes, at least 1.
    pub(super) fn new(size: u64) -> Self {
        Cursor { size, bound: (1 << 62) / size * size }
    }

    /// Returns the offset of a position in the ring.
    #[inline]
    pub(super) fn offset(self, position: u64) -> u64 {
        position % self.size
    }

    /// Returns the position `bytes`, at most `size`, past another one.
    #[inline]
    pub(super) fn advance(self, position: u64, bytes: u64) -> u64 {
        let next = position + bytes;
        if next >= self.bound { next - self.bound } else { next }
    }

    /// Returns the number of bytes from `head` to `tail`, or `None` for positions that no process stores.
    #[inline]
    pub(super) fn distance(self, head: u64, tail: u64) -> Option<u64> {
        if head >= self.bound || tail >= self.bound || !(head | tail).is_multiple_of(8) {
            return None;
        }
        let bytes = if tail >= head { tail - head } else { tail + self.bound - head };
        (bytes <= self.size).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn positions_restart_at_a_multiple_of_the_size() {
        let cursor = Cursor::new(12_288);
        let last = (1_u64 << 62) / 12_288 * 12_288 - 8;
        assert_eq!(cursor.offset(last), 12_280);
        assert_eq!(cursor.advance(last, 8), 0);
        assert_eq!(cursor.distance(last, 16), Some(24));
        assert_eq!(cursor.distance(16, last), None);
        assert_eq!(cursor.distance(0, 12_288), Some(12_288));
        for (head, tail) in [(0, 12_296), (4, 8), (0, 4), (last + 8, 0), (0, u64::MAX), (8, 0)] {
            assert_eq!(cursor.distance(head, tail), None, "{head} to {tail}");
        }
    }
}
