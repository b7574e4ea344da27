//! Reading without a lock.
//!
//! ```text
//! word <- index (Acquire); version <- block (Acquire, odd: try again)
//! copy header, cells, key, value; lengths are checked against private geometry
//! fence (Acquire); index is still word, THEN version is still version; else try again
//! with a deadline: index is still word; clock; index is still word; version is still version
//! ```
//! Both checks are needed, in this order: without the index word a block reused for another key gives
//! a false miss; with the version first, a block reused twice between the checks gives a value that was
//! never committed. The clock is read between two looks at the index word, so that the entry was current
//! at that moment: read before, an entry that was published with its time up could be returned; read
//! after, one that was renewed in time could be missed. A reader never waits: each retry is caused by a
//! write that was completed.

use super::result::Witness;
use super::retries::Retries;
use crate::entry::read::{Snapshot, Want};
use crate::index::{OVERFLOW, Probe, reference};
use crate::layout::geometry::{BUCKET_BYTES, SLOTS};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::{Dict, Freshness};
use crate::value::Key;
use shmkit_object::error::Result;
use shmkit_object::superblock::EpochWord;

/// One attempt at reading what an index word points at.
pub(crate) enum Attempt {
    /// The entry, as it was while the word stood there.
    Sound(Snapshot),
    /// It changed meanwhile.
    Changed,
}

impl Dict {
    /// Reads the entry behind `word`, found at offset `at`; its payload is in `buffer`.
    #[inline]
    pub(crate) fn attempt(
        &self,
        at: u64,
        word: IndexWord,
        want: Want,
        buffer: &mut Vec<u8>,
        retries: &mut Retries,
    ) -> Result<Attempt> {
        let segment = &*self.segment;
        buffer.clear();
        let read = Snapshot::read(segment, word.block());
        let copied =
            read.and_then(|entry| entry.copy_payload(segment, word.block(), want, buffer).map(|()| entry));
        segment.region.read_fence();
        if segment.region.load(at) != word.0 {
            return Ok(Attempt::Changed);
        }
        let mut seen_at = 0;
        if copied.is_ok_and(|entry| entry.cells.deadline != 0) {
            seen_at = segment.clock.now();
            if segment.region.load(at) != word.0 {
                return Ok(Attempt::Changed);
            }
        }
        match copied {
            Ok(entry) if segment.region.load(word.block()) == entry.version.0 => {
                Ok(Attempt::Sound(Snapshot { seen_at, ..entry }))
            }
            Ok(_) => Ok(Attempt::Changed),
            Err(_) => {
                retries.unsound(self, word)?;
                Ok(Attempt::Changed)
            }
        }
    }

    /// Finds `key` and copies its entry, of whatever form: the payload is in `buffer`.
    pub(crate) fn read(
        &self,
        key: Key<'_>,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        self.check_fork()?;
        let found = self.read_closely(key, self.hash(key), want, freshness, buffer)?;
        Ok(found.map(|(entry, _)| entry))
    }

    // Cold, so that the short way before it keeps its registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn read_closely(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Snapshot, Witness)>> {
        let mut retries = Retries::default();
        loop {
            let epoch = self.segment.live_epoch()?;
            match self.probe(key, hash, want, buffer, &mut retries)? {
                Probed::Found { entry, at, word } => {
                    let live = match freshness {
                        Freshness::Live => was_live(&entry, epoch),
                        Freshness::Stale => entry.header.epoch == epoch.tag(),
                    };
                    if !live {
                        self.count_read(false, None);
                        return Ok(None);
                    }
                    self.count_read(true, Some(at));
                    return Ok(Some((entry, Witness::new(epoch, at, word, entry.version))));
                }
                Probed::Missing => {
                    self.count_read(false, None);
                    return Ok(None);
                }
                Probed::Changed => retries.changed(self)?,
            }
        }
    }

    #[inline]
    fn probe(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        want: Want,
        buffer: &mut Vec<u8>,
        retries: &mut Retries,
    ) -> Result<Probed> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let shard = hash.shard(geometry.shards);
        for number in Probe::new(hash, geometry) {
            let bucket = geometry.bucket(shard, number);
            for slot in 0..SLOTS {
                let at = bucket + slot * 8;
                let word = IndexWord(region.load(at));
                if word.tag() != hash.tag() || word.is_empty() {
                    continue;
                }
                match self.attempt(at, word, want, buffer, retries)? {
                    Attempt::Sound(entry) if entry.is_key(key, buffer) => {
                        return Ok(Probed::Found { entry, at, word });
                    }
                    Attempt::Sound(_) => {}
                    Attempt::Changed => return Ok(Probed::Changed),
                }
            }
            if region.load32(bucket + OVERFLOW) == 0 {
                break;
            }
        }
        Ok(Probed::Missing)
    }

    #[inline]
    pub(crate) fn count_read(&self, hit: bool, at: Option<u64>) {
        let Some(tally) = &self.tally else { return };
        tally.count(if hit { crate::ops::stats::HITS } else { crate::ops::stats::MISSES }, 1);
        if let Some(at) = at
            && self.segment.evict
        {
            reference(&self.segment.region, at & !(BUCKET_BYTES - 1), at % BUCKET_BYTES / 8);
        }
    }

    /// Counts hits that a cache of the caller's own answered, by means of a [`Witness`].
    pub fn count_hits(&self, hits: u64) {
        self.count(crate::ops::stats::HITS, hits);
    }
}

/// True unless the entry had been cleared or had expired when it was read without a lock.
#[inline]
pub(crate) fn was_live(entry: &Snapshot, epoch: EpochWord) -> bool {
    entry.header.epoch == epoch.tag() && !entry.is_expired(entry.seen_at)
}

enum Probed {
    Found { entry: Snapshot, at: u64, word: IndexWord },
    Missing,
    Changed,
}
