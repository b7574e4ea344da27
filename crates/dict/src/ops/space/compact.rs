//! Compaction: entries on sparse pages are moved to free blocks of fuller pages of the same class, so that their pages
//! become free for other classes and shards. Each move is an ordinary copy-on-write: a death leaves the entry either at
//! the old or at the new location.

use crate::entry::read::{Snapshot, Want};
use crate::index::ProbeSequence;
use crate::index::find::EntryLocation;
use crate::layout::geometry::SLOTS;
use crate::layout::hash::KeyHash;
use crate::layout::header::owner_of;
use crate::layout::word::IndexWord;
use crate::ops::commit::move_entry;
use crate::shard::Shard;

/// A page of the shard and the number of its blocks in use.
#[derive(Debug, Clone, Copy)]
struct PageUse {
    class: u8,
    used: u32,
    page: u32,
}

impl Shard<'_> {
    /// Empties as many sparse pages as the free blocks of their class allow, releases all empty pages and returns their
    /// number. O(pages + moved entries). The caller must hold the lock, and the intent must be idle.
    #[cold]
    pub(crate) fn compact(&self) -> u64 {
        self.reset_partial_hints();
        let mut pages: Vec<PageUse> = (0..self.segment.geometry.pages)
            .filter(|&page| self.page(page).belongs_to(self.id))
            .map(|page| PageUse { class: self.page(page).class(), used: self.used_blocks(page), page })
            .filter(|occupied| occupied.used > 0)
            .collect();
        pages.sort_unstable_by_key(|occupied| (occupied.class, occupied.used));
        for class in pages.chunk_by(|a, b| a.class == b.class) {
            self.compact_class(class);
        }
        self.release_all_empty()
    }

    /// Empties pages, the sparsest first, as long as the others have enough free blocks for their entries.
    fn compact_class(&self, pages: &[PageUse]) {
        let per_page = self.segment.geometry.classes.per_page(pages[0].class);
        let free_blocks = |page| per_page.saturating_sub(self.used_blocks(page));
        let mut free: u32 = pages.iter().map(|occupied| free_blocks(occupied.page)).sum();
        for (index, occupied) in pages.iter().enumerate() {
            // Later pages may have been filled by moves from earlier ones.
            let elsewhere = free.saturating_sub(free_blocks(occupied.page));
            if self.used_blocks(occupied.page) > elsewhere {
                break;
            }
            let fullest = pages[index + 1..].iter().rev().find(|other| free_blocks(other.page) > 0);
            if let Some(fullest) = fullest {
                self.set_page_hint(occupied.class, fullest.page);
            }
            if !self.empty_page(occupied.page, occupied.class) {
                break;
            }
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
        let geometry = &self.segment.geometry;
        let entry = Snapshot::read(self.segment, block).ok()?;
        let mut payload = Vec::new();
        entry.copy_payload(self.segment, block, Want::Key, &mut payload).ok()?;
        let hash = KeyHash::of(payload.get(..entry.header.key_len as usize)?, &self.segment.secret);
        ProbeSequence::new(hash, geometry).enumerate().find_map(|(passed, bucket)| {
            (0..SLOTS).find_map(|number| {
                let position = u64::from(bucket) * 8 + number;
                let at = geometry.position(self.id, position)?;
                let word = IndexWord(self.segment.region.load(at));
                let found = !word.is_empty() && word.block() == block;
                let slot = crate::index::find::IndexSlot { position, at, word, passed: passed as u32 };
                found.then_some(EntryLocation { entry, hash, slot })
            })
        })
    }
}
