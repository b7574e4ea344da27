//! What there is in a ring.

use super::layout::{FirstWord, HEAD, RECEIVED, RECEIVERS_TAKEN_OVER, SENDERS_TAKEN_OVER, SENT, TAIL};
use super::{Ring, damaged};
use shmkit_object::error::Result;

/// Looks at the two ends, before the last look is taken for what it is.
const MOST_LOOKS: u32 = 100;

/// Numbers of one moment, if others were not too busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingStats {
    /// Bytes of the ring.
    pub capacity: u64,
    /// Bytes that messages take now, 8 and the rest of a word for each included.
    pub used: u64,
    /// Messages in it now. One whose sender was killed at the last instruction counts until those before it
    /// are gone.
    pub messages: u64,
    /// Messages ever sent; with those of killed senders, as above.
    pub sent: u64,
    /// Messages ever received; with those that a killed receiver was about to take.
    pub received: u64,
    /// How often the end of senders was taken over from one who died while he sent.
    pub senders_taken_over: u64,
    /// How often that of receivers was.
    pub receivers_taken_over: u64,
}

impl Ring {
    /// What there is. O(1), without a lock.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Corrupt`].
    pub fn stats(&self) -> Result<RingStats> {
        self.membership.live_epoch()?;
        let region = &self.membership.region;
        let mut looks = 0;
        loop {
            let head = region.load(HEAD);
            if !head.is_multiple_of(8) {
                return Err(damaged());
            }
            let (tail, sent) = (region.load(TAIL), region.load(SENT));
            looks += 1;
            let used = self.circle.between(head, tail);
            let word = FirstWord(self.data.load(self.circle.place(head)));
            let is_settled = region.load(HEAD) == head && region.load(TAIL) == tail;
            if !is_settled && looks < MOST_LOOKS {
                continue;
            }
            let messages = u64::from((sent as u32).wrapping_sub(word.number()));
            // If the two ends moved on between the looks, their difference may be anything.
            let used = used.or((!is_settled).then_some(0)).ok_or_else(damaged)?;
            return Ok(RingStats {
                capacity: self.circle.size,
                used,
                messages: if used == 0 { 0 } else { messages.min(used / super::WORD_BYTES) },
                sent,
                received: region.load(RECEIVED),
                senders_taken_over: region.load(SENDERS_TAKEN_OVER),
                receivers_taken_over: region.load(RECEIVERS_TAKEN_OVER),
            });
        }
    }

    /// How many processes have it open for more than looking.
    pub fn living(&self) -> usize {
        self.membership.living().count()
    }
}
