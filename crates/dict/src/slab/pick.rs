//! Picking free blocks: from the page of the class that was used last, else from a page that has one, else from a
//! free page.

use super::{BlockId, Picks, bits_of_word};
use crate::shard::Shard;
use shmkit_object::superblock::FREE_PAGES;

/// A free block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FreeBlock {
    /// Its id.
    pub id: BlockId,
    /// Its offset.
    pub block: u64,
    /// Its page's generation.
    pub generation: u32,
    /// The first word of its page's bitmap, with its bit set.
    marked: u64,
    /// That word of a full page, if the bitmap has no other word; else 0.
    pub(super) all: u64,
}

impl FreeBlock {
    /// Returns whether its page is known to be full once it is used.
    #[inline]
    pub(super) fn is_last(self) -> bool {
        self.marked == self.all
    }
}

impl Shard<'_> {
    /// Picks a free block of `class`: from the page used last, else from a page that has one, else from a free page.
    /// Returns `None` if there is none.
    #[inline]
    pub(crate) fn pick(&self, class: u8, picks: &mut Picks) -> Option<()> {
        if self.pick_kept(class, picks).is_some() {
            return Some(());
        }
        let size = u64::from(self.segment.geometry.classes.size(class)?);
        let page = self.claim_page(class)?;
        self.set_page_hint(class, page);
        picks.push(self, BlockId { page, bit: 0, class }, size)
    }

    /// Like `pick`, but from the pages that the shard has.
    #[inline]
    pub(crate) fn pick_kept(&self, class: u8, picks: &mut Picks) -> Option<()> {
        let size = u64::from(self.segment.geometry.classes.size(class)?);
        let hint = self.page_hint(class);
        if let Some(id) = self.free_block_on(hint, class, picks) {
            return picks.push(self, id, size);
        }
        self.note_picked(hint, class, picks);
        if self.partial(class) > 0 && !picks.is_exhausted(class) {
            if let Some(id) = self.scan_for_block(hint, class, picks) {
                return picks.push(self, id, size);
            }
            // Pages whose free blocks are all picked stay partial until the operation is complete.
            picks.exhaust(class);
            self.set_partial(class, 0);
        }
        None
    }

    /// Like `pick_kept`, from the next larger class that has a free block.
    pub(crate) fn pick_larger(&self, class: u8, picks: &mut Picks) -> Option<()> {
        let largest = self.segment.geometry.classes.whole_page();
        (class + 1..=largest).find_map(|class| self.pick_kept(class, picks))
    }

    /// Notes that blocks picked from this page may stay free, before another page is picked from.
    fn note_picked(&self, page: u32, class: u8, picks: &Picks) {
        if picks.has_page(page) {
            self.note_partial(class);
        }
    }

    /// Returns a free block of the page that blocks of `class` were last picked from, if one of its first 64 is free.
    #[inline(always)]
    pub(crate) fn free_block(&self, class: u8) -> Option<FreeBlock> {
        let geometry = &self.segment.geometry;
        let page = self.page_hint(class);
        let cut = geometry.classes.get(class).filter(|_| self.segment.knows_page(page))?;
        let word = self.page(page);
        let used = self.segment.region.load(geometry.bitmap(page, 0));
        let bit = used.trailing_ones();
        if bit >= cut.per_page.min(64) || !word.is_of(self.id, class) {
            return None;
        }
        Some(FreeBlock {
            id: BlockId { page, bit, class },
            block: geometry.page(page) + u64::from(bit) * u64::from(cut.size),
            generation: word.generation(),
            marked: used | 1 << bit,
            all: if cut.per_page <= 64 { bits_of_word(cut.per_page, 0) } else { 0 },
        })
    }

    /// Marks a block as in use that `free_block` found, if no other block of its class was marked since.
    #[inline(always)]
    pub(crate) fn mark_free(&self, free: FreeBlock) {
        self.segment.region.store(self.segment.geometry.bitmap(free.id.page, 0), free.marked);
    }

    /// Returns whether there are `count` whole pages, as far as the hints tell: they may be wrong after deaths and races.
    pub(crate) fn may_have_pages(&self, count: u64) -> bool {
        // The page that was used last is not among the partial ones.
        let own = u64::from(self.partial(self.segment.geometry.classes.whole_page())) + 1;
        self.segment.region.load_relaxed(FREE_PAGES).saturating_add(own) >= count
    }

    /// Picks `count` whole pages in one pass over the page table.
    pub(crate) fn pick_pages(&self, count: u64, picks: &mut Picks) -> Option<()> {
        let class = self.segment.geometry.classes.whole_page();
        let size = self.segment.geometry.page_bytes();
        let has_reserve = self.keep_reserve();
        // What was looked at before, for other blocks of the operation, is looked at last.
        let (first, pages) = (picks.next_page, self.segment.pages());
        let (mut left, mut own) = (count, 0);
        for page in (first..pages).chain(0..first) {
            if left == 0 {
                return Some(());
            }
            picks.next_page = page + 1;
            let id = BlockId { page, bit: 0, class };
            let word = self.page(page);
            let ours = word.is_of(self.id, class) && !self.is_marked(id) && picks.bits(page, 0) == 0;
            own += u32::from(ours);
            if ours || (has_reserve && word.is_free() && self.claim(page, word, class)) {
                picks.push(self, id, size);
                left -= 1;
            }
        }
        if left == 0 {
            return Some(());
        }
        self.set_partial(class, own);
        None
    }

    /// Returns the first free block of a page, if the page is this shard's and of `class`.
    #[inline]
    fn free_block_on(&self, page: u32, class: u8, picks: &Picks) -> Option<BlockId> {
        let geometry = &self.segment.geometry;
        if !self.segment.has_page(page) || picks.avoid == Some(page) || !self.page(page).is_of(self.id, class)
        {
            return None;
        }
        let blocks = geometry.classes.per_page(class);
        for index in 0..blocks.div_ceil(64) {
            let mut free =
                !self.segment.region.load(geometry.bitmap(page, index)) & bits_of_word(blocks, index);
            if free != 0 {
                free &= !picks.bits(page, index);
            }
            if free != 0 {
                return Some(BlockId { page, bit: index * 64 + free.trailing_zeros(), class });
            }
        }
        None
    }

    #[cold]
    fn scan_for_block(&self, from: u32, class: u8, picks: &Picks) -> Option<BlockId> {
        let pages = self.segment.pages();
        let start = if from < pages { from } else { 0 };
        let id = (start..pages).chain(0..start).find_map(|page| self.free_block_on(page, class, picks))?;
        self.set_page_hint(class, id.page);
        self.set_partial(class, self.partial(class).saturating_sub(1));
        Some(id)
    }
}
