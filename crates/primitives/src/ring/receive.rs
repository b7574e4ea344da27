//! Receiving messages.

use super::end_lock::{self, RingEnd};
use super::layout::{self, HEADER_BYTES, MessageHeader, record_bytes};
use super::{EndAttempt, Ring};
use shmkit_object::error::Result;
use std::time::Duration;

/// What was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// This many messages; 0 if the ring is empty.
    Messages(usize),
    /// None, because the next message does not fit into the target.
    TooLong {
        /// Its bytes.
        length: usize,
        /// Bytes of a target that has space for all messages in the ring now.
        all: u64,
    },
}

impl Ring {
    /// Copies messages to `target`, one after the other, and their lengths to `lengths`: as many as there
    /// are, as fit, and as there are `lengths`. They leave the ring together; a receiver that dies before
    /// that leaves all of them to others. O(bytes), and one system call if a sender waits for space.
    /// Without a `lock_timeout`, the outcome is [`EndAttempt::Busy`] while another receiver holds the lock.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`] if another receiver lives but makes no progress for
    /// `lock_timeout`; [`shmkit_object::error::Error::Retired`],
    /// [`shmkit_object::error::Error::ReadOnly`], [`shmkit_object::error::Error::Corrupt`].
    pub fn receive(
        &self,
        target: &mut [u8],
        lengths: &mut [u32],
        lock_timeout: Option<Duration>,
    ) -> Result<EndAttempt<Received>> {
        self.check()?;
        // An empty ring is left without touching the lock, so that polling disturbs no other receiver.
        if self.is_empty() && !self.is_wipe_due() {
            return Ok(EndAttempt::Done(Received::Messages(0)));
        }
        let Some(guard) = end_lock::acquire(self, RingEnd::Receive, lock_timeout)? else {
            return Ok(EndAttempt::Busy);
        };
        let received = self.take(target, lengths)?;
        drop(guard);
        if received != Received::Messages(0) {
            self.event(RingEnd::Send).notify();
        }
        Ok(EndAttempt::Done(received))
    }

    /// Copies messages out and commits. The caller must hold the receivers' lock. Nothing is changed before
    /// the last stores. Whatever other processes write meanwhile, each length is read once, and no byte
    /// outside of the messages is touched.
    fn take(&self, mut target: &mut [u8], lengths: &mut [u32]) -> Result<Received> {
        let (region, cursor) = (&self.membership.region, self.cursor);
        let head = region.load(layout::HEAD);
        // Acquire, pairs with the commit in `write`: the messages before it are whole.
        let mut left = cursor.distance(head, region.load(layout::TAIL)).ok_or_else(super::damaged)?;
        let (mut at, mut bytes, mut received) = (cursor.offset(head), 0, 0);
        while left > 0 && received < lengths.len() {
            let length = MessageHeader(self.data.load(at)).length();
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
            let (next, rest) = target.split_at_mut(length);
            self.data.copy_to(at + HEADER_BYTES, next);
            target = rest;
            lengths[received] = length as u32;
            at += record;
            if at >= cursor.size {
                at -= cursor.size;
            }
            (left, bytes, received) = (left - record, bytes + record, received + 1);
        }
        if received > 0 {
            let count = region.load(layout::RECEIVED).wrapping_add(received as u64);
            region.store(layout::RECEIVED, count);
            // The commit. Release: pairs with the load in `freed_to`: senders may overwrite what was copied.
            region.store(layout::HEAD, cursor.advance(head, bytes));
            if self.wipe {
                self.wipe_received()?;
            }
        }
        Ok(Received::Messages(received))
    }

    /// Returns whether there is no message now.
    pub fn is_empty(&self) -> bool {
        self.membership.region.load(layout::HEAD) == self.tail()
    }

    /// Returns the position after the last message.
    pub(super) fn tail(&self) -> u64 {
        self.membership.region.load(layout::TAIL)
    }
}
