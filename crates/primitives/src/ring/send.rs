//! Putting messages.

use super::end_lock::{End, Turn};
use super::layout::{self, FirstWord, WORD_BYTES, record_bytes};
use super::{Ring, Tried};
use shmkit_object::error::{Error, Result};
use std::time::Duration;

impl Ring {
    /// Puts as many of these messages as there is room for, from the first on; how many. They appear all at
    /// once, and nobody who dies on the way leaves anything of them. O(bytes), and one system call if
    /// somebody waits for messages. Without `patience`, another sender at work makes it [`Tried::Busy`].
    ///
    /// # Errors
    /// [`Error::TooLarge`] if one of them is larger than the ring, and none is put then;
    /// [`Error::LockTimeout`] if another sender lives but makes no progress for `patience`;
    /// [`Error::Retired`], [`Error::ReadOnly`], [`Error::Corrupt`].
    pub fn send(&self, messages: &[&[u8]], patience: Option<Duration>) -> Result<Tried<usize>> {
        self.check()?;
        messages.iter().try_for_each(|message| self.check_length(message.len()))?;
        let Some(turn) = Turn::take(self, End::Send, patience)? else { return Ok(Tried::Busy) };
        let sent = self.put(messages)?;
        drop(turn);
        if sent > 0 {
            self.bell(End::Receive).ring();
        }
        Ok(Tried::Done(sent))
    }

    /// # Errors
    /// [`Error::TooLarge`].
    pub fn check_length(&self, length: usize) -> Result<()> {
        let (size, limit) = (length as u64, self.longest());
        if size <= limit { Ok(()) } else { Err(Error::TooLarge { what: "message", size, limit }) }
    }

    /// With the senders' lock held. Whoever dies before the last store leaves bytes that nobody looks at and
    /// the next sender writes over.
    fn put(&self, messages: &[&[u8]]) -> Result<usize> {
        let (region, circle) = (&self.membership.region, self.circle);
        let tail = region.load(layout::TAIL);
        // Acquire, pairs with the commit in `take`: receivers have read what is written over now.
        let used = circle.between(region.load(layout::HEAD), tail).ok_or_else(super::damaged)?;
        let mut free = circle.size - used;
        let number = region.load(layout::SENT);
        let (mut at, mut bytes, mut sent) = (circle.place(tail), 0, 0);
        for message in messages {
            let record = record_bytes(message.len());
            if record > free {
                break;
            }
            // Both lie within the two copies: `at` is in the first, a record is no longer than one.
            self.data.copy_in(at + WORD_BYTES, message);
            self.data.store(at, FirstWord::new(message.len(), number.wrapping_add(sent as u64)).0);
            at += record;
            if at >= circle.size {
                at -= circle.size;
            }
            (free, bytes, sent) = (free - record, bytes + record, sent + 1);
        }
        if sent > 0 {
            // First, so that no two messages ever have one number, whoever dies in between.
            region.store(layout::SENT, number.wrapping_add(sent as u64));
            // The commit. Release: pairs with the load in `take`.
            region.store(layout::TAIL, circle.after(tail, bytes));
        }
        Ok(sent)
    }
}
