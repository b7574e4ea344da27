//! Looking at messages that stay in the ring.

use super::layout::{self, HEADER_BYTES, MessageHeader, record_bytes};
use super::{Ring, damaged};
use shmkit_object::error::Result;

/// Messages that receivers may take away while they are copied, before the copies so far are returned.
const MAX_LOST: u32 = 100;

impl Ring {
    /// Returns copies of the oldest messages, at most `most`, each of which was in the ring when it was copied, and changes
    /// nothing. O(bytes), without a lock, so that read-only handles can.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Corrupt`].
    pub fn peek(&self, most: usize) -> Result<Vec<Vec<u8>>> {
        self.membership.live_epoch()?;
        let (region, cursor) = (&self.membership.region, self.cursor);
        let (mut messages, mut lost) = (Vec::new(), 0);
        let mut at = region.load(layout::HEAD);
        while messages.len() < most && lost < MAX_LOST {
            // Acquire, pairs with the commit in `write`: the messages before it are whole.
            let tail = self.tail();
            let copied = self.copy_message(at, tail);
            region.read_fence();
            // Senders write over a message only after `head` has passed it.
            let head = region.load(layout::HEAD);
            if head != at && cursor.distance(head, at).is_none() {
                (at, lost) = (head, lost + 1);
                continue;
            }
            let Some((message, next)) = copied? else { break };
            messages.push(message);
            at = next;
        }
        Ok(messages)
    }

    /// Copies the message at a position, and returns it with the position of the next one; `None` at the tail. Damage may
    /// be that of a message that was written over meanwhile.
    fn copy_message(&self, at: u64, tail: u64) -> Result<Option<(Vec<u8>, u64)>> {
        let left = self.cursor.distance(at, tail).ok_or_else(damaged)?;
        if left == 0 {
            return Ok(None);
        }
        let offset = self.cursor.offset(at);
        let length = MessageHeader(self.data.load(offset)).length();
        let record = record_bytes(length);
        if record > left {
            return Err(damaged());
        }
        let mut message = Vec::new();
        self.data.copy_out(offset + HEADER_BYTES, length, &mut message);
        Ok(Some((message, self.cursor.advance(at, record))))
    }
}
