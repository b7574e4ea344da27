//! Where everything is in a ring's file.
//!
//! ```text
//!      0  superblock, participants
//! 17,408  senders' line:    lock (4) | - | tail (8) | messages ever sent (8) | take-overs (8)
//! 17,472  receivers' line:  lock (4) | - | head (8) | messages ever received (8) | take-overs (8)
//! 17,536  readable (4): a bell that rings when messages came
//! 17,600  roomy (4): a bell that rings when messages went
//! parameter 1, a multiple of the page size: the messages, parameter 0 bytes, mapped twice in a row
//! ```
//! A message is a word, `length (32) | number (32)`, and its bytes, filled up to a multiple of 8.

use shmkit_object::membership::body_at;
use shmkit_object::participants::SLOTS;

/// Bytes that are mapped once: all but the messages.
pub const HEAD_BYTES: u64 = (ROOMY + 64).next_multiple_of(4096);
/// The senders' lock.
pub const SEND_LOCK: u64 = body_at(SLOTS);
/// Where the next message is put.
pub const TAIL: u64 = SEND_LOCK + 8;
/// How many messages were put.
pub const SENT: u64 = SEND_LOCK + 16;
/// How often the senders' lock was taken over from the dead.
pub const SENDERS_TAKEN_OVER: u64 = SEND_LOCK + 24;
/// The receivers' lock.
pub const RECEIVE_LOCK: u64 = SEND_LOCK + 64;
/// Where the next message is taken.
pub const HEAD: u64 = RECEIVE_LOCK + 8;
/// How many messages were taken.
pub const RECEIVED: u64 = RECEIVE_LOCK + 16;
/// How often the receivers' lock was taken over from the dead.
pub const RECEIVERS_TAKEN_OVER: u64 = RECEIVE_LOCK + 24;
/// Rings for receivers.
pub const READABLE: u64 = SEND_LOCK + 128;
/// Rings for senders.
pub const ROOMY: u64 = SEND_LOCK + 192;

/// Bytes of a message's first word.
pub const WORD_BYTES: u64 = 8;

/// Bytes that a message of this length takes, its first word included.
#[inline]
pub fn record_bytes(length: usize) -> u64 {
    WORD_BYTES + (length as u64).next_multiple_of(8)
}

/// A message's first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstWord(pub u64);

impl FirstWord {
    /// Of the message of this number, counted from 0.
    #[inline]
    pub fn new(length: usize, number: u64) -> Self {
        FirstWord(length as u64 | number << 32)
    }

    /// Bytes of the message.
    #[inline]
    pub fn length(self) -> usize {
        self.0 as u32 as usize
    }

    /// The lower half of its number.
    #[inline]
    pub fn number(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// Counts bytes round and round the ring. Positions only grow, up to a bound that is a multiple of the
/// ring's size, where they begin again: so a position says where a byte is, and a difference how many there are.
#[derive(Debug, Clone, Copy)]
pub struct Circle {
    /// Bytes of the ring.
    pub size: u64,
    bound: u64,
}

impl Circle {
    /// Of a ring of this many bytes, at least 1.
    pub fn new(size: u64) -> Self {
        Circle { size, bound: (1 << 62) / size * size }
    }

    /// Where in the ring a position is.
    #[inline]
    pub fn place(self, position: u64) -> u64 {
        position % self.size
    }

    /// The position this many bytes, at most `size`, after another.
    #[inline]
    pub fn after(self, position: u64, bytes: u64) -> u64 {
        let next = position + bytes;
        if next >= self.bound { next - self.bound } else { next }
    }

    /// Bytes from one position to another; `None` if nobody ever stores such positions.
    #[inline]
    pub fn between(self, head: u64, tail: u64) -> Option<u64> {
        if head >= self.bound || tail >= self.bound || !(head | tail).is_multiple_of(8) {
            return None;
        }
        let bytes = if tail >= head { tail - head } else { tail + self.bound - head };
        (bytes <= self.size).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Circle;

    #[test]
    fn positions_begin_again_at_a_multiple_of_the_size() {
        let circle = Circle::new(12_288);
        let last = (1_u64 << 62) / 12_288 * 12_288 - 8;
        assert_eq!(circle.place(last), 12_280);
        assert_eq!(circle.after(last, 8), 0);
        assert_eq!(circle.between(last, 16), Some(24));
        assert_eq!(circle.between(16, last), None);
        assert_eq!(circle.between(0, 12_288), Some(12_288));
        for (head, tail) in [(0, 12_296), (4, 8), (0, 4), (last + 8, 0), (0, u64::MAX), (8, 0)] {
            assert_eq!(circle.between(head, tail), None, "{head} to {tail}");
        }
    }
}
