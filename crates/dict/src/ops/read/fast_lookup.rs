//! The fast-path lookup, which handles most reads.
//!
//! It knows only plain entries ([`crate::entry::plain`]) and tries everything once. All other entries, and any
//! concurrent change, are left to the slow path, which starts over.

use super::result::{ClockUse, ReadResult, Validator};
use crate::entry::plain::{KeyPattern, Plain};
use crate::index::{BucketScan, overflow_count, scan_bucket};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::value::Key;
use shmkit_object::region::Word;
use shmkit_object::superblock::EpochWord;

/// Outcome of a fast-path lookup.
pub(crate) enum Lookup<T> {
    /// The key has a live entry: what the caller made of its value, and how to check that it is still current.
    Found(ReadResult<T>, Validator),
    /// The key has no live entry.
    Missing,
    /// The slow path must decide.
    Unclear,
}

/// An index slot whose word has the tag that was searched for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot<'a> {
    /// Offset of the slot.
    pub(crate) at: u64,
    /// The index word that was read.
    pub(crate) word: IndexWord,
    /// The slot itself, to load it again.
    cell: Word<'a>,
}

/// Outcome of a probe.
pub(crate) enum ProbeResult<'a> {
    /// The first slot whose word has the tag.
    Slot(Slot<'a>),
    /// No key with this tag is in the index.
    Missing,
    /// The index changed during the probe, or the probe sequence ended.
    Unclear,
}

impl Dict {
    /// Looks up a key's live entry. Calls `make` at most once, before the entry is validated; the slow path must
    /// decide if it returns `None`.
    #[inline(always)]
    pub(crate) fn fast_lookup<const GROWS: bool, T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: EpochWord,
        clock: ClockUse,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Lookup<T> {
        match self.probe::<GROWS>(hash) {
            ProbeResult::Slot(slot) => self.fast_lookup_at(slot, key, epoch, clock, make),
            ProbeResult::Missing => Lookup::Missing,
            ProbeResult::Unclear => Lookup::Unclear,
        }
    }

    /// Finds the first index word with the key's tag. Most probes end in the home bucket.
    #[inline(always)]
    pub(crate) fn probe<const GROWS: bool>(&self, hash: KeyHash) -> ProbeResult<'_> {
        let geometry = &self.segment.geometry;
        let shard = hash.shard(geometry.shards);
        let shape = self.segment.shape_sized::<GROWS>(shard);
        let (mut number, mut visited) = (shape.home(hash), 0);
        loop {
            let at = geometry.bucket_sized::<GROWS>(shard, number);
            let bucket = self.segment.region.cache_line(at);
            match scan_bucket(bucket, hash.tag()) {
                BucketScan::Match(slot, word, cell) => {
                    return ProbeResult::Slot(Slot { at: at + slot * 8, word, cell });
                }
                BucketScan::Changed => return ProbeResult::Unclear,
                BucketScan::Missing if overflow_count(bucket) == 0 => {
                    if GROWS && self.segment.is_outgrown(shard, shape) {
                        return ProbeResult::Unclear;
                    }
                    return ProbeResult::Missing;
                }
                BucketScan::Missing => {}
            }
            visited += 1;
            match self.segment.nth_bucket::<GROWS>(hash, shape, visited) {
                Some(next) => number = next,
                None => return ProbeResult::Unclear,
            }
        }
    }

    /// Reads the entry that the slot points at. In one of 2^16 cases it is another key's.
    #[inline(always)]
    fn fast_lookup_at<T>(
        &self,
        slot: Slot<'_>,
        key: Key<'_>,
        epoch: EpochWord,
        clock: ClockUse,
        make: impl FnOnce(&Plain<'_>) -> Option<T>,
    ) -> Lookup<T> {
        let Slot { at, word, cell } = slot;
        let segment = &*self.segment;
        let pattern = KeyPattern::new(key, epoch.tag());
        let Some(entry) = pattern.find_in(segment, word.block(), key) else { return Lookup::Unclear };
        let Some(output) = make(&entry) else { return Lookup::Unclear };
        // The index word; the clock if the entry can expire; the index word again; the version. See `slow`.
        segment.region.read_fence();
        let mut is_current = cell.load() == word.0;
        let mut observed_at = 0;
        if entry.deadline != 0 {
            let is_unexpired = match clock {
                ClockUse::Coarse => !segment.clock.is_past(entry.deadline),
                ClockUse::Exact => {
                    observed_at = segment.clock.now();
                    entry.deadline > observed_at
                }
            };
            is_current &= is_unexpired && cell.load() == word.0;
        }
        if !is_current || !entry.is_unchanged() {
            return Lookup::Unclear;
        }
        let result = ReadResult { output, version: entry.version.0, deadline: entry.deadline, observed_at };
        Lookup::Found(result, Validator::new(epoch, at, word, entry.version))
    }
}
