//! Reading one shard's ring; see [`crate::feed`] for the protocol. What it contains is not trusted: positions are bounded by
//! private geometry, and each step moves the cursor.

use super::Head;
use crate::feed::{Change, WIDE, WITHOUT_KEY};
use crate::layout::feed::{FeedPart, HEAD, REBUILDS, RECORD_HEADER, RESERVED, record_bytes};
use crate::shard::Shard;
use crate::value::Key;

/// Bytes that are copied at once: several of the largest records.
const CHUNK: u64 = 256 << 10;
/// How often finding the head may fail, each time because a whole ring was written.
const MOST_ATTEMPTS: u32 = 8;

/// What is read.
pub(super) enum Heard<'k> {
    /// A record, whose key was left out if it did not fit.
    Record { change: Change, head: Head, version: u64, key: Option<Key<'k>> },
    /// This many records are lost, or an unknown number.
    Missed(Option<u64>),
}

/// How a watcher got to the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Skip {
    /// It knows the ordinal of the next record.
    Exact,
    /// The memory is damaged.
    Damaged,
    /// It did not: writers were faster.
    Overtaken,
}

/// How far a watcher has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShardCursor {
    position: u64,
    /// The ordinal of the record at the position.
    ordinal: u64,
    rebuilds: u64,
}

fn part_of(shard: &Shard<'_>) -> FeedPart {
    shard.segment.geometry.feed_part(shard.id)
}

impl ShardCursor {
    /// Returns the cursor past the last record. The caller must hold the shard's lock.
    pub(super) fn at_head(shard: &Shard<'_>) -> ShardCursor {
        let (region, part) = (&shard.segment.region, part_of(shard));
        let position = region.load(part.at + HEAD);
        let ordinal = region.load_relaxed(part.position(position));
        ShardCursor { position, ordinal, rebuilds: region.load(part.at + REBUILDS) }
    }

    /// Returns the cursor this many records of a short key before the head.
    #[cfg(loom)]
    pub(super) fn behind(shard: &Shard<'_>, records: u64) -> ShardCursor {
        let ShardCursor { position, ordinal, rebuilds } = ShardCursor::at_head(shard);
        ShardCursor { position: position - records * record_bytes(1), ordinal: ordinal - records, rebuilds }
    }

    /// Returns whether there is something to read.
    pub(super) fn is_behind(&self, shard: &Shard<'_>) -> bool {
        let (region, part) = (&shard.segment.region, part_of(shard));
        region.load(part.at + HEAD) != self.position || region.load(part.at + REBUILDS) != self.rebuilds
    }

    /// Reads about `most` records. Returns whether there may be more.
    pub(super) fn read(
        &mut self,
        shard: &Shard<'_>,
        buffer: &mut Vec<u8>,
        most: usize,
        hear: &mut dyn FnMut(Heard<'_>),
    ) -> bool {
        let (region, part) = (&shard.segment.region, part_of(shard));
        let rebuilds = region.load(part.at + REBUILDS);
        if rebuilds != self.rebuilds {
            if self.skip(shard) != Skip::Overtaken {
                self.rebuilds = rebuilds;
                hear(Heard::Missed(None));
            }
            return true;
        }
        // Acquire: pairs with the Release of the writers' stores of the head.
        let ahead = region.load(part.at + HEAD).wrapping_sub(self.position);
        if ahead == 0 {
            return false;
        }
        let bytes = ahead.min(part.ring).min(CHUNK);
        buffer.clear();
        shard.copy_ring(&part, self.position, bytes, buffer);
        // Acquire: pairs with the Release fence of writers between `reserved` and a record.
        region.read_fence();
        let reserved = region.load_relaxed(part.at + RESERVED);
        if reserved.wrapping_sub(self.position) > part.ring {
            return self.overrun(shard, hear);
        }
        let mut at = 0;
        for _ in 0..most {
            let Some(record) = buffer.get(at as usize..).filter(|rest| !rest.is_empty()) else { break };
            match self.parse(record, hear) {
                Some(length) => at += length,
                // It goes on past what was copied.
                None if at > 0 && bytes < ahead => break,
                None => return self.damaged(shard, hear),
            }
        }
        at < ahead
    }

    /// Reads the record at the start of `bytes`; returns its length, or `None` if there is none.
    fn parse(&mut self, bytes: &[u8], hear: &mut dyn FnMut(Heard<'_>)) -> Option<u64> {
        let word = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let (ordinal, version, head) = (word(0)?, word(8)?, Head::decode(word(16)?));
        let length = record_bytes(u64::from(head.key_len));
        let (start, change) = (RECORD_HEADER as usize, Change::of(head.kind)?);
        let key = bytes.get(start..length as usize)?.get(..usize::from(head.key_len))?;
        if ordinal != self.ordinal {
            return None;
        }
        let key = match head.flags & WITHOUT_KEY {
            0 => Some(Key::new(key, head.flags & WIDE != 0).ok()?),
            _ => None,
        };
        self.position = self.position.wrapping_add(length);
        self.ordinal = ordinal.wrapping_add(1);
        hear(Heard::Record { change, head, version, key });
        Some(length)
    }

    /// Goes on at the head.
    fn skip(&mut self, shard: &Shard<'_>) -> Skip {
        let (region, part) = (&shard.segment.region, part_of(shard));
        for _ in 0..MOST_ATTEMPTS {
            let position = region.load(part.at + HEAD);
            let ordinal = region.load_relaxed(part.position(position));
            region.read_fence();
            let reserved = region.load_relaxed(part.at + RESERVED);
            let is_whole = reserved.wrapping_sub(position) <= part.ring;
            // No writer reserves more than a ring past the head.
            if is_whole || region.load(part.at + HEAD) == position {
                *self = ShardCursor { position, ordinal, ..*self };
                return if is_whole { Skip::Exact } else { Skip::Damaged };
            }
        }
        Skip::Overtaken
    }

    fn overrun(&mut self, shard: &Shard<'_>, hear: &mut dyn FnMut(Heard<'_>)) -> bool {
        let expected = self.ordinal;
        match self.skip(shard) {
            Skip::Exact => hear(Heard::Missed(Some(self.ordinal.wrapping_sub(expected)))),
            Skip::Damaged => hear(Heard::Missed(None)),
            Skip::Overtaken => {}
        }
        true
    }

    fn damaged(&mut self, shard: &Shard<'_>, hear: &mut dyn FnMut(Heard<'_>)) -> bool {
        if self.skip(shard) != Skip::Overtaken {
            hear(Heard::Missed(None));
        }
        true
    }
}
