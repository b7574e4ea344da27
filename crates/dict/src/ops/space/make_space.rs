//! Making space for one write, in steps of increasing cost. After each step the write starts over, because the lock was
//! released or the index changed.
//!
//! | step    | `onFull: 'error'`                                  | `onFull: 'evict'`                        |
//! |---------|----------------------------------------------------|------------------------------------------|
//! | own     | sweep, compact and release pages                   | the same, but not every time             |
//! | evict   | -                                                  | evict from the own shard until it fits   |
//! | others  | sweep, compact and release pages, shard by shard   | the same                                 |
//! | all     | -                                                  | evict in all shards until the pages are free |
//! | give up | ERR_SHM_FULL                                       | ERR_SHM_FULL                             |
//!
//! Two shard locks are never held at once. A shard whose lock stays busy is skipped.

use super::sweep::{evict_one, is_due, sweep};
use crate::entry::write::BlockPlan;
use crate::guard::Guard;
use crate::index::{ProbeSequence, REFERENCES};
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::shard::{SEQUENCE, SETTLED};
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::reserve::SpaceNeeded;
use crate::shard::Shard;
use shmkit_object::error::{Error, Result};
use std::time::Duration;

/// Longest wait for another shard's lock; a shard that is busy for longer is skipped.
const OTHERS_TIMEOUT: Duration = Duration::from_millis(20);
/// A shard that evicts is swept and compacted again after this fraction (1/n) of its entries has been written.
const WRITES_PER_SWEEP: u64 = 2;
/// Rounds of eviction over all shards: other writers may take the pages that were freed.
const ROUNDS: u32 = 16;

/// The progress of making space for one write.
#[derive(Debug, Default)]
pub(crate) struct MakeSpace {
    step: Step,
    rounds: u32,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Step {
    #[default]
    Own,
    Evict,
    Others,
    All,
}

impl MakeSpace {
    /// Makes some space for `plan`, or gives up. The write must start over.
    ///
    /// # Errors
    /// [`Error::Full`] after the last step.
    #[cold]
    pub(crate) fn advance(
        &mut self,
        dict: &Dict,
        guard: Guard<'_>,
        hash: KeyHash,
        needed: &SpaceNeeded,
        protect: Option<u64>,
    ) -> Result<()> {
        let plan = &needed.plan;
        let evicts = dict.segment.evict;
        if !fits_when_empty(&guard, plan) {
            return Err(self.give_up(dict, guard, plan));
        }
        match self.step {
            Step::Own if !evicts || pays_to_reclaim(&guard) => {
                reclaim(dict, &guard);
                self.step = if evicts { Step::Evict } else { Step::Others };
                Ok(())
            }
            Step::Own | Step::Evict => {
                let made = evict_until_it_fits(dict, &guard, hash, needed, protect);
                self.step = if made { Step::Evict } else { Step::Others };
                Ok(())
            }
            Step::Others => {
                guard.release_all_empty();
                let own = guard.id;
                drop(guard);
                reclaim_others(dict, own);
                self.step = Step::All;
                Ok(())
            }
            Step::All if evicts && self.rounds < ROUNDS => {
                self.rounds += 1;
                guard.release_all_empty();
                let own = (guard.id, protect);
                drop(guard);
                evict_everywhere(dict, own, plan.blocks() + u64::from(self.rounds));
                Ok(())
            }
            Step::All => Err(self.give_up(dict, guard, plan)),
        }
    }

    fn give_up(&self, dict: &Dict, guard: Guard<'_>, plan: &BlockPlan) -> Error {
        guard.release_all_empty();
        drop(guard);
        let free = dict.stats().map_or(0, |stats| stats.free);
        Error::Full { needed: plan.bytes(&dict.segment.geometry.classes), free }
    }
}

/// Returns whether the plan fits into an empty dictionary; otherwise nothing is evicted for it.
fn fits_when_empty(shard: &Shard<'_>, plan: &BlockPlan) -> bool {
    plan.blocks() <= u64::from(shard.segment.geometry.pages)
}

/// Sweeps and compacts a shard, unless nothing has changed since it was last done.
fn reclaim(dict: &Dict, guard: &Guard<'_>) {
    let now = dict.now();
    if guard.load(SETTLED) == guard.load(SEQUENCE) && !is_due(guard, now, guard.epoch().epoch()) {
        return;
    }
    let swept = sweep(guard, now, u64::MAX);
    dict.count(Statistic::Expired, swept.expired);
    guard.compact();
    guard.segment.region.hint(guard.at + SETTLED, guard.load(SEQUENCE));
}

/// Returns whether enough writes were made since the last sweep to share its cost: otherwise a full cache would be swept
/// and compacted for every write.
fn pays_to_reclaim(guard: &Guard<'_>) -> bool {
    let writes = guard.load(SEQUENCE).wrapping_sub(guard.load(SETTLED));
    writes >= guard.live(guard.epoch().epoch()) / WRITES_PER_SWEEP
}

fn reclaim_others(dict: &Dict, own: u32) {
    for id in (0..dict.segment.geometry.shards).filter(|&id| id != own) {
        if let Ok(guard) = Guard::acquire(&dict.segment, id, OTHERS_TIMEOUT.min(dict.lock_timeout)) {
            reclaim(dict, &guard);
        }
    }
    dict.segment.recount_free_pages();
}

/// Evicts until the plan's blocks can be picked and the key has a slot. Returns false if nothing is left to evict in this
/// shard.
fn evict_until_it_fits(
    dict: &Dict,
    guard: &Guard<'_>,
    hash: KeyHash,
    needed: &SpaceNeeded,
    protect: Option<u64>,
) -> bool {
    if needed.plan.pieces.pages > 1 {
        // All shards pay equally for a long chain.
        return false;
    }
    if protect.is_none() && !has_vacancy(guard, hash) {
        return evict_at_home(dict, guard, hash);
    }
    if protect.is_some() && guard.divide_reserve(&needed.plan) {
        return true;
    }
    let page = guard.segment.geometry.page_bytes();
    let mut freed = 0;
    while let Some(victim) = evict_one(guard, protect) {
        dict.count(Statistic::Evictions, 1);
        if needed.is_available(guard) {
            return true;
        }
        if guard.release_unused_at(victim.slot.word.block()) && needed.is_available(guard) {
            return true;
        }
        freed += victim.entry.payload_end();
        if freed >= 2 * page {
            freed = 0;
            guard.compact();
            if needed.is_available(guard) {
                return true;
            }
        }
    }
    guard.compact();
    needed.is_available(guard)
}

fn has_vacancy(guard: &Guard<'_>, hash: KeyHash) -> bool {
    ProbeSequence::new(hash, &guard.segment.geometry)
        .any(|bucket| (0..SLOTS).any(|slot| guard.index_word(u64::from(bucket) * 8 + slot).is_empty()))
}

/// Evicts one entry of the key's home bucket, preferably one that was not read.
fn evict_at_home(dict: &Dict, guard: &Guard<'_>, hash: KeyHash) -> bool {
    let geometry = &guard.segment.geometry;
    let home = hash.home(geometry.buckets);
    let bits = guard.segment.region.load8_hint(geometry.bucket(guard.id, home) + REFERENCES);
    let slot = u64::from(bits.trailing_ones()) % SLOTS;
    let position = u64::from(home) * 8 + slot;
    let Some(victim) = guard.locate(position, guard.index_word(position), &mut Vec::new()) else {
        return false;
    };
    crate::ops::commit::remove_entry(guard, guard.epoch(), &victim);
    dict.count(Statistic::Evictions, 1);
    true
}

/// Evicts in all shards in turn until `pages` pages are free. Each pass evicts one page's worth of entries from every
/// shard.
fn evict_everywhere(dict: &Dict, own: (u32, Option<u64>), pages: u64) {
    let segment = &dict.segment;
    let mut progress = true;
    while progress && segment.recount_free_pages() < pages {
        progress = false;
        for id in 0..segment.geometry.shards {
            let Ok(guard) = Guard::acquire(segment, id, OTHERS_TIMEOUT.min(dict.lock_timeout)) else {
                continue;
            };
            let protect = if id == own.0 { own.1 } else { None };
            let mut freed = 0;
            while freed < segment.geometry.page_bytes()
                && let Some(victim) = evict_one(&guard, protect)
            {
                dict.count(Statistic::Evictions, 1);
                freed += victim.entry.payload_end();
                progress = true;
            }
            guard.compact();
        }
    }
}
