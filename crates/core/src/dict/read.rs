//! Reading without a lock.
//!
//! ```text
//! word <- index (Acquire); version <- block (Acquire, odd: try again)
//! copy header, cells, key, value; lengths are checked against private geometry
//! fence (Acquire); index is still word, THEN version is still version; else try again
//! ```
//! Both checks are needed, in this order: without the index word a block reused for another key gives
//! a false miss; with the version first, a block reused twice between the checks gives a value that was
//! never committed. A reader never waits: each retry is caused by a write that was completed.

use super::retries::Retries;
use super::{Dict, Freshness, TimeLeft};
use crate::entry::read::{Snapshot, Want};
use crate::error::{Error, Result};
use crate::index::hash::KeyHash;
use crate::index::{OVERFLOW, Probe, reference};
use crate::layout::geometry::{BUCKET_BYTES, SLOTS};
use crate::layout::superblock::EpochWord;
use crate::layout::word::IndexWord;
use crate::value::{Entry, Key, Kind};

/// What an entry that was read rests on. As long as the words at offset `EPOCH`, `word_at` and
/// `version_at` are what they were, loaded in this order, the entry is current and unchanged; the proof
/// is in docs/locking.md. It says nothing about time: an entry with a deadline expires by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// The epoch word.
    pub epoch: u64,
    /// Offset of the index word.
    pub word_at: u64,
    /// The index word.
    pub word: u64,
    /// Offset of the block, whose first word is the version.
    pub version_at: u64,
    /// The version.
    pub version: u64,
}

/// One attempt at reading what an index word points at.
pub(super) enum Attempt {
    /// The entry, as it was while the word stood there.
    Sound(Snapshot),
    /// It changed meanwhile.
    Changed,
}

impl Dict {
    /// Reads the entry behind `word`, found at offset `at`; its payload is in `buffer`.
    #[inline]
    pub(super) fn attempt(
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
        let copied = read.and_then(|entry| {
            entry.copy_payload(segment, word.block(), want, buffer)?;
            let seen_at = if entry.cells.deadline == 0 { 0 } else { segment.clock.now() };
            Ok(Snapshot { seen_at, ..entry })
        });
        segment.region.read_fence();
        if segment.region.load(at) != word.0 {
            return Ok(Attempt::Changed);
        }
        match copied {
            Ok(entry) if segment.region.load(word.block()) == entry.version.0 => Ok(Attempt::Sound(entry)),
            Ok(_) => Ok(Attempt::Changed),
            Err(_) => {
                retries.unsound(self, word)?;
                Ok(Attempt::Changed)
            }
        }
    }

    /// Finds `key` and copies its entry: the payload is in `buffer`. Cleared entries count as missing,
    /// expired ones unless `Stale` is wanted.
    #[inline]
    pub(super) fn read(
        &self,
        key: Key<'_>,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        Ok(self.read_witnessed(key, want, freshness, buffer)?.map(|(entry, _)| entry))
    }

    /// As `read`, and what the entry rests on.
    #[inline]
    fn read_witnessed(
        &self,
        key: Key<'_>,
        want: Want,
        freshness: Freshness,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Snapshot, Witness)>> {
        self.check_fork()?;
        let hash = self.hash(key);
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
                    let (version_at, version) = (word.block(), entry.version.0);
                    let witness = Witness { epoch: epoch.0, word_at: at, word: word.0, version_at, version };
                    return Ok(Some((entry, witness)));
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
    fn count_read(&self, hit: bool, at: Option<u64>) {
        if self.segment.is_read_only() {
            return;
        }
        self.count(if hit { super::stats::HITS } else { super::stats::MISSES }, 1);
        if let Some(at) = at
            && self.segment.evict
        {
            reference(&self.segment.region, at & !(BUCKET_BYTES - 1), at % BUCKET_BYTES / 8);
        }
    }

    /// Counts hits that a cache of the caller's own answered, by means of a [`Witness`].
    pub fn count_hits(&self, hits: u64) {
        if !self.segment.is_read_only() {
            self.count(super::stats::HITS, hits);
        }
    }

    /// The entry of `key`, its bytes copied into `buffer` (cleared first; reuse it between calls).
    /// O(1) and the length of the value; takes no lock.
    ///
    /// # Errors
    /// [`Error::WrongType`] on a list; [`Error::Retired`], [`Error::Forked`]; [`Error::Corrupt`] if the
    /// entry is damaged.
    #[inline]
    pub fn get<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> {
        self.get_fresh(key, Freshness::Live, buffer)
    }

    /// As `get`, and what the entry rests on: for a cache of the caller's own.
    ///
    /// # Errors
    /// As `get`.
    #[inline]
    pub fn get_witnessed<'b>(
        &self,
        key: Key<'_>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<(Entry<'b>, Witness)>> {
        match self.read_witnessed(key, Want::Value, Freshness::Live, buffer)? {
            Some((entry, _)) if entry.header.kind == Kind::List => Err(list()),
            Some((entry, witness)) => Ok(Some((entry.entry(buffer), witness))),
            None => Ok(None),
        }
    }

    /// As `get`. With `Stale` expired entries that were not reclaimed are returned as well: their
    /// deadline is not after `now()`.
    #[inline]
    pub fn get_fresh<'b>(
        &self,
        key: Key<'_>,
        freshness: Freshness,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<Entry<'b>>> {
        match self.read(key, Want::Value, freshness, buffer)? {
            Some(entry) if entry.header.kind == Kind::List => Err(list()),
            Some(entry) => Ok(Some(entry.entry(buffer))),
            None => Ok(None),
        }
    }

    /// True if there is a live entry. Takes no lock.
    ///
    /// # Errors
    /// As `get`, but for lists.
    #[inline]
    pub fn has(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<bool> {
        Ok(self.read(key, Want::Key, Freshness::Live, buffer)?.is_some())
    }

    /// How long the entry has to live; `None` if there is none. Takes no lock.
    ///
    /// # Errors
    /// As `has`.
    #[inline]
    pub fn ttl(&self, key: Key<'_>, buffer: &mut Vec<u8>) -> Result<Option<TimeLeft>> {
        let Some(entry) = self.read(key, Want::Key, Freshness::Live, buffer)? else { return Ok(None) };
        Ok(Some(match entry.cells.deadline {
            0 => TimeLeft::Forever,
            deadline => TimeLeft::Nanos(deadline.saturating_sub(entry.seen_at).max(1)),
        }))
    }
}

/// True unless the entry had been cleared or had expired when it was read without a lock.
#[inline]
pub(super) fn was_live(entry: &Snapshot, epoch: EpochWord) -> bool {
    entry.header.epoch == epoch.tag() && !entry.is_expired(entry.seen_at)
}

#[cold]
fn list() -> Error {
    Error::WrongType("the value is a list")
}

enum Probed {
    Found { entry: Snapshot, at: u64, word: IndexWord },
    Missing,
    Changed,
}
