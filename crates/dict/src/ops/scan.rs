//! Scanning, bucket by bucket, without a lock. Index positions are stable (a replaced entry keeps its slot, and a doubling
//! of the index moves words in a way that the cursor follows), so a key that is present throughout is visited exactly once.

use super::Dict;
use super::cursor::Cursor;
use super::lookahead::{Lookahead, take_slot};
use super::prefix::KeyPrefix;
use crate::entry::read::{Snapshot, Want};
use crate::guard::Guard;
use crate::layout::shard::{NEXT_DEADLINE, SWEPT_EPOCH};
use crate::layout::statistics::Statistic;
use crate::layout::word::IndexWord;
use crate::ops::read::retries::Retries;
use crate::ops::read::slow::{CopyResult, was_live};
use crate::ops::space::sweep::{sweep, sweep_cleared};
use crate::shard::Shard;
use crate::value::{Entry, Key};
use crate::wakeup::wake_all;
use shmkit_object::error::Result;
use shmkit_object::superblock::{self, EpochWord};
use std::time::Duration;

/// Number of clears after which the cleared entries are swept in steps.
const UNSWEPT_EPOCHS: u64 = 1 << 14;
/// Number of clears after which they are swept at once: well below the 2^16 epochs that entries can distinguish.
const MOST_UNSWEPT_EPOCHS: u64 = 3 << 14;
/// Index positions that one `clear` sweeps.
const POSITIONS_PER_CLEAR: u64 = 8192;
/// Longest wait of a `clear` for the lock of the shard that it sweeps.
const CLEAR_TIMEOUT: Duration = Duration::from_millis(1);

/// How far the calls of `clear` through a handle have swept a shard.
#[derive(Debug, Default)]
pub(crate) struct ClearedPass {
    shard: u32,
    position: u64,
    /// The epoch at its start; 0 before a first one.
    since: u64,
}

/// What one call of a scan visits, and after how much it ends.
#[derive(Debug, Clone, Copy)]
pub struct ScanStep<'p> {
    /// Only keys that start with it are visited.
    pub prefix: Option<&'p KeyPrefix>,
    /// Whether values are read as well.
    pub values: bool,
    /// The call ends after this many entries.
    pub entries: usize,
    /// The call ends after it has read this many bytes.
    pub bytes: usize,
    /// The call ends after this many buckets of the index, also if it has visited nothing.
    pub buckets: u32,
}

impl Dict {
    /// Calls `visit` with live entries until at least `batch` have been visited. Returns whether there are more. If
    /// `values` is false, the entries' bytes are empty. Key and bytes are valid only during the call.
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
        let step = ScanStep { prefix: None, values, entries: batch, bytes: usize::MAX, buckets: u32::MAX };
        self.scan_step(cursor, &step, visit)
    }

    /// Like `scan`, with more limits.
    ///
    /// # Errors
    /// Those of `scan`.
    pub fn scan_step(
        &self,
        cursor: &mut Cursor,
        step: &ScanStep<'_>,
        visit: &mut dyn FnMut(Key<'_>, Entry<'_>),
    ) -> Result<bool> {
        self.check_fork()?;
        // Also of a dictionary without entries, of which nothing is read.
        self.segment.live_epoch()?;
        let geometry = &self.segment.geometry;
        let want = if step.values { Want::Value } else { Want::Key };
        let prefix = step.prefix.filter(|prefix| !prefix.is_empty());
        let (mut buffer, mut bytes, mut entries, mut buckets) = (Vec::new(), 0, 0, 0);
        while cursor.shard < geometry.shards {
            let mut ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
            'buckets: while u64::from(cursor.bucket) < cursor.shape(self).buckets() {
                let bucket = geometry.bucket(cursor.shard, cursor.bucket);
                let mut left = ahead.slots(cursor.bucket) & (0xFF << cursor.slot);
                if cursor.meets_doubling(self)? {
                    ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
                    continue;
                }
                while let Some(slot) = take_slot(&mut left) {
                    if cursor.has_visited(slot) {
                        continue;
                    }
                    cursor.slot = slot as u32;
                    let at = bucket + slot * 8;
                    let found = self.read_matching(cursor.shard, at, prefix, want, &mut buffer)?;
                    if cursor.meets_doubling(self)? {
                        ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
                        continue 'buckets;
                    }
                    cursor.slot += 1;
                    let Some(entry) = found else { continue };
                    let key = Key::new(&buffer[..entry.header.key_len as usize], entry.header.wide)?;
                    visit(key, entry.entry(&buffer));
                    (entries, bytes) = (entries + 1, bytes + buffer.len());
                    if entries >= step.entries || bytes >= step.bytes {
                        return Ok(true);
                    }
                }
                (cursor.bucket, cursor.slot) = (cursor.bucket + 1, 0);
                buckets += 1;
                if buckets >= step.buckets {
                    return Ok(true);
                }
            }
            *cursor = Cursor::of_shard(cursor.shard + 1);
        }
        Ok(false)
    }

    /// Reads the live entry that the index word at `at` points at, if its key starts with `prefix`.
    #[inline]
    pub(super) fn read_matching(
        &self,
        shard: u32,
        at: u64,
        prefix: Option<&KeyPrefix>,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let Some(prefix) = prefix else { return self.read_position(shard, at, want, buffer) };
        let word = IndexWord(self.segment.region.load(at));
        if word.is_empty() || self.is_other(at, word, prefix) {
            return Ok(None);
        }
        let Some(entry) = self.read_position(shard, at, want, buffer)? else { return Ok(None) };
        let key = Key::new(&buffer[..entry.header.key_len as usize], entry.header.wide)?;
        Ok(prefix.is_start_of(key).then_some(entry))
    }

    /// Reads the live entry that the index word at `at` points at.
    pub(crate) fn read_position(
        &self,
        shard: u32,
        at: u64,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let mut retries = Retries::of_value();
        loop {
            let epoch = self.segment.live_epoch()?;
            let word = IndexWord(self.segment.region.load(at));
            if word.is_empty() {
                return Ok(None);
            }
            match self.try_copy(at, word, want, buffer, &mut retries)? {
                CopyResult::Valid(entry) => return Ok(was_live(&entry, epoch).then_some(entry)),
                CopyResult::Changed => {
                    if retries.changed(self)? {
                        return self.read_position_locked(shard, at, want, buffer);
                    }
                }
            }
        }
    }

    /// Clears the dictionary for all readers at once, with one store. The entries are reclaimed when their space is
    /// needed. Some calls also reclaim a part of them, in well under a millisecond.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::ReadOnly`], [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`];
    /// [`shmkit_object::error::Error::LockTimeout`] only after 3 * 2^14 calls of handles that each made a few.
    pub fn clear(&self) -> Result<()> {
        self.check_fork()?;
        self.segment.check_writable()?;
        let mut epoch = self.segment.live_epoch()?;
        self.sweep_before_epochs_wrap(epoch)?;
        while let Err(now) = self.segment.region.swap_if(superblock::EPOCH, epoch.0, epoch.0 + 1) {
            epoch = EpochWord(now);
            if epoch.is_retired() {
                return Err(shmkit_object::error::Error::Retired);
            }
        }
        wake_all(&self.segment);
        if self.segment.wipe { self.reclaim_cleared() } else { Ok(()) }
    }

    /// Reclaims all cleared entries, a few thousand positions at a time.
    fn reclaim_cleared(&self) -> Result<()> {
        for id in 0..self.segment.geometry.shards {
            let mut next = Some(0);
            while let Some(position) = next {
                next = sweep_cleared(&self.lock(id)?, position, POSITIONS_PER_CLEAR);
            }
        }
        Ok(())
    }

    /// Reclaims some cleared entries, long before the epochs that entries distinguish wrap around: a call looks at a
    /// few thousand positions of one shard, and goes on where this handle's last one stopped. A shard that is late, for
    /// example because every handle makes only a few calls, is swept as a whole.
    fn sweep_before_epochs_wrap(&self, epoch: EpochWord) -> Result<()> {
        let unswept = |id| {
            let swept = Shard::new(&self.segment, id).load(SWEPT_EPOCH);
            epoch.epoch().wrapping_sub(swept)
        };
        for id in (0..self.segment.geometry.shards).filter(|&id| unswept(id) >= MOST_UNSWEPT_EPOCHS) {
            sweep(self, id, self.lock_timeout, 0)?;
        }
        let mut pass = self.clearing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = |id| unswept(id) >= UNSWEPT_EPOCHS;
        if pass.since == 0 || !due(pass.shard) {
            match (0..self.segment.geometry.shards).find(|&id| due(id)) {
                Some(shard) => *pass = ClearedPass { shard, position: 0, since: epoch.epoch() },
                None => return Ok(()),
            }
        }
        // A shard that is busy is left to a later call.
        let Ok(guard) = Guard::acquire(&self.segment, pass.shard, CLEAR_TIMEOUT.min(self.lock_timeout))
        else {
            return Ok(());
        };
        match sweep_cleared(&guard, pass.position, POSITIONS_PER_CLEAR) {
            Some(position) => pass.position = position,
            None => {
                // Entries at positions already passed are of later epochs.
                guard.store(SWEPT_EPOCH, guard.load(SWEPT_EPOCH).max(pass.since));
                *pass = ClearedPass::default();
            }
        }
        Ok(())
    }

    /// Reclaims expired entries, at most `max` of them (0: all), and returns their number. Also reclaims cleared entries
    /// that it passes. O(entries) of the shards in which entries have expired.
    ///
    /// # Errors
    /// Those of `delete`.
    pub fn flush_expired(&self, max: u64) -> Result<u64> {
        self.check_fork()?;
        self.segment.check_writable()?;
        self.segment.live_epoch()?;
        let max = if max == 0 { u64::MAX } else { max };
        let now = self.now();
        let mut expired = 0;
        for id in 0..self.segment.geometry.shards {
            if expired < max && Shard::new(&self.segment, id).load(NEXT_DEADLINE) <= now {
                expired += sweep(self, id, self.lock_timeout, max - expired)?.expired;
            }
        }
        self.count(Statistic::Expired, expired);
        Ok(expired)
    }
}
