//! Scanning: bucket by bucket, entry by entry, no lock held. Index positions are stable (nothing is
//! ever rehashed, and a replaced entry keeps its place), so a key that is there throughout is seen
//! exactly once.

use super::Dict;
use crate::entry::read::{Snapshot, Want};
use crate::layout::geometry::SLOTS;
use crate::layout::shard::{NEXT_DEADLINE, SWEPT_EPOCH};
use crate::layout::statistics::Statistic;
use crate::layout::word::IndexWord;
use crate::ops::read::retries::Retries;
use crate::ops::read::slow::{CopyResult, was_live};
use crate::ops::space::sweep::sweep;
use crate::shard::Shard;
use crate::value::{Entry, Key};
use shmkit_object::error::Result;
use shmkit_object::superblock::{self, EpochWord};

/// Clears that may pass before what they left behind is swept: well below the 2^16 that entries can
/// tell apart.
const UNSWEPT_EPOCHS: u64 = 1 << 14;

/// Where a scan stands. Starts at `default()`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    shard: u32,
    bucket: u32,
}

impl Dict {
    /// Calls `visit` with live entries until at least `batch` were seen; true while there are more. With
    /// `values` false the entries' bytes are empty. Key and bytes are valid during the call only.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`], [`shmkit_object::error::Error::Corrupt`].
    pub fn scan(
        &self,
        cursor: &mut Cursor,
        batch: usize,
        values: bool,
        visit: &mut dyn FnMut(Key<'_>, Entry<'_>),
    ) -> Result<bool> {
        self.check_fork()?;
        let geometry = &self.segment.geometry;
        let want = if values { Want::Value } else { Want::Key };
        let mut buffer = Vec::new();
        let mut seen = 0;
        while cursor.shard < geometry.shards {
            while cursor.bucket < geometry.buckets {
                let bucket = geometry.bucket(cursor.shard, cursor.bucket);
                cursor.bucket += 1;
                self.prefetch_entries(cursor.shard, cursor.bucket + 1);
                for slot in 0..SLOTS {
                    if let Some(entry) = self.read_position(bucket + slot * 8, want, &mut buffer)? {
                        let key = Key::new(&buffer[..entry.header.key_len as usize], entry.header.wide)?;
                        visit(key, entry.entry(&buffer));
                        seen += 1;
                    }
                }
                if seen >= batch {
                    return Ok(true);
                }
            }
            *cursor = Cursor { shard: cursor.shard + 1, bucket: 0 };
        }
        Ok(false)
    }

    /// Asks for the entries of a bucket that comes next but one: they lie anywhere, and to wait for each in
    /// turn took half the time of a scan.
    #[inline]
    fn prefetch_entries(&self, shard: u32, bucket: u32) {
        let geometry = &self.segment.geometry;
        if bucket < geometry.buckets {
            for word in self.segment.region.index_words(geometry.bucket(shard, bucket)).iter() {
                let word = IndexWord(word.load());
                if !word.is_empty() {
                    self.segment.region.prefetch(word.block());
                }
            }
        }
    }

    /// The live entry that the index word at `at` leads to.
    pub(crate) fn read_position(
        &self,
        at: u64,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let mut retries = Retries::default();
        loop {
            let epoch = self.segment.live_epoch()?;
            let word = IndexWord(self.segment.region.load(at));
            if word.is_empty() {
                return Ok(None);
            }
            match self.try_copy(at, word, want, buffer, &mut retries)? {
                CopyResult::Valid(entry) => return Ok(was_live(&entry, epoch).then_some(entry)),
                CopyResult::Changed => retries.changed(self)?,
            }
        }
    }

    /// Makes the dictionary empty at once, for every reader, with one store. What was in it is
    /// reclaimed when its room is needed. O(1), amortised.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::ReadOnly`], [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`];
    /// [`shmkit_object::error::Error::LockTimeout`] in one of 2^14 calls, which sweeps.
    pub fn clear(&self) -> Result<()> {
        self.check_fork()?;
        self.segment.check_writable()?;
        let mut epoch = self.segment.live_epoch()?;
        self.sweep_before_epochs_come_round(epoch)?;
        while let Err(now) = self.segment.region.swap_if(superblock::EPOCH, epoch.0, epoch.0 + 1) {
            epoch = EpochWord(now);
            if epoch.is_retired() {
                return Err(shmkit_object::error::Error::Retired);
            }
        }
        Ok(())
    }

    fn sweep_before_epochs_come_round(&self, epoch: EpochWord) -> Result<()> {
        for id in 0..self.segment.geometry.shards {
            let swept = Shard::new(&self.segment, id).load(SWEPT_EPOCH);
            if epoch.epoch().wrapping_sub(swept) >= UNSWEPT_EPOCHS {
                sweep(&self.lock(id)?, self.now(), 0);
            }
        }
        Ok(())
    }

    /// Reclaims expired entries, at most `max` of them (0: all); how many. Cleared ones on the way are
    /// reclaimed as well. O(entries) of the shards where something has expired.
    ///
    /// # Errors
    /// Those of a write, but for those about room.
    pub fn flush_expired(&self, max: u64) -> Result<u64> {
        self.check_fork()?;
        self.segment.check_writable()?;
        self.segment.live_epoch()?;
        let max = if max == 0 { u64::MAX } else { max };
        let now = self.now();
        let mut expired = 0;
        for id in 0..self.segment.geometry.shards {
            if expired < max && Shard::new(&self.segment, id).load(NEXT_DEADLINE) <= now {
                expired += sweep(&self.lock(id)?, now, max - expired).expired;
            }
        }
        self.count(Statistic::Expired, expired);
        Ok(expired)
    }
}
