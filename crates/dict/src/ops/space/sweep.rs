//! Removing expired entries, cleared entries, and victims of eviction.

use crate::entry::read::Snapshot;
use crate::feed::Change;
use crate::guard::Guard;
use crate::index::REFERENCES;
use crate::index::find::EntryLocation;
use crate::layout::geometry::SLOTS;
use crate::layout::shard::{HAND, NEXT_DEADLINE, STATE, STATE_REBUILD, SWEPT_EPOCH};
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::ops::commit::remove_entry;
use crate::ops::lookahead::{Lookahead, take_slot};
use crate::shard::Shard;
use shmkit_object::error::Result;
use std::time::Duration;

/// The result of a sweep.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SweepResult {
    /// Number of expired entries that were reclaimed.
    pub expired: u64,
    /// Number of cleared entries that were reclaimed.
    pub cleared: u64,
}

/// Returns whether there may be something to sweep.
pub(crate) fn is_due(shard: &Shard<'_>, now: u64, epoch: u64) -> bool {
    shard.load(NEXT_DEADLINE) <= now || shard.load(SWEPT_EPOCH) != epoch
}

/// Entries that are removed while a shard's lock is held.
const REMOVED_PER_HOLD: usize = 64;

/// Reclaims cleared entries of a shard, and at most `max` expired ones. Looks for them without the lock, and removes a few
/// at a time. O(entries of the shard).
pub(crate) fn sweep(dict: &Dict, id: u32, timeout: Duration, max: u64) -> Result<SweepResult> {
    let segment = &*dict.segment;
    let (now, tag) = (dict.now(), segment.live_epoch()?.tag());
    let mut swept = SweepResult::default();
    let mut due = Vec::with_capacity(REMOVED_PER_HOLD);
    let (mut start, mut end) = (0, segment.buckets(id) as u32);
    loop {
        let mut ahead = Lookahead::new(dict, id, start);
        for bucket in start..end {
            let mut slots = ahead.slots(bucket);
            while let Some(slot) = take_slot(&mut slots) {
                let position = u64::from(bucket) * 8 + slot;
                let word = Shard::new(segment, id).index_word(position);
                let lifetime = Snapshot::lifetime(segment, word.block()).filter(|_| !word.is_empty());
                if lifetime.is_some_and(|(epoch, deadline)| epoch != tag || is_past(deadline, now)) {
                    due.push(position);
                }
            }
            if due.len() >= REMOVED_PER_HOLD {
                remove_due(&Guard::acquire(segment, id, timeout)?, &mut due, now, max, &mut swept);
                if max > 0 && swept.expired >= max {
                    return Ok(swept);
                }
            }
        }
        let guard = Guard::acquire(segment, id, timeout)?;
        remove_due(&guard, &mut due, now, max, &mut swept);
        // What went up in a doubling since the start is in the buckets that came with it.
        (start, end) = (end, guard.shape().buckets() as u32);
        if start == end {
            settle(dict, &guard);
            return Ok(swept);
        }
    }
}

fn is_past(deadline: u64, now: u64) -> bool {
    deadline != 0 && deadline <= now
}

/// Removes the entries at these positions that are cleared, or expired and among the first `max`.
fn remove_due(guard: &Guard<'_>, due: &mut Vec<u64>, now: u64, max: u64, swept: &mut SweepResult) {
    let mut scratch = Vec::new();
    for position in due.drain(..) {
        let word = guard.index_word(position);
        if word.is_empty() {
            continue;
        }
        let Some(location) = guard.locate(position, word, &mut scratch) else {
            // The next owner of the lock drops damaged entries.
            guard.store32(STATE, STATE_REBUILD);
            continue;
        };
        if location.entry.header.epoch != guard.epoch().tag() {
            swept.cleared += 1;
        } else if location.entry.is_expired(now) && swept.expired < max {
            swept.expired += 1;
        } else {
            continue;
        }
        remove_entry(guard, guard.epoch(), &location, Change::Expire);
    }
}

/// Stores the shard's next deadline, and the epoch if no entry of an earlier one is left.
fn settle(dict: &Dict, guard: &Guard<'_>) {
    let (mut next_deadline, mut has_cleared) = (u64::MAX, false);
    let mut ahead = Lookahead::new(dict, guard.id, 0);
    for bucket in 0..guard.shape().buckets() as u32 {
        let mut slots = ahead.slots(bucket);
        while let Some(slot) = take_slot(&mut slots) {
            let word = guard.index_word(u64::from(bucket) * 8 + slot);
            if word.is_empty() {
                continue;
            }
            match Snapshot::lifetime(guard.segment, word.block()) {
                Some((epoch, _)) if epoch != guard.epoch().tag() => has_cleared = true,
                Some((_, 0)) => {}
                Some((_, deadline)) => next_deadline = next_deadline.min(deadline),
                // The next owner of the lock drops damaged entries.
                None => guard.store32(STATE, STATE_REBUILD),
            }
        }
    }
    guard.store(NEXT_DEADLINE, next_deadline);
    if !has_cleared {
        guard.store(SWEPT_EPOCH, guard.epoch().epoch());
    }
}

/// Reclaims cleared entries at up to `count` positions from `from` on. Returns the next position; `None` after the last.
pub(crate) fn sweep_cleared(guard: &Guard<'_>, from: u64, count: u64) -> Option<u64> {
    let places = guard.shape().places();
    let mut scratch = Vec::new();
    for position in (from..places.min(from + count)).filter(|position| position % 8 < SLOTS) {
        let word = guard.index_word(position);
        if word.is_empty() {
            continue;
        }
        if let Some(location) = guard.locate(position, word, &mut scratch)
            && location.entry.header.epoch != guard.epoch().tag()
        {
            remove_entry(guard, guard.epoch(), &location, Change::Expire);
        }
    }
    (from + count < places).then_some(from + count)
}

/// Evicts the next victim of CLOCK and returns where it was; `None` if there is none.
pub(crate) fn evict_one(guard: &Guard<'_>, protect: Option<u64>) -> Option<EntryLocation> {
    let mut scratch = Vec::new();
    let located = loop {
        let (position, word) = next_victim(guard, protect)?;
        match guard.locate(position, word, &mut scratch) {
            Some(location) => break location,
            // The next owner of the lock drops damaged entries.
            None if guard.load32(STATE) == STATE_REBUILD => return None,
            None => guard.store32(STATE, STATE_REBUILD),
        }
    };
    remove_entry(guard, guard.epoch(), &located, Change::Evict);
    Some(located)
}

/// Chooses a victim by CLOCK (second chance): the hand clears reference bits until it reaches an entry without one. New
/// entries start without the bit, so entries that are never read are evicted first. The entry at `protect` is never
/// chosen. Returns `None` if there is no other.
pub(super) fn next_victim(guard: &Guard<'_>, protect: Option<u64>) -> Option<(u64, IndexWord)> {
    let geometry = &guard.segment.geometry;
    let places = guard.shape().places();
    let start = u64::from(guard.load32(HAND)) % places;
    // Two rounds: the first one may only clear bits.
    for step in 0..2 * places {
        let position = (start + step) % places;
        let word = guard.index_word(position);
        if word.is_empty() || Some(position) == protect {
            continue;
        }
        let bucket = geometry.bucket(guard.id, (position / 8) as u32);
        let bits = guard.segment.region.load8_hint(bucket + REFERENCES);
        if bits & 1 << (position % 8) != 0 {
            guard.segment.region.hint8(bucket + REFERENCES, bits & !(1 << (position % 8)));
            continue;
        }
        guard.segment.region.hint32(guard.at + HAND, ((position + 1) % places) as u32);
        return Some((position, word));
    }
    None
}
