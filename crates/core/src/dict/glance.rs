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
use std::ops::ControlFlow;

/// What a look showed.
pub(super) enum Glance<T> {
    /// The entry, what was made of its value, and what it rests on.
    Found(Reading<T>, Witness),
    /// The key is not there.
    Missing,
    /// It takes a closer look.
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
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let shard = hash.shard(geometry.shards);
        let look = |number: u32| {
            let bucket = geometry.bucket(shard, number);
            match look_into(region, bucket, hash.tag()) {
                Look::Nothing if region.load32(bucket + OVERFLOW) != 0 => ControlFlow::Continue(()),
                look => ControlFlow::Break((bucket, look)),
            }
        };
        // Most searches end in the first bucket, and need no step to the next.
        let ended = match look(hash.home(geometry.buckets)) {
            ControlFlow::Continue(()) => Probe::new(hash, geometry).skip(1).try_for_each(look),
            ended => ended,
        };
        match ended {
            ControlFlow::Break((bucket, Look::Word(slot, word))) => {
                self.glance_at(bucket + slot * 8, word, key, epoch, time, make)
            }
            ControlFlow::Break((_, Look::Nothing)) => Glance::Missing,
            ControlFlow::Break((_, Look::Changed)) | ControlFlow::Continue(()) => Glance::Unclear,
        }
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
