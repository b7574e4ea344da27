//! Counts of a ring.

use super::layout::{HEAD, MessageHeader, RECEIVED, RECEIVERS_TAKEN_OVER, SENDERS_TAKEN_OVER, SENT, TAIL};
use super::{Ring, damaged};
use shmkit_object::error::Result;

/// Reads of the two ends, after which the last one is used although they keep moving.
const MAX_READS: u32 = 100;

/// Counts of one moment, unless the two ends kept moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingStats {
    /// Bytes of the ring.
    pub capacity: u64,
    /// Bytes that messages take now: for each, 8 and its length rounded up to a multiple of 8.
    pub used: u64,
    /// Messages in it now. One whose sender was killed at the last instruction counts until those before it
    /// are gone.
    pub messages: u64,
    /// Messages ever sent, including those of killed senders as above.
    pub sent: u64,
    /// Messages ever received, including those that a killed receiver was about to commit.
    pub received: u64,
    /// How often the senders' lock was taken over from a sender that died.
    pub senders_taken_over: u64,
    /// How often the receivers' lock was taken over from a receiver that died.
    pub receivers_taken_over: u64,
}

/// Returns the number of messages in `used` bytes, the oldest of which has this header.
pub(super) fn messages(used: u64, sent: u64, oldest: MessageHeader) -> u64 {
    let messages = u64::from((sent as u32).wrapping_sub(oldest.number()));
    if used == 0 { 0 } else { messages.min(used / super::HEADER_BYTES) }
}

impl Ring {
    /// Returns the ring's counts. O(1), without a lock.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Corrupt`].
    pub fn stats(&self) -> Result<RingStats> {
        self.membership.live_epoch()?;
        let region = &self.membership.region;
        let mut reads = 0;
        loop {
            let head = region.load(HEAD);
            if !head.is_multiple_of(8) {
                return Err(damaged());
            }
            let (tail, sent) = (region.load(TAIL), region.load(SENT));
            reads += 1;
            let used = self.cursor.distance(head, tail);
            let header = MessageHeader(self.data.load(self.cursor.offset(head)));
            let is_settled = region.load(HEAD) == head && region.load(TAIL) == tail;
            if !is_settled && reads < MAX_READS {
                continue;
            }
            // If the two ends moved between the loads, their difference may be anything.
            let used = used.or((!is_settled).then_some(0)).ok_or_else(damaged)?;
            return Ok(RingStats {
                capacity: self.cursor.size,
                used,
                messages: messages(used, sent, header),
                sent,
                received: region.load(RECEIVED),
                senders_taken_over: region.load(SENDERS_TAKEN_OVER),
                receivers_taken_over: region.load(RECEIVERS_TAKEN_OVER),
            });
        }
    }

    /// Returns the number of processes attached for writing.
    pub fn processes(&self) -> usize {
        self.membership.living().count()
    }
}
