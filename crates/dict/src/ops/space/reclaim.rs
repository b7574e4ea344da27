//! Reclaiming what is dead in one shard.

use super::compact::Compaction;
use super::make_space::MOVED_PER_HOLD;
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
/// A shard that would take more memory is swept first after this fraction (1/n): entries that come and go at a steady rate
/// then take up to half as much memory again as those that are live. With 2 they would take twice as much.
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
    has_written(guard, WRITES_PER_SWEEP)
}

/// Returns whether this fraction (1/n) of the shard's entries, the dead ones included, was written since the last sweep.
fn has_written(guard: &Guard<'_>, fraction: u64) -> bool {
    let writes = guard.load(SEQUENCE).wrapping_sub(guard.load(SETTLED));
    writes >= guard.live(guard.epoch().epoch()) / fraction
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
        let is_due = is_due(&guard, self.now(), guard.epoch().epoch());
        if !is_due || !has_written(&guard, WRITES_PER_SWEEP_BEFORE_GROWTH) {
            return Some(guard);
        }
        let shard = *guard;
        drop(guard);
        // If another participant keeps the lock, the write that starts over says so.
        if let Ok(swept) = sweep(self, shard.id, self.lock_timeout, u64::MAX) {
            self.count(Statistic::Expired, swept.expired);
        }
        shard.segment.region.hint(shard.at + SETTLED, shard.load(SEQUENCE));
        None
    }
}
