//! Posting messages.

use super::layout::{self, HEADER_BYTES, NUMBER_BYTES, form, record_bytes};
use super::{Channel, Message};
use shmkit_object::error::{Error, Result};
use shmkit_object::lock::Guard;
use std::time::Duration;

impl Channel {
    /// Posts a message and returns its sequence number, counted from 1. The oldest messages give way; only posters that
    /// copy their messages are waited for. O(bytes), and one system call if a subscriber sleeps.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above a quarter of the ring; [`Error::LockTimeout`] if another poster lives but makes no
    /// progress for `lock_timeout`; [`Error::Retired`], [`Error::ReadOnly`], [`Error::Corrupt`].
    pub fn post(&self, message: Message<'_>, lock_timeout: Duration) -> Result<u64> {
        self.check()?;
        let (size, limit) = (message.bytes.len() as u64, self.longest());
        if size > limit {
            return Err(Error::TooLarge { what: "message", size, limit });
        }
        let guard = Guard::acquire(self, lock_timeout)?;
        let sequence = self.write(message)?;
        drop(guard);
        self.event().notify();
        Ok(sequence)
    }

    /// Writes and commits a message. The caller must hold the lock. A poster that dies before the last store leaves bytes
    /// that no subscriber reads and the next poster overwrites; the messages that gave way to it are gone.
    fn write(&self, Message { kind, bytes }: Message<'_>) -> Result<u64> {
        let (region, data) = (&self.membership.region, &self.data);
        let (record, head) = (record_bytes(bytes.len()), region.load(layout::HEAD));
        self.make_room(head, record + NUMBER_BYTES)?;
        let at = self.positions.offset(head);
        let number = data.load(at);
        // All of it lies within the two copies: `at` is in the first, and a message is no longer than a quarter.
        data.store(at + 8, form(bytes.len(), kind));
        data.copy_in(at + HEADER_BYTES, bytes);
        let sequence = number.wrapping_add(1);
        // Past the message, so that it counts from the commit on: no death comes between the two.
        data.store(at + record, sequence);
        // The commit. Release: pairs with the load in `Channel::head`.
        region.store(layout::HEAD, head + record);
        Ok(sequence)
    }

    /// Moves `oldest` past all messages that writing these bytes at `head` overwrites.
    fn make_room(&self, head: u64, bytes: u64) -> Result<()> {
        let region = &self.membership.region;
        let first = region.load(layout::OLDEST);
        let mut left = self.positions.distance(first, head)?;
        let mut oldest = first;
        while left + bytes > self.positions.size {
            let form = self.data.load(self.positions.offset(oldest) + 8);
            let record = self.positions.record(form, left)?;
            (oldest, left) = (oldest + record, left - record);
        }
        if oldest != first {
            region.store(layout::OLDEST, oldest);
            // Pairs with the fence of subscribers: one that reads a byte written after this sees `oldest`.
            region.write_fence();
        }
        Ok(())
    }
}
