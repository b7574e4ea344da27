//! One quick look for a key, which is all that most reads need.
//!
//! It knows only plain entries ([`crate::entry::plain`]) and does nothing twice. Whatever is otherwise, or
//! changes under it, is left to the general way, which starts again.

use super::Dict;
use super::reading::{Reading, Time, Witness};
use crate::entry::plain::Sought;
use crate::entry::seen::Seen;
use crate::index::hash::KeyHash;
use crate::index::{Look, OVERFLOW, Probe, look_into};
use crate::layout::superblock::EpochWord;
use crate::layout::word::IndexWord;
use crate::value::Key;

/// What a look showed.
pub(super) enum Glance<T> {
    /// The entry, what was made of its value, and what it rests on.
    Found(Reading<T>, Witness),
    /// The key is not there.
    Missing,
    /// It takes a closer look.
    Unclear,
}

/// Where a search for a tag ends.
pub(super) enum Sighted {
    /// At the word that stands at this offset.
    Word(u64, IndexWord),
    /// No key of this tag is there.
    Nothing,
    /// Something changed under it, or it was too long.
    Unclear,
}

impl Dict {
    /// Looks for a key's live entry, and lets `make` something of its value before it is known to be
    /// whole: once at most.
    #[inline(always)]
    pub(super) fn glance<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: EpochWord,
        time: Time,
        make: impl FnOnce(Seen<'_>) -> T,
    ) -> Glance<T> {
        match self.seek(hash) {
            Sighted::Word(at, word) => self.glance_at(at, word, key, epoch, time, make),
            Sighted::Nothing => Glance::Missing,
            Sighted::Unclear => Glance::Unclear,
        }
    }

    /// Looks for the first word of a key's tag. Most searches end in the first bucket.
    #[inline(always)]
    pub(super) fn seek(&self, hash: KeyHash) -> Sighted {
        self.seek_in(hash, hash.home(self.segment.geometry.buckets)).unwrap_or_else(|| self.seek_on(hash))
    }

    /// Looks into a bucket; `None` if the search goes on behind it.
    #[inline(always)]
    fn seek_in(&self, hash: KeyHash, number: u32) -> Option<Sighted> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let bucket = geometry.bucket(hash.shard(geometry.shards), number);
        match look_into(region, bucket, hash.tag()) {
            Look::Word(slot, word) => Some(Sighted::Word(bucket + slot * 8, word)),
            Look::Changed => Some(Sighted::Unclear),
            Look::Nothing => (region.load32(bucket + OVERFLOW) == 0).then_some(Sighted::Nothing),
        }
    }

    /// The search behind the first bucket.
    #[inline(never)]
    fn seek_on(&self, hash: KeyHash) -> Sighted {
        let mut behind = Probe::new(hash, &self.segment.geometry).skip(1);
        behind.find_map(|number| self.seek_in(hash, number)).unwrap_or(Sighted::Unclear)
    }

    /// Reads what a word of the key's tag leads to. In one case of 2^16 it is another key's.
    #[inline(always)]
    fn glance_at<T>(
        &self,
        at: u64,
        word: IndexWord,
        key: Key<'_>,
        epoch: EpochWord,
        time: Time,
        make: impl FnOnce(Seen<'_>) -> T,
    ) -> Glance<T> {
        let segment = &*self.segment;
        let sought = Sought::new(key, epoch.tag());
        let Some(entry) = sought.find_in(segment, word.block(), key) else { return Glance::Unclear };
        let made = make(entry.seen(segment, word.block()));
        // The index word, the clock where it matters, the index word again, the version: see `read`.
        segment.region.read_fence();
        let mut stands = segment.region.load(at) == word.0;
        let mut seen_at = 0;
        if entry.deadline != 0 {
            let is_ahead = match time {
                Time::Come => !segment.clock.has_come(entry.deadline),
                Time::Left => {
                    seen_at = segment.clock.now();
                    entry.deadline > seen_at
                }
            };
            stands &= is_ahead && segment.region.load(at) == word.0;
        }
        if !stands || segment.region.load(word.block()) != entry.version.0 {
            return Glance::Unclear;
        }
        let reading = Reading { made, version: entry.version.0, deadline: entry.deadline, seen_at };
        Glance::Found(reading, Witness::new(epoch, at, word, entry.version))
    }
}
