//! Making room for one write, in steps of rising cost. After each the write starts again from find,
//! because the lock was dropped or the index changed.
//!
//! | step    | `onFull: 'error'`                                  | `onFull: 'evict'`                        |
//! |---------|----------------------------------------------------|------------------------------------------|
//! | own     | sweep the dead, return and compact pages           | the same, but only now and then          |
//! | evict   | -                                                  | evict from the own shard until it fits   |
//! | others  | sweep, return and compact, shard by shard          | the same                                 |
//! | all     | -                                                  | evict in all shards until the pages are free |
//! | give up | ERR_SHM_FULL                                       | ERR_SHM_FULL                             |
//!
//! Never are two shard locks held. A shard whose owner does not let go is left out.

use super::sweep::{evict_one, is_due, sweep};
use crate::entry::write::BlockPlan;
use crate::guard::Guard;
use crate::index::{ProbeSequence, REFERENCES};
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::shard::{SEQUENCE, SETTLED};
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::shard::Shard;
use crate::slab::Picks;
use shmkit_object::error::{Error, Result};
use std::time::Duration;

/// How long other shards' locks are waited for: one that is held longer has no room for us now.
const OTHERS_TIMEOUT: Duration = Duration::from_millis(20);
/// A shard that evicts is swept and compacted again after its number of entries, divided by this, of writes.
const WRITES_PER_SWEEP: u64 = 2;
/// Rounds of eviction over all shards: others may take what was freed for us.
const ROUNDS: u32 = 16;

/// How far the search for room has come.
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
    /// Makes some room for `plan`, or gives up. The write must start again from find.
    ///
    /// # Errors
    /// [`Error::Full`] if no step is left.
    #[cold]
    pub(crate) fn advance(
        &mut self,
        dict: &Dict,
        guard: Guard<'_>,
        hash: KeyHash,
        plan: &BlockPlan,
        protect: Option<u64>,
    ) -> Result<()> {
        let evicts = dict.segment.evict;
        if !fits_when_empty(&guard, plan) {
            return Err(self.give_up(dict, guard, plan));
        }
        match self.step {
            Step::Own if !evicts || pays_to_settle(&guard) => {
                settle(dict, &guard);
                self.step = if evicts { Step::Evict } else { Step::Others };
                Ok(())
            }
            Step::Own | Step::Evict => {
                let made = evict_until_it_fits(dict, &guard, hash, plan, protect);
                self.step = if made { Step::Evict } else { Step::Others };
                Ok(())
            }
            Step::Others => {
                guard.release_all_empty();
                let own = guard.id;
                drop(guard);
                settle_others(dict, own);
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

/// What cannot fit into an empty dictionary is refused before anything is evicted for it.
fn fits_when_empty(shard: &Shard<'_>, plan: &BlockPlan) -> bool {
    plan.blocks() <= u64::from(shard.segment.geometry.pages)
}

/// Sweeps and compacts a shard, unless nothing changed since that last gained nothing.
fn settle(dict: &Dict, guard: &Guard<'_>) {
    let now = dict.now();
    if guard.load(SETTLED) == guard.load(SEQUENCE) && !is_due(guard, now, guard.epoch().epoch()) {
        return;
    }
    let swept = sweep(guard, now, u64::MAX);
    dict.count(Statistic::Expired, swept.expired);
    guard.compact();
    guard.segment.region.hint(guard.at + SETTLED, guard.load(SEQUENCE));
}

/// True if so many writes were made since the last time that a look at every entry costs each of them
/// little: else a full cache would be swept and compacted for every write.
fn pays_to_settle(guard: &Guard<'_>) -> bool {
    let writes = guard.load(SEQUENCE).wrapping_sub(guard.load(SETTLED));
    writes >= guard.live(guard.epoch().epoch()) / WRITES_PER_SWEEP
}

fn settle_others(dict: &Dict, own: u32) {
    for id in (0..dict.segment.geometry.shards).filter(|&id| id != own) {
        if let Ok(guard) = Guard::acquire(&dict.segment, id, OTHERS_TIMEOUT.min(dict.lock_timeout)) {
            settle(dict, &guard);
        }
    }
    dict.segment.recount_free_pages();
}

fn can_pick(guard: &Guard<'_>, plan: &BlockPlan) -> bool {
    plan.pick(guard, &mut Picks::default()).is_some()
}

/// True if the plan's blocks can be picked now and the key has a place; false once there is nothing
/// left to evict here.
fn evict_until_it_fits(
    dict: &Dict,
    guard: &Guard<'_>,
    hash: KeyHash,
    plan: &BlockPlan,
    protect: Option<u64>,
) -> bool {
    if plan.pieces.pages > 1 {
        // A long chain is paid by all shards alike.
        return false;
    }
    if protect.is_none() && !has_vacancy(guard, hash) {
        return evict_at_home(dict, guard, hash);
    }
    let page = guard.segment.geometry.page_bytes();
    let mut freed = 0;
    while let Some(victim) = evict_one(guard, protect) {
        dict.count(Statistic::Evictions, 1);
        if can_pick(guard, plan) {
            return true;
        }
        freed += victim.entry.payload_end();
        if freed >= 2 * page {
            freed = 0;
            guard.compact();
            if can_pick(guard, plan) {
                return true;
            }
        }
    }
    guard.compact();
    can_pick(guard, plan)
}

fn has_vacancy(guard: &Guard<'_>, hash: KeyHash) -> bool {
    ProbeSequence::new(hash, &guard.segment.geometry)
        .any(|bucket| (0..SLOTS).any(|slot| guard.index_word(u64::from(bucket) * 8 + slot).is_empty()))
}

/// Evicts one entry of the key's home bucket, one that was not read if there is one.
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

/// Evicts in all shards in turn until `pages` pages are free: each pass takes one page's worth from
/// every shard.
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
