//! Reading without a lock: the slow path, which handles every entry.
//!
//! ```text
//! word <- index (Acquire); version <- block (Acquire; odd: try again)
//! copy header, cells, key, value; lengths are checked against private geometry
//! fence (Acquire); index is still word, THEN version is still version; else try again
//! with a deadline: index is still word; clock; index is still word; version is still version
//! ```
//! Both checks are needed, in this order: without the check of the index word, a block reused for another key
//! gives a false miss; with the version checked first, a block reused twice between the checks gives a value that
//! was never committed. The clock is read between two loads of the index word, so that the entry was current at
//! that moment: if it were read before, an entry published after its deadline could be returned; if it were read
//! after, an entry renewed in time could be missed. A reader never waits: each retry is caused by a completed
//! write.

use super::result::Validator;
use super::retries::Retries;
use crate::entry::read::{Snapshot, Want};
use crate::index::{OVERFLOW, ProbeSequence, reference};
use crate::layout::geometry::{BUCKET_BYTES, SLOTS};
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::layout::word::IndexWord;
use crate::ops::{Dict, Freshness};
use crate::value::Key;
use shmkit_object::error::Result;
use shmkit_object::superblock::EpochWord;

/// Outcome of one attempt to copy an entry.
pub(crate) enum CopyResult {
    /// A copy of the entry as it was while the index pointed at it.
    Valid(Snapshot),
    /// The entry changed during the copy.
    Changed,
}

impl Dict {
    /// Copies the entry that `word`, loaded from offset `at`, points at. Its payload goes to `buffer`.
    #[inline]
    pub(crate) fn try_copy(
        &self,
        at: u64,
        word: IndexWord,
        want: Want,
        buffer: &mut Vec<u8>,
        retries: &mut Retries,
    ) -> Result<CopyResult> {
        let segment = &*self.segment;
        buffer.clear();
        let read = Snapshot::read(segment, word.block());
        retries.attempt(read.map_or(0, |entry| entry.copied_len(want)));
        let copied =
            read.and_then(|entry| entry.copy_payload(segment, word.block(), want, buffer).map(|()| entry));
        segment.region.read_fence();
        if segment.region.load(at) != word.0 {
            return Ok(CopyResult::Changed);
        }
        let mut observed_at = 0;
        if copied.is_ok_and(|entry| entry.cells.deadline != 0) {
            observed_at = segment.clock.now();
            if segment.region.load(at) != word.0 {
                return Ok(CopyResult::Changed);
            }
        }
        match copied {
            Ok(entry) if segment.region.load(word.block()) == entry.version.0 => {
                Ok(CopyResult::Valid(Snapshot { observed_at, ..entry }))
            }
            Ok(_) => Ok(CopyResult::Changed),
            Err(_) => {
                retries.unsound(self, word)?;
                Ok(CopyResult::Changed)
            }
        }
    }

    /// Finds `key` and copies its entry, whatever its form. The payload goes to `buffer`.
    pub(crate) fn read(
        &self,
        key: Key<'_>,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        self.check_fork()?;
        let found = self.read_slow(key, self.hash(key), want, freshness, buffer)?;
        Ok(found.map(|(entry, _)| entry))
    }

    // Cold, so that the fast path before it keeps its registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn read_slow(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Snapshot, Validator)>> {
        let mut retries = Retries::of_value();
        loop {
            let epoch = self.segment.live_epoch()?;
            match self.probe_slow(key, hash, want, buffer, &mut retries)? {
                SlowProbe::Found { entry, at, word } => {
                    return Ok(self.accept(entry, at, word, epoch, freshness));
                }
                SlowProbe::Missing => {
                    self.count_read(false, None);
                    return Ok(None);
                }
                SlowProbe::Changed => {
                    if retries.changed(self)? {
                        return self.read_locked(key, hash, want, freshness, buffer);
                    }
                }
            }
        }
    }

    /// Counts the read of an entry and returns it, if it is as fresh as wanted.
    pub(crate) fn accept(
        &self,
        entry: Snapshot,
        at: u64,
        word: IndexWord,
        epoch: EpochWord,
        freshness: Freshness,
    ) -> Option<(Snapshot, Validator)> {
        let is_fresh = match freshness {
            Freshness::Live => was_live(&entry, epoch),
            Freshness::Stale => entry.header.epoch == epoch.tag(),
        };
        self.count_read(is_fresh, is_fresh.then_some(at));
        is_fresh.then(|| (entry, Validator::new(epoch, at, word, entry.version)))
    }

    #[inline]
    fn probe_slow(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        buffer: &mut Vec<u8>,
        retries: &mut Retries,
    ) -> Result<SlowProbe> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let shard = hash.shard(geometry.shards);
        let shape = self.segment.shape(shard);
        for number in ProbeSequence::new(hash, shape) {
            let bucket = geometry.bucket(shard, number);
            for slot in 0..SLOTS {
                let at = bucket + slot * 8;
                let word = IndexWord(region.load(at));
                if word.tag() != hash.tag() || word.is_empty() {
                    continue;
                }
                match self.try_copy(at, word, want, buffer, retries)? {
                    CopyResult::Valid(entry) if entry.is_key(key, buffer) => {
                        return Ok(SlowProbe::Found { entry, at, word });
                    }
                    CopyResult::Valid(_) => {}
                    CopyResult::Changed => return Ok(SlowProbe::Changed),
                }
            }
            if region.load32(bucket + OVERFLOW) == 0 {
                break;
            }
        }
        // A key that was absent from an index of an old shape may be in the new one.
        let is_outgrown = self.segment.refresh_level(shard, shape)?;
        Ok(if is_outgrown { SlowProbe::Changed } else { SlowProbe::Missing })
    }

    #[inline]
    pub(crate) fn count_read(&self, hit: bool, at: Option<u64>) {
        self.count(if hit { Statistic::Hits } else { Statistic::Misses }, 1);
        if let Some(at) = at
            && self.segment.evict
            && self.stats.is_some()
        {
            reference(&self.segment.region, at & !(BUCKET_BYTES - 1), at % BUCKET_BYTES / 8);
        }
    }

    /// Counts hits that the caller's own cache answered with the help of a [`Validator`].
    pub fn count_hits(&self, hits: u64) {
        self.count(Statistic::Hits, hits);
    }
}

/// Returns whether the entry was neither cleared nor expired when it was read without a lock.
#[inline]
pub(crate) fn was_live(entry: &Snapshot, epoch: EpochWord) -> bool {
    entry.header.epoch == epoch.tag() && !entry.is_expired(entry.observed_at)
}

enum SlowProbe {
    Found { entry: Snapshot, at: u64, word: IndexWord },
    Missing,
    Changed,
}
