//! Making space for one write, in steps of increasing cost. After each step the write starts over, because the lock was
//! released or the index changed.
//!
//! | step    | `onFull: 'error'`                                  | `onFull: 'evict'`                        |
//! |---------|----------------------------------------------------|------------------------------------------|
//! | grow    | take more memory, if the dictionary can grow: sweep shards first where that pays | the same   |
//! | own     | sweep, compact and release pages                   | the same, but not every time             |
//! | evict   | -                                                  | evict from the own shard until it fits   |
//! | others  | sweep, compact and release pages, shard by shard until pages are free | the same, where entries are due |
//! | all     | -                                                  | evict pages in all shards until enough are free |
//! | give up | ERR_SHM_FULL                                       | ERR_SHM_FULL                             |
//!
//! Two shard locks are never held at once. A shard whose lock stays busy is skipped.

use super::compact::shards_to_compact;
use super::evict_pages::evict_everywhere;
use super::reclaim::{reclaim, reclaims_first};
use super::sweep::{evict_one, is_due};
use crate::feed::Change;
use crate::guard::Guard;
use crate::index::{ProbeSequence, REFERENCES};
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::space::needed::SpaceNeeded;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::Key;
use shmkit_object::error::{Error, Result};
use shmkit_object::growth::Refusal;
use shmkit_object::superblock::FREE_PAGES;
use std::time::Duration;

/// Longest wait for another shard's lock; a shard that is busy for longer is skipped.
pub(super) const OTHERS_TIMEOUT: Duration = Duration::from_millis(20);
/// Rounds of eviction over all shards: other writers may take the pages that were freed.
const ROUNDS: u32 = 16;
/// Entries that a compaction moves while a shard's lock is held, and those of one page more.
pub(super) const MOVED_PER_HOLD: u32 = 256;

/// The progress of making space for one write.
#[derive(Debug, Default)]
pub(crate) struct MakeSpace {
    /// The blocks of the write.
    pub(crate) picks: Picks,
    step: Step,
    rounds: u32,
    /// The next shard to reclaim in.
    next: u32,
    /// The shards in which a compaction can free a page, once they are known.
    gains: Option<Vec<bool>>,
    /// Why no more memory could be taken.
    refusal: Option<Refusal>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Step {
    #[default]
    Grow,
    Own,
    Evict,
    Others,
    All,
}

impl MakeSpace {
    /// Returns whether a write that finds no free block takes more memory, as the next step, before anything else.
    pub(crate) fn grows_first(&self, segment: &Segment) -> bool {
        self.step == Step::Grow && segment.geometry.is_elastic() && !segment.is_at_maximum()
    }

    /// Makes some space for `plan`, or gives up. The write must start over.
    ///
    /// # Errors
    /// [`Error::Full`] after the last step; [`Error::TooLarge`] at once.
    #[cold]
    pub(crate) fn advance(
        &mut self,
        dict: &Dict,
        guard: Guard<'_>,
        (key, hash): (Key<'_>, KeyHash),
        needed: &SpaceNeeded,
        protect: Option<u64>,
    ) -> Result<()> {
        let plan = &needed.plan;
        let evicts = dict.segment.evict;
        if !needed.fits_when_empty(&guard) {
            return Err(needed.too_large(&guard));
        }
        if !needed.fits_beside_old(&guard) {
            return Err(give_up(dict, guard, key, needed, self.refusal.take()));
        }
        if self.step == Step::Grow && !dict.segment.geometry.is_elastic() {
            self.step = Step::Own;
        }
        let own = guard.id;
        if self.step != Step::Grow && guard.end_kept_pins() {
            return Ok(());
        }
        match self.step {
            Step::Grow => {
                self.grow(dict, guard, hash, needed, protect);
                return Ok(());
            }
            Step::Own if !evicts || reclaims_first(dict, &guard, plan) => {
                drop(guard);
                // After a part of it, the write is tried again.
                if reclaim(dict, own, dict.lock_timeout, needed)? {
                    self.step = if evicts { Step::Evict } else { Step::Others };
                }
                return Ok(());
            }
            Step::Own | Step::Evict => {
                if evict_until_it_fits(dict, &guard, hash, needed, protect) {
                    self.step = Step::Evict;
                    return Ok(());
                }
                self.step = Step::Others;
                // Empty pages of which no hint tells are found in the last step.
                guard.release_empty_hinted();
            }
            Step::Others => _ = guard.release_all_empty(),
            Step::All if evicts && self.rounds < ROUNDS => _ = guard.release_all_empty(),
            Step::All => {
                let mut needed = *needed;
                needed.lacks_slot = protect.is_none() && !has_vacancy(&guard, hash);
                return Err(give_up(dict, guard, key, &needed, self.refusal.take()));
            }
        }
        drop(guard);
        if self.step == Step::Others {
            if self.reclaim_next(dict, own, needed) {
                return Ok(());
            }
            self.step = Step::All;
        }
        if evicts {
            self.rounds += 1;
            evict_everywhere(dict, (own, protect), plan.blocks() + 1 + u64::from(self.rounds));
        }
        Ok(())
    }

    fn gains(&mut self, segment: &Segment) -> &[bool] {
        self.gains.get_or_insert_with(|| shards_to_compact(segment))
    }

    /// Reclaims in the other shards, one after the other, until pages become free. Returns false after the last one.
    /// Where entries are evicted, only expired and cleared ones are worth the time.
    fn reclaim_next(&mut self, dict: &Dict, own: u32, needed: &SpaceNeeded) -> bool {
        let segment = &dict.segment;
        let free = || segment.region.load_relaxed(FREE_PAGES);
        while self.next < segment.geometry.shards {
            let id = self.next;
            self.next += 1;
            let shard = Shard::new(segment, id);
            let is_due = is_due(&shard, dict.now(), segment.epoch().epoch());
            if id == own || (segment.evict && !is_due) {
                continue;
            }
            if !is_due && !self.gains(segment)[id as usize] {
                continue;
            }
            let before = free();
            // A shard that stays busy is skipped, and one with more to do is not.
            if matches!(reclaim(dict, id, OTHERS_TIMEOUT.min(dict.lock_timeout), needed), Ok(false)) {
                self.next = id;
            }
            if free() > before {
                return true;
            }
        }
        segment.recount_free_pages();
        false
    }
}

impl MakeSpace {
    /// Takes more memory, unless sweeping a shard may be enough. Goes on to the next step if none can be taken.
    fn grow(
        &mut self,
        dict: &Dict,
        guard: Guard<'_>,
        hash: KeyHash,
        needed: &SpaceNeeded,
        protect: Option<u64>,
    ) {
        let Some(guard) = dict.sweep_if_due(guard) else { return };
        let grown = if protect.is_none() && !has_vacancy(&guard, hash) {
            dict.double(guard)
        } else {
            let own = guard.id;
            drop(guard);
            if dict.sweep_another(own) {
                return;
            }
            let free = dict.segment.region.load_relaxed(FREE_PAGES);
            // The first page of a shard comes with another one, its reserve.
            dict.segment.grow((needed.plan.pieces.pages + 2).saturating_sub(free), dict.lock_timeout)
        };
        if let Err(refusal) = grown {
            self.refusal = Some(refusal);
            self.step = Step::Own;
        }
    }
}

fn give_up(
    dict: &Dict,
    guard: Guard<'_>,
    key: Key<'_>,
    needed: &SpaceNeeded,
    refusal: Option<Refusal>,
) -> Error {
    guard.release_all_empty();
    drop(guard);
    match refusal {
        // There may be memory, but a living participant holds a lock that is needed to take it.
        Some(Refusal::Locked(error)) if !dict.segment.evict => error,
        refusal => needed.full(dict, key, refusal),
    }
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
            guard.compact(MOVED_PER_HOLD);
            if needed.is_available(guard) {
                return true;
            }
        }
    }
    guard.compact(u32::MAX);
    needed.is_available(guard)
}

#[inline(always)]
fn has_vacancy(guard: &Guard<'_>, hash: KeyHash) -> bool {
    ProbeSequence::new(hash, guard.shape())
        .any(|bucket| (0..SLOTS).any(|slot| guard.index_word(u64::from(bucket) * 8 + slot).is_empty()))
}

/// Evicts one entry of the key's home bucket, preferably one that was not read.
fn evict_at_home(dict: &Dict, guard: &Guard<'_>, hash: KeyHash) -> bool {
    let geometry = &guard.segment.geometry;
    let home = guard.segment.home(guard.id, hash);
    let bits = guard.segment.region.load8_hint(geometry.bucket(guard.id, home) + REFERENCES);
    let slot = u64::from(bits.trailing_ones()) % SLOTS;
    let position = u64::from(home) * 8 + slot;
    let Some(victim) = guard.locate(position, guard.index_word(position), &mut Vec::new()) else {
        return false;
    };
    crate::ops::commit::remove_entry(guard, guard.epoch(), &victim, Change::Evict);
    dict.count(Statistic::Evictions, 1);
    true
}
