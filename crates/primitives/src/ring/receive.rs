//! Taking messages.

use super::end_lock::{End, Turn};
use super::layout::{self, FirstWord, WORD_BYTES, record_bytes};
use super::{Ring, Tried};
use shmkit_object::error::Result;
use std::time::Duration;

/// What was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// So many messages; 0 if there is none.
    Messages(usize),
    /// None, because the next one has more bytes than there is room for.
    TooLong {
        /// Its bytes.
        length: usize,
        /// Bytes that have room for all messages there are now.
        all: u64,
    },
}

impl Ring {
    /// Copies messages to `target`, one behind the other, and their lengths to `lengths`: as many as there
    /// are, as fit, and as there are `lengths`. They are gone from the ring all at once; whoever dies before
    /// that leaves all of them to others. O(bytes), and one system call if somebody waits for room. Without
    /// `patience`, another receiver at work makes it [`Tried::Busy`].
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`] if another receiver lives but makes no progress for `patience`;
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::ReadOnly`],
    /// [`shmkit_object::error::Error::Corrupt`].
    pub fn receive(
        &self,
        target: &mut [u8],
        lengths: &mut [u32],
        patience: Option<Duration>,
    ) -> Result<Tried<Received>> {
        self.check()?;
        // Whoever finds nothing disturbs nobody.
        if self.is_empty() {
            return Ok(Tried::Done(Received::Messages(0)));
        }
        let Some(turn) = Turn::take(self, End::Receive, patience)? else { return Ok(Tried::Busy) };
        let received = self.take(target, lengths)?;
        drop(turn);
        if received != Received::Messages(0) {
            self.bell(End::Send).ring();
        }
        Ok(Tried::Done(received))
    }

    /// With the receivers' lock held. Nothing is changed before the last stores. Whatever others write
    /// meanwhile, each length is read once, and no byte outside of the messages is touched.
    fn take(&self, mut target: &mut [u8], lengths: &mut [u32]) -> Result<Received> {
        let (region, circle) = (&self.membership.region, self.circle);
        let head = region.load(layout::HEAD);
        // Acquire, pairs with the commit in `put`: the messages before it are whole.
        let mut left = circle.between(head, region.load(layout::TAIL)).ok_or_else(super::damaged)?;
        let (mut at, mut bytes, mut received) = (circle.place(head), 0, 0);
        while left > 0 && received < lengths.len() {
            let length = FirstWord(self.data.load(at)).length();
            let record = record_bytes(length);
            if record > left {
                return Err(super::damaged());
            }
            if length > target.len() {
                if received == 0 {
                    return Ok(Received::TooLong { length, all: left });
                }
                break;
            }
            let (place, rest) = target.split_at_mut(length);
            self.data.copy_to(at + WORD_BYTES, place);
            target = rest;
            lengths[received] = length as u32;
            at += record;
            if at >= circle.size {
                at -= circle.size;
            }
            (left, bytes, received) = (left - record, bytes + record, received + 1);
        }
        if received > 0 {
            let count = region.load(layout::RECEIVED).wrapping_add(received as u64);
            region.store(layout::RECEIVED, count);
            // The commit. Release: pairs with the load in `put`, which may write over what was copied.
            region.store(layout::HEAD, circle.after(head, bytes));
        }
        Ok(Received::Messages(received))
    }

    /// Whether there is no message now.
    pub fn is_empty(&self) -> bool {
        let region = &self.membership.region;
        region.load(layout::HEAD) == region.load(layout::TAIL)
    }
}
