//! Evicting whole pages, for values that need many: the entries that share a page go together, so nothing has to be
//! compacted, and the cost is that of the entries.

use super::sweep::next_victim;
use crate::entry::blocks;
use crate::entry::read::Snapshot;
use crate::feed::Change;
use crate::guard::Guard;
use crate::index::REFERENCES;
use crate::index::find::EntryLocation;
use crate::layout::hash::KeyHash;
use crate::layout::header::owner_of;
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::commit::{move_entry, remove_entry};
use crate::slab::BlockId;

/// Evicts the entries of the page that CLOCK's next victim is on. Up to half of them stay, in other pages, if they were
/// read. Returns whether anything was evicted. The entry at `protect` is never evicted.
pub(super) fn evict_page(dict: &Dict, guard: &Guard<'_>, protect: Option<u64>) -> bool {
    let geometry = &guard.segment.geometry;
    let Some((_, word)) = next_victim(guard, protect) else { return false };
    let Some(page) = guard.segment.page_of(word.block()) else { return false };
    let class = guard.page(page).class();
    let Some(size) = geometry.classes.size(class) else { return false };
    let mut to_spare = geometry.classes.per_page(class) / 2;
    let mut evicted = 0;
    for OnPage { id, owner, entry, hash } in entries_on(guard, page, class, size) {
        // An entry with several blocks on the page has gone with the first of them.
        if !guard.is_marked(id) {
            continue;
        }
        let Some(location) = guard.position_with_hash(owner, entry, hash) else { continue };
        if Some(location.slot.position) == protect {
            continue;
        }
        if was_read(guard, &location) && to_spare > 0 && move_entry(guard, &location, page) {
            to_spare -= 1;
            continue;
        }
        remove_entry(guard, guard.epoch(), &location, Change::Evict);
        evicted += 1;
    }
    guard.release_unused_at(geometry.page(page));
    dict.count(Statistic::Evictions, evicted);
    evicted > 0
}

/// A block of a page, with the entry that it belongs to.
struct OnPage {
    id: BlockId,
    owner: u64,
    entry: Snapshot,
    hash: KeyHash,
}

/// Returns what is on a page, and prefetches the buckets of the entries' keys, which are spread over the index.
fn entries_on(guard: &Guard<'_>, page: u32, class: u8, size: u32) -> Vec<OnPage> {
    let geometry = &guard.segment.geometry;
    let (mut found, mut scratch) = (Vec::new(), Vec::new());
    for bit in 0..geometry.classes.per_page(class) {
        let id = BlockId { page, bit, class };
        if !guard.is_marked(id) {
            continue;
        }
        let block = geometry.page(page) + u64::from(bit) * u64::from(size);
        let owner = owner_of(guard.segment.region.load(block + 8)).unwrap_or(block);
        if let Some((entry, hash)) = guard.entry_in(owner, &mut scratch) {
            let home = guard.segment.home(guard.id, hash);
            guard.segment.region.prefetch(geometry.bucket(guard.id, home));
            found.push(OnPage { id, owner, entry, hash });
        }
    }
    found
}

/// Returns whether an entry of one block was read since CLOCK last passed it, and forgets it.
fn was_read(guard: &Guard<'_>, location: &EntryLocation) -> bool {
    let position = location.slot.position;
    let at = guard.segment.geometry.bucket(guard.id, (position / 8) as u32) + REFERENCES;
    let bits = guard.segment.region.load8_hint(at);
    let bit = 1 << (position % 8);
    if bits & bit == 0 || !blocks::is_single(&location.entry) {
        return false;
    }
    guard.segment.region.hint8(at, bits & !bit);
    true
}
