//! Reclaiming what is dead in one shard.

use super::compact::Compaction;
use super::make_space::{MOVED_PER_HOLD, OTHERS_TIMEOUT};
use super::needed::SpaceNeeded;
use super::sweep::{is_due, sweep};
use crate::entry::write::BlockPlan;
use crate::guard::Guard;
use crate::layout::shard::{SEQUENCE, SETTLED};
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::shard::Shard;
use shmkit_object::error::Result;
use shmkit_object::superblock::FREE_PAGES;
use std::time::Duration;

/// A shard that evicts is swept and compacted again after this fraction (1/n) of its entries has been written.
const WRITES_PER_SWEEP: u64 = 2;
/// Before more memory is taken, each shard is swept of whose entries this fraction (1/n) was written: entries that come and
/// go at a steady rate then take up to half as much memory again as those that are live. With 2 they would take twice as
/// much.
const WRITES_PER_SWEEP_BEFORE_GROWTH: u64 = 3;

/// Sweeps and compacts a shard, unless nothing has changed since it was last done, and holds its lock for a short time at
/// once. Returns false if it stopped before the end, because what is needed is available now.
pub(super) fn reclaim(dict: &Dict, id: u32, timeout: Duration, needed: &SpaceNeeded) -> Result<bool> {
    let segment = &*dict.segment;
    let shard = Shard::new(segment, id);
    let is_due = is_due(&shard, dict.now(), segment.epoch().epoch());
    if shard.has_kept_pins() {
        Guard::acquire(segment, id, timeout)?.end_kept_pins();
    }
    if !is_due && shard.load(SETTLED) == shard.load(SEQUENCE) {
        return Ok(true);
    }
    if is_due {
        let swept = sweep(dict, id, timeout, u64::MAX)?;
        dict.count(Statistic::Expired, swept.expired);
    }
    loop {
        let guard = Guard::acquire(segment, id, timeout)?;
        if guard.compact(MOVED_PER_HOLD) == Compaction::Complete {
            segment.region.hint(guard.at + SETTLED, guard.load(SEQUENCE));
            return Ok(true);
        }
        if segment.region.load_relaxed(FREE_PAGES) > needed.plan.blocks() {
            return Ok(false);
        }
    }
}

/// Returns whether enough writes were made since the last sweep to share its cost: otherwise a full cache would be swept
/// and compacted for every write.
pub(super) fn pays_to_reclaim(guard: &Guard<'_>) -> bool {
    writes_since_sweep(guard) >= guard.live(guard.epoch().epoch()) / WRITES_PER_SWEEP
}

fn writes_since_sweep(shard: &Shard<'_>) -> u64 {
    shard.load(SEQUENCE).wrapping_sub(shard.load(SETTLED))
}

/// Returns whether a shard is to be swept before more memory is taken. Dead entries count as live ones here.
fn sweeps_before_growth(shard: &Shard<'_>, now: u64, epoch: u64) -> bool {
    is_due(shard, now, epoch)
        && writes_since_sweep(shard) > shard.live(epoch) / WRITES_PER_SWEEP_BEFORE_GROWTH
}

/// Returns whether to reclaim before entries are evicted for a plan. A long chain takes pages of all shards, so it pays for
/// no compaction of its own one.
pub(super) fn reclaims_first(dict: &Dict, guard: &Guard<'_>, plan: &BlockPlan) -> bool {
    pays_to_reclaim(guard) && (plan.pieces.pages <= 1 || is_due(guard, dict.now(), guard.epoch().epoch()))
}

impl Dict {
    /// Reclaims what is dead in a shard, if there may be something and enough was written since: then it lets the lock go,
    /// and the write starts over. Else returns the guard.
    pub(super) fn sweep_if_due<'a>(&self, guard: Guard<'a>) -> Option<Guard<'a>> {
        if !sweeps_before_growth(&guard, self.now(), guard.epoch().epoch()) {
            return Some(guard);
        }
        let shard = *guard;
        drop(guard);
        // If another participant keeps the lock, the write that starts over says so.
        self.sweep_before_growth(&shard, self.lock_timeout);
        None
    }

    /// Like `sweep_if_due`, for the first of the other shards in which there may be something: the pages that become empty
    /// are for all. Returns false if there is none. The caller holds no lock.
    pub(super) fn sweep_another(&self, own: u32) -> bool {
        let segment = &*self.segment;
        if segment.is_at_maximum() {
            // Then it makes room as one of fixed size does.
            return false;
        }
        let (now, epoch) = (self.now(), segment.epoch().epoch());
        let others = (own + 1..segment.geometry.shards).chain(0..own).map(|id| Shard::new(segment, id));
        let due = others.into_iter().find(|shard| sweeps_before_growth(shard, now, epoch));
        due.inspect(|shard| self.sweep_before_growth(shard, OTHERS_TIMEOUT.min(self.lock_timeout))).is_some()
    }

    fn sweep_before_growth(&self, shard: &Shard<'_>, timeout: Duration) {
        if let Ok(swept) = sweep(self, shard.id, timeout, u64::MAX) {
            self.count(Statistic::Expired, swept.expired);
        }
        shard.segment.region.hint(shard.at + SETTLED, shard.load(SEQUENCE));
    }
}
