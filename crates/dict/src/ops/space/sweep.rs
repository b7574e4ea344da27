//! Removing expired entries, cleared entries, and victims of eviction.

use crate::feed::Change;
use crate::guard::Guard;
use crate::index::REFERENCES;
use crate::index::find::EntryLocation;
use crate::layout::geometry::SLOTS;
use crate::layout::shard::{HAND, NEXT_DEADLINE, STATE, STATE_REBUILD, SWEPT_EPOCH};
use crate::layout::word::IndexWord;
use crate::ops::commit::remove_entry;
use crate::shard::Shard;

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

/// Reclaims cleared entries, and at most `max` expired ones. O(entries of the shard).
pub(crate) fn sweep(guard: &Guard<'_>, now: u64, max: u64) -> SweepResult {
    let mut swept = SweepResult::default();
    let mut next_deadline = u64::MAX;
    let mut scratch = Vec::new();
    for position in positions(guard) {
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
            if location.entry.cells.deadline != 0 {
                next_deadline = next_deadline.min(location.entry.cells.deadline);
            }
            continue;
        }
        remove_entry(guard, guard.epoch(), &location, Change::Expire);
    }
    guard.store(NEXT_DEADLINE, next_deadline);
    guard.store(SWEPT_EPOCH, guard.epoch().epoch());
    swept
}

/// Reclaims cleared entries at up to `count` positions from `from` on. Returns the next position; `None` after the last.
pub(crate) fn sweep_cleared(guard: &Guard<'_>, from: u64, count: u64) -> Option<u64> {
    let places = u64::from(guard.segment.geometry.buckets) * 8;
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

fn positions(guard: &Guard<'_>) -> impl Iterator<Item = u64> + use<> {
    (0..u64::from(guard.segment.geometry.buckets) * 8).filter(|position| position % 8 < SLOTS)
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
    let places = u64::from(geometry.buckets) * 8;
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
