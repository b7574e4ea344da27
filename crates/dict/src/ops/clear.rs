//! Clearing, and reclaiming what was cleared or has expired.

use super::Dict;
use crate::guard::Guard;
use crate::layout::shard::{NEXT_DEADLINE, SWEPT_EPOCH};
use crate::layout::statistics::Statistic;
use crate::ops::space::sweep::{sweep, sweep_cleared};
use crate::shard::Shard;
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

impl Dict {
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
