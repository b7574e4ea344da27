//! Evicting whole pages, for values that need many: the entries that share a page go together, so nothing has to be
//! compacted, and the cost is that of the entries.
//!
//! What it takes is mostly waiting for memory, since the entries of a page have their index words in as many buckets. So a
//! page goes through three steps, each of which prefetches what the next one needs, and every step runs for other pages
//! before the next one.

use super::make_space::OTHERS_TIMEOUT;
use super::sweep::next_victim;
use crate::entry::blocks;
use crate::entry::read::Snapshot;
use crate::feed::Change;
use crate::guard::Guard;
use crate::index::find::{EntryLocation, IndexSlot};
use crate::index::{ProbeSequence, REFERENCES};
use crate::layout::hash::KeyHash;
use crate::layout::header::owner_of;
use crate::layout::statistics::Statistic;
use crate::ops::Dict;
use crate::ops::commit::{move_entry, remove_entry, remove_unreleased};
use crate::slab::BlockId;
use shmkit_object::superblock::FREE_PAGES;

/// Bytes of a cache line.
const LINE: u64 = 64;
/// Bytes of a page that are prefetched. Those of larger pages hold few entries, or many for each line.
const PREFETCHED: u64 = 16 << 10;

/// Pages that are evicted while a shard's lock is held.
const PAGES_PER_HOLD: u64 = 4;
/// Pages that are evicted in one shard before the next one: a waiter may not get the lock in between.
const PAGES_PER_VISIT: u64 = 16;

/// Evicts in all shards in turn until `pages` pages are free: several of a shard before the next one, because what is most
/// of the cost, reaching the shard's index, is shared by all of them; but only a few pages while a lock is held.
pub(super) fn evict_everywhere(dict: &Dict, own: (u32, Option<u64>), pages: u64) {
    let segment = &dict.segment;
    let shards = segment.geometry.shards;
    let free = || segment.region.load_relaxed(FREE_PAGES);
    segment.recount_free_pages();
    let mut progress = true;
    while progress && free() < pages {
        let missing = pages.saturating_sub(free());
        let share = missing.div_ceil(u64::from(shards)).clamp(missing.min(PAGES_PER_HOLD), PAGES_PER_VISIT);
        progress = false;
        for id in (own.0..shards).chain(0..own.0) {
            if free() >= pages {
                break;
            }
            let protect = if id == own.0 { own.1 } else { None };
            progress |= evict_share(dict, id, protect, share.min(pages.saturating_sub(free()))) > 0;
        }
    }
}

/// Evicts up to `share` pages of a shard, a few at a time, and returns how many it was. Skips a shard that stays busy.
fn evict_share(dict: &Dict, id: u32, protect: Option<u64>, share: u64) -> u64 {
    let mut evicted = 0;
    while evicted < share {
        let Ok(guard) = Guard::acquire(&dict.segment, id, OTHERS_TIMEOUT.min(dict.lock_timeout)) else {
            break;
        };
        let most = PAGES_PER_HOLD.min(share - evicted);
        let done = evict_pages(dict, &guard, protect, most);
        evicted += done;
        if done == 0 {
            guard.release_all_empty();
            break;
        }
    }
    evicted
}

/// Evicts the entries of up to `most` pages, those that CLOCK's next victims are on, and returns how many pages that were.
/// Up to half of a page's entries stay, in other pages, if they were read. The entry at `protect` is never evicted.
fn evict_pages(dict: &Dict, guard: &Guard<'_>, protect: Option<u64>, most: u64) -> u64 {
    let pages = choose(guard, protect, most);
    let (mut emptied, mut evicted) = (0, 0);
    let (mut read, mut looked_up) = (None::<PageEntries>, None::<PageEntries>);
    for next in pages.iter().map(Some).chain([None, None]) {
        if let Some((page, entries)) = looked_up.take() {
            let gone = evict_all(guard, page, &entries, protect);
            guard.release_unused_at(guard.segment.geometry.page(page));
            (emptied, evicted) = (emptied + u64::from(gone > 0), evicted + gone);
        }
        looked_up = read.take().map(|(page, mut entries)| {
            look_up(guard, &mut entries);
            (page, entries)
        });
        read = next.map(|&page| (page, entries_on(guard, page)));
    }
    dict.count(Statistic::Evictions, evicted);
    emptied
}

/// Returns up to `most` pages that CLOCK's next victims are on, and prefetches them.
fn choose(guard: &Guard<'_>, protect: Option<u64>, most: u64) -> Vec<u32> {
    let (geometry, region) = (&guard.segment.geometry, &guard.segment.region);
    let mut pages = Vec::new();
    // Victims may share a page.
    for _ in 0..2 * most {
        if pages.len() as u64 == most {
            break;
        }
        let Some((_, word)) = next_victim(guard, protect) else { break };
        let Some(page) = guard.segment.page_of(word.block()).filter(|page| !pages.contains(page)) else {
            continue;
        };
        region.prefetch(geometry.bitmap(page, 0));
        for at in (0..geometry.page_bytes().min(PREFETCHED)).step_by(LINE as usize) {
            region.prefetch(geometry.page(page) + at);
        }
        pages.push(page);
    }
    pages
}

/// A block of a page, with the entry that it belongs to.
struct OnPage {
    id: BlockId,
    owner: u64,
    entry: Snapshot,
    hash: KeyHash,
    /// Its slot, if that is in its home bucket.
    slot: Option<IndexSlot>,
}

/// A page and what is on it.
type PageEntries = (u32, Vec<OnPage>);

/// Returns what is on a page, and prefetches the buckets of the entries' keys, which are spread over the index.
fn entries_on(guard: &Guard<'_>, page: u32) -> Vec<OnPage> {
    let geometry = &guard.segment.geometry;
    let class = guard.page(page).class();
    let Some(size) = geometry.classes.size(class) else { return Vec::new() };
    let blocks = geometry.classes.per_page(class);
    let (mut found, mut scratch) = (Vec::with_capacity(blocks as usize), Vec::new());
    for bit in 0..blocks {
        let id = BlockId { page, bit, class };
        if !guard.is_marked(id) {
            continue;
        }
        let block = geometry.page(page) + u64::from(bit) * u64::from(size);
        let owner = owner_of(guard.segment.region.load(block + 8)).unwrap_or(block);
        if let Some((entry, hash)) = guard.entry_in(owner, &mut scratch) {
            let home = guard.segment.home(guard.id, hash);
            guard.segment.region.prefetch(geometry.bucket(guard.id, home));
            found.push(OnPage { id, owner, entry, hash, slot: None });
        }
    }
    found
}

/// Looks for the entries in their home buckets, and prefetches the next buckets of those that are not there.
fn look_up(guard: &Guard<'_>, entries: &mut [OnPage]) {
    let geometry = &guard.segment.geometry;
    for on_page in entries {
        let mut buckets = ProbeSequence::new(on_page.hash, guard.shape());
        on_page.slot = buckets.next().and_then(|home| guard.slot_with_block(home, on_page.owner, 0));
        if let (None, Some(second)) = (on_page.slot, buckets.next()) {
            guard.segment.region.prefetch(geometry.bucket(guard.id, second));
        }
    }
}

/// Evicts these entries of a page, or moves them to other pages, and returns how many it has evicted.
fn evict_all(guard: &Guard<'_>, page: u32, entries: &[OnPage], protect: Option<u64>) -> u64 {
    let region = &guard.segment.region;
    let mut to_spare = guard.segment.geometry.classes.per_page(guard.page(page).class()) / 2;
    let mut evicted = 0;
    for &OnPage { id, owner, ref entry, hash, slot } in entries {
        // An entry with several blocks has gone with the first of them, and another one may have come.
        if !guard.is_marked(id) || region.load(owner) != entry.version.0 {
            continue;
        }
        let known = slot.filter(|slot| region.load(slot.at) == slot.word.0);
        let location = match known {
            Some(slot) => Some(EntryLocation { entry: *entry, hash, slot }),
            None => guard.position_with_hash(owner, *entry, hash),
        };
        let Some(location) = location else { continue };
        if Some(location.slot.position) == protect {
            continue;
        }
        if was_read(guard, &location) && to_spare > 0 && move_entry(guard, &location, page) {
            to_spare -= 1;
            continue;
        }
        if blocks::is_single(entry) {
            remove_unreleased(guard, guard.epoch(), &location, Change::Evict);
        } else {
            remove_entry(guard, guard.epoch(), &location, Change::Evict);
        }
        evicted += 1;
    }
    evicted
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
