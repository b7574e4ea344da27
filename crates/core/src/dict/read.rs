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

use super::{Dict, Freshness, TimeLeft};
use crate::entry::read::{Snapshot, Want};
use crate::error::{Error, Result};
use crate::index::hash::KeyHash;
use crate::index::{OVERFLOW, Probe, reference};
use crate::layout::geometry::SLOTS;
use crate::layout::superblock::EpochWord;
use crate::layout::word::IndexWord;
use crate::value::{Entry, Key, Kind};
use shmkit_os as os;

/// Tries at one unchanged but unsound entry before it counts as damage: a writer never publishes one.
const UNSOUND_TRIES: u32 = 1000;
/// Tries between looks at the clock.
const TRIES_PER_LOOK: u32 = 4096;

/// Where a read entry stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub bucket: u64,
    pub slot: u64,
}

/// Bounds the retries of one read.
#[derive(Debug, Default)]
pub(super) struct Retries {
    tries: u32,
    since: u64,
    unsound: (u64, u64),
    unsound_tries: u32,
}

impl Retries {
    /// Notes that the entry changed under the read.
    #[cold]
    pub(super) fn changed(&mut self, dict: &Dict) -> Result<()> {
        self.tries += 1;
        if self.tries.is_multiple_of(TRIES_PER_LOOK) {
            let now = os::clock::monotonic_ns();
            if self.since == 0 {
                self.since = now;
            } else if now - self.since > dict.lock_timeout.as_nanos() as u64 {
                return Err(Error::LockTimeout { pid: 0, waited_ms: (now - self.since) / 1_000_000 });
            }
        }
        std::hint::spin_loop();
        Ok(())
    }

    /// Notes that an index word leads to what no writer leaves there.
    #[cold]
    fn unsound(&mut self, dict: &Dict, word: IndexWord) -> Result<()> {
        let block = word.block();
        let version = match dict.segment.geometry.rest_of_page(block) {
            Some(8..) => dict.segment.region.load(block),
            _ => 0,
        };
        if self.unsound != (word.0, version) {
            self.unsound = (word.0, version);
            self.unsound_tries = 0;
        }
        self.unsound_tries += 1;
        if self.unsound_tries >= UNSOUND_TRIES {
            return Err(Error::Corrupt(format!("an index word leads to no sound entry, at offset {block}")));
        }
        self.changed(dict)
    }
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
        self.check_fork()?;
        let hash = self.hash(key);
        let mut retries = Retries::default();
        loop {
            let epoch = self.segment.live_epoch()?;
            match self.probe(key, hash, want, buffer, &mut retries)? {
                Probed::Found(entry, slot) => {
                    let live = match freshness {
                        Freshness::Live => was_live(&entry, epoch),
                        Freshness::Stale => entry.header.epoch == epoch.tag(),
                    };
                    self.count_read(live, Some(slot));
                    return Ok(live.then_some(entry));
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
                        return Ok(Probed::Found(entry, Slot { bucket, slot }));
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
    fn count_read(&self, hit: bool, slot: Option<Slot>) {
        if self.segment.is_read_only() {
            return;
        }
        self.count(if hit { super::stats::HITS } else { super::stats::MISSES }, 1);
        if let Some(Slot { bucket, slot }) = slot
            && hit
            && self.segment.evict
        {
            reference(&self.segment.region, bucket, slot);
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
            Some(entry) if entry.header.kind == Kind::List => Err(Error::WrongType("the value is a list")),
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

enum Probed {
    Found(Snapshot, Slot),
    Missing,
    Changed,
}
