//! Compaction: entries on sparse pages are moved to free blocks of fuller pages of the same class, so that their pages
//! become free for other classes and shards. Each move is an ordinary copy-on-write: a death leaves the entry either at
//! the old or at the new location.

use crate::entry::read::{Snapshot, Want};
use crate::index::ProbeSequence;
use crate::index::find::{EntryLocation, IndexSlot};
use crate::layout::hash::KeyHash;
use crate::layout::header::owner_of;
use crate::layout::word::IndexWord;
use crate::ops::commit::move_entry;
use crate::segment::Segment;
use crate::shard::Shard;

/// A page of the shard and the number of its blocks in use.
#[derive(Debug, Clone, Copy)]
struct PageUse {
    class: u8,
    used: u32,
    page: u32,
}

/// Returns for each shard whether a compaction can probably free a page there. Holds no lock, and takes one pass over the
/// pages for all shards together.
pub(super) fn shards_to_compact(segment: &Segment) -> Vec<bool> {
    let classes = &segment.geometry.classes;
    let (shards, count) = (segment.geometry.shards as usize, classes.count());
    let mut free = vec![0; shards * count];
    let (mut gains, mut is_used, mut has_reserve) =
        (vec![false; shards], vec![false; shards], vec![false; shards]);
    let any = Shard::new(segment, 0);
    for page in 0..segment.pages() {
        let (word, used) = (any.page(page), any.used_blocks(page));
        let Some(shard) = word.shard().map(|shard| shard as usize).filter(|&shard| shard < shards) else {
            continue;
        };
        is_used[shard] |= used > 0;
        if word.class() == classes.reserve() {
            has_reserve[shard] |= used == 0;
        } else if usize::from(word.class()) < count {
            let (blocks, free) =
                (classes.per_page(word.class()), &mut free[shard * count + usize::from(word.class())]);
            *free += blocks.saturating_sub(used);
            gains[shard] |= used == 0 || *free >= blocks;
        }
    }
    // The reserve of a shard without entries goes as well.
    for shard in 0..shards {
        gains[shard] |= has_reserve[shard] && !is_used[shard];
    }
    gains
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compaction {
    /// No more pages can be emptied.
    Complete,
    /// It has moved as many entries as it may at a time.
    Partial,
}

impl Shard<'_> {
    /// Empties as many sparse pages as the free blocks of their class allow, moving about `most` entries, and releases all
    /// empty pages. O(pages + moved entries). The caller must hold the lock, and the intent must be idle.
    #[cold]
    pub(crate) fn compact(&self, most: u32) -> Compaction {
        self.reset_partial_hints();
        let mut pages: Vec<PageUse> = (0..self.segment.pages())
            .filter(|&page| self.page(page).belongs_to(self.id))
            .map(|page| PageUse { class: self.page(page).class(), used: self.used_blocks(page), page })
            .filter(|occupied| occupied.used > 0)
            .collect();
        pages.sort_unstable_by_key(|occupied| (occupied.class, occupied.used));
        let mut left = most;
        for class in pages.chunk_by(|a, b| a.class == b.class) {
            self.compact_class(class, &mut left);
        }
        self.release_all_empty();
        if left == 0 { Compaction::Partial } else { Compaction::Complete }
    }

    /// Empties pages, the sparsest first, as long as the others have enough free blocks for their entries, and until
    /// `left` is 0.
    fn compact_class(&self, pages: &[PageUse], left: &mut u32) {
        let per_page = self.segment.geometry.classes.per_page(pages[0].class);
        let free_blocks = |page| per_page.saturating_sub(self.used_blocks(page));
        let mut free: u32 = pages.iter().map(|occupied| free_blocks(occupied.page)).sum();
        // The fullest pages are last; those that are full are not looked at again.
        let mut fullest = pages.len();
        for (index, occupied) in pages.iter().enumerate() {
            // Later pages may have been filled by moves from earlier ones.
            let elsewhere = free.saturating_sub(free_blocks(occupied.page));
            if *left == 0 || self.used_blocks(occupied.page) > elsewhere {
                break;
            }
            while fullest > index + 1 && free_blocks(pages[fullest - 1].page) == 0 {
                fullest -= 1;
            }
            if fullest > index + 1 {
                self.set_page_hint(occupied.class, pages[fullest - 1].page);
            }
            if !self.empty_page(occupied.page, occupied.class) {
                break;
            }
            *left = left.saturating_sub(occupied.used);
            free = free.saturating_sub(per_page);
        }
    }

    /// Moves every entry that has a block on `page`. Returns false if one of them cannot be moved.
    fn empty_page(&self, page: u32, class: u8) -> bool {
        let geometry = &self.segment.geometry;
        let Some(size) = geometry.classes.size(class) else { return false };
        for bit in 0..geometry.classes.per_page(class) {
            let id = crate::slab::BlockId { page, bit, class };
            if !self.is_marked(id) {
                continue;
            }
            let block = geometry.page(page) + u64::from(bit) * u64::from(size);
            let entry = owner_of(self.segment.region.load(block + 8)).unwrap_or(block);
            let moved = self.position_of(entry).is_some_and(|location| move_entry(self, &location, page));
            if !moved || self.is_marked(id) {
                return false;
            }
        }
        true
    }

    /// Returns the location of the entry in `block`, found by its key.
    pub(crate) fn position_of(&self, block: u64) -> Option<EntryLocation> {
        let (entry, hash) = self.entry_in(block, &mut Vec::new())?;
        self.position_with_hash(block, entry, hash)
    }

    /// Returns the entry in `block` and the hash of its key. Overwrites `scratch`.
    pub(crate) fn entry_in(&self, block: u64, scratch: &mut Vec<u8>) -> Option<(Snapshot, KeyHash)> {
        let entry = Snapshot::read(self.segment, block).ok()?;
        scratch.clear();
        entry.copy_payload(self.segment, block, Want::Key, scratch).ok()?;
        let key = scratch.get(..entry.header.key_len as usize)?;
        Some((entry, KeyHash::of(key, &self.segment.secret)))
    }

    /// Like `position_of`, for an entry whose key's hash is known.
    pub(crate) fn position_with_hash(
        &self,
        block: u64,
        entry: Snapshot,
        hash: KeyHash,
    ) -> Option<EntryLocation> {
        let mut passed = ProbeSequence::new(hash, self.shape()).zip(0..);
        let slot = passed.find_map(|(bucket, passed)| self.slot_with_block(bucket, block, passed))?;
        Some(EntryLocation { entry, hash, slot })
    }

    /// Returns the slot of a bucket whose word leads to `block`, for an entry whose probe passes this many buckets before it.
    #[inline]
    pub(crate) fn slot_with_block(&self, bucket: u32, block: u64, passed: u32) -> Option<IndexSlot> {
        let at = self.segment.geometry.bucket(self.id, bucket);
        (0..).zip(self.segment.region.index_words(at).iter()).find_map(|(number, word)| {
            let word = IndexWord(word.load());
            let position = u64::from(bucket) * 8 + number;
            (!word.is_empty() && word.block() == block).then_some(IndexSlot {
                position,
                at: at + number * 8,
                word,
                passed,
            })
        })
    }
}
