//! Sending messages.

use super::end_lock::{self, RingEnd};
use super::layout::{self, HEADER_BYTES, MessageHeader, record_bytes};
use super::{EndAttempt, Ring};
use shmkit_object::error::{Error, Result};
use std::time::Duration;

impl Ring {
    /// Sends as many of these messages as there is space for, from the first on, and returns how many. They
    /// become visible together; a sender that dies before that leaves nothing of them. O(bytes), and one
    /// system call if a receiver waits. Without a `lock_timeout`, the outcome is [`EndAttempt::Busy`] while
    /// another sender holds the lock.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if one of them is larger than the ring, and then none is sent;
    /// [`Error::LockTimeout`] if another sender lives but makes no progress for `lock_timeout`;
    /// [`Error::Retired`], [`Error::ReadOnly`], [`Error::Corrupt`].
    pub fn send(&self, messages: &[&[u8]], lock_timeout: Option<Duration>) -> Result<EndAttempt<usize>> {
        self.check()?;
        messages.iter().try_for_each(|message| self.check_length(message.len()))?;
        let Some(guard) = end_lock::acquire(self, RingEnd::Send, lock_timeout)? else {
            return Ok(EndAttempt::Busy);
        };
        let sent = self.write(messages)?;
        drop(guard);
        if sent > 0 {
            self.event(RingEnd::Receive).notify();
        }
        Ok(EndAttempt::Done(sent))
    }

    fn check_length(&self, length: usize) -> Result<()> {
        let (size, limit) = (length as u64, self.longest());
        if size <= limit { Ok(()) } else { Err(Error::TooLarge { what: "message", size, limit }) }
    }

    /// Writes and commits messages. The caller must hold the senders' lock. A sender that dies before the
    /// last store leaves bytes that no receiver reads and the next sender overwrites.
    fn write(&self, messages: &[&[u8]]) -> Result<usize> {
        let (region, cursor) = (&self.membership.region, self.cursor);
        let tail = region.load(layout::TAIL);
        // Receivers have read what is overwritten now.
        let used = cursor.distance(self.freed_to(), tail).ok_or_else(super::damaged)?;
        let mut free = cursor.size - used;
        let number = region.load(layout::SENT);
        let (mut at, mut bytes, mut sent) = (cursor.offset(tail), 0, 0);
        for message in messages {
            let record = record_bytes(message.len());
            if record > free {
                break;
            }
            // Both lie within the two copies: `at` is in the first, and a record is no longer than one.
            self.data.copy_in(at + HEADER_BYTES, message);
            self.data.store(at, MessageHeader::new(message.len(), number.wrapping_add(sent as u64)).0);
            at += record;
            if at >= cursor.size {
                at -= cursor.size;
            }
            (free, bytes, sent) = (free - record, bytes + record, sent + 1);
        }
        if sent > 0 {
            // Before the commit, so that no two messages get the same number, wherever a sender dies.
            region.store(layout::SENT, number.wrapping_add(sent as u64));
            // The commit. Release: pairs with the load in `take`.
            region.store(layout::TAIL, cursor.advance(tail, bytes));
        }
        Ok(sent)
    }
}
