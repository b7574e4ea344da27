//! Counts of a channel.

use super::Channel;
use super::layout::{HEAD, OLDEST, TAKEN_OVER};
use shmkit_object::error::Result;

/// Reads after which the last one is used although messages keep coming.
const MAX_READS: u32 = 100;

/// Counts of one moment, unless posters kept moving the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelStats {
    /// Bytes of the ring.
    pub capacity: u64,
    /// Bytes that messages take now: for each, 16 and its length rounded up to a multiple of 8.
    pub used: u64,
    /// Messages in it now.
    pub messages: u64,
    /// Messages ever posted: the sequence number of the last one.
    pub posted: u64,
    /// How often the lock was taken over from a poster that died.
    pub taken_over: u64,
}

impl Channel {
    /// Returns the channel's counts. O(1), without a lock.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Corrupt`].
    pub fn stats(&self) -> Result<ChannelStats> {
        self.membership.live_epoch()?;
        let region = &self.membership.region;
        let mut reads = 0;
        loop {
            let (oldest, head) = (region.load(OLDEST), region.load(HEAD));
            let [first, posted] =
                [oldest, head].map(|position| self.data.load(self.positions.offset(position & !7)));
            reads += 1;
            let is_settled = region.load(OLDEST) == oldest && region.load(HEAD) == head;
            if !is_settled && reads < MAX_READS {
                continue;
            }
            let used = match self.positions.distance(oldest, head) {
                Err(error) if is_settled => return Err(error),
                used => used.unwrap_or(0),
            };
            return Ok(ChannelStats {
                capacity: self.positions.size,
                used,
                messages: posted.saturating_sub(first).min(used / super::layout::HEADER_BYTES),
                posted,
                taken_over: region.load(TAKEN_OVER),
            });
        }
    }

    /// Returns the number of processes attached for writing.
    pub fn processes(&self) -> usize {
        self.membership.living().count()
    }
}
