//! One quick look for a key, which is all that most reads need.
//!
//! It knows only plain entries ([`crate::entry::plain`]) and does nothing twice. Whatever is otherwise, or
//! changes under it, is left to the general way, which starts again.

use super::result::{Reading, Time, Witness};
use crate::entry::plain::{Plain, Sought};
use crate::index::{Look, Probe, look_into, passed};
use crate::layout::geometry::Geometry;
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::value::Key;
use shmkit_object::region::Word;
use shmkit_object::superblock::EpochWord;

/// What a look showed.
pub(crate) enum Glance<T> {
    /// The entry, what was made of its value, and what it rests on.
    Found(Reading<T>, Witness),
    /// The key is not there.
    Missing,
    /// It takes a closer look.
    Unclear,
}

/// A word, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// Offset of the word.
    pub(crate) at: u64,
    /// The word.
    pub(crate) word: IndexWord,
    /// Its place, to look at it again.
    place: Word<'a>,
}

/// Where a search for a tag ends.
pub(crate) enum Sighted<'a> {
    /// At a word with the tag.
    Word(Sight<'a>),
    /// No key of this tag is there.
    Nothing,
    /// Something changed under it, or it was too long.
    Unclear,
}

impl Dict {
    /// Looks for a key's live entry, and lets `make` something of it before it is known to be whole: once at
    /// most. It takes a closer look if there is nothing to make.
    #[inline(always)]
    pub(crate) fn glance<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: EpochWord,
        time: Time,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Glance<T> {
        match self.seek(hash) {
            Sighted::Word(sight) => self.glance_at(sight, key, epoch, time, make),
            Sighted::Nothing => Glance::Missing,
            Sighted::Unclear => Glance::Unclear,
        }
    }

    /// Looks for the first word of a key's tag. Most searches end in the first bucket.
    #[inline(always)]
    pub(crate) fn seek(&self, hash: KeyHash) -> Sighted<'_> {
        let geometry = &self.segment.geometry;
        let shard = hash.shard(geometry.shards);
        let (mut number, mut passes) = (hash.home(geometry.buckets), 0);
        loop {
            let at = geometry.bucket(shard, number);
            let bucket = self.segment.region.line(at);
            match look_into(bucket, hash.tag()) {
                Look::Word(slot, word, place) => {
                    return Sighted::Word(Sight { at: at + slot * 8, word, place });
                }
                Look::Changed => return Sighted::Unclear,
                Look::Nothing if passed(bucket) == 0 => return Sighted::Nothing,
                Look::Nothing => {}
            }
            passes += 1;
            match next_bucket(hash, geometry, passes) {
                Some(next) => number = next,
                None => return Sighted::Unclear,
            }
        }
    }

    /// Reads what a word of the key's tag leads to. In one case of 2^16 it is another key's.
    #[inline(always)]
    fn glance_at<T>(
        &self,
        sight: Sight<'_>,
        key: Key<'_>,
        epoch: EpochWord,
        time: Time,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Glance<T> {
        let Sight { at, word, place } = sight;
        let segment = &*self.segment;
        let sought = Sought::new(key, epoch.tag());
        let Some(entry) = sought.find_in(segment, word.block(), key) else { return Glance::Unclear };
        let Some(made) = make(&entry) else { return Glance::Unclear };
        // The index word, the clock where it matters, the index word again, the version: see `read`.
        segment.region.read_fence();
        let mut stands = place.load() == word.0;
        let mut seen_at = 0;
        if entry.deadline != 0 {
            let is_ahead = match time {
                Time::Come => !segment.clock.has_come(entry.deadline),
                Time::Left => {
                    seen_at = segment.clock.now();
                    entry.deadline > seen_at
                }
            };
            stands &= is_ahead && place.load() == word.0;
        }
        if !stands || !entry.stands() {
            return Glance::Unclear;
        }
        let reading = Reading { made, version: entry.version.0, deadline: entry.deadline, seen_at };
        Glance::Found(reading, Witness::new(epoch, at, word, entry.version))
    }
}

/// The bucket behind so many others.
#[cold]
#[inline(never)]
fn next_bucket(hash: KeyHash, geometry: &Geometry, passes: usize) -> Option<u32> {
    Probe::new(hash, geometry).nth(passes)
}
