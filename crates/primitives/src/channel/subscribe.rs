//! Subscribers: a position each, in private memory.

use super::Channel;
use super::layout::{self, HEADER_BYTES, damaged, length_and_kind};
use shmkit_object::error::Result;
use shmkit_object::lock::Guard;

/// Bytes that are copied at once, unless a single message has more.
const BATCH_BYTES: u64 = 16 << 10;
/// Bytes of a batch that stay allocated.
const RETAINED: usize = 1 << 20;
/// Copies that posters may overtake before a subscriber locks the channel for one.
const MAX_COPIES: u32 = 100;

/// Where a subscription starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the next message that is posted.
    Now,
    /// With the oldest message in the ring.
    Oldest,
}

/// What a subscriber has heard so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// The position of the next message.
    pub(super) position: u64,
    /// The number of messages posted before the next one, unless some are missed.
    number: u64,
}

/// Messages that follow each other directly.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// The sequence number of the first message.
    pub first: u64,
    /// How many messages the subscriber has missed before the first one.
    pub missed: u64,
    /// The kinds of the messages, and where they are in the bytes.
    messages: Vec<(u8, usize, usize)>,
}

impl Subscription {
    /// Returns a subscription that has come this far; see [`Subscription::position`] and [`Subscription::number`].
    pub fn at(position: u64, number: u64) -> Self {
        Subscription { position, number }
    }

    /// Returns the position of the next message.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Returns the number of messages posted before the next one, unless some are missed.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Batch {
    /// Frees the memory of an unusually large message.
    pub fn trim(&mut self) {
        if self.bytes.capacity() > RETAINED {
            *self = Batch::default();
        }
    }

    /// Returns the kind and the bytes of each message.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.messages.iter().map(|&(kind, at, length)| (kind, &self.bytes[at..at + length]))
    }

    /// Returns the number of messages.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Returns whether there is no message.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    fn clear(&mut self) {
        self.messages.clear();
        (self.first, self.missed) = (0, 0);
    }

    fn word(&self, at: u64) -> u64 {
        let bytes = self.bytes[at as usize..].first_chunk::<8>().expect("it was copied");
        u64::from_le_bytes(*bytes)
    }
}

impl Channel {
    /// Returns the position past the last message. Acquire: pairs with the commit in `write`.
    fn head(&self) -> u64 {
        self.membership.region.load(layout::HEAD)
    }

    fn oldest(&self) -> u64 {
        self.membership.region.load(layout::OLDEST)
    }

    /// Starts a subscription, which is in effect at once. It takes nothing in shared memory.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`], `Retired`, `ReadOnly`, `Corrupt`.
    pub fn subscribe(&self, start: Start) -> Result<Subscription> {
        self.check()?;
        for _ in 0..MAX_COPIES {
            if let Some(subscription) = self.try_subscribe(start)? {
                return Ok(subscription);
            }
        }
        let _guard = Guard::acquire(self, super::LOCK_TIMEOUT)?;
        self.try_subscribe(start)?.ok_or_else(damaged)
    }

    /// Returns `None` if the message at the position was overwritten meanwhile.
    fn try_subscribe(&self, start: Start) -> Result<Option<Subscription>> {
        let position = match start {
            Start::Now => self.head(),
            Start::Oldest => self.oldest(),
        };
        self.positions.distance(position, position)?;
        let number = self.data.load_relaxed(self.positions.offset(position));
        self.data.read_fence();
        Ok((self.oldest() <= position).then_some(Subscription { position, number }))
    }

    /// Returns whether there is a message that the subscriber has not heard.
    pub fn has_news(&self, subscription: &Subscription) -> bool {
        self.head() != subscription.position
    }

    /// Replaces the content of a batch by the next messages, at most `most`; none if there are none yet. O(bytes), and
    /// no system call.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], `Corrupt`.
    pub fn read(&self, subscription: &mut Subscription, batch: &mut Batch, most: usize) -> Result<()> {
        batch.clear();
        self.membership.live_epoch()?;
        let mut limit = BATCH_BYTES;
        for _ in 0..MAX_COPIES {
            match self.try_read(subscription, batch, (most, limit))? {
                Copied::Done => return Ok(()),
                Copied::Partial => limit = self.positions.longest_record(),
                Copied::Overtaken => {}
            }
        }
        let _guard = Guard::acquire(self, super::LOCK_TIMEOUT)?;
        for _ in 0..3 {
            limit = self.positions.longest_record();
            if let Copied::Done = self.try_read(subscription, batch, (most, limit))? {
                return Ok(());
            }
        }
        Err(damaged())
    }

    fn try_read(
        &self,
        subscription: &mut Subscription,
        batch: &mut Batch,
        (most, limit): (usize, u64),
    ) -> Result<Copied> {
        let (start, head) = (subscription.position, self.head());
        if head == start {
            return Ok(Copied::Done);
        }
        let oldest = self.oldest();
        if oldest > start {
            // Whatever lies between the two is lost; its number tells how much that was.
            // No more can be told of the two: by now, posters may have moved the head by more than a ring past this.
            self.positions.check_order(oldest, self.head())?;
            subscription.position = oldest;
            return Ok(Copied::Overtaken);
        }
        let length = self.positions.distance(start, head)?.min(limit);
        batch.bytes.clear();
        self.data.append_bytes(self.positions.offset(start), length as usize, &mut batch.bytes);
        // Pairs with the fence of posters.
        self.data.read_fence();
        // `oldest` is always where a message starts, so those from it on are whole.
        let intact = self.oldest().max(start);
        if intact >= start + length {
            return Ok(Copied::Overtaken);
        }
        self.positions.distance(start, intact)?;
        let parsed = self.parse(batch, (intact - start, length), most)?;
        if batch.is_empty() {
            subscription.position = intact;
            return Ok(Copied::Partial);
        }
        batch.missed = batch.first.wrapping_sub(1).checked_sub(subscription.number).ok_or_else(damaged)?;
        subscription.position = start + parsed;
        let heard = batch.missed.wrapping_add(batch.messages.len() as u64);
        subscription.number = subscription.number.wrapping_add(heard);
        Ok(Copied::Done)
    }

    /// Finds the whole messages in the copied bytes from `at` up to `end`. Returns where they end.
    fn parse(&self, batch: &mut Batch, (mut at, end): (u64, u64), most: usize) -> Result<u64> {
        let first = at;
        while batch.messages.len() < most && at + HEADER_BYTES <= end {
            let (number, form) = (batch.word(at), batch.word(at + 8));
            let record = self.positions.record(form, u64::MAX)?;
            if at + record > end {
                break;
            }
            if at == first {
                batch.first = number.wrapping_add(1);
            } else if number.wrapping_add(1) != batch.first.wrapping_add(batch.messages.len() as u64) {
                return Err(damaged());
            }
            let (length, kind) = length_and_kind(form);
            batch.messages.push((kind, (at + HEADER_BYTES) as usize, length));
            at += record;
        }
        Ok(at)
    }
}

/// The outcome of one attempt to copy messages.
enum Copied {
    /// They are in the batch, or there are none.
    Done,
    /// Posters have overwritten them meanwhile.
    Overtaken,
    /// Not even the first one is whole.
    Partial,
}
