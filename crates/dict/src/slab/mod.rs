//! The slab: pages divided into blocks of one size class, with a bitmap per page.
//!
//! The page table names the owner of each page; the page's bitmap shows which of its blocks are in use. Both are
//! derived from the index and can be rebuilt from it. There are no free lists: one store sets or clears a bit, and
//! doing it twice changes nothing, which is what recovery needs.

pub(crate) mod pages;
pub(crate) mod pick;
mod picks;
mod reserve;

pub(crate) use pick::FreeBlock;
pub(crate) use picks::Picks;

use crate::layout::page::PageWord;
use crate::layout::shard::class_hint;
use crate::shard::Shard;

/// Identifies a block by its bit in its page's bitmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockId {
    /// The page.
    pub page: u32,
    /// The number of the block in its page.
    pub bit: u32,
    /// The page's class.
    pub class: u8,
}

impl Shard<'_> {
    /// Loads the word of a page.
    #[inline]
    pub(crate) fn page(&self, page: u32) -> PageWord {
        PageWord(self.segment.region.load(self.segment.geometry.page_word(page)))
    }

    /// Returns the id of the block that starts at `offset`; `None` if this shard has no such block.
    #[inline(always)]
    pub(crate) fn block_id(&self, offset: u64) -> Option<BlockId> {
        self.block_on(self.segment.page_of(offset)?, offset)
    }

    /// Like `block_id`, but only on a page of which this process knows that it has memory.
    #[inline(always)]
    pub(crate) fn known_block_id(&self, offset: u64) -> Option<BlockId> {
        self.block_on(self.segment.known_page_of(offset)?, offset)
    }

    #[inline(always)]
    fn block_on(&self, page: u32, offset: u64) -> Option<BlockId> {
        let geometry = &self.segment.geometry;
        let word = self.page(page);
        let bit = geometry.classes.get(word.class())?.number_of((offset - geometry.page(page)) as u32)?;
        word.belongs_to(self.id).then(|| BlockId { page, bit, class: word.class() })
    }

    /// Returns whether the block is in use.
    pub(crate) fn is_marked(&self, id: BlockId) -> bool {
        let at = self.segment.geometry.bitmap(id.page, id.bit / 64);
        self.segment.region.load(at) & 1 << (id.bit % 64) != 0
    }

    /// Marks the block as in use. Idempotent.
    #[inline(always)]
    pub(crate) fn mark(&self, id: BlockId) {
        let at = self.segment.geometry.bitmap(id.page, id.bit / 64);
        self.segment.region.store(at, self.segment.region.load(at) | 1 << (id.bit % 64));
    }

    /// Frees the block at `offset`, if it is this shard's.
    pub(crate) fn unmark_at(&self, offset: u64) {
        if let Some(id) = self.block_id(offset) {
            self.unmark(id);
        }
    }

    /// Frees the block. Idempotent. The shard keeps its page until `release_empty`.
    #[inline]
    pub(crate) fn unmark(&self, id: BlockId) {
        let at = self.segment.geometry.bitmap(id.page, id.bit / 64);
        let word = self.segment.region.load(at);
        self.note_free_block(id);
        self.segment.region.store(at, word & !(1 << (id.bit % 64)));
    }

    /// Frees a block that `fresh` has replaced, like `unmark`. Returns whether no other block of its page is known to
    /// be in use.
    #[inline(always)]
    pub(crate) fn unmark_for(&self, retired: BlockId, fresh: FreeBlock) -> bool {
        let at = self.segment.geometry.bitmap(retired.page, retired.bit / 64);
        let used = self.segment.region.load(at);
        if retired.page != fresh.id.page {
            if retired.class != fresh.id.class || fresh.all == 0 {
                self.note_free_block(retired);
            } else if fresh.is_last() {
                self.set_page_hint(retired.class, retired.page);
            } else if used == fresh.all {
                self.note_partial(retired.class);
            }
        }
        let left = used & !(1 << (retired.bit % 64));
        self.segment.region.store(at, left);
        left == 0
    }

    /// Updates the hints for a block that becomes free: the next pick finds it at once if the page used last is full.
    fn note_free_block(&self, id: BlockId) {
        let hint = self.page_hint(id.class);
        if hint == id.page {
            return;
        }
        if !self.segment.has_page(hint)
            || !self.page(hint).is_of(self.id, id.class)
            || self.is_full(hint, id.class)
        {
            self.set_page_hint(id.class, id.page);
        } else if self.is_full(id.page, id.class) {
            self.note_partial(id.class);
        }
    }

    /// Notes that one more page of the class has a free block.
    #[inline]
    fn note_partial(&self, class: u8) {
        self.set_partial(class, self.partial(class).saturating_add(1));
    }

    /// Returns the number of blocks of a page that are in use.
    pub(crate) fn used_blocks(&self, page: u32) -> u32 {
        let geometry = &self.segment.geometry;
        (0..geometry.bitmap_words())
            .map(|index| self.segment.region.load(geometry.bitmap(page, index)).count_ones())
            .sum()
    }

    /// Makes the next pick of each class scan all pages again.
    pub(crate) fn reset_partial_hints(&self) {
        for class in 0..self.segment.geometry.classes.count() as u8 {
            self.set_partial(class, self.segment.pages());
        }
    }

    #[inline]
    fn is_full(&self, page: u32, class: u8) -> bool {
        let geometry = &self.segment.geometry;
        let blocks = geometry.classes.per_page(class);
        (0..blocks.div_ceil(64)).all(|index| {
            let free = !self.segment.region.load(geometry.bitmap(page, index)) & bits_of_word(blocks, index);
            free == 0
        })
    }

    /// Returns whether no block of the page is in use.
    #[inline]
    pub(super) fn is_unused(&self, page: u32) -> bool {
        let geometry = &self.segment.geometry;
        (0..geometry.bitmap_words()).all(|index| self.segment.region.load(geometry.bitmap(page, index)) == 0)
    }

    #[inline]
    pub(super) fn page_hint(&self, class: u8) -> u32 {
        self.load32(class_hint(class))
    }

    pub(super) fn set_page_hint(&self, class: u8, page: u32) {
        self.hint32(class_hint(class), page);
    }

    #[inline]
    fn partial(&self, class: u8) -> u32 {
        self.load32(class_hint(class) + 4)
    }

    fn set_partial(&self, class: u8, pages: u32) {
        self.hint32(class_hint(class) + 4, pages);
    }
}

/// Returns the bits of bitmap word `index` that stand for one of `blocks` blocks.
#[inline]
fn bits_of_word(blocks: u32, index: u32) -> u64 {
    match blocks - index * 64 {
        64.. => u64::MAX,
        some => (1 << some) - 1,
    }
}
